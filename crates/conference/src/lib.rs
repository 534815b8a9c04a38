//! The conference file, its people, its agenda and their invitations.
//!
//! A conference is described by one file. [`load`] turns it into a [`Conference`] in which every name refers to
//! something and every date exists, or into a [`Diagnostic`] for each of its faults. [`Keys`] signs the invitations
//! of its people, and exchanges them for the short-lived tokens that the server asks for on every call.
//!
//! It knows nothing of sockets, nor of what goes on in a room. Start reading at [`Conference`], then `read.rs`.

#![warn(clippy::indexing_slicing)]

mod calendar;
mod check_link;
mod conference;
mod country;
mod diagnostic;
mod duration;
mod file;
mod floor_section;
mod items;
mod keys;
mod link;
mod links;
mod named;
mod private_file;
mod quorum;
mod read;
mod revoked;
mod ring_provider;
mod section;
mod translated;
mod typed;
mod watcher;

pub use check_link::{CHECK_TOKEN_LIFE, CheckToken};
pub use conference::{
    Conference, Delegation, Item, ItemKind, ItemRecording, Person, RecordingStarts, Role, Room,
    RoomRecording, Status,
};
pub use diagnostic::{Diagnostic, Severity, nearest};
pub use file::{Checked, MAX_FILE_BYTES, check, load, parse};
pub use keys::{Claims, INVITATION_LIFE, Invited, Keys, KeysError, Rejection, TOKEN_LIFE, Token};
pub use quorum::{BadQuorum, Quorum};
pub use translated::Translations;
pub use watcher::Watching;
