//! What interpreters ask of the speaker. Rules of order, section 16.

use plenary_conference::Role;
use plenary_floor::Scope;

use super::Rules;
use crate::{Problem, SlowerAsked, permission::Allowed};

plenary_floor::commands! {
    /// A command about a speech that is under way.
    #[derive(Eq)]
    pub enum SpeechCommand, SpeechCommandType;
    /// Asks the speaker to speak more slowly.
    "speech.slower" Slower {}
}

pub(super) fn rules(command: SpeechCommandType) -> Rules {
    match command {
        SpeechCommandType::Slower => {
            Rules::new::<SlowerAsked>(Allowed(&[(Role::Interpreter, Scope::Own)]))
                .post("/speech/slower")
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every group has the same check")]
pub(super) fn check(command: &SpeechCommand) -> Result<(), Problem> {
    match command {
        SpeechCommand::Slower {} => Ok(()),
    }
}
