//! What may flow in a room, as a function of its state.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    future::Future,
    pin::Pin,
};

use plenary_ids::{Language, PersonId, RoomId};
use plenary_protocol::Source;

/// How far a source may be shown; the wider reach includes the narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Small, among the seated; never on stage and never as sound.
    Tile,
    /// On stage, and heard.
    Stage,
}

/// What may flow, and what is to be shown of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    /// What may be forwarded; everything else is not.
    pub allow: BTreeMap<(PersonId, Source), Reach>,
    /// Whose picture is on stage, the longest there first.
    pub stage: Vec<PersonId>,
    /// Whose voice is heard.
    pub voices: Vec<PersonId>,
    /// Whose picture is shown small.
    pub tiles: Vec<PersonId>,
    /// Whose microphone each language carries, and nowhere else is it heard; nothing flows while the channel changes
    /// hands. A language that is not named passes the floor's voices through.
    pub channels: BTreeMap<Language, Option<PersonId>>,
}

impl Scene {
    /// What both scenes allow: the step between them that nobody gains by.
    #[must_use]
    pub fn shrunk_to(&self, next: &Self) -> Self {
        let allow = self
            .allow
            .iter()
            .filter_map(|(source, reach)| {
                Some((source.clone(), (*reach).min(*next.allow.get(source)?)))
            })
            .collect();
        // A room of a thousand has a thousand tiles.
        let both = |now: &[PersonId], then: &[PersonId]| {
            let then: HashSet<&PersonId> = then.iter().collect();
            now.iter().filter(|it| then.contains(it)).cloned().collect()
        };
        let languages = self.channels.keys().chain(next.channels.keys());
        let channels = languages.map(|language| {
            let (now, then) = (self.channels.get(language), next.channels.get(language));
            let stays = now.filter(|now| then == Some(*now)).cloned();
            (language.clone(), stays.flatten())
        });
        Self {
            channels: channels.collect(),
            allow,
            stage: both(&self.stage, &next.stage),
            voices: both(&self.voices, &next.voices),
            tiles: both(&self.tiles, &next.tiles),
        }
    }
}

/// The media plane, as a room sees it.
pub trait Stage: Send + Sync + fmt::Debug {
    /// Brings a scene into force. `epoch` rises with every call for a room. The future ends when everything that the
    /// scene does not allow has stopped flowing.
    fn show(
        &self,
        room: &RoomId,
        epoch: u64,
        scene: Scene,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_scenes_only_what_both_allow_flows_at_the_lower_reach() {
        let person = |name: &str| PersonId::new(name).unwrap();
        let scene = |rows: &[(&str, Source, Reach)]| Scene {
            allow: rows
                .iter()
                .map(|(name, source, reach)| ((person(name), *source), *reach))
                .collect(),
            ..Scene::default()
        };
        let tokyo_speaks = scene(&[
            ("tokyo-1", Source::Microphone, Reach::Stage),
            ("tokyo-1", Source::Camera, Reach::Stage),
            ("seoul-1", Source::Camera, Reach::Tile),
        ]);
        let seoul_speaks = scene(&[
            ("seoul-1", Source::Microphone, Reach::Stage),
            ("seoul-1", Source::Camera, Reach::Stage),
            ("tokyo-1", Source::Camera, Reach::Tile),
        ]);
        let between = scene(&[
            ("tokyo-1", Source::Camera, Reach::Tile),
            ("seoul-1", Source::Camera, Reach::Tile),
        ]);
        assert_eq!(tokyo_speaks.shrunk_to(&seoul_speaks), between);
    }

    #[test]
    fn between_two_interpreters_or_one_and_the_floor_a_channel_is_silent() {
        let (ja, en) = (Language::new("ja").unwrap(), Language::new("en").unwrap());
        let scene = |rows: &[(&Language, Option<&str>)]| Scene {
            channels: rows
                .iter()
                .map(|(language, name)| {
                    let name = name.map(|name| PersonId::new(name).unwrap());
                    ((*language).clone(), name)
                })
                .collect(),
            ..Scene::default()
        };
        let both = scene(&[(&ja, Some("kenji")), (&en, Some("mary"))]);
        let handed_over = scene(&[(&ja, Some("aiko")), (&en, Some("mary"))]);
        let dropped = scene(&[(&en, Some("mary"))]);
        let between = scene(&[(&ja, None), (&en, Some("mary"))]);
        assert_eq!(both.shrunk_to(&handed_over), between);
        assert_eq!(both.shrunk_to(&dropped), between);
        assert_eq!(dropped.shrunk_to(&both), between);
    }
}
