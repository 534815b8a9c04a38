//! The rules of order as a pure state machine: requests, the list of speakers, grants, and clocks.
//!
//! It knows no sockets, clocks, roles or media. [`decide`] takes the state, a [`Command`], the [`Actor`] and the time,
//! and says which [`Event`]s follow or why none do ([`Refusal`]); [`apply`] folds an event into the [`Floor`]. Events
//! are the only way a floor changes, so a restart is a replay and the record is the truth. Time is a parameter: at
//! [`Floor::deadline`] the room issues [`SystemCommand::Tick`]. The rules themselves are in `docs/rules-of-order.md`.
//!
//! Start at [`decide`], which shows each command's file: asking (`requests`), speaking (`speeches`), the list of
//! speakers (`list`), the chair (`chair`), clocks (`time`), connections (`presence`), the agenda and votes (`meeting`), undoing (`undo`),
//! recorded addresses (`recording`).
//! The changes that follow from any of them are in `settle`. `ordering` sorts by the policies of `policy`.
//!
//! ```
//! use plenary_floor::{Actor, Command, SystemCommand, Floor, Settings, decide_system, apply};
//! use plenary_ids::{Moment, PersonId};
//!
//! let mut floor = Floor::new(Settings::default());
//! let tokyo = PersonId::new("tokyo-1")?;
//! let connected = SystemCommand::Connected(tokyo.clone());
//! for event in decide_system(&floor, &connected, &Actor::system(), Moment(0))? {
//!     apply(&mut floor, &event);
//! }
//! assert!(floor.is_connected(&tokyo));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chair;
mod command;
mod decide;
mod delegations;
mod draft;
mod event;
mod floor;
mod fold;
mod granting;
mod list;
mod meeting;
mod obstacles;
mod open_requests;
mod ordering;
mod patch;
mod pins;
mod points;
mod policy;
mod presence;
mod reason;
mod recording;
mod refusal;
mod request;
mod requests;
mod saved;
mod settings;
mod settle;
mod speech;
mod speeches;
mod time;
mod undo;
mod view;
mod yielding;

pub use command::{Actor, Command, CommandType, Directory, Scope, SystemCommand};
pub use decide::{decide, decide_system};
pub use event::{
    ChairStep, Change, Event, ListStep, MeetingStep, PresenceStep, RecordingStep, RequestStep,
    SpeechStep,
};
pub use floor::Floor;
pub use fold::apply;
pub use policy::Policy;
pub use reason::{PassReason, RevokeReason, RevokeRule, Ruling};
pub use recording::{Play, RecordedAddress, RecordingAction, RecordingReport, Stall};
pub use refusal::{Code, MAX_TEXT_BYTES, Refusal};
pub use request::{Class, FloorRequest, Kind, Priority, Speaker, State, Substate};
pub use requests::MAX_OPEN_REQUESTS;
pub use settings::{
    Advance, InitialList, MAX_COUNT, Mode, Overtime, Settings, SettingsPatch, WhenFull,
};
pub use speech::{Cause, Colour, Ending, Speech};
pub use undo::{FormerState, Pin, SpokenBefore, UndoableCommand};
pub use view::{FloorView, ListState, ListView, Spoken, UndoableView};
