//! What every handler shares.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use dashmap::DashMap;
use plenary_conference::{Conference, Keys};
use plenary_ids::{PersonId, RoomId};
use plenary_journal::Journal;
use plenary_media::Media;
use plenary_room::{Clock, RoomHandle};
use tokio::sync::watch;

use crate::{
    http::health::Known,
    machine::Space,
    rate::{Buckets, Origin, Quota},
    sessions::Sessions,
};

/// One conference being served.
#[derive(Debug)]
pub struct App {
    /// What its file says.
    pub conference: Conference,
    /// Who is let in.
    pub keys: Keys,
    /// The one clock.
    pub clock: Clock,
    /// What was recorded.
    pub journal: Journal,
    /// Its rooms' tasks.
    pub rooms: DashMap<RoomId, RoomHandle>,
    /// The devices that are connected.
    pub sessions: Sessions,
    /// The media engine.
    pub media: Media,
    /// How patient the server is.
    pub limits: Limits,
    /// How much room the disk had when it was last looked at.
    pub(crate) space: watch::Sender<Option<Space>>,
    /// Who was in each room when somebody last asked for its health.
    pub(crate) known: DashMap<RoomId, Known>,
    /// What each person may still ask over HTTP.
    pub calls: Buckets<PersonId>,
    /// How many wrong invitations may still come from each address.
    pub guesses: Buckets<Origin>,
    /// The proxies whose word on the caller's address counts.
    pub proxies: Vec<IpAddr>,
    pub(crate) draining: AtomicBool,
}

/// How patient the server is with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the hello.
    pub hello: Duration,
    /// With somebody who only reads along.
    pub reader: Pulse,
    /// With somebody who sends sound and picture: the room is to know soon that a speaker is not heard.
    pub speaker: Pulse,
    /// With a reader who does not take one message.
    pub write: Duration,
    /// With one connection's messages: an offer, a list of candidates, and somebody who clicks about.
    pub messages: Quota,
    /// With one person's calls over HTTP: a program that looks often, and one that does a whole meeting at once.
    pub calls: Quota,
    /// With one address's invitations that are not valid: a whole delegation that mistypes, not one that guesses.
    pub guesses: Quota,
}

/// How a connection that has gone dead is told from a quiet one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// Between signs of life that are asked for.
    pub ping: Duration,
    /// Without a sign of life, it is dead.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(10),
            reader: Pulse {
                ping: Duration::from_secs(10),
                silence: Duration::from_secs(30),
            },
            speaker: Pulse {
                ping: Duration::from_secs(2),
                silence: Duration::from_secs(6),
            },
            write: Duration::from_secs(10),
            messages: Quota {
                burst: 200,
                a_minute: 3000,
            },
            calls: Quota {
                burst: 1000,
                a_minute: 6000,
            },
            guesses: Quota {
                burst: 60,
                a_minute: 60,
            },
        }
    }
}

impl App {
    /// A room's task.
    pub fn room(&self, id: &RoomId) -> Option<RoomHandle> {
        self.rooms.get(id).map(|room| room.clone())
    }

    /// Whether newcomers are sent elsewhere.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
