//! The revoked invitations, in a file that several processes share.

use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::private_file;

const FILE: &str = "revoked.json";
const LOCK_FILE: &str = "revoked.lock";

/// The list of revoked invitations, read again when another process has replaced its file.
#[derive(Debug)]
pub(crate) struct Revoked {
    dir: PathBuf,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    stamp: Option<Stamp>,
    list: List,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct List {
    invitations: BTreeSet<String>,
}

/// Every write makes a new file, so these tell one version from another even within one tick of the clock.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    modified: (i64, i64),
    length: u64,
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self {
            inode: file.ino(),
            modified: (file.mtime(), file.mtime_nsec()),
            length: file.len(),
        }
    }
}

impl Revoked {
    /// Opens the list of a folder. A missing list is an error, never an empty list.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let revoked = Self::unread(dir);
        revoked.contains("")?;
        private_file::close_to_others(&revoked.path());
        Ok(revoked)
    }

    /// The list of a folder, which may be missing until somebody asks.
    pub(crate) fn unread(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            cache: Mutex::default(),
        }
    }

    /// Writes an empty list, unless there is one with something in it.
    pub(crate) fn begin(dir: &Path) -> io::Result<()> {
        let revoked = Self::unread(dir);
        let _guard = revoked.lock()?;
        if revoked.is_lost() {
            revoked.write(&List::default())?;
        }
        Ok(())
    }

    /// Whether the file is missing or empty.
    pub(crate) fn is_lost(&self) -> bool {
        fs::metadata(self.path()).map_or_else(
            |error| error.kind() == io::ErrorKind::NotFound,
            |file| file.len() == 0,
        )
    }

    /// Whether the invitation was revoked. A list that cannot be read is an error, never an empty list.
    pub(crate) fn contains(&self, invitation: &str) -> io::Result<bool> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match fs::metadata(self.path()) {
            Ok(file) => Some(Stamp::of(&file)),
            // The folder is gone while the server runs: what was revoked stays so, and nobody else is locked out.
            Err(error) if error.kind() == io::ErrorKind::NotFound && cache.stamp.is_some() => {
                return Ok(cache.list.invitations.contains(invitation));
            }
            Err(error) => return Err(error),
        };
        if stamp != cache.stamp {
            cache.list = self.read()?;
            cache.stamp = stamp;
        }
        Ok(cache.list.invitations.contains(invitation))
    }

    /// Revokes an invitation for good; false if it was revoked before.
    pub(crate) fn add(&self, invitation: &str) -> io::Result<bool> {
        let _guard = self.lock()?;
        let mut list = self.read()?;
        if !list.invitations.insert(invitation.to_owned()) {
            return Ok(false);
        }
        self.write(&list)?;
        Ok(true)
    }

    /// Keeps other processes from writing the list meanwhile.
    fn lock(&self) -> io::Result<File> {
        let guard = private_file::open(&self.dir.join(LOCK_FILE))?;
        guard.lock()?;
        Ok(guard)
    }

    fn read(&self) -> io::Result<List> {
        let file = self.path();
        let unreadable = |error: serde_json::Error| {
            let said = format!(
                "{} is not a list of revoked invitations: {error}",
                file.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, said)
        };
        serde_json::from_slice(&fs::read(&file)?).map_err(unreadable)
    }

    fn write(&self, list: &List) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)?; // mode 0600 from its creation
        serde_json::to_writer_pretty(&mut file, list)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(self.path())?;
        private_file::close_to_others(&self.path());
        File::open(&self.dir)?.sync_all()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.join(FILE)
    }
}
