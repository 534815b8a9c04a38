//! Watchers: viewers without a name, who receive a room and take no place in it. The screen of a hall is one.

use plenary_ids::{PersonId, RoomId, wire_enum};

use crate::Conference;

wire_enum! {
    /// The kinds of watchers.
    pub enum Watching {
        /// The screen of a hall, or the picture of a stream.
        Display = "display",
    }
}

/// How much of a room's id stands in the id of its watchers, so that both stay within the length of an id.
const MAX_ROOM_CHARS: usize = 40;

impl Watching {
    /// The id on the wire of those who watch a room in that way: one that no person of the conference has.
    pub fn id_in(self, conference: &Conference, room: &RoomId) -> PersonId {
        let room: String = room.as_str().chars().take(MAX_ROOM_CHARS).collect();
        let mut number: u64 = 1;
        loop {
            let suffix = if number == 1 {
                String::new()
            } else {
                format!("-{number}")
            };
            if let Ok(id) = PersonId::new(&format!("{self}-{room}{suffix}"))
                && conference.person(&id).is_none()
            {
                return id;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &[u8] = include_bytes!("../../../config/conferences/cmc-2021.toml");

    #[test]
    fn a_watcher_has_the_id_of_no_person_and_of_no_other_way_to_watch() {
        let mut conference = crate::parse(EXAMPLE, "cmc-2021.toml").unwrap();
        let id = |conference: &Conference, room: &str| {
            let room = RoomId::new(room).unwrap();
            Watching::Display.id_in(conference, &room).to_string()
        };
        assert_eq!(id(&conference, "climate"), "display-climate");
        conference.persons[0].id = PersonId::new("display-climate").unwrap();
        assert_eq!(id(&conference, "climate"), "display-climate-2");
        let longest = "r".repeat(64);
        assert_eq!(id(&conference, &longest).len(), "display-".len() + 40);
    }
}
