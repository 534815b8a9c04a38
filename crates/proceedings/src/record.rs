//! The proceedings as data: the JSON that is served, and what minutes and tables are written from.

use plenary_conference::{ItemKind, Role, Status};
use plenary_floor::{Cause, Ending, Kind};
use plenary_ids::{DelegationId, ItemId, Language, Millis, PersonId, RequestId, RoomId, Seq};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{RecordedDecision, Seal, Time};

/// What happened in a room, from its first event to its last.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Proceedings {
    /// Of this form: 1.
    pub version: u32,
    /// Where the room belongs.
    pub conference: ConferenceFacts,
    /// The room.
    pub room: RoomFacts,
    /// The first event that is in it; 0 if nothing has happened.
    pub from_seq: Seq,
    /// The last.
    pub to_seq: Seq,
    /// When it was drawn up.
    pub generated: Time,
    /// The server's seal; none from a log without a hash, or a folder without the server's key.
    pub seal: Option<Seal>,
    /// The agenda, as planned and as it went.
    pub items: Vec<RecordedItem>,
    /// Every grant of the floor in the order of the grants, points of order that were heard among them.
    pub speeches: Vec<RecordedSpeech>,
    /// Points of order, in the order in which they were raised.
    pub points_of_order: Vec<PointOfOrder>,
    /// The questions that were put, in the order in which they were.
    pub decisions: Vec<RecordedDecision>,
    /// What each delegation that has a place in the room has had.
    pub delegations: Vec<DelegationFigures>,
    /// Who was there and when, in the order of first arrival.
    pub attendance: Vec<Attendance>,
    /// Who interpreted into what and when, in the order of first being heard.
    pub interpretation: Vec<Interpretation>,
    /// What became of the list of speakers.
    pub list: Vec<ListChange>,
    /// Who was in the chair.
    pub chair: Vec<ChairChange>,
    /// What was put right afterwards; nothing above was changed by it.
    pub corrections: Vec<Correction>,
}

/// Facts of the conference file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConferenceFacts {
    /// Its short name.
    pub id: String,
    /// Its full name.
    pub name: String,
    /// Its theme, or empty.
    pub theme: String,
    /// The IANA zone of every `local` time.
    pub time_zone: String,
}

/// Facts of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoomFacts {
    /// Its short name.
    pub id: RoomId,
    /// Its title.
    pub title: String,
}

/// A point of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedItem {
    /// Its name, by which speeches and decisions refer to it.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// What was planned to happen in it.
    pub kind: ItemKind,
    /// When it was planned to begin.
    pub planned: Time,
    /// How long it was planned to take.
    pub minutes: u32,
    /// When it was first taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<Time>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
}

/// A speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedSpeech {
    /// The request it was granted for; of one that was passed and recalled there are several speeches.
    pub request: RequestId,
    /// Who spoke.
    pub person: PersonId,
    /// The speaker's name.
    pub name: String,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// What it was.
    pub kind: Kind,
    /// The agenda item that was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// When the floor was asked for.
    pub asked: Time,
    /// When the clock first ran; when the floor was granted, of a speech in which it never did.
    pub began: Time,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// The time it had, extensions included.
    pub limit_ms: Millis,
    /// The time it used: the sum of its parts.
    pub used_ms: Millis,
    /// By how much it was extended.
    pub extended_ms: Millis,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<Ending>,
    /// Why, where somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the clock ran.
    pub parts: Vec<Part>,
}

/// A stretch of a speech without interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// When it began.
    pub began: Time,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// What interrupted the speech; none where the speech itself ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Cause>,
}

/// A point of order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PointOfOrder {
    /// The request by which it was raised.
    pub request: RequestId,
    /// Who raised it.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// When.
    pub raised: Time,
    /// What became of it; none while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
    /// The chair's word about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruled: Option<Time>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// What becomes of a point of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The chair found it right.
    Upheld,
    /// The chair did not.
    Overruled,
    /// Who raised it took it back.
    Withdrawn,
    /// Who raised it had the floor to explain it; no other ruling was recorded.
    Heard,
}

/// What a delegation has had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DelegationFigures {
    /// Which.
    pub delegation: DelegationId,
    /// Its name.
    pub name: String,
    /// Member, observer or guest.
    pub status: Status,
    /// How often it had the floor, points of order apart.
    pub speeches: u32,
    /// The time used in them.
    pub used_ms: Millis,
    /// Whether anybody of it was ever seated.
    pub present: bool,
}

/// When somebody was in the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Attendance {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The delegation; none for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// From when to when, connected with a device at least.
    pub spans: Vec<Span>,
}

/// Somebody who was heard in a language channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Interpretation {
    /// Into what was interpreted.
    pub language: Language,
    /// By whom.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// From when to when.
    pub spans: Vec<Span>,
}

/// From when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Span {
    /// From when.
    pub from: Time,
    /// To when; none of one that has not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
}

/// A change of the list of speakers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListChange {
    /// When.
    pub at: Time,
    /// What.
    pub what: ListStep,
    /// By whom; none for what came of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// What becomes of a list of speakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of domain.md")]
pub enum ListStep {
    Opened,
    CloseAnnounced,
    Closed,
    Reopened,
    Adjourned,
    Resumed,
    Replies,
    Concluded,
}

/// A change in the chair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChairChange {
    /// When.
    pub at: Time,
    /// Who is in the chair from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chair: Option<PersonId>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// Something put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Correction {
    /// The event that holds it.
    pub seq: Seq,
    /// When it was recorded.
    pub at: Time,
    /// By whom.
    pub by: PersonId,
    /// The event that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about_seq: Option<Seq>,
    /// What is right.
    pub text: String,
}
