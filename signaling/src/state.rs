//! The state that every handler shares.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use dashmap::DashMap;
use plenary_conference::{Conference, Keys};
use plenary_floor::Speech;
use plenary_ids::{PersonId, RoomId, Seq};
use plenary_journal::Journal;
use plenary_media::Media;
use plenary_protocol::{Channel, Participant};
use plenary_room::{Clock, RoomHandle};
use tokio::sync::watch;

use crate::{
    documents::Documents,
    machine::{DiskSpace, ServerHealth},
    rate::{Origin, Quota, RateLimiter},
    sessions::Sessions,
};

/// A server of one conference.
#[derive(Debug)]
pub struct App {
    /// The conference file.
    pub conference: Conference,
    /// Signs and verifies invitations and tokens.
    pub keys: Keys,
    /// The clock that all rooms share.
    pub clock: Clock,
    /// The log of every room.
    pub journal: Journal,
    /// The rooms' tasks.
    pub rooms: DashMap<RoomId, RoomHandle>,
    /// The connected devices.
    pub sessions: Sessions,
    /// The selective forwarding unit (SFU).
    pub media: Media,
    /// The deadlines and rate limits of connections and requests.
    pub limits: Limits,
    /// The space on the disk of the data folder, as of the last check.
    pub(crate) disk_space: watch::Receiver<Option<DiskSpace>>,
    /// Each room as of its last health report.
    pub(crate) last_known_rooms: DashMap<RoomId, LastKnownRoom>,
    /// Limits each person's HTTP requests.
    pub request_limiter: RateLimiter<PersonId>,
    /// Limits the invalid invitations from each address.
    pub guess_limiter: RateLimiter<Origin>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Vec<IpAddr>,
    /// The published documents of the API.
    pub(crate) documents: Documents,
    pub(crate) draining: AtomicBool,
}

/// What a health report says of a room that does not answer in time.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastKnownRoom {
    pub(crate) seq: Seq,
    pub(crate) participants: Vec<Participant>,
    pub(crate) channels: Vec<Channel>,
    /// The speeches whose recordings have stalled.
    pub(crate) stalled: Vec<Speech>,
}

/// The deadlines and rate limits of connections and requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a connection may take to send its hello.
    pub hello_timeout: Duration,
    /// For a device that only receives.
    pub reader: Heartbeat,
    /// For a device that publishes: the room must learn soon that a speaker is no longer heard.
    pub publisher: Heartbeat,
    /// How long a client may take to receive one message.
    pub write_timeout: Duration,
    /// For the messages of one connection: an offer, its candidates, and a participant who clicks about.
    pub messages: Quota,
    /// For the HTTP requests of one person: a program that polls, and one that runs a whole meeting at once.
    pub requests: Quota,
    /// For the invalid invitations from one address: a whole delegation may mistype, but nobody may guess.
    pub guesses: Quota,
}

/// How a dead connection is told from a quiet one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// How long after a ping the next one is sent.
    pub ping_interval: Duration,
    /// How long a connection may be silent before it is dead.
    pub silence_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_timeout: Duration::from_secs(10),
            reader: Heartbeat {
                ping_interval: Duration::from_secs(10),
                silence_timeout: Duration::from_secs(30),
            },
            publisher: Heartbeat {
                ping_interval: Duration::from_secs(2),
                silence_timeout: Duration::from_secs(6),
            },
            write_timeout: Duration::from_secs(10),
            messages: Quota {
                burst: 200,
                per_minute: 3000,
            },
            requests: Quota {
                burst: 1000,
                per_minute: 6000,
            },
            guesses: Quota {
                burst: 60,
                per_minute: 60,
            },
        }
    }
}

impl App {
    /// The task of a room.
    pub fn room(&self, id: &RoomId) -> Option<RoomHandle> {
        self.rooms.get(id).map(|room| room.clone())
    }

    /// Whether the server shuts down, and takes no more connections and commands.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// The health of the machine at this moment. It waits for nothing, least of all for the disk.
    pub fn server_health(&self) -> ServerHealth {
        ServerHealth::new(
            &self.journal.health(),
            *self.disk_space.borrow(),
            self.clock.now(),
        )
    }
}
