//! A copy of a journal as it is at one moment, while a server may write it.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{Connection, backup::Backup};

use crate::{OpenError, folder};

/// How long the copy waits before it tries again to read a page that somebody has locked.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// Copies the journal of one folder into another that has none. The copy is on disk when this returns, and needs no
/// write-ahead log beside it.
pub fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    let source = folder::open_for_copying(from)?;
    let fault = |error: rusqlite::Error| OpenError::sqlite(to.to_owned(), &error);
    let io = |error| OpenError::io(to.to_owned(), &error);
    let file = folder::database(to);
    folder::open_private(&file).map_err(io)?;
    let mut copy = Connection::open(&file).map_err(fault)?;
    // In one step, which reads the state of one moment; a writer goes on meanwhile, in its write-ahead log.
    Backup::new(&source, &mut copy)
        .and_then(|backup| backup.run_to_completion(i32::MAX, RETRY_INTERVAL, None))
        .map_err(fault)?;
    copy.pragma_update(None, "journal_mode", "DELETE")
        .map_err(fault)?;
    copy.close().map_err(|(_, error)| fault(error))?;
    File::open(&file)
        .and_then(|file| file.sync_all())
        .map_err(io)
}
