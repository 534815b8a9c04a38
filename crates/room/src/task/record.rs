//! The recording of a running room. Rules of order, section 23.

use std::{collections::BTreeMap, sync::Arc};

use plenary_ids::{PersonId, TakeId};
use plenary_protocol::{CommandOutput, Problem, RecordingState, RoomEvent, Take};
use tokio::sync::watch;

use super::{Room, batch::Deferred};
use crate::{Body, RecordReport, RecordingStatus, message::Responder};

impl Room {
    /// Begins to record the room, if the conference file says so and nobody has switched it yet.
    pub(super) fn record_from_the_beginning(&mut self) {
        if self.config.is_recorded && self.state.recording.is_untouched() {
            self.record_facts();
            self.emit(vec![Body::Room(RoomEvent::RecordStarted { by: None })]);
        }
    }

    /// Begins to record the room. A room that is recorded goes on as it is.
    pub(super) fn start_recording(&mut self, by: PersonId) -> CommandOutput {
        if self.state.recording.running().is_none() {
            let by = Some(by);
            self.emit(vec![Body::Room(RoomEvent::RecordStarted { by })]);
        }
        self.recording_state()
    }

    /// Ends the recording of the room, if there is one.
    pub(super) fn stop_recording(&mut self, by: PersonId) -> CommandOutput {
        if self.state.recording.running().is_some() {
            let (by, reason) = (Some(by), None);
            self.emit(vec![Body::Room(RoomEvent::RecordStopped { by, reason })]);
        }
        self.recording_state()
    }

    fn recording_state(&self) -> CommandOutput {
        let running = self.state.recording.running();
        CommandOutput::Recording(RecordingState::from(running))
    }

    /// Records what the recorder reports. A report that the log has already changes nothing.
    pub(super) fn report_recording(
        &mut self,
        report: RecordReport,
        responder: Responder<Result<(), Problem>>,
    ) {
        let event = match report {
            RecordReport::Take(take) if self.state.recording.has(&take.id) => None,
            RecordReport::Take(take) => Some(RoomEvent::TakeRecorded(take)),
            RecordReport::Gap { from, to, reason } => {
                Some(RoomEvent::RecordGap { from, to, reason })
            }
            RecordReport::Stopped { reason } => self.state.recording.running().map(|_| {
                let (by, reason) = (None, Some(reason));
                RoomEvent::RecordStopped { by, reason }
            }),
            RecordReport::Deleted { id, by, reason } => self
                .state
                .recording
                .has(&id)
                .then_some(RoomEvent::TakeDeleted { id, by, reason }),
        };
        if let Some(event) = event {
            self.record_facts();
            self.emit(vec![Body::Room(event)]);
        }
        self.batch.answers.push(Deferred::Reported(responder));
    }

    /// How the recording of the room stands, for readers that send it no message.
    pub(crate) fn subscribe_recording(&self) -> watch::Receiver<RecordingStatus> {
        self.recording.subscribe()
    }

    /// Shows how the recording stands to those who watch it.
    pub(super) fn publish_recording(&self) {
        let status = self.state.recording.status();
        self.recording.send_if_modified(|told| {
            let differs = told != status;
            if differs {
                told.clone_from(status);
            }
            differs
        });
    }

    /// The takes whose files are kept.
    pub(super) fn kept_takes(&self) -> Arc<BTreeMap<TakeId, Take>> {
        self.state.recording.kept()
    }
}
