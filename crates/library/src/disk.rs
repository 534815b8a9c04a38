//! The disk below the library: the space on it, and files that are there as a whole or not at all.

use std::{
    fs::{self, DirEntry, File, Permissions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

use tempfile::{Builder, NamedTempFile};

use crate::{LibraryError, Limits, Refused};

const INCOMING_PREFIX: &str = ".incoming-";
/// An upload that is as old as that and not locked is left over from a crash.
const LOCKED_AFTER: Duration = Duration::from_secs(10);
/// Where files cannot be locked: an upload that nothing was written to for so long is left over from a crash.
const ABANDONED_AFTER: Duration = Duration::from_hours(1);
/// How often the free space is checked while a file comes.
const SPACE_CHECK_BYTES: u64 = 8 << 20;

/// Refuses a file of so many bytes if none may be so large.
pub(crate) fn check_size(limits: Limits, bytes: u64) -> Result<(), LibraryError> {
    let max = limits.max_bytes;
    if bytes > max {
        return Err(Refused::TooLarge { bytes, max }.into());
    }
    Ok(())
}

/// The record of the conference is on the same disk, and goes before.
pub(crate) fn check_space(folder: &Path, limits: Limits, more: u64) -> Result<(), LibraryError> {
    match free_bytes(folder) {
        Some(free) if free < limits.reserved_bytes.saturating_add(more) => Err(full(limits, free)),
        _ => Ok(()),
    }
}

/// Looks at the space now and then while a file grows from so many bytes to so many.
pub(crate) fn check_growth(
    folder: &Path,
    limits: Limits,
    before: u64,
    after: u64,
) -> Result<(), LibraryError> {
    if before / SPACE_CHECK_BYTES == after / SPACE_CHECK_BYTES {
        return Ok(());
    }
    check_space(folder, limits, 0)
}

/// What a failed write means.
pub(crate) fn write_error(folder: &Path, limits: Limits, error: io::Error) -> LibraryError {
    if matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    ) {
        return full(limits, free_bytes(folder).unwrap_or_default());
    }
    LibraryError::Io {
        path: folder.to_owned(),
        error,
    }
}

fn full(limits: Limits, free: u64) -> LibraryError {
    LibraryError::DiskFull {
        free: free / 1_000_000,
        reserved: limits.reserved_bytes / 1_000_000,
    }
}

/// What this process can still write to the disk of a folder.
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// A file that is being written, locked until it is closed.
pub(crate) fn incoming(folder: &Path) -> io::Result<NamedTempFile> {
    let file = Builder::new()
        .prefix(INCOMING_PREFIX)
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    // Some file systems have no locks; there the age decides.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Writes a file so that it is there as a whole, or not at all.
pub(crate) fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = incoming(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

/// Has the names of a folder's files on disk too.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all())
}

/// Removes a file; one that is gone already is removed too.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Deletes what a crash has left over.
pub(crate) fn delete_abandoned(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_upload = entry
            .file_name()
            .to_string_lossy()
            .starts_with(INCOMING_PREFIX);
        if is_upload && is_abandoned(&entry) {
            // Another process may have deleted or added it meanwhile.
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn is_abandoned(upload: &DirEntry) -> bool {
    let found = upload.metadata().ok().filter(fs::Metadata::is_file);
    let written = found.and_then(|it| it.modified().ok());
    let Some(age) = written.and_then(|it| it.elapsed().ok()) else {
        return false;
    };
    // Before that its owner may be about to lock it, and must not find it locked.
    if age <= LOCKED_AFTER {
        return false;
    }
    let locked = File::open(upload.path()).map(|file| file.try_lock());
    match locked {
        Ok(Ok(())) => true,
        Ok(Err(TryLockError::WouldBlock)) => false,
        Ok(Err(TryLockError::Error(_))) | Err(_) => age > ABANDONED_AFTER,
    }
}
