//! What may and what must be heard and seen, read off a room's snapshot: domain.md again, in as few lines as possible,
//! so that the server's own derivation is held against another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::marks::From;

/// Where a source may appear: a `voice`, the `stage`, a `tile`, or a language such as `lang:ja`.
pub type Wants = String;

/// Whose source, and where it may appear; and whether it has to.
pub type Allowed = BTreeMap<(String, From, Wants), bool>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// What one person may and must get of the others, by person.
pub fn allowed(room: &Value, listener: &str) -> Allowed {
    let floor = &room["floor"];
    let people = list(&room["participants"]);
    let having = |what: &str, value: Value| -> BTreeSet<String> {
        let all = people.iter().filter(|it| it[what] == value);
        all.map(|it| text(&it["person"])).collect()
    };
    let (seated, muted) = (
        having("state", "seated".into()),
        having("muted", true.into()),
    );
    let is_heard = |person: &String| seated.contains(person) && !muted.contains(person);
    let mut allowed = Allowed::new();
    let mut allow = |person: &str, from, wants: &str, must: bool| {
        if seated.contains(person) && !(from == From::Microphone && muted.contains(person)) {
            let way = (person.to_owned(), from, wants.to_owned());
            *allowed.entry(way).or_default() |= must;
        }
    };

    let granted = list(&floor["granted"]);
    let live = granted.iter().filter(|it| it["substate"] == "live");
    let holders: Vec<String> = live.map(|it| text(&it["beneficiary"])).collect();
    for holder in &holders {
        allow(holder, From::Microphone, "voice", true);
        allow(holder, From::Camera, "stage", true);
        // Who is on stage may be left out of the tiles.
        allow(holder, From::Camera, "tile", false);
    }
    let chair = text(&floor["chair"]);
    allow(&chair, From::Microphone, "voice", true);
    allow(&chair, From::Camera, "tile", false);
    let has_priority = floor["chair_priority"] == true;
    if has_priority {
        allow(&chair, From::Camera, "stage", true);
    }
    if room["gallery"] == true {
        let shown = |it: &&Value| it["role"] == "delegate" || it["role"] == "moderator";
        for person in people.iter().filter(shown).map(|it| text(&it["person"])) {
            let on_stage = holders.contains(&person) || (chair == person && has_priority);
            allow(&person, From::Camera, "tile", !on_stage);
        }
    }

    // A line for a language carries one voice: its interpreter's, or the first of the floor's, the chair's last.
    let floor_voice = holders.iter().chain([&chair]);
    let floor_voice = floor_voice.filter(|it| is_heard(it));
    let floor_voice = floor_voice.clone().find(|it| *it != listener).cloned();
    for channel in list(&room["channels"]) {
        let wants = format!("lang:{}", text(&channel["language"]));
        let interpreter = text(&channel["interpreter"]);
        if channel["state"] == "interpreted" {
            allow(&interpreter, From::Microphone, &wants, true);
        } else if let Some(voice) = &floor_voice {
            allow(voice, From::Microphone, &wants, true);
        }
    }
    allowed
}
