//! The folder of recordings: `media/` in the data folder, with a file and a description for each.
//!
//! The command line adds and removes recordings while the server runs, so the folder is read anew whenever it is asked.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use plenary_ids::{Language, MAX_ID_BYTES, MediaId};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::{
    BadSubtitles, Inspection, Item, Kind, Limits, Listed, ReadError, Reader, Refused,
    disk::{self, delete_abandoned, incoming},
    inspect,
    subtitles::SubtitlesCache,
};

const FOLDER: &str = "media";
const FILE_ENDING: &str = "mkv";
const DESCRIPTION_ENDING: &str = "json";
/// The version of the descriptions.
const FORMAT: u32 = 1;
/// Larger than the description of twelve hours.
const MAX_DESCRIPTION_BYTES: u64 = 16 << 20;
const MAX_NAME_CHARS: usize = 200;

/// Why the library did not do something.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum LibraryError {
    /// The file cannot be played.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name cannot be used.
    #[error("A recording's name has 1 to {MAX_NAME_CHARS} characters, and no control characters.")]
    Name,
    /// There is no such recording.
    #[error("There is no recording \"{0}\"; `plenary media list` shows those that there are.")]
    NotFound(MediaId),
    /// The recording's files are damaged.
    #[error("The recording \"{id}\" cannot be played: {why}")]
    Damaged { id: MediaId, why: String },
    /// More languages were named than there are tracks of sound.
    #[error(
        "{given} languages were given, and the recording has {sounds}. Give one for each track of sound, in their order.",
        sounds = sounds_in_words(*sounds)
    )]
    Languages { given: usize, sounds: usize },
    /// The subtitles cannot be read.
    #[error("The subtitles cannot be read. {0}")]
    Subtitles(#[from] BadSubtitles),
    /// There are no subtitles in that language.
    #[error("The recording \"{id}\" has no subtitles in {language}.")]
    NoSubtitles { id: MediaId, language: Language },
    /// The recording has subtitles in as many languages as it can.
    #[error(
        "A recording has subtitles in at most {max} languages. Remove those that are not needed."
    )]
    TooManySubtitles { max: usize },
    /// The disk has too little space for it.
    #[error(
        "The disk of the data folder has no room for it: {free} MB are free, and {reserved} MB stay free for the record. Delete other files on that disk, or make it larger."
    )]
    DiskFull { free: u64, reserved: u64 },
    /// There is no such upload.
    #[error("There is no such upload; it has ended, was removed, or is somebody else's.")]
    NoUpload,
    /// The sender is somewhere else in the file than the server.
    #[error("{received} bytes of this file were received; go on from there.")]
    Offset { received: u64 },
    /// More comes than was announced.
    #[error("The file was announced with {bytes} bytes, and more of it comes.")]
    TooLong { bytes: u64 },
    /// The sender has begun too many uploads, or too large ones.
    #[error(
        "You have {uploads} unfinished uploads with {megabytes} MB together; finish or cancel one of them first."
    )]
    TooManyUploads { uploads: usize, megabytes: u64 },
    /// The file was received to its end before, and cannot be played.
    #[error("{0}")]
    WasRefused(String),
    /// The file system cannot do what it is asked.
    #[error("{}: {error}.", path.display())]
    Io { path: PathBuf, error: io::Error },
}

/// The recordings of a data folder. Clones share what was read.
#[derive(Debug, Clone)]
pub struct Library(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    limits: Limits,
    /// The descriptions that were read, each with its file's state at that time.
    known: Mutex<HashMap<MediaId, (Stamp, Listed)>>,
    subtitles: Mutex<SubtitlesCache>,
}

/// What changes when a recording's files do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    described: Option<(SystemTime, u64)>,
    file: Option<(SystemTime, u64)>,
}

/// A description as it is on disk.
#[derive(Debug, Serialize, Deserialize)]
struct Description {
    format: u32,
    #[serde(flatten)]
    item: Item,
}

/// The file of a recording, to be read as it is.
#[derive(Debug)]
pub struct Content {
    /// Where the file is.
    pub path: PathBuf,
    /// What was found in it.
    pub item: Arc<Item>,
    /// What changes when the file does.
    pub version: String,
}

/// A file that is being received. It is deleted if it is not added.
#[derive(Debug)]
pub struct Upload {
    file: NamedTempFile,
    folder: PathBuf,
    limits: Limits,
    written: u64,
}

impl Library {
    /// The library of a data folder; its own folder is made if it is missing.
    pub fn open(data: &Path, limits: Limits) -> Result<Self, LibraryError> {
        let folder = data.join(FOLDER);
        let fault = |error| LibraryError::Io {
            path: folder.clone(),
            error,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(fault)?;
        // A file system without modes is no reason not to go on.
        if let Err(error) = fs::set_permissions(&folder, Permissions::from_mode(0o700)) {
            tracing::warn!(folder = %folder.display(), %error, "others may be able to read this folder");
        }
        delete_abandoned(&folder).map_err(fault)?;
        Ok(Self(Arc::new(Inner {
            folder,
            limits,
            known: Mutex::default(),
            subtitles: Mutex::default(),
        })))
    }

    /// Every recording of the folder, ordered by id.
    pub fn list(&self) -> Result<Vec<Listed>, LibraryError> {
        let folder = &self.0.folder;
        let fault = |error| LibraryError::Io {
            path: folder.clone(),
            error,
        };
        let mut ids = Vec::new();
        for entry in fs::read_dir(folder).map_err(fault)? {
            let name = PathBuf::from(entry.map_err(fault)?.file_name());
            let ending = name.extension().and_then(|it| it.to_str());
            let is_part = matches!(ending, Some(FILE_ENDING | DESCRIPTION_ENDING));
            let id = name
                .file_stem()
                .and_then(|stem| MediaId::new(stem.to_str()?).ok());
            ids.extend(id.filter(|id| is_part && !id.as_str().starts_with('.')));
        }
        ids.sort();
        ids.dedup();
        let listed: Vec<Listed> = ids.into_iter().filter_map(|id| self.listed(&id)).collect();
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|id, _| listed.iter().any(|it| it.id() == id));
        Ok(listed)
    }

    /// A recording that can be played.
    pub fn find(&self, id: &MediaId) -> Result<Arc<Item>, LibraryError> {
        match self.listed(id) {
            Some(Listed::Whole(item)) => Ok(item),
            Some(Listed::Damaged { id, why }) => Err(LibraryError::Damaged { id, why }),
            None => Err(LibraryError::NotFound(id.clone())),
        }
    }

    /// The largest file that it takes, in bytes.
    pub fn max_bytes(&self) -> u64 {
        self.0.limits.max_bytes
    }

    /// Refuses a name that no recording can have, before its file comes.
    pub fn check_name(name: &str) -> Result<(), LibraryError> {
        checked_name(name).map(|_| ())
    }

    /// Begins to receive a file.
    pub fn upload(&self) -> Result<Upload, LibraryError> {
        let folder = &self.0.folder;
        let fault = |error| LibraryError::Io {
            path: folder.clone(),
            error,
        };
        // What is left over would take the space that this one needs.
        delete_abandoned(folder).map_err(fault)?;
        let file = incoming(folder).map_err(fault)?;
        let upload = Upload {
            file,
            folder: folder.clone(),
            limits: self.0.limits,
            written: 0,
        };
        disk::check_space(folder, self.0.limits, 0)?;
        Ok(upload)
    }

    /// Checks a file that was received, and adds it under a name. It is on disk when this returns. The languages are those
    /// of its tracks of sound, in their order; without any, the file's own hold.
    pub fn add(
        &self,
        name: &str,
        upload: Upload,
        languages: &[Language],
    ) -> Result<Arc<Item>, LibraryError> {
        checked_name(name)?;
        let Upload { mut file, .. } = upload;
        let found = inspect(file.as_file_mut(), self.0.limits)?;
        self.keep(name, file, found, languages)
    }

    /// Adds a file that was checked.
    pub(crate) fn keep(
        &self,
        name: &str,
        file: NamedTempFile,
        found: Inspection,
        languages: &[Language],
    ) -> Result<Arc<Item>, LibraryError> {
        let name = checked_name(name)?;
        let sounds = found.tracks.iter().filter(|it| it.kind == Kind::Audio);
        let (given, sounds) = (languages.len(), sounds.count());
        if given > sounds {
            return Err(LibraryError::Languages { given, sounds });
        }
        let fault = |error| LibraryError::Io {
            path: self.0.folder.clone(),
            error,
        };
        file.as_file().sync_all().map_err(fault)?;
        let id = self.place(file, &name)?;
        let subtitles = found.subtitles.clone();
        let mut item = Item::new(id.clone(), name, found);
        item.name_languages(languages);
        if let Err(error) = self.describe(&item) {
            // Without its description the file would be listed as damaged for good.
            let _ = fs::remove_file(self.file(&id));
            return Err(error);
        }
        for (language, cues) in &subtitles {
            if let Err(error) = self.set_subtitles(&id, language, cues) {
                let _ = self.remove(&id);
                return Err(error);
            }
        }
        self.find(&id)
    }

    /// Adds to what an operator should know of a recording.
    pub fn warn(&self, id: &MediaId, warnings: Vec<String>) -> Result<Arc<Item>, LibraryError> {
        let mut item = Item::clone(&*self.find(id)?);
        item.warnings.extend(warnings);
        self.describe(&item)?;
        self.find(id)
    }

    /// Deletes a recording. Who plays it plays it to its end.
    pub fn remove(&self, id: &MediaId) -> Result<(), LibraryError> {
        if self.listed(id).is_none() {
            return Err(LibraryError::NotFound(id.clone()));
        }
        // First what a later recording of the same id must not get.
        for language in self.subtitles(id)? {
            self.remove_subtitles(id, &language)?;
        }
        for path in [self.description(id), self.file(id)] {
            disk::remove(&path).map_err(|error| LibraryError::Io { path, error })?;
        }
        self.sync_folder()
    }

    /// Opens a recording for playing, from a position on.
    pub fn reader(&self, id: &MediaId, from: Duration) -> Result<Reader<File>, ReadError> {
        let item = self
            .find(id)
            .map_err(|error| ReadError::Gone(error.to_string()))?;
        Reader::open(File::open(self.file(id))?, item, from)
    }

    /// The file of a recording, to be read as it is.
    pub fn content(&self, id: &MediaId) -> Result<Content, LibraryError> {
        let item = self.find(id)?;
        let path = self.file(id);
        let found = fs::metadata(&path).map_err(|error| LibraryError::Io {
            path: path.clone(),
            error,
        })?;
        let written = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let since = written.duration_since(SystemTime::UNIX_EPOCH);
        let nanos = since.unwrap_or_default().as_nanos();
        Ok(Content {
            path,
            item,
            version: format!("{nanos:x}-{:x}", found.len()),
        })
    }

    /// Gives the file a path that no other recording has, and so an id.
    fn place(&self, mut file: NamedTempFile, name: &str) -> Result<MediaId, LibraryError> {
        for number in 1_u32.. {
            let id = id(name, number);
            if self.description(&id).exists() {
                continue;
            }
            let path = self.file(&id);
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(id),
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => file = error.file,
                Err(error) => {
                    let error = error.error;
                    return Err(LibraryError::Io { path, error });
                }
            }
        }
        Err(LibraryError::Name)
    }

    /// Writes a description so that it is there as a whole, or not at all.
    fn describe(&self, item: &Item) -> Result<(), LibraryError> {
        let path = self.description(&item.id);
        let described = Description {
            format: FORMAT,
            item: item.clone(),
        };
        let write = || -> io::Result<()> {
            let text = serde_json::to_vec(&described)?;
            disk::write_whole(&self.0.folder, &path, &text)
        };
        write().map_err(|error| disk::write_error(&path, self.0.limits, error))
    }

    pub(crate) fn subtitles_cache(&self) -> MutexGuard<'_, SubtitlesCache> {
        let cache = &self.0.subtitles;
        cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0.folder
    }

    pub(crate) fn sync_folder(&self) -> Result<(), LibraryError> {
        let path = &self.0.folder;
        disk::sync_folder(path).map_err(|error| LibraryError::Io {
            path: path.clone(),
            error,
        })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    fn file(&self, id: &MediaId) -> PathBuf {
        self.0.folder.join(format!("{id}.{FILE_ENDING}"))
    }

    fn description(&self, id: &MediaId) -> PathBuf {
        self.0.folder.join(format!("{id}.{DESCRIPTION_ENDING}"))
    }

    /// A recording as it is on disk now; none if there is nothing of it.
    fn listed(&self, id: &MediaId) -> Option<Listed> {
        let stamp = Stamp {
            described: stamp(&self.description(id)),
            file: stamp(&self.file(id)),
        };
        if stamp.described.is_none() && stamp.file.is_none() {
            return None;
        }
        let known = || self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, listed)) = known().get(id)
            && *then == stamp
        {
            return Some(listed.clone());
        }
        let listed = match self.read(id, stamp) {
            Ok(item) => Listed::Whole(Arc::new(item)),
            Err(why) => Listed::Damaged {
                id: id.clone(),
                why,
            },
        };
        known().insert(id.clone(), (stamp, listed.clone()));
        Some(listed)
    }

    fn read(&self, id: &MediaId, stamp: Stamp) -> Result<Item, String> {
        let remedy = "remove it and add it again.";
        let Some((_, bytes)) = stamp.file else {
            return Err(format!("its file {id}.{FILE_ENDING} is missing; {remedy}"));
        };
        let Some((_, length)) = stamp.described else {
            return Err(format!("it was not added to its end; {remedy}"));
        };
        if length > MAX_DESCRIPTION_BYTES {
            return Err(format!("its description is too long; {remedy}"));
        }
        let text = fs::read(self.description(id))
            .map_err(|error| format!("its description cannot be read ({error}); {remedy}"))?;
        let described: Description = serde_json::from_slice(&text)
            .map_err(|_| format!("its description cannot be understood; {remedy}"))?;
        if described.format > FORMAT {
            return Err("a newer Plenary has added it; use that one.".to_owned());
        }
        let mut item = described.item;
        if item.bytes != bytes {
            return Err(format!(
                "its file was changed since it was checked; {remedy}"
            ));
        }
        // The name of the file is the id, whatever its description says.
        item.id = id.clone();
        Ok(item)
    }
}

impl Upload {
    /// How many bytes were received.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Where the file is, for a program that writes it.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Refuses a file that will have so many bytes, before they come.
    pub fn expect(&self, bytes: u64) -> Result<(), LibraryError> {
        disk::check_size(self.limits, bytes)?;
        disk::check_space(&self.folder, self.limits, bytes)
    }

    /// Receives the next part, if there is room for it.
    pub fn write(&mut self, part: &[u8]) -> Result<(), LibraryError> {
        let before = self.written;
        let written = before.saturating_add(part.len() as u64);
        disk::check_size(self.limits, written)?;
        disk::check_growth(&self.folder, self.limits, before, written)?;
        self.file
            .write_all(part)
            .map_err(|error| disk::write_error(&self.folder, self.limits, error))?;
        self.written = written;
        Ok(())
    }

    /// Refuses to go on with a file that another program writes.
    pub fn check_file(&self) -> Result<(), LibraryError> {
        let found = self.file.as_file().metadata();
        let found = found.map_err(|error| LibraryError::Io {
            path: self.folder.clone(),
            error,
        })?;
        disk::check_size(self.limits, found.len())?;
        disk::check_space(&self.folder, self.limits, 0)
    }
}

fn sounds_in_words(sounds: usize) -> String {
    match sounds {
        0 => "no sound".to_owned(),
        1 => "one track of sound".to_owned(),
        many => format!("{many} tracks of sound"),
    }
}

fn checked_name(name: &str) -> Result<String, LibraryError> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=MAX_NAME_CHARS).contains(&length) || name.chars().any(char::is_control) {
        return Err(LibraryError::Name);
    }
    Ok(name.to_owned())
}

/// The id of a name; from the second of its kind on with a number.
fn id(name: &str, number: u32) -> MediaId {
    const FALLBACK: &str = "recording";
    let mut word = String::new();
    for c in name.chars() {
        let allowed = c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        match (allowed, word.ends_with('-')) {
            (true, _) => word.push(c.to_ascii_lowercase()),
            (false, false) => word.push('-'),
            (false, true) => {}
        }
    }
    let ending = match number {
        1 => String::new(),
        number => format!("-{number}"),
    };
    // All of it is ASCII now.
    word.truncate(MAX_ID_BYTES - ending.len());
    let word = word.trim_matches(['-', '.', '_']);
    let word = if word.is_empty() { FALLBACK } else { word };
    MediaId::new(&format!("{word}{ending}")).unwrap_or_else(|_| {
        // It cannot happen: the word has only characters of an id. A name of its own is as good.
        id(FALLBACK, number.max(1))
    })
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((found.modified().ok()?, found.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_the_name_and_of_a_number_if_it_is_taken() {
        let made = |name, number| id(name, number).to_string();
        assert_eq!(
            made("Mayor's address (Tokyo).mkv", 1),
            "mayor-s-address-tokyo-.mkv"
        );
        assert_eq!(made("市長致詞", 1), "recording");
        assert_eq!(made("市長致詞", 3), "recording-3");
        assert_eq!(made("..", 1), "recording");
        let long = "a".repeat(200);
        assert_eq!(made(&long, 12).len(), MAX_ID_BYTES);
    }
}
