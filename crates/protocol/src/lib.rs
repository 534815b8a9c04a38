//! Every message and problem on the wire, once, with its JSON Schema.
//!
//! It says what may be said and reads it strictly: an unknown field is refused by name, and no bytes can panic it. It
//! does not know how anything is done; what a floor is comes in as a type parameter of [`Event`] and [`RoomSnapshot`].
//! Start reading at [`ClientMessage`] (what a client says), [`Command`] (what it wants done, over either transport)
//! and [`ServerMessage`] (what it hears).

mod agenda;
mod channel;
mod client;
mod close;
mod command;
mod decision;
mod names;
mod permission;
mod problem;
mod server;
mod snapshot;

pub use agenda::{Agenda, AgendaItem, ItemState};
pub use channel::{Channel, ChannelState, Sound};
pub use client::{
    Address, ClientMessage, ClockAsked, Hello, Payload, Resume, Signal, SlotsWanted, Unread,
};
pub use close::CloseCode;
pub use command::{Audience, Command, CommandType};
pub use decision::{
    Choice, Decision, DecisionKind, DecisionState, Objection, RollEntry, Tally, Verdict,
};
pub use names::{BadName, CommandId, SessionId};
pub use permission::{Access, Permission};
pub use plenary_ids::rfc3339;
pub use plenary_scene::{Shows, SlotShows, SlotWant, Source};
pub use problem::{Code, Problem};
pub use server::{
    Correction, DepartureReason, Event, Hidden, MediaEnd, Outcome, Reply, RoomEvent, ServerMessage,
    Welcome, You,
};
pub use snapshot::{ChatMessage, Participant, Presence, Removed, RoomSnapshot};
