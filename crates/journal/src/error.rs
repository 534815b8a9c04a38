//! What can go wrong with a log.

use std::{io, path::PathBuf};

use plenary_ids::{RoomId, Seq};
use rusqlite::ErrorCode;

use crate::Trouble;

/// Why a folder gave no journal.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server writes there.
    #[error(
        "another server is using the data folder {0}; stop it first, or give this one a folder of its own"
    )]
    InUse(PathBuf),
    /// A later version of Plenary has written there.
    #[error(
        "the journal in {folder} is of version {found}, and this Plenary reads up to version {known}; use the newer Plenary that wrote it"
    )]
    Newer {
        /// The data folder.
        folder: PathBuf,
        /// The version found.
        found: i64,
        /// The latest that is understood.
        known: i64,
    },
    /// There is none.
    #[error("there is no journal in {0}")]
    None(PathBuf),
    /// The file is something else, or damaged.
    #[error(
        "the journal in {folder} is damaged ({why}); `plenary journal verify` says where, and a backup or a new data folder lets the conference go on"
    )]
    Damaged {
        /// The data folder.
        folder: PathBuf,
        /// What was found.
        why: String,
    },
    /// The last record of a room is not what was recorded.
    #[error(
        "the journal in {folder} is damaged: {flaw}; restore a backup, or begin a new data folder"
    )]
    Flaw {
        /// The data folder.
        folder: PathBuf,
        /// Where, and what.
        flaw: Flaw,
    },
    /// The folder or the file cannot be read or written.
    #[error("the journal in {folder} cannot be used: {why}")]
    Disk {
        /// The data folder.
        folder: PathBuf,
        /// What the machine says.
        why: String,
    },
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

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The log is not where the caller thought; somebody else writes it too.
    #[error("the log of {room} is at {last}, not at {expected}")]
    Moved {
        /// The room.
        room: RoomId,
        /// Where the caller thought it was.
        expected: u64,
        /// Where it is.
        last: u64,
    },
    /// The disk does not take it.
    #[error("{0}")]
    Disk(Trouble),
    /// The journal has been closed.
    #[error("the journal is closed")]
    Closed,
}

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The disk does not give it.
    #[error("the journal cannot be read: {0}")]
    Disk(String),
    /// A record is not what was recorded.
    #[error(transparent)]
    Flaw(#[from] Flaw),
    /// There is no such room in it.
    #[error("the journal has no room {0}")]
    NoRoom(RoomId),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// The first bad record of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {} of the room {room} is bad: {why}", .seq.0)]
pub struct Flaw {
    /// The room.
    pub room: RoomId,
    /// The record's place.
    pub seq: Seq,
    /// What is wrong.
    pub why: &'static str,
}
