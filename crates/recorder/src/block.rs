//! The blocks in which packets go from a tap to the writer, and the queue that carries them.

use std::{
    sync::{
        Arc,
        atomic::AtomicBool,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Instant,
};

use crate::{
    shared::Shared,
    take::{PacketFacts, TakeInfo, TakeKey},
};

/// The payloads of one block. A block is handed on when the next packet does not fit.
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;
/// Packets of one block: small packets of sound fill a block by their number.
pub(crate) const BLOCK_RECORDS: usize = 512;

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
        let mut gap: Option<(Vec<TakeKey>, Instant, Instant)> = None;
        let mut packets = 0;
        self.records.retain_mut(|record| {
            let (keys, since, until) = match record {
                Record::Packet { key, facts, .. } => {
                    packets += 1;
                    (std::slice::from_ref(&*key), facts.arrival, facts.arrival)
                }
                Record::Dropped { keys, from, to } => (keys.as_slice(), *from, *to),
                _ => return true,
            };
            let (known, from, to) = gap.get_or_insert_with(|| (Vec::new(), since, until));
            (*from, *to) = ((*from).min(since), (*to).max(until));
            for key in keys {
                if !known.contains(key) {
                    known.push(*key);
                }
            }
            false
        });
        if let Some((keys, from, to)) = gap {
            // After the beginnings, so that the keys are known.
            let begun = self
                .records
                .iter()
                .rposition(|it| matches!(it, Record::Begin { .. }));
            let place = begun.map_or(0, |at| at + 1);
            self.records
                .insert(place, Record::Dropped { keys, from, to });
        }
        self.bytes.clear();
        packets
    }
}

/// The tap's end of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    sender: SyncSender<Block>,
    pub(crate) shared: Arc<Shared>,
}

impl Queue {
    pub(crate) fn new(blocks: usize, shared: Arc<Shared>) -> (Self, Receiver<Block>) {
        let (sender, receiver) = sync_channel(blocks);
        (Self { sender, shared }, receiver)
    }

    /// Hands on a block; returns it if the queue is full. Never waits.
    pub(crate) fn send(&self, block: Block) -> Result<(), Block> {
        self.shared.given();
        match self.sender.try_send(block) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(block) | TrySendError::Disconnected(block)) => {
                self.shared.taken();
                Err(block)
            }
        }
    }
}
