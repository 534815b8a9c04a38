//! The rules of order as a pure state machine.
mod command;
mod event;
mod moment;
mod refusal;
mod request;
mod settings;
mod speech;
mod view;

pub use command::{Actor, ChairVerb, Command, ListVerb, MAX_WORDS, Scope, Wish};
pub use event::Event;
pub use refusal::{Code, Refusal};
pub use request::{Class, FloorRequest, Kind, Priority, Speaker, State, Substate};
pub use settings::{
    Advance, InitialList, Mode, Overtime, Policy, Settings, SettingsPatch, WhenFull,
};
pub use speech::{Cause, Colour, Ending, Speech};
pub use view::{FloorView, ListState, ListView, Spoken};
