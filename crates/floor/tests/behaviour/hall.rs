//! A room to test in: eight cities, a chair from Taipei, and short words for the commands.

use plenary_floor::{
    Actor, ChairVerb, Class, Code, Command, Event, Floor, FloorRequest, Kind, ListVerb, Priority,
    Refusal, Scope, Settings, Speaker, State, Substate, Wish, apply, decide,
};
use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};

pub struct Hall {
    pub floor: Floor,
    pub now: Moment,
    pub last: Vec<Event>,
}

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

/// `seoul-2` is the second person of Seoul; Brussels observes.
pub fn speaker(name: &str) -> Speaker {
    let delegation = name.split('-').next().unwrap();
    Speaker {
        person: person(name),
        delegation: Some(DelegationId::new(delegation).unwrap()),
        class: if delegation == "brussels" {
            Class::Observer
        } else {
            Class::Member
        },
    }
}

pub fn wish(name: &str, kind: Kind) -> Wish {
    Wish {
        kind,
        beneficiary: speaker(name),
        priority: Priority::default(),
        info: None,
    }
}

impl Hall {
    /// Everybody is connected and Taipei's chair is in the chair.
    pub fn with(settings: Settings) -> Self {
        let mut hall = Self {
            floor: Floor::new(settings),
            now: Moment(1_000_000),
            last: Vec::new(),
        };
        for name in [
            "taipei-chair",
            "taipei-1",
            "tokyo-1",
            "seoul-1",
            "seoul-2",
            "delhi-1",
            "brussels-1",
            "singapore-1",
        ] {
            hall.connect(name);
        }
        hall.chair(Command::Chair(ChairVerb::Take)).unwrap();
        hall
    }

    pub fn moderated() -> Self {
        Self::with(Settings::default())
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn act(&mut self, command: Command, actor: &Actor) -> Result<(), Refusal> {
        self.last = decide(&self.floor, &command, actor, self.now)?;
        for event in &self.last {
            apply(&mut self.floor, event);
        }
        Ok(())
    }

    pub fn chair(&mut self, command: Command) -> Result<(), Refusal> {
        self.act(command, &Actor::new(person("taipei-chair"), Scope::Chair))
    }

    pub fn own(&mut self, name: &str, command: Command) -> Result<(), Refusal> {
        self.act(command, &Actor::new(person(name), Scope::Own))
    }

    pub fn system(&mut self, command: Command) {
        self.act(command, &Actor::system()).unwrap();
    }

    pub fn connect(&mut self, name: &str) {
        self.system(Command::Connected {
            person: person(name),
        });
    }

    pub fn drop(&mut self, name: &str) {
        self.system(Command::Disconnected {
            person: person(name),
        });
    }

    pub fn voice(&mut self, name: &str) {
        self.system(Command::Voice {
            person: person(name),
        });
    }

    pub fn after(&mut self, seconds: u64) {
        self.now = self.now.after(Millis::from_secs(seconds));
        self.system(Command::Tick);
    }

    pub fn ask(&mut self, name: &str) -> RequestId {
        self.ask_for(name, Kind::Statement)
    }

    pub fn ask_for(&mut self, name: &str, kind: Kind) -> RequestId {
        self.own(name, Command::Request(wish(name, kind))).unwrap();
        self.last.iter().find_map(Event::request).unwrap().id
    }

    /// Asked and accepted.
    pub fn listed(&mut self, name: &str) -> RequestId {
        let request = self.ask(name);
        self.chair(Command::Accept {
            request,
            position: None,
        })
        .unwrap();
        request
    }

    /// Asked, granted, and heard at once.
    pub fn speaking(&mut self, name: &str) -> RequestId {
        let request = self.ask(name);
        self.chair(Command::Grant {
            request,
            replace: None,
        })
        .unwrap();
        self.voice(name);
        request
    }

    pub fn list(&mut self, verb: ListVerb) -> Result<(), Refusal> {
        self.chair(Command::List(verb))
    }

    pub fn request(&self, id: RequestId) -> FloorRequest {
        self.floor.request(id).unwrap()
    }

    pub fn state(&self, id: RequestId) -> (State, Option<Substate>) {
        let request = self.request(id);
        (request.state, request.substate)
    }

    pub fn names(&self) -> Vec<String> {
        self.floor
            .order()
            .iter()
            .map(|id| self.request(*id).beneficiary.to_string())
            .collect()
    }

    pub fn heard(&self) -> Vec<String> {
        self.floor.live().map(ToString::to_string).collect()
    }

    pub fn consumed(&self, id: RequestId) -> u64 {
        self.floor.speech(id).unwrap().consumed_at(self.now).0
    }

    pub fn has_ended(&self, id: RequestId) -> bool {
        self.floor.request(id).is_none()
    }
}

pub fn code(result: Result<(), Refusal>) -> Code {
    result.unwrap_err().code
}
