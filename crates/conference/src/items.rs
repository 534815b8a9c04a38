//! The agenda: its items read, named, and checked against the conference's days, its people and one another.

use std::collections::{HashMap, HashSet};

use jiff::{Zoned, civil::Date, tz::TimeZone};
use plenary_ids::{ItemId, Language, MediaId, PersonId, RoomId};
use plenary_text::isolated;

use crate::{
    Item, ItemKind, ItemRecording, Person, Role, Room,
    diagnostic::{Faults, Place},
    named::{Named, refuse_reserved},
    section::{Placed, Section},
};

const ITEM: &[&str] = &[
    "id",
    "room",
    "title",
    "kind",
    "starts",
    "minutes",
    "speakers",
    "limit",
    "quorum",
    "recording",
    "beneficiary",
    "recording_starts",
];

/// An item is within one day.
const MAX_MINUTES: u32 = 24 * 60;

/// The days of the conference as far as they can be read.
pub(crate) struct Days {
    pub(crate) zone: Option<TimeZone>,
    pub(crate) first: Option<Date>,
    pub(crate) last: Option<Date>,
}

/// Every item, in the order in which it is planned.
pub(crate) fn items(
    file: &Section<'_, '_>,
    days: Option<&Days>,
    spoken: &[Language],
    (rooms, persons): (&Named<RoomId, Room>, &Named<PersonId, Person>),
    faults: &mut Faults<'_>,
) -> Vec<Placed<Item>> {
    let mut all = Vec::new();
    let mut in_room: HashMap<RoomId, usize> = HashMap::new();
    let mut named: HashSet<ItemId> = HashSet::new();
    for (index, section) in (1..).zip(file.tables("item", "[[item]]", ITEM, faults)) {
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
        let title = section.translated("title", spoken, faults);
        let kind = section
            .value("kind", faults)
            .unwrap_or(ItemKind::Presentations);
        let minutes = section.number("minutes", 1, MAX_MINUTES, faults);
        let starts = starts(&section, days, faults);
        let speakers = section.ids("speakers", faults).unwrap_or_default();
        let speakers = persons.check_all(speakers, faults);
        let recording = recording(&section, &speakers, persons, faults);
        let limit = section.limit("limit", faults).map(|limit| limit.value);
        let quorum = section.quorum("quorum", faults).map(|quorum| quorum.value);
        let id: Option<Placed<ItemId>> = section.id("id", faults);
        let Some(room) = room else { continue };
        let place = in_room.entry(room.value.clone()).or_insert(0);
        *place += 1;
        let at = id.as_ref().map_or(section.at(), |id| &id.at).clone();
        if let Some(id) = &id {
            refuse_reserved("item", id.value.as_str(), &id.at, faults);
        }
        let id = id.map_or_else(
            || default_id(&room.value, *place, index),
            |id| Some(id.value),
        );
        let Some(id) = id else { continue };
        if !named.insert(id.clone()) {
            let message = format!("There are two items with the id \"{id}\".");
            faults.add(&at, message, "Give one of them another id.".to_owned());
        }
        let (Some(title), Some(minutes), Some(starts)) = (title, minutes, starts) else {
            continue;
        };
        let value = Item {
            id,
            room: room.value,
            title: title.plain,
            titles: title.by_language,
            kind,
            starts: starts.value,
            minutes,
            speakers,
            limit,
            quorum,
            recording,
        };
        refuse_late_end(&value, &starts.at, days, faults);
        refuse_barred(&value, &starts.at, persons, faults);
        all.push(Placed {
            at: starts.at,
            value,
        });
    }
    refuse_overlaps(&mut all, faults);
    all
}

/// The recorded address of an item. It is of the person whom the file names, or of the only planned speaker.
fn recording(
    section: &Section<'_, '_>,
    speakers: &[PersonId],
    persons: &Named<PersonId, Person>,
    faults: &mut Faults<'_>,
) -> Option<ItemRecording> {
    let starts = section.value("recording_starts", faults);
    let named: Option<Placed<PersonId>> = section.id("beneficiary", faults);
    let Some(Placed { at, value: media }) = section.id("recording", faults) else {
        for key in ["beneficiary", "recording_starts"] {
            if let Some(at) = section
                .place_of(&[key])
                .filter(|_| !section.has("recording"))
            {
                let message = format!("\"{key}\" belongs to a recording, and the item names none.");
                let hint = format!("Name a \"recording\", or remove \"{key}\".");
                faults.add(&at, message, hint);
            }
        }
        return None;
    };
    faults.note_recording(&at, MediaId::clone(&media));
    if let Some(named) = &named {
        persons.check(named, faults);
        let person = persons.get(&named.value);
        if person.is_some_and(|it| !matches!(it.role, Role::Delegate | Role::Moderator)) {
            let message = format!("{} has no voice on the floor.", named.value);
            let hint = "Name a delegate or a moderator, who need not be there.";
            faults.add(&named.at, message, hint);
        }
    }
    let beneficiary = match (named, speakers) {
        (Some(named), _) => named.value,
        (None, [only]) => only.clone(),
        (None, _) => {
            let message = "It is not clear who speaks in the recording.";
            let hint =
                "Add beneficiary = \"…\": the person who speaks in it, who need not be there.";
            faults.add(&at, message, hint);
            return None;
        }
    };
    Some(ItemRecording {
        media,
        beneficiary,
        starts: starts.unwrap_or_default(),
    })
}

/// An item without an id in the file gets one from its room and its place among the room's items.
fn default_id(room: &RoomId, place: usize, index: usize) -> Option<ItemId> {
    ItemId::new(&format!("{room}-{place}"))
        .or_else(|_| ItemId::new(&format!("item-{index}")))
        .ok()
}

fn starts(
    section: &Section<'_, '_>,
    days: Option<&Days>,
    faults: &mut Faults<'_>,
) -> Option<Placed<Zoned>> {
    let Placed { at, value } = section.date_time("starts", faults)?;
    let days = days?;
    let zone = days.zone.as_ref()?;
    if let (Some(first), Some(last)) = (days.first, days.last)
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

fn refuse_late_end(item: &Item, at: &Place, days: Option<&Days>, faults: &mut Faults<'_>) {
    let Some(last) = days.and_then(|days| days.last) else {
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
    let recorded = item.recording.iter().map(|it| &it.beneficiary);
    let recorded = recorded.filter(|person| !item.speakers.contains(person));
    for speaker in item.speakers.iter().chain(recorded) {
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
                    isolated(&item.title),
                    item.starts.datetime(),
                    item.room,
                    isolated(&earlier.title),
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
