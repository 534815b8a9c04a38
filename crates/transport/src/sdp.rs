//! Session descriptions: a browser's offer read, and the answer that ties it to this server.
//!
//! The client always offers, with BUNDLE and rtcp-mux, and this server always answers as an ICE-lite, DTLS-passive
//! peer (RFC 8829, RFC 9429). The offer's `sendonly` lines are *sources*; its `recvonly` lines are *slots*, for each
//! of which the answer names one SSRC that never changes, through every change of source.

mod answer;
mod attributes;
mod codec;
mod feedback;
mod fragment;
mod limits;
mod offer;
mod unusable;

pub use answer::{AnswerParams, SlotAnswer, answer};
pub use codec::{Codec, Format, Kind};
pub use feedback::Feedback;
pub use fragment::{ICE_FRAGMENT_TYPE, IceFragment, ice_fragment};
pub use limits::{Limits, SdpError};
pub use offer::{Direction, Extensions, Line, Offer};
pub use unusable::Unusable;
