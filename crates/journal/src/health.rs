//! Whether the disk accepts commits and how long they take, for operators.

use std::{
    fmt,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::ErrorCode;

use crate::folder;

/// Why the disk refuses commits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the messages below explain each")]
pub enum DiskFault {
    Full,
    ReadOnly,
    Damaged,
    Gone,
    Other(String),
}

impl fmt::Display for DiskFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => out.write_str("the disk of the data folder is full"),
            Self::ReadOnly => out.write_str("the data folder has become read-only"),
            Self::Damaged => out.write_str("the journal is damaged"),
            Self::Gone => out.write_str("the data folder was deleted or replaced"),
            Self::Other(why) => write!(out, "the data folder cannot be written: {why}"),
        }
    }
}

impl DiskFault {
    pub(crate) fn classify(error: &rusqlite::Error, folder: &Path) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            _ if folder::is_read_only(folder) => Self::ReadOnly,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// A commit that takes this long delays replies noticeably.
const SLOW_COMMIT: Duration = Duration::from_secs(1);
/// How long after its last slow commit a disk still counts as slow, so that its state does not flap.
const SLOW_DISK_COOLDOWN: Duration = Duration::from_secs(10);

/// The journal's health at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the last commit failed; none after a commit that succeeded.
    pub fault: Option<DiskFault>,
    /// For how long commits have failed.
    pub failing_for: Duration,
    /// Present while commits are slow, and for ten seconds after.
    pub slow: Option<SlowDisk>,
    /// How long the current commit has taken so far.
    pub commit_elapsed: Duration,
    /// How many appends are not durable yet, including those in the current commit.
    pub pending_appends: u64,
    /// How many commits have succeeded since the start.
    pub commits: u64,
}

/// A disk whose commits take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlowDisk {
    /// The duration of the last slow commit, or of the current one so far, whichever is longer.
    pub took: Duration,
    /// How long ago the first of these slow commits began.
    pub lasting: Duration,
}

/// Measures the writer's commits; any thread may read it.
#[derive(Debug, Default)]
pub(crate) struct CommitMonitor {
    state: Mutex<State>,
    pending_appends: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    fault: Option<DiskFault>,
    failing_since: Option<Instant>,
    commits: u64,
    /// When the current commit began.
    began: Option<Instant>,
    slow_spell: Option<SlowSpell>,
}

/// A series of slow commits, each within [`SLOW_DISK_COOLDOWN`] of the one before.
#[derive(Debug, Clone, Copy)]
struct SlowSpell {
    began: Instant,
    ended: Instant,
    /// The duration of the last commit.
    took: Duration,
}

impl CommitMonitor {
    /// Counts an append that was queued.
    pub(crate) fn queued(&self) {
        self.pending_appends.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn commit_began(&self) {
        self.with(|state| state.began = Some(Instant::now()));
    }

    /// Records the outcome of a commit of that many appends, and logs it for operators if the outcome has changed.
    pub(crate) fn commit_ended(&self, appends: usize, fault: Option<&DiskFault>) {
        self.pending_appends
            .fetch_sub(appends as u64, Ordering::Relaxed);
        self.with(|state| {
            let now = Instant::now();
            let began = state.began.take().unwrap_or(now);
            let took = now.saturating_duration_since(began);
            metrics::histogram!("plenary_journal_commit_seconds").record(took.as_secs_f64());
            state.record_duration(began, now);
            if let Some(fault) = fault {
                metrics::counter!("plenary_journal_failures_total").increment(1);
                if state.fault.as_ref() != Some(fault) {
                    tracing::error!("{fault}; commands are refused until that is mended");
                }
                state.failing_since.get_or_insert(now);
            } else {
                if state.fault.is_some() {
                    tracing::warn!("the data folder can be written again; commands are accepted");
                }
                state.failing_since = None;
                state.commits += 1;
            }
            state.fault = fault.cloned();
        });
    }

    pub(crate) fn health(&self) -> Health {
        let now = Instant::now();
        let mut health = Health {
            pending_appends: self.pending_appends.load(Ordering::Relaxed),
            ..Health::default()
        };
        self.with(|state| {
            let elapsed = |since: Option<Instant>| {
                since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
            };
            health.fault.clone_from(&state.fault);
            health.commits = state.commits;
            health.failing_for = elapsed(state.failing_since);
            health.commit_elapsed = elapsed(state.began);
            health.slow = state.slow(now);
        });
        health
    }

    fn with(&self, act: impl FnOnce(&mut State)) {
        // The closures above cannot panic half-way, so even a poisoned lock holds a consistent state.
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    /// Extends the slow spell, or begins one, if a commit took long.
    fn record_duration(&mut self, began: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(began);
        if took < SLOW_COMMIT {
            return;
        }
        let before = self.slow_spell.filter(|spell| spell.lasts_until(began));
        self.slow_spell = Some(SlowSpell {
            began: before.map_or(began, |before| before.began),
            ended,
            took,
        });
    }

    fn slow(&self, now: Instant) -> Option<SlowDisk> {
        let current = self.began.map(|began| SlowSpell {
            began,
            ended: now,
            took: now.saturating_duration_since(began),
        });
        let current = current.filter(|commit| commit.took >= SLOW_COMMIT);
        let at = current.map_or(now, |commit| commit.began);
        let before = self.slow_spell.filter(|spell| spell.lasts_until(at));
        let slow = [before, current].into_iter().flatten();
        Some(SlowDisk {
            took: slow.map(|it| it.took).max()?,
            lasting: now.saturating_duration_since(before.or(current)?.began),
        })
    }
}

impl SlowSpell {
    fn lasts_until(&self, at: Instant) -> bool {
        at.saturating_duration_since(self.ended) < SLOW_DISK_COOLDOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_disk_is_slow_while_a_commit_takes_long_and_ten_seconds_after() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut state = State {
            began: Some(start),
            ..State::default()
        };
        assert_eq!(state.slow(start + SLOW_COMMIT / 2), None);
        let slow = |took, lasting| {
            Some(SlowDisk {
                took: seconds(took),
                lasting: seconds(lasting),
            })
        };
        assert_eq!(state.slow(at(2)), slow(2, 2));
        state.began = None;
        state.record_duration(start, at(3));
        assert_eq!(state.slow(at(5)), slow(3, 5), "it ended two seconds ago");
        state.record_duration(at(5), at(5));
        assert_eq!(
            state.slow(at(6)),
            slow(3, 6),
            "one quick commit does not end the spell"
        );
        state.began = Some(at(7));
        assert_eq!(state.slow(at(14)), slow(7, 14), "the longer one counts");
        state.record_duration(at(7), at(15));
        state.began = None;
        assert_eq!(state.slow(at(15)), slow(8, 15), "still the same spell");
        assert_eq!(state.slow(at(25)), None, "the spell is over");
        state.record_duration(at(30), at(31));
        assert_eq!(state.slow(at(31)), slow(1, 1), "a new spell");
    }
}
