//! A log as a room writes it, without the room, and the proceedings that are drawn up from it.

use std::collections::BTreeMap;

use plenary_conference::{Conference, Role};
use plenary_floor::{
    Actor, Change, Command, Kind, RecordingAction, RequestStep, Scope, Settings, SystemCommand,
};
use plenary_ids::{DecisionId, Millis, Moment, PersonId, RequestId, Seq};
use plenary_proceedings::{Proceedings, ProceedingsBuilder};
use plenary_protocol::{
    AgendaItem, Choice, Decision, DecisionKind, DecisionState, Event, ItemState, Objection,
    Participant, Presence, RollEntry, RoomEvent, Tally, Verdict,
};
use plenary_room::{Body, RoomLogEvent};

use crate::{
    START,
    conference::ConferenceFile,
    delegation,
    floor::{TestFloor, requesting},
    person,
};

const CHAIR: &str = "chair";

/// Four cities, a moderator and a clerk in one room with one item on its agenda.
pub fn conference() -> Conference {
    let item = "kind = \"presentations\"\nspeakers = [\"tokyo-1\"]";
    ConferenceFile::new(&["en"])
        .cities(&["tokyo", "seoul", "delhi"])
        .city("brussels", "status = \"observer\"", "")
        .person(CHAIR, "Moderator", "moderator", "")
        .staff(&[("clerk", "clerk")])
        .room("climate", "Climate Changes", "")
        .item("climate", "Tokyo: living with water", "09:00", 20, item)
        .parse()
}

/// A log that is being written.
pub struct TestRecord {
    pub floor: TestFloor,
    pub log: Vec<RoomLogEvent>,
    participants: BTreeMap<PersonId, Participant>,
}

impl TestRecord {
    pub fn new(settings: Settings) -> Self {
        Self {
            floor: TestFloor::empty(settings, CHAIR),
            log: Vec::new(),
            participants: BTreeMap::new(),
        }
    }

    /// With these people in the room.
    pub fn with(settings: Settings, people: &[&str]) -> Self {
        let mut record = Self::new(settings);
        for name in people {
            record.join(name);
        }
        record
    }

    fn write(&mut self, body: Body) {
        self.log.push(Event {
            seq: Seq(self.log.len() as u64 + 1),
            at: self.floor.now,
            body,
        });
    }

    pub fn room_event(&mut self, event: RoomEvent) {
        self.write(Body::Room(event));
    }

    /// Executes a command, and returns whether the floor accepted it.
    pub fn try_execute(&mut self, command: Command, actor: &Actor) -> bool {
        let accepted = self.floor.execute(command, actor).is_ok();
        if accepted {
            self.write_floor_events();
        }
        accepted
    }

    fn write_floor_events(&mut self) {
        for event in self.floor.last_events.clone() {
            self.write(Body::Floor(event));
        }
    }

    fn execute(&mut self, command: Command, actor: &Actor) {
        let text = format!("{command:?}");
        assert!(self.try_execute(command, actor), "{text}");
    }

    pub fn as_chair(&mut self, command: Command) {
        self.execute(command, &Actor::new(person(CHAIR), Scope::Chair));
    }

    pub fn as_person(&mut self, name: &str, command: Command) {
        self.execute(command, &Actor::new(person(name), Scope::Own));
    }

    /// The chair acts on a recorded address.
    pub fn as_chair_on_recording(&mut self, action: RecordingAction) {
        let chair = Actor::new(person(CHAIR), Scope::Chair);
        let command = SystemCommand::Recording(action);
        self.floor
            .execute_system(command, &chair)
            .expect("accepted");
        self.write_floor_events();
    }

    pub fn as_system(&mut self, command: SystemCommand) {
        self.floor.as_system(command);
        self.write_floor_events();
    }

    /// A person joins, or joins again. The moderator takes a chair that is empty.
    pub fn join(&mut self, name: &str) {
        let known = conference().person(&person(name)).cloned();
        let participant = Participant {
            person: person(name),
            name: known.as_ref().map_or(name, |it| &it.name).to_owned(),
            names: known
                .as_ref()
                .map(|it| it.names.clone())
                .unwrap_or_default(),
            role: known.as_ref().map_or(Role::Delegate, |it| it.role),
            delegation: known.and_then(|it| it.delegation),
            state: Presence::Seated,
            publishing: true,
            muted: false,
            joined_at: self.floor.now,
            since: None,
        };
        let before = self.participants.insert(person(name), participant.clone());
        self.room_event(match before {
            None => RoomEvent::Joined { participant },
            Some(_) => RoomEvent::Updated { participant },
        });
        let person = person(name);
        self.as_system(SystemCommand::Connected(person));
        if name == CHAIR && self.floor.state.chair().is_none() {
            self.as_chair(Command::ChairTake {});
        }
    }

    pub fn disconnect(&mut self, name: &str) {
        if let Some(participant) = self.participants.get_mut(&person(name)) {
            participant.state = Presence::Away;
            participant.since = Some(self.floor.now);
            let participant = participant.clone();
            self.room_event(RoomEvent::Updated { participant });
        }
        let person = person(name);
        self.as_system(SystemCommand::Disconnected(person));
    }

    /// The first sound of a speaker reaches the server.
    pub fn voice(&mut self, name: &str) {
        let person = person(name);
        self.as_system(SystemCommand::Voice(person));
    }

    pub fn request(&mut self, name: &str, kind: Kind) -> RequestId {
        self.as_person(name, requesting(name, kind));
        let requested = self.log.iter().rev().find_map(|event| match &event.body {
            Body::Floor(floor) => match &floor.change {
                Change::Request {
                    request,
                    step: RequestStep::Requested,
                } => Some(request.id),
                _ => None,
            },
            Body::Room(_) => None,
        });
        requested.unwrap()
    }

    pub fn grant(&mut self, request: RequestId) {
        let replace = None;
        self.as_chair(Command::Grant { request, replace });
    }

    /// Lets so many seconds pass.
    pub fn advance(&mut self, seconds: u64) {
        self.advance_by(Millis::from_secs(seconds));
    }

    pub fn advance_by(&mut self, time: Millis) {
        self.floor.now = self.floor.now.after(time);
        self.as_system(SystemCommand::Tick);
    }

    /// The server is down for so many seconds.
    pub fn restart_after(&mut self, seconds: u64) {
        let down_since = self.floor.now;
        self.floor.now = down_since.after(Millis::from_secs(seconds));
        self.as_system(SystemCommand::Restarted { down_since });
    }

    pub fn start_item(&mut self) {
        let item = self.item(ItemState::On);
        let by = person(CHAIR);
        self.room_event(RoomEvent::AgendaStarted { item, by });
    }

    pub fn end_item(&mut self) {
        let item = self.item(ItemState::Done);
        let by = person(CHAIR);
        self.room_event(RoomEvent::AgendaEnded { item, by });
    }

    /// The first item of the agenda.
    pub fn item(&self, state: ItemState) -> AgendaItem {
        let planned = conference().items[0].clone();
        AgendaItem {
            id: planned.id,
            title: planned.title,
            titles: planned.titles,
            kind: planned.kind,
            starts: START,
            due: None,
            minutes: planned.minutes,
            speakers: planned.speakers,
            recording: None,
            beneficiary: None,
            recording_starts: None,
            limit: None,
            state,
            began: Some(Moment(START.0 + 60_000)),
            ended: (state == ItemState::Done).then_some(self.floor.now),
        }
    }

    /// Tokyo votes yes and Seoul abstains in a roll call; otherwise Seoul objects.
    pub fn decide(&mut self, kind: DecisionKind, result: Verdict) {
        let is_roll_call = kind == DecisionKind::RollCall;
        let now = self.floor.now;
        let vote = |city: &str, choice| RollEntry {
            delegation: delegation(city),
            choice: is_roll_call.then_some(choice),
            by: is_roll_call.then(|| person(&format!("{city}-1"))),
            at: is_roll_call.then_some(now),
        };
        let mut decision = Decision {
            id: DecisionId(self.log.len() as u64),
            kind,
            question: "Shall the declaration be adopted?".to_owned(),
            state: DecisionState::Open,
            opened_at: now,
            opened_by: person(CHAIR),
            closes_at: None,
            closed_at: None,
            item: None,
            quorum: None,
            roll: vec![vote("tokyo", Choice::Yes), vote("seoul", Choice::Abstain)],
            objections: Vec::new(),
            tally: Tally::default(),
            result: None,
        };
        let opened = decision.clone();
        self.room_event(RoomEvent::DecisionOpened { decision: opened });
        self.advance(30);
        decision.state = DecisionState::Closed;
        decision.closed_at = Some(self.floor.now);
        decision.result = Some(result);
        if is_roll_call {
            (decision.tally.yes, decision.tally.abstain) = (1, 1);
        } else {
            decision.objections.push(Objection {
                delegation: delegation("seoul"),
                by: person("seoul-1"),
                at: self.floor.now,
                reason: Some("The third paragraph.".to_owned()),
            });
        }
        let by = Some(person(CHAIR));
        self.room_event(RoomEvent::DecisionClosed { decision, by });
    }

    pub fn proceedings(&self) -> Proceedings {
        let conference = conference();
        let mut builder = ProceedingsBuilder::new(&conference, &conference.rooms[0].id);
        for event in &self.log {
            builder.add(event);
        }
        builder.build(self.floor.now, self.floor.now)
    }
}
