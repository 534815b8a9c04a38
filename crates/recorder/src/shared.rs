//! What the taps and the threads of a recorder share: used blocks, counters, and how long the disk has been waited for.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use plenary_ids::RoomId;

use crate::{block::Block, take::TakeKey};

/// Blocks that are kept for reuse.
const MAX_SPARE_BLOCKS: usize = 64;
/// The value of `busy_since` while the writer waits for nothing.
const IDLE: u64 = u64::MAX;

/// How much a recorder has to do, and what it has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Takes that run.
    pub open_takes: usize,
    /// Blocks that wait to be written.
    pub waiting_blocks: usize,
    /// Bytes of takes that are finished, since the start.
    pub written_bytes: u64,
    /// Packets that were not recorded because the disk was behind, since the start.
    pub dropped_packets: u64,
}

#[derive(Debug)]
pub(crate) struct Shared {
    epoch: Instant,
    next_key: AtomicU64,
    spare: Mutex<Vec<Block>>,
    waiting: AtomicUsize,
    dropped_packets: AtomicU64,
    written_bytes: AtomicU64,
    /// Since when the writer works at something, in milliseconds since `epoch`.
    busy_since: AtomicU64,
    /// Whether the disk was reported as slow during the present work.
    stalled: AtomicBool,
    is_low: AtomicBool,
    /// The rooms with running takes, and how many.
    rooms: Mutex<BTreeMap<RoomId, usize>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            next_key: AtomicU64::new(0),
            spare: Mutex::default(),
            waiting: AtomicUsize::new(0),
            dropped_packets: AtomicU64::new(0),
            written_bytes: AtomicU64::new(0),
            busy_since: AtomicU64::new(IDLE),
            stalled: AtomicBool::new(false),
            is_low: AtomicBool::new(false),
            rooms: Mutex::default(),
        }
    }
}

impl Shared {
    pub(crate) fn next_key(&self) -> TakeKey {
        TakeKey(self.next_key.fetch_add(1, Relaxed))
    }

    /// An empty block: a used one, unless another thread is at the store just now.
    pub(crate) fn block(&self) -> Block {
        let spare = match self.spare.try_lock() {
            Ok(mut spare) => spare.pop(),
            Err(TryLockError::Poisoned(spare)) => spare.into_inner().pop(),
            Err(TryLockError::WouldBlock) => None,
        };
        spare.unwrap_or_else(Block::new)
    }

    pub(crate) fn reuse(&self, mut block: Block) {
        block.records.clear();
        block.bytes.clear();
        if let Ok(mut spare) = self.spare.try_lock()
            && spare.len() < MAX_SPARE_BLOCKS
        {
            spare.push(block);
        }
    }

    pub(crate) fn given(&self) {
        self.waiting.fetch_add(1, Relaxed);
    }

    pub(crate) fn taken(&self) {
        self.waiting.fetch_sub(1, Relaxed);
    }

    pub(crate) fn add_dropped(&self, packets: u64) {
        self.dropped_packets.fetch_add(packets, Relaxed);
    }

    pub(crate) fn add_written(&self, bytes: u64) {
        self.written_bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn set_low(&self, is_low: bool) {
        self.is_low.store(is_low, Relaxed);
    }

    pub(crate) fn is_low(&self) -> bool {
        self.is_low.load(Relaxed)
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomId, usize>> {
        // Whoever held it has left it as it should be.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn room_begins(&self, room: &RoomId) {
        *self.rooms().entry(room.clone()).or_default() += 1;
    }

    pub(crate) fn room_ends(&self, room: &RoomId) {
        let mut rooms = self.rooms();
        if let Some(takes) = rooms.get_mut(room) {
            *takes = takes.saturating_sub(1);
            if *takes == 0 {
                rooms.remove(room);
            }
        }
    }

    pub(crate) fn begin_work(&self) {
        let since = u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or_default();
        self.busy_since.store(since, Relaxed);
    }

    /// Returns whether the disk was reported as slow meanwhile.
    pub(crate) fn end_work(&self) -> bool {
        self.busy_since.store(IDLE, Relaxed);
        self.stalled.swap(false, Relaxed)
    }

    /// The rooms whose recording stops now, because the writer has waited for the disk for so long.
    pub(crate) fn newly_stalled(&self, slow_after: Duration) -> Vec<RoomId> {
        let since = self.busy_since.load(Relaxed);
        if since == IDLE {
            return Vec::new();
        }
        let busy = self
            .epoch
            .elapsed()
            .saturating_sub(Duration::from_millis(since));
        if busy < slow_after || self.stalled.swap(true, Relaxed) {
            return Vec::new();
        }
        self.rooms().keys().cloned().collect()
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage {
            open_takes: self.rooms().values().sum(),
            waiting_blocks: self.waiting.load(Relaxed),
            written_bytes: self.written_bytes.load(Relaxed),
            dropped_packets: self.dropped_packets.load(Relaxed),
        }
    }
}
