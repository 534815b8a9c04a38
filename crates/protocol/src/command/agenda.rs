//! Taking up the items of the agenda.

use plenary_ids::ItemId;

use super::Rules;
use crate::{AgendaItem, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about the agenda.
    #[derive(Eq)]
    pub enum AgendaCommand, AgendaCommandType;
    /// Takes up an item of the agenda, in place of the one that is on.
    "agenda.start" Start { item: ItemId }
    /// Says that the item that is on is done.
    "agenda.end" End { item: ItemId }
}

pub(super) fn rules(command: AgendaCommandType) -> Rules {
    let item = Rules::new::<AgendaItem>(Allowed::CHAIR);
    match command {
        AgendaCommandType::Start => item.post("/agenda/{item}/start"),
        AgendaCommandType::End => item.post("/agenda/{item}/end"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every group has the same check")]
pub(super) fn check(command: &AgendaCommand) -> Result<(), Problem> {
    match command {
        AgendaCommand::Start { .. } | AgendaCommand::End { .. } => Ok(()),
    }
}
