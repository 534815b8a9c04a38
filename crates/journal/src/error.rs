//! What can go wrong with a log.

use std::{io, path::PathBuf};

use plenary_ids::{RoomId, Seq};
use rusqlite::ErrorCode;

use crate::DiskFault;

/// Why a folder's journal could not be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum OpenError {
    /// Another server holds the folder's lock.
    #[error(
        "another server is using the data folder {0}; stop it first, or give this one a folder of its own"
    )]
    InUse(PathBuf),
    /// A later version of Plenary has written there.
    #[error(
        "the journal in {folder} is of version {found}, and this Plenary reads up to version {known}; use the newer Plenary that wrote it"
    )]
    Newer {
        folder: PathBuf,
        found: i64,
        known: i64,
    },
    /// The folder holds no journal, and none was to be created.
    #[error("there is no journal in {0}")]
    NotFound(PathBuf),
    /// The folder has held records, and the database is gone.
    #[error(
        "{} is missing or empty, although this data folder has been used; restore it from a backup, or begin anew without any record by `plenary serve --begin-anew`", .0.display()
    )]
    Lost(PathBuf),
    /// The file is no SQLite database, another program's, or damaged.
    #[error(
        "the journal in {folder} is damaged ({why}); `plenary journal verify` says where, and a backup or a new data folder lets the conference go on"
    )]
    Damaged { folder: PathBuf, why: String },
    /// The last record of a room breaks its hash chain.
    #[error(
        "the journal in {folder} is damaged: {record}; restore a backup, or begin a new data folder"
    )]
    Corrupt {
        folder: PathBuf,
        record: CorruptRecord,
    },
    /// The folder or the file cannot be read or written.
    #[error("the journal in {folder} cannot be used: {why}")]
    Disk { folder: PathBuf, why: String },
}

impl OpenError {
    pub(crate) fn io(folder: PathBuf, error: &io::Error) -> Self {
        Self::Disk {
            folder,
            why: error.to_string(),
        }
    }

    pub(crate) fn sqlite(folder: PathBuf, error: &rusqlite::Error) -> Self {
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { folder, why }
            }
            Some(ErrorCode::ReadOnly) => Self::Disk {
                folder,
                why: "it can be read, but not written".to_owned(),
            },
            _ => Self::Disk { folder, why },
        }
    }
}

/// Why an append recorded nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum AppendError {
    /// Optimistic concurrency failed: another writer appends to the same log.
    #[error("the log of {room} is at {last}, not at {expected}")]
    Conflict {
        room: RoomId,
        expected: u64,
        last: u64,
    },
    /// The disk refused the commit.
    #[error("{0}")]
    Disk(DiskFault),
    /// The journal's writer has ended.
    #[error("the journal is closed")]
    Closed,
}

/// Why a read returned nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The disk or SQLite failed.
    #[error("the journal cannot be read: {0}")]
    Disk(String),
    /// A record breaks the hash chain.
    #[error(transparent)]
    Corrupt(#[from] CorruptRecord),
    /// The journal holds no log of that room.
    #[error("the journal has no room {0}")]
    NoRoom(RoomId),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// The first record of a log that breaks its hash chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {} of the room {room} is bad: {why}", .seq.0)]
#[expect(missing_docs, reason = "the message explains the fields")]
pub struct CorruptRecord {
    pub room: RoomId,
    pub seq: Seq,
    pub why: &'static str,
}
