//! A room as the engine knows it: its sessions, the scene in force, and the independent audit.

use std::{collections::HashMap, sync::Arc};

use plenary_ids::PersonId;
use plenary_scene::Scene;
use plenary_transport::sdp::Codec;

use crate::{audit::Audit, key::SessionKey, loudest::VOICES_HEARD};

/// The state of one room.
#[derive(Debug, Default)]
pub struct Room {
    /// The keys of its sessions in the core.
    pub sessions: Vec<SessionKey>,
    /// The other workers that serve it.
    pub others: Vec<usize>,
    /// The codecs for pictures that everybody decodes on each other worker.
    pub decodes: HashMap<usize, Vec<Codec>>,
    epoch: u64,
    scene: Scene,
    /// The participants among its voices who speak, as last reported.
    pub speaking: Arc<[PersonId]>,
    /// Where more may speak than are heard, their order: those who are heard first.
    pub heard: Vec<PersonId>,
    /// The independent check of what was forwarded.
    pub audit: Audit,
}

impl Room {
    /// The scene in force. Until the first is shown it allows nothing.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The participants who may be heard, in the order in which lines for voices are given to them.
    pub fn voices(&self) -> Vec<PersonId> {
        let voices = &self.scene.voices;
        if voices.len() <= VOICES_HEARD {
            return voices.clone();
        }
        let heard = self.heard.iter().filter(|it| voices.contains(it));
        let others = voices.iter().filter(|it| !self.heard.contains(it));
        heard.chain(others).cloned().collect()
    }

    /// The epoch of the scene in force.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Takes a scene. One of an earlier epoch than that in force came late: it may take away and never adds.
    pub fn show(&mut self, epoch: u64, scene: Scene) {
        self.scene = if epoch < self.epoch {
            self.scene.intersection(&scene)
        } else {
            self.epoch = epoch;
            scene
        };
        self.audit.note(&self.scene);
    }
}

#[cfg(test)]
mod tests {
    use plenary_ids::{Language, PersonId};
    use plenary_scene::{Reach, Source};

    use super::*;

    fn person(name: &str) -> PersonId {
        PersonId::new(name).unwrap()
    }

    fn scene(stage: &[&str], gallery: &[&str]) -> Scene {
        Scene {
            stage: stage.iter().copied().map(person).collect(),
            gallery: gallery.iter().copied().map(person).collect(),
            ..Scene::default()
        }
    }

    #[test]
    fn a_room_forwards_nothing_before_its_first_scene() {
        let room = Room::default();
        assert_eq!(room.scene().reach(&person("tokyo-1"), Source::Camera), None);
    }

    #[test]
    fn a_scene_that_comes_late_takes_away_and_never_adds() {
        let mut room = Room::default();
        room.show(5, scene(&[], &["seoul-1", "tokyo-1"]));
        room.show(4, scene(&["seoul-1", "tokyo-1"], &["tokyo-1"]));
        let reach = |name| room.scene().reach(&person(name), Source::Camera);
        assert_eq!(reach("tokyo-1"), Some(Reach::Tile));
        assert_eq!(reach("seoul-1"), None);
        room.show(4, Scene::default());
        room.show(4, scene(&[], &["tokyo-1"]));
        let reach = room.scene().reach(&person("tokyo-1"), Source::Camera);
        assert_eq!(
            reach, None,
            "a late scene does not take the place of a later epoch"
        );
    }

    #[test]
    fn a_scene_that_comes_late_gives_a_channel_to_nobody_and_not_to_the_floor() {
        let [ja, en, fr] = ["ja", "en", "fr"].map(|tag| Language::new(tag).unwrap());
        let scene = |named: &[(&Language, &str)]| Scene {
            channels: named
                .iter()
                .map(|(language, name)| ((*language).clone(), Some(person(name))))
                .collect(),
            ..Scene::default()
        };
        let mut room = Room::default();
        room.show(5, scene(&[(&ja, "kenji"), (&en, "aiko")]));
        room.show(4, scene(&[(&ja, "aiko"), (&fr, "kenji")]));
        let channels = &room.scene().channels;
        assert_eq!(channels, &[(ja, None), (en, None), (fr, None)].into());
        assert!(!room.scene().interprets(&person("kenji")));
    }
}
