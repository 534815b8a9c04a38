//! The recording of rooms: connects the media engine to the recorder, and the recorder's reports to the rooms' logs.
//!
//! What is recorded is decided by the rooms and checked by the media engine; here it only passes. `tap.rs` is the way of
//! packets, `reports.rs` that of reports, `retention.rs` deletes what is old, `speeches.rs` makes one file of a speech, and
//! `sending.rs` sends a sitting while it is made.

mod reports;
mod retention;
mod sending;
mod sitting;
mod speeches;
mod tap;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use plenary_ids::{Moment, RoomId, TakeId};
use plenary_recorder::{Disk, Limits, Recorder, Usage, take_file};
use tokio::sync::Semaphore;

use self::sending::Sendings;
use crate::clock::MachineClock;

pub use self::{
    reports::{Reported, forward, recover},
    retention::keep_deleting,
    sending::Sending,
    sitting::{
        Speakers, chapters, heard_in, is_main, pauses, sittings_of, span, speaker_name, speakers_of,
    },
    speeches::{Unmuxed, takes_of},
};

/// The folder of the takes within the data folder.
const TAKES_FOLDER: &str = "recordings";
/// The folder of what was made of them, which may be deleted at any time.
const MUXED_FOLDER: &str = "recordings-muxed";
/// How long the last takes may take to be on disk when the server ends. The next start makes whole what is not.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(700);

/// The recorder of a server, and the folder of its takes.
#[derive(Debug)]
pub struct RoomRecorder {
    recorder: Mutex<Option<Recorder>>,
    folder: PathBuf,
    disk: Arc<dyn Disk>,
    muxed: PathBuf,
    /// What stays free on the disk, for the log.
    pub min_free_bytes: u64,
    /// Whether takes may begin: not before what a crash has left is whole.
    ready: Arc<AtomicBool>,
    /// One speech at a time is made into one file: it is the disk that is slow.
    muxing: Arc<Semaphore>,
    /// The sittings that are being sent.
    sendings: Sendings,
}

impl RoomRecorder {
    /// Starts the recorder's threads.
    pub fn start(data: &Path, disk: Arc<dyn Disk>, limits: Limits) -> io::Result<(Self, Reported)> {
        let folder = data.join(TAKES_FOLDER);
        let (reports, reported) = reports::channel();
        let recorder = Recorder::start(folder.clone(), Arc::clone(&disk), limits, reports)?;
        let this = Self {
            recorder: Mutex::new(Some(recorder)),
            folder,
            disk,
            muxed: data.join(MUXED_FOLDER),
            min_free_bytes: limits.min_free_bytes,
            ready: Arc::default(),
            muxing: Arc::new(Semaphore::new(1)),
            sendings: Sendings::default(),
        };
        Ok((this, reported))
    }

    /// A tap for a media worker; none once the recorder has ended.
    pub fn tap(&self, clock: &Arc<MachineClock>) -> Option<Box<dyn plenary_media::Tap>> {
        let tap = self.lock().as_ref().map(Recorder::tap)?;
        let (clock, ready) = (Arc::clone(clock), Arc::clone(&self.ready));
        Some(Box::new(tap::RecorderTap::new(tap, clock, ready)))
    }

    /// How much the recorder has to do, and what it has done.
    pub fn usage(&self) -> Option<Usage> {
        self.lock().as_ref().map(Recorder::usage)
    }

    /// The file of a take, if it is there.
    pub fn file(&self, room: &RoomId, take: &TakeId) -> Option<PathBuf> {
        take_file(&self.folder, room, take)
    }

    /// Ends all takes. It blocks for a short time; what is not on disk then is made whole at the next start.
    pub fn close(&self) {
        let recorder = self.lock().take();
        if let Some(recorder) = recorder
            && !recorder.close(CLOSE_TIMEOUT)
        {
            tracing::warn!("not every take is on disk; the next start makes them whole");
        }
    }

    /// Deletes the file of a take, and what was made of it. A file that is gone already is deleted too.
    fn delete(&self, room: &RoomId, take: &TakeId) -> io::Result<()> {
        if let Some(file) = self.file(room, take) {
            fs::remove_file(file)?;
        }
        self.forget_muxed(room)
    }

    fn is_ready(&self) -> bool {
        self.ready.load(Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Recorder>> {
        // Nothing panics while it is held.
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many bytes an hour of a recorded room usually takes, as long as none was measured: a picture of 2.5 Mbit/s, and a
/// few sounds.
pub const USUAL_BYTES_PER_HOUR: u64 = 1_250_000_000;

/// The moment before which a take is too old for a room that keeps its takes for so many days.
fn too_old_before(now: Moment, days: u32) -> Moment {
    now.before(plenary_ids::Millis(u64::from(days) * 24 * 3_600_000))
}
