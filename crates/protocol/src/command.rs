//! What somebody wants done in a room, the same over WebSocket and over HTTP.

use std::collections::BTreeMap;

use plenary_floor::{Advance, Class, Kind, Mode, Overtime, Policy, WhenFull};
use plenary_ids::{
    DecisionId, DelegationId, ItemId, Language, Millis, Moment, PersonId, RequestId, RoomId, Seq,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Choice, Code, DecisionKind, Problem, Sound};

macro_rules! commands {
    ($($(#[$doc:meta])* $word:literal $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        /// A command; `type` names it. Over HTTP, `type` and the ids come from the path, the rest from the body.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(tag = "type", deny_unknown_fields)]
        #[expect(missing_docs, reason = "the fields are the contract's; each command says what it does")]
        pub enum Command {
            $($(#[$doc])* #[serde(rename = $word)] $name { $($(#[$field_meta])* $field: $type),* },)+
        }

        /// The `type` of a command, without its fields.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names of the commands")]
        pub enum CommandType {
            $($name,)+
        }

        impl CommandType {
            /// Every command.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it is written on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }

        impl Command {
            /// Every `type`.
            pub const TYPES: &'static [&'static str] = &[$($word),+];

            /// This command without its fields.
            pub fn command_type(&self) -> CommandType {
                match self { $(Self::$name { .. } => CommandType::$name),+ }
            }

            /// This command's `type`.
            pub fn kind(&self) -> &'static str {
                self.command_type().as_str()
            }
        }
    };
}

commands! {
    /// Asks for the floor.
    "floor.request" Request { kind: Option<Kind>, beneficiary: Option<PersonId>, priority: Option<u8>, info: Option<String> }
    /// Puts a pending request on the list.
    "floor.accept" Accept { request: RequestId, position: Option<u32> }
    /// Gives the floor, in place of `replace` if the floor is full.
    "floor.grant" Grant { request: RequestId, replace: Option<RequestId> }
    /// Refuses a request that has not been granted.
    "floor.deny" Deny { request: RequestId, reason: Option<String> }
    /// Withdraws a request.
    "floor.cancel" Cancel { request: RequestId }
    /// Moves a listed request to a position, against the policy if `override`.
    "floor.move" Move { request: RequestId, position: u32, #[serde(default, rename = "override")] overriding: bool }
    /// Skips a listed request until it is recalled.
    "floor.pass" Pass { request: RequestId }
    /// Keeps the place of a holder whose connection is lost for another `reconnect_grace`; then the chair is asked again.
    "floor.wait" Wait { request: RequestId }
    /// Lists a passed request again.
    "floor.recall" Recall { request: RequestId, position: Option<u32> }
    /// Silences a holder and stops the clock.
    "floor.suspend" Suspend { request: RequestId }
    /// Lets a suspended holder go on.
    "floor.resume" Resume { request: RequestId }
    /// Ends one's own speech.
    "floor.release" Release { request: RequestId }
    /// Wishes to hand the rest of one's speech to somebody; by the chair, consents.
    "floor.yield" Yield { request: RequestId, to: Option<PersonId> }
    /// Takes the floor away.
    "floor.revoke" Revoke { request: RequestId, reason: Option<String> }
    /// Lengthens a speech.
    "floor.extend" Extend { request: RequestId, by_ms: Millis }
    /// Sets the whole order at once.
    "floor.order" Order { ids: Vec<RequestId> }
    /// Ends the speech and grants the head of the list, in one step.
    "floor.next" Next {}
    /// Changes the floor's settings; what is absent stays.
    "floor.set" Set {
        mode: Option<Mode>, policy: Option<Policy>, nom: Option<u32>, advance: Option<Advance>, max_requests: Option<u32>,
        when_full: Option<WhenFull>, limit_ms: Option<Millis>, limit_by_kind_ms: Option<BTreeMap<Kind, Millis>>,
        limit_by_class_ms: Option<BTreeMap<Class, Millis>>, warning_ms: Option<Millis>, grace_ms: Option<Millis>,
        overtime: Option<Overtime>, reconnect_grace_ms: Option<Millis>, yielding: Option<bool>, carry_over: Option<bool>,
        protocol: Option<Vec<DelegationId>>, drawn: Option<char>,
    }
    /// Opens the list of speakers.
    "list.open" ListOpen {}
    /// Closes it.
    "list.close" ListClose {}
    /// Says when it will close.
    "list.announce_close" ListAnnounceClose { #[serde(with = "crate::rfc3339")] #[schemars(with = "String")] at: Moment }
    /// Opens a closed list again.
    "list.reopen" ListReopen {}
    /// Appends a person to a closed list, which is recorded.
    "list.admit" ListAdmit { person: PersonId, kind: Option<Kind> }
    /// Suspends the meeting.
    "list.adjourn" ListAdjourn {}
    /// Continues it.
    "list.resume" ListResume {}
    /// Ends a closed list on which nothing is left.
    "list.conclude" ListConclude {}
    /// Takes up an item of the agenda, in place of the one that is on.
    "agenda.start" AgendaStart { item: ItemId }
    /// Says that the item that is on is done.
    "agenda.end" AgendaEnd { item: ItemId }
    /// Puts a question to the meeting; one at a time is open in a room.
    "decision.open" DecisionOpen { kind: DecisionKind, question: String, closes_in_ms: Option<Millis>, item: Option<ItemId> }
    /// Objects, for one's delegation or (a clerk) for the one named.
    "decision.object" DecisionObject { decision: DecisionId, reason: Option<String>, delegation: Option<DelegationId> }
    /// Votes, for one's delegation or (a clerk) for the one named.
    "decision.vote" DecisionVote { decision: DecisionId, choice: Choice, delegation: Option<DelegationId> }
    /// Ends the taking of objections or votes, and says what was decided.
    "decision.close" DecisionClose { decision: DecisionId }
    /// Takes the question back.
    "decision.withdraw" DecisionWithdraw { decision: DecisionId }
    /// Takes a chair that is empty or whose holder is gone.
    "chair.take" ChairTake {}
    /// Hands the chair to another moderator.
    "chair.hand_over" ChairHandOver { to: PersonId }
    /// Suspends everybody else while the chair speaks.
    "chair.priority_on" ChairPriorityOn {}
    /// Restores them.
    "chair.priority_off" ChairPriorityOff {}
    /// Begins to interpret into a language, from the floor or (relay) from another language; takes over from one who
    /// is lost.
    "channel.take" ChannelTake { language: Language, #[serde(default)] source: Sound }
    /// Ends one's interpreting.
    "channel.release" ChannelRelease { language: Language }
    /// Hands one's channel to another interpreter.
    "channel.hand_over" ChannelHandOver { language: Language, to: PersonId }
    /// Says from what one interprets.
    "channel.relay" ChannelRelay { language: Language, source: Sound }
    /// Gives a channel to an interpreter, whoever has it.
    "channel.assign" ChannelAssign { language: Language, person: PersonId, #[serde(default)] source: Sound }
    /// Takes a channel from whoever has it, and ends its alarm.
    "channel.clear" ChannelClear { language: Language }
    /// Sends a person to another room.
    "participant.move" ParticipantMove { person: PersonId, to: RoomId }
    /// Sends a person out, until admitted again.
    "participant.remove" ParticipantRemove { person: PersonId, reason: Option<String> }
    /// Silences a person's microphone, or (`on: false`) lets it be heard again.
    "participant.mute" ParticipantMute { person: PersonId, #[serde(default = "yes")] on: bool }
    /// Lets a removed person in again; anybody else is admitted to the list of speakers, if it is closed.
    "participant.admit" ParticipantAdmit { person: PersonId }
    /// Says something in writing.
    "chat.post" ChatPost { text: String, #[serde(default)] to: Audience }
    /// Puts something right in the record, which itself stays as it is.
    "proceedings.correct" ProceedingsCorrect { about_seq: Option<Seq>, text: String }
    /// Makes the device that says so the one that publishes.
    "device.use" DeviceUse {}
}

/// Who reads a chat message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody in the room.
    #[default]
    Room,
    /// The moderators and the author.
    Moderators,
}

impl Command {
    /// The longest chat message or correction, in bytes. A reason or an info has at most [`plenary_floor::MAX_WORDS`].
    pub const MAX_TEXT: usize = 8000;

    /// Reads a command from its `type` and its other fields.
    pub fn read(kind: &str, mut fields: Map<String, Value>) -> Result<Self, Problem> {
        if !Self::TYPES.contains(&kind) {
            return Err(Problem::new(
                Code::Invalid,
                format!("There is no command {kind:.40?}."),
            ));
        }
        fields.insert("type".to_owned(), Value::from(kind));
        let command: Self = serde_json::from_value(Value::Object(fields)).map_err(|error| {
            Problem::new(
                Code::Invalid,
                format!("The command {kind} is not understood: {error}."),
            )
        })?;
        command.check().map(|()| command)
    }

    /// What the types cannot say.
    fn check(&self) -> Result<(), Problem> {
        let invalid = |detail: String| Err(Problem::new(Code::Invalid, detail));
        let (text, most) = match self {
            Self::ChatPost { text, .. } | Self::ProceedingsCorrect { text, .. }
                if text.trim().is_empty() =>
            {
                return invalid("The text is empty.".to_owned());
            }
            Self::ChatPost { text, .. } | Self::ProceedingsCorrect { text, .. } => {
                (Some(text), Self::MAX_TEXT)
            }
            Self::DecisionOpen { question, .. } if question.trim().is_empty() => {
                return invalid("The question is empty.".to_owned());
            }
            Self::DecisionOpen {
                closes_in_ms: Some(time),
                ..
            } if *time == Millis(0) || *time > LONGEST => {
                return invalid("A question is open for some time, and at most a day.".to_owned());
            }
            Self::Request {
                priority: Some(5..),
                ..
            } => return invalid("A priority is between 0 and 4.".to_owned()),
            Self::Request { info: text, .. }
            | Self::Deny { reason: text, .. }
            | Self::Revoke { reason: text, .. }
            | Self::DecisionObject { reason: text, .. }
            | Self::ParticipantRemove { reason: text, .. } => {
                (text.as_ref(), plenary_floor::MAX_WORDS)
            }
            Self::DecisionOpen { question: text, .. } => (Some(text), plenary_floor::MAX_WORDS),
            _ => (None, 0),
        };
        match text.map_or(0, String::len) {
            long if long > most => invalid(format!(
                "A text has at most {most} bytes here; this one has {long}."
            )),
            _ => Ok(()),
        }
    }
}

/// The longest time for which a question is open.
const LONGEST: Millis = Millis::from_secs(24 * 60 * 60);

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(kind: &str, fields: Value) -> Result<Command, Problem> {
        let Value::Object(fields) = fields else {
            panic!("an object")
        };
        Command::read(kind, fields)
    }

    #[test]
    fn a_command_reads_the_same_from_a_path_and_a_body_as_from_a_message() {
        let request = RequestId(3);
        let expected = Command::Move {
            request,
            position: 1,
            overriding: true,
        };
        assert_eq!(
            read(
                "floor.move",
                json!({"request": "r3", "position": 1, "override": true})
            ),
            Ok(expected)
        );
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        for (kind, fields) in [
            ("floor.next", json!({"colour": 1})),
            ("floor.pass", json!({"request": "r1", "colour": 1})),
        ] {
            let problem = read(kind, fields).unwrap_err();
            assert_eq!(problem.code, Code::Invalid);
            assert!(problem.detail.contains("colour"), "{}", problem.detail);
        }
    }

    #[test]
    fn a_missing_wrong_or_huge_field_and_an_unknown_command_are_invalid() {
        let long = "x".repeat(Command::MAX_TEXT + 1);
        for (kind, fields) in [
            ("floor.grant", json!({})),
            ("floor.grant", json!({"request": 3})),
            ("floor.request", json!({"priority": 5})),
            ("floor.request", json!({"priority": -1})),
            ("chat.post", json!({"text": long})),
            ("chat.post", json!({"text": " "})),
            ("floor.seize", json!({})),
        ] {
            assert_eq!(
                read(kind, fields.clone()).unwrap_err().code,
                Code::Invalid,
                "{kind} {fields}"
            );
        }
    }
}
