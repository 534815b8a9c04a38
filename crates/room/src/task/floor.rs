//! The floor of a running room: commands of participants, and what the room itself tells its floor.

use plenary_conference::ItemKind;
use plenary_floor::{Actor, Command, FloorRequest, SystemCommand};
use plenary_ids::{Moment, PersonId};
use plenary_protocol::{CommandOutput, CommandResult, Problem};

use super::Room;
use crate::Body;

impl Room {
    /// Carries out a command to the floor. Its result is the request that it was about, or else the floor.
    pub(super) fn execute_floor(&mut self, command: &Command, actor: &Actor) -> CommandResult {
        let request = self.decide(command, actor)?;
        Ok(request.map_or_else(
            || self.state.floor_view(self.now()).into(),
            CommandOutput::from,
        ))
    }

    /// Has the floor decide a command; gives the request that it was about.
    pub(super) fn decide(
        &mut self,
        command: &Command,
        actor: &Actor,
    ) -> Result<Option<FloorRequest>, Problem> {
        let (floor, now) = (&self.state.floor, self.now());
        let events = plenary_floor::decide(floor, command, actor, &self.config, now)?;
        let bodies: Vec<Body> = events.into_iter().map(Body::Floor).collect();
        let about = subject(command, &bodies);
        self.emit(bodies);
        // Where nothing had to change, the request is as it was.
        let id = about.as_ref().map(|request| request.id);
        let id = id.or_else(|| command.request());
        Ok(id.and_then(|id| self.state.floor.request(id).or(about)))
    }

    /// Notes whether media arrives from a person. Only an address may be a recording that stalls; a debater may fall
    /// silent, and the clock goes on.
    pub(super) fn flow(&mut self, person: PersonId, flowing: bool) {
        let agenda = self.state.agenda.agenda(&self.config.agenda);
        let address = agenda
            .on()
            .is_some_and(|item| item.kind == ItemKind::Address);
        if flowing {
            self.apply_system_command(&SystemCommand::Flowing(person));
        } else if address {
            self.apply_system_command(&SystemCommand::Stalled(person));
        }
    }

    /// Tells the floor what the system knows and the floor cannot refuse.
    pub(super) fn apply_system_command(&mut self, command: &SystemCommand) {
        self.apply_system_command_as_of(command, self.now());
    }

    /// The same as of another moment, such as the end of a time line.
    pub(super) fn apply_system_command_as_of(&mut self, command: &SystemCommand, now: Moment) {
        let floor = &self.state.floor;
        match plenary_floor::decide_system(floor, command, &Actor::system(), now) {
            Ok(events) => self.emit(events.into_iter().map(Body::Floor).collect()),
            Err(refusal) => {
                tracing::debug!(room = %self.config.id, ?command, %refusal, "the floor has no use for this");
            }
        }
    }
}

/// The request that a command was about: the one it names, or the one that came of it.
fn subject(command: &Command, bodies: &[Body]) -> Option<FloorRequest> {
    let mut requests = bodies.iter().filter_map(Body::request);
    match command {
        Command::Request { .. } | Command::ListAdmit { .. } => requests.next().cloned(),
        Command::Next { .. } => requests
            .rfind(|request| request.state == plenary_floor::State::Granted)
            .cloned(),
        named => {
            let id = named.request()?;
            requests.rfind(|about| about.id == id).cloned()
        }
    }
}
