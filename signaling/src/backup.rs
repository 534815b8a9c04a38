//! Backups: a data folder as one tar file, made beside a running server, and put into an empty folder of another machine.
//!
//! The archive begins with what it is ([`Beginning`]) and ends with a list of its files and their hashes ([`Manifest`]), so
//! one that was cut off or changed is known. `create` writes it, `restore` reads it.

mod create;
mod restore;

use std::{io, path::PathBuf};

use plenary_conference::KeysError;
use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{OpenError, ReadError};
use serde::{Deserialize, Serialize};

pub use self::{create::create, restore::restore};

/// The format of the archive; a later one may have other files, and is refused.
const FORMAT: u32 = 1;
const BEGINNING_FILE: &str = "plenary-backup.json";
const MANIFEST_FILE: &str = "manifest.json";
/// The database in a data folder and in the archive.
const JOURNAL_FILE: &str = "journal.db";
/// What an unfinished backup or restoration leaves behind begins with this, and may be deleted.
const UNFINISHED_PREFIX: &str = ".plenary-unfinished-";
/// How many bytes are read at once.
const BUFFER_BYTES: usize = 1 << 20;

/// The first file of an archive.
#[derive(Debug, Serialize, Deserialize)]
struct Beginning {
    format: u32,
    /// The version of the Plenary that wrote it.
    plenary: String,
}

/// The last file of an archive.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    #[serde(with = "plenary_ids::rfc3339")]
    made_at: Moment,
    /// The end of each room's log.
    rooms: Vec<RoomEnd>,
    files: Vec<FileFacts>,
}

/// The end of a room's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RoomEnd {
    room: RoomId,
    records: Seq,
    /// The hash of its last record.
    sha256: String,
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FileFacts {
    /// The path in the data folder.
    path: String,
    bytes: u64,
    sha256: String,
}

/// Why a backup was not made, or not restored. Nothing stands under the name that was asked for then.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum BackupError {
    /// The name says no format.
    #[error("name the backup FILE.tar or FILE.tar.gz, and not {}", .0.display())]
    Name(PathBuf),
    /// Something has that name.
    #[error("{} is there already; choose another name", .0.display())]
    Exists(PathBuf),
    /// The archive would be in the folder that it is made of.
    #[error("{} is in the data folder itself; choose a place outside of it, best on another disk", .0.display())]
    Inside(PathBuf),
    /// The folder has a journal and no key.
    #[error("{} is missing, and without it the backup would be worth little", .0.display())]
    NoKey(PathBuf),
    /// A file became shorter while it was read.
    #[error("{path} was changed while it was copied; try again")]
    Changed { path: String },
    /// The file is something else.
    #[error("{} is no backup of Plenary", .0.display())]
    NotABackup(PathBuf),
    /// The archive is of a later format.
    #[error(
        "the backup was made by Plenary {plenary}, which is newer than this one; restore it with that"
    )]
    Newer { plenary: String },
    /// The archive was cut off or changed.
    #[error("the backup is damaged, and nothing was restored: {0}")]
    Damaged(String),
    /// The folder has something in it.
    #[error("{} is not empty; restore into a new folder, so that nothing is mixed", .0.display())]
    NotEmpty(PathBuf),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The journal cannot be read, or was altered.
    #[error(transparent)]
    Record(#[from] ReadError),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File { path: String, error: io::Error },
    /// Another operation of the system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl BackupError {
    fn file(path: impl AsRef<std::path::Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().display().to_string();
        move |error| Self::File { path, error }
    }
}
