//! Interpreting into the languages of the conference.

use plenary_conference::Role;
use plenary_floor::Scope;
use plenary_ids::{Language, PersonId};

use super::{Rules, invalid};
use crate::{Channel, Problem, Sound, permission::Allowed};

plenary_floor::commands! {
    /// A command about a language channel.
    #[derive(Eq)]
    pub enum ChannelCommand, ChannelCommandType;
    /// Begins to interpret into a language, from the floor or (relay) from another language; takes over from an
    /// interpreter who is lost.
    "channel.take" Take { language: Language, #[serde(default)] source: Sound }
    /// Ends the interpreting of the participant who gives the command.
    "channel.release" Release { language: Language }
    /// Hands one's channel to another interpreter, at once or after a time in which the other may take it early.
    "channel.hand_over" HandOver { language: Language, to: PersonId, in_ms: Option<u32> }
    /// Ends a handover that is under way: the interpreter keeps the channel.
    "channel.keep" Keep { language: Language }
    /// Changes the source from which one interprets.
    "channel.relay" Relay { language: Language, source: Sound }
    /// Gives a channel to an interpreter, even if another one has it.
    "channel.assign" Assign { language: Language, person: PersonId, #[serde(default)] source: Sound }
    /// Takes a channel from its interpreter, and ends its alarm.
    "channel.clear" Clear { language: Language }
}

const INTERPRET: Allowed = Allowed(&[(Role::Interpreter, Scope::Own)]);
const ASSIGN: Allowed = Allowed(&[
    (Role::Moderator, Scope::Chair),
    (Role::Operator, Scope::Operator),
]);

#[rustfmt::skip] // a table: a line is a row
pub(super) fn rules(command: ChannelCommandType) -> Rules {
    use ChannelCommandType as T;
    let channel = Rules::new::<Channel>;
    match command {
        T::Take => channel(INTERPRET).post("/channels/{language}/take"),
        T::Release => channel(INTERPRET).post("/channels/{language}/release"),
        T::HandOver => channel(INTERPRET).post("/channels/{language}/hand_over"),
        T::Keep => channel(INTERPRET).post("/channels/{language}/keep"),
        T::Relay => channel(INTERPRET).post("/channels/{language}/relay"),
        T::Assign => channel(ASSIGN).post("/channels/{language}/assign"),
        T::Clear => channel(ASSIGN).post("/channels/{language}/clear"),
    }
}

/// The longest time of a handover.
const MAX_HANDOVER_MS: u32 = 60_000;

pub(super) fn check(command: &ChannelCommand) -> Result<(), Problem> {
    match command {
        ChannelCommand::HandOver {
            in_ms: Some(in_ms), ..
        } if *in_ms > MAX_HANDOVER_MS => {
            invalid(format!("A handover takes at most {MAX_HANDOVER_MS} ms."))
        }
        ChannelCommand::Take { .. }
        | ChannelCommand::Release { .. }
        | ChannelCommand::HandOver { .. }
        | ChannelCommand::Keep { .. }
        | ChannelCommand::Relay { .. }
        | ChannelCommand::Assign { .. }
        | ChannelCommand::Clear { .. } => Ok(()),
    }
}

impl ChannelCommand {
    /// The channel that the command is about.
    pub fn language(&self) -> &Language {
        match self {
            Self::Take { language, .. }
            | Self::Release { language }
            | Self::HandOver { language, .. }
            | Self::Keep { language }
            | Self::Relay { language, .. }
            | Self::Assign { language, .. }
            | Self::Clear { language } => language,
        }
    }

    /// The source to interpret from, where the command names one.
    pub fn source(&self) -> Option<&Sound> {
        match self {
            Self::Take { source, .. }
            | Self::Relay { source, .. }
            | Self::Assign { source, .. } => Some(source),
            Self::Release { .. }
            | Self::HandOver { .. }
            | Self::Keep { .. }
            | Self::Clear { .. } => None,
        }
    }

    /// The person to whom the command gives the channel, if it gives it to anybody.
    pub fn given_to<'a>(&'a self, by: &'a PersonId) -> Option<&'a PersonId> {
        match self {
            Self::Take { .. } => Some(by),
            Self::HandOver { to, .. } => Some(to),
            Self::Assign { person, .. } => Some(person),
            Self::Release { .. } | Self::Keep { .. } | Self::Relay { .. } | Self::Clear { .. } => {
                None
            }
        }
    }
}
