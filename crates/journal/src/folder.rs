//! A data folder: its database file, and the lock file that keeps a second server out.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
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

/// Makes this process the folder's only writer for as long as the file is open. The operating system releases the lock
/// when the process ends, even by a crash.
pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let io = |error| OpenError::io(folder.to_owned(), &error);
    fs::create_dir_all(folder).map_err(io)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK_FILE_NAME))
        .map_err(io)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// Whether the file system has become read-only, which SQLite reports like any other failure of the disk.
pub(crate) fn is_read_only(folder: &Path) -> bool {
    let opened = File::options()
        .write(true)
        .open(folder.join(LOCK_FILE_NAME));
    opened.is_err_and(|error| error.kind() == ErrorKind::ReadOnlyFilesystem)
}

/// Opens the database for writing, creates it if it is missing, and migrates an older version.
pub(crate) fn open_for_writing(folder: &Path) -> Result<Connection, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let mut db = Connection::open(folder.join(FILE_NAME)).map_err(fault)?;
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

/// Opens the database for reading, also while a server writes it.
pub(crate) fn open_for_reading(folder: &Path) -> Result<Connection, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let file = folder.join(FILE_NAME);
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
    let db = match open() {
        Ok(db) => db,
        // On a read-only medium SQLite cannot create the memory that it shares with a writer. `immutable` promises
        // that there is no writer, which holds where there is no write-ahead log.
        Err(_) if !with_suffix(&file, "-wal").exists() => {
            let address = format!("file:{}?immutable=1", file.to_string_lossy());
            Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)
                .map_err(fault)?
        }
        Err(error) => return Err(fault(error)),
    };
    migration::check_version(&db, folder)?;
    migration::add_views_for_old_versions(&db).map_err(fault)?;
    Ok(db)
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
