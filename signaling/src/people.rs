//! The conference file as the outside sees it.

use plenary_conference::{Claims, Conference, Item, ItemKind, Role, Status};
use plenary_ids::{DelegationId, ItemId, Language, Millis, Moment, PersonId, RoomId};
use schemars::JsonSchema;
use serde::Serialize;

/// Somebody of the conference, with name and city from the file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PersonFacts {
    /// The name on the wire.
    pub id: PersonId,
    /// The same, as messages name it.
    pub person: PersonId,
    /// The name for people.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The city; none for staff.
    pub delegation: Option<DelegationId>,
    /// Where the person may do it.
    pub rooms: Vec<RoomId>,
    /// Into what an interpreter may interpret; of others, empty.
    pub languages: Vec<Language>,
}

/// What everybody may know of a conference.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ConferenceFacts {
    /// The short name.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The theme, or empty.
    pub theme: String,
    /// The delegation that hosts it.
    pub host: Option<DelegationId>,
    /// Its IANA time zone.
    pub time_zone: String,
    /// The first day.
    pub starts: String,
    /// The last day, itself included.
    pub ends: String,
    /// BCP 47 tags; the first is the default.
    pub languages: Vec<Language>,
    /// The cities.
    pub delegations: Vec<DelegationFacts>,
    /// Everybody: whoever is named anywhere by an id has a name here, seated or not.
    pub people: Vec<PersonFacts>,
    /// The rooms.
    pub rooms: Vec<RoomTitle>,
    /// The agenda of all rooms, in the order in which it is planned.
    pub agenda: Vec<PlannedItem>,
}

/// A city.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DelegationFacts {
    /// The name on the wire.
    pub id: DelegationId,
    /// The name for people.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Member, observer or guest.
    pub status: Status,
    /// The IANA zone of its clocks.
    pub time_zone: String,
}

/// A room.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RoomTitle {
    /// The name on the wire.
    pub id: RoomId,
    /// The title for people.
    pub title: String,
}

/// An item of the agenda as it is planned, with instants in UTC: whoever reads them has a zone of their own.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlannedItem {
    /// Its name.
    pub id: ItemId,
    /// Where it takes place.
    pub room: RoomId,
    /// Its title.
    pub title: String,
    /// What happens in it.
    pub kind: ItemKind,
    /// When it is planned to begin.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub starts: Moment,
    /// How long it is planned to take.
    pub minutes: u32,
    /// Who is planned to speak, in order.
    pub speakers: Vec<PersonId>,
    /// The time of a speech in it; none: the room's.
    pub limit_ms: Option<Millis>,
}

/// What the seat page shows.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Me {
    /// Whose token it is.
    pub person: PersonFacts,
    /// The conference.
    pub conference: ConferenceFacts,
    /// The rooms that the person may enter.
    pub rooms: Vec<MyRoom>,
}

/// A room that one may enter.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MyRoom {
    /// The name on the wire.
    pub id: RoomId,
    /// The title for people.
    pub title: String,
    /// What is planned in it.
    pub agenda: Vec<PlannedItem>,
}

/// A token's bearer.
pub fn person(conference: &Conference, claims: &Claims) -> PersonFacts {
    let known = conference.person(&claims.sub);
    PersonFacts {
        id: claims.sub.clone(),
        person: claims.sub.clone(),
        name: known.map_or_else(|| claims.sub.to_string(), |person| person.name.clone()),
        role: claims.role,
        delegation: known.and_then(|person| person.delegation.clone()),
        rooms: claims.rooms.clone(),
        languages: known.map_or_else(Vec::new, |person| person.languages.clone()),
    }
}

/// The public facts.
pub fn conference(conference: &Conference) -> ConferenceFacts {
    let zone = |zone: &jiff::tz::TimeZone| zone.iana_name().unwrap_or("UTC").to_owned();
    let delegations = conference.delegations.iter().map(|it| DelegationFacts {
        id: it.id.clone(),
        name: it.name.clone(),
        country: it.country.clone(),
        status: it.status,
        time_zone: zone(&it.time_zone),
    });
    let people = conference.persons.iter().map(|it| PersonFacts {
        id: it.id.clone(),
        person: it.id.clone(),
        name: it.name.clone(),
        role: it.role,
        delegation: it.delegation.clone(),
        rooms: it.rooms.clone(),
        languages: it.languages.clone(),
    });
    let rooms = conference.rooms.iter().map(|it| RoomTitle {
        id: it.id.clone(),
        title: it.title.clone(),
    });
    ConferenceFacts {
        id: conference.id.clone(),
        name: conference.name.clone(),
        theme: conference.theme.clone(),
        host: conference.host.clone(),
        time_zone: zone(&conference.time_zone),
        starts: conference.starts.to_string(),
        ends: conference.ends.to_string(),
        languages: conference.languages.clone(),
        delegations: delegations.collect(),
        people: people.collect(),
        rooms: rooms.collect(),
        agenda: agenda(conference.items.iter()),
    }
}

/// Items as they are planned.
pub fn agenda<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<PlannedItem> {
    items
        .map(|it| PlannedItem {
            id: it.id.clone(),
            room: it.room.clone(),
            title: it.title.clone(),
            kind: it.kind,
            starts: Moment(
                u64::try_from(it.starts.timestamp().as_millisecond()).unwrap_or_default(),
            ),
            minutes: it.minutes,
            speakers: it.speakers.clone(),
            limit_ms: it.speech_limit(),
        })
        .collect()
}
