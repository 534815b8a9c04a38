//! A data folder: the file in it, and the lock that keeps it to one server.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, schema};

/// The journal in the data folder. SQLite keeps `-wal` and `-shm` files beside it.
pub(crate) const FILE: &str = "journal.db";
const LOCK: &str = "journal.lock";

/// How long a writer waits for a reader of another process; readers never hold a lock for longer than a statement.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes this process the one that writes there, for as long as the file is open. The operating system lets go of the
/// lock when the process ends, however it ends.
pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let io = |error| OpenError::io(folder.to_owned(), &error);
    fs::create_dir_all(folder).map_err(io)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK))
        .map_err(io)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// Whether the file system takes no writes any more. SQLite calls that a failure of the disk like any other.
pub(crate) fn is_read_only(folder: &Path) -> bool {
    let opened = File::options().write(true).open(folder.join(LOCK));
    opened.is_err_and(|error| error.kind() == ErrorKind::ReadOnlyFilesystem)
}

/// Opens the file to write, whatever its version up to ours, and makes it if there is none.
pub(crate) fn write(folder: &Path) -> Result<Connection, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let mut db = Connection::open(folder.join(FILE)).map_err(fault)?;
    db.busy_timeout(PATIENCE).map_err(fault)?;
    // The version before anything that writes: a newer journal is left untouched.
    schema::check(&db, folder, schema::KNOWN)?;
    db.pragma_update(None, "journal_mode", "WAL")
        .map_err(fault)?;
    // A commit has returned when the disk has it; NORMAL would return before, and lose it with the power.
    db.pragma_update(None, "synchronous", "FULL")
        .map_err(fault)?;
    db.pragma_update(None, "foreign_keys", true)
        .map_err(fault)?;
    schema::migrate(&mut db, folder)?;
    Ok(db)
}

/// Opens the file to read, beside its writer if there is one.
pub(crate) fn read(folder: &Path) -> Result<Connection, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let file = folder.join(FILE);
    if !file.exists() {
        return Err(OpenError::None(folder.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(&file, flags)?;
        db.busy_timeout(PATIENCE)?;
        db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
        Ok(db)
    };
    let db = match open() {
        Ok(db) => db,
        // A copy on a medium that cannot be written: SQLite wants to share memory with a writer, and there is none.
        Err(_) if !beside(&file, "-wal").exists() => {
            let address = format!("file:{}?immutable=1", file.to_string_lossy());
            Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)
                .map_err(fault)?
        }
        Err(error) => return Err(fault(error)),
    };
    schema::check(&db, folder, schema::KNOWN)?;
    schema::lend_views(&db).map_err(fault)?;
    Ok(db)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
