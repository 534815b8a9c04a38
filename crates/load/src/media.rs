//! The media of all participants: one socket for each, on few threads, with no more of WebRTC than the server needs.
//!
//! A listener decodes nothing. Headers of SRTP are in clear, so packets are counted by SSRC and sequence number; one in
//! sixteen is opened for the time at which it was sent. Reports go back as a browser's do, so that the server's estimate
//! of the bandwidth is that of a healthy client.
//!
//! Start with [`Worker`], then [`peer::Peer`].

mod feedback;
mod handshake;
mod impairment;
mod offered;
mod peer;
mod publisher;
mod rtp;
mod sdp;
mod slot;
mod stamp;
mod stun;
mod timers;
mod worker;

pub use handshake::Identity;
pub use impairment::Conditions;
pub use offered::answer;
pub use peer::{Event, Joining, Network, Watch};
pub use publisher::{CameraSettings, Mix, Publisher};
pub use sdp::{BadAnswer, Offer, Slots};
pub use worker::{Command, Worker};
