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

/// A commit that takes this long is noticed by those who wait for it.
const LONG: Duration = Duration::from_secs(1);
/// How long after its last long commit a disk still counts as slow, so that it is not well and ill by turns.
const CALM: Duration = Duration::from_secs(10);

/// How a journal does at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the last commit failed; none once one has succeeded again.
    pub trouble: Option<Trouble>,
    /// For how long commits have failed.
    pub failing: Duration,
    /// That commits take long, or did a moment ago.
    pub slow: Option<Slow>,
    /// How long the commit that is under way has taken so far.
    pub committing: Duration,
    /// How many appends wait, the one under way included.
    pub waiting: u64,
    /// How many commits have succeeded since the start.
    pub commits: u64,
}

/// A disk that takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow {
    /// What the last long commit took, or the one under way has taken so far, whichever is longer.
    pub took: Duration,
    /// How long ago the first of them began.
    pub lasting: Duration,
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
    failing_since: Option<Instant>,
    commits: u64,
    since: Option<Instant>,
    long: Option<Long>,
}

/// Commits that took long, no further apart than [`CALM`].
#[derive(Debug, Clone, Copy)]
struct Long {
    began: Instant,
    ended: Instant,
    took: Duration,
}

impl Notes {
    pub(crate) fn begin(&self) {
        self.with(|state| state.since = Some(Instant::now()));
    }

    /// Notes how a commit went, and tells operators when that is news.
    pub(crate) fn end(&self, trouble: Option<&Trouble>) {
        self.with(|state| {
            let now = Instant::now();
            let began = state.since.take().unwrap_or(now);
            let took = now.saturating_duration_since(began);
            metrics::histogram!("plenary_journal_commit_seconds").record(took.as_secs_f64());
            state.note(began, now);
            if let Some(trouble) = trouble {
                metrics::counter!("plenary_journal_failures_total").increment(1);
                if state.trouble.as_ref() != Some(trouble) {
                    tracing::error!("{trouble}; commands are refused until that is mended");
                }
                state.failing_since.get_or_insert(now);
            } else {
                if state.trouble.is_some() {
                    tracing::warn!("the data folder can be written again; commands are taken");
                }
                state.failing_since = None;
                state.commits += 1;
            }
            state.trouble = trouble.cloned();
        });
    }

    pub(crate) fn health(&self) -> Health {
        let now = Instant::now();
        let mut health = Health {
            waiting: self.waiting.load(std::sync::atomic::Ordering::Relaxed),
            ..Health::default()
        };
        self.with(|state| {
            let ago = |since: Option<Instant>| {
                since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
            };
            health.trouble.clone_from(&state.trouble);
            health.commits = state.commits;
            health.failing = ago(state.failing_since);
            health.committing = ago(state.since);
            health.slow = state.slow(now);
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

impl State {
    /// Notes a commit that has ended.
    fn note(&mut self, began: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(began);
        if took < LONG {
            return;
        }
        let before = self.long.filter(|long| long.lasts_until(began));
        self.long = Some(Long {
            began: before.map_or(began, |before| before.began),
            ended,
            took,
        });
    }

    fn slow(&self, now: Instant) -> Option<Slow> {
        let under_way = self.since.map(|began| Long {
            began,
            ended: now,
            took: now.saturating_duration_since(began),
        });
        let under_way = under_way.filter(|it| it.took >= LONG);
        let at = under_way.map_or(now, |it| it.began);
        let before = self.long.filter(|long| long.lasts_until(at));
        let took = [before, under_way].into_iter().flatten();
        Some(Slow {
            took: took.map(|it| it.took).max()?,
            lasting: now.saturating_duration_since(before.or(under_way)?.began),
        })
    }
}

impl Long {
    fn lasts_until(&self, at: Instant) -> bool {
        at.saturating_duration_since(self.ended) < CALM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_disk_is_slow_while_a_commit_takes_long_and_for_a_moment_after() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut state = State {
            since: Some(start),
            ..State::default()
        };
        assert_eq!(state.slow(start + LONG / 2), None);
        let slow = |took, lasting| {
            Some(Slow {
                took: seconds(took),
                lasting: seconds(lasting),
            })
        };
        assert_eq!(state.slow(at(2)), slow(2, 2));
        state.since = None;
        state.note(start, at(3));
        assert_eq!(state.slow(at(5)), slow(3, 5), "it has only just ended");
        state.note(at(5), at(5));
        assert_eq!(
            state.slow(at(6)),
            slow(3, 6),
            "one that is quick is not calm yet"
        );
        state.since = Some(at(7));
        assert_eq!(state.slow(at(14)), slow(7, 14), "the longer one counts");
        state.note(at(7), at(15));
        state.since = None;
        assert_eq!(
            state.slow(at(15)),
            slow(8, 15),
            "it is the same trouble still"
        );
        assert_eq!(state.slow(at(25)), None, "calm again");
        state.note(at(30), at(31));
        assert_eq!(state.slow(at(31)), slow(1, 1), "and another trouble");
    }
}
