//! The selective forwarding unit: it takes each publisher's packets once and gives every listener those that the room's
//! [`Scene`] allows, rewritten into the listener's own slots.
//!
//! What decides is without I/O: `core::Core` takes datagrams, commands and the time, and fills an outbox. Around it,
//! `engine.rs` runs one thread and one `SO_REUSEPORT` socket per core; a room lives on one thread and is never locked.
//! The crate knows nothing of procedure: what may flow arrives as a [`Scene`], and [`Scene::allows`] says of each slot
//! whether a source may flow into it.
//!
//! Start at [`Media`], then `arrange.rs` for what a scene opens and closes, `forward.rs` for the way of a packet, and
//! `rewrite.rs` for what changes in it. `audit.rs` checks independently that nothing else was forwarded.
//!
//! [`Scene`]: plenary_scene::Scene
//! [`Scene::allows`]: plenary_scene::Scene::allows

#![warn(clippy::indexing_slicing)]

mod alarm;
mod api;
mod arrange;
mod audit;
#[cfg(feature = "benching")]
pub mod benching;
mod cache;
mod candidates;
mod checks;
mod cname;
mod codec;
mod command;
mod congestion;
mod connection;
mod core;
mod counters;
mod engine;
mod events;
mod feedback;
mod forward;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod hub;
mod key;
mod layers;
mod lines;
mod links;
mod loudest;
mod mirror;
mod offered;
mod packet;
mod packet_index;
mod paths;
mod peers;
mod placement;
mod places;
mod pressure;
mod quality;
mod receive;
mod recording;
mod relay;
mod reports;
mod resend;
mod rewrite;
mod room;
mod rtp;
mod session;
mod slot;
mod source;
mod spread;
mod srtp;
mod streams;
mod takes;
mod tap;
mod tcp;
mod temporal;
mod voice;
mod worker;

pub use api::{
    CountersSnapshot, DisconnectReason, JoinError, MediaConfig, MediaEvent, PathFigures, Received,
    SessionFigures, SessionId, SourceFigures, UndecodableSource, WantError,
};
pub use command::Joined;
pub use engine::Media;
pub use events::SessionEvents;
pub use offered::{OfferedLines, check_offer, offered_lines};
pub use plenary_transport::{
    sdp::{Codec, ICE_FRAGMENT_TYPE, IceFragment, ice_fragment},
    turn::{TurnCredentials, TurnSecret},
};
pub use recording::{RecordedFrame, RecordedFrames, RecordedTrack};
pub use tap::{PacketFacts, SenderFacts, TakeHandle, Tap};
