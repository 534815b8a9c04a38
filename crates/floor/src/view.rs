//! What the outside sees of a floor: the body of `GET …/floor`.

use std::collections::BTreeMap;

use plenary_ids::{DelegationId, Millis, Moment, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    policy::Policy,
    request::FloorRequest,
    settings::{Mode, Settings},
    speech::{Ending, Speech},
};

/// Where the list of speakers stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// Not yet.
    NotOpen,
    /// Takes requests.
    Open,
    /// Takes no more statements, but rights of reply.
    Closed,
    /// The statements are over; replies are heard.
    Replies,
    /// Over.
    Concluded,
    /// Interrupted; goes on where it was.
    Adjourned,
}

/// The list of speakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListView {
    /// Where it stands.
    pub state: ListState,
    /// When it will close, if that was announced.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub closes_at: Option<Moment>,
    /// While adjourned: where it stood before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjourned_from: Option<ListState>,
}

/// What a delegation has had in the current agenda item, or in the room where none is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Spoken {
    /// Speeches ended, points of order apart.
    pub times: u32,
    /// Time used in them.
    #[serde(rename = "consumed_ms")]
    pub consumed: Millis,
    /// Time left unused in them, and not yet carried over.
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
        self.times += 1;
        if speech.how != Some(Ending::Yielded) {
            let left = speech.limit.saturating_sub(speech.consumed);
            self.unused = self.unused.saturating_add(left);
        }
    }
}

/// A floor as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FloorView {
    /// Grows with every change; the `ETag`.
    pub version: u64,
    /// Who gives the floor.
    pub mode: Mode,
    /// The order of the list.
    pub policy: Policy,
    /// Open microphones, the chair's apart.
    pub nom: u32,
    /// The list of speakers.
    pub list: ListView,
    /// The acting chair.
    pub chair: Option<PersonId>,
    /// Whether the chair holds the floor.
    pub chair_priority: bool,
    /// Those who hold the floor, the longest first.
    pub granted: Vec<FloorRequest>,
    /// Those not ended: points of order, then the list in its order, then pending and passed ones by arrival; the
    /// granted ones are in `granted` as well.
    pub requests: Vec<FloorRequest>,
    /// The speech of the longest live holder, else of the longest suspended one.
    pub speech: Option<Speech>,
    /// Every speech that has not ended.
    pub speeches: Vec<Speech>,
    /// Who is next: the first listed who is present.
    pub on_deck: Option<PersonId>,
    /// What each delegation has had.
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
    /// Every setting.
    pub settings: Settings,
}
