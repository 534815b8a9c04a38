//! `plenary restore`: reads an archive into an empty folder.
//!
//! Everything is read into a folder within that folder, and checked there; then it takes its place, the journal last. So
//! a restoration that is broken off never looks like a conference: without its journal no server starts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufReader, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
};

use flate2::read::GzDecoder;
use plenary_conference::Keys;
use plenary_journal::Reader;
use ring::digest::{Context, SHA256};
use tar::Archive;

use super::{
    BEGINNING_FILE, BUFFER_BYTES, BackupError, Beginning, FORMAT, FileFacts, JOURNAL_FILE,
    MANIFEST_FILE, Manifest, UNFINISHED_PREFIX,
    create::{ends, hex, time},
};
use crate::progress::ProgressBar;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// The first bytes of what gzip has compressed (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The largest of the two files that are read into memory: a hundred thousand files.
const MAX_LIST_BYTES: u64 = 32 << 20;
/// How deep folders are nested at most; Plenary nests two.
const MAX_DEPTH: usize = 8;

/// Restores a backup into a folder that is empty or is not there; returns a sentence for people.
pub fn restore(archive: &Path, data: &Path) -> Result<String, BackupError> {
    let file = File::open(archive).map_err(BackupError::file(archive))?;
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(data)
        .map_err(BackupError::file(data))?;
    for entry in fs::read_dir(data).map_err(BackupError::file(data))? {
        let entry = entry.map_err(BackupError::file(data))?;
        if !entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(UNFINISHED_PREFIX.as_bytes())
        {
            return Err(BackupError::NotEmpty(data.to_owned()));
        }
        fs::remove_dir_all(entry.path()).map_err(BackupError::file(entry.path()))?;
    }
    let work = tempfile::Builder::new()
        .prefix(UNFINISHED_PREFIX)
        .tempdir_in(data)
        .map_err(BackupError::file(data))?;
    let manifest = unpack(archive, file, work.path())?;
    check(&manifest, work.path())?;
    put_in_place(work.path(), data)?;
    let records: u64 = manifest.rooms.iter().map(|room| room.records.0).sum();
    Ok(format!(
        "{} holds the backup of {}: {} rooms with {records} records, {} files",
        data.display(),
        time(manifest.made_at),
        manifest.rooms.len(),
        manifest.files.len()
    ))
}

/// Checks that the files are what a server needs, beyond their hashes.
fn check(manifest: &Manifest, work: &Path) -> Result<(), BackupError> {
    let reader = Reader::open(work)?;
    reader.check()?;
    if ends(&reader)? != manifest.rooms {
        let detail = "the journal does not end where the list says";
        return Err(BackupError::Damaged(detail.to_owned()));
    }
    match Keys::open_existing(work)? {
        Some(_) => Ok(()),
        None => Err(BackupError::Damaged("it has no signing key".to_owned())),
    }
}

/// Moves everything up, the journal last, so that all of it is there or no server starts.
fn put_in_place(work: &Path, data: &Path) -> Result<(), BackupError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(work)? {
        names.push(entry?.file_name());
    }
    names.sort_by_key(|name| name == JOURNAL_FILE);
    for name in names {
        if name == JOURNAL_FILE {
            File::open(data)?.sync_all()?;
        }
        let to = data.join(&name);
        fs::rename(work.join(&name), &to).map_err(BackupError::file(&to))?;
    }
    Ok(File::open(data)?.sync_all()?)
}

fn unpack(archive: &Path, mut file: File, work: &Path) -> Result<Manifest, BackupError> {
    let mut magic = [0; 2];
    let is_packed = file.read_exact(&mut magic).is_ok() && magic == GZIP_MAGIC;
    file.rewind()?;
    let length = file.metadata()?.len();
    let read = Counting {
        file: BufReader::with_capacity(BUFFER_BYTES, file),
        read: 0,
        length,
        bar: ProgressBar::new("restore"),
    };
    if is_packed {
        unpack_tar(archive, GzDecoder::new(read), work)
    } else {
        unpack_tar(archive, read, work)
    }
}

fn unpack_tar(archive: &Path, read: impl Read, work: &Path) -> Result<Manifest, BackupError> {
    let damaged = |error: io::Error| BackupError::Damaged(error.to_string());
    let mut tar = Archive::new(read);
    let mut entries = tar.entries().map_err(damaged)?;
    let not_a_backup = || BackupError::NotABackup(archive.to_owned());
    let mut first = match entries.next() {
        Some(Ok(entry)) if entry.path_bytes().as_ref() == BEGINNING_FILE.as_bytes() => entry,
        _ => return Err(not_a_backup()),
    };
    let beginning = list(&mut first).map_err(damaged)?;
    let beginning: Beginning = serde_json::from_slice(&beginning).map_err(|_| not_a_backup())?;
    if beginning.format > FORMAT {
        return Err(BackupError::Newer {
            plenary: beginning.plenary,
        });
    }
    let mut files = BTreeMap::new();
    let mut manifest: Option<Manifest> = None;
    for entry in entries {
        let mut entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if manifest.is_some() {
            let detail = format!("{name:?} stands behind its list of files");
            return Err(BackupError::Damaged(detail));
        }
        if !entry.header().entry_type().is_file() {
            let detail = format!("{name:?} is no file");
            return Err(BackupError::Damaged(detail));
        }
        if name == MANIFEST_FILE {
            let text = list(&mut entry).map_err(damaged)?;
            manifest = Some(serde_json::from_slice(&text).map_err(|error| {
                BackupError::Damaged(format!("its list of files cannot be read ({error})"))
            })?);
            continue;
        }
        let path = within(work, &name).ok_or_else(|| {
            let detail = format!("{name:?} is no path in a data folder");
            BackupError::Damaged(detail)
        })?;
        let facts = unpack_file(&mut entry, &name, &path)?;
        files.insert(name, facts);
    }
    let manifest = manifest.ok_or_else(|| {
        BackupError::Damaged("it ends before its list of files; it was cut off".to_owned())
    })?;
    compare(&manifest, &files)?;
    Ok(manifest)
}

/// One of the two files that are read into memory.
fn list(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    entry.take(MAX_LIST_BYTES).read_to_end(&mut text)?;
    Ok(text)
}

/// Where a file of the archive goes; none if it would not be below the folder.
fn within(work: &Path, name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let mut depth = 0;
    for part in path.components() {
        let Component::Normal(_) = part else {
            return None;
        };
        depth += 1;
    }
    let is_plain = !name.contains(['\\', '\0', '\u{fffd}']) && !name.ends_with('/');
    (is_plain && (1..=MAX_DEPTH).contains(&depth)).then(|| work.join(path))
}

fn unpack_file(entry: &mut impl Read, name: &str, path: &Path) -> Result<FileFacts, BackupError> {
    let folder = path.parent().unwrap_or(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(FOLDER_MODE);
    builder.create(folder).map_err(BackupError::file(name))?;
    // A file that is there twice is refused here.
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path);
    let mut file = file.map_err(BackupError::file(name))?;
    let mut hash = Context::new(&SHA256);
    let mut bytes = 0;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = entry
            .read(&mut buffer)
            .map_err(|error| BackupError::Damaged(format!("{name} ends too early ({error})")))?;
        let part = buffer.get(..read).unwrap_or_default();
        if part.is_empty() {
            break;
        }
        hash.update(part);
        file.write_all(part).map_err(BackupError::file(name))?;
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
    }
    file.sync_all().map_err(BackupError::file(name))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(BackupError::file(name))?;
    Ok(FileFacts {
        path: name.to_owned(),
        bytes,
        sha256: hex(hash.finish().as_ref()),
    })
}

/// Whether the archive has exactly the files of its list, as they were when it was made.
fn compare(manifest: &Manifest, files: &BTreeMap<String, FileFacts>) -> Result<(), BackupError> {
    let damaged = |detail| Err(BackupError::Damaged(detail));
    for listed in &manifest.files {
        match files.get(&listed.path) {
            None => return damaged(format!("{} is missing", listed.path)),
            Some(found) if found != listed => {
                return damaged(format!(
                    "{} is not as it was when it was copied",
                    listed.path
                ));
            }
            Some(_) => {}
        }
    }
    let listed = manifest.files.iter().map(|it| &it.path);
    let listed: BTreeSet<&String> = listed.collect();
    match files.keys().find(|path| !listed.contains(path)) {
        Some(path) => damaged(format!("{path} is not in its list of files")),
        None => Ok(()),
    }
}

/// Shows how much of the archive is read.
struct Counting {
    file: BufReader<File>,
    read: u64,
    length: u64,
    bar: ProgressBar,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read += u64::try_from(read).unwrap_or(u64::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        let share = self.read as f64 / self.length.max(1) as f64;
        // A restoration that nobody watches is one, too.
        let _ = self.bar.show(share);
        Ok(read)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        // A line that is not ended is all that it costs.
        let _ = self.bar.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let work = Path::new("/data/work");
        for bad in [
            "",
            ".",
            "..",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/",
            "a\\b",
            "a/b/c/d/e/f/g/h/i",
        ] {
            assert_eq!(within(work, bad), None, "{bad:?}");
        }
        let within = |name| within(work, name).unwrap();
        assert_eq!(within("journal.db"), work.join("journal.db"));
        assert_eq!(
            within("recordings/=../t1.webm"),
            work.join("recordings/=../t1.webm")
        );
    }
}
