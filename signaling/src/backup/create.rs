//! `plenary backup`: writes the archive.
//!
//! The journal is copied first. Every take that it names is a whole file by then, so what is copied after it has at least
//! what the journal names; a take that is newer is recorded by the restored server, as after a crash.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use plenary_conference::Keys;
use plenary_ids::{Moment, RoomId, Seq, TakeId};
use plenary_journal::Reader;
use plenary_recorder::take_file;
use plenary_room::Clock;
use ring::digest::{Context, SHA256};
use serde::Deserialize;
use tar::{Builder, EntryType, Header};

use super::{
    BEGINNING_FILE, BUFFER_BYTES, BackupError, Beginning, FORMAT, FileFacts, JOURNAL_FILE,
    MANIFEST_FILE, Manifest, RoomEnd, UNFINISHED_PREFIX,
};
use crate::progress::ProgressBar;

/// The folder of the takes.
const TAKES_FOLDER: &str = "recordings";
/// What belongs to a running server, is made anew at any time, or was not received to its end.
const LEFT_OUT: [&str; 8] = [
    "journal.db",
    "journal.db-wal",
    "journal.db-shm",
    "journal.lock",
    "revoked.lock",
    "no-journal-yet",
    "recordings-muxed",
    "media/uploads",
];
/// The end of the name of a take that is being written.
const PART_SUFFIX: &str = ".part";
const FILE_MODE: u32 = 0o600;

/// Writes the backup of a data folder, which a server may be using, to a new file. The sentences are warnings.
pub fn create(
    data: &Path,
    archive: &Path,
    with_recordings: bool,
) -> Result<Vec<String>, BackupError> {
    let is_packed = is_packed(archive).ok_or_else(|| BackupError::Name(archive.to_owned()))?;
    if fs::symlink_metadata(archive).is_ok() {
        return Err(BackupError::Exists(archive.to_owned()));
    }
    let folder = match archive.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let canonical = |path: &Path| fs::canonicalize(path).map_err(BackupError::file(path));
    if canonical(folder)?.starts_with(canonical(data)?) {
        return Err(BackupError::Inside(archive.to_owned()));
    }
    if !Keys::exist(data) {
        return Err(BackupError::NoKey(Keys::file(data)));
    }
    let work = tempfile::Builder::new()
        .prefix(UNFINISHED_PREFIX)
        .tempdir_in(folder)
        .map_err(BackupError::file(folder))?;
    plenary_journal::copy(data, work.path())?;
    let reader = Reader::open(work.path())?;
    let rooms = ends(&reader)?;
    let takes = takes(&reader, &rooms)?;
    drop(reader);

    let mut warnings = Vec::new();
    let found = files(data, with_recordings, &mut warnings)?;
    let file = tempfile::NamedTempFile::new_in(work.path())?; // mode 0600 from its creation
    let sink = Sink::new(BufWriter::with_capacity(BUFFER_BYTES, file), is_packed);
    let mut writer = ArchiveWriter::new(sink);
    let plenary = env!("CARGO_PKG_VERSION").to_owned();
    let beginning = Beginning {
        format: FORMAT,
        plenary,
    };
    writer.add_bytes(BEGINNING_FILE, &json(&beginning)?)?;
    let journal = work.path().join(JOURNAL_FILE);
    let bytes_of = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let all = found.iter().map(|(_, path)| bytes_of(path)).sum::<u64>() + bytes_of(&journal);
    writer.progress.expected = all;
    let made_at = Clock::new().now();
    let mut files = vec![writer.add_file(JOURNAL_FILE, &journal)?];
    for (name, path) in &found {
        files.extend(writer.add_if_there(name, path, &mut warnings)?);
    }
    if with_recordings {
        warnings.extend(missing_takes(data, &takes, &files));
    }
    let manifest = Manifest {
        made_at,
        rooms,
        files,
    };
    writer.add_bytes(MANIFEST_FILE, &json(&manifest)?)?;
    let file = writer.finish()?;
    file.as_file().sync_all()?;
    file.persist_noclobber(archive)
        .map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(archive.to_owned()),
            _ => BackupError::Io(refused.error),
        })?;
    File::open(folder)?.sync_all()?;
    Ok(warnings)
}

fn json(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(io::Error::from)
}

/// Whether a name says that the archive is compressed; none if it says no format.
fn is_packed(archive: &Path) -> Option<bool> {
    match archive.extension()?.to_str()? {
        "tgz" => Some(true),
        "tar" => Some(false),
        "gz" => (Path::new(archive.file_stem()?).extension()? == "tar").then_some(true),
        _ => None,
    }
}

/// The end of each room's log. It verifies them: a backup of a log that was altered is none.
pub(super) fn ends(reader: &Reader) -> Result<Vec<RoomEnd>, BackupError> {
    let rooms = reader.rooms()?.into_iter();
    let ends = rooms.map(|room| {
        let head = reader.verify(&room)?;
        Ok(RoomEnd {
            records: head.seq,
            sha256: head.hash.to_string(),
            room,
        })
    });
    ends.collect()
}

/// The takes whose files are there, by the log: their hashes by room and id.
type Takes = BTreeMap<(RoomId, TakeId), String>;

/// The events that say which takes there are.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum TakeEvent {
    #[serde(rename = "record.take")]
    Take(TakeFacts),
    #[serde(rename = "record.take_deleted")]
    Deleted { id: TakeId },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct TakeFacts {
    id: TakeId,
    sha256: String,
}

fn takes(reader: &Reader, rooms: &[RoomEnd]) -> Result<Takes, BackupError> {
    let mut takes = Takes::new();
    for RoomEnd { room, .. } in rooms {
        for record in reader.records(room, Seq(0))? {
            match serde_json::from_slice(&record?.body) {
                Ok(TakeEvent::Take(take)) => {
                    takes.insert((room.clone(), take.id), take.sha256);
                }
                Ok(TakeEvent::Deleted { id }) => {
                    takes.remove(&(room.clone(), id));
                }
                Ok(TakeEvent::Other) | Err(_) => {}
            }
        }
    }
    Ok(takes)
}

/// What the log says of takes that the archive does not have so.
fn missing_takes(data: &Path, takes: &Takes, files: &[FileFacts]) -> Vec<String> {
    let folder = data.join(TAKES_FOLDER);
    let mut warnings = Vec::new();
    for ((room, take), sha256) in takes {
        let path = take_file(&folder, room, take);
        let path = path.as_deref().and_then(|path| name_in(data, path));
        let copied = path.and_then(|path| files.iter().find(|it| it.path == path));
        match copied {
            None => warnings.push(format!(
                "the take {take} of the room {room} is in the record, and its file is not there"
            )),
            Some(file) if file.sha256 != *sha256 => warnings.push(format!(
                "{} is not the file that was recorded: its hash is another",
                file.path
            )),
            Some(_) => {}
        }
    }
    warnings
}

/// The path of a file in the folder, with slashes; none if it is not UTF-8.
fn name_in(data: &Path, path: &Path) -> Option<String> {
    path.strip_prefix(data).ok()?.to_str().map(str::to_owned)
}

/// Every file that is to be copied besides the journal: its path in the folder, and its path here.
fn files(
    data: &Path,
    with_recordings: bool,
    warnings: &mut Vec<String>,
) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(BackupError::file(&folder))? {
            let entry = entry.map_err(BackupError::file(&folder))?;
            let path = entry.path();
            let Some(name) = name_in(data, &path) else {
                warnings.push(format!(
                    "{} is left out: its name is no text",
                    path.display()
                ));
                continue;
            };
            // Files that are being written, by Plenary and by this.
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let is_unwanted = name == TAKES_FOLDER && !with_recordings;
            if is_hidden || is_unwanted || LEFT_OUT.contains(&name.as_str()) {
                continue;
            }
            match entry.file_type().map_err(BackupError::file(&path))? {
                kind if kind.is_dir() => folders.push(path),
                kind if kind.is_file() => found.push((name, path)),
                _ => warnings.push(format!("{name} is left out: it is no file")),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The archive, compressed or as it is.
enum Sink {
    Plain(Out),
    Packed(GzEncoder<Out>),
}

type Out = BufWriter<tempfile::NamedTempFile>;

impl Sink {
    fn new(out: Out, is_packed: bool) -> Self {
        if is_packed {
            Self::Packed(GzEncoder::new(out, Compression::default()))
        } else {
            Self::Plain(out)
        }
    }

    fn finish(self) -> io::Result<tempfile::NamedTempFile> {
        let out = match self {
            Self::Plain(out) => out,
            Self::Packed(encoder) => encoder.finish()?,
        };
        out.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Packed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Packed(out) => out.flush(),
        }
    }
}

struct ArchiveWriter {
    tar: Builder<Sink>,
    progress: Progress,
}

/// How much of all files is copied.
struct Progress {
    bar: ProgressBar,
    expected: u64,
    copied: u64,
}

impl ArchiveWriter {
    fn new(sink: Sink) -> Self {
        Self {
            tar: Builder::new(sink),
            progress: Progress {
                bar: ProgressBar::new("backup"),
                expected: 0,
                copied: 0,
            },
        }
    }

    fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let now = Clock::new().now();
        self.tar
            .append_data(&mut header(length, now.0 / 1000), name, bytes)
    }

    /// Adds a file if it is still there. A take that was being written may have got its final name meanwhile.
    fn add_if_there(
        &mut self,
        name: &str,
        path: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<Option<FileFacts>, BackupError> {
        let is_gone = |error: &BackupError| matches!(error, BackupError::File { error, .. } if error.kind() == io::ErrorKind::NotFound);
        match self.add_file(name, path) {
            Err(error) if is_gone(&error) => {}
            added => return added.map(Some),
        }
        let whole = name.strip_suffix(PART_SUFFIX).zip(path.to_str());
        if let Some((name, path)) = whole {
            let path = Path::new(path.strip_suffix(PART_SUFFIX).unwrap_or(path));
            match self.add_file(name, path) {
                Err(error) if is_gone(&error) => {}
                added => return added.map(Some),
            }
        }
        warnings.push(format!("{name} was deleted meanwhile"));
        Ok(None)
    }

    /// Adds a file as long as it is now: a take that is being written grows on.
    fn add_file(&mut self, name: &str, path: &Path) -> Result<FileFacts, BackupError> {
        let file = File::open(path).map_err(BackupError::file(path))?;
        let facts = file.metadata().map_err(BackupError::file(path))?;
        let bytes = facts.len();
        let changed_at = u64::try_from(facts.mtime()).unwrap_or_default();
        let mut reader = Hashing {
            file: file.take(bytes),
            hash: Context::new(&SHA256),
            bytes: 0,
            progress: &mut self.progress,
        };
        let mut header = header(bytes, changed_at);
        self.tar
            .append_data(&mut header, name, &mut reader)
            .map_err(BackupError::file(name))?;
        if reader.bytes != bytes {
            return Err(BackupError::Changed {
                path: name.to_owned(),
            });
        }
        Ok(FileFacts {
            path: name.to_owned(),
            bytes,
            sha256: hex(reader.hash.finish().as_ref()),
        })
    }

    fn finish(mut self) -> io::Result<tempfile::NamedTempFile> {
        let _ = self.progress.bar.finish();
        self.tar.into_inner()?.finish()
    }
}

fn header(bytes: u64, changed_at: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes);
    header.set_mode(FILE_MODE);
    header.set_mtime(changed_at);
    header
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hashes and counts what is read of a file.
struct Hashing<'a> {
    file: io::Take<File>,
    hash: Context,
    bytes: u64,
    progress: &'a mut Progress,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        let count = u64::try_from(read).unwrap_or(u64::MAX);
        self.bytes += count;
        self.progress.copied += count;
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        let share = self.progress.copied as f64 / self.progress.expected.max(1) as f64;
        // A backup that nobody watches is one, too.
        let _ = self.progress.bar.show(share);
        Ok(read)
    }
}

/// The time of a manifest for people.
pub(super) fn time(moment: Moment) -> String {
    plenary_ids::rfc3339::text(moment)
}
