//! The media plane as a room sees it.

use std::{fmt, future::Future, pin::Pin};

use plenary_ids::RoomId;

use crate::Scene;

/// Puts a room's scenes into force.
pub trait MediaPlane: Send + Sync + fmt::Debug {
    /// Puts a scene into force. `epoch` rises with every call for a room. The future completes once every source that
    /// the scene does not allow has stopped flowing.
    fn show(
        &self,
        room: &RoomId,
        epoch: u64,
        scene: Scene,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
