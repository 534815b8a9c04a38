//! The speeches, as the floor's events report them: the clock's figures, and the intervals in which it ran.

use std::collections::BTreeMap;

use plenary_floor::{Cause, Change, Event, PassReason, RevokeReason, Speech, SpeechStep};
use plenary_ids::{ItemId, Millis, Moment, RequestId};

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
    pub(crate) speech: Speech,
    pub(crate) requested_at: Moment,
    pub(crate) item: Option<ItemId>,
    pub(crate) extended: Millis,
    pub(crate) reason: Option<String>,
    pub(crate) parts: Vec<ClockInterval>,
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
    pub(crate) fn record(&mut self, event: &Event, item: Option<&ItemId>) {
        match &event.change {
            Change::Speech {
                request,
                speech,
                step,
            } => match step {
                SpeechStep::Granted => {
                    self.current.insert(request.id, self.entries.len());
                    self.entries.push(SpeechEntry {
                        speech: speech.clone(),
                        requested_at: request.asked_at,
                        item: item.cloned(),
                        extended: Millis(0),
                        reason: None,
                        parts: Vec::new(),
                    });
                    self.update(speech, None);
                }
                SpeechStep::Suspended { cause } => self.update(speech, Some(*cause)),
                SpeechStep::Resumed | SpeechStep::Absent | SpeechStep::Waiting => {
                    self.update(speech, None);
                }
                SpeechStep::Extended { extension } => {
                    if let Some(entry) = self.current_entry(speech.request) {
                        entry.extended = entry.extended.saturating_add(*extension);
                    }
                    self.update(speech, None);
                }
                SpeechStep::Released { .. } => self.end(speech, None),
                SpeechStep::Revoked { reason, .. } => {
                    self.end(speech, reason.as_ref().map(RevokeReason::as_str));
                }
            },
            Change::Timer { speech } => self.update(speech, None),
            Change::Yielded {
                speech: Some(speech),
                ..
            } => self.end(speech, None),
            Change::Passed {
                speech: Some(speech),
                reason,
                ..
            } => self.end(speech, reason.map(PassReason::as_str)),
            _ => {}
        }
    }

    fn current_entry(&mut self, request: RequestId) -> Option<&mut SpeechEntry> {
        self.entries.get_mut(*self.current.get(&request)?)
    }

    /// Takes over the state of the speech and its clock, which is valid as of the moment of its change.
    fn update(&mut self, speech: &Speech, cause: Option<Cause>) {
        let Some(entry) = self.current_entry(speech.request) else {
            return;
        };
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

    fn end(&mut self, speech: &Speech, reason: Option<&str>) {
        self.update(speech, None);
        if let Some(entry) = self.current_entry(speech.request) {
            entry.reason = reason.map(str::to_owned);
        }
        self.current.remove(&speech.request);
    }
}
