//! Builds the proceedings from a room's events.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use plenary_conference::Conference;
use plenary_floor::{
    ChairStep, Change, Event as Floor, FloorRequest, FormerState, Kind, PresenceStep, RequestStep,
    SpeechStep, State, UndoableCommand,
};
use plenary_ids::{DelegationId, ItemId, Millis, Moment, PersonId, RequestId, RoomId, Seq};
use plenary_protocol::{
    AgendaItem, Correction as Corrected, Decision, FileDelegation, FileFacts, RecordFault,
    RoomEvent, Take,
};
use plenary_room::{Body, RoomLogEvent, facts};

use crate::{
    Attendance, ChairChange, ClockChange, ConferenceFacts, Correction, DelegationFigures,
    Interpretation, ListChange, Part, PointOfOrder, Postponement, Proceedings, RecordedDecision,
    RecordedItem, RecordedNotice, RecordedSpeech, RecordedTake, RecordingChange, RecordingGap,
    RoomFacts, Ruling, Span, SpeechRecording, Time, Undoing,
    attendance::AttendanceLog,
    interpretation::InterpretationLog,
    speeches::{SpeechEntry, SpeechLog},
};

/// Collects the events of one room, from the first to the last, and builds its proceedings.
#[derive(Debug)]
pub struct ProceedingsBuilder {
    /// The facts in force at the last event: those that the log recorded last, else those of today's file.
    facts: FileFacts,
    zone: TimeZone,
    /// Every delegation of the recorded facts, each as it was recorded last.
    delegations: Vec<FileDelegation>,
    /// The first and the last event added.
    range: Option<(Seq, Seq)>,
    speeches: SpeechLog,
    attendance: AttendanceLog,
    interpretation: InterpretationLog,
    /// The items that were taken up.
    items: Vec<RecordedItem>,
    /// The agenda item under discussion.
    item: Option<ItemId>,
    decisions: Vec<RecordedDecision>,
    points: Vec<PointOfOrder>,
    /// The points of order as they were before their last ruling.
    points_before: BTreeMap<RequestId, PointOfOrder>,
    undone: Vec<Undoing>,
    list: Vec<ListChange>,
    chair: Vec<ChairChange>,
    clock: Vec<ClockChange>,
    notices: Vec<RecordedNotice>,
    postponements: Vec<Postponement>,
    recording: Vec<RecordingChange>,
    recording_gaps: Vec<RecordingGap>,
    takes: Vec<RecordedTake>,
    corrections: Vec<Correction>,
}

impl ProceedingsBuilder {
    /// Starts before the room's first event. The conference is today's: it stands in where an old log records no facts
    /// of the conference file, and may lack the room.
    pub fn new(conference: &Conference, room: &RoomId) -> Self {
        Self {
            facts: facts::of(conference, room),
            zone: conference.time_zone.clone(),
            delegations: Vec::new(),
            range: None,
            speeches: SpeechLog::default(),
            attendance: AttendanceLog::default(),
            interpretation: InterpretationLog::default(),
            items: Vec::new(),
            item: None,
            decisions: Vec::new(),
            points: Vec::new(),
            points_before: BTreeMap::new(),
            undone: Vec::new(),
            list: Vec::new(),
            chair: Vec::new(),
            clock: Vec::new(),
            notices: Vec::new(),
            postponements: Vec::new(),
            recording: Vec::new(),
            recording_gaps: Vec::new(),
            takes: Vec::new(),
            corrections: Vec::new(),
        }
    }

    /// Adds the next event of the log.
    pub fn add(&mut self, event: &RoomLogEvent) {
        let (first, _) = self.range.unwrap_or((event.seq, event.seq));
        self.range = Some((first, event.seq));
        match &event.body {
            Body::Floor(floor) => self.add_floor_event(floor, event),
            Body::Room(room) => self.add_room_event(room, event),
        }
    }

    fn add_room_event(&mut self, event: &RoomEvent, entry: &RoomLogEvent) {
        match event {
            RoomEvent::Joined { participant } | RoomEvent::Updated { participant } => {
                self.attendance.record(participant, entry.at);
            }
            RoomEvent::Left { person, .. } => self.attendance.record_left(person, entry.at),
            RoomEvent::AgendaStarted { item, .. } => {
                self.item = Some(item.id.clone());
                self.record_item(item, entry.seq, None);
            }
            RoomEvent::AgendaEnded { item, .. } => {
                self.item = None;
                self.record_item(item, entry.seq, Some(entry.seq));
            }
            RoomEvent::AgendaPostponed {
                item,
                by_minutes,
                by,
            } => self.record_postponement(item, *by_minutes, by, entry),
            RoomEvent::DecisionOpened { decision }
            | RoomEvent::DecisionObjected { decision }
            | RoomEvent::DecisionVoted { decision }
            | RoomEvent::DecisionClosed { decision, .. }
            | RoomEvent::DecisionWithdrawn { decision, .. } => {
                self.record_decision(entry.seq, decision);
            }
            RoomEvent::Corrected(Corrected {
                text,
                about_seq,
                by,
            }) => {
                let correction = Correction {
                    seq: entry.seq,
                    at: self.time(entry.at),
                    by: by.clone(),
                    about_seq: *about_seq,
                    text: text.clone(),
                };
                self.corrections.push(correction);
            }
            RoomEvent::ChannelChanged { channel, .. } => {
                self.interpretation.record(channel, entry.at, &self.facts);
            }
            RoomEvent::FactsRecorded { facts } => self.record_facts(facts),
            RoomEvent::ClockMoved { was, cause, .. } => {
                self.speeches.record_clock_move(*was, entry.at);
                self.attendance.record_clock_move(*was, entry.at);
                self.interpretation.record_clock_move(*was, entry.at);
                self.clock.push(ClockChange {
                    seq: entry.seq,
                    was: self.time(*was),
                    at: self.time(entry.at),
                    cause: *cause,
                });
            }
            RoomEvent::NoticePosted { text, by } => self.notices.push(RecordedNotice {
                seq: entry.seq,
                at: self.time(entry.at),
                by: by.clone(),
                name: self.facts.name_of(by),
                names: self.facts.names_of(by),
                text: text.clone(),
            }),
            RoomEvent::RecordStarted { by } => {
                self.record_switch(true, by.as_ref(), None, entry);
            }
            RoomEvent::RecordStopped { by, reason } => {
                self.record_switch(false, by.as_ref(), *reason, entry);
            }
            RoomEvent::TakeRecorded(take) => self.record_take(take, entry.seq),
            RoomEvent::TakeDeleted { id, reason, .. } => {
                let at = self.time(entry.at);
                if let Some(take) = self.takes.iter_mut().find(|take| take.id == *id) {
                    take.delete(at, *reason);
                }
            }
            RoomEvent::RecordGap { from, to, reason } => {
                self.recording_gaps.push(RecordingGap {
                    seq: entry.seq,
                    from: self.time(*from),
                    to: self.time(*to),
                    reason: *reason,
                });
            }
            RoomEvent::Admitted { .. }
            | RoomEvent::ChatPosted(_)
            | RoomEvent::HelpClosed { .. }
            | RoomEvent::SlowerAsked { .. }
            | RoomEvent::RecordingRefused { .. }
            | RoomEvent::Draining {} => {}
        }
    }

    fn record_switch(
        &mut self,
        recording: bool,
        by: Option<&PersonId>,
        reason: Option<RecordFault>,
        entry: &RoomLogEvent,
    ) {
        self.recording.push(RecordingChange {
            seq: entry.seq,
            at: self.time(entry.at),
            recording,
            by: by.cloned(),
            name: by.map(|by| self.facts.name_of(by)),
            names: by.map(|by| self.facts.names_of(by)).unwrap_or_default(),
            reason,
        });
    }

    fn record_take(&mut self, take: &Take, seq: Seq) {
        self.takes.push(RecordedTake {
            seq,
            id: take.id.clone(),
            speech: take.speech,
            participant: take.participant.clone(),
            source: take.source,
            language: take.language.clone(),
            from: self.time(take.from),
            to: self.time(take.to),
            bytes: take.bytes,
            sha256: take.sha256.clone(),
            media_type: take.media_type.clone(),
            lost_packets: take.lost_packets,
            recovered: take.recovered,
            deleted: None,
            deletion: None,
        });
    }

    /// From here on the conference file says this.
    fn record_facts(&mut self, facts: &FileFacts) {
        self.facts = facts.clone();
        if let Ok(zone) = TimeZone::get(&facts.time_zone) {
            self.zone = zone;
        }
        for delegation in &facts.delegations {
            let mut known = self.delegations.iter_mut();
            match known.find(|known| known.id == delegation.id) {
                Some(known) => known.clone_from(delegation),
                None => self.delegations.push(delegation.clone()),
            }
        }
    }

    /// The items in the order in which they were planned last. An item that is no longer planned comes last.
    fn planned_items(&self) -> Vec<RecordedItem> {
        let mut begun = self.items.clone();
        let mut items = Vec::new();
        for planned in &self.facts.items {
            let known = begun.iter().position(|item| item.id == planned.id);
            items.push(match known {
                Some(index) => begun.remove(index),
                None => RecordedItem {
                    id: planned.id.clone(),
                    title: planned.title.clone(),
                    titles: planned.titles.clone(),
                    kind: planned.kind,
                    planned: self.time(planned.starts),
                    minutes: planned.minutes,
                    began: None,
                    ended: None,
                    began_seq: None,
                    ended_seq: None,
                },
            });
        }
        items.extend(begun);
        items
    }

    fn record_postponement(
        &mut self,
        item: &AgendaItem,
        by_minutes: Option<u32>,
        by: &PersonId,
        entry: &RoomLogEvent,
    ) {
        self.postponements.push(Postponement {
            seq: entry.seq,
            at: self.time(entry.at),
            item: item.id.clone(),
            title: item.title.clone(),
            by_minutes,
            due: self.time(item.expected()),
            by: by.clone(),
        });
    }

    /// Records the state of an agenda item.
    fn record_item(&mut self, item: &AgendaItem, seq: Seq, ended_seq: Option<Seq>) {
        let mut recorded = RecordedItem {
            id: item.id.clone(),
            title: item.title.clone(),
            titles: item.titles.clone(),
            kind: item.kind,
            planned: self.time(item.starts),
            minutes: item.minutes,
            began: item.began.map(|at| self.time(at)),
            ended: item.ended.map(|at| self.time(at)),
            began_seq: Some(seq),
            ended_seq,
        };
        match self.items.iter_mut().find(|known| known.id == item.id) {
            Some(known) => {
                recorded.began_seq = known.began_seq.or(recorded.began_seq);
                *known = recorded;
            }
            None => self.items.push(recorded),
        }
    }

    fn record_decision(&mut self, seq: Seq, decision: &Decision) {
        let mut recorded = RecordedDecision::new(seq, decision, &self.zone);
        match self
            .decisions
            .iter_mut()
            .find(|known| known.id == decision.id)
        {
            Some(known) => {
                recorded.seq = known.seq;
                *known = recorded;
            }
            None => self.decisions.push(recorded),
        }
    }

    fn add_floor_event(&mut self, event: &Floor, entry: &RoomLogEvent) {
        let (seq, at) = (entry.seq, entry.at);
        let item = self.item.as_ref();
        self.speeches.record(event, seq, item, &self.facts);
        if let Some(request) = event.request() {
            self.add_point_of_order(event, request, entry);
        }
        match &event.change {
            Change::List { step, .. } => self.list.push(ListChange {
                seq,
                at: self.time(at),
                what: *step,
                by: event.by.clone(),
            }),
            Change::Chair(ChairStep::Changed { chair }) => self.chair.push(ChairChange {
                seq,
                at: self.time(at),
                chair: chair.clone(),
                by: event.by.clone(),
            }),
            Change::Presence(PresenceStep::Restarted { down_since }) => {
                self.attendance.record_outage(*down_since);
                self.interpretation.record_outage(*down_since);
            }
            Change::Undone {
                command,
                about,
                restored,
                ..
            } => self.add_undo(event, *command, *about, restored, entry),
            _ => {}
        }
    }

    fn add_undo(
        &mut self,
        event: &Floor,
        command: UndoableCommand,
        about: Option<RequestId>,
        restored: &FormerState,
        entry: &RoomLogEvent,
    ) {
        let made = about.filter(|about| restored.made.contains(about));
        let made = made.and_then(|made| self.speeches.name_of(made));
        self.speeches.record_undo(restored, entry.seq, entry.at);
        let mut requests = restored.requests.iter();
        let about = requests.find(|request| Some(request.id) == about);
        let resumed = restored.speeches.iter();
        self.undone.push(Undoing {
            seq: entry.seq,
            at: self.time(entry.at),
            command,
            person: about
                .map(|request| self.facts.name_of(&request.beneficiary))
                .or(made),
            resumed: resumed
                .map(|speech| self.facts.name_of(&speech.speaker))
                .collect(),
            by: event.by.clone(),
        });
        for request in &restored.requests {
            self.undo_ruling(request);
        }
    }

    /// The ruling on a point of order that is open again, or upheld again, is as it was.
    fn undo_ruling(&mut self, request: &FloorRequest) {
        let former = self.points_before.remove(&request.id);
        let upheld = request.state == State::Accepted;
        let former = former.filter(|former| former.ruling.is_some() || !upheld);
        if let (Some(point), Some(former)) = (self.point(request.id), former) {
            *point = former;
        }
    }

    fn add_point_of_order(&mut self, event: &Floor, request: &FloorRequest, entry: &RoomLogEvent) {
        if request.kind != Kind::PointOfOrder {
            return;
        }
        let (ruling, word) = match &event.change {
            Change::Request { step, .. } => match step {
                RequestStep::Requested => {
                    self.points.push(self.raised(entry.seq, request));
                    return;
                }
                RequestStep::Accepted => (Ruling::Upheld, None),
                RequestStep::Denied { reason } => (Ruling::Overruled, reason.clone()),
                RequestStep::Cancelled => (Ruling::Withdrawn, None),
                RequestStep::Recalled | RequestStep::Moved { .. } => return,
            },
            Change::Speech { step, .. } => match step {
                SpeechStep::Released { ruling } => (outcome_when_heard(*ruling), None),
                SpeechStep::Revoked { reason, ruling } => {
                    // The reason of a point that the chair did not rule on is no word on the point.
                    let reason = reason.as_ref().filter(|_| ruling.is_some());
                    let word = reason.map(|reason| reason.as_str().to_owned());
                    (outcome_when_heard(*ruling), word)
                }
                _ => return,
            },
            _ => return,
        };
        let ruled = self.time(entry.at);
        let Some(point) = self.point(request.id) else {
            return;
        };
        // The first ruling stands: an upheld point is cancelled later, when it leaves the floor.
        let stands = point.ruling.is_some() && request.state != State::Denied;
        if !stands {
            let before = point.clone();
            point.ruling = Some(ruling);
            point.word = word;
            point.ruled = Some(ruled);
            point.by.clone_from(&event.by);
            self.points_before.insert(request.id, before);
        }
    }

    fn raised(&self, seq: Seq, request: &FloorRequest) -> PointOfOrder {
        PointOfOrder {
            seq,
            request: request.id,
            person: request.beneficiary.clone(),
            name: self.facts.name_of(&request.beneficiary),
            names: self.facts.names_of(&request.beneficiary),
            delegation: request.delegation.clone(),
            city: city_of(&self.facts, request.delegation.as_ref()),
            raised: self.time(request.asked_at),
            ruling: None,
            word: None,
            ruled: None,
            by: None,
        }
    }

    fn point(&mut self, id: RequestId) -> Option<&mut PointOfOrder> {
        self.points.iter_mut().find(|point| point.request == id)
    }

    /// Builds the proceedings, without a seal. A running clock is read at `known_until`, the last moment at which it is
    /// known to have run: now for a running server, and maybe long ago for a log without a server.
    pub fn build(self, known_until: Moment, now: Moment) -> Proceedings {
        let speeches: Vec<RecordedSpeech> = self
            .speeches
            .entries
            .iter()
            .map(|entry| self.speech(entry, known_until))
            .collect();
        let attendance: Vec<Attendance> = self
            .attendance
            .entries
            .iter()
            .map(|entry| Attendance {
                person: entry.participant.person.clone(),
                name: entry.participant.name.clone(),
                names: entry.participant.names.clone(),
                role: entry.participant.role,
                delegation: entry.participant.delegation.clone(),
                spans: self.spans(&entry.spans),
            })
            .collect();
        let interpretation = self
            .interpretation
            .entries
            .iter()
            .map(|entry| Interpretation {
                language: entry.language.clone(),
                person: entry.person.clone(),
                name: entry.name.clone(),
                names: entry.names.clone(),
                spans: self.spans(&entry.spans),
            })
            .collect();
        let (from_seq, to_seq) = self.range.unwrap_or_default();
        Proceedings {
            version: 1,
            conference: ConferenceFacts {
                id: self.facts.conference.clone(),
                name: self.facts.name.clone(),
                names: self.facts.names.clone(),
                theme: self.facts.theme.clone(),
                themes: self.facts.themes.clone(),
                time_zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            },
            room: RoomFacts {
                id: self.facts.room.clone(),
                title: self.facts.title.clone(),
                titles: self.facts.titles.clone(),
            },
            from_seq,
            to_seq,
            generated: self.time(now),
            seal: None,
            delegations: self.figures(&speeches, &attendance),
            items: self.planned_items(),
            speeches,
            points_of_order: self.points,
            undone: self.undone,
            decisions: self.decisions,
            attendance,
            interpretation,
            list: self.list,
            chair: self.chair,
            clock: self.clock,
            notices: self.notices,
            postponements: self.postponements,
            recording: self.recording,
            recording_gaps: self.recording_gaps,
            takes: self.takes,
            corrections: self.corrections,
        }
    }

    fn spans(&self, spans: &[(Moment, Option<Moment>)]) -> Vec<Span> {
        let spans = spans.iter().map(|(from, to)| Span {
            from: self.time(*from),
            to: to.map(|to| self.time(to)),
        });
        spans.collect()
    }

    fn speech(&self, entry: &SpeechEntry, known_until: Moment) -> RecordedSpeech {
        let speech = &entry.speech;
        RecordedSpeech {
            seq: entry.seq,
            request: speech.request,
            person: speech.speaker.clone(),
            name: entry.name.clone(),
            names: entry.names.clone(),
            delegation: speech.delegation.clone(),
            city: entry.city.clone(),
            kind: speech.kind,
            item: entry.item.clone(),
            asked: self.time(entry.requested_at),
            began: self.time(speech.began.unwrap_or(speech.granted_at)),
            ended: speech.ended_at.map(|at| self.time(at)),
            limit_ms: speech.limit,
            used_ms: speech.consumed_at(known_until),
            extended_ms: entry.extended,
            how: speech.how,
            ended_by: entry.ended_by,
            undone: entry.undone,
            reason: entry.reason.clone(),
            recording: recording_of(entry),
            parts: entry
                .parts
                .iter()
                .map(|part| Part {
                    began: self.time(part.began),
                    ended: part.ended.map(|at| self.time(at)),
                    why: part.interrupted_by,
                })
                .collect(),
        }
    }

    fn figures(
        &self,
        speeches: &[RecordedSpeech],
        attendance: &[Attendance],
    ) -> Vec<DelegationFigures> {
        let recorded = if self.delegations.is_empty() {
            &self.facts.delegations
        } else {
            &self.delegations
        };
        recorded
            .iter()
            .map(|it| {
                let own = speeches.iter().filter(|speech| {
                    speech.delegation.as_ref() == Some(&it.id)
                        && speech.kind != Kind::PointOfOrder
                        && !speech.undone
                });
                DelegationFigures {
                    delegation: it.id.clone(),
                    name: it.name.clone(),
                    names: it.names.clone(),
                    status: it.status,
                    speeches: u32::try_from(own.clone().count()).unwrap_or(u32::MAX),
                    used_ms: own.fold(Millis(0), |sum, speech| sum.saturating_add(speech.used_ms)),
                    present: attendance
                        .iter()
                        .any(|entry| entry.delegation.as_ref() == Some(&it.id)),
                }
            })
            .collect()
    }

    fn time(&self, moment: Moment) -> Time {
        Time::new(moment, &self.zone)
    }
}

/// What the record says of the recording from which a speech was played.
fn recording_of(entry: &SpeechEntry) -> Option<SpeechRecording> {
    let recorded = entry.speech.recorded.as_ref()?;
    Some(SpeechRecording {
        media: recorded.media.clone(),
        name: recorded.name.clone(),
        duration_ms: recorded.duration,
        from_ms: entry.recording_from,
        until_ms: recorded.position,
        sought: entry.sought.clone(),
        failures: entry.failures.clone(),
    })
}

/// The city of a delegation, if there is a delegation.
pub(crate) fn city_of(facts: &FileFacts, delegation: Option<&DelegationId>) -> Option<String> {
    delegation.map(|delegation| facts.city_of(delegation))
}

/// The outcome of a point of order that its raiser had the floor to explain.
fn outcome_when_heard(ruling: Option<plenary_floor::Ruling>) -> Ruling {
    match ruling {
        Some(plenary_floor::Ruling::Upheld) => Ruling::Upheld,
        Some(plenary_floor::Ruling::Overruled) => Ruling::Overruled,
        None => Ruling::Heard,
    }
}
