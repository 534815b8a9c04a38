//! A room: roster, chair, floor and stage put together, one task each.
//!
//! A room is one [task](RoomHandle) that owns one state, so nothing in it is locked and everything happens in one order.
//! What is asked of it is checked against one table of who may do what ([`authority`]), decided by `plenary-floor`,
//! recorded in a log, brought into force on the media plane by way of [`Stage`] (which shrinks before it is announced
//! and grows after), and sent to everybody in the room, serialized once. All that waits is taken together: one wait for
//! the disk answers a hundred commands. If it cannot be recorded, it has not happened.
//!
//! It knows neither HTTP nor WebSocket nor RTP. Start reading at [`RoomHandle`], then `task.rs`.

mod agenda;
pub mod authority;
mod channels;
mod clock;
mod config;
mod decisions;
mod event;
mod handle;
mod outbox;
mod recovery;
mod replies;
mod scene;
mod state;
mod task;
mod translate;
mod voting;

pub use authority::{Action, Standing};
pub use clock::Clock;
pub use config::{Member, RoomConfig};
pub use event::{Body, RoomLogEvent};
pub use handle::{Attach, Attached, Caller, Guard, Outcome, Resumption, RoomHandle, Snapshot};
pub use outbox::{Outbox, Outgoing};
pub use recovery::{Fold, RecoveryError};
pub use scene::{Gallery, Reach, Scene, Stage};
