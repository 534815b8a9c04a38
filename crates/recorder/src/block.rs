//! The blocks in which packets go from a tap to the writer, and the queue that carries them.

use std::{
    sync::{
        Arc, Mutex, TryLockError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Instant,
};

use crate::take::{PacketFacts, TakeInfo, TakeKey};

/// The payloads of one block. A block is handed on when the next packet does not fit.
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;
/// Packets of one block: small packets of sound fill a block by their number.
pub(crate) const BLOCK_RECORDS: usize = 512;
/// Blocks that are kept for reuse.
const MAX_SPARE_BLOCKS: usize = 64;

/// One entry of a block.
#[derive(Debug)]
pub(crate) enum Record {
    /// A take begins.
    Begin {
        key: TakeKey,
        info: Box<TakeInfo>,
        at: Instant,
        /// Set by the writer when it needs a keyframe.
        needs_keyframe: Arc<AtomicBool>,
    },
    /// A packet, whose payload is the next `length` bytes of the block.
    Packet {
        key: TakeKey,
        facts: PacketFacts,
        length: usize,
    },
    /// A sender report (RFC 3550, section 6.4.1) of a stream.
    SenderReport {
        key: TakeKey,
        layer: u8,
        generation: u64,
        ntp: u64,
        rtp: u32,
    },
    /// A take ends.
    End { key: TakeKey, at: Instant },
    /// Packets of these takes were dropped, because the writer was behind.
    Dropped {
        keys: Vec<TakeKey>,
        from: Instant,
        to: Instant,
    },
    /// Everything that runs ends, and the threads with it.
    Close,
}

/// Packets in the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) records: Vec<Record>,
    pub(crate) bytes: Vec<u8>,
}

impl Block {
    pub(crate) fn new() -> Self {
        Self {
            records: Vec::with_capacity(BLOCK_RECORDS),
            bytes: Vec::with_capacity(BLOCK_BYTES),
        }
    }

    pub(crate) fn has_room(&self, payload: usize) -> bool {
        self.records.len() < BLOCK_RECORDS && self.bytes.len() + payload <= BLOCK_BYTES
    }

    /// Gives up the packets and keeps the rest: beginnings and ends are never lost.
    pub(crate) fn drop_packets(&mut self) -> u64 {
        let mut lost: Option<(Vec<TakeKey>, Instant, Instant)> = None;
        let mut packets = 0;
        self.records.retain_mut(|record| {
            let (keys, first, last) = match record {
                Record::Packet { key, facts, .. } => {
                    packets += 1;
                    (std::slice::from_ref(&*key), facts.arrival, facts.arrival)
                }
                Record::Dropped { keys, from, to } => (keys.as_slice(), *from, *to),
                _ => return true,
            };
            let (known, from, to) = lost.get_or_insert_with(|| (Vec::new(), first, last));
            (*from, *to) = ((*from).min(first), (*to).max(last));
            for key in keys {
                if !known.contains(key) {
                    known.push(*key);
                }
            }
            false
        });
        if let Some((keys, from, to)) = lost {
            // After the beginnings, so that the keys are known.
            let last = self
                .records
                .iter()
                .rposition(|it| matches!(it, Record::Begin { .. }));
            let place = last.map_or(0, |last| last + 1);
            self.records
                .insert(place, Record::Dropped { keys, from, to });
        }
        self.bytes.clear();
        packets
    }
}

/// What the taps and the threads of a recorder share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    next_key: AtomicU64,
    spare: Mutex<Vec<Block>>,
    /// Blocks in the queue.
    pub(crate) waiting: AtomicUsize,
    pub(crate) dropped_packets: AtomicU64,
    pub(crate) written_bytes: AtomicU64,
    pub(crate) open_takes: AtomicUsize,
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
}

/// The tap's end of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    sender: SyncSender<Block>,
    pub(crate) shared: Arc<Shared>,
}

impl Queue {
    pub(crate) fn new(blocks: usize) -> (Self, Receiver<Block>) {
        let (sender, receiver) = sync_channel(blocks);
        let shared = Arc::default();
        (Self { sender, shared }, receiver)
    }

    /// Hands on a block; returns it if the queue is full. Never waits.
    pub(crate) fn send(&self, block: Block) -> Result<(), Block> {
        match self.sender.try_send(block) {
            Ok(()) => {
                self.shared.waiting.fetch_add(1, Relaxed);
                Ok(())
            }
            Err(TrySendError::Full(block) | TrySendError::Disconnected(block)) => Err(block),
        }
    }
}
