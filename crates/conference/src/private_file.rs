//! Files that their owner alone reads and writes, whatever the folder's mode and the umask are.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

const PRIVATE: u32 = 0o600;

/// Opens such a file for writing, and creates it if it is missing.
pub(crate) fn open(file: &Path) -> io::Result<File> {
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(PRIVATE)
        .open(file)?;
    close_to_others(file);
    Ok(opened)
}

/// Takes the permissions of others from a file that exists. A file system that has none is no reason not to go on.
pub(crate) fn close_to_others(file: &Path) {
    let Ok(found) = fs::metadata(file) else {
        return;
    };
    if found.mode() & 0o777 != PRIVATE
        && let Err(error) = fs::set_permissions(file, Permissions::from_mode(PRIVATE))
    {
        tracing::warn!(file = %file.display(), %error, "others may be able to read this file");
    }
}
