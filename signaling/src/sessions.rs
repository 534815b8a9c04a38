//! The registry of connected devices, found by session or by media session.

use std::time::Duration;

use bytes::Bytes;
use dashmap::DashMap;
use plenary_conference::Watching;
use plenary_ids::{PersonId, RoomId};
use plenary_protocol::{CloseCode, SessionId};
use plenary_room::{DeviceHandle, StateKey};
use tokio::{sync::Notify, time::Instant};

use crate::allowances::count_limited;

/// The registry. It locks one shard at a time and never across an await.
#[derive(Debug, Default)]
pub struct Sessions {
    devices: DashMap<SessionId, Device>,
    /// The sessions of each person, but for watchers.
    by_person: DashMap<PersonId, Vec<SessionId>>,
    by_media: DashMap<plenary_media::SessionId, SessionId>,
    removed: Notify,
}

/// A device as the rest of the server reaches it.
#[derive(Debug, Clone)]
pub struct Device {
    /// The room in which it is seated.
    pub room: RoomId,
    /// The participant whose device it is.
    pub person: PersonId,
    /// The invitation with which its participant came.
    pub invitation: String,
    /// As what it watches without a place in the room; none of a participant's device.
    pub watching: Option<Watching>,
    /// The queue of messages to it.
    pub queue: DeviceHandle,
    /// When it took its seat.
    pub seated_at: Instant,
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

    /// Adds a device, and closes an older connection of the same session. If its person has more than `max_devices` then,
    /// the others make way, the oldest first and one that publishes last: a new device is let in, whatever else is
    /// connected in that person's name. Watchers are bounded before they are added, and make way for nobody.
    pub fn add(&self, session: &SessionId, device: Device, max_devices: usize) {
        let (person, watches) = (device.person.clone(), device.watching.is_some());
        if let Some(old) = self.devices.insert(session.clone(), device) {
            old.queue.close(CloseCode::Replaced);
        }
        if watches {
            return;
        }
        // Two maps are never locked at once.
        let mut sessions = self.by_person.entry(person).or_default();
        let known = sessions.clone();
        if !known.contains(session) {
            sessions.push(session.clone());
        }
        drop(sessions);
        let others = known.iter().filter(|it| *it != session);
        let others = others.filter_map(|it| self.devices.get(it).map(|device| device.clone()));
        let mut others: Vec<Device> = others.filter(|it| !it.queue.is_closed()).collect();
        let surplus = (others.len() + 1).saturating_sub(max_devices);
        others.sort_by_key(|it| (it.queue.is_publishing(), it.seated_at));
        for device in others.iter().take(surplus) {
            count_limited("devices");
            device.queue.close(CloseCode::Replaced);
        }
    }

    /// For how long each has watched a room in that way, the longest first.
    pub fn watchers(&self, room: &RoomId, watching: Watching) -> Vec<Duration> {
        let devices = self.devices.iter();
        let watchers = devices.filter(|it| it.watching == Some(watching) && it.room == *room);
        let mut watched: Vec<_> = watchers.map(|it| it.seated_at.elapsed()).collect();
        watched.sort_by(|a, b| b.cmp(a));
        watched
    }

    /// Removes a device, unless a newer connection has its session.
    pub fn remove(&self, session: &SessionId, device: &Device) {
        let is_own = |it: &Device| it.queue.is_same(&device.queue);
        let removed = self.devices.remove_if(session, |_, it| is_own(it));
        if removed.is_some() {
            if let Some(mut sessions) = self.by_person.get_mut(&device.person) {
                sessions.retain(|it| it != session);
            }
            self.by_person
                .remove_if(&device.person, |_, sessions| sessions.is_empty());
        }
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
