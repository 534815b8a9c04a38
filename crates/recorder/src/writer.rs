//! The writing thread: it takes the blocks of all taps, and stops the recording when the disk does not follow.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use plenary_ids::{Moment, PersonId, RoomId};

use crate::{
    block::{Block, Record},
    disk::Disk,
    finish::FinishJob,
    recorder::{Limits, Reports},
    running::{RunningTake, Target},
    shared::Shared,
    take::{Report, StopReason, TakeKey},
    timeline::Nanos,
};

const TICK_INTERVAL: Duration = Duration::from_millis(250);
/// How often the free space is asked for.
const SPACE_INTERVAL: Duration = Duration::from_secs(1);
/// So many gaps in this time are a disk that does not follow.
const MAX_GAPS: usize = 3;
const GAPS_INTERVAL: Duration = Duration::from_secs(30);
/// A sender's clock that was seen so long ago says nothing about a take of now.
const CLOCK_TIMEOUT: Duration = Duration::from_mins(2);
/// Takes of one person are moved by no more than this against each other.
const MAX_CORRECTION: Nanos = 2_000_000_000;
/// By how much two clocks of computers drift apart in a tick at most: 100 parts in a million.
const DRIFT_PER_TICK: Nanos = 25_000;
/// Senders whose clocks are remembered.
const MAX_CLOCKS: usize = 4096;

pub(crate) struct Writer {
    pub(crate) blocks: Receiver<Block>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folder: PathBuf,
    pub(crate) limits: Limits,
    pub(crate) shared: Arc<Shared>,
    pub(crate) reports: Reports,
    pub(crate) finisher: Sender<FinishJob>,
    pub(crate) takes: HashMap<TakeKey, RunningTake>,
    pub(crate) clocks: HashMap<(RoomId, PersonId), (Nanos, Instant)>,
    pub(crate) gaps: Vec<Instant>,
    pub(crate) ticked: Instant,
    /// When the free space was last asked for.
    pub(crate) measured: Option<Instant>,
}

impl Writer {
    /// Writes until it is told to close, or until nobody can tell it anything any more.
    pub(crate) fn run(mut self) {
        loop {
            match self.blocks.recv_timeout(TICK_INTERVAL) {
                Ok(mut block) => {
                    self.shared.taken();
                    let goes_on = self.watched(|writer| writer.block(&mut block));
                    self.shared.reuse(block);
                    if !goes_on {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = Instant::now();
            if now.saturating_duration_since(self.ticked) >= TICK_INTERVAL {
                self.ticked = now;
                self.watched(|writer| writer.tick(now));
            }
        }
        let now = Instant::now();
        let keys: Vec<TakeKey> = self.takes.keys().copied().collect();
        for key in keys {
            self.end(key, now);
        }
    }

    /// Does something that may wait for the disk, while another thread looks at how long it takes.
    fn watched<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.shared.begin_work();
        let done = work(self);
        if self.shared.end_work() {
            // That they have stopped was reported by the thread that watches.
            for room in self.rooms() {
                self.abandon(&room, StopReason::DiskSlow);
            }
        }
        done
    }

    fn block(&mut self, block: &mut Block) -> bool {
        let mut rest = block.bytes.as_slice();
        for record in block.records.drain(..) {
            match record {
                Record::Packet { key, facts, length } => {
                    let Some((payload, behind)) = rest.split_at_checked(length) else {
                        break;
                    };
                    rest = behind;
                    self.on_take(key, |take, target, finished| {
                        take.packet(&facts, payload, target, finished)
                    });
                }
                Record::Begin {
                    key,
                    info,
                    at,
                    needs_keyframe,
                } => {
                    self.shared.room_begins(&info.room);
                    self.takes
                        .insert(key, RunningTake::new(*info, at, needs_keyframe));
                    self.measure(at);
                }
                Record::SenderReport {
                    key,
                    layer,
                    generation,
                    ntp,
                    rtp,
                } => {
                    if let Some(take) = self.takes.get_mut(&key) {
                        take.sender_report((layer, generation), ntp, rtp);
                    }
                }
                Record::End { key, at } => self.end(key, at),
                Record::Dropped { keys, from, to } => self.gap(&keys, from, to),
                Record::Close => return false,
            }
        }
        true
    }

    /// Does something with a take that may write; trouble with the disk stops the recording.
    fn on_take(
        &mut self,
        key: TakeKey,
        work: impl FnOnce(&mut RunningTake, Target<'_>, &mut Vec<FinishJob>) -> io::Result<()>,
    ) {
        let Some(take) = self.takes.get_mut(&key) else {
            return;
        };
        let target = Target {
            disk: &*self.disk,
            folder: &self.folder,
        };
        let mut finished = Vec::new();
        let done = work(take, target, &mut finished);
        for job in finished {
            self.finish(job);
        }
        if let Err(error) = done {
            let room = take_room(&self.takes, key);
            tracing::error!(%error, "a take cannot be written");
            let reason = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StopReason::DiskFull,
                _ => StopReason::DiskFailed,
            };
            if let Some(room) = room {
                self.stop(&room, reason);
            }
        }
    }

    fn end(&mut self, key: TakeKey, at: Instant) {
        self.on_take(key, |take, target, finished| {
            take.finish(at, target, finished)
        });
        // It may have been given up meanwhile.
        if let Some(take) = self.takes.remove(&key) {
            self.shared.room_ends(&take.info().room);
        }
    }

    fn tick(&mut self, now: Instant) {
        let keys: Vec<TakeKey> = self.takes.keys().copied().collect();
        for key in keys {
            self.on_take(key, |take, target, finished| {
                take.tick(now, target, finished)
            });
        }
        self.note_clocks(now);
        let is_due = |since| now.saturating_duration_since(since) >= SPACE_INTERVAL;
        if !self.takes.is_empty() && self.measured.is_none_or(is_due) {
            self.measure(now);
        }
    }

    /// Stops everything when only so much is free as the log needs. There is room for the last second of each take.
    fn measure(&mut self, now: Instant) {
        let is_due = |since| now.saturating_duration_since(since) >= SPACE_INTERVAL;
        if !self.measured.is_none_or(is_due) && !self.shared.is_low() {
            return;
        }
        self.measured = Some(now);
        let free = self.disk.free_bytes(&self.folder);
        let is_low = free.is_ok_and(|free| free < self.limits.min_free_bytes);
        self.shared.set_low(is_low);
        if is_low {
            for room in self.rooms() {
                for key in self.takes_of(&room) {
                    self.end(key, now);
                }
                self.stop(&room, StopReason::DiskFull);
            }
        }
    }

    /// The rooms with running takes.
    fn rooms(&self) -> BTreeSet<RoomId> {
        let takes = self.takes.values();
        takes.map(|take| take.info().room.clone()).collect()
    }

    fn takes_of(&self, room: &RoomId) -> Vec<TakeKey> {
        let takes = self.takes.iter();
        takes
            .filter(|(_, take)| take.info().room == *room)
            .map(|(key, _)| *key)
            .collect()
    }

    /// Packets of these takes never came.
    fn gap(&mut self, keys: &[TakeKey], from: Instant, to: Instant) {
        let mut rooms = BTreeSet::new();
        for key in keys {
            let Some(take) = self.takes.get(key) else {
                continue;
            };
            let room = take.info().room.clone();
            if rooms.insert(room.clone()) {
                (self.reports)(Report::Gap {
                    room,
                    from: take.wall(from),
                    to: take.wall(to),
                    reason: StopReason::DiskSlow,
                });
            }
        }
        if rooms.is_empty() {
            return;
        }
        self.gaps
            .retain(|gap| to.saturating_duration_since(*gap) < GAPS_INTERVAL);
        self.gaps.push(to);
        if self.gaps.len() >= MAX_GAPS {
            self.gaps.clear();
            for room in rooms {
                self.stop(&room, StopReason::DiskSlow);
            }
        }
    }

    fn stop(&mut self, room: &RoomId, reason: StopReason) {
        self.abandon(room, reason);
        let room = room.clone();
        (self.reports)(Report::Stopped { room, reason });
    }

    /// Gives up the takes of a room, and reports from when on something is missing.
    fn abandon(&mut self, room: &RoomId, reason: StopReason) {
        let now = Instant::now();
        let mut gap: Option<(Moment, Moment)> = None;
        for key in self.takes_of(room) {
            let Some(mut take) = self.takes.remove(&key) else {
                continue;
            };
            self.shared.room_ends(room);
            let (job, lost) = take.abandon();
            if let Some((from, to)) = lost {
                let to = to.max(take.wall(now));
                gap = Some(gap.map_or((from, to), |it| (it.0.min(from), it.1.max(to))));
            }
            if let Some(job) = job {
                self.finish(job);
            }
        }
        if let Some((from, to)) = gap {
            let room = room.clone();
            (self.reports)(Report::Gap {
                room,
                from,
                to,
                reason,
            });
        }
    }

    /// Hands a file on to be finished, with its beginning corrected by the sender's clock.
    fn finish(&self, mut job: FinishJob) {
        self.shared.add_written(job.bytes);
        let info = &job.summary.info;
        let of_same_sender = self.takes.values().filter(|take| {
            take.info().room == info.room && take.info().participant == info.participant
        });
        let running = of_same_sender.filter_map(RunningTake::clock_offset);
        let known = self
            .clocks
            .get(&(info.room.clone(), info.participant.clone()))
            .map(|(offset, _)| *offset);
        let quickest = running.chain(known).min();
        if let Some((own, quickest)) = job.clock_offset.zip(quickest) {
            let late = own.saturating_sub(quickest);
            if (0..MAX_CORRECTION).contains(&late) {
                let millis = u64::try_from(late / 1_000_000).unwrap_or_default();
                job.summary.from = job.summary.from.before(plenary_ids::Millis(millis));
            }
        }
        // The thread ends after this one.
        let _ = self.finisher.send(job);
    }

    /// Remembers by how much the clock of each sender differs, for the takes of it that end next.
    fn note_clocks(&mut self, now: Instant) {
        self.clocks
            .retain(|_, (_, seen)| now.saturating_duration_since(*seen) < CLOCK_TIMEOUT);
        for take in self.takes.values() {
            let Some(offset) = take.clock_offset() else {
                continue;
            };
            if self.clocks.len() >= MAX_CLOCKS {
                break;
            }
            let sender = (take.info().room.clone(), take.info().participant.clone());
            let known = self.clocks.entry(sender).or_insert((offset, now));
            // Clocks drift, so what was the least once becomes less true with time.
            let aged = known.0.saturating_add(DRIFT_PER_TICK);
            let has_changed = (aged - offset).abs() > MAX_CORRECTION;
            let least = if has_changed {
                offset
            } else {
                offset.min(aged)
            };
            *known = (least, now);
        }
    }
}

fn take_room(takes: &HashMap<TakeKey, RunningTake>, key: TakeKey) -> Option<RoomId> {
    Some(takes.get(&key)?.info().room.clone())
}
