//! A room: roster, chair, floor and stage put together, one task each.
//!
//! A room is one [task](RoomHandle) that owns one state, so nothing in it is locked and everything happens in one order.
//! A command is checked against one table of who may do what ([`authority`]), decided by `plenary-floor`, recorded in a
//! log, put into force on the [`MediaPlane`] (which has shrunk before the events are announced, and begins to grow
//! then), and fanned out to the devices in the room, serialized once. The room commits all waiting commands as one
//! group: one write to the disk answers a hundred of them. A command that cannot be recorded changes nothing.
//!
//! This crate knows neither HTTP nor WebSocket nor RTP. Start reading at [`RoomHandle`], then `task.rs`.

mod agenda;
pub mod authority;
mod channels;
mod chat;
mod clock;
mod config;
mod decisions;
mod device_queue;
mod directory;
mod event;
pub mod facts;
mod handle;
mod items;
mod media_plane;
mod message;
mod recordings;
mod recovery;
mod replies;
mod state;
mod takes;
mod talks;
mod task;
mod voting;

pub use clock::{Clock, Standstill, TimeSource, system_time};
pub use config::{Member, RoomConfig};
pub use device_queue::{
    DeviceHandle, EventBatch, EventForm, MAX_PENDING_REPLIES, MAX_QUEUED_EVENT_BATCHES,
    MAX_QUEUED_SIGNALS, MAX_SIGNAL_BYTES, Outbox, Outgoing, ReplySlot, StateKey,
};
pub use event::{Body, RoomLogEvent};
pub use handle::RoomHandle;
pub use media_plane::{InForce, MediaPlane};
pub use message::{
    Attach, Attached, Caller, Preconditions, RecordReport, RelayedSignal, Resumption, Sending,
    SharedSnapshot, Snapshot,
};
pub use plenary_scene::{Gallery, Playback, PlaybackReport, Reach, Scene};
pub use recordings::{NoRecordings, RecordingFacts, Recordings};
pub use recovery::{Fold, RecoveryError};
pub use takes::RecordingStatus;
