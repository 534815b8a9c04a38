//! The subtitles of recordings: a file of WebVTT for each language, beside the recording that they belong to.
//!
//! What comes in the recording's own file is taken out of it when it is added, and may be replaced like any other.

use std::{
    collections::HashMap,
    fs::{self, File, Metadata},
    io::{ErrorKind, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use plenary_ids::{Language, MediaId};

use crate::{
    Library, LibraryError, disk,
    webvtt::{self, Cue, MAX_SUBTITLES_BYTES},
};

/// Subtitles as they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtitles {
    /// The language that they are in.
    pub language: Language,
    /// The cues in the order in which they begin.
    pub cues: Vec<Cue>,
}

/// Subtitles that were read, each with the state of its file then.
pub(crate) type SubtitlesCache = HashMap<PathBuf, (Stamp, Arc<Subtitles>)>;

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    written: Option<SystemTime>,
    bytes: u64,
    /// A file that takes the place of another is another.
    inode: u64,
}

impl Stamp {
    fn of(facts: &Metadata) -> Self {
        Self {
            written: facts.modified().ok(),
            bytes: facts.len(),
            inode: facts.ino(),
        }
    }
}

/// As many files as rooms play, in a few languages each.
const MAX_CACHED: usize = 64;
const ENDING: &str = "vtt";
/// The most languages of the subtitles of one recording.
const MAX_LANGUAGES: usize = 64;

impl Library {
    /// The languages in which a recording has subtitles, in their order.
    pub fn subtitles(&self, id: &MediaId) -> Result<Vec<Language>, LibraryError> {
        let fault = |error| LibraryError::Io {
            path: self.folder().to_owned(),
            error,
        };
        let mut languages = Vec::new();
        for entry in fs::read_dir(self.folder()).map_err(fault)? {
            let name = PathBuf::from(entry.map_err(fault)?.file_name());
            let is_subtitles = name.extension().is_some_and(|it| it == ENDING);
            let stem = name.file_stem().and_then(|it| it.to_str());
            // A language has no point, so the last one ends the id.
            let parts = stem
                .filter(|_| is_subtitles)
                .and_then(|it| it.rsplit_once('.'));
            if let Some((of, tag)) = parts
                && of == id.as_str()
            {
                languages.extend(Language::new(tag));
            }
        }
        languages.sort();
        languages.dedup();
        Ok(languages)
    }

    /// The subtitles of a recording in a language, or in the more general one that serves for it. Those that many read at the
    /// same time are read from disk once.
    pub fn cues(&self, id: &MediaId, wanted: &Language) -> Result<Arc<Subtitles>, LibraryError> {
        let there = self.subtitles(id)?;
        let language = wanted.lookup(&there).unwrap_or(wanted);
        let path = self.subtitles_path(id, language);
        let nothing = || LibraryError::NoSubtitles {
            id: id.clone(),
            language: language.clone(),
        };
        let fault = |error| LibraryError::Io {
            path: path.clone(),
            error,
        };
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(nothing()),
            opened => opened.map_err(fault)?,
        };
        let stamp = Stamp::of(&file.metadata().map_err(fault)?);
        if let Some(known) = self.known_subtitles(&path, stamp) {
            return Ok(known);
        }
        let mut text = Vec::new();
        let most = u64::try_from(MAX_SUBTITLES_BYTES + 1).unwrap_or(u64::MAX);
        file.take(most).read_to_end(&mut text).map_err(fault)?;
        let read = Arc::new(Subtitles {
            language: language.clone(),
            cues: webvtt::parse(&text)?,
        });
        let mut cache = self.subtitles_cache();
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(path, (stamp, Arc::clone(&read)));
        Ok(read)
    }

    fn known_subtitles(&self, path: &Path, stamp: Stamp) -> Option<Arc<Subtitles>> {
        let cache = self.subtitles_cache();
        let (of, known) = cache.get(path)?;
        (*of == stamp).then(|| Arc::clone(known))
    }

    /// Adds subtitles to a recording, or replaces those in that language. They are on disk when this returns.
    pub fn set_subtitles(
        &self,
        id: &MediaId,
        language: &Language,
        cues: &[Cue],
    ) -> Result<(), LibraryError> {
        self.find(id)?;
        let known = self.subtitles(id)?;
        if known.len() >= MAX_LANGUAGES && !known.contains(language) {
            let max = MAX_LANGUAGES;
            return Err(LibraryError::TooManySubtitles { max });
        }
        let path = self.subtitles_path(id, language);
        let text = webvtt::write(cues);
        if text.len() > MAX_SUBTITLES_BYTES {
            return Err(LibraryError::Subtitles(webvtt::too_large()));
        }
        disk::write_whole(self.folder(), &path, text.as_bytes())
            .map_err(|error| LibraryError::Io { path, error })
    }

    /// Removes the subtitles of a recording in a language.
    pub fn remove_subtitles(&self, id: &MediaId, language: &Language) -> Result<(), LibraryError> {
        let path = self.subtitles_path(id, language);
        match fs::remove_file(&path) {
            Ok(()) => self.sync_folder(),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(LibraryError::NoSubtitles {
                id: id.clone(),
                language: language.clone(),
            }),
            Err(error) => Err(LibraryError::Io { path, error }),
        }
    }

    fn subtitles_path(&self, id: &MediaId, language: &Language) -> PathBuf {
        self.folder().join(format!("{id}.{language}.{ENDING}"))
    }
}
