//! The threads that write takes: one that writes, one that finishes files, and one that watches how long the disk takes.

use std::{
    collections::HashMap,
    fmt, io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    block::{Block, Queue, Record},
    disk::Disk,
    finish::{FinishJob, finish},
    shared::{Shared, Usage},
    take::{Report, StopReason},
    tap::Tap,
    writer::Writer,
};

/// Where the recorder tells of its work. It is called on the recorder's own threads and must not wait.
pub type Reports = Arc<dyn Fn(Report) + Send + Sync>;

/// How often it is looked at how long the disk takes.
const WATCH_INTERVAL: Duration = Duration::from_millis(200);
/// How often a closing recorder looks for a place in a full queue.
const CLOSE_INTERVAL: Duration = Duration::from_millis(20);

/// What a recorder may take, and what it must leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What stays free on the disk, for the log.
    pub min_free_bytes: u64,
    /// Blocks of 64 KiB that may wait to be written.
    pub queue_blocks: usize,
    /// A disk that does not answer for so long stops the recording.
    pub slow_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min_free_bytes: 512_000_000,
            queue_blocks: 256,
            slow_after: Duration::from_secs(3),
        }
    }
}

/// Writes the takes of all rooms into one folder.
pub struct Recorder {
    queue: Queue,
    /// Ends when all threads that write have ended.
    ended: Receiver<()>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Recorder")
            .field("usage", &self.usage())
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Starts the threads. What a crash has left in the folder is for [`crate::recover`], before any take begins.
    pub fn start(
        folder: PathBuf,
        disk: Arc<dyn Disk>,
        limits: Limits,
        reports: Reports,
    ) -> io::Result<Self> {
        let shared: Arc<Shared> = Arc::default();
        let (queue, blocks) = Queue::new(limits.queue_blocks, shared.clone());
        let (finisher, jobs) = channel();
        let (ends, ended) = channel();
        let writer = Writer {
            blocks,
            disk: disk.clone(),
            folder,
            limits,
            shared: shared.clone(),
            reports: reports.clone(),
            finisher,
            takes: HashMap::new(),
            clocks: HashMap::new(),
            gaps: Vec::new(),
            ticked: Instant::now(),
            measured: None,
        };
        let (works, stopped) = channel();
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        named("take-writer").spawn(move || {
            writer.run();
            // The watching thread ends with it.
            drop(works);
        })?;
        let told = reports.clone();
        named("take-finisher").spawn(move || finish_all(&jobs, &*disk, &told, &ends))?;
        named("take-watch").spawn(move || watch(&shared, limits.slow_after, &reports, &stopped))?;
        Ok(Self { queue, ended })
    }

    /// A tap for one media worker.
    pub fn tap(&self) -> Tap {
        Tap::new(self.queue.clone())
    }

    /// How much there is to do, and what was done.
    pub fn usage(&self) -> Usage {
        self.queue.shared.usage()
    }

    /// Ends all takes, and waits for so long until they are on disk; returns whether they are. What is not is recovered at
    /// the next start.
    pub fn close(self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let mut block = Block::new();
        block.records.push(Record::Close);
        while let Err(back) = self.queue.send(block) {
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(CLOSE_INTERVAL);
            block = back;
        }
        let left = until.saturating_duration_since(Instant::now());
        self.ended.recv_timeout(left) == Err(RecvTimeoutError::Disconnected)
    }
}

fn finish_all(jobs: &Receiver<FinishJob>, disk: &dyn Disk, reports: &Reports, _ends: &Sender<()>) {
    for job in jobs {
        let path = job.path.clone();
        match finish(job, disk) {
            Ok(summary) => reports(Report::Written(Box::new(summary))),
            // Its frames are on disk, and the next start makes it whole.
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "a take cannot be finished");
            }
        }
    }
}

fn watch(shared: &Shared, slow_after: Duration, reports: &Reports, stopped: &Receiver<()>) {
    while stopped.recv_timeout(WATCH_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        for room in shared.newly_stalled(slow_after) {
            let reason = StopReason::DiskSlow;
            reports(Report::Stopped { room, reason });
        }
    }
}
