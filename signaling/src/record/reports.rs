//! The recorder's reports on their way into the logs of the rooms.

use std::{
    collections::HashSet,
    sync::{Arc, Weak, atomic::Ordering::Relaxed},
    time::Duration,
};

use plenary_ids::{RoomId, TakeId};
use plenary_protocol::{Code, RecordFault, Take};
use plenary_recorder::{Report, Reports, StopReason, TakeSummary};
use plenary_room::RecordReport;
use tokio::sync::mpsc;

use crate::state::App;

/// How long after a log that cannot be written a report comes again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Reports that no room has taken yet. There are as many as takes.
pub type Reported = mpsc::UnboundedReceiver<Report>;

/// Where the recorder tells of its work, and where that is read.
pub(super) fn channel() -> (Reports, Reported) {
    let (sender, reported) = mpsc::unbounded_channel();
    let reports: Reports = Arc::new(move |report| {
        // The receiver ends with the server.
        let _ = sender.send(report);
    });
    (reports, reported)
}

/// Hands the reports to the rooms. Each is repeated until the room's log has it.
pub async fn forward(app: Weak<App>, mut reported: Reported) {
    while let Some(report) = reported.recv().await {
        let (room, report) = of_room(report);
        tokio::spawn(deliver(app.clone(), room, report));
    }
}

async fn deliver(app: Weak<App>, room: RoomId, report: RecordReport) {
    loop {
        let Some(app) = app.upgrade().filter(|app| !app.is_draining()) else {
            // The next start finds the take, and reports it.
            return;
        };
        let Some(handle) = app.room(&room) else {
            return;
        };
        drop(app);
        match handle.report_recording(report.clone()).await {
            Ok(()) => return,
            Err(problem) if problem.code == Code::Unavailable => {
                tokio::time::sleep(RETRY_DELAY).await;
            }
            Err(problem) => {
                tracing::error!(%room, %problem, "a report of the recorder is refused");
                return;
            }
        }
    }
}

/// Makes whole what a crash has left, and reports the takes of which the logs do not know. From then on takes may begin.
pub async fn recover(app: Arc<App>) {
    let rooms: Vec<_> = app.rooms.iter().map(|room| room.clone()).collect();
    let mut known: HashSet<TakeId> = HashSet::new();
    for room in rooms {
        let takes = room.takes().await.unwrap_or_default();
        known.extend(takes.into_iter().map(|take| take.id));
    }
    let folder = app.recorder.folder.clone();
    let disk = Arc::clone(&app.recorder.disk);
    let recovering = tokio::task::spawn_blocking(move || {
        plenary_recorder::recover(&folder, &*disk, |_, take| known.contains(take))
    });
    match recovering.await {
        Ok(Ok(found)) => {
            for summary in found {
                let (room, report) = of_room(Report::Written(Box::new(summary)));
                tokio::spawn(deliver(Arc::downgrade(&app), room, report));
            }
        }
        Ok(Err(error)) => tracing::error!(%error, "the takes of the last run cannot be recovered"),
        Err(error) => tracing::error!(%error, "the takes of the last run cannot be recovered"),
    }
    app.recorder.ready.store(true, Relaxed);
}

fn of_room(report: Report) -> (RoomId, RecordReport) {
    match report {
        Report::Written(summary) => (
            summary.info.room.clone(),
            RecordReport::Take(take(*summary)),
        ),
        Report::Gap {
            room,
            from,
            to,
            reason,
        } => {
            let reason = fault(reason);
            (room, RecordReport::Gap { from, to, reason })
        }
        Report::Stopped { room, reason } => {
            let reason = fault(reason);
            tracing::error!(%room, %reason, "the recording of a room has stopped");
            (room, RecordReport::Stopped { reason })
        }
    }
}

fn fault(reason: StopReason) -> RecordFault {
    match reason {
        StopReason::DiskFull => RecordFault::DiskFull,
        StopReason::DiskSlow => RecordFault::DiskSlow,
        StopReason::DiskFailed => RecordFault::DiskFailed,
    }
}

fn take(summary: TakeSummary) -> Take {
    Take {
        id: summary.info.id,
        speech: summary.info.speech,
        participant: summary.info.participant,
        source: summary.info.source,
        language: summary.info.language,
        from: summary.from,
        to: summary.to,
        bytes: summary.bytes,
        sha256: summary.sha256,
        media_type: summary.media_type,
        lost_packets: summary.lost_packets,
        recovered: summary.recovered,
    }
}
