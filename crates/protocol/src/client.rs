//! The messages that a client sends over the WebSocket.

use plenary_ids::{PersonId, RoomId, Seq, TalkId};
use plenary_scene::SlotWant;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Number, Value};

use crate::{Code, Command, CommandId, Problem, SessionId, read_object};

/// A message of a client.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientMessage {
    /// The first message of a connection.
    Hello(Box<Hello>),
    /// A command, which gets exactly one reply.
    Command {
        /// The id that the reply repeats.
        command_id: CommandId,
        /// The command and its arguments.
        command: Command,
        /// Only if the floor has not changed since this event: the WebSocket's `If-Match`.
        if_match: Option<Seq>,
    },
    /// Renews the token; it gets exactly one reply too.
    RenewToken {
        /// The id that the reply repeats.
        command_id: CommandId,
    },
    /// A message for the media server or another participant.
    Signal(Signal),
    /// Changes the purposes of receiving lines; the server announces what they carry from then on.
    Slots(SlotsWanted),
    /// Asks for the server's time; the answer repeats the number.
    Clock {
        /// The client's own time, in whatever it counts.
        sent: Number,
    },
}

/// The first message of a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// From `redeem` or a renewal.
    pub token: String,
    /// The room to be seated in, or whose path is checked. Only the bearer of a check link, who knows no room, leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// The media offer, if media is wanted at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// The purposes of the offer's receiving lines, where the default is not wanted.
    #[serde(
        default,
        deserialize_with = "null_is_none",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "Option<Vec<SlotWant<String>>>")]
    pub slots: Vec<SlotWant<String>>,
    /// The session to resume after a lost connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// Only the media path is to be tried, without a seat: nobody learns of it, and nothing of the room is received.
    #[serde(
        default,
        deserialize_with = "null_is_none",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub check: bool,
    /// The client reads `events`, which carries several events at once.
    #[serde(
        default,
        deserialize_with = "null_is_none",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub batches: bool,
}

/// The session of a client whose connection broke, and the last event that it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The session of the broken connection.
    pub session: SessionId,
    /// The last event it saw.
    pub seq: Seq,
}

/// The new purposes of receiving lines. A line keeps its kind: sound stays sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotsWanted {
    /// The lines that are to change.
    pub slots: Vec<SlotWant<String>>,
}

/// A message for the receiver that `to` names.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// The receiver of the message.
    pub to: Address,
    /// The side talk to which it belongs. Then only the other device of that side talk receives it.
    pub talk: Option<TalkId>,
    /// The content, relayed untouched.
    pub payload: Payload,
}

/// The media server, or a participant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(from = "PersonId", into = "String")]
#[schemars(with = "String")]
pub enum Address {
    /// The media server of the room.
    Room,
    /// A participant; nobody can be called `room` here.
    Participant(PersonId),
}

impl From<PersonId> for Address {
    fn from(name: PersonId) -> Self {
        if name.as_str() == "room" {
            Self::Room
        } else {
            Self::Participant(name)
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        match address {
            Address::Room => "room".to_owned(),
            Address::Participant(person) => person.to_string(),
        }
    }
}

/// Exactly one of the three; relayed untouched, so its inside is not looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A session description that wants an answer.
    Offer(Value),
    /// The answer to an offer.
    Answer(Value),
    /// A candidate; `null` after the last.
    Candidate(Value),
}

/// A message that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// The `command_id`, where that much could be read.
    pub command_id: Option<CommandId>,
    /// The refusal, with a sentence that says why.
    pub problem: Problem,
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self {
            command_id: None,
            problem,
        }
    }
}

impl ClientMessage {
    /// Reads the text frame of a client.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let mut fields = read_object(text.as_bytes()).map_err(|error| {
            Problem::new(
                Code::Invalid,
                format!("A message is one JSON object: {error}."),
            )
        })?;
        let Some(Value::String(kind)) = fields.remove("type") else {
            return Err(Problem::new(Code::Invalid, "A message has a \"type\".").into());
        };
        match kind.as_str() {
            "hello" if !fields.get("token").is_some_and(Value::is_string) => {
                let detail = "A hello has a \"token\", which an invitation is redeemed for.";
                Err(Problem::new(Code::Unauthorized, detail).into())
            }
            "hello" => Ok(Self::Hello(Box::new(take(&kind, fields)?))),
            "signal" => Ok(Self::Signal(signal(fields)?)),
            "slots" => Ok(Self::Slots(take(&kind, fields)?)),
            "clock" => take::<ClockAsked>(&kind, fields)
                .map(|ClockAsked { sent }| Self::Clock { sent })
                .map_err(Into::into),
            "token.renew" => {
                let command_id = named(&mut fields)?;
                take::<Nothing>(&kind, fields).map_err(|problem| Unread {
                    command_id: Some(command_id.clone()),
                    problem,
                })?;
                Ok(Self::RenewToken { command_id })
            }
            _ => {
                let command_id = named(&mut fields)?;
                let if_match = seen(&mut fields).map_err(|problem| Unread {
                    command_id: Some(command_id.clone()),
                    problem,
                })?;
                match Command::read(&kind, fields) {
                    Ok(command) => Ok(Self::Command {
                        command_id,
                        command,
                        if_match,
                    }),
                    Err(problem) => Err(Unread {
                        command_id: Some(command_id),
                        problem,
                    }),
                }
            }
        }
    }
}

/// A request for the server's time.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockAsked {
    /// The client's own time, in whatever it counts; the answer repeats it.
    pub sent: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// `null` is like a field that is not there, as of the optional ones.
fn null_is_none<'de, D, T>(fields: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(fields).map(Option::unwrap_or_default)
}

fn take<T: DeserializeOwned>(kind: &str, fields: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| {
        Problem::new(
            Code::Invalid,
            format!("The message {kind} is not understood: {error}."),
        )
    })
}

fn named(fields: &mut Map<String, Value>) -> Result<CommandId, Problem> {
    let id = fields.remove("command_id").unwrap_or(Value::Null);
    serde_json::from_value(id).map_err(|_| {
        Problem::new(
            Code::Invalid,
            "A command has a \"command_id\" of 1 to 128 visible ASCII characters.",
        )
    })
}

fn seen(fields: &mut Map<String, Value>) -> Result<Option<Seq>, Problem> {
    let Some(seq) = fields.remove("if_match") else {
        return Ok(None);
    };
    serde_json::from_value(seq).map_err(|_| {
        Problem::new(
            Code::Invalid,
            "An \"if_match\" is the sequence number of the last event that was seen.",
        )
    })
}

/// By hand, because serde can not both flatten the payload and refuse unknown fields.
fn signal(mut fields: Map<String, Value>) -> Result<Signal, Problem> {
    let wrong = || {
        Problem::new(
            Code::Invalid,
            "A signal has \"to\", \"talk\" if it belongs to a side talk, and one of \"offer\", \"answer\" and \"candidate\".",
        )
    };
    let to = fields.remove("to").ok_or_else(wrong)?;
    let to = serde_json::from_value(to).map_err(|_| wrong())?;
    let talk = match fields.remove("talk") {
        Some(talk) => serde_json::from_value(talk).map_err(|_| wrong())?,
        None => None,
    };
    let mut fields = fields.into_iter();
    let payload = match (fields.next(), fields.next()) {
        (Some((name, value)), None) => match name.as_str() {
            "offer" => Payload::Offer(value),
            "answer" => Payload::Answer(value),
            "candidate" => Payload::Candidate(value),
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    Ok(Signal { to, talk, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_of_null_is_a_candidate() {
        let read =
            ClientMessage::read(r#"{"type":"signal","to":"seoul-1","candidate":null}"#).unwrap();
        let ClientMessage::Signal(signal) = read else {
            panic!("{read:?}")
        };
        assert_eq!(signal.payload, Payload::Candidate(Value::Null));
    }

    #[test]
    fn a_signal_may_belong_to_a_side_talk() {
        let read = |talk: &str| {
            ClientMessage::read(&format!(
                r#"{{"type":"signal","to":"seoul-1","talk":{talk},"offer":"v=0"}}"#
            ))
        };
        for (talk, expected) in [("\"t3\"", Some(TalkId(3))), ("null", None)] {
            let Ok(ClientMessage::Signal(signal)) = read(talk) else {
                panic!("{talk}")
            };
            assert_eq!(signal.talk, expected);
        }
        assert_eq!(read("3").unwrap_err().problem.code, Code::Invalid);
    }

    #[test]
    fn a_command_that_cannot_be_read_keeps_its_id_for_the_reply() {
        let unread =
            ClientMessage::read(r#"{"type":"floor.grant","command_id":"c1"}"#).unwrap_err();
        assert_eq!(unread.command_id, CommandId::new("c1").ok());
    }

    #[test]
    fn a_command_may_name_the_last_event_that_its_sender_saw() {
        let read = |seen: &str| {
            ClientMessage::read(&format!(
                r#"{{"type":"floor.next","command_id":"c1","if_match":{seen}}}"#
            ))
        };
        let Ok(ClientMessage::Command { if_match, .. }) = read("17") else {
            panic!("not read")
        };
        assert_eq!(if_match, Some(Seq(17)));
        let unread = read("\"17\"").unwrap_err();
        assert_eq!(unread.command_id, CommandId::new("c1").ok());
    }

    #[test]
    fn malformed_messages_are_invalid() {
        for text in [
            "",
            "[]",
            "1",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"floor.next"}"#,
            r#"{"type":"hello","token":"t","room":"a b"}"#,
            r#"{"type":"hello","token":"t","room":"a","x":1}"#,
            r#"{"type":"signal","to":"room"}"#,
            r#"{"type":"signal","to":"room","offer":1,"answer":2}"#,
            r#"{"type":"clock"}"#,
            r#"{"type":"floor.next","command_id":""}"#,
            r#"{"type":"token.renew","command_id":"c","x":1}"#,
        ] {
            assert_eq!(
                ClientMessage::read(text).unwrap_err().problem.code,
                Code::Invalid,
                "{text}"
            );
        }
    }

    #[test]
    fn a_hello_without_a_token_is_unauthorized_whatever_else_it_says() {
        for text in [
            r#"{"type":"hello"}"#,
            r#"{"type":"hello","token":null,"room":"a b"}"#,
        ] {
            let refused = ClientMessage::read(text).unwrap_err();
            assert_eq!(refused.problem.code, Code::Unauthorized, "{text}");
        }
    }
}
