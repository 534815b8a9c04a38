//! The registry of connected devices, found by session or by media session.

use bytes::Bytes;
use dashmap::DashMap;
use plenary_ids::{PersonId, RoomId};
use plenary_protocol::{CloseCode, SessionId};
use plenary_room::{DeviceHandle, StateKey};
use tokio::sync::Notify;

/// The registry. It locks one shard at a time and never across an await.
#[derive(Debug, Default)]
pub struct Sessions {
    devices: DashMap<SessionId, Device>,
    by_media: DashMap<plenary_media::SessionId, SessionId>,
    removed: Notify,
}

/// A device as the rest of the server reaches it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Where it is seated.
    pub room: RoomId,
    /// The participant whose device it is.
    pub person: PersonId,
    /// The invitation with which its participant came.
    pub invitation: String,
    /// The queue of messages to it.
    pub queue: DeviceHandle,
}

impl Device {
    /// Queues a state value as a text frame, in place of an unsent one. It never waits.
    pub fn push_state(&self, key: StateKey, text: Bytes) {
        self.queue.push_state(key, text);
    }
}

impl Sessions {
    /// The number of connected devices.
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether no device is connected.
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// Adds a device, and closes an older connection of the same session.
    pub fn add(&self, session: SessionId, device: Device) {
        if let Some(old) = self.devices.insert(session, device) {
            old.queue.close(CloseCode::Replaced);
        }
    }

    /// Removes a device, unless a newer connection has its session.
    pub fn remove(&self, session: &SessionId, device: &Device) {
        let is_own = |it: &Device| it.queue.is_same(&device.queue);
        self.devices.remove_if(session, |_, it| is_own(it));
        self.removed.notify_waiters();
    }

    /// Records which device a media session belongs to, or that the media session has ended.
    pub fn set_media(&self, media: plenary_media::SessionId, session: Option<&SessionId>) {
        match session {
            Some(session) => drop(self.by_media.insert(media, session.clone())),
            None => drop(self.by_media.remove(&media)),
        }
    }

    /// The device of a media session.
    pub fn of_media(&self, media: plenary_media::SessionId) -> Option<Device> {
        self.named_by_media(media).map(|(_, device)| device)
    }

    /// The device of a media session, and its own session.
    pub fn named_by_media(&self, media: plenary_media::SessionId) -> Option<(SessionId, Device)> {
        // Two maps are never locked at once.
        let session = self.by_media.get(&media).map(|session| session.clone())?;
        let device = self.devices.get(&session).map(|device| device.clone())?;
        Some((session, device))
    }

    /// Closes every device that came with a revoked invitation.
    pub fn close_invitation(&self, invitation: &str) {
        for device in self.devices.iter().filter(|it| it.invitation == invitation) {
            device.queue.close(CloseCode::Unauthorized);
        }
    }

    /// Waits until no device is connected.
    pub async fn until_empty(&self) {
        loop {
            let mut removed = std::pin::pin!(self.removed.notified());
            // Enlisted before the check, so that no removal between check and wait is missed.
            removed.as_mut().enable();
            if self.is_empty() {
                return;
            }
            removed.await;
        }
    }

    /// Closes every device.
    pub fn close_all(&self, code: CloseCode) {
        for device in &self.devices {
            device.queue.close(code);
        }
    }
}
