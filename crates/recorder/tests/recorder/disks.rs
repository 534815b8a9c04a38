//! Disks that are full, that fail, and that do not answer.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use plenary_ids::Moment;
use plenary_recorder::{Disk, DiskFile, Limits, Report, StopReason, SystemDisk};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;

use super::meeting::{Meeting, Stream, WITHIN, file, read};

/// A disk with a fault.
#[derive(Debug, Default)]
struct Faulty {
    /// Bytes that can still be written.
    room: Option<AtomicU64>,
    /// What is said to be free; 0 is what is free on the disk.
    free: AtomicU64,
    /// How often that was asked for.
    asked: AtomicU64,
    fails: Option<io::ErrorKind>,
    /// Whether writing waits until this is false.
    hangs: Arc<(Mutex<bool>, Condvar)>,
}

struct FaultyFile {
    file: Box<dyn DiskFile>,
    disk: Arc<Faulty>,
}

#[derive(Debug, Clone)]
struct Shared(Arc<Faulty>);

impl Disk for Shared {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if let Some(kind) = self.0.fails {
            return Err(kind.into());
        }
        let disk = self.0.clone();
        let file = SystemDisk.create(path)?;
        Ok(Box::new(FaultyFile { file, disk }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        SystemDisk.open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        SystemDisk.list(folder)
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        self.0.asked.fetch_add(1, Relaxed);
        match self.0.free.load(Relaxed) {
            0 => SystemDisk.free_bytes(folder),
            free => Ok(free),
        }
    }
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (hangs, freed) = &*self.disk.hangs;
        drop(
            freed
                .wait_while(hangs.lock().unwrap(), |hangs| *hangs)
                .unwrap(),
        );
        let Some(room) = &self.disk.room else {
            return self.file.write(bytes);
        };
        let fits = room.load(Relaxed).min(bytes.len() as u64);
        if fits == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        room.fetch_sub(fits, Relaxed);
        self.file.write(&bytes[..usize::try_from(fits).unwrap()])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for FaultyFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Seek for FaultyFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl DiskFile for FaultyFile {
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.file.truncate(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

fn limits() -> Limits {
    Limits {
        min_free_bytes: 1000,
        slow_after: Duration::from_millis(300),
        ..Limits::default()
    }
}

fn stopped(meeting: &Meeting) -> StopReason {
    stopped_after(meeting).0
}

/// Why the recording stops, and the gaps that are reported before.
fn stopped_after(meeting: &Meeting) -> (StopReason, Vec<(Moment, Moment)>) {
    let mut gaps = Vec::new();
    loop {
        match meeting.reports.recv_timeout(WITHIN).unwrap() {
            Report::Stopped { room, reason } => {
                assert_eq!(room.as_str(), "climate");
                return (reason, gaps);
            }
            Report::Gap { from, to, .. } => gaps.push((from, to)),
            Report::Written(summary) => panic!("{summary:?}"),
        }
    }
}

#[test]
fn only_so_much_free_as_the_log_needs_stops_the_recording_before_it_begins() {
    let disk = Faulty {
        free: AtomicU64::new(999),
        ..Faulty::default()
    };
    let mut meeting = Meeting::on(Arc::new(Shared(Arc::new(disk))), limits());
    let key = meeting.begin("sound", Source::Microphone, 0);
    meeting.speak(key, &mut Stream::new(Codec::Opus), 0, 3000);
    assert_eq!(stopped(&meeting), StopReason::DiskFull);
    assert!(meeting.recorder.take().unwrap().close(WITHIN));
    assert_eq!(std::fs::read_dir(meeting.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_disk_that_is_nearly_full_stops_the_recording_and_its_last_second_is_kept() {
    let disk = Arc::new(Faulty::default());
    let mut meeting = Meeting::on(Arc::new(Shared(disk.clone())), limits());
    let key = meeting.begin("sound", Source::Microphone, 0);
    meeting.speak(key, &mut Stream::new(Codec::Opus), 0, 2500);
    let until = Instant::now() + WITHIN;
    while disk.asked.load(Relaxed) == 0 {
        assert!(Instant::now() < until);
        std::thread::yield_now();
    }
    disk.free.store(999, Relaxed);
    // What is free is asked for about once a second.
    let mut reports = Vec::new();
    while reports.len() < 2 {
        reports.push(meeting.reports.recv_timeout(WITHIN).unwrap());
    }
    reports.sort_by_key(|report| matches!(report, Report::Written(_)));
    let [Report::Stopped { reason, .. }, Report::Written(take)] = &reports[..] else {
        panic!("{reports:?}")
    };
    assert_eq!(*reason, StopReason::DiskFull);
    // More than the two whole seconds before; what the writer had not received yet may be missing.
    assert!(
        take.frames > 110 && take.to.since(take.from).0 > 2200,
        "{take:?}"
    );
    assert!(meeting.recorder.take().unwrap().close(WITHIN));
}

#[test]
fn a_disk_that_fails_stops_the_recording_and_the_next_take_is_tried_again() {
    let disk = Faulty {
        fails: Some(io::ErrorKind::PermissionDenied),
        ..Faulty::default()
    };
    let mut meeting = Meeting::on(Arc::new(Shared(Arc::new(disk))), limits());
    for (take, from) in [("first", 0), ("second", 4000)] {
        let key = meeting.begin(take, Source::Microphone, from);
        meeting.speak(key, &mut Stream::new(Codec::Opus), from, from + 3000);
        assert_eq!(stopped(&meeting), StopReason::DiskFailed);
        meeting.end(key, from + 3000);
    }
    assert!(meeting.recorder.take().unwrap().close(WITHIN));
}

#[test]
fn a_disk_that_fills_up_keeps_what_was_written_before() {
    let disk = Faulty {
        room: Some(AtomicU64::new(100_000)),
        ..Faulty::default()
    };
    let mut meeting = Meeting::on(Arc::new(Shared(Arc::new(disk))), limits());
    let key = meeting.begin("picture", Source::Camera, 0);
    meeting.show(key, &mut Stream::new(Codec::Vp8), 0, 3000);
    let (reason, gaps) = stopped_after(&meeting);
    assert_eq!(reason, StopReason::DiskFull);
    let recorder = meeting.recorder.take().unwrap();
    assert!(recorder.close(WITHIN));
    // Its index has no room either; once there is, the next start makes it whole.
    let found = plenary_recorder::recover(meeting.folder.path(), &SystemDisk, |_, _| false);
    let found = found.unwrap();
    assert!(found[0].recovered && found[0].bytes <= 104_000, "{found:?}");
    // The second that had no room is a gap in the record, and not a part of the take.
    let [(from, to)] = gaps[..] else {
        panic!("{gaps:?}")
    };
    assert!(from >= found[0].to && to > from, "{gaps:?} {found:?}");
    let (_, _, frames) = read(&std::fs::read(file(&meeting.folder, &found[0])).unwrap());
    assert_eq!(frames.len() as u64, found[0].frames);
}

#[test]
fn a_disk_that_does_not_answer_stops_the_recording_and_never_the_tap() {
    let disk = Arc::new(Faulty::default());
    let hangs = disk.hangs.clone();
    *hangs.0.lock().unwrap() = true;
    let few = Limits {
        // Some seconds of pictures, so that the writer comes to a whole cluster.
        queue_blocks: 64,
        ..limits()
    };
    let mut meeting = Meeting::on(Arc::new(Shared(disk)), few);
    let key = meeting.begin("picture", Source::Camera, 0);
    // Far more than the queue holds. If the tap waited for it, this would never end.
    meeting.show(key, &mut Stream::new(Codec::Vp8), 0, 120_000);
    assert_eq!(stopped(&meeting), StopReason::DiskSlow);
    let usage = meeting.recorder.as_ref().unwrap().usage();
    assert!(usage.dropped_packets > 0, "{usage:?}");
    meeting.end(key, 120_000);

    *hangs.0.lock().unwrap() = false;
    hangs.1.notify_all();
    let until = Instant::now() + WITHIN;
    let waiting = |meeting: &Meeting| meeting.recorder.as_ref().unwrap().usage().waiting_blocks;
    while waiting(&meeting) > 0 {
        assert!(Instant::now() < until);
        std::thread::yield_now();
    }
    let key = meeting.begin("after", Source::Microphone, 121_000);
    meeting.speak(key, &mut Stream::new(Codec::Opus), 121_000, 121_200);
    meeting.end(key, 121_200);
    let recorder = meeting.recorder.take().unwrap();
    drop(meeting.tap);
    assert!(recorder.close(WITHIN));
    let written: Vec<String> = meeting
        .reports
        .try_iter()
        .filter_map(|report| match report {
            Report::Written(summary) => Some(summary.info.id.to_string()),
            _ => None,
        })
        .collect();
    assert!(written.contains(&"after".to_owned()), "{written:?}");
}
