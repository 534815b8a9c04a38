//! Builds the proceedings from a room's events.

use jiff::tz::TimeZone;
use plenary_conference::{Conference, Room};
use plenary_floor::{
    ChairStep, Change, Event as Floor, FloorRequest, Kind, PresenceStep, RequestStep, SpeechStep,
    State,
};
use plenary_ids::{DelegationId, ItemId, Millis, Moment, PersonId, RequestId, Seq};
use plenary_protocol::{AgendaItem, Correction as Corrected, Decision, RoomEvent};
use plenary_room::{Body, RoomLogEvent};

use crate::{
    Attendance, ChairChange, ConferenceFacts, Correction, DelegationFigures, Interpretation,
    ListChange, Part, PointOfOrder, Proceedings, RecordedDecision, RecordedItem, RecordedSpeech,
    RoomFacts, Ruling, Span, Time,
    attendance::AttendanceLog,
    interpretation::InterpretationLog,
    speeches::{SpeechEntry, SpeechLog},
};

/// Collects the events of one room, from the first to the last, and builds its proceedings.
#[derive(Debug)]
pub struct ProceedingsBuilder<'a> {
    conference: &'a Conference,
    room: &'a Room,
    zone: TimeZone,
    /// The first and the last event added.
    range: Option<(Seq, Seq)>,
    speeches: SpeechLog,
    attendance: AttendanceLog,
    interpretation: InterpretationLog,
    items: Vec<RecordedItem>,
    /// The agenda item under discussion.
    item: Option<ItemId>,
    decisions: Vec<RecordedDecision>,
    points: Vec<PointOfOrder>,
    list: Vec<ListChange>,
    chair: Vec<ChairChange>,
    corrections: Vec<Correction>,
}

impl<'a> ProceedingsBuilder<'a> {
    /// Starts before the room's first event.
    pub fn new(conference: &'a Conference, room: &'a Room) -> Self {
        let items = conference.agenda(&room.id).map(|item| RecordedItem {
            id: item.id.clone(),
            title: item.title.clone(),
            kind: item.kind,
            planned: Time::from(item.starts.clone()),
            minutes: item.minutes,
            began: None,
            ended: None,
        });
        Self {
            conference,
            room,
            zone: conference.time_zone.clone(),
            range: None,
            speeches: SpeechLog::default(),
            attendance: AttendanceLog::default(),
            interpretation: InterpretationLog::default(),
            items: items.collect(),
            item: None,
            decisions: Vec::new(),
            points: Vec::new(),
            list: Vec::new(),
            chair: Vec::new(),
            corrections: Vec::new(),
        }
    }

    /// Adds the next event of the log.
    pub fn add(&mut self, event: &RoomLogEvent) {
        let (first, _) = self.range.unwrap_or((event.seq, event.seq));
        self.range = Some((first, event.seq));
        match &event.body {
            Body::Floor(floor) => self.add_floor_event(floor, event.at),
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
                self.record_item(item);
            }
            RoomEvent::AgendaEnded { item, .. } => {
                self.item = None;
                self.record_item(item);
            }
            RoomEvent::DecisionOpened { decision }
            | RoomEvent::DecisionObjected { decision }
            | RoomEvent::DecisionVoted { decision }
            | RoomEvent::DecisionClosed { decision, .. }
            | RoomEvent::DecisionWithdrawn { decision, .. } => self.record_decision(decision),
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
                self.interpretation.record(channel, entry.at);
            }
            RoomEvent::Admitted { .. } | RoomEvent::ChatPosted(_) | RoomEvent::Draining {} => {}
        }
    }

    /// Records the state of an agenda item. An item that the conference file no longer has comes last.
    fn record_item(&mut self, item: &AgendaItem) {
        let recorded = RecordedItem {
            id: item.id.clone(),
            title: item.title.clone(),
            kind: item.kind,
            planned: self.time(item.starts),
            minutes: item.minutes,
            began: item.began.map(|at| self.time(at)),
            ended: item.ended.map(|at| self.time(at)),
        };
        match self.items.iter_mut().find(|known| known.id == item.id) {
            Some(known) => *known = recorded,
            None => self.items.push(recorded),
        }
    }

    fn record_decision(&mut self, decision: &Decision) {
        let recorded = RecordedDecision::new(decision, &self.zone);
        match self
            .decisions
            .iter_mut()
            .find(|known| known.id == decision.id)
        {
            Some(known) => *known = recorded,
            None => self.decisions.push(recorded),
        }
    }

    fn add_floor_event(&mut self, event: &Floor, at: Moment) {
        self.speeches.record(event, self.item.as_ref());
        if let Some(request) = event.request() {
            self.add_point_of_order(event, request, at);
        }
        match &event.change {
            Change::List { step, .. } => self.list.push(ListChange {
                at: self.time(at),
                what: *step,
                by: event.by.clone(),
            }),
            Change::Chair(ChairStep::Changed { chair }) => self.chair.push(ChairChange {
                at: self.time(at),
                chair: chair.clone(),
                by: event.by.clone(),
            }),
            Change::Presence(PresenceStep::Restarted { down_since }) => {
                self.attendance.record_outage(*down_since);
                self.interpretation.record_outage(*down_since);
            }
            _ => {}
        }
    }

    fn add_point_of_order(&mut self, event: &Floor, request: &FloorRequest, at: Moment) {
        if request.kind != Kind::PointOfOrder {
            return;
        }
        let (ruling, word) = match &event.change {
            Change::Request { step, .. } => match step {
                RequestStep::Requested => {
                    self.points.push(self.raised(request));
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
        let ruled = self.time(at);
        let Some(point) = self.point(request.id) else {
            return;
        };
        // The first ruling stands: an upheld point is cancelled later, when it leaves the floor.
        let stands = point.ruling.is_some() && request.state != State::Denied;
        if !stands {
            point.ruling = Some(ruling);
            point.word = word;
            point.ruled = Some(ruled);
            point.by.clone_from(&event.by);
        }
    }

    fn raised(&self, request: &FloorRequest) -> PointOfOrder {
        PointOfOrder {
            request: request.id,
            person: request.beneficiary.clone(),
            name: self.name(&request.beneficiary),
            delegation: request.delegation.clone(),
            city: self.city(request.delegation.as_ref()),
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
                name: self.name(&entry.person),
                spans: self.spans(&entry.spans),
            })
            .collect();
        let (from_seq, to_seq) = self.range.unwrap_or_default();
        Proceedings {
            version: 1,
            conference: ConferenceFacts {
                id: self.conference.id.clone(),
                name: self.conference.name.clone(),
                theme: self.conference.theme.clone(),
                time_zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            },
            room: RoomFacts {
                id: self.room.id.clone(),
                title: self.room.title.clone(),
            },
            from_seq,
            to_seq,
            generated: self.time(now),
            seal: None,
            delegations: self.figures(&speeches, &attendance),
            items: self.items,
            speeches,
            points_of_order: self.points,
            decisions: self.decisions,
            attendance,
            interpretation,
            list: self.list,
            chair: self.chair,
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
            request: speech.request,
            person: speech.speaker.clone(),
            name: self.name(&speech.speaker),
            delegation: speech.delegation.clone(),
            city: self.city(speech.delegation.as_ref()),
            kind: speech.kind,
            item: entry.item.clone(),
            asked: self.time(entry.requested_at),
            began: self.time(speech.began.unwrap_or(speech.granted_at)),
            ended: speech.ended_at.map(|at| self.time(at)),
            limit_ms: speech.limit,
            used_ms: speech.consumed_at(known_until),
            extended_ms: entry.extended,
            how: speech.how,
            reason: entry.reason.clone(),
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
        let may_enter = |delegation: &DelegationId| {
            self.conference.persons.iter().any(|person| {
                person.delegation.as_ref() == Some(delegation) && person.may_enter(&self.room.id)
            })
        };
        let delegations = self.conference.delegations.iter();
        delegations
            .filter(|it| may_enter(&it.id))
            .map(|it| {
                let own = speeches.iter().filter(|speech| {
                    speech.delegation.as_ref() == Some(&it.id) && speech.kind != Kind::PointOfOrder
                });
                DelegationFigures {
                    delegation: it.id.clone(),
                    name: it.name.clone(),
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

    /// A person's name; the id if the conference file no longer has the person.
    fn name(&self, person: &PersonId) -> String {
        let known = self.conference.person(person);
        known.map_or_else(|| person.to_string(), |person| person.name.clone())
    }

    fn city(&self, delegation: Option<&DelegationId>) -> Option<String> {
        let delegation = delegation?;
        let known = self.conference.delegation(delegation);
        Some(known.map_or_else(|| delegation.to_string(), |it| it.name.clone()))
    }
}

/// The outcome of a point of order that its raiser had the floor to explain.
fn outcome_when_heard(ruling: Option<plenary_floor::Ruling>) -> Ruling {
    match ruling {
        Some(plenary_floor::Ruling::Upheld) => Ruling::Upheld,
        Some(plenary_floor::Ruling::Overruled) => Ruling::Overruled,
        None => Ruling::Heard,
    }
}
