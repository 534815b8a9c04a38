//! The slots that a participant requests, and the server's announcements of what they show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::counters::Kind;

/// How many slots of each kind to offer, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// Audio slots for the participants who have the floor.
    pub voices: usize,
    /// One audio slot for the interpretation into each of these languages.
    pub languages: Vec<String>,
    /// Whether to request a video slot for the stage.
    pub stage: bool,
    /// Whether to request a video slot for a shared screen.
    pub screen: bool,
    /// Video slots for small pictures of seated participants.
    pub tiles: usize,
}

impl Slots {
    /// No slots: the participant receives nothing.
    pub const NONE: Self = Self {
        voices: 0,
        languages: Vec::new(),
        stage: false,
        screen: false,
        tiles: 0,
    };

    /// The kind and the request of each slot, in the order of the offer.
    pub(crate) fn wants(&self) -> impl Iterator<Item = (Kind, String)> {
        let audio = |wants: String| (Kind::Audio, wants);
        let video = |wants: &str| (Kind::Video, wants.to_owned());
        let voices = (0..self.voices).map(move |_| audio("voice".to_owned()));
        let languages = self.languages.iter();
        let languages = languages.map(move |language| audio(format!("lang:{language}")));
        let stage = self.stage.then(|| video("stage"));
        let screen = self.screen.then(|| video("screen"));
        let tiles = (0..self.tiles).map(move |_| video("tile"));
        voices
            .chain(languages)
            .chain(stage)
            .chain(screen)
            .chain(tiles)
    }
}

impl Default for Slots {
    /// Three voices and the stage: a listener without a gallery needs no more.
    fn default() -> Self {
        Self {
            voices: 3,
            stage: true,
            ..Self::NONE
        }
    }
}

/// A slot that was offered: its m-line, and what was requested for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// The m-line's identifier (RFC 8843) in the offer.
    pub mid: String,
    /// `voice`, `lang:` with a language, `stage`, `screen`, `tile`, or `tile:` with a person.
    pub wants: String,
}

/// The source that a slot carries, by the server's announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shows {
    /// The id of the person whose source it is.
    pub participant: String,
    /// The source: `microphone`, `camera` or `screen`.
    pub source: String,
    /// Whether the picture is the stage's rather than a small one.
    #[serde(default)]
    pub stage: bool,
    /// Whether the server paused it because the participant's bandwidth does not suffice.
    #[serde(default)]
    pub paused: bool,
}

/// The latest announcement for each slot.
pub(crate) type Showing = BTreeMap<String, Option<Shows>>;

/// The server's `slots` message, which announces changes.
#[derive(Debug, Deserialize)]
pub(crate) struct Announcement {
    slots: Vec<Announced>,
}

#[derive(Debug, Deserialize)]
struct Announced {
    mid: String,
    #[serde(default)]
    shows: Option<Shows>,
}

impl Announcement {
    /// Applies the announcement, which lists only the slots that changed.
    pub(crate) fn apply(self, showing: &mut Showing) {
        showing.extend(self.slots.into_iter().map(|slot| (slot.mid, slot.shows)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slots_are_requested_in_the_order_of_the_fields() {
        let slots = Slots {
            voices: 2,
            languages: vec!["ja".to_owned()],
            stage: true,
            screen: true,
            tiles: 1,
        };
        let wants: Vec<_> = slots.wants().map(|(_, wants)| wants).collect();
        assert_eq!(
            wants,
            ["voice", "voice", "lang:ja", "stage", "screen", "tile"]
        );
    }

    #[test]
    fn an_announcement_changes_only_the_slots_that_it_lists() -> serde_json::Result<()> {
        let tokyo = json!({"participant": "tokyo-1", "source": "camera", "stage": true});
        let first = json!({"slots": [{"mid": "4", "shows": tokyo}, {"mid": "5", "shows": null}]});
        let second = json!({"slots": [{"mid": "5", "shows": tokyo}]});
        let mut showing = Showing::new();
        for message in [first, second] {
            Announcement::deserialize(message)?.apply(&mut showing);
        }
        assert_eq!(showing.get("4"), showing.get("5"));
        assert!(showing.get("4").is_some_and(Option::is_some));
        Ok(())
    }
}
