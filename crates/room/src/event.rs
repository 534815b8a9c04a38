//! The events of a room: its own and its floor's, in one sequence.

use bytes::Bytes;
use plenary_conference::Role;
use plenary_floor::FloorRequest;
use plenary_ids::PersonId;
use plenary_protocol::{Access, AgendaItem, Audience, Decision, DepartureReason, Event, RoomEvent};
use serde::{Deserialize, Serialize};

use crate::{Member, chat::may_read};

/// The content of an event. Both kinds are tagged by `type`, and no tag is in both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Body {
    /// An event of the floor.
    Floor(plenary_floor::Event),
    /// An event of the room apart from its floor.
    Room(RoomEvent),
}

/// An event with its sequence number and time.
pub type RoomLogEvent = Event<Body>;

/// The readers of an event that is not for everybody.
enum Readers<'a> {
    Of(&'a Audience, &'a PersonId),
    OfTheRecord,
    OfASpeech(&'a [PersonId], &'a PersonId),
}

impl Body {
    /// Whether it changes the response of `GET …/floor`, and so its `ETag`. Presence alone does not.
    pub(crate) fn is_of_the_floor(&self) -> bool {
        use plenary_floor::{Change, PresenceStep::Restarted};
        match self {
            Self::Floor(event) => match &event.change {
                Change::Presence(step) => matches!(step, Restarted { .. }),
                _ => true,
            },
            Self::Room(_) => false,
        }
    }

    /// Whether it says who has come and gone, and nothing else.
    pub(crate) fn is_of_the_roster(&self) -> bool {
        use plenary_floor::{
            Change,
            PresenceStep::{Connected, Disconnected},
        };
        match self {
            Self::Floor(event) => matches!(
                event.change,
                Change::Presence(Connected { .. } | Disconnected { .. })
            ),
            Self::Room(event) => matches!(
                event,
                RoomEvent::Joined { .. }
                    | RoomEvent::Updated { .. }
                    | RoomEvent::Left {
                        reason: DepartureReason::Left | DepartureReason::Lost,
                        ..
                    }
            ),
        }
    }

    /// Whether it changes a language channel.
    pub(crate) fn is_of_a_channel(&self) -> bool {
        matches!(self, Self::Room(RoomEvent::ChannelChanged { .. }))
    }

    /// Its readers, if it is not for everybody.
    fn readers(&self) -> Option<Readers<'_>> {
        match self {
            Self::Room(RoomEvent::ChatPosted(message)) if message.to != Audience::Room => {
                Some(Readers::Of(&message.to, &message.from))
            }
            Self::Room(RoomEvent::HelpClosed { from, .. }) => {
                Some(Readers::Of(&Audience::Operators, from))
            }
            Self::Room(RoomEvent::SlowerAsked { speakers, by, .. }) => {
                Some(Readers::OfASpeech(speakers, by))
            }
            Self::Room(
                RoomEvent::Corrected(_)
                | RoomEvent::TakeRecorded(_)
                | RoomEvent::TakeDeleted { .. },
            ) => Some(Readers::OfTheRecord),
            _ => None,
        }
    }

    /// Whether everybody in the room may read it, as with nearly all events.
    pub(crate) fn is_visible_to_all(&self) -> bool {
        self.readers().is_none()
    }

    /// Whether that person may read it.
    pub(crate) fn is_visible_to(&self, reader: &Member) -> bool {
        match self.readers() {
            None => true,
            Some(Readers::Of(to, from)) => may_read(to, from, reader),
            Some(Readers::OfASpeech(speakers, by)) => {
                reader.role == Role::Moderator
                    || speakers.contains(&reader.person)
                    || *by == reader.person
            }
            Some(Readers::OfTheRecord) => Access::ReadProceedings.allowed().includes(reader.role),
        }
    }

    /// The decision that it changes, after the change.
    pub(crate) fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Room(
                RoomEvent::DecisionOpened { decision }
                | RoomEvent::DecisionObjected { decision }
                | RoomEvent::DecisionVoted { decision }
                | RoomEvent::DecisionClosed { decision, .. }
                | RoomEvent::DecisionWithdrawn { decision, .. },
            ) => Some(decision),
            _ => None,
        }
    }

    /// The item of the agenda that it changes, after the change.
    pub(crate) fn agenda_item(&self) -> Option<&AgendaItem> {
        match self {
            Self::Room(
                RoomEvent::AgendaStarted { item, .. } | RoomEvent::AgendaEnded { item, .. },
            ) => Some(item),
            _ => None,
        }
    }

    /// The request that it changes, after the change.
    pub(crate) fn request(&self) -> Option<&FloorRequest> {
        match self {
            Self::Floor(event) => event.request(),
            Self::Room(_) => None,
        }
    }
}

/// What was serialized. A failure, which nothing of ours causes, is logged and gives an empty object.
pub(crate) fn serialized(result: serde_json::Result<Vec<u8>>) -> Bytes {
    match result {
        Ok(text) => Bytes::from(text),
        Err(error) => {
            tracing::error!(%error, "something for clients could not be serialized");
            Bytes::from_static(b"{}")
        }
    }
}
