//! The lock file of a data folder: it keeps a second server out, and says whether the last one has ended properly.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
};

use crate::{OpenError, folder};

const IN_USE: &str = "in use\n";
const CLOSED: &str = "closed\n";

/// The folder's lock, for as long as it lives. The operating system releases it when the process ends, even by a crash.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    state: LastUse,
}

/// How the server before this one has left the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastUse {
    /// None has noted that it used the folder: none ever did, or it was of a version that noted nothing.
    Unknown,
    /// It has not ended properly: what it recorded last may be in the write-ahead log alone.
    Interrupted,
    /// It has ended properly, and the database holds everything.
    Closed,
}

/// Whether a server works in that folder now. The folder stays as it is.
pub fn is_in_use(folder: &Path) -> bool {
    let Ok(file) = File::open(folder::lock_file(folder)) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

impl Lock {
    /// Makes this process the folder's only writer.
    pub(crate) fn take(folder: &Path) -> Result<Self, OpenError> {
        let io = |error| OpenError::io(folder.to_owned(), &error);
        fs::create_dir_all(folder).map_err(io)?;
        let mut file = folder::open_private(&folder::lock_file(folder)).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut noted = String::new();
        let state = match file.read_to_string(&mut noted) {
            Ok(_) if noted == CLOSED => LastUse::Closed,
            Ok(_) if noted.is_empty() => LastUse::Unknown,
            _ => LastUse::Interrupted,
        };
        Ok(Self { file, state })
    }

    /// How the server before this one has left the folder.
    pub(crate) fn last_use(&self) -> LastUse {
        self.state
    }

    /// Notes that the folder is in use from now on.
    pub(crate) fn note_in_use(&mut self) {
        self.note(IN_USE);
    }

    /// Notes that the database holds everything.
    pub(crate) fn note_closed(&mut self) {
        self.note(CLOSED);
    }

    /// A note that cannot be written must not keep a server from running.
    fn note(&mut self, text: &str) {
        if let Err(error) = self.write(text) {
            tracing::warn!(%error, "the lock file of the data folder cannot be written");
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()
    }
}
