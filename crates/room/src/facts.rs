//! What the log of a room records of the conference file, and when.

use std::fmt::Write;

use plenary_conference::{Conference, Item};
use plenary_ids::{Moment, RoomId};
use plenary_protocol::{FileDelegation, FileFacts, FileItem, FilePerson};
use ring::digest::{SHA256, digest};

/// The facts of a conference file about a room. Of a room that the file does not have, there are only the ids.
pub fn of(conference: &Conference, room: &RoomId) -> FileFacts {
    let may_enter = || conference.persons.iter().filter(|it| it.may_enter(room));
    let delegations = conference.delegations.iter().filter(|delegation| {
        may_enter().any(|person| person.delegation.as_ref() == Some(&delegation.id))
    });
    let known = conference.room(room);
    let title = known.map(|room| room.title.clone());
    let titles = known.map(|room| room.titles.clone());
    FileFacts {
        conference: conference.id.clone(),
        name: conference.name.clone(),
        names: conference.names.clone(),
        theme: conference.theme.clone(),
        themes: conference.themes.clone(),
        time_zone: conference.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        room: room.clone(),
        title: title.unwrap_or_else(|| room.to_string()),
        titles: titles.unwrap_or_default(),
        delegations: delegations
            .map(|delegation| FileDelegation {
                id: delegation.id.clone(),
                name: delegation.name.clone(),
                names: delegation.names.clone(),
                status: delegation.status,
            })
            .collect(),
        people: may_enter()
            .map(|person| FilePerson {
                id: person.id.clone(),
                name: person.name.clone(),
                names: person.names.clone(),
                role: person.role,
                delegation: person.delegation.clone(),
            })
            .collect(),
        items: conference
            .agenda(room)
            .map(|item| FileItem {
                id: item.id.clone(),
                title: item.title.clone(),
                titles: item.titles.clone(),
                kind: item.kind,
                starts: planned_start(item),
                minutes: item.minutes,
            })
            .collect(),
    }
}

/// When an item is planned to begin.
pub(crate) fn planned_start(item: &Item) -> Moment {
    Moment(u64::try_from(item.starts.timestamp().as_millisecond()).unwrap_or(0))
}

/// The facts as a fingerprint (SHA-256 of their JSON), by which a state knows the ones that were recorded last.
pub(crate) fn fingerprint(facts: &FileFacts) -> String {
    // No type of the facts fails to serialize; empty bytes would only have them recorded again.
    let json = serde_json::to_vec(facts).unwrap_or_default();
    let mut text = String::new();
    for byte in digest(&SHA256, &json).as_ref() {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
