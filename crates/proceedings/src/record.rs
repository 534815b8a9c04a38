//! The proceedings as data: the JSON that is served, and the source of the minutes and tables.

use plenary_conference::{ItemKind, Role, Status, Translations};
use plenary_floor::{Cause, Ending, Kind, ListStep, UndoableCommand};
use plenary_ids::{
    DelegationId, ItemId, Language, MediaId, Millis, PersonId, RequestId, RoomId, Seq, wire_enum,
};
use plenary_protocol::ClockCause;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{RecordedDecision, RecordedTake, RecordingChange, RecordingGap, Seal, Time};

/// The record of a room, from its first event to its last.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Proceedings {
    /// The version of this JSON format: 1.
    pub version: u32,
    /// The conference that the room belongs to.
    pub conference: ConferenceFacts,
    /// The room whose log was read.
    pub room: RoomFacts,
    /// The first event included; 0 if the log is empty.
    pub from_seq: Seq,
    /// The sequence number of the last event included.
    pub to_seq: Seq,
    /// When the proceedings were drawn up.
    pub generated: Time,
    /// The server's seal; absent if the log has no hash or the server's key is missing.
    pub seal: Option<Seal>,
    /// The agenda, with planned and actual times.
    pub items: Vec<RecordedItem>,
    /// Every grant of the floor in the order of the grants, including those for points of order and those that were
    /// undone.
    pub speeches: Vec<RecordedSpeech>,
    /// The points of order, in the order in which they were raised.
    pub points_of_order: Vec<PointOfOrder>,
    /// The commands of the chair that were undone, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undone: Vec<Undoing>,
    /// The questions put to the meeting, in the order in which they were put.
    pub decisions: Vec<RecordedDecision>,
    /// The speaking time of each delegation that may enter the room.
    pub delegations: Vec<DelegationFigures>,
    /// When each participant was present, in the order of first arrival.
    pub attendance: Vec<Attendance>,
    /// When each interpreter was on air, in the order of the first time.
    pub interpretation: Vec<Interpretation>,
    /// The changes of the list of speakers.
    pub list: Vec<ListChange>,
    /// The changes of the chair, in order.
    pub chair: Vec<ChairChange>,
    /// When the clock of the record was moved, in order: times before and after are not by the same clock.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clock: Vec<ClockChange>,
    /// The notices of the operators; absent if there were none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<RecordedNotice>,
    /// The items that were postponed; absent if none was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub postponements: Vec<Postponement>,
    /// When the recording of the room was switched, in order; absent if it never was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recording: Vec<RecordingChange>,
    /// The times in which less was recorded than the floor let through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recording_gaps: Vec<RecordingGap>,
    /// The takes of the recording, in the order in which they were completed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<RecordedTake>,
    /// Corrections made afterwards; they change nothing above.
    pub corrections: Vec<Correction>,
}

/// Facts of the conference file about the conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConferenceFacts {
    /// The short name from the conference file.
    pub id: String,
    /// The full name of the conference.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The theme of the conference; may be empty.
    pub theme: String,
    /// The theme by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub themes: Translations,
    /// The IANA zone of every `local` time.
    pub time_zone: String,
}

/// Facts of the conference file about the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoomFacts {
    /// The short name from the conference file.
    pub id: RoomId,
    /// The title of the room.
    pub title: String,
    /// The title by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
}

/// An item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedItem {
    /// The id by which speeches and decisions refer to the item.
    pub id: ItemId,
    /// The title on the agenda.
    pub title: String,
    /// The title by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// The kind of business planned.
    pub kind: ItemKind,
    /// The beginning that the agenda planned.
    pub planned: Time,
    /// The planned duration in minutes.
    pub minutes: u32,
    /// When the item was first taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<Time>,
    /// When the item was concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// The event with which it was first taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_seq: Option<Seq>,
    /// The event with which it was concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_seq: Option<Seq>,
}

/// One grant of the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedSpeech {
    /// The event with which the clock first ran; if it never ran, the grant. The order of events is that of these numbers,
    /// also where a clock was set back.
    pub seq: Seq,
    /// The request that was granted. A request that was passed over and called again has several speeches.
    pub request: RequestId,
    /// The id of the speaker.
    pub person: PersonId,
    /// The name of the speaker.
    pub name: String,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The id of the delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// The name of the delegation's city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Statement, response, reply, point of order or motion.
    pub kind: Kind,
    /// The agenda item under discussion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// When the floor was requested.
    pub asked: Time,
    /// When the clock first ran; if it never ran, when the floor was granted.
    pub began: Time,
    /// When the speech ended; absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// The speaking time allowed, including extensions.
    pub limit_ms: Millis,
    /// The speaking time used: the sum of the parts.
    pub used_ms: Millis,
    /// The sum of the extensions granted.
    pub extended_ms: Millis,
    /// Released, revoked, yielded or passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<Ending>,
    /// The same more closely: who or what ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<EndedBy>,
    /// Whether the grant was undone: the speech does not count as given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
    /// The reason that the chair gave, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The recording from which it was played; absent for a speech in person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording: Option<SpeechRecording>,
    /// The intervals in which the clock ran.
    pub parts: Vec<Part>,
}

/// The recording from which a speech was played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SpeechRecording {
    /// The file of the media library.
    pub media: MediaId,
    /// The name of the recording.
    pub name: String,
    /// The length of the recording.
    pub duration_ms: Millis,
    /// The position at which it began.
    pub from_ms: Millis,
    /// The position at which it ended, or stands now as of the last change.
    pub until_ms: Millis,
    /// The changes of the position by the chair, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sought: Vec<Sought>,
    /// Why it could not go on by itself, each time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

/// A change of the position of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Sought {
    pub from_ms: Millis,
    pub to_ms: Millis,
}

/// An uninterrupted part of a speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// When the clock started to run.
    pub began: Time,
    /// When the clock stopped; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// The cause of the interruption; absent where the speech itself ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Cause>,
}

/// A point of order and its ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PointOfOrder {
    /// The event with which it was raised.
    pub seq: Seq,
    /// The request by which the point was raised.
    pub request: RequestId,
    /// The id of the person who raised it.
    pub person: PersonId,
    /// The name of that person.
    pub name: String,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The id of the delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// The name of the delegation's city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// When the point was raised.
    pub raised: Time,
    /// The ruling; absent while the point is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
    /// The chair's remark on the ruling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// When the chair ruled on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruled: Option<Time>,
    /// The person who gave the ruling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// The outcome of a point of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The chair agreed with the point.
    Upheld,
    /// The chair rejected the point.
    Overruled,
    /// The person who raised it withdrew it.
    Withdrawn,
    /// The person who raised it had the floor to explain it, and no ruling was recorded.
    Heard,
}

/// A command of the chair that was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Undoing {
    /// The event with which it was undone.
    pub seq: Seq,
    /// When it was undone.
    pub at: Time,
    /// The command.
    pub command: UndoableCommand,
    /// The name of the person whom the command was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The names of those whose speech went on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<String>,
    /// The person who undid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// A delegation's share of the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DelegationFigures {
    /// The id of the delegation.
    pub delegation: DelegationId,
    /// The name of the delegation.
    pub name: String,
    /// The name by language; of the city of a speech or a vote, too.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// Whether it is a member, an observer or a guest.
    pub status: Status,
    /// How often it had the floor, not counting points of order.
    pub speeches: u32,
    /// The speaking time used in those speeches.
    pub used_ms: Millis,
    /// Whether any of its delegates was ever present.
    pub present: bool,
}

/// When a participant was in the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Attendance {
    /// The id of the participant.
    pub person: PersonId,
    /// The name of the participant.
    pub name: String,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The role in the conference.
    pub role: Role,
    /// The id of the delegation; absent for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// The intervals with at least one connected device.
    pub spans: Vec<Span>,
}

/// An interpreter's work in one language channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Interpretation {
    /// The language of the channel.
    pub language: Language,
    /// The id of the interpreter.
    pub person: PersonId,
    /// The name of the interpreter.
    pub name: String,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The intervals in which the interpreter was on air.
    pub spans: Vec<Span>,
}

/// An interval of time in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Span {
    /// The beginning of the interval.
    pub from: Time,
    /// The end of the interval; absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
}

/// A change of the list of speakers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListChange {
    /// The event of the change.
    pub seq: Seq,
    /// When the list was changed.
    pub at: Time,
    /// The step that was taken.
    pub what: ListStep,
    /// The person who made the change; absent if it happened automatically.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// A change of the chair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChairChange {
    /// The event of the change.
    pub seq: Seq,
    /// When the chair was changed.
    pub at: Time,
    /// The chair from then on; absent while the chair is vacant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chair: Option<PersonId>,
    /// The person who made the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// A move of the clock by which times are recorded. The used time of a speech is not affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClockChange {
    /// The event that records the move.
    pub seq: Seq,
    /// The time up to which the former clock counts.
    pub was: Time,
    /// The time from which the clock goes on.
    pub at: Time,
    /// Whether the server's clock was set, or the server stood still.
    pub cause: ClockCause,
}

/// A correction to the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Correction {
    /// The event that records the correction.
    pub seq: Seq,
    /// When the correction was recorded.
    pub at: Time,
    /// The person who recorded it.
    pub by: PersonId,
    /// The event to which it refers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about_seq: Option<Seq>,
    /// The wording of the correction.
    pub text: String,
}

/// A notice of the operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedNotice {
    /// The event in the room's log.
    pub seq: Seq,
    /// When it was posted.
    pub at: Time,
    /// The operator who posted it.
    pub by: PersonId,
    /// The name of the operator.
    pub name: String,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The text of the notice.
    pub text: String,
}

/// An item of the agenda that was postponed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Postponement {
    /// The event in the room's log.
    pub seq: Seq,
    /// When it was postponed.
    pub at: Time,
    /// The id of the item.
    pub item: ItemId,
    /// The title of the item.
    pub title: String,
    /// By how many minutes; absent if to the end of the agenda.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_minutes: Option<u32>,
    /// When it was due from then on.
    pub due: Time,
    /// The moderator who postponed it.
    pub by: PersonId,
}

wire_enum! {
    /// Who or what ended a speech.
    pub enum EndedBy {
        /// The speaker.
        Speaker = "speaker",
        /// The chair, by calling the next speaker.
        NextCalled = "next_called",
        /// The chair, by granting another request in its place.
        Replaced = "replaced",
        /// The time and its grace, where the floor is taken then.
        TimeUsedUp = "time_used_up",
        /// The chair or an operator, who withdrew the floor.
        Withdrawn = "withdrawn",
        /// A conference file that no longer lets the speaker speak.
        NotEntitled = "not_entitled",
        /// The speaker, who yielded the rest of the time.
        Yielded = "yielded",
        /// The chair, who passed over a speaker without a connection.
        Passed = "passed",
        /// The recording, which was played to its end.
        RecordingEnded = "recording_ended",
        /// The chair, who stopped the recording.
        RecordingStopped = "recording_stopped",
    }
}
