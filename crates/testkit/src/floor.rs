//! A floor by itself, with a method for each of its commands.

use plenary_floor::{
    Actor, Class, Code, Command, Directory, Event, Floor, FloorRequest, Kind, Refusal, Scope,
    Settings, Speaker, State, Substate, SystemCommand, apply, decide, decide_system,
};
use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};

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

/// The command that requests the floor for a person.
pub fn requesting(name: &str, kind: Kind) -> Command {
    Command::Request {
        kind: Some(kind),
        beneficiary: Some(person(name)),
        priority: None,
        info: None,
    }
}

/// The command that admits a person to a closed list.
pub fn admitting(name: &str, kind: Kind) -> Command {
    Command::ListAdmit {
        person: person(name),
        kind: Some(kind),
    }
}

/// A directory in which everybody may speak and preside, and every delegation is known.
pub struct Everybody;

impl Directory for Everybody {
    fn speaker(&self, person: &PersonId) -> Result<Speaker, Refusal> {
        Ok(speaker(person.as_str()))
    }

    fn can_preside(&self, _: &PersonId) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_delegation(&self, _: &DelegationId) -> Result<(), Refusal> {
        Ok(())
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
        floor.as_chair(Command::ChairTake {}).unwrap();
        floor
    }

    /// With the default settings.
    pub fn moderated() -> Self {
        Self::with_settings(Settings::default())
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn execute(&mut self, command: Command, actor: &Actor) -> Result<(), Refusal> {
        let events = decide(&self.state, &command, actor, &Everybody, self.now)?;
        self.fold(events);
        Ok(())
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at every call")]
    pub fn execute_system(&mut self, command: SystemCommand, actor: &Actor) -> Result<(), Refusal> {
        let events = decide_system(&self.state, &command, actor, self.now)?;
        self.fold(events);
        Ok(())
    }

    fn fold(&mut self, events: Vec<Event>) {
        for event in &events {
            apply(&mut self.state, event);
        }
        self.last_events = events;
    }

    pub fn as_chair(&mut self, command: Command) -> Result<(), Refusal> {
        self.execute(command, &Actor::new(person(self.chair), Scope::Chair))
    }

    pub fn as_person(&mut self, name: &str, command: Command) -> Result<(), Refusal> {
        self.execute(command, &Actor::new(person(name), Scope::Own))
    }

    pub fn as_system(&mut self, command: SystemCommand) {
        self.execute_system(command, &Actor::system()).unwrap();
    }

    pub fn connect(&mut self, name: &str) {
        let person = person(name);
        self.as_system(SystemCommand::Connected(person));
    }

    pub fn disconnect(&mut self, name: &str) {
        let person = person(name);
        self.as_system(SystemCommand::Disconnected(person));
    }

    /// The first sound of a speaker reaches the server.
    pub fn voice(&mut self, name: &str) {
        let person = person(name);
        self.as_system(SystemCommand::Voice(person));
    }

    /// Lets so many seconds pass.
    pub fn advance(&mut self, seconds: u64) {
        self.now = self.now.after(Millis::from_secs(seconds));
        self.as_system(SystemCommand::Tick);
    }

    pub fn request(&mut self, name: &str) -> RequestId {
        self.request_for(name, Kind::Statement)
    }

    pub fn request_for(&mut self, name: &str, kind: Kind) -> RequestId {
        self.as_person(name, requesting(name, kind)).unwrap();
        let mut events = self.last_events.iter();
        events.find_map(Event::request).unwrap().id
    }

    /// Requests the floor and is accepted to the list.
    pub fn listed(&mut self, name: &str) -> RequestId {
        let request = self.request(name);
        self.accept(request).unwrap();
        request
    }

    /// Requests the floor, is granted it, and is heard at once.
    pub fn speaking(&mut self, name: &str) -> RequestId {
        let request = self.request(name);
        self.grant(request).unwrap();
        self.voice(name);
        request
    }

    pub fn accept(&mut self, request: RequestId) -> Result<(), Refusal> {
        let position = None;
        self.as_chair(Command::Accept { request, position })
    }

    pub fn grant(&mut self, request: RequestId) -> Result<(), Refusal> {
        let replace = None;
        self.as_chair(Command::Grant { request, replace })
    }

    pub fn deny(&mut self, request: RequestId) -> Result<(), Refusal> {
        let reason = None;
        self.as_chair(Command::Deny { request, reason })
    }

    pub fn recall(&mut self, request: RequestId) -> Result<(), Refusal> {
        let position = None;
        self.as_chair(Command::Recall { request, position })
    }

    pub fn revoke(&mut self, request: RequestId) -> Result<(), Refusal> {
        let reason = None;
        self.as_chair(Command::Revoke { request, reason })
    }

    pub fn pass(&mut self, request: RequestId) -> Result<(), Refusal> {
        self.as_chair(Command::Pass { request })
    }

    pub fn wait(&mut self, request: RequestId) -> Result<(), Refusal> {
        self.as_chair(Command::Wait { request })
    }

    pub fn suspend(&mut self, request: RequestId) -> Result<(), Refusal> {
        self.as_chair(Command::Suspend { request })
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
