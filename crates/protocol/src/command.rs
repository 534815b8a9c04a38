//! The commands of a room, the same over WebSocket and over HTTP.
//!
//! A group of commands is one module: its commands, for each the roles that may give it, its address over HTTP and the
//! result that it gives ([`Rules`]), and the checks that types cannot express. What a command does is decided in
//! `plenary-room`, and of the floor in `plenary-floor`. A command that lacks any of these does not compile.

mod agenda;
mod channel;
mod chat;
mod decision;
mod device;
mod floor;
mod notice;
mod participant;
mod record;
mod recording;
mod rules;
mod speech;
mod talk;

pub use agenda::{AgendaCommand, AgendaCommandType};
pub use channel::{ChannelCommand, ChannelCommandType};
pub use chat::{ChatCommand, ChatCommandType};
pub use decision::{DecisionCommand, DecisionCommandType};
pub(crate) use device::PUBLISH;
pub use device::{DeviceCommand, DeviceCommandType};
pub use notice::{NoticeCommand, NoticeCommandType};
pub use participant::{ParticipantCommand, ParticipantCommandType};
pub use record::{RecordCommand, RecordCommandType};
pub use recording::{RecordingCommand, RecordingCommandType};
pub use rules::{CommandRow, Method, Route, Rules, SchemaOf, schema_of};
pub use speech::{SpeechCommand, SpeechCommandType};
pub use talk::{TalkCommand, TalkCommandType};

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

use crate::{Code, Problem};

macro_rules! groups {
    ($($(#[$doc:meta])* $group:ident($commands:ty, $types:ty) in $module:ident;)+) => {
        /// A command; `type` names it. Over HTTP, `type` and the ids come from the path, the rest from the body.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Command {
            $($(#[$doc])* $group($commands),)+
        }

        $(impl From<$commands> for Command {
            fn from(command: $commands) -> Self {
                Self::$group(command)
            }
        })+

        /// How many commands there are.
        const COUNT: usize = 0 $(+ <$types>::ALL.len())+;

        /// The `type` of every command.
        #[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would refuse an index that is too large")]
        const TYPES: [&str; COUNT] = {
            let mut types = [""; COUNT];
            let mut at = 0;
            $({
                let group = <$types>::ALL;
                let mut index = 0;
                while index < group.len() {
                    types[at] = group[index].as_str();
                    at += 1;
                    index += 1;
                }
            })+
            types
        };

        impl Command {
            /// The table of all commands, a row for each.
            pub fn rows() -> impl Iterator<Item = CommandRow> {
                std::iter::empty()$(.chain(<$types>::ALL.iter().map(|command| CommandRow {
                    kind: command.as_str(),
                    rules: $module::rules(*command),
                })))+
            }

            /// The `type` of this command.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$group(command) => command.command_type().as_str(),)+
                }
            }

            /// The rules of this command.
            pub fn rules(&self) -> Rules {
                match self {
                    $(Self::$group(command) => $module::rules(command.command_type()),)+
                }
            }

            /// Checks what the types of the fields do not express.
            fn check(&self) -> Result<(), Problem> {
                match self {
                    $(Self::$group(command) => $module::check(command),)+
                }
            }

            /// The command of that `type`, if there is one; `message` holds all its fields, `type` among them.
            fn of_type(kind: &str, message: Value) -> Option<serde_json::Result<Self>> {
                $(if <$types>::ALL.iter().any(|command| command.as_str() == kind) {
                    return Some(serde_json::from_value::<$commands>(message).map(Self::$group));
                })+
                None
            }
        }

        /// One union of all commands, told apart by `type`.
        impl JsonSchema for Command {
            fn schema_name() -> Cow<'static, str> {
                "Command".into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let groups = [$(<$commands>::json_schema(generator),)+];
                let forms = groups.into_iter().filter_map(|mut group| group.remove("oneOf"));
                let forms: Vec<Value> = forms
                    .flat_map(|forms| match forms {
                        Value::Array(forms) => forms,
                        form => vec![form],
                    })
                    .collect();
                json_schema!({
                    "description": "A command; `type` names it. Over HTTP, `type` and the ids come from the path, the rest from the body.",
                    "oneOf": forms,
                })
            }
        }
    };
}

groups! {
    /// The floor, the list of speakers and the chair.
    Floor(plenary_floor::Command, plenary_floor::CommandType) in floor;
    /// The agenda of the room.
    Agenda(AgendaCommand, AgendaCommandType) in agenda;
    /// The questions that are put to the meeting.
    Decision(DecisionCommand, DecisionCommandType) in decision;
    /// The language channels of the room.
    Channel(ChannelCommand, ChannelCommandType) in channel;
    /// The speech that is under way.
    Speech(SpeechCommand, SpeechCommandType) in speech;
    /// The recorded address that is played.
    Recording(RecordingCommand, RecordingCommandType) in recording;
    /// The participants of the room.
    Participant(ParticipantCommand, ParticipantCommandType) in participant;
    /// The chat of the room.
    Chat(ChatCommand, ChatCommandType) in chat;
    /// The notices of the operators.
    Notice(NoticeCommand, NoticeCommandType) in notice;
    /// The record of the meeting.
    Record(RecordCommand, RecordCommandType) in record;
    /// The device that gives the command.
    Device(DeviceCommand, DeviceCommandType) in device;
    /// The side talks of two participants.
    Talk(TalkCommand, TalkCommandType) in talk;
}

impl Command {
    /// Every `type` of a command.
    pub const TYPES: &'static [&'static str] = &TYPES;

    /// The longest chat message or correction, in bytes. A reason or an info has at most [`plenary_floor::MAX_TEXT_BYTES`].
    pub const MAX_TEXT: usize = 8000;

    /// Reads a command from its `type` and its other fields.
    pub fn read(kind: &str, mut fields: Map<String, Value>) -> Result<Self, Problem> {
        let invalid = |detail| Problem::new(Code::Invalid, detail);
        fields.insert("type".to_owned(), Value::from(kind));
        let command = Self::of_type(kind, Value::Object(fields))
            .ok_or_else(|| invalid(format!("There is no command {kind:.40?}.")))?
            .map_err(|error| invalid(format!("The command {kind} is not understood: {error}.")))?;
        command.check().map(|()| command)
    }
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(message: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(message)?;
        match fields.remove("type") {
            Some(Value::String(kind)) => {
                Self::read(&kind, fields).map_err(|problem| D::Error::custom(problem.detail))
            }
            _ => Err(D::Error::missing_field("type")),
        }
    }
}

/// Passes a text of at most so many bytes.
fn at_most(most: usize, text: Option<&String>) -> Result<(), Problem> {
    match text.map_or(0, String::len) {
        long if long > most => invalid(format!(
            "A text has at most {most} bytes here; this one has {long}."
        )),
        _ => Ok(()),
    }
}

/// Passes a text that says something, of at most so many bytes.
fn some_text(what: &str, most: usize, text: &String) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return invalid(format!("The {what} is empty."));
    }
    at_most(most, Some(text))
}

fn invalid(detail: impl Into<String>) -> Result<(), Problem> {
    Err(Problem::new(Code::Invalid, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plenary_ids::RequestId;
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
        let expected = Command::Floor(plenary_floor::Command::Move {
            request,
            position: 1,
            overriding: true,
        });
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
