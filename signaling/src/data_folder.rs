//! The data folder as a whole: keys, list of revoked invitations and journal belong together, and what is lost is said.

use std::path::Path;

use plenary_conference::{Keys, KeysError};
use plenary_journal::{Journal, OpenError, Reader};

/// The first version of the journal beside which there is a list of revoked invitations in any case.
const FIRST_VERSION_WITH_LIST: usize = 3;

/// What to do about a journal or a list of revoked invitations that is missing beside a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// Refuse: a conference must not go on without its record because somebody lost a file.
    #[default]
    Refuse,
    /// Begin with an empty one.
    BeginAnew,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Its keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Its journal cannot be used.
    #[error(transparent)]
    Journal(#[from] OpenError),
}

/// Opens the keys and the journal of a folder for a server.
pub fn open(dir: &Path, missing: Missing) -> Result<(Keys, Journal), DataFolderError> {
    // Beside a key there is a journal, unless the key was made for invitations before the first start.
    if missing == Missing::Refuse
        && Keys::exist(dir)
        && !Keys::await_journal(dir)
        && !Journal::exists(dir)
    {
        return Err(OpenError::Lost(Journal::file(dir)).into());
    }
    if missing == Missing::BeginAnew && Keys::exist(dir) {
        Keys::begin_list(dir)?;
    }
    let keys = match missing {
        Missing::Refuse => keys(dir)?,
        Missing::BeginAnew => Keys::open(dir)?,
    };
    let journal = match missing {
        Missing::Refuse => Journal::open(dir)?,
        Missing::BeginAnew => Journal::open_or_begin_anew(dir)?,
    };
    Keys::have_journal(dir)?;
    if let Some(lost) = journal.lost_wal() {
        tracing::error!("{lost}");
    }
    Ok((keys, journal))
}

/// Opens the keys of a folder. An older Plenary wrote a list of revoked invitations only once one was revoked. A key that
/// is missing beside a journal is an error: with a new one, nobody's link would open.
pub fn keys(dir: &Path) -> Result<Keys, KeysError> {
    if Journal::exists(dir) && !Keys::exist(dir) {
        return Err(KeysError::LostKey(Keys::file(dir)));
    }
    let version = Reader::version(dir);
    if matches!(version, Ok(Some(older)) if older < FIRST_VERSION_WITH_LIST) && Keys::exist(dir) {
        Keys::begin_list(dir)?;
    }
    Keys::open(dir)
}
