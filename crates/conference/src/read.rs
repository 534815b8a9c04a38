//! Reads the file's tables into a [`Conference`], and checks that they agree with one another.

use std::{borrow::Borrow, collections::HashMap};

use jiff::{Zoned, civil::Date, tz::TimeZone};
use plenary_ids::{BadId, DelegationId, PersonId, RoomId};
use toml::de::DeTable;

use crate::{
    Conference, Delegation, Item, ItemKind, Person, Role, Room, Status, country,
    diagnostic::{Faults, Place, nearest},
    floor_section,
    section::{Placed, Section},
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
const PERSON: &[&str] = &["id", "name", "delegation", "role", "rooms"];
const ROOM: &[&str] = &["id", "title", "gallery", "floor"];
const ITEM: &[&str] = &["room", "title", "kind", "starts", "minutes", "speakers"];

/// A day of an agenda has fewer minutes than this, so an item has too.
const MAX_MINUTES: u32 = 24 * 60;

/// Reads the whole file; `None` only together with a fault.
pub(crate) fn conference(file: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<Conference> {
    let file = Section::new("the file", 0..0, file, FILE, faults);
    let head = head(&file, faults);
    let zone = head.as_ref().and_then(|head| head.time_zone.clone());

    let delegations = delegations(&file, zone.as_ref(), faults);
    let rooms = rooms(&file, &delegations, faults);
    let persons = persons(&file, &delegations, &rooms, faults);
    let mut items = items(&file, head.as_ref(), &rooms, &persons, faults);
    refuse_overlaps(&mut items, faults);

    let head = head?;
    if let Some(host) = &head.host {
        delegations.check(host, faults);
    }
    let mut items: Vec<Item> = items.into_iter().map(|item| item.value).collect();
    items.sort_by(|a, b| a.starts.cmp(&b.starts));
    Some(Conference {
        id: head.id?,
        name: head.name?,
        theme: head.theme.unwrap_or_default(),
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
    name: Option<String>,
    theme: Option<String>,
    host: Option<Placed<DelegationId>>,
    time_zone: Option<TimeZone>,
    starts: Option<Date>,
    ends: Option<Date>,
    languages: Vec<String>,
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
    Some(Head {
        // The checked alphabet of ids, because it goes into links and file names.
        id: head
            .id::<RoomId>("id", faults)
            .map(|id| id.value.to_string()),
        name: head.line("name", faults),
        theme: head.line("theme", faults),
        host: head.id("host", faults),
        time_zone: head.zone("time_zone", faults),
        starts: starts.map(|day| day.value),
        ends: ends.map(|day| day.value),
        languages: languages(&head, faults),
    })
}

fn languages(head: &Section<'_, '_>, faults: &mut Faults<'_>) -> Vec<String> {
    let Some(tags) = head.texts("languages", faults) else {
        return vec!["en".to_owned()];
    };
    if tags.is_empty() {
        faults.add(
            head.at(),
            "\"languages\" of [conference] is empty.",
            "Name at least one, such as \"en\".".to_owned(),
        );
    }
    for tag in &tags {
        let mut parts = tag.value.split('-');
        let primary = parts.next().is_some_and(|it| {
            (2..=8).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_alphabetic())
        });
        if !primary
            || !parts.all(|it| {
                (1..=8).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        {
            let message = format!(
                "\"{}\" is no BCP 47 language tag.",
                tag.value.escape_debug()
            );
            faults.add(
                &tag.at,
                message,
                "Write a tag such as \"en\" or \"zh-Hant-TW\".".to_owned(),
            );
        }
    }
    tags.into_iter().map(|tag| tag.value.to_owned()).collect()
}

fn delegations(
    file: &Section<'_, '_>,
    zone: Option<&TimeZone>,
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
        let name = section.line("name", faults);
        let country = country(&section, faults);
        let own_zone = section.zone("time_zone", faults);
        let status = section.word("status", Status::WORDS, faults);
        let Some(id) = id else { continue };
        let known = DelegationId::clone(&id.value);
        all.add(id, faults, || {
            Some(Delegation {
                id: known,
                name: name?,
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
            "\"{}\" is no country code of ISO 3166-1 alpha-2.",
            text.value.escape_debug()
        ),
        hint,
    );
    None
}

fn rooms(
    file: &Section<'_, '_>,
    delegations: &Named<DelegationId, Delegation>,
    faults: &mut Faults<'_>,
) -> Named<RoomId, Room> {
    let mut all = Named::new("room");
    file.require("room", "[[room]] with id and title", faults);
    for section in file.tables("room", "[[room]]", ROOM, faults) {
        section.require("id", "\"plenary\"", faults);
        section.require("title", "\"Plenary\"", faults);
        let id = section.id("id", faults);
        let title = section.line("title", faults);
        let gallery = section.boolean("gallery", faults).unwrap_or(true);
        let (floor, protocol) = floor_section::settings(&section, faults);
        delegations.check_all(protocol, faults);
        let Some(id) = id else { continue };
        let known = RoomId::clone(&id.value);
        all.add(id, faults, || {
            Some(Room {
                id: known,
                title: title?,
                gallery,
                floor,
            })
        });
    }
    all
}

fn persons(
    file: &Section<'_, '_>,
    delegations: &Named<DelegationId, Delegation>,
    rooms: &Named<RoomId, Room>,
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
        let name = section.line("name", faults);
        let role = section.word("role", Role::WORDS, faults);
        let delegation = section.id("delegation", faults);
        if let Some(delegation) = &delegation {
            delegations.check(delegation, faults);
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
        let Some(id) = id else { continue };
        let known = PersonId::clone(&id.value);
        all.add(id, faults, || {
            Some(Person {
                id: known,
                name: name?,
                delegation: delegation.map(|it| it.value),
                role: role?,
                rooms: named.unwrap_or_else(|| rooms.ids().cloned().collect()),
            })
        });
    }
    all
}

fn items(
    file: &Section<'_, '_>,
    head: Option<&Head>,
    rooms: &Named<RoomId, Room>,
    persons: &Named<PersonId, Person>,
    faults: &mut Faults<'_>,
) -> Vec<Placed<Item>> {
    let mut all = Vec::new();
    for section in file.tables("item", "[[item]]", ITEM, faults) {
        for (key, example) in [
            ("room", "\"plenary\""),
            ("title", "\"Opening\""),
            ("starts", "2021-10-12T09:00:00"),
            ("minutes", "20"),
        ] {
            section.require(key, example, faults);
        }
        let room = section.id("room", faults);
        if let Some(room) = &room {
            rooms.check(room, faults);
        }
        let title = section.line("title", faults);
        let kind = section
            .word("kind", ItemKind::WORDS, faults)
            .unwrap_or(ItemKind::Presentations);
        let minutes = section.number("minutes", 1, MAX_MINUTES, faults);
        let starts = starts(&section, head, faults);
        let speakers = section.ids("speakers", faults).unwrap_or_default();
        let speakers = persons.check_all(speakers, faults);
        let (Some(room), Some(title), Some(minutes), Some(starts)) = (room, title, minutes, starts)
        else {
            continue;
        };
        let value = Item {
            room: room.value,
            title,
            kind,
            starts: starts.value,
            minutes,
            speakers,
        };
        refuse_late_end(&value, &starts.at, head, faults);
        refuse_barred(&value, &starts.at, persons, faults);
        all.push(Placed {
            at: starts.at,
            value,
        });
    }
    all
}

fn starts(
    section: &Section<'_, '_>,
    head: Option<&Head>,
    faults: &mut Faults<'_>,
) -> Option<Placed<Zoned>> {
    let Placed { at, value } = section.date_time("starts", faults)?;
    let head = head?;
    let zone = head.time_zone.as_ref()?;
    if let (Some(first), Some(last)) = (head.starts, head.ends)
        && first <= last
        && !(first..=last).contains(&value.date())
    {
        let message = format!(
            "The item starts on {}, outside the conference, which is {first} to {last}.",
            value.date()
        );
        faults.add(
            &at,
            message,
            "Move the item, or change the conference's dates.".to_owned(),
        );
        return None;
    }
    let ambiguous = zone.to_ambiguous_zoned(value);
    if matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. }) {
        faults.add(
            &at,
            format!("{value} does not exist: the clocks go forward over it."),
            "Start before or after the hour that is left out.".to_owned(),
        );
        return None;
    }
    let zoned = ambiguous.compatible().ok()?;
    Some(Placed { at, value: zoned })
}

fn refuse_late_end(item: &Item, at: &Place, head: Option<&Head>, faults: &mut Faults<'_>) {
    let Some(last) = head.and_then(|head| head.ends) else {
        return;
    };
    let ends = item.ends();
    let midnight = last
        .tomorrow()
        .and_then(|day| day.to_zoned(ends.time_zone().clone()));
    if midnight.is_ok_and(|midnight| ends > midnight) {
        let message = format!(
            "The item ends at {}, after the conference's last day, {last}.",
            ends.datetime()
        );
        faults.add(
            at,
            message,
            "Shorten the item, or change the conference's dates.".to_owned(),
        );
    }
}

/// A speaker who may not enter the item's room could never be granted.
fn refuse_barred(
    item: &Item,
    at: &Place,
    persons: &Named<PersonId, Person>,
    faults: &mut Faults<'_>,
) {
    for speaker in &item.speakers {
        if persons
            .get(speaker)
            .is_some_and(|person| !person.may_enter(&item.room))
        {
            let message = format!(
                "{speaker} is to speak in {}, but may not enter it.",
                item.room
            );
            faults.add(
                at,
                message,
                format!("Add \"{}\" to the rooms of {speaker}.", item.room),
            );
        }
    }
}

fn refuse_overlaps(items: &mut [Placed<Item>], faults: &mut Faults<'_>) {
    items.sort_by(|a, b| {
        a.value
            .starts
            .cmp(&b.value.starts)
            .then(a.at.start.cmp(&b.at.start))
    });
    let mut busy: HashMap<&RoomId, (&Item, Zoned)> = HashMap::new();
    for Placed { at, value: item } in items.iter() {
        let ends = item.ends();
        match busy.get(&item.room) {
            Some((earlier, until)) if *until > item.starts => {
                let message = format!(
                    "\"{}\" starts at {} in {}, where \"{}\" lasts until {}.",
                    item.title,
                    item.starts.datetime(),
                    item.room,
                    earlier.title,
                    until.datetime(),
                );
                faults.add(
                    at,
                    message,
                    format!("Start it at {} or later.", until.datetime()),
                );
                if ends <= *until {
                    continue;
                }
            }
            _ => {}
        }
        busy.insert(&item.room, (item, ends));
    }
}

/// The things of one kind by name. A name counts as known even where the rest of its table is faulty, so that one
/// fault is not reported twice.
struct Named<Id, T> {
    what: &'static str,
    ids: Vec<Id>,
    index: HashMap<Id, Option<T>>,
}

impl<Id, T> Named<Id, T>
where
    Id: Clone + Eq + std::hash::Hash + Borrow<str> + std::str::FromStr<Err = BadId>,
{
    fn new(what: &'static str) -> Self {
        Self {
            what,
            ids: Vec::new(),
            index: HashMap::new(),
        }
    }

    fn add(&mut self, id: Placed<Id>, faults: &mut Faults<'_>, make: impl FnOnce() -> Option<T>) {
        if self.index.contains_key(name(&id.value)) {
            let message = format!(
                "There are two {}s with the id \"{}\".",
                self.what,
                name(&id.value)
            );
            faults.add(&id.at, message, "Give one of them another id.".to_owned());
            return;
        }
        self.ids.push(id.value.clone());
        self.index.insert(id.value, make());
    }

    fn get(&self, id: &Id) -> Option<&T> {
        self.index.get(name(id))?.as_ref()
    }

    fn ids(&self) -> impl Iterator<Item = &Id> {
        self.ids.iter()
    }

    /// The longest name that another name begins with, as "tokyo" in "tokyo-1".
    fn prefix_of(&self, longer: &str) -> Option<&str> {
        self.ids()
            .map(name)
            .filter(|id| longer.starts_with(id))
            .max_by_key(|id| id.len())
    }

    /// Notes a fault if nothing has that name.
    fn check(&self, id: &Placed<Id>, faults: &mut Faults<'_>) {
        if !self.index.contains_key(name(&id.value)) {
            let message = format!("There is no {} \"{}\".", self.what, name(&id.value));
            faults.add(
                &id.at,
                message,
                nearest(name(&id.value), self.ids().map(name)),
            );
        }
    }

    /// The same for a list, in which nothing may stand twice.
    fn check_all(&self, list: Vec<Placed<Id>>, faults: &mut Faults<'_>) -> Vec<Id> {
        let mut seen: Vec<Id> = Vec::new();
        for id in list {
            self.check(&id, faults);
            if seen.contains(&id.value) {
                let message = format!("\"{}\" stands twice in this list.", name(&id.value));
                faults.add(&id.at, message, "Remove one of them.".to_owned());
            } else {
                seen.push(id.value);
            }
        }
        seen
    }

    fn values(mut self) -> Vec<T> {
        self.ids
            .iter()
            .filter_map(|id| self.index.remove(name(id)).flatten())
            .collect()
    }
}

fn name<Id: Borrow<str>>(id: &Id) -> &str {
    id.borrow()
}
