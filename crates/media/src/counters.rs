//! The engine's counters, shared by its threads and read for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use plenary_transport::peer::PathKind;

use crate::{
    api::{CountersSnapshot, PathFigures},
    engine::MAX_WORKERS,
};

/// One count each; a thread adds once per datagram or per batch, never per listener.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) packets_received: AtomicU64,
    pub(crate) packets_forwarded: AtomicU64,
    pub(crate) packets_gated: AtomicU64,
    pub(crate) ungranted_packets_forwarded: AtomicU64,
    pub(crate) ungranted_packets_recorded: AtomicU64,
    pub(crate) packets_retransmitted: AtomicU64,
    pub(crate) keyframes_requested: AtomicU64,
    pub(crate) sources_not_decodable: AtomicU64,
    pub(crate) datagrams_refused: AtomicU64,
    pub(crate) indices_refused: AtomicU64,
    pub(crate) handed_over_dropped: AtomicU64,
    /// Messages to another worker of a room for which its queue had no place.
    pub(crate) frames_dropped: AtomicU64,
    /// Packets of another worker that came under a scene not yet in force.
    pub(crate) packets_fenced: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
    pub(crate) joins_refused: AtomicU64,
    /// What each worker has given up, and how busy it is in thousandths.
    pub(crate) degradation: OfWorkers,
    pub(crate) busy_millis: OfWorkers,
    pub(crate) sessions: AtomicU64,
    /// Connections of ICE-TCP and of the relay that are open.
    pub(crate) streams: AtomicU64,
    /// Media that was dropped because it had waited for a stalled connection.
    pub(crate) packets_late: AtomicU64,
    /// What went in and out by each kind of path, in the order of [`PathKind::ALL`].
    paths: [PathCounters; PathKind::ALL.len()],
}

/// What went in and out by one kind of path.
#[derive(Debug, Default)]
struct PathCounters {
    packets_in: AtomicU64,
    bytes_in: AtomicU64,
    packets_out: AtomicU64,
    bytes_out: AtomicU64,
}

/// One value for each worker.
#[derive(Debug)]
pub(crate) struct OfWorkers([AtomicU64; MAX_WORKERS]);

impl Default for OfWorkers {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl OfWorkers {
    pub(crate) fn set(&self, worker: usize, value: u64) {
        if let Some(of_worker) = self.0.get(worker) {
            of_worker.store(value, Relaxed);
        }
    }

    pub(crate) fn of(&self, worker: usize) -> u64 {
        self.0.get(worker).map_or(0, |it| it.load(Relaxed))
    }

    fn highest(&self) -> u64 {
        let all = self.0.iter().map(|it| it.load(Relaxed));
        all.max().unwrap_or(0)
    }
}

impl Counters {
    /// Counts datagrams that arrived.
    pub(crate) fn received_by(&self, kind: PathKind, packets: usize, bytes: usize) {
        if let Some(path) = self.paths.get(kind as usize) {
            path.packets_in.fetch_add(packets as u64, Relaxed);
            path.bytes_in.fetch_add(bytes as u64, Relaxed);
        }
    }

    /// Counts a datagram that is nobody's, or that nobody may send.
    pub(crate) fn refuse_datagram(&self) {
        self.datagrams_refused.fetch_add(1, Relaxed);
    }

    /// Counts packets that were sent on their way.
    pub(crate) fn sent_by(&self, kind: PathKind, packets: usize, bytes: usize) {
        if let Some(path) = self.paths.get(kind as usize) {
            path.packets_out.fetch_add(packets as u64, Relaxed);
            path.bytes_out.fetch_add(bytes as u64, Relaxed);
        }
    }

    /// Counts media that waited for too long.
    pub(crate) fn count_late(&self, packets: usize) {
        if packets > 0 {
            self.packets_late.fetch_add(packets as u64, Relaxed);
        }
    }

    fn path_figures(&self) -> [PathFigures; PathKind::ALL.len()] {
        PathKind::ALL.map(|kind| {
            let path = self.paths.get(kind as usize);
            let load =
                |of: fn(&PathCounters) -> &AtomicU64| path.map_or(0, |path| of(path).load(Relaxed));
            PathFigures {
                kind: kind.name(),
                packets_in: load(|it| &it.packets_in),
                bytes_in: load(|it| &it.bytes_in),
                packets_out: load(|it| &it.packets_out),
                bytes_out: load(|it| &it.bytes_out),
            }
        })
    }

    pub(crate) fn snapshot(&self) -> CountersSnapshot {
        CountersSnapshot {
            packets_received: self.packets_received.load(Relaxed),
            packets_forwarded: self.packets_forwarded.load(Relaxed),
            packets_gated: self.packets_gated.load(Relaxed),
            ungranted_packets_forwarded: self.ungranted_packets_forwarded.load(Relaxed),
            ungranted_packets_recorded: self.ungranted_packets_recorded.load(Relaxed),
            packets_retransmitted: self.packets_retransmitted.load(Relaxed),
            keyframes_requested: self.keyframes_requested.load(Relaxed),
            sources_not_decodable: self.sources_not_decodable.load(Relaxed),
            datagrams_refused: self.datagrams_refused.load(Relaxed),
            indices_refused: self.indices_refused.load(Relaxed),
            handed_over_dropped: self.handed_over_dropped.load(Relaxed),
            frames_dropped: self.frames_dropped.load(Relaxed),
            packets_fenced: self.packets_fenced.load(Relaxed),
            handshakes_failed: self.handshakes_failed.load(Relaxed),
            joins_refused: self.joins_refused.load(Relaxed),
            degradation: self.degradation.highest(),
            busy_millis: self.busy_millis.highest(),
            sessions: self.sessions.load(Relaxed),
            streams: self.streams.load(Relaxed),
            packets_late: self.packets_late.load(Relaxed),
            paths: self.path_figures(),
        }
    }
}
