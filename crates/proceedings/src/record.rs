//! The proceedings as data: the JSON that is served, and the source of the minutes and tables.

use plenary_conference::{ItemKind, Role, Status};
use plenary_floor::{Cause, Ending, Kind, ListStep};
use plenary_ids::{DelegationId, ItemId, Language, Millis, PersonId, RequestId, RoomId, Seq};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{RecordedDecision, Seal, Time};

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
    /// Every grant of the floor in the order of the grants, including those for points of order.
    pub speeches: Vec<RecordedSpeech>,
    /// The points of order, in the order in which they were raised.
    pub points_of_order: Vec<PointOfOrder>,
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
    /// The theme of the conference; may be empty.
    pub theme: String,
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
}

/// An item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedItem {
    /// The id by which speeches and decisions refer to the item.
    pub id: ItemId,
    /// The title on the agenda.
    pub title: String,
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
}

/// One grant of the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedSpeech {
    /// The request that was granted. A request that was passed over and called again has several speeches.
    pub request: RequestId,
    /// The id of the speaker.
    pub person: PersonId,
    /// The name of the speaker.
    pub name: String,
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
    /// The reason that the chair gave, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The intervals in which the clock ran.
    pub parts: Vec<Part>,
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
    /// The request by which the point was raised.
    pub request: RequestId,
    /// The id of the person who raised it.
    pub person: PersonId,
    /// The name of that person.
    pub name: String,
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

/// A delegation's share of the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DelegationFigures {
    /// The id of the delegation.
    pub delegation: DelegationId,
    /// The name of the delegation.
    pub name: String,
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
    /// When the chair was changed.
    pub at: Time,
    /// The chair from then on; absent while the chair is vacant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chair: Option<PersonId>,
    /// The person who made the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
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
