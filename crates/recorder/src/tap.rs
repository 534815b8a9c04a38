//! Where packets leave the media plane: copied into a block, without a wait and almost without an allocation.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use plenary_transport::sdp::Kind;

use crate::{
    block::{Block, Queue, Record},
    selector::{Choice, Selector},
    take::{PacketFacts, TakeInfo, TakeKey},
};

/// A block that began to fill so long ago is handed on even if it is not full.
const BLOCK_INTERVAL: Duration = Duration::from_millis(100);

/// What the take of a packet needs from the media plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Need {
    /// Nothing is needed.
    Nothing,
    /// The sender of this packet's layer should be asked for a keyframe.
    Keyframe,
}

/// Takes packets for the recorder. Each media worker has one of its own; no call waits for anything.
#[derive(Debug)]
pub struct Tap {
    queue: Queue,
    block: Block,
    /// When the first record came into the block.
    since: Option<Instant>,
    takes: HashMap<TakeKey, Running>,
}

#[derive(Debug)]
struct Running {
    selector: Selector,
    needs_keyframe: Arc<AtomicBool>,
}

impl Tap {
    pub(crate) fn new(queue: Queue) -> Self {
        Self {
            block: queue.shared.block(),
            queue,
            since: None,
            takes: HashMap::new(),
        }
    }

    /// Begins a take. Pictures begin at their first keyframe, which the media plane should ask for now.
    pub fn begin(&mut self, info: TakeInfo, now: Instant) -> TakeKey {
        let key = self.queue.shared.next_key();
        let needs_keyframe = Arc::new(AtomicBool::new(false));
        self.takes.insert(
            key,
            Running {
                selector: Selector::default(),
                needs_keyframe: needs_keyframe.clone(),
            },
        );
        let info = Box::new(info);
        self.push(
            Record::Begin {
                key,
                info,
                at: now,
                needs_keyframe,
            },
            &[],
            now,
        );
        key
    }

    /// Takes a packet, retransmissions included, in any order. Packets of all layers of a source may be given: the take
    /// follows the best that arrives. A take that has ended takes none.
    pub fn packet(&mut self, key: TakeKey, facts: PacketFacts, payload: &[u8]) -> Need {
        let Some(running) = self.takes.get_mut(&key) else {
            return Need::Nothing;
        };
        let mut need = Need::Nothing;
        if facts.codec.kind() == Kind::Video {
            match running.selector.choose(&facts) {
                Choice::Skip => return Need::Nothing,
                Choice::SkipAndAsk => return Need::Keyframe,
                Choice::Take => {}
            }
            if running.needs_keyframe.load(Relaxed) && running.selector.may_ask(facts.arrival) {
                running.needs_keyframe.store(false, Relaxed);
                need = Need::Keyframe;
            }
        }
        let length = payload.len();
        self.push(
            Record::Packet { key, facts, length },
            payload,
            facts.arrival,
        );
        need
    }

    /// Takes note of a sender report (RFC 3550, section 6.4.1) of a layer of the source: what the sender's clock, in NTP
    /// format, showed at an RTP time. By these the takes of one participant are aligned.
    pub fn sender_report(
        &mut self,
        key: TakeKey,
        (layer, generation): (u8, u64),
        ntp: u64,
        rtp: u32,
        now: Instant,
    ) {
        if self.takes.contains_key(&key) {
            let report = Record::SenderReport {
                key,
                layer,
                generation,
                ntp,
                rtp,
            };
            self.push(report, &[], now);
        }
    }

    /// Ends a take; packets that come later are not in it.
    pub fn end(&mut self, key: TakeKey, now: Instant) {
        if self.takes.remove(&key).is_some() {
            self.push(Record::End { key, at: now }, &[], now);
        }
    }

    /// Whether no take runs, so that there is nothing to give.
    pub fn is_idle(&self) -> bool {
        self.takes.is_empty()
    }

    /// Hands on what has waited long enough. To be called several times a second.
    pub fn flush(&mut self, now: Instant) {
        if self
            .since
            .is_some_and(|since| now.saturating_duration_since(since) >= BLOCK_INTERVAL)
        {
            self.hand_on();
        }
    }

    fn push(&mut self, record: Record, payload: &[u8], now: Instant) {
        if !self.block.has_room(payload.len()) {
            self.hand_on();
        }
        self.since.get_or_insert(now);
        self.block.bytes.extend_from_slice(payload);
        self.block.records.push(record);
        self.flush(now);
    }

    fn hand_on(&mut self) {
        self.since = None;
        if self.block.records.is_empty() {
            return;
        }
        let block = std::mem::replace(&mut self.block, self.queue.shared.block());
        if let Err(mut block) = self.queue.send(block) {
            let lost = block.drop_packets();
            self.queue.shared.add_dropped(lost);
            // Its beginnings and ends go with the next block.
            let unused = std::mem::replace(&mut self.block, block);
            self.queue.shared.reuse(unused);
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let now = Instant::now();
        let keys: Vec<TakeKey> = self.takes.keys().copied().collect();
        for key in keys {
            self.end(key, now);
        }
        self.hand_on();
    }
}
