//! The health of the server's machine: above all its disk, because every command waits for that.

use std::{fs, path::Path, sync::Arc, thread, time::Duration};

use plenary_ids::{Millis, Moment};
use plenary_journal::{DiskFault, Health as JournalHealth, Journal};
use plenary_room::TimeSource;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

use crate::{
    alarms::{self, ServerAlarm},
    clock::{ClockHealth, MachineClock},
};

/// How often the machine is checked, and how long a check of its disk may take.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// A change of the machine's clock by less is not worth a line in the log.
const MIN_LOGGED_CHANGE_MS: u64 = 100;
/// With less free space than this an operator should act: a busy day of a conference takes some tens of megabytes.
const LOW_FREE_BYTES: u64 = 256_000_000;

/// The health of the server's machine.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServerHealth {
    /// The disk of the journal.
    pub disk: DiskHealth,
    /// The machine's clock, and how far the log differs from it.
    pub clock: ClockHealth,
    /// What an operator should act on now, apart from the disk.
    pub alarms: Vec<ServerAlarm>,
    /// The load average of the last minute; null if the system does not report it.
    pub load: Option<f64>,
    /// The number of processors.
    pub processors: Option<usize>,
}

/// The disk of the data folder.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DiskHealth {
    /// The worst of its conditions.
    pub state: DiskState,
    /// The trouble in a sentence; null if there is none.
    pub trouble: Option<String>,
    /// The first remedy to try.
    pub advice: Option<&'static str>,
    /// When the trouble began; null if there is none, and while the only trouble is low space.
    #[serde(with = "plenary_protocol::rfc3339::optional")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Moment>,
    /// The duration of a recent slow commit, or of the current one so far; null while commits are fast. Milliseconds.
    pub slow_ms: Option<Millis>,
    /// How long the current commit has taken so far; 0 if there is none. Milliseconds.
    pub committing_ms: Millis,
    /// How many rooms wait for a commit.
    pub waiting: u64,
    /// Free space; null if the system does not report it.
    pub free_bytes: Option<u64>,
    /// Total space; null if the system does not report it.
    pub size_bytes: Option<u64>,
}

/// The condition of a disk, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiskState {
    /// The disk has no trouble.
    Ok,
    /// Little space is left.
    Low,
    /// Writes are confirmed late; commands wait.
    Slow,
    /// No space is left; commands are refused, as in the states below.
    Full,
    /// The disk refuses all writes.
    ReadOnly,
    /// Writes fail for another reason.
    Failing,
    /// The disk returns other data than was written.
    Damaged,
    /// The data folder was deleted or replaced.
    Gone,
}

/// The space on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// The bytes that this process can still write.
    pub free_bytes: u64,
    /// The size of the disk.
    pub total_bytes: u64,
}

impl ServerHealth {
    /// The health of the machine, from that of its parts and from the last check of the disk.
    pub fn new(journal: &Journal, space: Option<DiskSpace>, clock: &MachineClock) -> Self {
        let disk = DiskHealth::new(&journal.health(), space, clock.now());
        let clock = ClockHealth::new(clock, journal.last_alive());
        let lost_wal = journal.lost_wal().map(alarms::of_lost_wal);
        Self {
            disk,
            alarms: clock.alarm().into_iter().chain(lost_wal).collect(),
            clock,
            load: load(),
            processors: thread::available_parallelism().ok().map(Into::into),
        }
    }
}

impl DiskHealth {
    fn new(journal: &JournalHealth, space: Option<DiskSpace>, now: Moment) -> Self {
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
            free_bytes: space.map(|space| space.free_bytes),
            size_bytes: space.map(|space| space.total_bytes),
        }
    }
}

fn state(journal: &JournalHealth, space: Option<DiskSpace>) -> DiskState {
    match &journal.fault {
        Some(DiskFault::Full) => DiskState::Full,
        Some(DiskFault::ReadOnly) => DiskState::ReadOnly,
        Some(DiskFault::Damaged) => DiskState::Damaged,
        Some(DiskFault::Gone) => DiskState::Gone,
        Some(DiskFault::Other(_)) => DiskState::Failing,
        None if journal.slow.is_some() => DiskState::Slow,
        None if space.is_some_and(|space| space.free_bytes < LOW_FREE_BYTES) => DiskState::Low,
        None => DiskState::Ok,
    }
}

fn sentence(state: DiskState, journal: &JournalHealth, space: Option<DiskSpace>) -> Option<String> {
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
            space.free_bytes / 1_000_000
        )),
        _ => None,
    }
}

fn advice(state: DiskState) -> Option<&'static str> {
    Some(match state {
        DiskState::Ok => return None,
        DiskState::Low | DiskState::Full => {
            "Delete other files on that disk, or make it larger; the server recovers by itself."
        }
        DiskState::Slow => {
            "See what else writes to that disk (iostat -x 1), and stop it; nothing that was confirmed is at risk."
        }
        DiskState::ReadOnly | DiskState::Failing => {
            "The kernel's log says why (dmesg); once the disk can be written again, the server recovers by itself."
        }
        DiskState::Damaged => {
            "Run `plenary journal verify`; stop the server and restore a backup if it names a record."
        }
        DiskState::Gone => {
            "Put the folder back where it was; the server then continues by itself. If it is lost, stop the server and restore a backup."
        }
    })
}

fn millis(duration: Duration) -> Millis {
    Millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// The first figure of `/proc/loadavg`, which only Linux has.
fn load() -> Option<f64> {
    let figures = fs::read_to_string("/proc/loadavg").ok()?;
    figures.split_whitespace().next()?.parse().ok()
}

/// The space on the disk of a folder. It blocks for as long as the disk does.
pub fn disk_space(folder: &Path) -> Option<DiskSpace> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(DiskSpace {
        free_bytes: bytes(found.f_bavail),
        total_bytes: bytes(found.f_blocks),
    })
}

/// Checks the machine until nobody reads `space` any more. It logs when the disk becomes slow or low and when that is
/// over, and when the clock was set or the server stood still; the journal logs failures itself.
pub async fn watch(
    journal: Journal,
    clock: Arc<MachineClock>,
    space: watch::Sender<Option<DiskSpace>>,
) {
    let mut known = DiskState::Ok;
    let mut known_clock = ClockHealth::new(&clock, journal.last_alive());
    if let Some(alarm) = known_clock.alarm() {
        tracing::error!("{}", alarm.detail);
    }
    loop {
        if let Some(found) = check_disk(&journal).await {
            space.send_replace(found);
        }
        let disk = DiskHealth::new(&journal.health(), *space.borrow(), clock.now());
        if disk.state != known {
            match (disk.trouble, disk.state) {
                (Some(trouble), DiskState::Slow | DiskState::Low) => tracing::warn!("{trouble}"),
                (None, _) if known <= DiskState::Slow => {
                    tracing::info!("the disk of the data folder is well again");
                }
                _ => {}
            }
        }
        known = disk.state;
        known_clock = log_clock(known_clock, ClockHealth::new(&clock, journal.last_alive()));
        tokio::select! {
            () = space.closed() => return,
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
        }
    }
}

/// Logs what has happened to the clock, and returns what the next reading is compared with.
fn log_clock(before: ClockHealth, after: ClockHealth) -> ClockHealth {
    let stood_still = after.standstill_ms.saturating_sub(before.standstill_ms);
    if stood_still > Millis(0) {
        let milliseconds = stood_still.0;
        tracing::warn!(
            milliseconds,
            "the server stood still; speaking time is not affected"
        );
    }
    let set_by = after.set_by_ms.saturating_sub(before.set_by_ms);
    if set_by.unsigned_abs() >= MIN_LOGGED_CHANGE_MS {
        let milliseconds = set_by;
        tracing::warn!(
            milliseconds,
            "the machine's clock was set; speaking time is not affected"
        );
        after
    } else {
        // Small changes add up.
        ClockHealth {
            set_by_ms: before.set_by_ms,
            ..after
        }
    }
}

/// None if the disk does not answer in time. Then it delays this check, and nothing else.
async fn check_disk(journal: &Journal) -> Option<Option<DiskSpace>> {
    let folder = journal.folder().to_owned();
    let check = tokio::task::spawn_blocking(move || disk_space(&folder));
    let checked = tokio::time::timeout(CHECK_INTERVAL, check).await;
    checked.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use plenary_journal::SlowDisk;

    use super::*;

    const NOW: Moment = Moment(1_634_000_400_000);
    const ROOMY: Option<DiskSpace> = Some(DiskSpace {
        free_bytes: 40_000_000_000,
        total_bytes: 50_000_000_000,
    });

    fn slow(took: u64, lasting: u64) -> JournalHealth {
        JournalHealth {
            slow: Some(SlowDisk {
                took: Duration::from_millis(took),
                lasting: Duration::from_millis(lasting),
            }),
            ..JournalHealth::default()
        }
    }

    #[test]
    fn a_healthy_disk_reports_no_trouble() {
        let disk = DiskHealth::new(&JournalHealth::default(), ROOMY, NOW);
        assert_eq!(disk.state, DiskState::Ok);
        assert_eq!(
            (disk.trouble, disk.advice, disk.since, disk.slow_ms),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_slow_disk_reports_how_slow_it_is_and_since_when() {
        let disk = DiskHealth::new(&slow(2_140, 9_000), ROOMY, NOW);
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
    fn a_full_disk_is_worse_than_a_slow_one() {
        let full = JournalHealth {
            fault: Some(DiskFault::Full),
            failing_for: Duration::from_secs(3),
            ..slow(2_140, 9_000)
        };
        let disk = DiskHealth::new(&full, ROOMY, NOW);
        assert_eq!(disk.state, DiskState::Full);
        assert_eq!(disk.since, Some(Moment(NOW.0 - 3_000)));
    }

    #[test]
    fn low_space_is_reported_before_the_disk_is_full() {
        let space = Some(DiskSpace {
            free_bytes: 120_000_000,
            total_bytes: 50_000_000_000,
        });
        let disk = DiskHealth::new(&JournalHealth::default(), space, NOW);
        assert_eq!(disk.state, DiskState::Low);
        assert_eq!(
            disk.trouble.as_deref(),
            Some("only 120 MB are left on the disk of the data folder")
        );
    }

    #[test]
    fn every_trouble_comes_with_advice() {
        use DiskState::{Damaged, Failing, Full, Gone, Low, ReadOnly, Slow};
        for state in [Low, Slow, Full, ReadOnly, Failing, Damaged, Gone] {
            assert!(advice(state).is_some(), "{state:?}");
        }
    }
}
