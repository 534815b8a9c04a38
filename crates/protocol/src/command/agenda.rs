//! Starting, ending and postponing the items of the agenda, and putting their planned speakers on the list.

use plenary_ids::ItemId;

use super::{Rules, invalid};
use crate::{AgendaItem, Loaded, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about the agenda.
    #[derive(Eq)]
    pub enum AgendaCommand, AgendaCommandType;
    /// Starts an item of the agenda, and ends the one that is on.
    "agenda.start" Start { item: ItemId }
    /// Ends the item that is on.
    "agenda.end" End { item: ItemId }
    /// Postpones an item that was not taken up, by minutes or to the end of the agenda.
    "agenda.postpone" Postpone { item: ItemId, by_minutes: Option<u32> }
    /// Puts the planned speakers of an item on the list, in their order.
    "agenda.load" Load { item: ItemId }
}

/// An item is postponed by a day at most.
const MAX_POSTPONED_MINUTES: u32 = 24 * 60;

pub(super) fn rules(command: AgendaCommandType) -> Rules {
    let item = Rules::new::<AgendaItem>(Allowed::CHAIR);
    match command {
        AgendaCommandType::Start => item.post("/agenda/{item}/start"),
        AgendaCommandType::End => item.post("/agenda/{item}/end"),
        AgendaCommandType::Postpone => item.post("/agenda/{item}/postpone"),
        AgendaCommandType::Load => Rules::new::<Loaded>(Allowed::CHAIR).post("/agenda/{item}/load"),
    }
}

pub(super) fn check(command: &AgendaCommand) -> Result<(), Problem> {
    match command {
        AgendaCommand::Postpone {
            by_minutes: Some(minutes),
            ..
        } if !(1..=MAX_POSTPONED_MINUTES).contains(minutes) => invalid(format!(
            "An item is postponed by 1 to {MAX_POSTPONED_MINUTES} minutes, or to the end of the agenda."
        )),
        AgendaCommand::Start { .. }
        | AgendaCommand::End { .. }
        | AgendaCommand::Postpone { .. }
        | AgendaCommand::Load { .. } => Ok(()),
    }
}
