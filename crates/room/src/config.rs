//! What a room takes from the conference file.

use std::collections::BTreeMap;

use plenary_conference::{Conference, Person, Role, Room, Status};
use plenary_floor::{Class, Settings, Speaker};
use plenary_ids::{DelegationId, Language, Moment, PersonId, RoomId};
use plenary_protocol::{AgendaItem, ItemState};

/// The configuration of a room, which never changes while it runs.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// The room's id on the wire.
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// Whether participants without the floor may be shown small.
    pub gallery: bool,
    /// The settings of its floor.
    pub floor: Settings,
    /// The agenda items planned for it.
    pub agenda: Vec<AgendaItem>,
    /// The persons who may enter.
    pub members: BTreeMap<PersonId, Member>,
    /// The languages of the conference; each has a channel.
    pub languages: Vec<Language>,
    /// The delegations of the conference.
    pub delegations: Vec<DelegationId>,
    /// The titles of all rooms of the conference.
    pub rooms: BTreeMap<RoomId, String>,
}

/// A person who may enter the room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other field names say it")]
pub struct Member {
    /// The person's id on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    pub role: Role,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    /// How the delegation ranks: member, observer, guest or staff.
    pub class: Class,
    /// All rooms that the person may enter.
    pub rooms: Vec<RoomId>,
    /// The languages into which an interpreter may interpret.
    pub languages: Vec<Language>,
}

impl RoomConfig {
    /// The configuration of one room of a conference.
    pub fn of(conference: &Conference, room: &Room) -> Self {
        let members = conference
            .persons
            .iter()
            .filter(|person| person.may_enter(&room.id))
            .map(|person| (person.id.clone(), Member::of(conference, person)))
            .collect();
        let agenda = conference
            .agenda(&room.id)
            .map(|item| AgendaItem {
                id: item.id.clone(),
                title: item.title.clone(),
                kind: item.kind,
                starts: Moment(
                    u64::try_from(item.starts.timestamp().as_millisecond()).unwrap_or(0),
                ),
                minutes: item.minutes,
                speakers: item.speakers.clone(),
                limit: item.speech_limit(),
                state: ItemState::Planned,
                began: None,
                ended: None,
            })
            .collect();
        Self {
            id: room.id.clone(),
            title: room.title.clone(),
            gallery: room.gallery,
            floor: room.floor.clone(),
            agenda,
            members,
            languages: conference.languages.clone(),
            delegations: conference
                .delegations
                .iter()
                .map(|delegation| delegation.id.clone())
                .collect(),
            rooms: conference
                .rooms
                .iter()
                .map(|room| (room.id.clone(), room.title.clone()))
                .collect(),
        }
    }
}

impl Member {
    fn of(conference: &Conference, person: &Person) -> Self {
        let delegation = person
            .delegation
            .as_ref()
            .and_then(|id| conference.delegation(id));
        let class = delegation.map_or(Class::Staff, |delegation| match delegation.status {
            Status::Member => Class::Member,
            Status::Observer => Class::Observer,
            Status::Guest => Class::Guest,
        });
        Self {
            person: person.id.clone(),
            name: person.name.clone(),
            role: person.role,
            delegation: person.delegation.clone(),
            class,
            rooms: person.rooms.clone(),
            languages: person.languages.clone(),
        }
    }

    /// The person as the floor knows them.
    pub fn speaker(&self) -> Speaker {
        Speaker {
            person: self.person.clone(),
            delegation: self.delegation.clone(),
            class: self.class,
        }
    }
}
