//! The changes that follow from a command by themselves: closings, clocks, suspensions, and the next grant. Rules of
//! order, sections 4 and 5.4.

use std::collections::BTreeSet;

use plenary_ids::RequestId;

use crate::{
    draft::Draft,
    event::{Change, RequestStep, SpeechStep},
    open_requests::Entry,
    ordering,
    reason::PassReason,
    request::{Kind, State, Substate},
    settings::{Advance, Mode},
    speech::{Cause, Speech},
    view::ListState,
};

impl Draft<'_> {
    /// Repeats until nothing more follows. It ends: each step brings the floor in line with its own state, and each
    /// advance takes a request off the list.
    pub(crate) fn settle(&mut self) {
        self.detach_author();
        loop {
            let before = self.event_count();
            self.settle_time();
            self.settle_absence();
            self.settle_pending();
            self.settle_list();
            self.settle_causes();
            self.advance();
            if self.event_count() == before {
                break;
            }
        }
    }

    /// In the modes without acceptance by the chair, pending requests are listed.
    fn settle_pending(&mut self) {
        if !self.floor.requests.is_anything_pending()
            || !matches!(self.floor.settings.mode, Mode::Queue | Mode::Open)
            || self.needs_sitting().is_err()
        {
            return;
        }
        let waiting =
            |request: &Entry| request.state == State::Pending && request.kind != Kind::PointOfOrder;
        let pending: Vec<RequestId> = self
            .floor
            .requests
            .iter()
            .filter(|r| waiting(r))
            .map(|r| r.id)
            .collect();
        for id in pending {
            let Ok(mut request) = self.open(id) else {
                continue;
            };
            request.state = State::Accepted;
            request.listed = Some(self.floor.next_listed());
            self.emit_automatic(Change::Request {
                request,
                step: RequestStep::Accepted,
            });
        }
    }

    /// In the modes that advance by themselves, grants the head of the list, or passes it if absent.
    fn advance(&mut self) {
        let by_itself = match self.floor.settings.mode {
            Mode::Queue => self.floor.settings.advance == Advance::Auto,
            Mode::Open => true,
            Mode::Moderated | Mode::Direct => false,
        };
        if !by_itself || !self.may_advance() || !self.floor.has_unclaimed_microphone() {
            return;
        }
        let Some(head) = ordering::order(&self.floor, self.latest).first().copied() else {
            return;
        };
        if !self.is_its_turn(head) {
            return;
        }
        if self.can_grant_unasked(head) {
            self.give_floor(head);
        } else {
            self.set_aside(head, Some(PassReason::Absent));
        }
    }

    /// A right of reply is served after the last statement, not beside it; and nobody speaks beside their own recording.
    fn is_its_turn(&self, head: RequestId) -> bool {
        let Some(request) = self.floor.requests.get(head) else {
            return true;
        };
        (request.kind != Kind::Reply || self.floor.list.state == ListState::Replies)
            && self.own_recording_is_over(request).is_ok()
    }

    /// Brings every holder's causes of suspension in line with the floor: suspends first and resumes then, so that no
    /// more than `nom` holders are heard in between.
    pub(crate) fn settle_causes(&mut self) {
        let mut wanted: Vec<(RequestId, BTreeSet<Cause>)> = Vec::new();
        let mut ready: Vec<(bool, bool, usize)> = Vec::new();
        for (index, speech) in self.floor.by_grant().enumerate() {
            let mut causes = self.causes_of(speech);
            let queued = causes.remove(&Cause::Full);
            if causes.is_empty() && self.floor.counts(speech) {
                ready.push((!speech.is_live(), queued, index));
            } else if queued && self.floor.counts(speech) {
                causes.insert(Cause::Full);
            }
            wanted.push((speech.request, causes));
        }
        ready.sort_unstable();
        for (_, _, index) in ready.into_iter().skip(self.floor.settings.nom as usize) {
            if let Some((_, causes)) = wanted.get_mut(index) {
                causes.insert(Cause::Full);
            }
        }
        wanted.sort_by_key(|(_, causes)| causes.is_empty());
        for (id, causes) in wanted {
            self.set_causes(id, causes);
        }
    }

    fn causes_of(&self, speech: &Speech) -> BTreeSet<Cause> {
        let floor = &self.floor;
        let mut causes = speech.suspended_by.clone();
        for cause in Cause::DERIVED {
            let holds = match cause {
                Cause::ChairPriority => {
                    floor.chair_priority
                        && (speech.recorded.is_some()
                            || floor.chair.as_ref() != Some(&speech.speaker))
                }
                Cause::PointOfOrder => {
                    speech.kind != Kind::PointOfOrder && floor.point_of_order().is_some()
                }
                Cause::Disconnected => {
                    speech.recorded.is_none() && !floor.connected.contains(&speech.speaker)
                }
                _ => self.needs_sitting().is_err(),
            };
            if holds {
                causes.insert(cause);
            } else {
                causes.remove(&cause);
            }
        }
        causes
    }

    /// Suspends or resumes a speech by its causes; the clock follows.
    pub(crate) fn set_causes(&mut self, id: RequestId, causes: BTreeSet<Cause>) {
        let (Some(before), Ok(mut request)) =
            (self.floor.speeches.get(&id).cloned(), self.open(id))
        else {
            return;
        };
        if before.suspended_by == causes {
            return;
        }
        let mut speech = before.clone();
        speech.rebase(self.now, &self.floor.settings);
        let added = causes.difference(&before.suspended_by).next().copied();
        match (before.absent_since, causes.contains(&Cause::Disconnected)) {
            (None, true) => speech.absent_since = Some(speech.as_of),
            (Some(_), false) => {
                (speech.absent_since, speech.asked) = (None, false);
                speech.waits_until = None;
            }
            _ => {}
        }
        speech.set_causes(causes);
        speech.set_running(speech.is_live() && speech.began.is_some());
        request.substate = Some(if speech.is_live() {
            Substate::Live
        } else {
            Substate::Suspended
        });
        let ticks = speech.running != before.running || speech.colour != before.colour;
        let shown = speech.clone();
        match added {
            Some(cause) => self.emit(Change::Speech {
                request,
                speech,
                step: SpeechStep::Suspended { cause },
            }),
            None if speech.is_live() => self.emit(Change::Speech {
                request,
                speech,
                step: SpeechStep::Resumed,
            }),
            None => self.emit_automatic(Change::Timer { speech }),
        }
        if ticks && (added.is_some() || shown.is_live()) {
            self.emit_automatic(Change::Timer { speech: shown });
        }
    }
}
