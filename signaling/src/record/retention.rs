//! Takes that are older than the conference file keeps them are deleted: first the file, then the log says so.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use plenary_ids::Moment;
use plenary_protocol::DeletionReason;
use plenary_room::RecordReport;

use super::too_old_before;
use crate::state::App;

/// How often it is looked for old takes.
const INTERVAL: Duration = Duration::from_mins(10);
/// How often it is looked whether the takes of the last run are recovered.
const READY_INTERVAL: Duration = Duration::from_secs(5);

/// Deletes old takes until the server ends.
pub async fn keep_deleting(app: Weak<App>) {
    loop {
        let Some(app) = app.upgrade() else {
            return;
        };
        let is_ready = app.recorder.is_ready();
        if is_ready {
            app.delete_old_takes(app.now()).await;
        }
        drop(app);
        tokio::time::sleep(if is_ready { INTERVAL } else { READY_INTERVAL }).await;
    }
}

impl App {
    /// Deletes the takes that are too old at that time, each file first and then by an event.
    pub async fn delete_old_takes(self: &Arc<Self>, now: Moment) {
        for room in &self.conference.rooms {
            let (Some(days), Some(handle)) = (room.recording.retention_days, self.room(&room.id))
            else {
                continue;
            };
            let before = too_old_before(now, days);
            let takes = handle.takes().await.unwrap_or_default();
            for take in takes.into_iter().filter(|take| take.to < before) {
                let (of_room, id, app) = (room.id.clone(), take.id.clone(), Arc::clone(self));
                let deleting =
                    tokio::task::spawn_blocking(move || app.recorder.delete(&of_room, &id));
                match deleting.await {
                    Ok(Ok(())) => {
                        let report = RecordReport::Deleted {
                            id: take.id,
                            by: None,
                            reason: DeletionReason::Retention,
                        };
                        // A log that cannot be written now says it after the next look: a file that is gone counts as deleted.
                        let _ = handle.report_recording(report).await;
                    }
                    Ok(Err(error)) => {
                        tracing::error!(room = %room.id, take = %take.id, %error, "an old take cannot be deleted");
                    }
                    Err(error) => tracing::error!(%error, "an old take cannot be deleted"),
                }
            }
        }
    }
}
