//! The recording of a room: whether it runs, which takes should run now, and which were recorded. Rules of order,
//! section 23.

use std::{collections::BTreeMap, sync::Arc};

use plenary_ids::{Millis, Moment, PersonId, RequestId, TakeId};
use plenary_protocol::{RecordingFailed, RoomEvent, RoomRecording, Take};
use plenary_scene::{Scene, Source, TakeKey};
use serde::{Deserialize, Serialize};

use crate::state::RoomState;

/// How the recording of a room stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStatus {
    /// The recording while it runs.
    pub running: Option<RoomRecording>,
    /// Why the server stopped it by itself, until somebody switches it.
    pub fault: Option<RecordingFailed>,
    /// How many files of takes are kept.
    pub takes: u64,
    /// The bytes of these files.
    pub bytes: u64,
    /// The bytes of the takes that were completed since the recording began.
    pub bytes_since: u64,
    /// When the last of them ended.
    pub until: Option<Moment>,
}

impl RecordingStatus {
    /// How many bytes an hour takes, as far as it is measured.
    pub fn bytes_per_hour(&self) -> Option<u64> {
        let since = self.running.as_ref()?.since;
        let Millis(elapsed) = self.until?.since(since);
        let per_hour = u128::from(self.bytes_since) * u128::from(HOUR_MS);
        let per_hour = per_hour.checked_div(u128::from(elapsed))?;
        (elapsed >= MIN_MEASURED_MS).then(|| u64::try_from(per_hour).unwrap_or(u64::MAX))
    }
}

const HOUR_MS: u64 = 3_600_000;
/// What was measured for a shorter time says nothing of an hour.
const MIN_MEASURED_MS: u64 = 60_000;

/// The recording of a room, as its events leave it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recording {
    /// Whether anybody has ever switched it, the conference file included.
    was_switched: bool,
    status: RecordingStatus,
    /// The takes whose files were not deleted. Shared with the copy of the state before a batch: few batches change them.
    takes: Arc<BTreeMap<TakeId, Take>>,
}

impl Recording {
    /// The recording while it runs.
    pub(crate) fn running(&self) -> Option<&RoomRecording> {
        self.status.running.as_ref()
    }

    pub(crate) fn status(&self) -> &RecordingStatus {
        &self.status
    }

    /// Whether nobody has ever switched it, so that the conference file may.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.was_switched
    }

    /// The takes whose files are kept. It copies a pointer, so that readers of the record cost the meeting nothing.
    pub(crate) fn kept(&self) -> Arc<BTreeMap<TakeId, Take>> {
        Arc::clone(&self.takes)
    }

    /// Whether the file of that take is kept.
    pub(crate) fn has(&self, id: &TakeId) -> bool {
        self.takes.contains_key(id)
    }

    /// Folds an event about the recording.
    pub(crate) fn apply(&mut self, event: &RoomEvent, at: Moment) {
        match event {
            RoomEvent::RecordStarted { by } => {
                self.was_switched = true;
                let by = by.clone();
                self.status.running = Some(RoomRecording { since: at, by });
                self.status.fault = None;
                (self.status.bytes_since, self.status.until) = (0, None);
            }
            RoomEvent::RecordStopped { reason, .. } => {
                self.was_switched = true;
                self.status.running = None;
                self.status.fault = reason.map(|reason| RecordingFailed { at, reason });
            }
            RoomEvent::TakeRecorded(take) => {
                Arc::make_mut(&mut self.takes).insert(take.id.clone(), take.clone());
                let status = &mut self.status;
                status.takes += 1;
                status.bytes = status.bytes.saturating_add(take.bytes);
                status.bytes_since = status.bytes_since.saturating_add(take.bytes);
                status.until = status.until.max(Some(take.to));
            }
            RoomEvent::TakeDeleted { id, .. } => {
                if let Some(take) = Arc::make_mut(&mut self.takes).remove(id) {
                    self.status.takes = self.status.takes.saturating_sub(1);
                    self.status.bytes = self.status.bytes.saturating_sub(take.bytes);
                }
            }
            _ => {}
        }
    }
}

impl RoomState {
    /// The takes that should run under a scene: of everybody who is heard or on stage, and of each interpreter. All are
    /// cut by the floor: what others say during a speech belongs to it.
    pub(crate) fn takes(&self, scene: &Scene) -> Vec<TakeKey> {
        if self.recording.running().is_none() {
            return Vec::new();
        }
        let current = self.floor.live_speeches().map(|it| it.request).next();
        let take = |participant: &PersonId, source| TakeKey {
            participant: participant.clone(),
            source,
            speech: self.speech_of(participant).or(current),
            language: None,
        };
        let voices = scene.voices.iter();
        let voices = voices.map(|person| take(person, Source::Microphone));
        let pictures = [Source::Camera, Source::Screen]
            .into_iter()
            .flat_map(|source| scene.stage.iter().map(move |person| (person, source)));
        let pictures = pictures.map(|(person, source)| take(person, source));
        let interpreters = scene.channels.iter().filter_map(|(language, person)| {
            Some(TakeKey {
                participant: person.clone()?,
                source: Source::Microphone,
                speech: current,
                language: Some(language.clone()),
            })
        });
        voices.chain(pictures).chain(interpreters).collect()
    }

    fn speech_of(&self, person: &PersonId) -> Option<RequestId> {
        let mut live = self.floor.live_speeches();
        let own = live.find(|speech| speech.speaker == *person)?;
        Some(own.request)
    }
}
