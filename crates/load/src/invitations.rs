//! The invitations of the participants, and who does what with them.

use std::{
    io::{self, Read},
    path::Path,
};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::{failure::LoadError, server::Server};

/// Invitations that are redeemed at once.
const AT_ONCE: usize = 16;

/// A person who may take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub invitation: String,
    pub token: String,
    role: String,
    /// The rooms that the person may enter; empty for all.
    rooms: Vec<String>,
}

/// The persons of one room and what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    pub room: String,
    pub moderator: Option<Person>,
    pub publishers: Vec<Person>,
    /// One entry for each listener; a person may be several.
    pub listeners: Vec<Person>,
}

/// How many of each are wanted in a room.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub publishers: usize,
    pub listeners: usize,
    /// As how many listeners each person may take part.
    pub devices: usize,
}

/// Reads the text of a file, or of standard input for `-`.
pub fn read(file: &Path) -> Result<Vec<String>, LoadError> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    parse(&text.map_err(|error| LoadError::Unreadable(file.to_owned(), error))?)
}

/// The invitations in a text: the array that `plenary invite --format json` prints, or one invitation or link a line. Of a
/// line with several words the one with the link counts, or the last; empty lines and comments after `#` do not.
fn parse(text: &str) -> Result<Vec<String>, LoadError> {
    if text.trim_start().starts_with('[') {
        let array: Vec<Value> = serde_json::from_str(text).map_err(LoadError::BadInvitations)?;
        let invitations = array.iter().filter(|entry| entry["check"] != true);
        let invitations = invitations.filter_map(|entry| entry["invitation"].as_str());
        return Ok(invitations.map(str::to_owned).collect());
    }
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let word = |line: &str| {
        let mut words = line.split([' ', '\t', ',', '"']);
        let link = words.clone().find(|word| word.contains("#i="));
        link.or_else(|| words.next_back()).map(str::to_owned)
    };
    Ok(lines.filter_map(word).collect())
}

/// Redeems all invitations, in their order.
pub async fn redeem(server: &Server, invitations: &[String]) -> Result<Vec<Person>, LoadError> {
    if invitations.is_empty() {
        return Err(LoadError::NoInvitations);
    }
    let redeemed = invitations
        .iter()
        .enumerate()
        .map(async |(at, invitation)| {
            let (token, person) = server
                .redeem(invitation)
                .await
                .map_err(|error| match error {
                    LoadError::Refused { code, detail } => LoadError::Invitation {
                        number: at + 1,
                        code,
                        detail,
                    },
                    other => other,
                })?;
            let text = |field: &str| person[field].as_str().unwrap_or_default().to_owned();
            let rooms = person["rooms"].as_array().into_iter().flatten();
            Ok::<_, LoadError>(Person {
                id: text("id"),
                invitation: invitation.clone(),
                token,
                role: text("role"),
                rooms: rooms
                    .filter_map(|room| room.as_str().map(str::to_owned))
                    .collect(),
            })
        });
    let mut redeemed = stream::iter(redeemed).buffered(AT_ONCE);
    let mut persons = Vec::new();
    while let Some(person) = redeemed.next().await {
        persons.push(person?);
    }
    Ok(persons)
}

/// Gives each room its moderator, publishers and listeners. Nobody is in two rooms, or does two things.
pub fn cast(
    mut persons: Vec<Person>,
    rooms: &[String],
    wanted: Wanted,
) -> Result<Vec<Cast>, LoadError> {
    let mut casts = Vec::new();
    for room in rooms {
        let mut take = |roles: &[&str]| {
            let fits = |person: &Person| {
                let enters = person.rooms.is_empty() || person.rooms.contains(room);
                enters && (roles.is_empty() || roles.contains(&person.role.as_str()))
            };
            let at = persons.iter().position(fits)?;
            Some(persons.remove(at))
        };
        let moderator = take(&["moderator"]);
        let publishers: Vec<Person> = (0..wanted.publishers)
            .map_while(|_| take(&["delegate"]))
            .collect();
        if publishers.len() < wanted.publishers {
            return Err(too_few(
                "publishers",
                wanted.publishers,
                publishers.len(),
                room,
            ));
        }
        let needed = wanted.listeners.div_ceil(wanted.devices.max(1));
        let heads: Vec<Person> = (0..needed).map_while(|_| take(&[])).collect();
        if heads.len() < needed {
            let have = heads.len() * wanted.devices;
            return Err(too_few("listeners", wanted.listeners, have, room));
        }
        let listeners = (0..wanted.devices).flat_map(|_| heads.clone());
        casts.push(Cast {
            room: room.clone(),
            moderator,
            publishers,
            listeners: listeners.take(wanted.listeners).collect(),
        });
    }
    Ok(casts)
}

fn too_few(what: &str, wanted: usize, have: usize, room: &str) -> LoadError {
    let hint = match what {
        "publishers" => "each takes the invitation of a delegate",
        _ => "each takes an invitation that nobody else uses; --devices lets one serve several",
    };
    LoadError::TooFew(format!(
        "{wanted} {what} are wanted in the room {room:?} and the invitations suffice for {have}: {hint}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, role: &str, rooms: &[&str]) -> Person {
        Person {
            id: id.to_owned(),
            invitation: String::new(),
            token: String::new(),
            role: role.to_owned(),
            rooms: rooms.iter().map(|room| (*room).to_owned()).collect(),
        }
    }

    #[test]
    fn invitations_are_read_from_json_lines_links_and_tables() {
        let json = r#" [{"person":"a","invitation":"eyA"},{"check":true,"invitation":"eyC"}]"#;
        assert_eq!(parse(json).unwrap(), ["eyA"]);
        let lines = "# ours\neyA\n\nhttp://127.0.0.1/#i=eyB\na,Anna,http://h/#i=eyC,2021-10-14\n";
        assert_eq!(
            parse(lines).unwrap(),
            ["eyA", "http://127.0.0.1/#i=eyB", "http://h/#i=eyC"]
        );
        assert!(parse("[{").is_err());
    }

    #[test]
    fn delegates_publish_a_moderator_moderates_and_the_others_listen() {
        let persons = vec![
            person("v", "viewer", &[]),
            person("d", "delegate", &["climate"]),
            person("m", "moderator", &[]),
            person("e", "delegate", &["health"]),
        ];
        let wanted = Wanted {
            publishers: 1,
            listeners: 2,
            devices: 2,
        };
        let casts = cast(persons, &["climate".to_owned()], wanted).unwrap();
        let [cast] = casts.as_slice() else { panic!() };
        assert_eq!(cast.moderator.as_ref().unwrap().id, "m");
        assert_eq!(cast.publishers[0].id, "d");
        let listeners: Vec<&str> = cast.listeners.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(listeners, ["v", "v"]);
    }

    #[test]
    fn too_few_invitations_are_told_by_a_sentence() {
        let wanted = Wanted {
            publishers: 0,
            listeners: 5,
            devices: 2,
        };
        let one = vec![person("v", "viewer", &[])];
        let error = cast(one, &["climate".to_owned()], wanted).unwrap_err();
        let sentence = error.to_string();
        assert!(sentence.contains("5 listeners") && sentence.contains("suffice for 2"));
    }
}
