//! What a participant may and must receive, derived from a room's snapshot by the rules of order in as few lines as
//! possible. It shares nothing with the server's own derivation, which is checked against it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::frames::Track;

/// Where a source may appear: a `voice`, the `stage`, a `tile`, or a language such as `lang:ja`.
pub type Wants = String;

/// The person, the track and the slot of each flow that is allowed, and whether it is required.
pub type Allowed = BTreeMap<(String, Track, Wants), bool>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// What a listener may and must receive.
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
    let has_voice = |person: &String| seated.contains(person) && !muted.contains(person);
    let mut allowed = Allowed::new();
    let mut allow = |person: &str, track, wants: &str, must: bool| {
        if seated.contains(person) && !(track == Track::Microphone && muted.contains(person)) {
            let flow = (person.to_owned(), track, wants.to_owned());
            *allowed.entry(flow).or_default() |= must;
        }
    };

    let granted = list(&floor["granted"]);
    let live = granted.iter().filter(|it| it["substate"] == "live");
    let holders: Vec<String> = live.map(|it| text(&it["beneficiary"])).collect();
    for holder in &holders {
        allow(holder, Track::Microphone, "voice", true);
        allow(holder, Track::Camera, "stage", true);
        // A person on stage may be left out of the tiles.
        allow(holder, Track::Camera, "tile", false);
    }
    let chair = text(&floor["chair"]);
    allow(&chair, Track::Microphone, "voice", true);
    allow(&chair, Track::Camera, "tile", false);
    let has_priority = floor["chair_priority"] == true;
    if has_priority {
        allow(&chair, Track::Camera, "stage", true);
    }
    if room["gallery"] == true {
        let shown = |it: &&Value| it["role"] == "delegate" || it["role"] == "moderator";
        for person in people.iter().filter(shown).map(|it| text(&it["person"])) {
            let on_stage = holders.contains(&person) || (chair == person && has_priority);
            allow(&person, Track::Camera, "tile", !on_stage);
        }
    }

    // A slot for a language carries one voice: its interpreter's, or the first of the floor's, of which the chair's is last.
    let floor_voice = holders.iter().chain([&chair]);
    let floor_voice = floor_voice.filter(|it| has_voice(it));
    let floor_voice = floor_voice.clone().find(|it| *it != listener).cloned();
    for channel in list(&room["channels"]) {
        let wants = format!("lang:{}", text(&channel["language"]));
        let interpreter = text(&channel["interpreter"]);
        if channel["state"] == "interpreted" {
            allow(&interpreter, Track::Microphone, &wants, true);
        } else if let Some(voice) = &floor_voice {
            allow(voice, Track::Microphone, &wants, true);
        }
    }
    allowed
}
