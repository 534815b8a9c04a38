//! An interpreter who asks the speaker to speak more slowly. Rules of order, section 16.

use plenary_ids::{Millis, PersonId};
use plenary_protocol::{Code, CommandOutput, CommandResult, Problem, RoomEvent, SlowerAsked};

use super::Room;
use crate::Body;

/// How long a speaker is not asked again, whichever interpreter asks.
const SLOWER_INTERVAL: Millis = Millis::from_secs(10);

impl Room {
    /// Asks everybody who is heard from the floor, and the chair while the chair has priority.
    pub(super) fn ask_for_slower_speech(&mut self, by: PersonId) -> CommandResult {
        let floor = &self.state.floor;
        let mut speakers: Vec<PersonId> = floor.live().cloned().collect();
        if floor.is_chair_priority() {
            speakers.extend(self.state.seated_chair().cloned());
        }
        if speakers.is_empty() {
            return Err(Problem::new(Code::Conflict, "Nobody has the floor."));
        }
        let again = self.state.slower_asked.map(|at| at.after(SLOWER_INTERVAL));
        if again.is_some_and(|again| self.now() < again) {
            let detail = "The speaker was asked a moment ago; wait a little.";
            return Err(Problem::new(Code::RateLimited, detail));
        }
        let language = self.state.channels.of(&by);
        let language = language.map(|channel| channel.language.clone());
        self.emit(vec![Body::Room(RoomEvent::SlowerAsked {
            speakers: speakers.clone(),
            language,
            by,
        })]);
        Ok(CommandOutput::Slower(SlowerAsked { speakers }))
    }
}
