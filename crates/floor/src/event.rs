//! What happened. Events are the only way a floor changes; they are also the wire and the log.

use plenary_ids::{Millis, Moment, PersonId, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    request::FloorRequest,
    ruling::Ruling,
    settings::Settings,
    speech::{Cause, Speech},
    view::ListView,
};

/// One change. Those about a request carry the whole request after it, so that folding them is a replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
#[expect(
    missing_docs,
    reason = "the fields say the same in every variant: see the type's own documentation"
)]
pub enum Event {
    /// The floor was asked for; the state says what became of it at once.
    #[serde(rename = "floor.requested")]
    Requested {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// It is on the list; or a point of order was upheld.
    #[serde(rename = "floor.accepted")]
    Accepted {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// It was refused.
    #[serde(rename = "floor.denied")]
    Denied {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// It was withdrawn.
    #[serde(rename = "floor.cancelled")]
    Cancelled {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// It holds the floor.
    #[serde(rename = "floor.granted")]
    Granted {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Its holder ended the speech; or the chair upheld a point of order that was heard, and `ruling` says so.
    #[serde(rename = "floor.released")]
    Released {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ruling: Option<Ruling>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The floor was taken from it; of a point of order that was heard, `ruling` says that the chair overruled it.
    #[serde(rename = "floor.revoked")]
    Revoked {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ruling: Option<Ruling>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// It was skipped; with a speech if its holder was absent in the middle of one.
    #[serde(rename = "floor.passed")]
    Passed {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speech: Option<Speech>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// It is back on the list.
    #[serde(rename = "floor.recalled")]
    Recalled {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The chair gave it another place; `overrode` records that the policy has it elsewhere.
    #[serde(rename = "floor.moved")]
    Moved {
        request: FloorRequest,
        overrode: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Its holder is not heard, for one more cause.
    #[serde(rename = "floor.suspended")]
    Suspended {
        request: FloorRequest,
        speech: Speech,
        cause: Cause,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Its holder is heard again.
    #[serde(rename = "floor.resumed")]
    Resumed {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Its holder has more time.
    #[serde(rename = "floor.extended")]
    Extended {
        request: FloorRequest,
        speech: Speech,
        by_ms: Millis,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Its holder wishes to yield (still granted), or has yielded (released, with the speech).
    #[serde(rename = "floor.yielded")]
    Yielded {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speech: Option<Speech>,
        to: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Its holder has been away for longer than the grace: the chair is asked to wait, pass or revoke.
    #[serde(rename = "floor.absent")]
    Absent {
        request: FloorRequest,
        speech: Speech,
    },
    /// Its absent holder is waited for, as the chair said: asked again at the speech's `waits_until`.
    #[serde(rename = "floor.waiting")]
    Waiting {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The listed requests, first to last; a position is the index plus one.
    #[serde(rename = "floor.order")]
    Order {
        order: Vec<RequestId>,
        /// Whether the chair set the whole order: every entry is pinned where it stands.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        overrode: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Who is next: the first listed who is present.
    #[serde(rename = "floor.on_deck")]
    OnDeck { person: Option<PersonId> },
    /// A clock started, paused, went on, or changed its colour or its limit.
    #[serde(rename = "floor.timer")]
    Timer { speech: Speech },
    /// The settings after a change.
    #[serde(rename = "floor.settings")]
    Settings {
        settings: Settings,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// An agenda item began, with this agreed order.
    #[serde(rename = "floor.item")]
    Item {
        agreed: Vec<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit_ms: Option<Millis>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The agenda item is over, and none is on.
    #[serde(rename = "floor.item_ended")]
    ItemEnded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// A roll call is open, and only points of order may be raised; or it is over.
    #[serde(rename = "floor.roll_call")]
    RollCall { open: bool },
    /// A person's connection is there.
    #[serde(rename = "floor.connected")]
    Connected { person: PersonId },
    /// A person's connection is gone.
    #[serde(rename = "floor.disconnected")]
    Disconnected { person: PersonId },
    /// The server is back after having been down.
    #[serde(rename = "floor.restarted")]
    Restarted {
        #[serde(with = "plenary_ids::rfc3339")]
        #[schemars(with = "String")]
        down_since: Moment,
    },
    /// The list takes requests.
    #[serde(rename = "list.opened")]
    ListOpened {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The list takes no more statements.
    #[serde(rename = "list.closed")]
    ListClosed {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The list will close.
    #[serde(rename = "list.close_announced")]
    ListCloseAnnounced {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The list is open again.
    #[serde(rename = "list.reopened")]
    ListReopened {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The meeting is interrupted.
    #[serde(rename = "list.adjourned")]
    ListAdjourned {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The meeting goes on.
    #[serde(rename = "list.resumed")]
    ListResumed {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The last statement is over: the replies are heard.
    #[serde(rename = "list.replies")]
    ListReplies { list: ListView },
    /// The list has ended.
    #[serde(rename = "list.concluded")]
    ListConcluded {
        list: ListView,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Somebody else is in the chair, or nobody.
    #[serde(rename = "chair.changed")]
    ChairChanged {
        chair: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The chair holds the floor, or lets it go.
    #[serde(rename = "chair.priority")]
    ChairPriority {
        on: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
}

impl Event {
    /// The request it is about, if it is about one.
    pub fn request(&self) -> Option<&FloorRequest> {
        match self {
            Self::Requested { request, .. }
            | Self::Accepted { request, .. }
            | Self::Denied { request, .. }
            | Self::Cancelled { request, .. }
            | Self::Granted { request, .. }
            | Self::Released { request, .. }
            | Self::Revoked { request, .. }
            | Self::Passed { request, .. }
            | Self::Recalled { request, .. }
            | Self::Moved { request, .. }
            | Self::Suspended { request, .. }
            | Self::Resumed { request, .. }
            | Self::Extended { request, .. }
            | Self::Yielded { request, .. }
            | Self::Absent { request, .. }
            | Self::Waiting { request, .. } => Some(request),
            _ => None,
        }
    }

    pub(crate) fn request_mut(&mut self) -> Option<&mut FloorRequest> {
        match self {
            Self::Requested { request, .. }
            | Self::Accepted { request, .. }
            | Self::Denied { request, .. }
            | Self::Cancelled { request, .. }
            | Self::Granted { request, .. }
            | Self::Released { request, .. }
            | Self::Revoked { request, .. }
            | Self::Passed { request, .. }
            | Self::Recalled { request, .. }
            | Self::Moved { request, .. }
            | Self::Suspended { request, .. }
            | Self::Resumed { request, .. }
            | Self::Extended { request, .. }
            | Self::Yielded { request, .. }
            | Self::Absent { request, .. }
            | Self::Waiting { request, .. } => Some(request),
            _ => None,
        }
    }
}
