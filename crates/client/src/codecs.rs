//! The codecs that are offered, and how webrtc names them.

use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8,
};
use rtc::rtp_transceiver::PayloadType;
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RtpCodecKind,
};
use webrtc::peer_connection::MediaEngine;

use crate::counters::Kind;
use crate::problem::Error;

const OPUS: PayloadType = 111;
const VP8: PayloadType = 96;
const VP8_RTX: PayloadType = 97;

/// Offers only what the sources are encoded in: Opus, VP8, and RTX for VP8 (RFC 4588).
pub(crate) fn media_engine() -> Result<MediaEngine, Error> {
    let mut engine = MediaEngine::default();
    for (payload_type, kind, rtp_codec) in [
        (OPUS, RtpCodecKind::Audio, codec(Kind::Audio)),
        (VP8, RtpCodecKind::Video, codec(Kind::Video)),
        (
            VP8_RTX,
            RtpCodecKind::Video,
            RTCRtpCodec {
                mime_type: MIME_TYPE_RTX.to_owned(),
                clock_rate: 90_000,
                sdp_fmtp_line: format!("apt={VP8}"),
                ..RTCRtpCodec::default()
            },
        ),
    ] {
        let parameters = RTCRtpCodecParameters {
            rtp_codec,
            payload_type,
        };
        engine.register_codec(parameters, kind)?;
    }
    Ok(engine)
}

pub(crate) fn codec(kind: Kind) -> RTCRtpCodec {
    match kind {
        Kind::Audio => RTCRtpCodec {
            mime_type: MIME_TYPE_OPUS.to_owned(),
            clock_rate: 48_000,
            // RFC 7587, section 7: the description always says two channels, also of mono packets.
            channels: 2,
            sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
            rtcp_feedback: Vec::new(),
        },
        Kind::Video => RTCRtpCodec {
            mime_type: MIME_TYPE_VP8.to_owned(),
            clock_rate: 90_000,
            channels: 0,
            sdp_fmtp_line: String::new(),
            rtcp_feedback: [("ccm", "fir"), ("nack", ""), ("nack", "pli")]
                .map(|(typ, parameter)| RTCPFeedback {
                    typ: typ.to_owned(),
                    parameter: parameter.to_owned(),
                })
                .into(),
        },
    }
}

pub(crate) fn codec_kind(kind: Kind) -> RtpCodecKind {
    match kind {
        Kind::Audio => RtpCodecKind::Audio,
        Kind::Video => RtpCodecKind::Video,
    }
}

pub(crate) fn payload_type(kind: Kind) -> PayloadType {
    match kind {
        Kind::Audio => OPUS,
        Kind::Video => VP8,
    }
}
