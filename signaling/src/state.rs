//! The state that every handler shares.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use dashmap::DashMap;
use plenary_conference::{Conference, Keys};
use plenary_floor::Speech;
use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::Journal;
use plenary_library::{Library, Player, Uploads};
use plenary_media::Media;
use plenary_protocol::{Channel, ChatLine, Participant};
use plenary_room::{RoomHandle, TimeSource};
use tokio::sync::{Semaphore, watch};

use crate::{
    allowances::Allowances,
    checks::Checks,
    clock::MachineClock,
    connections::Connections,
    documents::Documents,
    machine::{DiskSpace, ServerHealth},
    receiving::Receiving,
    record::RoomRecorder,
    relays::Relays,
    sessions::Sessions,
    tls::CertificateStore,
    watchers::Watchers,
    whip::HttpSessions,
};

pub use crate::limits::{Heartbeat, Limits, PhaseTimeouts};

/// A server of one conference.
#[derive(Debug)]
pub struct App {
    /// The conference file.
    pub conference: Conference,
    /// Signs and verifies invitations and tokens.
    pub keys: Keys,
    /// The machine's clock, by which invitations and tokens expire.
    pub(crate) clock: Arc<MachineClock>,
    /// The log of every room.
    pub journal: Journal,
    /// The rooms' tasks.
    pub rooms: DashMap<RoomId, RoomHandle>,
    /// The connected devices.
    pub sessions: Sessions,
    /// The devices that speak HTTP alone.
    pub(crate) http_sessions: HttpSessions,
    /// The selective forwarding unit (SFU).
    pub media: Media,
    /// The relays that participants are told of.
    pub relays: Relays,
    /// The URL of the relay on the https address, if this server has both.
    pub relay_over_tls: Option<String>,
    /// The recordings that can be played.
    pub library: Library,
    /// Plays them in the rooms.
    pub(crate) player: Arc<Player>,
    /// Records the rooms.
    pub recorder: Arc<RoomRecorder>,
    /// The uploads that are received in parts.
    pub(crate) uploads: Uploads,
    /// The requests that receive recordings.
    pub(crate) receiving: Receiving,
    /// How many files may be checked at once.
    pub(crate) file_checks: Arc<Semaphore>,
    /// The checks of media paths, which hold no seats.
    pub(crate) checks: Checks,
    /// The displays, which hold no seats either.
    pub(crate) watchers: Watchers,
    /// How long connections may take, and how much people may do.
    pub limits: Limits,
    /// The space on the disk of the data folder, as of the last check.
    pub(crate) disk_space: watch::Receiver<Option<DiskSpace>>,
    /// Each room as of its last health report.
    pub(crate) last_known_rooms: DashMap<RoomId, LastKnownRoom>,
    /// What each person and each address may still do.
    pub allowances: Allowances,
    /// The connections of the http and https addresses.
    pub connections: Connections,
    /// The path of `public.url`, below which a proxy may serve everything.
    pub(crate) base_path: String,
    /// What connections to the https address are shown, if there is one.
    pub certificates: Option<Arc<CertificateStore>>,
    /// The published documents of the API.
    pub(crate) documents: Documents,
    pub(crate) draining: AtomicBool,
}

/// The state of a room in a health report if the room does not answer in time.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastKnownRoom {
    pub(crate) seq: Seq,
    pub(crate) participants: Vec<Participant>,
    pub(crate) channels: Vec<Channel>,
    /// The speeches whose recordings have stalled.
    pub(crate) stalled: Vec<Speech>,
    /// The open calls for help.
    pub(crate) help: Vec<ChatLine>,
}

impl App {
    /// The task of a room.
    pub fn room(&self, id: &RoomId) -> Option<RoomHandle> {
        self.rooms.get(id).map(|room| room.clone())
    }

    /// Whether a room is recorded now.
    pub fn is_recorded(&self, room: &RoomId) -> bool {
        let room = self.rooms.get(room);
        room.is_some_and(|room| room.recording().is_some())
    }

    /// Whether the server shuts down, and takes no more connections and commands.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// The health of the machine at this moment. It waits for nothing, least of all for the disk.
    pub fn server_health(&self) -> ServerHealth {
        let space = *self.disk_space.borrow();
        let mut health = ServerHealth::new(&self.journal, space, &self.clock);
        health.alarms.extend(self.recording_alarms());
        if let Some(certificates) = &self.certificates {
            health.alarms.extend(certificates.alarms(self.now()));
        }
        health
    }

    /// The time of day by the machine's clock.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }
}
