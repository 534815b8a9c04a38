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
mod chat;
mod client;
mod close;
mod command;
mod decision;
mod facts;
mod ice_server;
mod names;
mod object;
mod permission;
mod problem;
mod result;
mod server;
mod snapshot;
mod take;
mod talk;

pub use agenda::{Agenda, AgendaItem, ItemState};
pub use channel::{Channel, ChannelState, Handover, Sound};
pub use chat::{Audience, ChatLine, ChatMessage, SeatFigures};
pub use client::{
    Address, ClientMessage, ClockAsked, Hello, Payload, Resume, Signal, SlotsWanted, Unread,
};
pub use close::CloseCode;
pub use command::{
    AgendaCommand, AgendaCommandType, ChannelCommand, ChannelCommandType, ChatCommand,
    ChatCommandType, Command, CommandRow, DecisionCommand, DecisionCommandType, DeviceCommand,
    DeviceCommandType, Method, NoticeCommand, NoticeCommandType, ParticipantCommand,
    ParticipantCommandType, RecordCommand, RecordCommandType, RecordingCommand,
    RecordingCommandType, Route, Rules, SchemaOf, SpeechCommand, SpeechCommandType, TalkCommand,
    TalkCommandType, schema_of,
};
pub use decision::{
    Choice, Decision, DecisionKind, DecisionState, Objection, QuorumCount, RollEntry, Tally,
    Verdict,
};
pub use facts::{FileDelegation, FileFacts, FileItem, FilePerson};
pub use ice_server::IceServer;
pub use names::{BadName, CommandId, SessionId};
pub use object::read_object;
pub use permission::{Access, Allowed, Permission};
pub use plenary_ids::rfc3339;
pub use plenary_scene::{Shows, SlotShows, SlotWant, Source};
pub use problem::{Code, Problem};
pub use result::{
    CommandOutput, Loaded, NotListed, NoticeRecorded, Placed, Placement, Posted, PublishingDevice,
    Recorded, SlowerAsked, Token,
};
pub use server::{
    ClockCause, CommandResult, Correction, DepartureReason, Event, Hidden, MediaEnd, Outcome,
    Reply, RoomEvent, ServerMessage, Welcome, You,
};
pub use snapshot::{Departed, Notice, Participant, Presence, Removed, RoomSnapshot};
pub use take::{DeletionReason, RecordFault, RecordingFailed, RecordingState, RoomRecording, Take};
pub use talk::{Talk, TalkEnd, TalkEnded, TalkState};
