//! What may and what must be heard and seen, read off a room's snapshot: domain.md again, in as few lines as possible,
//! so that the server's own derivation is held against another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::marks::From;

/// Where a source may appear: a `voice`, the `stage` or a `tile`.
pub type Wants = &'static str;

/// Whose source, and where it may appear; and whether it has to.
pub type Allowed = BTreeMap<(String, From, Wants), bool>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// By person.
pub fn allowed(room: &Value) -> Allowed {
    let floor = &room["floor"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let people = list(&room["participants"]);
    let seated: BTreeSet<String> = people
        .iter()
        .filter(|it| it["state"] == "seated")
        .map(|it| text(&it["person"]))
        .collect();
    let muted: BTreeSet<String> = people
        .iter()
        .filter(|it| it["muted"] == true)
        .map(|it| text(&it["person"]))
        .collect();
    let mut allowed = Allowed::new();
    let mut allow = |person: &str, from, wants, must: bool| {
        if seated.contains(person) && !(from == From::Microphone && muted.contains(person)) {
            let musts = allowed.entry((person.to_owned(), from, wants));
            *musts.or_default() |= must;
        }
    };

    for request in list(&floor["granted"]) {
        if request["substate"] == "live" {
            let holder = text(&request["beneficiary"]);
            allow(&holder, From::Microphone, "voice", true);
            allow(&holder, From::Camera, "stage", true);
            // Who is on stage may be left out of the tiles.
            allow(&holder, From::Camera, "tile", false);
        }
    }
    let chair = text(&floor["chair"]);
    allow(&chair, From::Microphone, "voice", true);
    allow(&chair, From::Camera, "tile", false);
    if floor["chair_priority"] == true {
        allow(&chair, From::Camera, "stage", true);
    }
    if room["gallery"] == true {
        for it in people
            .iter()
            .filter(|it| it["role"] == "delegate" || it["role"] == "moderator")
        {
            let person = text(&it["person"]);
            let on_stage = allowed_on_stage(floor, &person);
            let must = !on_stage;
            if seated.contains(&person) {
                *allowed.entry((person, From::Camera, "tile")).or_default() |= must;
            }
        }
    }
    allowed
}

fn allowed_on_stage(floor: &Value, person: &str) -> bool {
    floor["granted"].as_array().is_some_and(|granted| {
        granted
            .iter()
            .any(|it| it["beneficiary"] == person && it["substate"] == "live")
    }) || (floor["chair"] == person && floor["chair_priority"] == true)
}
