//! The slots that a participant asks for, and what the server says that they show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::counters::Kind;

/// How many slots of each sort to offer, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// Audio slots for whoever is heard.
    pub voices: usize,
    /// An audio slot for each of these languages.
    pub languages: Vec<String>,
    /// Whether to ask for the stage's picture.
    pub stage: bool,
    /// Whether to ask for a shared screen.
    pub screen: bool,
    /// Small pictures of those who are seated.
    pub tiles: usize,
}

impl Slots {
    /// No slot at all: publishes and receives nothing.
    pub const NONE: Self = Self {
        voices: 0,
        languages: Vec::new(),
        stage: false,
        screen: false,
        tiles: 0,
    };

    /// Each slot's kind and what it wants, in the order of the offer.
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
    /// Three voices and the stage, as a listener without a gallery needs.
    fn default() -> Self {
        Self {
            voices: 3,
            stage: true,
            ..Self::NONE
        }
    }
}

/// One slot of this participant: which line it is and what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// The line's identifier in the offer.
    pub mid: String,
    /// `voice`, `lang:` with a language, `stage`, `screen` or `tile`.
    pub wants: String,
}

/// Whose source flows in a slot, by the server's announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shows {
    /// The person.
    pub participant: String,
    /// `microphone`, `camera` or `screen`.
    pub source: String,
    /// Whether it is shown as the stage rather than small.
    #[serde(default)]
    pub stage: bool,
    /// Whether nothing flows because the path to this participant has no room for it.
    #[serde(default)]
    pub paused: bool,
}

/// The latest announcement for every slot that was ever announced.
pub(crate) type Showing = BTreeMap<String, Option<Shows>>;

/// The `slots` message of the contract.
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
    /// An announcement speaks of the slots that changed; the others stay as they were.
    pub(crate) fn apply(self, showing: &mut Showing) {
        showing.extend(self.slots.into_iter().map(|slot| (slot.mid, slot.shows)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slots_are_asked_for_in_the_order_of_the_fields() {
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
    fn an_announcement_replaces_what_it_names_and_leaves_the_rest() -> serde_json::Result<()> {
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
