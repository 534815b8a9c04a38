//! A data folder: its database file, and what must be so before and while a server uses it.

use std::{
    fs::{self, File, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, migration};

/// The database. SQLite keeps its write-ahead log beside it, in files that end in `-wal` and `-shm`.
const FILE_NAME: &str = "journal.db";
const LOCK_FILE_NAME: &str = "journal.lock";

/// How long a connection waits for another process's lock. No reader holds one for longer than a statement.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The owner alone reads and writes what was said in a conference, whatever the folder's mode and the umask are.
const PRIVATE: u32 = 0o600;

/// Opens a file for writing, creating it if it is missing, that its owner alone may read.
pub(crate) fn open_private(file: &Path) -> io::Result<File> {
    let opened = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(PRIVATE)
        .open(file)?;
    // The mode of a new file is cut by the umask, and an older Plenary made files that others may read. A file system
    // without modes is no reason not to go on.
    if opened.metadata()?.mode() & 0o777 != PRIVATE
        && let Err(error) = opened.set_permissions(Permissions::from_mode(PRIVATE))
    {
        tracing::warn!(file = %file.display(), %error, "others may be able to read this file");
    }
    Ok(opened)
}

/// The path of the database in a folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(FILE_NAME)
}

/// The path of the lock file in a folder.
pub(crate) fn lock_file(folder: &Path) -> PathBuf {
    folder.join(LOCK_FILE_NAME)
}

/// The path of the write-ahead log.
pub(crate) fn wal(folder: &Path) -> PathBuf {
    with_suffix(&database(folder), "-wal")
}

/// Whether the folder has a database with something in it.
pub(crate) fn has_database(folder: &Path) -> bool {
    is_filled(&database(folder))
}

/// Sets the write-ahead log of a database that is gone aside: SQLite would delete it, and it may be all that is left.
pub(crate) fn set_wal_aside(folder: &Path) -> io::Result<()> {
    if has_wal(folder) {
        fs::rename(wal(folder), with_suffix(&wal(folder), ".lost"))?;
    }
    Ok(())
}

/// Whether the folder has a write-ahead log with something in it.
pub(crate) fn has_wal(folder: &Path) -> bool {
    is_filled(&wal(folder))
}

fn is_filled(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|file| file.len() > 0)
}

/// The files that a server has open. Their paths may lead elsewhere later: somebody has deleted or replaced the folder.
#[derive(Debug)]
pub(crate) struct OpenFiles(Vec<(PathBuf, FileIdentity)>);

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl OpenFiles {
    /// The files of a folder whose database was opened just now.
    pub(crate) fn of(folder: &Path) -> Self {
        let files = [database(folder), wal(folder), lock_file(folder)].into_iter();
        let found = files.filter_map(|file| FileIdentity::of(&file).map(|it| (file, it)));
        Self(found.collect())
    }

    /// Whether each path still leads to the file that is open.
    pub(crate) fn are_in_place(&self) -> bool {
        let mut files = self.0.iter();
        files.all(|(file, identity)| FileIdentity::of(file) == Some(*identity))
    }
}

impl FileIdentity {
    fn of(file: &Path) -> Option<Self> {
        let found = fs::metadata(file).ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
        })
    }
}

/// Whether the file system has become read-only, which SQLite reports like any other failure of the disk.
pub(crate) fn is_read_only(folder: &Path) -> bool {
    let opened = File::options().write(true).open(lock_file(folder));
    opened.is_err_and(|error| error.kind() == ErrorKind::ReadOnlyFilesystem)
}

/// Opens the database for writing, creates it if it is missing, and migrates an older version.
pub(crate) fn open_for_writing(folder: &Path) -> Result<Connection, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    // SQLite gives its write-ahead log and its shared memory the mode of the database.
    for file in [
        database(folder),
        wal(folder),
        with_suffix(&database(folder), "-shm"),
    ] {
        if file == database(folder) || file.exists() {
            open_private(&file).map_err(|error| OpenError::io(folder.to_owned(), &error))?;
        }
    }
    let mut db = Connection::open(database(folder)).map_err(fault)?;
    db.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
    // Before any write: a newer journal stays untouched.
    migration::check_version(&db, folder)?;
    db.pragma_update(None, "journal_mode", "WAL")
        .map_err(fault)?;
    // With FULL a commit returns after the disk has confirmed it. NORMAL returns before, and a power cut loses the commit.
    db.pragma_update(None, "synchronous", "FULL")
        .map_err(fault)?;
    db.pragma_update(None, "foreign_keys", true)
        .map_err(fault)?;
    migration::migrate(&mut db, folder)?;
    Ok(db)
}

/// The version of the database.
pub(crate) fn version(folder: &Path) -> Result<usize, OpenError> {
    migration::check_version(&connect_for_reading(folder)?, folder)
}

/// Opens the database for reading, also while a server writes it.
pub(crate) fn open_for_reading(folder: &Path) -> Result<Connection, OpenError> {
    let db = connect_for_reading(folder)?;
    migration::check_version(&db, folder)?;
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    migration::add_views_for_old_versions(&db).map_err(fault)?;
    Ok(db)
}

/// Opens the database to copy it as it is.
pub(crate) fn open_for_copying(folder: &Path) -> Result<Connection, OpenError> {
    let db = connect_for_reading(folder)?;
    migration::check_version(&db, folder)?;
    Ok(db)
}

fn connect_for_reading(folder: &Path) -> Result<Connection, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let file = database(folder);
    if !file.exists() {
        return Err(OpenError::NotFound(folder.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(&file, flags)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
        Ok(db)
    };
    match open() {
        Ok(db) => Ok(db),
        // On a read-only medium SQLite cannot create the memory that it shares with a writer. `immutable` promises
        // that there is no writer, which holds where there is no write-ahead log.
        Err(_) if !with_suffix(&file, "-wal").exists() => {
            let address = format!("file:{}?immutable=1", file.to_string_lossy());
            Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI).map_err(fault)
        }
        Err(error) => Err(fault(error)),
    }
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
