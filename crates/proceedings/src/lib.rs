//! The proceedings of a room: its decisions and speeches, built from the room's log and from nothing else.
//!
//! A [`ProceedingsBuilder`] takes the events of a room one by one and builds [`Proceedings`], which are written as JSON
//! (with a JSON Schema), as minutes in [Markdown](Proceedings::minutes) and, for the speeches alone, as
//! [CSV](Proceedings::speeches_csv). It is a pure function of the log: it reads no clock and no other source, so the same
//! log gives the same proceedings at any time and place. A correction is an event of its own: it is listed at the end with
//! the event to which it refers, and no record is ever rewritten.
//!
//! Start reading at [`Proceedings`], then `builder.rs`.

// A record may hold any number, and has to be drawn up all the same.
#![warn(clippy::arithmetic_side_effects)]

mod attendance;
mod builder;
mod decision;
mod interpretation;
mod markdown;
mod minutes;
mod record;
mod seal;
mod sentences;
mod speeches;
mod table;
mod takes;
mod time;

pub use builder::ProceedingsBuilder;
pub use decision::{RecordedDecision, RecordedObjection, RecordedVote};
pub use record::{
    Attendance, ChairChange, ClockChange, ConferenceFacts, Correction, DelegationFigures, EndedBy,
    Interpretation, ListChange, Part, PointOfOrder, Postponement, Proceedings, RecordedItem,
    RecordedNotice, RecordedSpeech, RoomFacts, Ruling, Sought, Span, SpeechRecording, Undoing,
};
pub use seal::{Seal, sealed_text};
pub use takes::{RecordedTake, RecordingChange, RecordingGap};
pub use time::Time;
