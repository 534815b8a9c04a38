//! Deletes takes: those that are older than the conference file keeps them, and those that an operator names.

use std::{
    io,
    sync::{Arc, Weak},
    time::Duration,
};

use plenary_ids::{Moment, PersonId, TakeId};
use plenary_protocol::{Code, DeletionReason, Problem};
use plenary_room::{RecordReport, RoomHandle};

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
    /// Deletes the takes that are too old at that time.
    pub async fn delete_old_takes(self: &Arc<Self>, now: Moment) {
        for room in &self.conference.rooms {
            let (Some(days), Some(handle)) = (room.recording.retention_days, self.room(&room.id))
            else {
                continue;
            };
            let before = too_old_before(now, days);
            let takes = handle.takes().await.unwrap_or_default();
            for take in takes.into_iter().filter(|take| take.to < before) {
                let reason = DeletionReason::Retention;
                let deleted = self.delete_take(&handle, &take.id, None, reason).await;
                if let Err(error) = deleted {
                    tracing::error!(room = %room.id, take = %take.id, %error, "an old take cannot be deleted");
                }
            }
        }
    }

    /// Deletes a take: first its file, then the log says so. If the log cannot be written, the take is still listed without
    /// a file, and may be deleted again.
    pub async fn delete_take(
        self: &Arc<Self>,
        room: &RoomHandle,
        id: &TakeId,
        by: Option<PersonId>,
        reason: DeletionReason,
    ) -> Result<(), Problem> {
        let (app, of_room, take) = (Arc::clone(self), room.id().clone(), id.clone());
        let deleting = tokio::task::spawn_blocking(move || app.recorder.delete(&of_room, &take));
        let deleted = deleting.await.map_err(io::Error::other).flatten();
        deleted.map_err(|error| {
            tracing::error!(room = %room.id(), take = %id, %error, "the file of a take cannot be deleted");
            Problem::new(Code::Unavailable, "The file cannot be deleted at the moment.")
        })?;
        let id = id.clone();
        room.report_recording(RecordReport::Deleted { id, by, reason })
            .await
    }
}
