//! Every message and problem on the wire, once, with its JSON Schema.
//!
//! Clients are read strictly: an unknown field is refused by name, and no bytes can panic the reader. The commands of
//! the floor are those of `plenary-floor`; its view and its events come in as type parameters of [`RoomSnapshot`] and
//! [`Event`]. Nothing here decides what a command does.
//!
//! Start reading at [`ClientMessage`] (what a client sends), [`Command`] (what it wants done, over either transport) and
//! [`ServerMessage`] (what it receives).

#![warn(clippy::indexing_slicing)]

mod agenda;
mod channel;
mod client;
mod close;
mod command;
mod decision;
mod names;
mod permission;
mod problem;
mod result;
mod server;
mod snapshot;

pub use agenda::{Agenda, AgendaItem, ItemState};
pub use channel::{Channel, ChannelState, Sound};
pub use client::{
    Address, ClientMessage, ClockAsked, Hello, Payload, Resume, Signal, SlotsWanted, Unread,
};
pub use close::CloseCode;
pub use command::{
    AgendaCommand, AgendaCommandType, Audience, ChannelCommand, ChannelCommandType, ChatCommand,
    ChatCommandType, Command, CommandRow, DecisionCommand, DecisionCommandType, DeviceCommand,
    DeviceCommandType, Method, ParticipantCommand, ParticipantCommandType, RecordCommand,
    RecordCommandType, Route, Rules, SchemaOf, schema_of,
};
pub use decision::{
    Choice, Decision, DecisionKind, DecisionState, Objection, RollEntry, Tally, Verdict,
};
pub use names::{BadName, CommandId, SessionId};
pub use permission::{Access, Allowed, Permission};
pub use plenary_ids::rfc3339;
pub use plenary_scene::{Shows, SlotShows, SlotWant, Source};
pub use problem::{Code, Problem};
pub use result::{CommandOutput, Placed, Placement, Posted, PublishingDevice, Recorded, Token};
pub use server::{
    CommandResult, Correction, DepartureReason, Event, Hidden, MediaEnd, Outcome, Reply, RoomEvent,
    ServerMessage, Welcome, You,
};
pub use snapshot::{ChatMessage, Participant, Presence, Removed, RoomSnapshot};
