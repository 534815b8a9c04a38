//! A recorded address: a recording that is played as a speech of the person who speaks in it. Rules of order, section 22.
//!
//! The speech is of kind `address` and holds the floor like any other. Two things differ. The person need not be
//! connected, because nothing is heard from their own devices. And the clock is that of the recording: it runs while the
//! recording plays, and the limit is what is left of it.

use plenary_ids::{Language, MediaId, Millis, Moment, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    draft::Draft,
    event::{Change, RecordingStep, RequestStep, SpeechStep},
    floor::Floor,
    reason::RevokeRule,
    refusal::{Code, Refusal},
    request::{FloorRequest, Kind, Speaker, State},
    speech::{Cause, Ending, Speech},
};

/// How much of a recording's promised length may be missing at its end.
const END_TOLERANCE: Millis = Millis(1000);
/// The longest reason of a failure, in characters.
const MAX_REASON_CHARS: usize = 200;

/// The recording that is played as a speech. `position_ms` is as of the speech's `as_of`; while `running`, add the time
/// since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct RecordedAddress {
    pub media: MediaId,
    /// The name of the recording in the media library.
    pub name: String,
    #[serde(rename = "position_ms")]
    pub position: Millis,
    #[serde(rename = "duration_ms")]
    pub duration: Millis,
    /// Whether its pictures and sound go on; otherwise it stands still at its position.
    pub running: bool,
    /// Rises whenever the player is to begin anew at `from_ms`.
    pub generation: u64,
    /// The position at which this generation begins.
    #[serde(rename = "from_ms")]
    pub from: Millis,
    /// The stall of the recording, while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Stall>,
    /// The languages of its further tracks of sound. Their channels carry them while nobody interprets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The languages of its subtitles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtitles: Vec<Language>,
}

/// A recording that does not play although it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stall {
    /// The beginning of the stall.
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub since: Moment,
    /// Why the recording cannot go on by itself: the chair goes on from there, stops it, or gives the floor to somebody.
    /// Absent while the server still tries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What the room has a recording do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingAction {
    /// Plays a recording as a speech.
    Play(Box<Play>),
    /// Stands still where it is.
    Pause,
    /// Goes on; after a failure the player begins anew there.
    Resume,
    /// Goes on from another position.
    Seek(Millis),
    /// Stops playing, which ends the speech.
    Stop,
    /// The player reports on the generation that it plays.
    Report {
        /// The generation that the report is about. A report of another one is late, and changes nothing.
        generation: u64,
        /// What the player reports.
        report: RecordingReport,
    },
}

/// A recording that is to be played.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Play {
    pub media: MediaId,
    pub name: String,
    pub duration: Millis,
    /// The position at which it begins.
    pub position: Millis,
    /// The person who speaks in it.
    pub beneficiary: Speaker,
    /// The languages of its further tracks of sound.
    pub languages: Vec<Language>,
    /// The languages of its subtitles.
    pub subtitles: Vec<Language>,
}

/// What a player reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`at` is the position in the recording")]
pub enum RecordingReport {
    /// Its sound and pictures are being sent, for the first time or again.
    Flowing,
    /// Nothing can be read for the moment.
    Stalled { at: Millis },
    /// It cannot be read any further.
    Failed { at: Millis, reason: String },
    /// It was played to the end of the file.
    Ended { at: Millis },
}

impl Floor {
    /// The speech that is played from a recording, live or suspended; a floor has at most one.
    pub fn recorded(&self) -> Option<&Speech> {
        let mut speeches = self.speeches.values();
        speeches.find(|speech| speech.recorded.is_some())
    }

    /// The number of the next generation of a recording.
    pub(crate) fn next_generation(&self) -> u64 {
        self.last_generation.saturating_add(1)
    }
}

impl Speech {
    /// Whether its recording is to be played now: nothing but the recording itself keeps it from being heard.
    pub fn is_to_be_played(&self) -> bool {
        let mut causes = self.suspended_by.iter();
        self.recorded.is_some()
            && self.ended_at.is_none()
            && causes.all(|cause| *cause == Cause::Stalled)
    }

    /// Restates the position of its recording; what is left of that is the time that is left.
    fn set_position(&mut self, position: Millis) {
        if let Some(recorded) = &mut self.recorded {
            recorded.position = position.min(recorded.duration);
            let left = recorded.duration.saturating_sub(recorded.position);
            self.limit = self.consumed.saturating_add(left);
        }
    }

    /// The player begins anew, where the recording stands.
    pub(crate) fn play_anew(&mut self, generation: u64) {
        if let Some(recorded) = &mut self.recorded {
            recorded.generation = generation;
            recorded.from = recorded.position;
        }
    }
}

impl Draft<'_> {
    pub(crate) fn act_on_recording(&mut self, action: &RecordingAction) -> Result<(), Refusal> {
        match action {
            RecordingAction::Play(play) => self.play(play),
            RecordingAction::Pause => {
                let id = self.needs_recording()?.request;
                self.suspend(id)
            }
            RecordingAction::Resume => {
                let id = self.needs_recording()?.request;
                self.resume(id)
            }
            RecordingAction::Seek(position) => self.seek(*position),
            RecordingAction::Stop => {
                let id = self.needs_recording()?.request;
                self.take_floor(id, RevokeRule::RecordingStopped);
                Ok(())
            }
            RecordingAction::Report { generation, report } => self.report(*generation, report),
        }
    }

    fn play(&mut self, play: &Play) -> Result<(), Refusal> {
        self.needs_chair()?;
        if let Some(playing) = self.floor.recorded() {
            let name = playing.recorded.as_ref().map_or("", |it| it.name.as_str());
            let detail = format!("“{name}” is not over; stop it before another is played.");
            return Err(Refusal {
                request: Some(playing.request),
                ..Refusal::new(Code::Conflict, detail)
            });
        }
        let person = &play.beneficiary.person;
        let mut speeches = self.floor.speeches.values();
        if let Some(own) = speeches.find(|speech| speech.speaker == *person) {
            let detail = format!("{person} holds the floor in person; that speech must end first.");
            return Err(Refusal {
                request: Some(own.request),
                ..Refusal::new(Code::Conflict, detail)
            });
        }
        check_position(play.position, play.duration)?;
        let id = self.floor.next_request();
        let mut request = FloorRequest::new(id, Kind::Address, &play.beneficiary, self.now);
        request.requested_by = self.by();
        request.info = Some(play.name.clone());
        self.nothing_stands_in_the_way(&request)?;
        if let Some(replaced) = self.holder_to_replace(&request, None)? {
            self.take_floor(replaced, RevokeRule::Replaced);
        }
        self.emit(Change::Request {
            request,
            step: RequestStep::Requested,
        });
        let recorded = RecordedAddress {
            media: play.media.clone(),
            name: play.name.clone(),
            position: play.position,
            duration: play.duration,
            running: false,
            generation: self.floor.next_generation(),
            from: play.position,
            stall: None,
            languages: play.languages.clone(),
            subtitles: play.subtitles.clone(),
        };
        self.give_floor_to(id, Some(Box::new(recorded)));
        Ok(())
    }

    fn seek(&mut self, position: Millis) -> Result<(), Refusal> {
        let mut speech = self.needs_recording()?.clone();
        let duration = speech.recorded.as_ref().map(|recorded| recorded.duration);
        check_position(position, duration.unwrap_or_default())?;
        speech.rebase(self.now, &self.floor.settings);
        let from = speech.recorded.as_ref().map(|recorded| recorded.position);
        speech.set_position(position);
        speech.play_anew(self.floor.next_generation());
        forget_failure(&mut speech);
        self.emit(Change::Timer {
            speech: speech.clone(),
        });
        let from = from.unwrap_or_default();
        let by = self.actor.person.clone();
        self.announce(&speech, RecordingStep::Sought { from }, by);
        Ok(())
    }

    /// Goes on with a recording that does not play although it should: the player begins anew, and the clock waits until
    /// the player reports.
    pub(crate) fn retry_recording(&mut self, id: RequestId) {
        let Some(mut speech) = self.floor.speeches.get(&id).cloned() else {
            return;
        };
        speech.rebase(self.now, &self.floor.settings);
        speech.play_anew(self.floor.next_generation());
        forget_failure(&mut speech);
        self.emit(Change::Timer { speech });
    }

    /// The player was lost with the server. Until the next one reports, the recording stands still.
    pub(crate) fn restart_recording(&mut self) {
        let Some(mut speech) = self.floor.recorded().cloned() else {
            return;
        };
        let (id, live, mut causes) = (
            speech.request,
            speech.is_live(),
            speech.suspended_by.clone(),
        );
        speech.rebase(self.now, &self.floor.settings);
        speech.play_anew(self.floor.next_generation());
        forget_failure(&mut speech);
        self.emit_automatic(Change::Timer { speech });
        if live && causes.insert(Cause::Stalled) {
            self.set_causes(id, causes);
        }
    }

    fn report(&mut self, generation: u64, report: &RecordingReport) -> Result<(), Refusal> {
        self.needs_system()?;
        let speech = self.floor.recorded().filter(|speech| {
            let recorded = speech.recorded.as_ref();
            recorded.is_some_and(|recorded| recorded.generation == generation)
        });
        let Some(id) = speech.map(|speech| speech.request) else {
            return Ok(());
        };
        match report {
            RecordingReport::Flowing => self.flows(id),
            RecordingReport::Stalled { at } => self.stands_still(id, *at, None),
            RecordingReport::Failed { at, reason } => {
                let reason = reason.chars().take(MAX_REASON_CHARS).collect();
                self.stands_still(id, *at, Some(reason));
            }
            RecordingReport::Ended { at } => self.file_ended(id, *at),
        }
        Ok(())
    }

    fn flows(&mut self, id: RequestId) {
        let Some(speech) = self.floor.speeches.get(&id) else {
            return;
        };
        let mut causes = speech.suspended_by.clone();
        if causes.remove(&Cause::Stalled) {
            if causes.is_empty() && !self.floor.has_free_microphone() {
                causes.insert(Cause::Full);
            }
            self.set_causes(id, causes);
        }
        self.start_clock(id);
    }

    /// The recording does not play any more, and stands there.
    fn stands_still(&mut self, id: RequestId, at: Millis, failure: Option<String>) {
        self.correct_position(id, at);
        let Some(speech) = self.floor.speeches.get(&id) else {
            return;
        };
        let mut causes = speech.suspended_by.clone();
        if causes.insert(Cause::Stalled) {
            self.set_causes(id, causes);
        }
        let Some(mut speech) = self.floor.speeches.get(&id).cloned() else {
            return;
        };
        let stall = speech.recorded.as_mut().and_then(|it| it.stall.as_mut());
        if let Some(stall) = stall
            && failure.is_some()
            && stall.failure != failure
        {
            stall.failure = failure;
            self.emit_automatic(Change::Timer { speech });
        }
    }

    /// The file ends there. If that is before its length, the rest is missing, and the chair decides.
    fn file_ended(&mut self, id: RequestId, at: Millis) {
        let speech = self.floor.speeches.get(&id);
        let duration = speech.and_then(|speech| Some(speech.recorded.as_ref()?.duration));
        if duration.is_some_and(|duration| at.saturating_add(END_TOLERANCE) < duration) {
            let reason = "the file ends before the length that it promises".to_owned();
            self.stands_still(id, at, Some(reason));
            return;
        }
        self.correct_position(id, at);
        let (Ok(mut request), Some(speech)) =
            (self.open(id), self.ended_speech(id, Ending::Played))
        else {
            return;
        };
        request.end(State::Released);
        self.emit(Change::Speech {
            request,
            speech,
            step: SpeechStep::Released { ruling: None },
        });
    }

    /// The player knows better than the clock where the recording stands.
    fn correct_position(&mut self, id: RequestId, at: Millis) {
        let Some(mut speech) = self.floor.speeches.get(&id).cloned() else {
            return;
        };
        speech.rebase(self.now, &self.floor.settings);
        let counted = speech.recorded.as_ref().map(|recorded| recorded.position);
        if counted == Some(at) {
            return;
        }
        speech.set_position(at);
        self.emit_automatic(Change::Timer { speech });
    }

    /// The speech that is played, for a chair who wants something of it.
    fn needs_recording(&self) -> Result<&Speech, Refusal> {
        self.needs_chair()?;
        let nothing = || Refusal::new(Code::Conflict, "No recording is played in this room.");
        self.floor.recorded().ok_or_else(nothing)
    }

    /// Announces what has become of the recording since.
    pub(crate) fn announce_recording(&mut self, before: &Floor) {
        let by = self.actor.person.clone();
        let was = before.recorded();
        let is = self.floor.recorded().cloned();
        let goes_on = |was: &Speech| is.as_ref().is_some_and(|is| is.request == was.request);
        if let Some(was) = was.filter(|was| !goes_on(was)) {
            let ended = self.ending_of(was);
            if ended.how == Some(Ending::Played) {
                self.announce(&ended, RecordingStep::Ended, by.clone());
            } else {
                self.announce(&ended, RecordingStep::Stopped, by.clone());
            }
        }
        let Some(is) = is else { return };
        let Some(was) = was.filter(|was| was.request == is.request) else {
            self.announce(&is, RecordingStep::Started, by);
            return;
        };
        let (stall, stalled) = (stall_of(&is), stall_of(was));
        let news = stall.is_some_and(|stall| {
            let failure = stalled.map(|stalled| &stalled.failure);
            failure.is_none_or(|failure| stall.failure.is_some() && *failure != stall.failure)
        });
        if news {
            let reason = stall.and_then(|stall| stall.failure.clone());
            self.announce(&is, RecordingStep::Stalled { reason }, by.clone());
        }
        let mut others = is.suspended_by.iter();
        if let Some(cause) = others.find(|cause| **cause != Cause::Stalled)
            && was.is_to_be_played()
        {
            let cause = *cause;
            self.announce(&is, RecordingStep::Paused { cause }, by);
        } else if is.is_live() && !was.is_live() {
            self.announce(&is, RecordingStep::Resumed, by);
        }
    }

    /// The speech as it was when it ended; or as of now, if it was undone.
    fn ending_of(&self, was: &Speech) -> Speech {
        let mut ends = self
            .events()
            .iter()
            .rev()
            .filter_map(|event| event.speech());
        let ended = ends.find(|it| it.request == was.request && it.ended_at.is_some());
        ended.cloned().unwrap_or_else(|| {
            let mut speech = was.clone();
            speech.rebase(self.now, &self.floor.settings);
            speech.set_running(false);
            speech
        })
    }

    fn announce(
        &mut self,
        speech: &Speech,
        step: RecordingStep,
        by: Option<plenary_ids::PersonId>,
    ) {
        let Some(recorded) = speech.recorded.clone() else {
            return;
        };
        let change = Change::Recording {
            request: speech.request,
            speaker: speech.speaker.clone(),
            recorded,
            step,
        };
        self.emit_as(change, by);
    }
}

fn stall_of(speech: &Speech) -> Option<&Stall> {
    speech.recorded.as_ref()?.stall.as_ref()
}

/// The chair has decided to try again.
fn forget_failure(speech: &mut Speech) {
    if let Some(stall) = speech.recorded.as_mut().and_then(|it| it.stall.as_mut()) {
        stall.failure = None;
    }
}

fn check_position(position: Millis, duration: Millis) -> Result<(), Refusal> {
    if position < duration {
        return Ok(());
    }
    let seconds = duration.0 / 1000;
    let detail = format!(
        "The recording is {}:{:02} long; a position is before its end.",
        seconds / 60,
        seconds % 60
    );
    Err(Refusal::new(Code::Invalid, detail))
}
