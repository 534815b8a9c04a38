//! Plays recordings in rooms: a thread for each room that plays, and one that reads its file ahead.
//!
//! The thread of a room touches no disk: a disk that hangs makes a stall, which the room is told, and no more. What is to be
//! sent when is decided in [`Pacer`].

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use plenary_ids::{MediaId, PersonId, RoomId};
use plenary_scene::{Playback, PlaybackReport};

use crate::{Frame, Library, Paced, Pacer, ReadError, Reader, TrackInfo};

/// How much is read ahead, in time and in bytes, whichever is less.
const READ_AHEAD: Duration = Duration::from_secs(10);
const MAX_READ_AHEAD_BYTES: usize = 24 << 20;
/// How many threads may wait for a disk that hangs, for each room. Each seek leaves one behind; a further one waits for one
/// of them to end first, and stalls meanwhile.
const MAX_READERS: usize = 4;

/// Where the frames of a room's recording go.
pub trait Sink: Send {
    /// A recording begins, in the place of that person's microphone and camera. Frames name their tracks by their place in
    /// this list: pictures, the largest first, then sound, then subtitles.
    fn begin(&mut self, room: &RoomId, participant: &PersonId, tracks: &[TrackInfo]);

    /// Frames whose time has come.
    fn frames(&mut self, batch: Batch);

    /// Nothing more comes of this recording.
    fn end(&mut self);
}

/// Frames whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The generation of the playback that they are of.
    pub generation: u64,
    /// The position from which it plays, if these are the first frames of their generation.
    pub begins: Option<Duration>,
    /// The frames, in the order of their times.
    pub frames: Vec<Paced>,
}

/// Gives a room its sink.
pub type Sinks = Arc<dyn Fn(&RoomId) -> Box<dyn Sink> + Send + Sync>;

/// Takes what a room is to be told of a generation of its playback.
pub type Reports = Arc<dyn Fn(&RoomId, u64, PlaybackReport) + Send + Sync>;

/// A recording that is open for reading.
trait Source: Send {
    fn tracks(&self) -> Vec<TrackInfo>;
    fn next_frame(&mut self) -> Result<Option<Frame>, ReadError>;
}

impl Source for Reader<File> {
    fn tracks(&self) -> Vec<TrackInfo> {
        self.item().tracks.clone()
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, ReadError> {
        Reader::next_frame(self)
    }
}

type Opener = Arc<dyn Fn(&MediaId, Duration) -> Result<Box<dyn Source>, ReadError> + Send + Sync>;

/// Plays the recordings that rooms want to be played.
pub struct Player {
    open: Opener,
    sinks: Sinks,
    reports: Reports,
    rooms: Mutex<HashMap<RoomId, Arc<Shared>>>,
}

impl fmt::Debug for Player {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        out.debug_struct("Player")
            .field("rooms", &rooms.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Player {
    /// A player of the recordings of a library.
    pub fn new(library: Library, sinks: Sinks, reports: Reports) -> Self {
        let open: Opener = Arc::new(move |id, from| Ok(Box::new(library.reader(id, from)?)));
        Self::with(open, sinks, reports)
    }

    fn with(open: Opener, sinks: Sinks, reports: Reports) -> Self {
        Self {
            open,
            sinks,
            reports,
            rooms: Mutex::default(),
        }
    }

    /// Brings what is played in a room in line with what the room wants. The latest counts; the same again changes nothing.
    pub fn set(&self, room: &RoomId, playback: Option<Playback>) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = match rooms.get(room) {
            Some(shared) => Arc::clone(shared),
            None if playback.is_none() => return,
            None => {
                let shared = Arc::<Shared>::default();
                let playing = Playing {
                    room: room.clone(),
                    shared: Arc::clone(&shared),
                    open: Arc::clone(&self.open),
                    sink: (self.sinks)(room),
                    reports: Arc::clone(&self.reports),
                    current: None,
                };
                let spawned = thread::Builder::new()
                    .name("playback".to_owned())
                    .spawn(move || playing.run());
                if let Err(error) = spawned {
                    tracing::error!(%room, %error, "a recording cannot be played");
                    if let Some(playback) = playback {
                        let reason = "the server cannot start another thread".to_owned();
                        let at = playback.from;
                        let report = PlaybackReport::Failed { at, reason };
                        (self.reports)(room, playback.generation, report);
                    }
                    return;
                }
                rooms.insert(room.clone(), Arc::clone(&shared));
                shared
            }
        };
        let mut state = shared.lock();
        state.wanted = playback;
        state.has_changed = true;
        drop(state);
        shared.changed.notify_all();
    }

    /// Whether a recording is played in some room, and so cannot be deleted.
    pub fn plays(&self, media: &MediaId) -> bool {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.values().any(|room| {
            let state = room.lock();
            state.wanted.as_ref().is_some_and(|it| it.media == *media)
        })
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        for shared in rooms.values() {
            shared.lock().is_closed = true;
            shared.changed.notify_all();
        }
    }
}

/// What the threads of a room share.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    wanted: Option<Playback>,
    has_changed: bool,
    is_closed: bool,
    /// Which reader counts; an older one ends at its next frame.
    epoch: u64,
    inbox: Vec<Reading>,
    /// What was read and not sent yet.
    ahead_bytes: usize,
    /// Up to where frames were sent.
    sent_until: Duration,
    /// How many readers there are, hanging ones included.
    readers: usize,
    /// Whether what is wanted waits until one of them has ended.
    waits_for_reader: bool,
}

/// What a reader has read.
#[derive(Debug)]
enum Reading {
    Opened(Vec<TrackInfo>),
    Frame(Frame),
    End,
    Failed(String),
}

impl Shared {
    /// No code panics while it holds the lock, so a poisoned state is whole too.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands something to the room's thread, once there is place for it. False if nobody wants it any more.
    fn give(&self, epoch: u64, reading: Reading) -> bool {
        let mut state = self.lock();
        let (at, bytes) = match &reading {
            Reading::Frame(frame) => (frame.at, frame.memory()),
            _ => (Duration::ZERO, 0),
        };
        while state.epoch == epoch
            && !state.is_closed
            && (state.ahead_bytes >= MAX_READ_AHEAD_BYTES
                // After a long pause in the recording the next frame is far ahead, and needed all the same.
                || state.ahead_bytes > 0 && at.saturating_sub(state.sent_until) >= READ_AHEAD)
        {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.epoch != epoch || state.is_closed {
            return false;
        }
        state.ahead_bytes += bytes;
        state.inbox.push(reading);
        drop(state);
        self.changed.notify_all();
        true
    }
}

/// The thread of a room.
struct Playing {
    room: RoomId,
    shared: Arc<Shared>,
    open: Opener,
    sink: Box<dyn Sink>,
    reports: Reports,
    current: Option<Current>,
}

/// What a room's thread has to deal with.
struct News {
    change: Change,
    inbox: Vec<Reading>,
}

/// What the room wants now.
enum Change {
    /// The same as before.
    None,
    Play(Playback),
    End,
}

/// The playback that a room wants, and the clock that paces it.
struct Current {
    playback: Playback,
    pacer: Pacer,
    /// Whether the sink knows of it.
    has_begun: bool,
    /// Whether frames of this generation were sent.
    has_sent: bool,
}

impl Playing {
    fn run(mut self) {
        let mut wake = None;
        while let Some(News { change, inbox }) = self.wait(wake) {
            let now = Instant::now();
            let before = self.shared.lock().epoch;
            match change {
                Change::None => {}
                Change::Play(wanted) => self.bring_in_line(wanted, now),
                Change::End => self.end(),
            }
            self.read_if_it_may();
            // What was read for another position is worthless now.
            if self.shared.lock().epoch == before {
                for reading in inbox {
                    self.take(reading);
                }
            }
            wake = self.play(now);
        }
        self.end();
    }

    /// Waits until there is something to do; none when the player is gone.
    fn wait(&self, wake: Option<Instant>) -> Option<News> {
        let mut state = self.shared.lock();
        loop {
            if state.is_closed {
                return None;
            }
            let left = wake.map(|wake| wake.saturating_duration_since(Instant::now()));
            let may_read = state.waits_for_reader && state.readers < MAX_READERS;
            let is_due = left.is_some_and(|it| it.is_zero());
            if state.has_changed || may_read || !state.inbox.is_empty() || is_due {
                let has_changed = std::mem::take(&mut state.has_changed);
                let change = match &state.wanted {
                    _ if !has_changed => Change::None,
                    Some(wanted) => Change::Play(wanted.clone()),
                    None => Change::End,
                };
                let inbox = std::mem::take(&mut state.inbox);
                return Some(News { change, inbox });
            }
            let changed = &self.shared.changed;
            state = match left {
                Some(left) => {
                    let waited = changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn bring_in_line(&mut self, wanted: Playback, now: Instant) {
        let same_recording = self.current.as_ref().is_some_and(|it| {
            it.playback.media == wanted.media && it.playback.participant == wanted.participant
        });
        if !same_recording {
            self.end();
        }
        let same_generation = |it: &Current| it.playback.generation == wanted.generation;
        if !self.current.as_ref().is_some_and(same_generation) {
            let has_begun = self.current.as_ref().is_some_and(|it| it.has_begun);
            self.forget_read(wanted.from);
            self.current = Some(Current {
                playback: wanted.clone(),
                pacer: Pacer::new(wanted.from),
                has_begun,
                has_sent: false,
            });
        }
        if let Some(current) = &mut self.current {
            current.pacer.run(wanted.running, now);
            current.playback = wanted;
        }
    }

    /// What was read is worthless, and another position is to be read.
    fn forget_read(&self, from: Duration) {
        let mut state = self.shared.lock();
        state.epoch += 1;
        state.inbox.clear();
        state.ahead_bytes = 0;
        state.sent_until = from;
        state.waits_for_reader = true;
        drop(state);
        // The reader of the epoch before may wait for place.
        self.shared.changed.notify_all();
    }

    /// Begins to read what is wanted. While too many reads hang it waits, and the recording stalls.
    fn read_if_it_may(&mut self) {
        let Some(current) = &mut self.current else {
            return;
        };
        let mut state = self.shared.lock();
        if !state.waits_for_reader || state.readers >= MAX_READERS {
            return;
        }
        state.waits_for_reader = false;
        state.readers += 1;
        let epoch = state.epoch;
        drop(state);
        let (shared, open) = (Arc::clone(&self.shared), Arc::clone(&self.open));
        let Playback { media, from, .. } = current.playback.clone();
        let spawned = thread::Builder::new()
            .name("playback-read".to_owned())
            .spawn(move || {
                read_ahead(&shared, epoch, &open, &media, from);
                shared.lock().readers -= 1;
                shared.changed.notify_all();
            });
        if let Err(error) = spawned {
            self.shared.lock().readers -= 1;
            let reason = format!("the server cannot start another thread ({error})");
            current.pacer.fail(reason);
        }
    }

    fn take(&mut self, reading: Reading) {
        let Some(current) = &mut self.current else {
            return;
        };
        match reading {
            Reading::Opened(tracks) => {
                if !std::mem::replace(&mut current.has_begun, true) {
                    let participant = &current.playback.participant;
                    self.sink.begin(&self.room, participant, &tracks);
                }
            }
            Reading::Frame(frame) => current.pacer.push(frame),
            Reading::End => current.pacer.finish(),
            Reading::Failed(reason) => current.pacer.fail(reason),
        }
    }

    /// Sends what is due, and says when to do so again.
    fn play(&mut self, now: Instant) -> Option<Instant> {
        let current = self.current.as_mut()?;
        let step = current.pacer.poll(now);
        let generation = current.playback.generation;
        if let Some(last) = step.frames.last() {
            let last = last.frame.at;
            let sent: usize = step.frames.iter().map(|it| it.frame.memory()).sum();
            let is_first = !std::mem::replace(&mut current.has_sent, true);
            self.sink.frames(Batch {
                generation,
                begins: is_first.then_some(current.playback.from),
                frames: step.frames,
            });
            let mut state = self.shared.lock();
            state.sent_until = state.sent_until.max(last);
            state.ahead_bytes = state.ahead_bytes.saturating_sub(sent);
            drop(state);
            self.shared.changed.notify_all();
        }
        if let Some(report) = step.report {
            tracing::info!(room = %self.room, media = %current.playback.media, ?report, "playback");
            (self.reports)(&self.room, generation, report);
        }
        step.wake
    }

    fn end(&mut self) {
        if let Some(current) = self.current.take() {
            let mut state = self.shared.lock();
            state.epoch += 1;
            state.inbox.clear();
            state.waits_for_reader = false;
            drop(state);
            self.shared.changed.notify_all();
            if current.has_begun {
                self.sink.end();
            }
        }
    }
}

/// Reads a recording ahead of the room's thread, until it ends or another position is wanted.
fn read_ahead(shared: &Shared, epoch: u64, open: &Opener, media: &MediaId, from: Duration) {
    let mut source = match open(media, from) {
        Ok(source) => source,
        Err(error) => {
            shared.give(epoch, Reading::Failed(error.to_string()));
            return;
        }
    };
    if !shared.give(epoch, Reading::Opened(source.tracks())) {
        return;
    }
    loop {
        let reading = match source.next_frame() {
            Ok(Some(frame)) => Reading::Frame(frame),
            Ok(None) => Reading::End,
            Err(error) => Reading::Failed(error.to_string()),
        };
        let goes_on = matches!(reading, Reading::Frame(_));
        if !shared.give(epoch, reading) || !goes_on {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
