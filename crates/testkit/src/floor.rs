//! A floor by itself, with short words for its commands.

use plenary_floor::{
    Actor, ChairVerb, Class, Code, Command, Event, Floor, FloorRequest, Kind, ListVerb, Priority,
    Refusal, Scope, Settings, Speaker, State, Substate, Wish, apply, decide,
};
use plenary_ids::{Millis, Moment, RequestId};

use crate::{START, delegation, person};

/// A floor, its time, and the events of the last command.
pub struct TestFloor {
    pub state: Floor,
    pub now: Moment,
    pub last_events: Vec<Event>,
    chair: &'static str,
}

/// The person `seoul-2` belongs to the delegation `seoul`; Brussels is an observer.
pub fn speaker(name: &str) -> Speaker {
    let city = name.split('-').next().unwrap();
    let class = match city {
        "brussels" => Class::Observer,
        _ => Class::Member,
    };
    Speaker {
        person: person(name),
        delegation: Some(delegation(city)),
        class,
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

/// The code of a refusal.
pub fn code(result: Result<(), Refusal>) -> Code {
    result.unwrap_err().code
}

impl TestFloor {
    /// Nobody is connected. `chair` is the moderator who gives the commands of the chair.
    pub fn empty(settings: Settings, chair: &'static str) -> Self {
        Self {
            state: Floor::new(settings),
            now: START,
            last_events: Vec::new(),
            chair,
        }
    }

    /// Eight people of seven cities are connected, and a moderator from Taipei has the chair.
    pub fn with_settings(settings: Settings) -> Self {
        let mut floor = Self::empty(settings, "taipei-chair");
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
            floor.connect(name);
        }
        floor.as_chair(Command::Chair(ChairVerb::Take)).unwrap();
        floor
    }

    /// With the default settings.
    pub fn moderated() -> Self {
        Self::with_settings(Settings::default())
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn execute(&mut self, command: Command, actor: &Actor) -> Result<(), Refusal> {
        self.last_events = decide(&self.state, &command, actor, self.now)?;
        for event in &self.last_events {
            apply(&mut self.state, event);
        }
        Ok(())
    }

    pub fn as_chair(&mut self, command: Command) -> Result<(), Refusal> {
        self.execute(command, &Actor::new(person(self.chair), Scope::Chair))
    }

    pub fn as_person(&mut self, name: &str, command: Command) -> Result<(), Refusal> {
        self.execute(command, &Actor::new(person(name), Scope::Own))
    }

    pub fn as_system(&mut self, command: Command) {
        self.execute(command, &Actor::system()).unwrap();
    }

    pub fn connect(&mut self, name: &str) {
        let person = person(name);
        self.as_system(Command::Connected { person });
    }

    pub fn disconnect(&mut self, name: &str) {
        let person = person(name);
        self.as_system(Command::Disconnected { person });
    }

    /// The first sound of a speaker reaches the server.
    pub fn voice(&mut self, name: &str) {
        let person = person(name);
        self.as_system(Command::Voice { person });
    }

    /// Lets so many seconds pass.
    pub fn advance(&mut self, seconds: u64) {
        self.now = self.now.after(Millis::from_secs(seconds));
        self.as_system(Command::Tick);
    }

    pub fn request(&mut self, name: &str) -> RequestId {
        self.request_for(name, Kind::Statement)
    }

    pub fn request_for(&mut self, name: &str, kind: Kind) -> RequestId {
        self.as_person(name, Command::Request(wish(name, kind)))
            .unwrap();
        let mut events = self.last_events.iter();
        events.find_map(Event::request).unwrap().id
    }

    /// Requests the floor and is accepted to the list.
    pub fn listed(&mut self, name: &str) -> RequestId {
        let request = self.request(name);
        let position = None;
        self.as_chair(Command::Accept { request, position })
            .unwrap();
        request
    }

    /// Requests the floor, is granted it, and is heard at once.
    pub fn speaking(&mut self, name: &str) -> RequestId {
        let request = self.request(name);
        let replace = None;
        self.as_chair(Command::Grant { request, replace }).unwrap();
        self.voice(name);
        request
    }

    pub fn list(&mut self, verb: ListVerb) -> Result<(), Refusal> {
        self.as_chair(Command::List(verb))
    }

    /// An open request.
    pub fn find(&self, id: RequestId) -> FloorRequest {
        self.state.request(id).unwrap()
    }

    pub fn state_of(&self, id: RequestId) -> (State, Option<Substate>) {
        let request = self.find(id);
        (request.state, request.substate)
    }

    /// The list in its order.
    pub fn listed_names(&self) -> Vec<String> {
        let order = self.state.order().iter();
        order
            .map(|id| self.find(*id).beneficiary.to_string())
            .collect()
    }

    pub fn live_names(&self) -> Vec<String> {
        self.state.live().map(ToString::to_string).collect()
    }

    /// How much of its time a speech has used, in milliseconds.
    pub fn consumed_ms(&self, id: RequestId) -> u64 {
        self.state.speech(id).unwrap().consumed_at(self.now).0
    }

    pub fn has_ended(&self, id: RequestId) -> bool {
        self.state.request(id).is_none()
    }
}
