//! The end of a file: its index, its duration, its final name and its hash.

use std::{
    fs::File,
    io::{self, Read, SeekFrom},
    path::{Path, PathBuf},
};

use plenary_ids::{Millis, Moment};
use ring::digest::{Context, SHA256};

use crate::{
    disk::{Disk, DiskFile},
    matroska::{Cue, Ending, Places},
    take::{TakeInfo, TakeSummary},
};

const HASH_BUFFER_BYTES: usize = 1 << 20;

/// A file whose frames are all written.
pub(crate) struct FinishJob {
    pub(crate) file: Box<dyn DiskFile>,
    /// Its present name.
    pub(crate) path: PathBuf,
    /// Its final name.
    pub(crate) to: PathBuf,
    pub(crate) places: Places,
    /// How many of its bytes are whole; what follows is cut off.
    pub(crate) bytes: u64,
    pub(crate) cues: Vec<Cue>,
    pub(crate) size: Option<(u32, u32)>,
    /// The machine's wall clock minus that of the sender, in nanoseconds, if the sender's is known.
    pub(crate) clock_offset: Option<i64>,
    pub(crate) summary: Unhashed,
}

/// A summary of which the file is not finished.
#[derive(Debug, Clone)]
pub(crate) struct Unhashed {
    pub(crate) info: TakeInfo,
    pub(crate) from: Moment,
    pub(crate) duration_ms: u64,
    pub(crate) media_type: String,
    pub(crate) frames: u64,
    pub(crate) lost_packets: u64,
    pub(crate) recovered: bool,
}

impl Unhashed {
    pub(crate) fn hashed(self, bytes: u64, sha256: String) -> TakeSummary {
        TakeSummary {
            from: self.from,
            to: self.from.after(Millis(self.duration_ms)),
            info: self.info,
            bytes,
            sha256,
            media_type: self.media_type,
            frames: self.frames,
            lost_packets: self.lost_packets,
            recovered: self.recovered,
        }
    }
}

/// Finishes a file.
pub(crate) fn finish(mut job: FinishJob, disk: &dyn Disk) -> io::Result<TakeSummary> {
    let file = &mut job.file;
    file.truncate(job.bytes)?;
    file.seek(SeekFrom::Start(job.bytes))?;
    let mut bytes = job.bytes;
    let mut cues_at = None;
    if !job.cues.is_empty() {
        let cues = job.places.cues(&job.cues);
        file.write_all(&cues)?;
        cues_at = Some(bytes);
        bytes += cues.len() as u64;
    }
    let ending = Ending {
        bytes,
        cues: cues_at,
        duration_ms: job.summary.duration_ms,
        date_ms: Some(job.summary.from.0),
        size: job.size,
        lost_packets: Some(job.summary.lost_packets),
    };
    for (at, part) in job.places.filled(&ending) {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&part)?;
    }
    file.sync()?;
    let (read, sha256) = hash(file)?;
    if read != bytes {
        return Err(io::Error::other(
            "the file has another length than was written",
        ));
    }
    disk.rename(&job.path, &job.to)?;
    Ok(job.summary.hashed(bytes, sha256))
}

/// The length of a take's file and its SHA-256 in hexadecimal digits, to be compared with what the log has.
pub fn file_hash(path: &Path) -> io::Result<(u64, String)> {
    hash(&mut File::open(path)?)
}

/// The length of a file and its SHA-256, as it is on disk.
pub(crate) fn hash(file: &mut (impl Read + io::Seek + ?Sized)) -> io::Result<(u64, String)> {
    file.seek(SeekFrom::Start(0))?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; HASH_BUFFER_BYTES];
    let mut bytes = 0;
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        context.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    let digest = context.finish();
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    Ok((bytes, digits.collect()))
}
