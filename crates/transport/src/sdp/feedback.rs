//! The RTCP feedback of a format: what its line offers, and so what an answer may name.

use rtc_sdp::description::media::MediaDescription;

use super::attributes::values;

/// A kind of RTCP feedback that this server gives or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feedback {
    /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions).
    TransportCc,
    /// Full intra requests (RFC 5104, section 4.3.1).
    Fir,
    /// Requests for lost packets (RFC 4585, section 6.2.1).
    Nack,
    /// Picture loss indications (RFC 4585, section 6.3.1).
    Pli,
}

impl Feedback {
    /// In the order in which an answer names them.
    pub(super) const ALL: [Self; 4] = [Self::TransportCc, Self::Fir, Self::Nack, Self::Pli];

    /// The value of `a=rtcp-fb` behind the payload type.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::TransportCc => "transport-cc",
            Self::Fir => "ccm fir",
            Self::Nack => "nack",
            Self::Pli => "nack pli",
        }
    }
}

/// The feedback that a line offers for a payload type. An answer must name no other (RFC 4585, section 4.2).
pub(super) fn feedback(media: &MediaDescription, payload_type: u8) -> Vec<Feedback> {
    let is_offered = |feedback: &Feedback| {
        values(&media.attributes, "rtcp-fb").any(|text| {
            text.split_once(' ').is_some_and(|(of, kind)| {
                (of == "*" || of.parse() == Ok(payload_type)) && kind.trim() == feedback.text()
            })
        })
    };
    Feedback::ALL.into_iter().filter(is_offered).collect()
}
