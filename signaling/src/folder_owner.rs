//! The owner of a service's data folder keeps what root's commands make in it.
//!
//! The service runs as a user of its own, and its files are for that user alone. A command such as `plenary media add` is
//! run by root, and the service could not read what it leaves behind.

use std::{io, path::Path};

use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, chownat, fstat, openat, statat},
    process::{Gid, Uid, geteuid},
};

/// Deeper than any folder that Plenary makes.
const MAX_DEPTH: usize = 8;

/// Gives what belongs to root in a data folder to the folder's owner. Does nothing for other users, and in root's folders.
pub fn give_to_owner(folder: &Path) -> io::Result<()> {
    if !geteuid().is_root() || !folder.exists() {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(folder, flags, Mode::empty())?;
    let stat = fstat(&folder)?;
    if Uid::from_raw(stat.st_uid).is_root() {
        return Ok(());
    }
    give(folder.as_fd(), &stat, MAX_DEPTH)
}

/// Follows no link, and changes nothing that has a second name: the service's user writes in these folders, and must not
/// be able to point root elsewhere.
fn give(folder: BorrowedFd<'_>, owner: &Stat, depth: usize) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(rustix::io::Errno::NOENT) => continue,
            other => other?,
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        let is_folder = kind == FileType::Directory;
        let has_one_name = kind == FileType::RegularFile && stat.st_nlink == 1;
        if Uid::from_raw(stat.st_uid).is_root() && (is_folder || has_one_name) {
            let (user, group) = (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid));
            chownat(
                folder,
                name,
                Some(user),
                Some(group),
                AtFlags::SYMLINK_NOFOLLOW,
            )?;
        }
        if is_folder && depth > 0 {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let inner: OwnedFd = openat(folder, name, flags, Mode::empty())?;
            give(inner.as_fd(), owner, depth - 1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, chown, symlink},
    };

    use super::*;

    const SERVICE: u32 = 61_184;

    fn owner(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().uid()
    }

    #[test]
    fn what_root_makes_in_the_folder_of_a_service_belongs_to_the_service() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let (inner, outside) = (data.join("media"), folder.path().join("passwd"));
        fs::create_dir_all(&inner).unwrap();
        for file in [&data.join("key"), &inner.join("address.webm"), &outside] {
            fs::write(file, "").unwrap();
        }
        symlink(&outside, data.join("link")).unwrap();
        fs::hard_link(&outside, data.join("second-name")).unwrap();
        if !geteuid().is_root() {
            // Only root can give files away, and nobody else's commands need it.
            give_to_owner(&data).unwrap();
            assert_eq!(owner(&inner), geteuid().as_raw());
            return;
        }
        chown(&data, Some(SERVICE), Some(SERVICE)).unwrap();
        give_to_owner(&data).unwrap();
        for given in [&data.join("key"), &inner, &inner.join("address.webm")] {
            assert_eq!(owner(given), SERVICE, "{}", given.display());
        }
        for kept in [&outside, &data.join("link"), &data.join("second-name")] {
            assert_eq!(owner(kept), 0, "{}", kept.display());
        }
    }
}
