//! A floor as clients see it: the body of `GET …/floor`.

use std::collections::BTreeMap;

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    policy::Policy,
    request::FloorRequest,
    settings::{Mode, Settings},
    speech::{Ending, Speech},
    undo::UndoableCommand,
};

/// The state of the list of speakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// Takes no requests yet; the chair opens it.
    NotOpen,
    /// Takes requests of every kind but rights of reply.
    Open,
    /// Takes no more statements, but rights of reply.
    Closed,
    /// The statements are over; replies are heard.
    Replies,
    /// Nothing is left on it; it can be reopened.
    Concluded,
    /// Interrupted with the meeting; resumes in the state it had.
    Adjourned,
}

/// The list of speakers as a whole, without its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct ListView {
    pub state: ListState,
    /// The announced time of its closing.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub closes_at: Option<Moment>,
    /// While adjourned: the state before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjourned_from: Option<ListState>,
}

/// The speeches of a delegation in the current agenda item, or in the room where none is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Spoken {
    /// The number of speeches that have ended, points of order apart.
    pub times: u32,
    /// The time used in those speeches.
    #[serde(rename = "consumed_ms")]
    pub consumed: Millis,
    /// The time left unused in those speeches, and not yet carried over.
    #[serde(rename = "unused_ms")]
    pub unused: Millis,
}

impl Spoken {
    /// Adds a speech that has ended.
    pub(crate) fn add(&mut self, speech: &Speech) {
        self.consumed = self.consumed.saturating_add(speech.consumed);
        if speech.how == Some(Ending::Passed) {
            return;
        }
        self.times = self.times.saturating_add(1);
        if speech.how != Some(Ending::Yielded) && speech.kind.is_of_the_list() {
            let left = speech.limit.saturating_sub(speech.consumed);
            self.unused = self.unused.saturating_add(left);
        }
    }
}

/// A floor as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct FloorView {
    /// Grows with every change; the `ETag`.
    pub version: u64,
    pub mode: Mode,
    pub policy: Policy,
    /// The number of open microphones, the chair's apart.
    pub nom: u32,
    pub list: ListView,
    pub chair: Option<PersonId>,
    /// Whether the chair holds the floor.
    pub chair_priority: bool,
    /// The requests that hold the floor, the longest granted first.
    pub granted: Vec<FloorRequest>,
    /// The requests that have not ended: points of order, then the list in its order, then pending and passed ones by
    /// arrival. The granted ones are in `granted` as well.
    pub requests: Vec<FloorRequest>,
    /// The speech of the longest live holder, else of the longest suspended one.
    pub speech: Option<Speech>,
    /// All speeches that have not ended.
    pub speeches: Vec<Speech>,
    /// The next speaker: the first listed beneficiary who is connected.
    pub on_deck: Option<PersonId>,
    /// The speeches so far, by delegation.
    pub spoken: BTreeMap<DelegationId, Spoken>,
    /// The time of a planned speech of the agenda item that is on, where it has its own.
    #[serde(
        default,
        rename = "item_limit_ms",
        skip_serializing_if = "Option::is_none"
    )]
    pub item_limit: Option<Millis>,
    /// Whether a roll call is open, so that only points of order may be raised.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub roll_call: bool,
    /// The last command of the chair that may be undone, until then or until something depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoable: Option<UndoableView>,
    pub settings: Settings,
}

/// A command that its author may undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct UndoableView {
    /// Its number, by which `floor.undo` may name it.
    pub id: u64,
    pub command: UndoableCommand,
    /// The request that it was about: after a next, the one that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RequestId>,
    /// The person who gave it, and who alone may undo it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// The end of the time for undoing it.
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub until: Moment,
}
