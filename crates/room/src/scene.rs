//! What may flow in a room, as a function of its state.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    future::Future,
    pin::Pin,
};

use plenary_ids::{PersonId, RoomId};
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
        Self {
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
}
