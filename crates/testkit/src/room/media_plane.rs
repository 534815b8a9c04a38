//! Media planes without media.

use std::future::ready;

use plenary_ids::RoomId;
use plenary_room::{InForce, MediaPlane, Playback, Scene};
use tokio::sync::watch;

/// Brings every scene into force at once, and forgets it.
#[derive(Debug)]
pub struct IdleMediaPlane;

impl MediaPlane for IdleMediaPlane {
    fn show(&self, _: &RoomId, _: u64, _: Scene) -> InForce {
        Box::pin(ready(()))
    }

    fn play(&self, _: &RoomId, _: Option<Playback>) {}
}

/// Records the scenes that it is shown, and brings them into force at once unless it is held.
#[derive(Debug)]
pub struct RecordingMediaPlane {
    scenes: watch::Sender<Vec<Scene>>,
    /// How many scenes may be in force.
    allowed: watch::Sender<usize>,
    played: watch::Sender<Vec<Option<Playback>>>,
}

impl Default for RecordingMediaPlane {
    fn default() -> Self {
        Self {
            scenes: watch::Sender::new(Vec::new()),
            allowed: watch::Sender::new(usize::MAX),
            played: watch::Sender::new(Vec::new()),
        }
    }
}

impl RecordingMediaPlane {
    pub fn count(&self) -> usize {
        self.scenes.borrow().len()
    }

    /// The scenes after the first `count`.
    pub fn since(&self, count: usize) -> Vec<Scene> {
        self.scenes.borrow().iter().skip(count).cloned().collect()
    }

    pub fn last(&self) -> Scene {
        self.scenes.borrow().last().cloned().unwrap_or_default()
    }

    /// From now on a scene comes into force only when [`Self::release_one`] lets it.
    pub fn hold(&self) {
        self.allowed.send_replace(self.count());
    }

    pub fn release_one(&self) {
        self.allowed.send_modify(|count| *count += 1);
    }

    /// Everything that it was told to play, in order.
    pub fn played(&self) -> Vec<Option<Playback>> {
        self.played.borrow().clone()
    }

    /// What it plays now.
    pub fn playback(&self) -> Option<Playback> {
        self.played.borrow().last().cloned().flatten()
    }

    /// Waits for so many scenes, and returns the last one.
    pub async fn wait_for(&self, count: usize) -> Scene {
        let mut scenes = self.scenes.subscribe();
        let enough = scenes.wait_for(|scenes| scenes.len() >= count).await;
        let last = enough.expect("a media plane").last().cloned();
        last.unwrap_or_default()
    }
}

impl MediaPlane for RecordingMediaPlane {
    fn show(&self, _: &RoomId, _: u64, scene: Scene) -> InForce {
        self.scenes.send_modify(|scenes| scenes.push(scene));
        let (count, mut allowed) = (self.count(), self.allowed.subscribe());
        Box::pin(async move {
            let _ = allowed.wait_for(|allowed| *allowed >= count).await;
        })
    }
    fn play(&self, _: &RoomId, playback: Option<Playback>) {
        self.played.send_modify(|played| played.push(playback));
    }
}
