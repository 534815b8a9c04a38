//! The JSON of the events: one flat object for each, tagged by `type`, with `by` last. A new event is a row below.

use std::borrow::Cow;

use plenary_ids::{Millis, Moment, PersonId, RequestId, rfc3339};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    ChairStep, Change, Event, ListStep, MeetingStep, PresenceStep, RecordingStep, RequestStep,
    SpeechStep,
};
use crate::{
    reason::{PassReason, RevokeReason, Ruling},
    recording::RecordedAddress,
    request::FloorRequest,
    settings::Settings,
    speech::{Cause, Speech},
    undo::{FormerState, UndoableCommand},
    view::ListView,
};

/// A row has the `type`, the fields in the order of the JSON, and the change that they make up. The compiler sees to it
/// that every change has its row.
macro_rules! rows {
    ($(
        $(#[doc = $doc:literal])*
        $word:literal $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }
        = { $($change:tt)+ }
    )+) => {
        /// An event as its JSON: borrowed where it is written, owned where it was read.
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type")]
        enum Row<'a> {
            $(
                $(#[doc = $doc])*
                #[serde(rename = $word)]
                $name {
                    $($(#[$attribute])* $field: Cow<'a, $type>,)*
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    by: Cow<'a, Option<PersonId>>,
                },
            )+
        }

        impl<'a> From<&'a Event> for Row<'a> {
            fn from(event: &'a Event) -> Self {
                let by = Cow::Borrowed(&event.by);
                match &event.change {
                    $($($change)+ => Self::$name { $($field: Cow::Borrowed($field),)* by },)+
                }
            }
        }

        impl From<Row<'_>> for Event {
            fn from(row: Row<'_>) -> Self {
                match row {
                    $(Row::$name { $($field,)* by } => {
                        $(let $field = $field.into_owned();)*
                        Self { change: $($change)+, by: by.into_owned() }
                    })+
                }
            }
        }
    };
}

rows! {
    /// The floor was requested; the request's state says whether it waits for the chair, is listed or is granted.
    "floor.requested" Requested { request: FloorRequest }
    = { Change::Request { request, step: RequestStep::Requested } }

    /// The request is on the list; or a point of order was upheld.
    "floor.accepted" Accepted { request: FloorRequest }
    = { Change::Request { request, step: RequestStep::Accepted } }

    /// The chair refused the request.
    "floor.denied" Denied {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
    = { Change::Request { request, step: RequestStep::Denied { reason } } }

    /// The request was withdrawn before it was granted.
    "floor.cancelled" Cancelled { request: FloorRequest }
    = { Change::Request { request, step: RequestStep::Cancelled } }

    /// The request holds the floor.
    "floor.granted" Granted { request: FloorRequest, speech: Speech }
    = { Change::Speech { request, speech, step: SpeechStep::Granted } }

    /// The holder ended the speech; or the chair upheld a point of order that was heard, and `ruling` says so.
    "floor.released" Released {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ruling: Option<Ruling>,
    }
    = { Change::Speech { request, speech, step: SpeechStep::Released { ruling } } }

    /// The floor was taken from its holder; for a point of order that was heard, `ruling` says that the chair overruled
    /// it.
    "floor.revoked" Revoked {
        request: FloorRequest,
        speech: Speech,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<RevokeReason>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ruling: Option<Ruling>,
    }
    = { Change::Speech { request, speech, step: SpeechStep::Revoked { reason, ruling } } }

    /// The request was skipped; with a speech if its holder was absent in the middle of one.
    "floor.passed" Passed {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speech: Option<Speech>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<PassReason>,
    }
    = { Change::Passed { request, speech, reason } }

    /// The passed request is back on the list.
    "floor.recalled" Recalled { request: FloorRequest }
    = { Change::Request { request, step: RequestStep::Recalled } }

    /// The chair gave the request another place; `overrode` records that the policy has it elsewhere.
    "floor.moved" Moved { request: FloorRequest, overrode: bool }
    = { Change::Request { request, step: RequestStep::Moved { overrode } } }

    /// The holder is not heard, for one more cause.
    "floor.suspended" Suspended { request: FloorRequest, speech: Speech, cause: Cause }
    = { Change::Speech { request, speech, step: SpeechStep::Suspended { cause } } }

    /// The holder is heard again.
    "floor.resumed" Resumed { request: FloorRequest, speech: Speech }
    = { Change::Speech { request, speech, step: SpeechStep::Resumed } }

    /// The holder has more time.
    "floor.extended" Extended {
        request: FloorRequest,
        speech: Speech,
        #[serde(rename = "by_ms")]
        extension: Millis,
    }
    = { Change::Speech { request, speech, step: SpeechStep::Extended { extension } } }

    /// The holder wishes to yield (still granted), or has yielded (released, with the speech).
    "floor.yielded" Yielded {
        request: FloorRequest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speech: Option<Speech>,
        to: PersonId,
    }
    = { Change::Yielded { request, speech, to } }

    /// The holder has been disconnected for longer than the grace: the chair is asked to wait, pass or revoke.
    "floor.absent" Absent { request: FloorRequest, speech: Speech }
    = { Change::Speech { request, speech, step: SpeechStep::Absent } }

    /// The chair waits for the absent holder, and is asked again at the speech's `waits_until`.
    "floor.waiting" Waiting { request: FloorRequest, speech: Speech }
    = { Change::Speech { request, speech, step: SpeechStep::Waiting } }

    /// The listed requests, first to last; a position is the index plus one.
    "floor.order" Order {
        order: Vec<RequestId>,
        /// Whether the chair set the whole order: every entry is pinned where it stands.
        #[serde(default, skip_serializing_if = "is_false")]
        overrode: bool,
    }
    = { Change::Order { order, overrode } }

    /// The next speaker: the first listed beneficiary who is connected.
    "floor.on_deck" OnDeck { person: Option<PersonId> }
    = { Change::OnDeck { person } }

    /// A clock started, paused, went on, or changed its colour or its limit.
    "floor.timer" Timer { speech: Speech }
    = { Change::Timer { speech } }

    /// A recorded address is played as a speech of the person who speaks in it.
    "recording.started" RecordingStarted {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Started } }

    /// The recording stands still, because the speech is suspended for that cause.
    "recording.paused" RecordingPaused {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
        cause: Cause,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Paused { cause } } }

    /// The recording plays again.
    "recording.resumed" RecordingResumed {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Resumed } }

    /// The chair had the recording go on from another position than `from_ms`.
    "recording.sought" RecordingSought {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
        #[serde(rename = "from_ms")]
        from: Millis,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Sought { from } } }

    /// The recording does not play although it should; with a reason if it cannot go on by itself, and the chair decides.
    "recording.stalled" RecordingStalled {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Stalled { reason } } }

    /// The recording was played to its end.
    "recording.ended" RecordingEnded {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Ended } }

    /// The speech ended before the recording did, or its beginning was undone.
    "recording.stopped" RecordingStopped {
        #[serde(rename = "about")]
        request: RequestId,
        speaker: PersonId,
        recorded: Box<RecordedAddress>,
    }
    = { Change::Recording { request, speaker, recorded, step: RecordingStep::Stopped } }

    /// The settings after a change.
    "floor.settings" Settings { settings: Settings }
    = { Change::Settings { settings } }

    /// The last of a command's events, where the chair may undo it: within the time, by `floor.undo` with this `id`.
    "floor.undoable" Undoable {
        id: u64,
        command: UndoableCommand,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<RequestId>,
        #[serde(serialize_with = "rfc3339::serialize", deserialize_with = "instant")]
        #[schemars(with = "String")]
        until: Moment,
        before: FormerState,
    }
    = { Change::Undoable { id, command, about, until, before } }

    /// The command was undone: the requests and speeches that it changed are restored, and a speech that it began is
    /// removed.
    "floor.undone" Undone {
        of: u64,
        command: UndoableCommand,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<RequestId>,
        restored: FormerState,
    }
    = { Change::Undone { of, command, about, restored } }

    /// An agenda item began, with this agreed order.
    "floor.item" ItemBegan {
        agreed: Vec<PersonId>,
        #[serde(default, rename = "limit_ms", skip_serializing_if = "Option::is_none")]
        limit: Option<Millis>,
    }
    = { Change::Meeting(MeetingStep::ItemBegan { agreed, limit }) }

    /// The agenda item is over, and none is on.
    "floor.item_ended" ItemEnded {}
    = { Change::Meeting(MeetingStep::ItemEnded) }

    /// A roll call is open, and only points of order may be raised; or it is over.
    "floor.roll_call" RollCall { open: bool }
    = { Change::Meeting(MeetingStep::RollCall { open }) }

    /// The person is connected from now on.
    "floor.connected" Connected { person: PersonId }
    = { Change::Presence(PresenceStep::Connected { person }) }

    /// The person's last connection is lost.
    "floor.disconnected" Disconnected { person: PersonId }
    = { Change::Presence(PresenceStep::Disconnected { person }) }

    /// The server is back after having been down; nobody is connected.
    "floor.restarted" Restarted {
        #[serde(serialize_with = "rfc3339::serialize", deserialize_with = "instant")]
        #[schemars(with = "String")]
        down_since: Moment,
    }
    = { Change::Presence(PresenceStep::Restarted { down_since }) }

    /// The list of speakers takes requests.
    "list.opened" ListOpened { list: ListView }
    = { Change::List { list, step: ListStep::Opened } }

    /// The list of speakers takes no more statements.
    "list.closed" ListClosed { list: ListView }
    = { Change::List { list, step: ListStep::Closed } }

    /// The list will close at the time that it names.
    "list.close_announced" ListCloseAnnounced { list: ListView }
    = { Change::List { list, step: ListStep::CloseAnnounced } }

    /// The list of speakers is open again.
    "list.reopened" ListReopened { list: ListView }
    = { Change::List { list, step: ListStep::Reopened } }

    /// The meeting is interrupted: holders are suspended, and the order freezes.
    "list.adjourned" ListAdjourned { list: ListView }
    = { Change::List { list, step: ListStep::Adjourned } }

    /// The meeting goes on where it was adjourned.
    "list.resumed" ListResumed { list: ListView }
    = { Change::List { list, step: ListStep::Resumed } }

    /// The last statement is over: the replies are heard.
    "list.replies" ListReplies { list: ListView }
    = { Change::List { list, step: ListStep::Replies } }

    /// The list of speakers has ended.
    "list.concluded" ListConcluded { list: ListView }
    = { Change::List { list, step: ListStep::Concluded } }

    /// Another person is in the chair, or nobody.
    "chair.changed" ChairChanged { chair: Option<PersonId> }
    = { Change::Chair(ChairStep::Changed { chair }) }

    /// Chair priority began, which suspends everybody else, or it ended.
    "chair.priority" ChairPriority { on: bool }
    = { Change::Chair(ChairStep::Priority { on }) }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        Row::from(self).serialize(out)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Row::deserialize(from).map(Self::from)
    }
}

impl JsonSchema for Event {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Event").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Row::json_schema(generator)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands in a reference to the field"
)]
fn is_false(field: &bool) -> bool {
    !field
}

fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'static, Moment>, D::Error> {
    rfc3339::deserialize(from).map(Cow::Owned)
}
