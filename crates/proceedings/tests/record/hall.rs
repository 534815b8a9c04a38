//! A room whose log is written as the room's task writes it, without the task.

use std::collections::BTreeMap;

use plenary_conference::{Conference, Role};
use plenary_floor::{
    Actor, ChairVerb, Class, Command, Event as Floored, Floor, Kind, Priority, Scope, Settings,
    Speaker, Wish, apply, decide,
};
use plenary_ids::{DecisionId, DelegationId, Millis, Moment, PersonId, RequestId, Seq};
use plenary_proceedings::{Clerk, Proceedings};
use plenary_protocol::{
    AgendaItem, Choice, Decision, DecisionKind, DecisionState, Event, ItemState, Objection,
    Participant, Presence, RollEntry, RoomEvent, Tally, Verdict,
};
use plenary_room::{Body, RoomLogEvent};

const CONFERENCE: &str = r#"
[conference]
id = "test"
name = "Conference of Cities"
theme = "Floods & fires"
time_zone = "Asia/Taipei"
starts = 2021-10-12
ends = 2021-10-14
languages = ["en"]
[[delegation]]
id = "tokyo"
name = "Tokyo"
country = "JP"
[[delegation]]
id = "seoul"
name = "Seoul"
country = "KR"
[[delegation]]
id = "delhi"
name = "Delhi"
country = "IN"
[[delegation]]
id = "brussels"
name = "Brussels"
country = "BE"
status = "observer"
[[person]]
id = "tokyo-1"
name = "Tokyo delegate"
delegation = "tokyo"
role = "delegate"
[[person]]
id = "seoul-1"
name = "Seoul delegate"
delegation = "seoul"
role = "delegate"
[[person]]
id = "delhi-1"
name = "Delhi delegate"
delegation = "delhi"
role = "delegate"
[[person]]
id = "brussels-1"
name = "Brussels delegate"
delegation = "brussels"
role = "delegate"
[[person]]
id = "chair"
name = "Moderator"
role = "moderator"
[[person]]
id = "clerk"
name = "Clerk"
role = "clerk"
[[room]]
id = "climate"
title = "Climate Changes"
[[item]]
room = "climate"
title = "Tokyo: living with water"
kind = "presentations"
starts = 2021-10-12T09:00:00
minutes = 20
speakers = ["tokyo-1"]
"#;

pub fn conference() -> Conference {
    plenary_conference::parse(CONFERENCE.as_bytes(), "test.toml").unwrap()
}

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

pub struct Hall {
    pub floor: Floor,
    pub now: Moment,
    pub log: Vec<RoomLogEvent>,
    seated: BTreeMap<PersonId, Participant>,
}

impl Hall {
    /// Empty, at 09:00 in Taipei.
    pub fn open(settings: Settings) -> Self {
        Self {
            floor: Floor::new(settings),
            now: Moment(1_634_000_400_000),
            log: Vec::new(),
            seated: BTreeMap::new(),
        }
    }

    fn write(&mut self, body: Body) {
        let seq = Seq(self.log.len() as u64 + 1);
        self.log.push(Event {
            seq,
            at: self.now,
            body,
        });
    }

    pub fn room(&mut self, event: RoomEvent) {
        self.write(Body::Room(event));
    }

    /// Whether the floor took it.
    pub fn tries(&mut self, command: &Command, actor: &Actor) -> bool {
        let Ok(events) = decide(&self.floor, command, actor, self.now) else {
            return false;
        };
        for event in events {
            apply(&mut self.floor, &event);
            self.write(Body::Floor(event));
        }
        true
    }

    fn act(&mut self, command: &Command, actor: &Actor) {
        assert!(self.tries(command, actor), "{command:?}");
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn chair(&mut self, command: Command) {
        self.act(&command, &Actor::new(person("chair"), Scope::Chair));
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn own(&mut self, name: &str, command: Command) {
        self.act(&command, &Actor::new(person(name), Scope::Own));
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn system(&mut self, command: Command) {
        self.act(&command, &Actor::system());
    }

    pub fn comes(&mut self, name: &str) {
        let known = conference().person(&person(name)).cloned();
        let participant = Participant {
            person: person(name),
            name: known.as_ref().map_or(name, |it| &it.name).to_owned(),
            role: known.as_ref().map_or(Role::Delegate, |it| it.role),
            delegation: known.and_then(|it| it.delegation),
            state: Presence::Seated,
            publishing: true,
            muted: false,
            joined_at: self.now,
        };
        let known = self.seated.insert(person(name), participant.clone());
        self.room(match known {
            None => RoomEvent::Joined { participant },
            Some(_) => RoomEvent::Updated { participant },
        });
        self.system(Command::Connected {
            person: person(name),
        });
        if name == "chair" && self.floor.chair().is_none() {
            self.chair(Command::Chair(ChairVerb::Take));
        }
    }

    pub fn drops(&mut self, name: &str) {
        if let Some(participant) = self.seated.get_mut(&person(name)) {
            participant.state = Presence::Away;
            let participant = participant.clone();
            self.room(RoomEvent::Updated { participant });
        }
        self.system(Command::Disconnected {
            person: person(name),
        });
    }

    pub fn speaks(&mut self, name: &str) {
        self.system(Command::Voice {
            person: person(name),
        });
    }

    pub fn asks(&mut self, name: &str, kind: Kind) -> RequestId {
        let wish = wish(name, kind);
        self.own(name, Command::Request(wish));
        let asked = self.log.iter().rev().find_map(|event| match &event.body {
            Body::Floor(Floored::Requested { request, .. }) => Some(request.id),
            _ => None,
        });
        asked.unwrap()
    }

    pub fn grants(&mut self, request: RequestId) {
        self.chair(Command::Grant {
            request,
            replace: None,
        });
    }

    pub fn after(&mut self, seconds: u64) {
        self.now = self.now.after(Millis::from_secs(seconds));
        self.system(Command::Tick);
    }

    pub fn is_down_for(&mut self, seconds: u64) {
        let down_since = self.now;
        self.now = self.now.after(Millis::from_secs(seconds));
        self.system(Command::Restarted { down_since });
    }

    pub fn takes_up_the_item(&mut self) {
        let item = self.item(ItemState::On);
        self.room(RoomEvent::AgendaStarted {
            item,
            by: person("chair"),
        });
    }

    pub fn ends_the_item(&mut self) {
        let item = self.item(ItemState::Done);
        self.room(RoomEvent::AgendaEnded {
            item,
            by: person("chair"),
        });
    }

    fn item(&self, state: ItemState) -> AgendaItem {
        let planned = conference().items[0].clone();
        let began = Moment(1_634_000_460_000);
        AgendaItem {
            id: planned.id,
            title: planned.title,
            kind: planned.kind,
            starts: Moment(1_634_000_400_000),
            minutes: planned.minutes,
            speakers: planned.speakers,
            limit: None,
            state,
            began: Some(began),
            ended: (state == ItemState::Done).then_some(self.now),
        }
    }

    /// Tokyo is for it, Seoul abstains, or objects.
    pub fn decides(&mut self, kind: DecisionKind, result: Verdict) {
        let vote = |delegation: &str, choice| RollEntry {
            delegation: DelegationId::new(delegation).unwrap(),
            choice: Some(choice),
            by: Some(person(&format!("{delegation}-1"))),
            at: Some(self.now),
        };
        let vote = |delegation, choice| match kind {
            DecisionKind::RollCall => vote(delegation, choice),
            DecisionKind::NoObjection => RollEntry {
                choice: None,
                by: None,
                at: None,
                ..vote(delegation, choice)
            },
        };
        let mut decision = Decision {
            id: DecisionId(self.log.len() as u64),
            kind,
            question: "Shall the declaration be adopted?".to_owned(),
            state: DecisionState::Open,
            opened_at: self.now,
            opened_by: person("chair"),
            closes_at: None,
            closed_at: None,
            item: None,
            roll: vec![vote("tokyo", Choice::Yes), vote("seoul", Choice::Abstain)],
            objections: Vec::new(),
            tally: Tally::default(),
            result: None,
        };
        self.room(RoomEvent::DecisionOpened {
            decision: decision.clone(),
        });
        self.after(30);
        decision.state = DecisionState::Closed;
        decision.closed_at = Some(self.now);
        decision.result = Some(result);
        match kind {
            DecisionKind::RollCall => (decision.tally.yes, decision.tally.abstain) = (1, 1),
            DecisionKind::NoObjection => decision.objections.push(Objection {
                delegation: DelegationId::new("seoul").unwrap(),
                by: person("seoul-1"),
                at: self.now,
                reason: Some("The third paragraph.".to_owned()),
            }),
        }
        self.room(RoomEvent::DecisionClosed {
            decision,
            by: Some(person("chair")),
        });
    }

    pub fn draw_up(&self) -> Proceedings {
        let conference = conference();
        let mut clerk = Clerk::new(&conference, &conference.rooms[0]);
        for event in &self.log {
            clerk.hear(event);
        }
        clerk.draw_up(self.now, self.now)
    }
}

pub fn wish(name: &str, kind: Kind) -> Wish {
    let delegation = name.split('-').next().unwrap();
    Wish {
        kind,
        beneficiary: Speaker {
            person: person(name),
            delegation: DelegationId::new(delegation).ok(),
            class: if delegation == "brussels" {
                Class::Observer
            } else {
                Class::Member
            },
        },
        priority: Priority::default(),
        info: None,
    }
}
