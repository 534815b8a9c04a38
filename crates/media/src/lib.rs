//! The selective forwarding unit: it takes each publisher's packets once and gives every listener those that the room's
//! gate lets through, rewritten into the listener's own slots.
//!
//! What decides is without I/O: `core::Core` takes datagrams, commands and the time, and fills an outbox. Around it,
//! `engine.rs` runs one thread and one `SO_REUSEPORT` socket per core; a room lives on one thread and is never locked.
//! The crate knows nothing of procedure: who may be forwarded arrives as a [`Gate`], what is shown as a [`Program`].
//!
//! Start at [`Media`], then `core.rs` for the way of a packet, `gate.rs` for what stops it, `rewrite.rs` for what
//! changes in it.

mod api;
mod arrange;
mod audit;
mod cache;
mod cname;
mod codec;
mod congestion;
mod core;
mod counters;
mod engine;
mod feedback;
mod forward;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod layers;
mod lines;
mod receive;
mod reports;
mod rewrite;
mod room;
mod rtp;
mod session;
mod slot;
mod source;
mod srtp;
mod voice;
mod worker;

pub use api::{
    CountersSnapshot, Gate, JoinError, Joined, Lack, Lost, MediaConfig, MediaEvent, Program, Reach,
    SessionFigures, SessionId, Shows, SlotShows, SlotWant, Source, SourceFigures, Want, WantError,
};
pub use engine::Media;
