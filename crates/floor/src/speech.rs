//! What a grant creates: a speech and its clock.

use std::collections::BTreeSet;

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{request::Kind, settings::Settings};

/// What the clock looks like.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// More than the warning is left.
    Green,
    /// The warning or less is left.
    Amber,
    /// The limit is used up.
    Red,
}

/// Why a holder is not heard. Several may hold at once; the holder is live when none does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The chair said so.
    Chair,
    /// The chair holds the floor by priority.
    ChairPriority,
    /// A point of order is being raised.
    PointOfOrder,
    /// The holder's connection dropped.
    Disconnected,
    /// Nothing arrives of a recorded address.
    Stalled,
    /// The list is adjourned.
    Adjourned,
    /// Limit and grace are used up.
    Overtime,
    /// Every microphone is taken; goes on when one frees.
    Full,
}

/// How a speech ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The holder ended it.
    Released,
    /// It was taken.
    Revoked,
    /// The rest was yielded to somebody.
    Yielded,
    /// Its absent holder was passed; the time left is kept.
    Passed,
}

/// A speech with its clock. `consumed_ms` is as of `as_of`; while `running`, add what has gone by since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Speech {
    /// The request it was granted for.
    pub request: RequestId,
    /// Who speaks.
    pub speaker: PersonId,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// What it is.
    pub kind: Kind,
    /// The time it has, extensions included.
    #[serde(rename = "limit_ms")]
    pub limit: Millis,
    /// The time used, as of `as_of`.
    #[serde(rename = "consumed_ms")]
    pub consumed: Millis,
    /// When that was so.
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub as_of: Moment,
    /// Whether the clock runs.
    pub running: bool,
    /// What it looked like then.
    pub colour: Colour,
    /// When the floor was granted.
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub granted_at: Moment,
    /// When the clock first ran.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub began: Option<Moment>,
    /// When it ended.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Moment>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<Ending>,
    /// Why the holder is not heard; empty while live.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub suspended_by: BTreeSet<Cause>,
    /// Since when the holder's connection is lost.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub absent_since: Option<Moment>,
    /// Whether the chair was asked what to do about an absent holder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// Until when an absent holder is waited for because the chair said so; then the chair is asked again.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub waits_until: Option<Moment>,
    /// Whether the overtime action has fallen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overtime: bool,
}

impl Speech {
    /// The time used up to `now`.
    pub fn consumed_at(&self, now: Moment) -> Millis {
        if self.running {
            self.consumed.saturating_add(now.since(self.as_of))
        } else {
            self.consumed
        }
    }

    /// The time left at `now`.
    pub fn remaining_at(&self, now: Moment) -> Millis {
        self.limit.saturating_sub(self.consumed_at(now))
    }

    /// Whether the holder is heard.
    pub fn is_live(&self) -> bool {
        self.suspended_by.is_empty() && self.ended_at.is_none()
    }

    /// When the chair is to be asked about an absent holder; none if there is nothing to ask, or not any more.
    pub(crate) fn asks_at(&self, settings: &Settings) -> Option<Moment> {
        let since = self.absent_since.filter(|_| !self.asked)?;
        let grace = || since.after(settings.reconnect_grace);
        Some(self.waits_until.unwrap_or_else(grace))
    }

    /// The colour after that much time.
    pub(crate) fn colour_after(&self, consumed: Millis, settings: &Settings) -> Colour {
        if consumed >= self.limit {
            Colour::Red
        } else if consumed >= self.limit.saturating_sub(settings.warning) {
            Colour::Amber
        } else {
            Colour::Green
        }
    }
}
