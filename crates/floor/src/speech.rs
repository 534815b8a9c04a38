//! A speech and its clock, which a grant creates. Rules of order, section 9.

use std::collections::BTreeSet;

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    recording::{RecordedAddress, Stall},
    request::Kind,
    settings::Settings,
};

/// The colour of a speech's clock.
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
    /// The chair suspended the speech.
    Chair,
    /// The chair holds the floor by priority.
    ChairPriority,
    /// A point of order is being raised.
    PointOfOrder,
    /// The holder's connection is lost.
    Disconnected,
    /// No media of a recorded address arrives.
    Stalled,
    /// The meeting is adjourned, and nobody speaks.
    Adjourned,
    /// The limit and the grace are used up.
    Overtime,
    /// Every microphone is taken; the speech goes on when one frees.
    Full,
}

impl Cause {
    /// The causes that follow from the state of the floor alone, and come and go with it.
    pub(crate) const DERIVED: [Self; 4] = [
        Self::ChairPriority,
        Self::PointOfOrder,
        Self::Disconnected,
        Self::Adjourned,
    ];
}

/// The way in which a speech ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The holder ended the speech.
    Released,
    /// The floor was taken from the holder.
    Revoked,
    /// The rest of the time was yielded to another speaker.
    Yielded,
    /// The absent holder was passed; the time left is kept.
    Passed,
    /// The recording was played to its end.
    Played,
}

/// A speech with its clock. `consumed_ms` is as of `as_of`; while `running`, add the time since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Speech {
    /// The request for which it was granted.
    pub request: RequestId,
    pub speaker: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    pub kind: Kind,
    /// The time it has, extensions included.
    #[serde(rename = "limit_ms")]
    pub limit: Millis,
    /// The time used, as of `as_of`.
    #[serde(rename = "consumed_ms")]
    pub consumed: Millis,
    /// The time at which `consumed_ms`, `colour` and the rest were so.
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub as_of: Moment,
    pub running: bool,
    pub colour: Colour,
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub granted_at: Moment,
    /// The time at which the clock first ran.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub began: Option<Moment>,
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<Ending>,
    /// The causes for which the holder is not heard; empty while live.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub suspended_by: BTreeSet<Cause>,
    /// The time since which the holder is disconnected.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub absent_since: Option<Moment>,
    /// Whether the chair was asked what to do about the absent holder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// The end of the wait for the absent holder that the chair ordered; then the chair is asked again.
    #[serde(
        default,
        with = "plenary_ids::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub waits_until: Option<Moment>,
    /// Whether the overtime action has been taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overtime: bool,
    /// The recording that is played, if the speech is none in person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Box<RecordedAddress>>,
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

    /// Restates the used time as of `now`, and with it the position of a recording.
    pub(crate) fn count_until(&mut self, now: Moment) {
        let consumed = self.consumed_at(now);
        if let Some(recorded) = &mut self.recorded {
            let played = consumed.saturating_sub(self.consumed);
            let position = recorded.position.saturating_add(played);
            recorded.position = position.min(recorded.duration);
        }
        self.consumed = consumed;
    }

    /// Starts or stops the clock, which is also that of a recording.
    pub(crate) fn set_running(&mut self, running: bool) {
        self.running = running;
        if let Some(recorded) = &mut self.recorded {
            recorded.running = running;
        }
    }

    /// Takes the causes for which the holder is not heard, and notes since when a recording stalls.
    pub(crate) fn set_causes(&mut self, causes: BTreeSet<Cause>) {
        if let Some(recorded) = &mut self.recorded {
            if !causes.contains(&Cause::Stalled) {
                recorded.stall = None;
            } else if recorded.stall.is_none() {
                recorded.stall = Some(Stall {
                    since: self.as_of,
                    failure: None,
                });
            }
        }
        self.suspended_by = causes;
    }

    /// The time left at `now`.
    pub fn remaining_at(&self, now: Moment) -> Millis {
        self.limit.saturating_sub(self.consumed_at(now))
    }

    /// Whether the holder is heard.
    pub fn is_live(&self) -> bool {
        self.suspended_by.is_empty() && self.ended_at.is_none()
    }

    /// When the chair is to be asked about an absent holder; none if the holder is present or the chair was asked.
    pub(crate) fn asks_at(&self, settings: &Settings) -> Option<Moment> {
        let since = self.absent_since.filter(|_| !self.asked)?;
        let grace = || since.after(settings.reconnect_grace);
        Some(self.waits_until.unwrap_or_else(grace))
    }

    /// The colour after that much time; a recording takes as long as it does, and has no other.
    pub(crate) fn colour_after(&self, consumed: Millis, settings: &Settings) -> Colour {
        if self.recorded.is_some() {
            Colour::Green
        } else if consumed >= self.limit {
            Colour::Red
        } else if consumed >= self.limit.saturating_sub(settings.warning) {
            Colour::Amber
        } else {
            Colour::Green
        }
    }
}
