//! Speeches, as their events tell them: the clock's own figures, and the stretches in which it ran.

use std::collections::BTreeMap;

use plenary_floor::{Cause, Event, Speech};
use plenary_ids::{ItemId, Millis, Moment, RequestId};

/// Every grant so far.
#[derive(Debug, Default)]
pub(crate) struct Speeches {
    pub(crate) told: Vec<Told>,
    /// Which of them a request has now.
    on: BTreeMap<RequestId, usize>,
}

/// A grant, and what is known of it by now.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) speech: Speech,
    pub(crate) asked: Moment,
    pub(crate) item: Option<ItemId>,
    pub(crate) extended: Millis,
    pub(crate) reason: Option<String>,
    pub(crate) parts: Vec<Stretch>,
}

/// A stretch in which the clock ran.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) began: Moment,
    pub(crate) ended: Option<Moment>,
    pub(crate) why: Option<Cause>,
}

impl Speeches {
    /// Hears what happened on the floor while that agenda item was on.
    pub(crate) fn hear(&mut self, event: &Event, item: Option<&ItemId>) {
        match event {
            Event::Granted {
                request, speech, ..
            } => {
                self.on.insert(request.id, self.told.len());
                self.told.push(Told {
                    speech: speech.clone(),
                    asked: request.asked_at,
                    item: item.cloned(),
                    extended: Millis(0),
                    reason: None,
                    parts: Vec::new(),
                });
                self.follow(speech, None);
            }
            Event::Suspended { speech, cause, .. } => self.follow(speech, Some(*cause)),
            Event::Resumed { speech, .. }
            | Event::Timer { speech }
            | Event::Absent { speech, .. }
            | Event::Waiting { speech, .. } => {
                self.follow(speech, None);
            }
            Event::Extended { speech, by_ms, .. } => {
                if let Some(told) = self.now(speech.request) {
                    told.extended = told.extended.saturating_add(*by_ms);
                }
                self.follow(speech, None);
            }
            Event::Released { speech, .. }
            | Event::Yielded {
                speech: Some(speech),
                ..
            } => self.end(speech, None),
            Event::Revoked { speech, reason, .. }
            | Event::Passed {
                speech: Some(speech),
                reason,
                ..
            } => self.end(speech, reason.as_ref()),
            _ => {}
        }
    }

    fn now(&mut self, request: RequestId) -> Option<&mut Told> {
        self.told.get_mut(*self.on.get(&request)?)
    }

    /// Takes over what the clock shows. It was stated as of the moment at which it changed.
    fn follow(&mut self, speech: &Speech, cause: Option<Cause>) {
        let Some(told) = self.now(speech.request) else {
            return;
        };
        let running = told.parts.last_mut().filter(|part| part.ended.is_none());
        match (running, speech.running) {
            (None, true) => told.parts.push(Stretch {
                began: speech.as_of,
                ended: None,
                why: None,
            }),
            (Some(part), false) => {
                part.ended = Some(speech.as_of);
                part.why = cause;
            }
            _ => {}
        }
        told.speech = speech.clone();
    }

    fn end(&mut self, speech: &Speech, reason: Option<&String>) {
        self.follow(speech, None);
        if let Some(told) = self.now(speech.request) {
            told.reason = reason.cloned();
        }
        self.on.remove(&speech.request);
    }
}
