//! The events of a floor, which are the only way in which it changes. They are sent and recorded as the JSON in `wire`.

mod wire;

use plenary_ids::{Millis, Moment, PersonId, RequestId, wire_enum};

use crate::{
    reason::{PassReason, RevokeReason, Ruling},
    recording::RecordedAddress,
    request::FloorRequest,
    settings::Settings,
    speech::{Cause, Speech},
    undo::{FormerState, UndoableCommand},
    view::ListView,
};

/// One change of the floor, and its recorded author; none for an automatic change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names both")]
pub struct Event {
    pub change: Change,
    pub by: Option<PersonId>,
}

/// The change that an event records. It holds the request, the speech or the list of speakers whole, as it is after the
/// change, so that folding an event is a replacement.
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
    /// The first listed beneficiary who is present. It follows from the other events, and is announced to spare clients
    /// the work.
    OnDeck { person: Option<PersonId> },
    /// What has become of a recorded address. It follows from the other events, and says for the record what they mean.
    Recording {
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
        step: RecordingStep,
    },
    /// The list of speakers as a whole.
    List { list: ListView, step: ListStep },
    /// The person in the chair, or the chair's priority.
    Chair(ChairStep),
    /// The agenda item or the roll call that begins or ends.
    Meeting(MeetingStep),
    /// The connection of a person, or of everybody.
    Presence(PresenceStep),
    /// The settings after a change.
    Settings { settings: Settings },
    /// The command whose changes come before may be undone until then; the parts that it changed, as they were.
    Undoable {
        id: u64,
        command: UndoableCommand,
        /// The request that the command was about.
        about: Option<RequestId>,
        until: Moment,
        before: FormerState,
    },
    /// That command was undone: the parts that it had changed, as they are again.
    Undone {
        of: u64,
        command: UndoableCommand,
        about: Option<RequestId>,
        restored: FormerState,
    },
}

/// The step that a request without the floor has taken.
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

/// The step that a speech has taken.
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

/// The step that a recorded address has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum RecordingStep {
    Started,
    Paused { cause: Cause },
    Resumed,
    Sought { from: Millis },
    Stalled { reason: Option<String> },
    Ended,
    Stopped,
}

wire_enum! {
    /// The step that the list of speakers has taken.
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

/// The change of the acting chair or of the chair's priority.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`wire` describes each, for the schema too")]
pub enum ChairStep {
    Changed { chair: Option<PersonId> },
    Priority { on: bool },
}

/// The agenda item or the roll call that begins or ends.
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

/// The change of the people who are connected.
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

    /// The requests that it changes; several when a command is undone.
    pub(crate) fn requests_mut(&mut self) -> &mut [FloorRequest] {
        match &mut self.change {
            Change::Request { request, .. }
            | Change::Speech { request, .. }
            | Change::Passed { request, .. }
            | Change::Yielded { request, .. } => std::slice::from_mut(request),
            Change::Undone { restored, .. } => &mut restored.requests,
            _ => &mut [],
        }
    }
}
