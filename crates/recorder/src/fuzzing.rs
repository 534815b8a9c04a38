//! The way from packets to a file, without threads and disk, for the fuzzer in `fuzz/`.

use std::{
    collections::HashMap,
    io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};

use plenary_ids::{Moment, PersonId, RoomId, TakeId};
use plenary_scene::Source;
use plenary_transport::sdp::{Codec, Kind};

use crate::{
    disk::{Disk, DiskFile},
    finish::finish,
    read::TakeReader,
    running::{RunningTake, Target},
    take::{PacketFacts, TakeInfo},
};

type Bytes = Arc<Mutex<Vec<u8>>>;

/// A disk in memory.
#[derive(Debug, Default)]
struct MemoryDisk(Mutex<HashMap<PathBuf, Bytes>>);

/// A file in memory, and where it is read or written next.
struct MemoryFile(Bytes, u64);

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryFile {
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Cursor<&mut Vec<u8>>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut bytes = lock(&self.0);
        let mut cursor = Cursor::new(&mut *bytes);
        cursor.set_position(self.1);
        let done = work(&mut cursor);
        self.1 = cursor.position();
        done
    }
}

impl Read for MemoryFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.with(|file| file.read(into))
    }
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for MemoryFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.with(|file| file.seek(to))
    }
}

impl DiskFile for MemoryFile {
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        lock(&self.0).truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for MemoryDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let bytes = Bytes::default();
        lock(&self.0).insert(path.to_owned(), Arc::clone(&bytes));
        Ok(Box::new(MemoryFile(bytes, 0)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let files = lock(&self.0);
        let bytes = files.get(path).ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(MemoryFile(Arc::clone(bytes), 0)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = lock(&self.0);
        let bytes = files.remove(from).ok_or(ErrorKind::NotFound)?;
        files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        lock(&self.0).remove(path);
        Ok(())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(lock(&self.0).keys().cloned().collect())
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

/// Packets as an input describes them: seven bytes and a payload for each.
struct Packets<'a> {
    rest: &'a [u8],
    index: u64,
    timestamp: u32,
    arrival: Instant,
}

impl<'a> Iterator for Packets<'a> {
    type Item = (PacketFacts, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.rest.split_first_chunk::<7>()?;
        let [kind, flags, step, time, wait, high, low] = *head;
        let length = usize::from(u16::from_be_bytes([high & 0x07, low])).min(rest.len());
        let (payload, rest) = rest.split_at(length);
        self.rest = rest;
        // Numbers go on, jump, or come late.
        self.index = match step {
            0..=199 => self.index + 1,
            200..=239 => self.index + u64::from(step - 198),
            240..=250 => self.index.saturating_sub(u64::from(step - 239)),
            _ => self.index + 5000,
        };
        self.timestamp = match time {
            0..=99 => self.timestamp,
            100..=199 => self.timestamp.wrapping_add(3000),
            200..=249 => self.timestamp.wrapping_add(u32::from(time) * 4800),
            _ => self.timestamp.wrapping_sub(u32::from(time) << 20),
        };
        self.arrival += Duration::from_millis(u64::from(wait));
        let codec = Codec::ALL.into_iter().nth(usize::from(kind) % 4)?;
        let facts = PacketFacts {
            codec,
            index: self.index,
            timestamp: self.timestamp,
            marker: flags & 1 != 0,
            keyframe: flags & 2 != 0,
            layer: (flags >> 2) & 1,
            generation: u64::from((flags >> 3) & 1),
            arrival: self.arrival,
        };
        Some((facts, payload))
    }
}

/// Records packets of any bytes and in any order. Every file that comes of it can be read to its end, with as many frames as
/// its summary says.
pub fn packets(input: &[u8]) {
    let ids = (
        TakeId::new("t1"),
        RoomId::new("climate"),
        PersonId::new("tokyo-1"),
    );
    let (Ok(id), Ok(room), Ok(participant)) = ids else {
        return;
    };
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let began = Instant::now();
    let is_sound = Codec::ALL.into_iter().nth(usize::from(*first) % 4);
    let is_sound = is_sound.is_some_and(|codec| codec.kind() == Kind::Audio);
    let info = TakeInfo {
        id,
        room,
        speech: None,
        participant,
        source: if is_sound {
            Source::Microphone
        } else {
            Source::Camera
        },
        language: None,
        began: Moment(1_800_000_000_000),
    };
    let disk = MemoryDisk::default();
    let target = Target {
        disk: &disk,
        folder: Path::new("takes"),
    };
    let mut take = RunningTake::new(info, began, Arc::new(AtomicBool::new(false)));
    let mut jobs = Vec::new();
    let packets = Packets {
        rest,
        index: 1 << 16,
        timestamp: 0,
        arrival: began,
    };
    let mut now = began;
    for (facts, payload) in packets {
        now = facts.arrival;
        let written = take.packet(&facts, payload, target, &mut jobs);
        assert!(written.is_ok(), "memory takes everything: {written:?}");
        let ticked = take.tick(now, target, &mut jobs);
        assert!(ticked.is_ok(), "memory takes everything: {ticked:?}");
    }
    let finished = take.finish(now, target, &mut jobs);
    assert!(finished.is_ok(), "memory takes everything: {finished:?}");
    for job in jobs {
        let path = job.to.clone();
        let summary = finish(job, &disk);
        let read = summary
            .as_ref()
            .map(|it| it.frames)
            .map_err(ToString::to_string);
        assert_eq!(read, frames_of(&disk, &path), "{summary:?}");
    }
}

fn frames_of(disk: &MemoryDisk, path: &Path) -> Result<u64, String> {
    let file = disk.open(path).map_err(|error| error.to_string())?;
    let (_, mut reader) = TakeReader::open(file).map_err(|fault| fault.to_string())?;
    let mut frames = 0;
    while reader.next().map_err(|fault| fault.to_string())?.is_some() {
        frames += 1;
    }
    Ok(frames)
}
