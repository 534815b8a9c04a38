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
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let revoked = Self {
            dir: dir.to_owned(),
            cache: Mutex::default(),
        };
        revoked.contains("")?;
        Ok(revoked)
    }

    /// Whether the invitation was revoked. A list that cannot be read is an error, never an empty list.
    pub(crate) fn contains(&self, invitation: &str) -> io::Result<bool> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match fs::metadata(self.path()) {
            Ok(file) => Some(Stamp::of(&file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
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
        let guard = File::create(self.dir.join("revoked.lock"))?;
        guard.lock()?;
        let mut list = self.read()?;
        if !list.invitations.insert(invitation.to_owned()) {
            return Ok(false);
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
        serde_json::to_writer_pretty(&mut file, &list)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(self.path())?;
        File::open(&self.dir)?.sync_all()?;
        Ok(true)
    }

    fn read(&self) -> io::Result<List> {
        match fs::read(self.path()) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(List::default()),
            Err(error) => Err(error),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.join("revoked.json")
    }
}
