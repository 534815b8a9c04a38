//! The media plane as a room sees it.

use std::{fmt, future::Future, pin::Pin};

use plenary_ids::RoomId;

use crate::{Playback, Scene};

/// Completes once a scene is in force: every source that it does not allow has stopped flowing.
pub type InForce = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Puts a room's scenes into force, and plays its recordings.
pub trait MediaPlane: Send + Sync + fmt::Debug {
    /// Begins to put a scene into force, whether or not anybody waits for it. `epoch` rises with every call for a room.
    fn show(&self, room: &RoomId, epoch: u64, scene: Scene) -> InForce;

    /// Plays what a room wants to be played from now on, or nothing. Within a generation only `running` changes: the player
    /// stands still and goes on where it is. It is called before a scene that lets the recording through, and after one that
    /// does not.
    fn play(&self, room: &RoomId, playback: Option<Playback>);
}
