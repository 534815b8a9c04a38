//! How the disk does, for operators.

use std::{
    fmt,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use rusqlite::ErrorCode;

use crate::folder;

/// What is wrong with the disk, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences below say what each is")]
pub enum Trouble {
    Full,
    ReadOnly,
    Damaged,
    Other(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => out.write_str("the disk of the data folder is full"),
            Self::ReadOnly => out.write_str("the data folder has become read-only"),
            Self::Damaged => out.write_str("the journal is damaged"),
            Self::Other(why) => write!(out, "the data folder cannot be written: {why}"),
        }
    }
}

impl Trouble {
    pub(crate) fn of(error: &rusqlite::Error, folder: &Path) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            _ if folder::is_read_only(folder) => Self::ReadOnly,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// How a journal does at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the last commit failed; none once one has succeeded again.
    pub trouble: Option<Trouble>,
    /// How long the commit that is under way has taken so far.
    pub committing: Duration,
    /// How many appends wait, the one under way included.
    pub waiting: u64,
}

/// What the writer notes, and anybody may ask.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    state: Mutex<State>,
    pub(crate) waiting: std::sync::atomic::AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    since: Option<Instant>,
}

impl Notes {
    pub(crate) fn begin(&self) {
        self.with(|state| state.since = Some(Instant::now()));
    }

    /// Notes how a commit went, and tells operators when that is news.
    pub(crate) fn end(&self, trouble: Option<&Trouble>) {
        self.with(|state| {
            let took = state.since.take().map(|since| since.elapsed());
            metrics::histogram!("plenary_journal_commit_seconds")
                .record(took.unwrap_or_default().as_secs_f64());
            if let Some(trouble) = trouble {
                metrics::counter!("plenary_journal_failures_total").increment(1);
                if state.trouble.as_ref() != Some(trouble) {
                    tracing::error!("{trouble}; commands are refused until that is mended");
                }
            } else if state.trouble.is_some() {
                tracing::warn!("the data folder can be written again; commands are taken");
            }
            state.trouble = trouble.cloned();
        });
    }

    pub(crate) fn health(&self) -> Health {
        let mut health = Health {
            waiting: self.waiting.load(std::sync::atomic::Ordering::Relaxed),
            ..Health::default()
        };
        self.with(|state| {
            health.trouble.clone_from(&state.trouble);
            health.committing = state.since.map(|since| since.elapsed()).unwrap_or_default();
        });
        health
    }

    fn with(&self, act: impl FnOnce(&mut State)) {
        // Nothing here can panic half-way; a poisoned lock would still hold a whole state.
        act(&mut self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}
