//! The engine's counters, shared by its threads and read for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::api::CountersSnapshot;

/// One count each; a thread adds once per datagram or per batch, never per listener.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) packets_received: AtomicU64,
    pub(crate) packets_forwarded: AtomicU64,
    pub(crate) packets_gated: AtomicU64,
    pub(crate) ungranted_packets_forwarded: AtomicU64,
    pub(crate) packets_retransmitted: AtomicU64,
    pub(crate) keyframes_requested: AtomicU64,
    pub(crate) sources_not_decodable: AtomicU64,
    pub(crate) datagrams_refused: AtomicU64,
    pub(crate) indices_refused: AtomicU64,
    pub(crate) handed_over_dropped: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
    pub(crate) sessions: AtomicU64,
}

impl Counters {
    pub(crate) fn snapshot(&self) -> CountersSnapshot {
        CountersSnapshot {
            packets_received: self.packets_received.load(Relaxed),
            packets_forwarded: self.packets_forwarded.load(Relaxed),
            packets_gated: self.packets_gated.load(Relaxed),
            ungranted_packets_forwarded: self.ungranted_packets_forwarded.load(Relaxed),
            packets_retransmitted: self.packets_retransmitted.load(Relaxed),
            keyframes_requested: self.keyframes_requested.load(Relaxed),
            sources_not_decodable: self.sources_not_decodable.load(Relaxed),
            datagrams_refused: self.datagrams_refused.load(Relaxed),
            indices_refused: self.indices_refused.load(Relaxed),
            handed_over_dropped: self.handed_over_dropped.load(Relaxed),
            handshakes_failed: self.handshakes_failed.load(Relaxed),
            sessions: self.sessions.load(Relaxed),
        }
    }
}
