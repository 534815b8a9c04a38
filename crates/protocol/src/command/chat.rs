//! The chat of a room, and calls for help to the operators. Rules of order, section 17.

use plenary_conference::Role;
use plenary_floor::{MAX_TEXT_BYTES, Scope};

use super::{Command, Rules, at_most, invalid, some_text};
use crate::{Audience, Posted, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about the chat.
    #[derive(Eq)]
    pub enum ChatCommand, ChatCommandType;
    /// Posts a message to the chat. With `help` it calls the operators, who get the figures of the sender's connection
    /// with it.
    "chat.post" Post { text: String, #[serde(default)] to: Audience, #[serde(default)] help: bool }
    /// Closes a call for help: an operator with an answer that its sender reads, or the sender, who withdraws it.
    "help.close" CloseHelp { message: u64, text: Option<String> }
}

const CHAT: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Moderator, Scope::Own),
    (Role::Clerk, Scope::Own),
    (Role::Interpreter, Scope::Own),
    (Role::Operator, Scope::Own),
]);

/// Staff and delegates close their own calls.
const CLOSE_HELP: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Moderator, Scope::Own),
    (Role::Clerk, Scope::Own),
    (Role::Interpreter, Scope::Own),
    (Role::Operator, Scope::Operator),
]);

pub(super) fn rules(command: ChatCommandType) -> Rules {
    let posted = Rules::new::<Posted>;
    match command {
        ChatCommandType::Post => posted(CHAT),
        ChatCommandType::CloseHelp => posted(CLOSE_HELP).post("/help/close"),
    }
}

pub(super) fn check(command: &ChatCommand) -> Result<(), Problem> {
    match command {
        ChatCommand::Post { help: true, to, .. } if *to != Audience::Operators => {
            invalid("A call for help goes to the operators: say \"to\": \"operators\".")
        }
        ChatCommand::Post { text, .. } => some_text("text", Command::MAX_TEXT, text),
        ChatCommand::CloseHelp { text, .. } => at_most(MAX_TEXT_BYTES, text.as_ref()),
    }
}
