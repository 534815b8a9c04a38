//! What happens in a room: its own events and its floor's, in one sequence.

use plenary_conference::Role;
use plenary_floor::FloorRequest;
use plenary_protocol::{Audience, Decision, Event, RoomEvent};
use serde::{Deserialize, Serialize};

use crate::{Action, Member, authority};

/// What happened; both kinds are tagged by `type`, and no name is in both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Body {
    /// On the floor.
    Floor(plenary_floor::Event),
    /// In the room apart from its floor.
    Room(RoomEvent),
}

/// An event in its place.
pub type RoomLogEvent = Event<Body>;

impl Body {
    /// Whether it changes what `GET …/floor` answers, and so its `ETag`. Presence alone does not.
    pub(crate) fn is_of_the_floor(&self) -> bool {
        use plenary_floor::Event as E;
        matches!(self, Self::Floor(event) if !matches!(event, E::Connected { .. } | E::Disconnected { .. }))
    }

    /// Whether that person may read it.
    pub(crate) fn is_visible_to(&self, reader: &Member) -> bool {
        match self {
            Self::Room(RoomEvent::ChatPosted(message)) if message.to == Audience::Moderators => {
                reader.role == Role::Moderator || message.from == reader.person
            }
            Self::Room(RoomEvent::Corrected(_)) => {
                authority::standing(reader.role, Action::ReadProceedings).is_some()
            }
            _ => true,
        }
    }

    /// The question that it is about, as it is afterwards.
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

    /// The request that it is about, as it is afterwards.
    pub(crate) fn request(&self) -> Option<&FloorRequest> {
        match self {
            Self::Floor(event) => event.request(),
            Self::Room(_) => None,
        }
    }
}
