//! Reads the file's tables into a [`Conference`], and checks that they agree with one another.

use std::collections::BTreeSet;

use jiff::{civil::Date, tz::TimeZone};
use plenary_ids::{DelegationId, Language, PersonId, RoomId};
use toml::de::DeTable;

use crate::{
    Conference, Delegation, Item, Person, Quorum, Role, Room, RoomRecording, Status, country,
    diagnostic::{Faults, nearest},
    floor_section,
    items::{self, Days},
    named::{Named, refuse_reserved},
    section::{Placed, Section},
    translated::Translated,
};

const FILE: &[&str] = &["conference", "delegation", "person", "room", "item"];
const CONFERENCE: &[&str] = &[
    "id",
    "name",
    "theme",
    "host",
    "time_zone",
    "starts",
    "ends",
    "languages",
];
const DELEGATION: &[&str] = &["id", "name", "country", "time_zone", "status"];
const PERSON: &[&str] = &["id", "name", "delegation", "role", "rooms", "languages"];
const ROOM: &[&str] = &[
    "id",
    "title",
    "gallery",
    "side_talks",
    "quorum",
    "floor",
    "recording",
];
const RECORDING: &[&str] = &["enabled", "retention_days"];
/// The longest time for which a file may keep recordings, in days: a hundred years.
const MAX_RETENTION_DAYS: u32 = 36_500;

/// Reads the whole file; `None` only together with a fault.
pub(crate) fn conference(file: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<Conference> {
    let file = Section::new("the file", 0..0, file, FILE, faults);
    let head = head(&file, faults);
    let zone = head.as_ref().and_then(|head| head.time_zone.clone());

    let spoken = head.as_ref().map_or(&[][..], |head| &head.languages);
    let delegations = delegations(&file, zone.as_ref(), spoken, faults);
    let (rooms, quorums) = rooms(&file, &delegations, spoken, faults);
    let persons = persons(&file, &delegations, &rooms, spoken, faults);
    for (room, quorum) in &quorums {
        warn_of_quorum(room, quorum, &delegations, &persons, faults);
    }
    let days = head.as_ref().map(|head| Days {
        zone: head.time_zone.clone(),
        first: head.starts,
        last: head.ends,
    });
    let items = items::items(&file, days.as_ref(), spoken, (&rooms, &persons), faults);

    let head = head?;
    if let Some(host) = &head.host {
        delegations.check(host, faults);
    }
    let (name, theme) = (head.name?, head.theme.unwrap_or_default());
    let items: Vec<Item> = items.into_iter().map(|item| item.value).collect();
    Some(Conference {
        id: head.id?,
        name: name.plain,
        names: name.by_language,
        theme: theme.plain,
        themes: theme.by_language,
        host: head.host.map(|host| host.value),
        time_zone: head.time_zone?,
        starts: head.starts?,
        ends: head.ends?,
        languages: head.languages,
        delegations: delegations.values(),
        persons: persons.values(),
        rooms: rooms.values(),
        items,
    })
}

/// `[conference]` as far as it can be read.
struct Head {
    id: Option<String>,
    name: Option<Translated>,
    theme: Option<Translated>,
    host: Option<Placed<DelegationId>>,
    time_zone: Option<TimeZone>,
    starts: Option<Date>,
    ends: Option<Date>,
    languages: Vec<Language>,
}

fn head(file: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Head> {
    file.require(
        "conference",
        "[conference] with id, name, time_zone, starts and ends",
        faults,
    );
    let head = file.table("conference", "[conference]", CONFERENCE, faults)?;
    head.require("id", "\"my-conference\"", faults);
    head.require("name", "\"My conference\"", faults);
    head.require("time_zone", "\"Asia/Taipei\"", faults);
    head.require("starts", "2021-10-12", faults);
    head.require("ends", "2021-10-14", faults);
    let starts = head.date("starts", faults);
    let ends = head.date("ends", faults);
    if let (Some(starts), Some(ends)) = (&starts, &ends)
        && ends.value < starts.value
    {
        let message = format!(
            "The conference ends on {}, before it starts on {}.",
            ends.value, starts.value
        );
        faults.add(
            &ends.at,
            message,
            format!("Write {} or later.", starts.value),
        );
    }
    // The alphabet of ids, because the conference's id goes into links and file names.
    let id: Option<Placed<RoomId>> = head.id("id", faults);
    if let Some(id) = &id {
        refuse_reserved("conference", id.value.as_str(), &id.at, faults);
    }
    let languages = languages(&head, faults);
    Some(Head {
        id: id.map(|id| id.value.to_string()),
        name: head.translated("name", &languages, faults),
        theme: head.translated("theme", &languages, faults),
        host: head.id("host", faults),
        time_zone: head.zone("time_zone", faults),
        starts: starts.map(|day| day.value),
        ends: ends.map(|day| day.value),
        languages,
    })
}

/// The languages of the conference, each once.
fn languages(head: &Section<'_, '_>, faults: &mut Faults<'_>) -> Vec<Language> {
    let Some(tags) = head.texts("languages", faults) else {
        return Language::new("en").into_iter().collect();
    };
    if tags.is_empty() {
        faults.add(
            head.at(),
            "\"languages\" of [conference] is empty.",
            "Name at least one, such as \"en\".".to_owned(),
        );
    }
    let mut known: Vec<Language> = Vec::new();
    for tag in tags {
        match language(&tag, faults) {
            Some(language) if known.contains(&language) => twice(&tag, faults),
            language => known.extend(language),
        }
    }
    known
}

/// The languages into which an interpreter may interpret.
fn interprets(
    person: &Section<'_, '_>,
    role: Option<Role>,
    spoken: &[Language],
    faults: &mut Faults<'_>,
) -> Vec<Language> {
    let is_interpreter = role == Some(Role::Interpreter);
    let Some(tags) = person.texts("languages", faults) else {
        let all = if is_interpreter { spoken } else { &[] };
        return all.to_vec();
    };
    if let Some(role) = role
        && !is_interpreter
    {
        let message = format!("\"languages\" is for interpreters; this person is {role}.");
        let hint = "Remove it, or write role = \"interpreter\".";
        faults.add(person.at(), message, hint);
        return Vec::new();
    }
    if tags.is_empty() {
        faults.add(
            person.at(),
            "\"languages\" of [[person]] is empty, so this interpreter has no channel.",
            "Name at least one, or remove the key: without it all of the conference's are meant.",
        );
    }
    let mut known: Vec<Language> = Vec::new();
    for tag in tags {
        let Some(language) = language(&tag, faults) else {
            continue;
        };
        if !spoken.contains(&language) {
            let message = format!("The conference has no language \"{language}\".");
            let hint = nearest(tag.value, spoken.iter().map(Language::as_str));
            faults.add(&tag.at, message, hint);
        } else if known.contains(&language) {
            twice(&tag, faults);
        } else {
            known.push(language);
        }
    }
    known
}

fn language(tag: &Placed<&str>, faults: &mut Faults<'_>) -> Option<Language> {
    let language = Language::new(tag.value).ok();
    if language.is_none() {
        let message = format!(
            "\"{}\" is no BCP 47 language tag.",
            tag.value.escape_debug()
        );
        let hint = "Write a tag such as \"en\" or \"zh-Hant-TW\".";
        faults.add(&tag.at, message, hint);
    }
    language
}

fn twice(tag: &Placed<&str>, faults: &mut Faults<'_>) {
    let message = format!("\"{}\" stands twice in this list.", tag.value);
    faults.add(&tag.at, message, "Remove one of them.");
}

fn delegations(
    file: &Section<'_, '_>,
    zone: Option<&TimeZone>,
    spoken: &[Language],
    faults: &mut Faults<'_>,
) -> Named<DelegationId, Delegation> {
    let mut all = Named::new("delegation");
    for section in file.tables("delegation", "[[delegation]]", DELEGATION, faults) {
        for (key, example) in [
            ("id", "\"tokyo\""),
            ("name", "\"Tokyo\""),
            ("country", "\"JP\""),
        ] {
            section.require(key, example, faults);
        }
        let id = section.id("id", faults);
        let name = section.translated("name", spoken, faults);
        let country = country(&section, faults);
        let own_zone = section.zone("time_zone", faults);
        let status = section.value("status", faults);
        let Some(id) = id else { continue };
        let known = DelegationId::clone(&id.value);
        all.add(id, faults, || {
            let name = name?;
            Some(Delegation {
                id: known,
                name: name.plain,
                names: name.by_language,
                country: country?,
                time_zone: own_zone.or_else(|| zone.cloned())?,
                status: status.unwrap_or_default(),
            })
        });
    }
    all
}

fn country(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = section.text("country", faults)?;
    if country::codes().any(|code| code == text.value) {
        return Some(text.value.to_owned());
    }
    let capitals = text.value.to_ascii_uppercase();
    let hint = if country::codes().any(|code| code == capitals) {
        format!("Write \"{capitals}\".")
    } else {
        "Write two capitals, such as \"JP\" or \"BE\".".to_owned()
    };
    faults.add(
        &text.at,
        format!(
            "\"{}\" is not a country code of ISO 3166-1 alpha-2.",
            text.value.escape_debug()
        ),
        hint,
    );
    None
}

/// The quorums of rooms, each where it stands in the file.
type Quorums = Vec<(RoomId, Placed<Quorum>)>;

fn rooms(
    file: &Section<'_, '_>,
    delegations: &Named<DelegationId, Delegation>,
    spoken: &[Language],
    faults: &mut Faults<'_>,
) -> (Named<RoomId, Room>, Quorums) {
    let (mut all, mut quorums) = (Named::new("room"), Vec::new());
    file.require("room", "[[room]] with id and title", faults);
    for section in file.tables("room", "[[room]]", ROOM, faults) {
        section.require("id", "\"plenary\"", faults);
        section.require("title", "\"Plenary\"", faults);
        let id = section.id("id", faults);
        let title = section.translated("title", spoken, faults);
        let gallery = section.boolean("gallery", faults).unwrap_or(true);
        let side_talks = section.boolean("side_talks", faults).unwrap_or(true);
        let quorum = section.quorum("quorum", faults);
        let (floor, protocol) = floor_section::settings(&section, faults);
        delegations.check_all(protocol, faults);
        let recording = section.table("recording", "[room.recording]", RECORDING, faults);
        let recording = recording.map(|section| recording_of(&section, faults));
        let Some(id) = id else { continue };
        let known = RoomId::clone(&id.value);
        let value = quorum.as_ref().map(|quorum| quorum.value);
        quorums.extend(quorum.map(|quorum| (known.clone(), quorum)));
        all.add(id, faults, || {
            let title = title?;
            Some(Room {
                id: known,
                title: title.plain,
                titles: title.by_language,
                gallery,
                side_talks,
                quorum: value,
                recording: recording.unwrap_or_default(),
                floor,
            })
        });
    }
    (all, quorums)
}

fn recording_of(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> RoomRecording {
    RoomRecording {
        enabled: section.boolean("enabled", faults).unwrap_or(false),
        retention_days: section.number("retention_days", 1, MAX_RETENTION_DAYS, faults),
    }
}

/// A quorum that the room can never have.
fn warn_of_quorum(
    room: &RoomId,
    quorum: &Placed<Quorum>,
    delegations: &Named<DelegationId, Delegation>,
    persons: &Named<PersonId, Person>,
    faults: &mut Faults<'_>,
) {
    let delegates = persons.ids().filter_map(|id| persons.get(id));
    let delegates = delegates.filter(|it| it.role == Role::Delegate && it.may_enter(room));
    let cities: BTreeSet<&DelegationId> =
        delegates.filter_map(|it| it.delegation.as_ref()).collect();
    let members = cities.into_iter().filter_map(|id| delegations.get(id));
    let members = members.filter(|it| it.status == Status::Member).count();
    let members = u32::try_from(members).unwrap_or(u32::MAX);
    let needed = quorum.value.needed(members);
    if needed > members || needed == 0 {
        let message = format!(
            "The quorum is {}, and {members} members may enter this room: it can decide nothing.",
            quorum.value
        );
        let hint = "Write a smaller number, or a fraction such as \"1/2\".";
        faults.warn(&quorum.at, message, hint);
    }
}

fn persons(
    file: &Section<'_, '_>,
    delegations: &Named<DelegationId, Delegation>,
    rooms: &Named<RoomId, Room>,
    spoken: &[Language],
    faults: &mut Faults<'_>,
) -> Named<PersonId, Person> {
    let mut all = Named::new("person");
    for section in file.tables("person", "[[person]]", PERSON, faults) {
        for (key, example) in [
            ("id", "\"tokyo-1\""),
            ("name", "\"Tokyo delegate\""),
            ("role", "\"delegate\""),
        ] {
            section.require(key, example, faults);
        }
        let id: Option<Placed<PersonId>> = section.id("id", faults);
        let name = section.translated("name", spoken, faults);
        let role: Option<Role> = section.value("role", faults);
        let delegation = section.id("delegation", faults);
        if let Some(delegation) = &delegation {
            delegations.check(delegation, faults);
            if let Some(role) = role.filter(|role| role.is_staff()) {
                let message =
                    format!("{role} is a role of the staff, who speak for no delegation.");
                let hint = "Leave the delegation out, or give the role \"delegate\".";
                faults.warn(&delegation.at, message, hint);
            }
        } else if role == Some(Role::Delegate) && !section.has("delegation") {
            let at = id.as_ref().map_or(section.at(), |id| &id.at);
            let hint = match id
                .as_ref()
                .and_then(|id| delegations.prefix_of(id.value.as_str()))
            {
                Some(city) => format!("Add delegation = \"{city}\"."),
                None => "Add delegation = \"…\", or give another role.".to_owned(),
            };
            faults.add(at, "A delegate must have a delegation.", hint);
        }
        let named = section
            .ids("rooms", faults)
            .map(|named| rooms.check_all(named, faults));
        let languages = interprets(&section, role, spoken, faults);
        let Some(id) = id else { continue };
        let known = PersonId::clone(&id.value);
        all.add(id, faults, || {
            let name = name?;
            Some(Person {
                id: known,
                name: name.plain,
                names: name.by_language,
                delegation: delegation.map(|it| it.value),
                role: role?,
                rooms: named.unwrap_or_else(|| rooms.ids().cloned().collect()),
                languages,
            })
        });
    }
    all
}
