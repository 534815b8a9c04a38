//! The proceedings of a room: what was decided and who spoke, drawn from the room's log and from nothing else.
//!
//! A [`Clerk`] hears the events of a room one by one and draws up [`Proceedings`], which are written as JSON (they have
//! a JSON Schema), as minutes in [Markdown](Proceedings::minutes) and, the speeches alone, as
//! [CSV](Proceedings::speeches_csv). It keeps nothing, asks nobody, and reads no clock: the same log gives the same
//! proceedings, whenever and wherever they are drawn up. Corrections are events like all others, so nothing that was
//! recorded is ever rewritten; they stand at the end, and name the event that they are about.
//!
//! Start reading at [`Proceedings`], then `clerk.rs`.

mod attendance;
mod clerk;
mod decision;
mod interpreting;
mod markdown;
mod minutes;
mod record;
mod seal;
mod sentences;
mod speeches;
mod table;
mod time;

pub use clerk::Clerk;
pub use decision::{RecordedDecision, RecordedObjection, RecordedVote};
pub use record::{
    Attendance, ChairChange, ConferenceFacts, Correction, DelegationFigures, Interpretation,
    ListChange, ListStep, Part, PointOfOrder, Proceedings, RecordedItem, RecordedSpeech, RoomFacts,
    Ruling, Span,
};
pub use seal::{Seal, sealed_text};
pub use time::Time;
