//! The public facts of the conference file, as the API returns them.

use plenary_conference::{
    Claims, Conference, Item, ItemKind, Role, Status, Translations, Watching,
};
use plenary_ids::{DelegationId, ItemId, Language, Millis, Moment, PersonId, RoomId};
use schemars::JsonSchema;
use serde::Serialize;

/// A person of the conference file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PersonFacts {
    pub id: PersonId,
    /// The same as `id`, under the name that messages use.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    pub role: Role,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    /// The rooms that the person may enter.
    pub rooms: Vec<RoomId>,
    /// The languages into which an interpreter may interpret; empty for everybody else.
    pub languages: Vec<Language>,
    /// As what a viewer without a name watches; absent for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watching: Option<Watching>,
}

/// The public facts of a conference.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ConferenceFacts {
    pub id: String,
    /// The full name.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The theme; empty if there is none.
    pub theme: String,
    /// The theme by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub themes: Translations,
    /// The delegation that hosts the conference.
    pub host: Option<DelegationId>,
    /// The IANA time zone of the conference.
    pub time_zone: String,
    /// The first day, as `2021-10-12`.
    pub starts: String,
    /// The last day, as `2021-10-14`.
    pub ends: String,
    /// BCP 47 tags; the first is the default.
    pub languages: Vec<Language>,
    pub delegations: Vec<DelegationFacts>,
    /// Everybody, seated or not, so that every id in a message has a name here.
    pub people: Vec<PersonFacts>,
    pub rooms: Vec<RoomTitle>,
    /// The planned items of all rooms, in the order of the conference file.
    pub agenda: Vec<PlannedItem>,
}

/// The public facts of a delegation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DelegationFacts {
    pub id: DelegationId,
    /// The name that people see.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The country code of ISO 3166-1 alpha-2.
    pub country: String,
    pub status: Status,
    /// The IANA time zone of its city.
    pub time_zone: String,
}

/// A room and its title.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RoomTitle {
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
}

/// A planned item of the agenda. Its times are in UTC, because every reader has a time zone of their own.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlannedItem {
    pub id: ItemId,
    pub room: RoomId,
    /// The title that people see.
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    pub kind: ItemKind,
    /// The planned start.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub starts: Moment,
    /// The planned duration.
    pub minutes: u32,
    /// The planned speakers, in order.
    pub speakers: Vec<PersonId>,
    /// The speaking time in this item; none for the room's.
    pub limit_ms: Option<Millis>,
}

/// The caller, and the conference as the caller sees it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Me {
    /// The bearer of the token.
    pub person: PersonFacts,
    pub conference: ConferenceFacts,
    /// The rooms that the person may enter.
    pub rooms: Vec<MyRoom>,
}

/// A room that the caller may enter.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MyRoom {
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// Whether the room is recorded now, which one learns before taking a seat in it.
    pub recording: bool,
    /// The items that are planned in it.
    pub agenda: Vec<PlannedItem>,
}

/// The facts of a token's bearer.
pub fn person(conference: &Conference, claims: &Claims) -> PersonFacts {
    let person = conference.person(&claims.sub);
    let known = person.filter(|_| claims.watching.is_none());
    PersonFacts {
        id: claims.sub.clone(),
        person: claims.sub.clone(),
        name: known.map_or_else(String::new, |person| person.name.clone()),
        names: known.map(|person| person.names.clone()).unwrap_or_default(),
        role: claims.role,
        delegation: known.and_then(|person| person.delegation.clone()),
        rooms: claims.rooms.clone(),
        languages: known.map_or_else(Vec::new, |person| person.languages.clone()),
        watching: claims.watching,
    }
}

/// The public facts of a conference.
pub fn conference(conference: &Conference) -> ConferenceFacts {
    let zone = |zone: &jiff::tz::TimeZone| zone.iana_name().unwrap_or("UTC").to_owned();
    let delegations = conference.delegations.iter().map(|it| DelegationFacts {
        id: it.id.clone(),
        name: it.name.clone(),
        names: it.names.clone(),
        country: it.country.clone(),
        status: it.status,
        time_zone: zone(&it.time_zone),
    });
    let people = conference.persons.iter().map(|it| PersonFacts {
        id: it.id.clone(),
        person: it.id.clone(),
        name: it.name.clone(),
        names: it.names.clone(),
        role: it.role,
        delegation: it.delegation.clone(),
        rooms: it.rooms.clone(),
        languages: it.languages.clone(),
        watching: None,
    });
    let rooms = conference.rooms.iter().map(|it| RoomTitle {
        id: it.id.clone(),
        title: it.title.clone(),
        titles: it.titles.clone(),
    });
    ConferenceFacts {
        id: conference.id.clone(),
        name: conference.name.clone(),
        names: conference.names.clone(),
        theme: conference.theme.clone(),
        themes: conference.themes.clone(),
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

/// The planned items of an agenda.
pub fn agenda<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<PlannedItem> {
    items
        .map(|it| PlannedItem {
            id: it.id.clone(),
            room: it.room.clone(),
            title: it.title.clone(),
            titles: it.titles.clone(),
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
