//! Files that are received in parts, over many requests and restarts, until they are whole and are added to the library.
//!
//! Each has two files in `media/uploads/`: a note that says whose it is and how long it will be, and the part that is
//! there. How much was received is the length of the part, so that a crash needs no repair: the sender asks, and goes on
//! from there. Whoever receives it sees to it that one request at a time writes to it.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use plenary_ids::{MediaId, PersonId};
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};

use crate::{Item, Library, LibraryError, Limits, Refused, disk, inspect};

/// An upload to which nothing was added for so long is removed.
pub const UPLOAD_LIFE: Duration = Duration::from_hours(24);
/// How many unfinished uploads a person may have.
pub const MAX_UNFINISHED: usize = 4;
/// How many results of a person are kept, for a sender whose connection broke before the answer.
const MAX_RESULTS: usize = 16;

const FOLDER: &str = "uploads";
const NOTE_ENDING: &str = "json";
const PART_ENDING: &str = "part";
const ID_CHARS: usize = 16;
/// Larger than any note.
const MAX_NOTE_BYTES: u64 = 64 << 10;

/// The name of an upload. It has letters and digits only, because it names files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadId(Arc<str>);

impl UploadId {
    /// Checks a name; none if no upload can have it.
    pub fn new(name: &str) -> Option<Self> {
        let allowed = name.len() == ID_CHARS && name.bytes().all(|it| it.is_ascii_alphanumeric());
        allowed.then(|| Self(Arc::from(name)))
    }

    /// The name as it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a sender says of a file before its first byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The sender, who alone may go on with it.
    pub person: PersonId,
    /// The name of the recording.
    pub name: String,
    /// How many bytes the file has.
    pub bytes: u64,
    /// What else the sender said, given back as it was.
    pub metadata: String,
}

/// What came of a file that was received to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was added to the library under this id.
    Added(MediaId),
    /// It cannot be played, for the reason in this sentence.
    Refused(String),
}

/// The note of an upload as it is on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    #[serde(flatten)]
    announced: Announced,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
}

/// An upload as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadState {
    /// Its name.
    pub id: UploadId,
    /// What its sender said of it.
    pub announced: Announced,
    /// How many bytes were received.
    pub received: u64,
    /// What came of it; none while it is received or checked.
    pub outcome: Option<Outcome>,
    /// When something was last added to it.
    pub touched: SystemTime,
}

impl UploadState {
    /// Whether every byte is there, and the check is still to come.
    pub fn awaits_check(&self) -> bool {
        self.outcome.is_none() && self.received == self.announced.bytes
    }
}

/// The uploads of a library. Clones share one lock.
#[derive(Debug, Clone)]
pub struct Uploads {
    library: Library,
    folder: PathBuf,
    /// Held while an upload is begun, so that two at once do not pass a bound together.
    beginning: Arc<Mutex<()>>,
}

/// Writes to an upload, from where it ends.
#[derive(Debug)]
pub struct PartWriter {
    file: File,
    folder: PathBuf,
    limits: Limits,
    bytes: u64,
    received: u64,
}

impl Uploads {
    /// The uploads of a library. Their folder is made with the first one.
    pub fn new(library: Library) -> Self {
        let folder = library.folder().join(FOLDER);
        Self {
            library,
            folder,
            beginning: Arc::default(),
        }
    }

    /// Begins an upload, if its sender has room for another and the disk has room for it.
    pub fn begin(&self, announced: Announced) -> Result<UploadState, LibraryError> {
        Library::check_name(&announced.name)?;
        if announced.bytes == 0 {
            return Err(Refused::Empty.into());
        }
        let limits = self.library.limits();
        disk::check_size(limits, announced.bytes)?;
        let _one_at_a_time = self
            .beginning
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let all = self.all()?;
        let (done, unfinished): (Vec<_>, Vec<_>) = all.iter().partition(|it| it.outcome.is_some());
        let of_sender = |it: &&&UploadState| it.announced.person == announced.person;
        let own = unfinished.iter().filter(of_sender).count();
        let own_bytes: u64 = unfinished
            .iter()
            .filter(of_sender)
            .map(|it| it.announced.bytes)
            .sum();
        if own >= MAX_UNFINISHED || own_bytes.saturating_add(announced.bytes) > limits.max_bytes {
            return Err(LibraryError::TooManyUploads {
                uploads: own,
                megabytes: own_bytes / 1_000_000,
            });
        }
        // What the others have still to send is promised to them.
        let promised = unfinished
            .iter()
            .map(|it| it.announced.bytes.saturating_sub(it.received))
            .fold(announced.bytes, u64::saturating_add);
        disk::check_space(self.library.folder(), limits, promised)?;
        let mut results: Vec<_> = done.iter().filter(of_sender).collect();
        results.sort_by_key(|it| std::cmp::Reverse(it.touched));
        for old in results.iter().skip(MAX_RESULTS - 1) {
            self.remove(&old.id)?;
        }
        let id = self.make(&Note {
            announced,
            outcome: None,
        })?;
        self.find(&id)
    }

    /// An upload as it is now.
    pub fn find(&self, id: &UploadId) -> Result<UploadState, LibraryError> {
        let note = self.note(id)?;
        let part = fs::metadata(self.path(id, PART_ENDING)).ok();
        let noted = fs::metadata(self.path(id, NOTE_ENDING)).ok();
        let modified = |found: &Option<fs::Metadata>| found.as_ref()?.modified().ok();
        let touched = modified(&part).max(modified(&noted));
        let received = match (&note.outcome, &part) {
            (Some(_), _) => note.announced.bytes,
            (None, Some(part)) => part.len().min(note.announced.bytes),
            (None, None) => 0,
        };
        // A crash between the file's last move and the note of it.
        let lost = || Outcome::Refused("The file was lost in a crash; send it again.".to_owned());
        let outcome = note.outcome.or_else(|| part.is_none().then(lost));
        Ok(UploadState {
            id: id.clone(),
            announced: note.announced,
            received,
            outcome,
            touched: touched.unwrap_or(SystemTime::UNIX_EPOCH),
        })
    }

    /// Every upload, in no order.
    pub fn all(&self) -> Result<Vec<UploadState>, LibraryError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.fault(error)),
        };
        let mut all = Vec::new();
        for entry in entries {
            let name = PathBuf::from(entry.map_err(|error| self.fault(error))?.file_name());
            if name.extension().is_none_or(|it| it != NOTE_ENDING) {
                continue;
            }
            let id = name.file_stem().and_then(|it| UploadId::new(it.to_str()?));
            // One that cannot be read, or that was removed meanwhile, is not counted.
            all.extend(id.and_then(|id| self.find(&id).ok()));
        }
        Ok(all)
    }

    /// Opens an upload to be gone on with from an offset, which has to be its end.
    pub fn resume(&self, id: &UploadId, offset: u64) -> Result<PartWriter, LibraryError> {
        let upload = self.find(id)?;
        if upload.outcome.is_some() || upload.received != offset {
            return Err(LibraryError::Offset {
                received: upload.received,
            });
        }
        let file = OpenOptions::new()
            .write(true)
            .open(self.path(id, PART_ENDING));
        Ok(PartWriter {
            file: file.map_err(|error| self.fault(error))?,
            folder: self.library.folder().to_owned(),
            limits: self.library.limits(),
            bytes: upload.announced.bytes,
            received: offset,
        })
    }

    /// Checks an upload that is whole, and adds it to the library. A file that cannot be played is deleted, and the reason
    /// is kept; after a fault of the disk it stays, to be checked again.
    pub fn finish(&self, id: &UploadId) -> Result<Arc<Item>, LibraryError> {
        let upload = self.find(id)?;
        match upload.outcome {
            Some(Outcome::Added(media)) => return self.library.find(&media),
            Some(Outcome::Refused(why)) => return Err(LibraryError::WasRefused(why)),
            None => {}
        }
        if upload.received < upload.announced.bytes {
            return Err(LibraryError::Offset {
                received: upload.received,
            });
        }
        match self.add(id, &upload.announced.name) {
            Err(LibraryError::Refused(refused)) if !matches!(refused, Refused::Io(_)) => {
                self.note_outcome(id, Outcome::Refused(refused.to_string()))?;
                disk::remove(&self.path(id, PART_ENDING)).map_err(|error| self.fault(error))?;
                Err(refused.into())
            }
            Err(error) => Err(error),
            Ok(item) => {
                self.note_outcome(id, Outcome::Added(item.id.clone()))?;
                Ok(item)
            }
        }
    }

    fn add(&self, id: &UploadId, name: &str) -> Result<Arc<Item>, LibraryError> {
        let path = self.path(id, PART_ENDING);
        let mut file = File::open(&path).map_err(|error| self.fault(error))?;
        let found = inspect(&mut file, self.library.limits())?;
        let path = TempPath::try_from_path(path).map_err(|error| self.fault(error))?;
        let mut file = NamedTempFile::from_parts(file, path);
        // It was received with effort, so an error of the disk does not delete it.
        file.disable_cleanup(true);
        self.library.keep(name, file, found, &[])
    }

    /// Removes an upload with what was received of it.
    pub fn remove(&self, id: &UploadId) -> Result<(), LibraryError> {
        // The note goes last: a part without one would never be found again.
        for ending in [PART_ENDING, NOTE_ENDING] {
            disk::remove(&self.path(id, ending)).map_err(|error| self.fault(error))?;
        }
        Ok(())
    }

    /// Removes the uploads to which nothing was added for [`UPLOAD_LIFE`].
    pub fn remove_old(&self, now: SystemTime) -> Result<usize, LibraryError> {
        let mut removed = 0;
        for upload in self.all()? {
            let age = now.duration_since(upload.touched).unwrap_or_default();
            if age > UPLOAD_LIFE {
                self.remove(&upload.id)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn make(&self, note: &Note) -> Result<UploadId, LibraryError> {
        let make = || -> io::Result<UploadId> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.folder)?;
            let part = tempfile::Builder::new()
                .prefix("")
                .rand_bytes(ID_CHARS)
                .suffix(&format!(".{PART_ENDING}"))
                .make_in(&self.folder, |path| {
                    OpenOptions::new()
                        .write(true)
                        .create_new(true)
                        .mode(0o600)
                        .open(path)
                })?;
            let id = part.path().file_stem().and_then(|it| it.to_str());
            let id = id.and_then(UploadId::new).ok_or(ErrorKind::InvalidData)?;
            let (_, path) = part.keep().map_err(|error| error.error)?;
            let noted = self.write_note(&id, note);
            if noted.is_err() {
                let _ = fs::remove_file(path);
            }
            noted.map(|()| id)
        };
        let limits = self.library.limits();
        make().map_err(|error| disk::write_error(&self.folder, limits, error))
    }

    fn write_note(&self, id: &UploadId, note: &Note) -> io::Result<()> {
        let text = serde_json::to_vec(note)?;
        disk::write_whole(&self.folder, &self.path(id, NOTE_ENDING), &text)
    }

    fn note_outcome(&self, id: &UploadId, outcome: Outcome) -> Result<(), LibraryError> {
        let mut note = self.note(id)?;
        note.outcome = Some(outcome);
        self.write_note(id, &note)
            .map_err(|error| disk::write_error(&self.folder, self.library.limits(), error))
    }

    fn note(&self, id: &UploadId) -> Result<Note, LibraryError> {
        let path = self.path(id, NOTE_ENDING);
        let text = match fs::metadata(&path) {
            Ok(found) if found.len() <= MAX_NOTE_BYTES => fs::read(&path),
            Ok(_) => return Err(LibraryError::NoUpload),
            Err(error) => Err(error),
        };
        let text = text.map_err(|error| match error.kind() {
            ErrorKind::NotFound => LibraryError::NoUpload,
            _ => self.fault(error),
        })?;
        serde_json::from_slice(&text).map_err(|_| LibraryError::NoUpload)
    }

    fn path(&self, id: &UploadId, ending: &str) -> PathBuf {
        self.folder.join(format!("{id}.{ending}"))
    }

    fn fault(&self, error: io::Error) -> LibraryError {
        LibraryError::Io {
            path: self.folder.clone(),
            error,
        }
    }
}

impl PartWriter {
    /// How many bytes may still come.
    pub fn left(&self) -> u64 {
        self.bytes.saturating_sub(self.received)
    }

    /// How many bytes were received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Receives the next part. More than was announced is refused, and changes nothing.
    pub fn write(&mut self, part: &[u8]) -> Result<(), LibraryError> {
        let length = part.len() as u64;
        if length > self.left() {
            return Err(LibraryError::TooLong { bytes: self.bytes });
        }
        let after = self.received.saturating_add(length);
        disk::check_growth(&self.folder, self.limits, self.received, after)?;
        // At its own place: a write that a slow disk does late cannot make the file longer than its bytes.
        self.file
            .write_all_at(part, self.received)
            .map_err(|error| disk::write_error(&self.folder, self.limits, error))?;
        self.received = after;
        Ok(())
    }

    /// Has what was received on disk.
    pub fn sync(&self) -> Result<(), LibraryError> {
        let folder: &Path = &self.folder;
        self.file
            .sync_data()
            .map_err(|error| disk::write_error(folder, self.limits, error))
    }
}
