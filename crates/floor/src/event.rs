//! What happened. Events are the only way a floor changes; they are also the wire and the log, whose JSON is in `wire`.

mod wire;

use plenary_ids::{Millis, Moment, PersonId, RequestId, wire_enum};

use crate::{
    reason::{PassReason, RevokeReason, Ruling},
    request::FloorRequest,
    settings::Settings,
    speech::{Cause, Speech},
    view::ListView,
};

/// One change of the floor, and its recorded author; none for an automatic change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names both")]
pub struct Event {
    pub change: Change,
    pub by: Option<PersonId>,
}

/// What changed. A request, a speech and the list of speakers stand here whole, as they are after the change, so that
/// folding an event is a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum Change {
    /// A request that holds no floor.
    Request {
        request: FloorRequest,
        step: RequestStep,
    },
    /// A request together with the speech that was granted for it.
    Speech {
        request: FloorRequest,
        speech: Speech,
        step: SpeechStep,
    },
    /// A request was skipped; with a speech if its holder was absent in the middle of one.
    Passed {
        request: FloorRequest,
        speech: Option<Speech>,
        reason: Option<PassReason>,
    },
    /// A holder wishes to yield (still granted), or has yielded (released, with the speech).
    Yielded {
        request: FloorRequest,
        speech: Option<Speech>,
        to: PersonId,
    },
    /// A clock started, paused, went on, or changed its colour or its limit.
    Timer { speech: Speech },
    /// The listed requests, first to last. `overrode` says that the chair set the whole order.
    Order {
        order: Vec<RequestId>,
        overrode: bool,
    },
    /// The first listed beneficiary who is present. It follows from the rest, and is said to spare clients the work.
    OnDeck { person: Option<PersonId> },
    /// The list of speakers as a whole.
    List { list: ListView, step: ListStep },
    /// The person in the chair, or the chair's priority.
    Chair(ChairStep),
    /// What the meeting is at.
    Meeting(MeetingStep),
    /// The connection of a person, or of everybody.
    Presence(PresenceStep),
    /// The settings after a change.
    Settings { settings: Settings },
}

/// What became of a request that holds no floor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum RequestStep {
    Requested,
    Accepted,
    Denied { reason: Option<String> },
    Cancelled,
    Recalled,
    Moved { overrode: bool },
}

/// What became of a speech.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum SpeechStep {
    Granted,
    Released {
        ruling: Option<Ruling>,
    },
    Revoked {
        reason: Option<RevokeReason>,
        ruling: Option<Ruling>,
    },
    Suspended {
        cause: Cause,
    },
    Resumed,
    Extended {
        extension: Millis,
    },
    Absent,
    Waiting,
}

wire_enum! {
    /// What became of the list of speakers.
    #[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
    pub enum ListStep {
        Opened = "opened",
        CloseAnnounced = "close_announced",
        Closed = "closed",
        Reopened = "reopened",
        Adjourned = "adjourned",
        Resumed = "resumed",
        Replies = "replies",
        Concluded = "concluded",
    }
}

/// What became of the chair.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum ChairStep {
    Changed { chair: Option<PersonId> },
    Priority { on: bool },
}

/// What the meeting is at from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum MeetingStep {
    ItemBegan {
        agreed: Vec<PersonId>,
        limit: Option<Millis>,
    },
    ItemEnded,
    RollCall {
        open: bool,
    },
}

/// Who is connected from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum PresenceStep {
    Connected { person: PersonId },
    Disconnected { person: PersonId },
    Restarted { down_since: Moment },
}

impl Event {
    /// The request that it is about, if it is about one.
    pub fn request(&self) -> Option<&FloorRequest> {
        match &self.change {
            Change::Request { request, .. }
            | Change::Speech { request, .. }
            | Change::Passed { request, .. }
            | Change::Yielded { request, .. } => Some(request),
            _ => None,
        }
    }

    /// The speech as it is afterwards, if one changed.
    pub fn speech(&self) -> Option<&Speech> {
        match &self.change {
            Change::Speech { speech, .. } | Change::Timer { speech } => Some(speech),
            Change::Passed { speech, .. } | Change::Yielded { speech, .. } => speech.as_ref(),
            _ => None,
        }
    }

    pub(crate) fn request_mut(&mut self) -> Option<&mut FloorRequest> {
        match &mut self.change {
            Change::Request { request, .. }
            | Change::Speech { request, .. }
            | Change::Passed { request, .. }
            | Change::Yielded { request, .. } => Some(request),
            _ => None,
        }
    }
}
