//! Why a media line is not served.

/// Why a media line is not served, in the order in which it is asked: of several lines, the one with the greatest reason
/// came nearest to being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Unusable {
    /// It carries neither sound nor pictures: a data channel.
    #[error("it has no line for sound or pictures, and data channels are not served")]
    NotMedia,
    /// Its port is 0.
    #[error("all its lines are stopped (port 0)")]
    Stopped,
    /// It has no identification, or is not in the BUNDLE group.
    #[error("no line for sound or pictures has a mid that is in the BUNDLE group")]
    Unbundled,
    /// Its protocol is none of RTP.
    #[error("no line has a protocol that is served, such as UDP/TLS/RTP/SAVPF")]
    Protocol,
    /// RTP and RTCP would need a port each.
    #[error("its lines have no rtcp-mux, and RTP and RTCP share one port here (RFC 5761)")]
    NoRtcpMux,
    /// It offers no codec that is forwarded.
    #[error(
        "no line has a codec that is served: Opus; VP8, VP9 (profile 0), H.264 (constrained baseline, \
         packetization-mode=1)"
    )]
    NoCodec,
}
