//! The tap of a media worker: its packets on their way to the recorder.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

use plenary_ids::{RoomId, TakeId};
use plenary_media::{PacketFacts, SenderFacts, TakeHandle};
use plenary_recorder::{Need, TakeInfo};
use plenary_room::TimeSource;
use plenary_scene::TakeKey;
use ring::rand::{SecureRandom, SystemRandom};

use crate::clock::MachineClock;

/// Hands the packets of one media worker to the recorder.
pub(super) struct RecorderTap {
    tap: plenary_recorder::Tap,
    clock: Arc<MachineClock>,
    ready: Arc<AtomicBool>,
    takes: HashMap<TakeHandle, Take>,
    count: u64,
}

enum Take {
    /// The recorder is not ready yet.
    Waiting(Box<(RoomId, TakeKey)>),
    Running(plenary_recorder::TakeKey),
}

impl RecorderTap {
    pub(super) fn new(
        tap: plenary_recorder::Tap,
        clock: Arc<MachineClock>,
        ready: Arc<AtomicBool>,
    ) -> Self {
        Self {
            tap,
            clock,
            ready,
            takes: HashMap::new(),
            count: 0,
        }
    }

    /// The take, which begins now if it has waited for the recorder.
    fn running(&mut self, handle: TakeHandle, now: Instant) -> Option<plenary_recorder::TakeKey> {
        let take = self.takes.get_mut(&handle)?;
        if let Take::Waiting(waiting) = take {
            if !self.ready.load(Relaxed) {
                return None;
            }
            let (room, key) = waiting.as_ref();
            let began = self.clock.now();
            let info = TakeInfo {
                id: new_id(began.0)?,
                room: room.clone(),
                speech: key.speech,
                participant: key.participant.clone(),
                source: key.source,
                language: key.language.clone(),
                began,
            };
            *take = Take::Running(self.tap.begin(info, now));
        }
        match take {
            Take::Running(key) => Some(*key),
            Take::Waiting(_) => None,
        }
    }
}

impl plenary_media::Tap for RecorderTap {
    fn begin(&mut self, room: &RoomId, take: &TakeKey, now: Instant) -> TakeHandle {
        self.count += 1;
        let handle = TakeHandle(self.count);
        let waiting = Take::Waiting(Box::new((room.clone(), take.clone())));
        self.takes.insert(handle, waiting);
        self.running(handle, now);
        handle
    }

    fn packet(&mut self, take: TakeHandle, facts: &PacketFacts, payload: &[u8]) -> bool {
        let Some(key) = self.running(take, facts.arrival) else {
            return false;
        };
        let facts = plenary_recorder::PacketFacts {
            codec: facts.codec,
            index: facts.index,
            timestamp: facts.timestamp,
            marker: facts.marker,
            keyframe: facts.keyframe,
            layer: facts.layer,
            generation: facts.generation,
            arrival: facts.arrival,
        };
        self.tap.packet(key, facts, payload) == Need::Keyframe
    }

    fn sender_report(&mut self, take: TakeHandle, report: &SenderFacts, now: Instant) {
        if let Some(key) = self.running(take, now) {
            let stream = (report.layer, report.generation);
            self.tap
                .sender_report(key, stream, report.ntp, report.timestamp, now);
        }
    }

    fn end(&mut self, take: TakeHandle, now: Instant) {
        if let Some(Take::Running(key)) = self.takes.remove(&take) {
            self.tap.end(key, now);
        }
    }

    fn flush(&mut self, now: Instant) {
        self.tap.flush(now);
    }
}

/// A new id: the time in it has the files of a folder in order, and what follows is of no other take.
fn new_id(now_ms: u64) -> Option<TakeId> {
    let mut random = [0; 6];
    SystemRandom::new().fill(&mut random).ok()?;
    let mut id = format!("t{now_ms:011x}");
    for byte in random {
        let _ = write!(id, "{byte:02x}");
    }
    TakeId::new(&id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_differ_and_are_letters_and_digits() {
        let [one, other] = [(); 2].map(|()| new_id(1_634_000_400_000).unwrap());
        assert_ne!(one, other);
        assert!(
            one.as_str()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric())
        );
    }
}
