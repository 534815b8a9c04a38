//! The chat of a room.

use plenary_conference::Role;
use plenary_floor::Scope;
use serde::{Deserialize, Serialize};

use super::{Command, Rules, some_text};
use crate::{Posted, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about the chat.
    #[derive(Eq)]
    pub enum ChatCommand, ChatCommandType;
    /// Posts a message to the chat.
    "chat.post" Post { text: String, #[serde(default)] to: Audience }
}

/// The participants who may read a chat message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody who is in the room.
    #[default]
    Room,
    /// The moderators and the author.
    Moderators,
}

const CHAT: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Moderator, Scope::Own),
    (Role::Clerk, Scope::Own),
    (Role::Interpreter, Scope::Own),
    (Role::Operator, Scope::Own),
]);

pub(super) fn rules(command: ChatCommandType) -> Rules {
    match command {
        ChatCommandType::Post => Rules::new::<Posted>(CHAT),
    }
}

pub(super) fn check(command: &ChatCommand) -> Result<(), Problem> {
    match command {
        ChatCommand::Post { text, .. } => some_text("text", Command::MAX_TEXT, text),
    }
}
