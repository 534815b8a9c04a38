//! Who hears the log and draws up the proceedings.

use jiff::tz::TimeZone;
use plenary_conference::{Conference, Room};
use plenary_floor::{Event as Floor, FloorRequest, Kind, State};
use plenary_ids::{DelegationId, ItemId, Millis, Moment, PersonId, RequestId, Seq};
use plenary_protocol::{AgendaItem, Correction as Corrected, Decision, RoomEvent};
use plenary_room::{Body, RoomLogEvent};

use crate::{
    Attendance, ChairChange, ConferenceFacts, Correction, DelegationFigures, Interpretation,
    ListChange, ListStep, Part, PointOfOrder, Proceedings, RecordedDecision, RecordedItem,
    RecordedSpeech, RoomFacts, Ruling, Span, Time,
    attendance::Book,
    interpreting::Booths,
    speeches::{Speeches, Told},
};

/// Hears the events of one room, first to last.
#[derive(Debug)]
pub struct Clerk<'a> {
    conference: &'a Conference,
    room: &'a Room,
    zone: TimeZone,
    heard: Option<(Seq, Seq)>,
    speeches: Speeches,
    attendance: Book,
    booths: Booths,
    items: Vec<RecordedItem>,
    /// The agenda item that is on.
    item: Option<ItemId>,
    decisions: Vec<RecordedDecision>,
    points: Vec<PointOfOrder>,
    list: Vec<ListChange>,
    chair: Vec<ChairChange>,
    corrections: Vec<Correction>,
}

impl<'a> Clerk<'a> {
    /// Before the first event of that room.
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
            heard: None,
            speeches: Speeches::default(),
            attendance: Book::default(),
            booths: Booths::default(),
            items: items.collect(),
            item: None,
            decisions: Vec::new(),
            points: Vec::new(),
            list: Vec::new(),
            chair: Vec::new(),
            corrections: Vec::new(),
        }
    }

    /// Hears the next event.
    pub fn hear(&mut self, event: &RoomLogEvent) {
        let (first, _) = self.heard.unwrap_or((event.seq, event.seq));
        self.heard = Some((first, event.seq));
        match &event.body {
            Body::Floor(floor) => self.hear_floor(floor, event.at),
            Body::Room(room) => self.hear_room(room, event),
        }
    }

    fn hear_room(&mut self, event: &RoomEvent, entry: &RoomLogEvent) {
        match event {
            RoomEvent::Joined { participant } | RoomEvent::Updated { participant } => {
                self.attendance.note(participant, entry.at);
            }
            RoomEvent::Left { person, .. } => self.attendance.left(person, entry.at),
            RoomEvent::AgendaStarted { item, .. } => {
                self.item = Some(item.id.clone());
                self.note_item(item);
            }
            RoomEvent::AgendaEnded { item, .. } => {
                self.item = None;
                self.note_item(item);
            }
            RoomEvent::DecisionOpened { decision }
            | RoomEvent::DecisionObjected { decision }
            | RoomEvent::DecisionVoted { decision }
            | RoomEvent::DecisionClosed { decision, .. }
            | RoomEvent::DecisionWithdrawn { decision, .. } => self.note_decision(decision),
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
            RoomEvent::ChannelChanged { channel, .. } => self.booths.note(channel, entry.at),
            RoomEvent::Admitted { .. } | RoomEvent::ChatPosted(_) | RoomEvent::Draining {} => {}
        }
    }

    /// An item as it is now; one that the file no longer has comes after those that it has.
    fn note_item(&mut self, item: &AgendaItem) {
        let noted = RecordedItem {
            id: item.id.clone(),
            title: item.title.clone(),
            kind: item.kind,
            planned: self.time(item.starts),
            minutes: item.minutes,
            began: item.began.map(|at| self.time(at)),
            ended: item.ended.map(|at| self.time(at)),
        };
        match self.items.iter_mut().find(|known| known.id == item.id) {
            Some(known) => *known = noted,
            None => self.items.push(noted),
        }
    }

    fn note_decision(&mut self, decision: &Decision) {
        let noted = RecordedDecision::new(decision, &self.zone);
        match self
            .decisions
            .iter_mut()
            .find(|known| known.id == decision.id)
        {
            Some(known) => *known = noted,
            None => self.decisions.push(noted),
        }
    }

    fn hear_floor(&mut self, event: &Floor, at: Moment) {
        self.speeches.hear(event, self.item.as_ref());
        if let Some(request) = event.request() {
            self.hear_point(event, request, at);
        }
        let at_time = self.time(at);
        let mut list = |what, by: &Option<PersonId>| {
            self.list.push(ListChange {
                at: at_time.clone(),
                what,
                by: by.clone(),
            });
        };
        match event {
            Floor::ListOpened { by, .. } => list(ListStep::Opened, by),
            Floor::ListCloseAnnounced { by, .. } => list(ListStep::CloseAnnounced, by),
            Floor::ListClosed { by, .. } => list(ListStep::Closed, by),
            Floor::ListReopened { by, .. } => list(ListStep::Reopened, by),
            Floor::ListAdjourned { by, .. } => list(ListStep::Adjourned, by),
            Floor::ListResumed { by, .. } => list(ListStep::Resumed, by),
            Floor::ListReplies { .. } => list(ListStep::Replies, &None),
            Floor::ListConcluded { by, .. } => list(ListStep::Concluded, by),
            Floor::ChairChanged { chair, by } => self.chair.push(ChairChange {
                at: at_time,
                chair: chair.clone(),
                by: by.clone(),
            }),
            Floor::Restarted { down_since } => {
                self.attendance.all_gone(*down_since);
                self.booths.all_end(*down_since);
            }
            _ => {}
        }
    }

    fn hear_point(&mut self, event: &Floor, request: &FloorRequest, at: Moment) {
        if request.kind != Kind::PointOfOrder {
            return;
        }
        let (ruling, word, by) = match event {
            Floor::Requested { .. } => {
                let point = PointOfOrder {
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
                };
                self.points.push(point);
                return;
            }
            Floor::Accepted { by, .. } => (Ruling::Upheld, None, by),
            Floor::Denied { reason, by, .. } => (Ruling::Overruled, reason.clone(), by),
            Floor::Cancelled { by, .. } => (Ruling::Withdrawn, None, by),
            Floor::Released { ruling, by, .. } => (heard(*ruling), None, by),
            Floor::Revoked {
                ruling: Some(ruling),
                reason,
                by,
                ..
            } => (heard(Some(*ruling)), reason.clone(), by),
            Floor::Revoked { by, .. } => (Ruling::Heard, None, by),
            _ => return,
        };
        let ruled = self.time(at);
        let Some(point) = self.point(request.id) else {
            return;
        };
        // What was ruled stands: an upheld point leaves the floor's sight later, by itself.
        let stands = point.ruling.is_some() && request.state != State::Denied;
        if !stands {
            point.ruling = Some(ruling);
            point.word = word;
            point.ruled = Some(ruled);
            point.by.clone_from(by);
        }
    }

    fn point(&mut self, id: RequestId) -> Option<&mut PointOfOrder> {
        self.points.iter_mut().find(|point| point.request == id)
    }

    /// The proceedings of what was heard. A clock that still runs is read at `known`: until when it is known to have
    /// run, which is now for a server and may be long ago for a log without one. The seal is for whoever has the log and
    /// the key to put on.
    pub fn draw_up(self, known: Moment, now: Moment) -> Proceedings {
        let speeches: Vec<RecordedSpeech> = self
            .speeches
            .told
            .iter()
            .map(|told| self.speech(told, known))
            .collect();
        let attendance: Vec<Attendance> = self
            .attendance
            .lines
            .iter()
            .map(|line| Attendance {
                person: line.who.person.clone(),
                name: line.who.name.clone(),
                role: line.who.role,
                delegation: line.who.delegation.clone(),
                spans: self.spans(&line.spans),
            })
            .collect();
        let booths = self.booths.lines.iter();
        let interpretation = booths.map(|line| Interpretation {
            language: line.language.clone(),
            person: line.person.clone(),
            name: self.name(&line.person),
            spans: self.spans(&line.spans),
        });
        let interpretation = interpretation.collect();
        let (from_seq, to_seq) = self.heard.unwrap_or_default();
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

    fn speech(&self, told: &Told, known: Moment) -> RecordedSpeech {
        let speech = &told.speech;
        RecordedSpeech {
            request: speech.request,
            person: speech.speaker.clone(),
            name: self.name(&speech.speaker),
            delegation: speech.delegation.clone(),
            city: self.city(speech.delegation.as_ref()),
            kind: speech.kind,
            item: told.item.clone(),
            asked: self.time(told.asked),
            began: self.time(speech.began.unwrap_or(speech.granted_at)),
            ended: speech.ended_at.map(|at| self.time(at)),
            limit_ms: speech.limit,
            used_ms: speech.consumed_at(known),
            extended_ms: told.extended,
            how: speech.how,
            reason: told.reason.clone(),
            parts: told
                .parts
                .iter()
                .map(|part| Part {
                    began: self.time(part.began),
                    ended: part.ended.map(|at| self.time(at)),
                    why: part.why,
                })
                .collect(),
        }
    }

    fn figures(
        &self,
        speeches: &[RecordedSpeech],
        attendance: &[Attendance],
    ) -> Vec<DelegationFigures> {
        let has_a_place = |delegation: &DelegationId| {
            self.conference.persons.iter().any(|person| {
                person.delegation.as_ref() == Some(delegation) && person.may_enter(&self.room.id)
            })
        };
        let here = self.conference.delegations.iter();
        here.filter(|it| has_a_place(&it.id))
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
                        .any(|who| who.delegation.as_ref() == Some(&it.id)),
                }
            })
            .collect()
    }

    fn time(&self, moment: Moment) -> Time {
        Time::new(moment, &self.zone)
    }

    /// The log may know somebody whom the file no longer names.
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

/// What became of a point of order whose raiser was heard.
fn heard(ruling: Option<plenary_floor::Ruling>) -> Ruling {
    match ruling {
        Some(plenary_floor::Ruling::Upheld) => Ruling::Upheld,
        Some(plenary_floor::Ruling::Overruled) => Ruling::Overruled,
        None => Ruling::Heard,
    }
}
