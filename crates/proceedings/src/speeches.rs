//! The speeches, as the floor's events report them: the clock's figures, and the intervals in which it ran.

use std::collections::BTreeMap;

use plenary_conference::Translations;
use plenary_floor::{
    Cause, Change, Ending, Event, FormerState, PassReason, RecordedAddress, RecordingStep,
    RevokeReason, RevokeRule, Speech, SpeechStep,
};
use plenary_ids::{ItemId, Millis, Moment, RequestId, Seq};
use plenary_protocol::FileFacts;

use crate::{EndedBy, Sought, builder::city_of};

/// Every grant of the floor so far.
#[derive(Debug, Default)]
pub(crate) struct SpeechLog {
    pub(crate) entries: Vec<SpeechEntry>,
    /// The index of each request's current speech.
    current: BTreeMap<RequestId, usize>,
}

/// A grant and its state at the latest event.
#[derive(Debug)]
pub(crate) struct SpeechEntry {
    /// The event with which the clock first ran, or the grant.
    pub(crate) seq: Seq,
    /// The speaker's name and city at the grant.
    pub(crate) name: String,
    pub(crate) names: Translations,
    pub(crate) city: Option<String>,
    pub(crate) speech: Speech,
    pub(crate) requested_at: Moment,
    pub(crate) item: Option<ItemId>,
    pub(crate) extended: Millis,
    pub(crate) reason: Option<String>,
    pub(crate) ended_by: Option<EndedBy>,
    /// Whether the grant was undone.
    pub(crate) undone: bool,
    pub(crate) parts: Vec<ClockInterval>,
    /// The position at which a recording began.
    pub(crate) recording_from: Millis,
    /// The positions from which and to which the chair had a recording go on.
    pub(crate) sought: Vec<Sought>,
    /// Why a recording could not go on by itself, each time.
    pub(crate) failures: Vec<String>,
}

/// An interval in which the clock ran.
#[derive(Debug)]
pub(crate) struct ClockInterval {
    pub(crate) began: Moment,
    pub(crate) ended: Option<Moment>,
    pub(crate) interrupted_by: Option<Cause>,
}

impl SpeechLog {
    /// Records an event of the floor that happened during that agenda item.
    pub(crate) fn record(
        &mut self,
        event: &Event,
        seq: Seq,
        item: Option<&ItemId>,
        facts: &FileFacts,
    ) {
        match &event.change {
            Change::Speech {
                request,
                speech,
                step,
            } => match step {
                SpeechStep::Granted => {
                    self.current.insert(request.id, self.entries.len());
                    self.entries.push(SpeechEntry {
                        seq,
                        name: facts.name_of(&speech.speaker),
                        names: facts.names_of(&speech.speaker),
                        city: city_of(facts, speech.delegation.as_ref()),
                        speech: speech.clone(),
                        requested_at: request.asked_at,
                        item: item.cloned(),
                        extended: Millis(0),
                        reason: None,
                        ended_by: None,
                        undone: false,
                        parts: Vec::new(),
                        recording_from: speech
                            .recorded
                            .as_ref()
                            .map(|recorded| recorded.from)
                            .unwrap_or_default(),
                        sought: Vec::new(),
                        failures: Vec::new(),
                    });
                    self.update(seq, speech, None);
                }
                SpeechStep::Suspended { cause } => self.update(seq, speech, Some(*cause)),
                SpeechStep::Resumed | SpeechStep::Absent | SpeechStep::Waiting => {
                    self.update(seq, speech, None);
                }
                SpeechStep::Extended { extension } => {
                    if let Some(entry) = self.current_entry(speech.request) {
                        entry.extended = entry.extended.saturating_add(*extension);
                    }
                    self.update(seq, speech, None);
                }
                SpeechStep::Released { .. } if speech.how == Some(Ending::Played) => {
                    self.end(seq, speech, EndedBy::RecordingEnded, None);
                }
                SpeechStep::Released { .. } => self.end(seq, speech, EndedBy::Speaker, None),
                SpeechStep::Revoked { reason, .. } => {
                    let text = reason.as_ref().map(RevokeReason::as_str);
                    self.end(seq, speech, revoked_by(reason.as_ref()), text);
                }
            },
            Change::Timer { speech } => self.update(seq, speech, None),
            Change::Recording {
                request,
                recorded,
                step,
                ..
            } => self.record_recording(*request, recorded, step),
            Change::Yielded {
                speech: Some(speech),
                ..
            } => self.end(seq, speech, EndedBy::Yielded, None),
            Change::Passed {
                speech: Some(speech),
                reason,
                ..
            } => {
                let text = reason.map(PassReason::as_str);
                self.end(seq, speech, EndedBy::Passed, text);
            }
            _ => {}
        }
    }

    /// The name of the speaker whose speech is under way for that request.
    pub(crate) fn name_of(&self, request: RequestId) -> Option<String> {
        let entry = self.entries.get(*self.current.get(&request)?)?;
        Some(entry.name.clone())
    }

    fn record_recording(
        &mut self,
        request: RequestId,
        recorded: &RecordedAddress,
        step: &RecordingStep,
    ) {
        let Some(entry) = self.current_entry(request) else {
            return;
        };
        match step {
            RecordingStep::Sought { from } => entry.sought.push(Sought {
                from_ms: *from,
                to_ms: recorded.position,
            }),
            RecordingStep::Stalled {
                reason: Some(reason),
            } => entry.failures.push(reason.clone()),
            _ => {}
        }
    }

    /// Records that a command was undone: a speech that it ended goes on, and one that it granted is not counted.
    pub(crate) fn record_undo(&mut self, restored: &FormerState, seq: Seq, now: Moment) {
        for made in &restored.made {
            self.strike(*made, now);
        }
        for request in &restored.requests {
            let mut speeches = restored.speeches.iter();
            match speeches.find(|speech| speech.request == request.id) {
                Some(speech) => self.reopen(seq, speech),
                None => self.strike(request.id, now),
            }
        }
    }

    fn reopen(&mut self, seq: Seq, speech: &Speech) {
        let entries = &mut self.entries;
        let last = entries.iter_mut().enumerate().rev();
        let mut own = last.filter(|(_, entry)| entry.speech.request == speech.request);
        if let Some((index, entry)) = own.next() {
            (entry.reason, entry.ended_by) = (None, None);
            self.current.insert(speech.request, index);
            self.update(seq, speech, None);
        }
    }

    fn strike(&mut self, request: RequestId, now: Moment) {
        let Some(entry) = self.current_entry(request) else {
            return;
        };
        let speech = &mut entry.speech;
        speech.consumed = speech.consumed_at(now);
        speech.running = false;
        speech.ended_at = Some(speech.as_of.max(now));
        if let Some(part) = entry.parts.last_mut().filter(|part| part.ended.is_none()) {
            part.ended = entry.speech.ended_at;
        }
        entry.undone = true;
        self.current.remove(&request);
    }

    /// Records that the clock was moved: an interval that lasts ends by the former clock, and the next begins by the new
    /// one, so that each is as long as it was.
    pub(crate) fn record_clock_move(&mut self, was: Moment, now: Moment) {
        for index in self.current.values() {
            let Some(entry) = self.entries.get_mut(*index) else {
                continue;
            };
            let running = entry.parts.last_mut().filter(|part| part.ended.is_none());
            if let Some(part) = running {
                part.ended = Some(was.max(part.began));
                entry.parts.push(ClockInterval {
                    began: now,
                    ended: None,
                    interrupted_by: None,
                });
            }
        }
    }

    fn current_entry(&mut self, request: RequestId) -> Option<&mut SpeechEntry> {
        self.entries.get_mut(*self.current.get(&request)?)
    }

    /// Takes over the state of the speech and its clock, which is valid as of the moment of its change.
    fn update(&mut self, seq: Seq, speech: &Speech, cause: Option<Cause>) {
        let Some(entry) = self.current_entry(speech.request) else {
            return;
        };
        if speech.began.is_some() && entry.speech.began.is_none() {
            entry.seq = seq;
        }
        let running = entry.parts.last_mut().filter(|part| part.ended.is_none());
        match (running, speech.running) {
            (None, true) => entry.parts.push(ClockInterval {
                began: speech.as_of,
                ended: None,
                interrupted_by: None,
            }),
            (Some(part), false) => {
                part.ended = Some(speech.as_of);
                part.interrupted_by = cause;
            }
            _ => {}
        }
        entry.speech = speech.clone();
    }

    fn end(&mut self, seq: Seq, speech: &Speech, ended_by: EndedBy, reason: Option<&str>) {
        self.update(seq, speech, None);
        if let Some(entry) = self.current_entry(speech.request) {
            entry.ended_by = Some(ended_by);
            entry.reason = reason.map(str::to_owned);
        }
        self.current.remove(&speech.request);
    }
}

/// Who or what took the floor for that reason.
fn revoked_by(reason: Option<&RevokeReason>) -> EndedBy {
    match reason {
        Some(RevokeReason::Rule(RevokeRule::NextCalled)) => EndedBy::NextCalled,
        Some(RevokeReason::Rule(RevokeRule::Replaced)) => EndedBy::Replaced,
        Some(RevokeReason::Rule(RevokeRule::TimeUsedUp)) => EndedBy::TimeUsedUp,
        Some(RevokeReason::Rule(RevokeRule::NotEntitled)) => EndedBy::NotEntitled,
        Some(RevokeReason::Rule(RevokeRule::RecordingStopped)) => EndedBy::RecordingStopped,
        Some(RevokeReason::Text(_)) | None => EndedBy::Withdrawn,
    }
}
