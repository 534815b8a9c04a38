//! How the server's own machine does: its disk above all, because everybody waits for that.

use std::{
    fs,
    path::Path,
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use plenary_ids::{Millis, Moment};
use plenary_journal::{DiskFault, Health as Journal};
use schemars::JsonSchema;
use serde::Serialize;

use crate::state::App;

/// How often the disk is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// With less than this left, somebody should make room: a busy day of a conference is some tens of megabytes.
const LOW: u64 = 256_000_000;

/// The machine that serves.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServerHealth {
    /// The disk that the journal is on.
    pub disk: DiskHealth,
    /// How many tasks want a processor, averaged over the last minute; null where the system does not say.
    pub load: Option<f64>,
    /// How many processors there are for them.
    pub processors: Option<usize>,
}

/// The disk of the data folder.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DiskHealth {
    /// What it comes to.
    pub state: DiskState,
    /// What is wrong, in a sentence; null if nothing is.
    pub trouble: Option<String>,
    /// A first thing to try.
    pub advice: Option<&'static str>,
    /// Since when something is wrong; null if nothing is, and while it is only little room that is left.
    #[serde(with = "plenary_protocol::rfc3339::optional")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Moment>,
    /// What a long commit took lately, or the one under way has taken so far; null while none takes long. Milliseconds.
    pub slow_ms: Option<Millis>,
    /// How long the commit that is under way has taken so far; 0 if none is. Milliseconds.
    pub committing_ms: Millis,
    /// How many rooms wait for a commit.
    pub waiting: u64,
    /// Bytes that are left on it; null where the system does not say.
    pub free_bytes: Option<u64>,
    /// Bytes that fit on it.
    pub size_bytes: Option<u64>,
}

/// What a disk comes to, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiskState {
    /// Nothing is wrong.
    Ok,
    /// Little room is left.
    Low,
    /// Writes are confirmed late; commands wait.
    Slow,
    /// No room is left; commands are refused, as in all that follow.
    Full,
    /// It takes no writes any more.
    ReadOnly,
    /// It takes none, for another reason.
    Failing,
    /// What it gives is not what was written.
    Damaged,
}

/// How much room a disk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that are left for this process.
    pub free: u64,
    /// Bytes that fit on it.
    pub size: u64,
}

impl App {
    /// How the machine does at this moment. It waits for nothing, least of all for the disk.
    pub fn server_health(&self) -> ServerHealth {
        ServerHealth {
            disk: DiskHealth::of(
                &self.journal.health(),
                *self.space.borrow(),
                self.clock.now(),
            ),
            load: load(),
            processors: thread::available_parallelism().ok().map(Into::into),
        }
    }
}

impl DiskHealth {
    fn of(journal: &Journal, space: Option<Space>, now: Moment) -> Self {
        let state = state(journal, space);
        let lasting = match (&journal.fault, journal.slow) {
            (Some(_), _) => Some(journal.failing_for),
            (None, slow) => slow.map(|slow| slow.lasting),
        };
        Self {
            state,
            trouble: sentence(state, journal, space),
            advice: advice(state),
            since: lasting.map(|lasting| Moment(now.0.saturating_sub(millis(lasting).0))),
            slow_ms: journal.slow.map(|slow| millis(slow.took)),
            committing_ms: millis(journal.commit_elapsed),
            waiting: journal.pending_appends,
            free_bytes: space.map(|space| space.free),
            size_bytes: space.map(|space| space.size),
        }
    }
}

fn state(journal: &Journal, space: Option<Space>) -> DiskState {
    match &journal.fault {
        Some(DiskFault::Full) => DiskState::Full,
        Some(DiskFault::ReadOnly) => DiskState::ReadOnly,
        Some(DiskFault::Damaged) => DiskState::Damaged,
        Some(DiskFault::Other(_)) => DiskState::Failing,
        None if journal.slow.is_some() => DiskState::Slow,
        None if space.is_some_and(|space| space.free < LOW) => DiskState::Low,
        None => DiskState::Ok,
    }
}

fn sentence(state: DiskState, journal: &Journal, space: Option<Space>) -> Option<String> {
    if let Some(trouble) = &journal.fault {
        return Some(format!("{trouble}; commands are refused"));
    }
    match (state, journal.slow, space) {
        (DiskState::Slow, Some(slow), _) => Some(format!(
            "the disk of the data folder takes {:.1} s to confirm a write; commands wait for it",
            slow.took.as_secs_f64()
        )),
        (DiskState::Low, _, Some(space)) => Some(format!(
            "only {} MB are left on the disk of the data folder",
            space.free / 1_000_000
        )),
        _ => None,
    }
}

fn advice(state: DiskState) -> Option<&'static str> {
    Some(match state {
        DiskState::Ok => return None,
        DiskState::Low | DiskState::Full => {
            "Remove what else lies on that disk, or make it larger; the server goes on by itself."
        }
        DiskState::Slow => {
            "See what else writes to that disk (iostat -x 1), and end it; nothing that was confirmed is at risk."
        }
        DiskState::ReadOnly | DiskState::Failing => {
            "The kernel's log says why (dmesg); once the disk can be written again, the server goes on by itself."
        }
        DiskState::Damaged => {
            "Run `plenary journal verify`; stop the server and restore a backup if it names a record."
        }
    })
}

fn millis(duration: Duration) -> Millis {
    Millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// The first figure of `/proc/loadavg`, which only Linux has.
fn load() -> Option<f64> {
    let said = fs::read_to_string("/proc/loadavg").ok()?;
    said.split_whitespace().next()?.parse().ok()
}

/// How much room there is. It may take as long as the disk does.
pub fn space(folder: &Path) -> Option<Space> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(Space {
        free: bytes(found.f_bavail),
        size: bytes(found.f_blocks),
    })
}

/// Looks at the disk for as long as it is served from, and writes into the log when it becomes slow or low, and when that
/// is over. That it fails is written there by the journal.
pub async fn watch(app: Weak<App>) {
    let mut known = DiskState::Ok;
    loop {
        let Some(app) = app.upgrade() else { return };
        look(&app).await;
        let DiskHealth { state, trouble, .. } = app.server_health().disk;
        drop(app);
        if state != known {
            match (trouble, state) {
                (Some(trouble), DiskState::Slow | DiskState::Low) => tracing::warn!("{trouble}"),
                (None, _) if known <= DiskState::Slow => {
                    tracing::info!("the disk of the data folder is well again");
                }
                _ => {}
            }
        }
        known = state;
        tokio::time::sleep(EVERY).await;
    }
}

/// A disk that does not answer holds up this look, and nothing else.
async fn look(app: &Arc<App>) {
    let folder = app.journal.folder().to_owned();
    let looking = tokio::task::spawn_blocking(move || space(&folder));
    if let Ok(Ok(space)) = tokio::time::timeout(EVERY, looking).await {
        app.space.send_replace(space);
    }
}

#[cfg(test)]
mod tests {
    use plenary_journal::SlowDisk;

    use super::*;

    const NOW: Moment = Moment(1_634_000_400_000);
    const ROOMY: Option<Space> = Some(Space {
        free: 40_000_000_000,
        size: 50_000_000_000,
    });

    fn slow(took: u64, lasting: u64) -> Journal {
        Journal {
            slow: Some(SlowDisk {
                took: Duration::from_millis(took),
                lasting: Duration::from_millis(lasting),
            }),
            ..Journal::default()
        }
    }

    #[test]
    fn a_disk_that_does_well_says_nothing() {
        let disk = DiskHealth::of(&Journal::default(), ROOMY, NOW);
        assert_eq!(disk.state, DiskState::Ok);
        assert_eq!(
            (disk.trouble, disk.advice, disk.since, disk.slow_ms),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_slow_disk_says_how_slow_it_is_and_since_when() {
        let disk = DiskHealth::of(&slow(2_140, 9_000), ROOMY, NOW);
        assert_eq!(disk.state, DiskState::Slow);
        assert_eq!(
            disk.trouble.as_deref(),
            Some(
                "the disk of the data folder takes 2.1 s to confirm a write; commands wait for it"
            )
        );
        assert_eq!(disk.since, Some(Moment(NOW.0 - 9_000)));
    }

    #[test]
    fn one_that_refuses_is_worse_than_one_that_is_slow() {
        let full = Journal {
            fault: Some(DiskFault::Full),
            failing_for: Duration::from_secs(3),
            ..slow(2_140, 9_000)
        };
        let disk = DiskHealth::of(&full, ROOMY, NOW);
        assert_eq!(disk.state, DiskState::Full);
        assert_eq!(disk.since, Some(Moment(NOW.0 - 3_000)));
    }

    #[test]
    fn little_room_is_told_before_there_is_none() {
        let space = Some(Space {
            free: 120_000_000,
            size: 50_000_000_000,
        });
        let disk = DiskHealth::of(&Journal::default(), space, NOW);
        assert_eq!(disk.state, DiskState::Low);
        assert_eq!(
            disk.trouble.as_deref(),
            Some("only 120 MB are left on the disk of the data folder")
        );
    }

    #[test]
    fn every_trouble_comes_with_a_first_thing_to_try() {
        use DiskState::{Damaged, Failing, Full, Low, ReadOnly, Slow};
        for state in [Low, Slow, Full, ReadOnly, Failing, Damaged] {
            assert!(advice(state).is_some(), "{state:?}");
        }
    }
}
