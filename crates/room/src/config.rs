//! The part of the conference file that a room needs.

use std::{collections::BTreeMap, sync::Arc};

use plenary_conference::{Conference, Person, Quorum, Role, Room, Status, Translations, Watching};
use plenary_floor::{Class, Settings, Speaker};
use plenary_ids::{DelegationId, ItemId, Language, PersonId, RoomId};
use plenary_protocol::{AgendaItem, FileFacts, ItemState};

use crate::{NoRecordings, Recordings, facts};

/// The configuration of a room, which never changes while it runs.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// The room's id on the wire.
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// The title by language.
    pub titles: Translations,
    /// Whether participants without the floor may be shown small.
    pub gallery: bool,
    /// Whether two participants may talk aside.
    pub side_talks: bool,
    /// The settings of its floor.
    pub floor: Settings,
    /// The agenda items planned for it.
    pub agenda: Vec<AgendaItem>,
    /// The persons who may enter.
    pub members: BTreeMap<PersonId, Member>,
    /// Those who watch the room without a place in it.
    pub watchers: BTreeMap<PersonId, Member>,
    /// The languages of the conference; each has a channel.
    pub languages: Vec<Language>,
    /// The delegations of the conference.
    pub delegations: Vec<DelegationId>,
    /// The titles of all rooms of the conference.
    pub rooms: BTreeMap<RoomId, String>,
    /// The quorum of its decisions.
    pub quorum: Option<Quorum>,
    /// The quorums of the agenda items that have one of their own.
    pub item_quorums: BTreeMap<ItemId, Quorum>,
    /// What the log records of the conference file.
    pub facts: Arc<FileFacts>,
    /// The media library, from which addresses are played.
    pub recordings: Arc<dyn Recordings>,
    /// Whether the file has the room recorded from its beginning.
    pub is_recorded: bool,
}

/// A person who may enter the room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other field names say it")]
pub struct Member {
    /// The person's id on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// The name by language.
    pub names: Translations,
    pub role: Role,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    /// How the delegation ranks: member, observer, guest or staff.
    pub class: Class,
    /// All rooms that the person may enter.
    pub rooms: Vec<RoomId>,
    /// The languages into which an interpreter may interpret.
    pub languages: Vec<Language>,
    /// As what somebody watches who has no place in the room; none of a person.
    pub watching: Option<Watching>,
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
                titles: item.titles.clone(),
                kind: item.kind,
                starts: facts::planned_start(item),
                due: None,
                minutes: item.minutes,
                speakers: item.speakers.clone(),
                limit: item.speech_limit(),
                recording: item.recording.as_ref().map(|it| it.media.clone()),
                beneficiary: item.recording.as_ref().map(|it| it.beneficiary.clone()),
                recording_starts: item.recording.as_ref().map(|it| it.starts),
                state: ItemState::Planned,
                began: None,
                ended: None,
            })
            .collect();
        Self {
            id: room.id.clone(),
            title: room.title.clone(),
            titles: room.titles.clone(),
            gallery: room.gallery,
            side_talks: room.side_talks,
            floor: room.floor.clone(),
            agenda,
            members,
            watchers: Watching::ALL
                .map(|watching| Member::watcher(conference, room, watching))
                .into_iter()
                .map(|watcher| (watcher.person.clone(), watcher))
                .collect(),
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
            quorum: room.quorum,
            item_quorums: conference
                .agenda(&room.id)
                .filter_map(|item| Some((item.id.clone(), item.quorum?)))
                .collect(),
            facts: Arc::new(facts::of(conference, &room.id)),
            recordings: Arc::new(NoRecordings),
            is_recorded: room.recording.enabled,
        }
    }

    /// The same with a media library.
    #[must_use]
    pub fn with_recordings(self, recordings: Arc<dyn Recordings>) -> Self {
        Self { recordings, ..self }
    }

    /// Somebody who may read the room: a person who may enter it, or a watcher.
    pub fn reader(&self, id: &PersonId) -> Option<&Member> {
        self.members.get(id).or_else(|| self.watchers.get(id))
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
            names: person.names.clone(),
            role: person.role,
            delegation: person.delegation.clone(),
            class,
            rooms: person.rooms.clone(),
            languages: person.languages.clone(),
            watching: None,
        }
    }

    /// A viewer without a name.
    fn watcher(conference: &Conference, room: &Room, watching: Watching) -> Self {
        Self {
            person: watching.id_in(conference, &room.id),
            name: String::new(),
            names: Translations::new(),
            role: Role::Viewer,
            delegation: None,
            class: Class::Staff,
            rooms: vec![room.id.clone()],
            languages: Vec::new(),
            watching: Some(watching),
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
