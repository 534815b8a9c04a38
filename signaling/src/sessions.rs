//! Who is connected: every device in every room, found by session or by media session.

use bytes::Bytes;
use dashmap::DashMap;
use plenary_ids::{PersonId, RoomId};
use plenary_protocol::{CloseCode, SessionId};
use tokio::sync::{Notify, mpsc, watch};

/// Words from others that may wait for one device.
const DIRECT_DEPTH: usize = 64;

/// The registry. It locks a shard at a time and never across an await.
#[derive(Debug, Default)]
pub struct Sessions {
    devices: DashMap<SessionId, Device>,
    of_media: DashMap<plenary_media::SessionId, SessionId>,
    gone: Notify,
}

/// A device as others reach it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Where it is.
    pub room: RoomId,
    /// Whose it is.
    pub person: PersonId,
    /// By what invitation it came.
    pub invitation: String,
    direct: mpsc::Sender<Bytes>,
    end: watch::Sender<Option<CloseCode>>,
}

/// The device's own end.
#[derive(Debug)]
pub struct Inbox {
    /// Text frames for it alone.
    pub direct: mpsc::Receiver<Bytes>,
    /// Set when it has to go.
    pub end: watch::Receiver<Option<CloseCode>>,
}

impl Device {
    /// A device and its own end.
    pub fn new(room: RoomId, person: PersonId, invitation: String) -> (Self, Inbox) {
        let (direct, inbox) = mpsc::channel(DIRECT_DEPTH);
        let (end, ended) = watch::channel(None);
        (
            Self {
                room,
                person,
                invitation,
                direct,
                end,
            },
            Inbox {
                direct: inbox,
                end: ended,
            },
        )
    }

    /// Sends it a text frame; one that is too far behind has to go.
    pub fn tell(&self, text: Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.direct.try_send(text) {
            self.end(CloseCode::RateLimited);
        }
    }

    /// Sends it a text frame that may as well be lost; one that is behind does not get it.
    pub fn hint(&self, text: Bytes) {
        if self.direct.capacity() > DIRECT_DEPTH / 2 {
            let _ = self.direct.try_send(text);
        }
    }

    /// Makes it go; the first reason stands.
    pub fn end(&self, code: CloseCode) {
        self.end
            .send_if_modified(|end| end.replace(end.unwrap_or(code)).is_none());
    }
}

impl Sessions {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// Adds a device. One of the same session, as after a lost connection, is replaced.
    pub fn add(&self, session: SessionId, device: Device) {
        if let Some(old) = self.devices.insert(session, device) {
            old.end(CloseCode::Replaced);
        }
    }

    /// Forgets a device, unless another took its place.
    pub fn remove(&self, session: &SessionId, device: &Device) {
        let own = |it: &Device| it.end.same_channel(&device.end);
        self.devices.remove_if(session, |_, it| own(it));
        self.gone.notify_waiters();
    }

    /// Notes whose media session that is, or that it ended.
    pub fn set_media(&self, media: plenary_media::SessionId, session: Option<&SessionId>) {
        match session {
            Some(session) => drop(self.of_media.insert(media, session.clone())),
            None => drop(self.of_media.remove(&media)),
        }
    }

    /// The device of a media session.
    pub fn of_media(&self, media: plenary_media::SessionId) -> Option<Device> {
        self.named_by_media(media).map(|(_, device)| device)
    }

    /// The device of a media session, and what it is called.
    pub fn named_by_media(&self, media: plenary_media::SessionId) -> Option<(SessionId, Device)> {
        // Two registries are never locked at once.
        let session = self.of_media.get(&media).map(|session| session.clone())?;
        let device = self.devices.get(&session).map(|device| device.clone())?;
        Some((session, device))
    }

    /// Ends every device that came by that invitation.
    pub fn expel(&self, invitation: &str) {
        for device in self.devices.iter().filter(|it| it.invitation == invitation) {
            device.end(CloseCode::Unauthorized);
        }
    }

    /// Waits until the last device is gone.
    pub async fn until_empty(&self) {
        loop {
            let mut gone = std::pin::pin!(self.gone.notified());
            // Enlisted before the look, so that nobody goes unnoticed between look and wait.
            gone.as_mut().enable();
            if self.is_empty() {
                return;
            }
            gone.await;
        }
    }

    /// Ends every device.
    pub fn end_all(&self, code: CloseCode) {
        self.devices.iter().for_each(|device| device.end(code));
    }
}
