//! A message of the chat, its readers, and the figures that come with a call for help.

use std::{fmt, str::FromStr};

use plenary_ids::{BadLanguage, Language, Moment, PersonId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A message of the chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChatMessage {
    /// The number of the message in the room.
    pub id: u64,
    /// The participant who wrote it.
    pub from: PersonId,
    /// The participants who may read it.
    pub to: Audience,
    /// The text of the message.
    pub text: String,
    /// Whether it calls the operators for help.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub help: bool,
    /// The sender's connection as the server saw it, with a call for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Box<SeatFigures>>,
}

/// A message of the chat in a snapshot, with the time at which it was posted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChatLine {
    /// The message.
    #[serde(flatten)]
    pub message: ChatMessage,
    /// When it was posted.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
}

/// The participants who may read a chat message, besides its author.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Audience {
    /// Everybody who is in the room.
    #[default]
    Room,
    /// The moderators.
    Moderators,
    /// The operators.
    Operators,
    /// The interpreters into a language.
    Booth(Language),
}

/// The figures of a seat in a call for help: those of `GET /health`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SeatFigures {
    /// `connected`, `seated` (without media), `connecting` or `away`.
    pub state: String,
    /// `good`, `fair`, `poor` or `lost`.
    pub quality: String,
    /// The trouble and its side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The path: its kind (`udp`, `tcp`, `turn-udp`, `turn-tcp`, `turn-tls`) and the client's address, as `udp 203.0.113.5:50000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ice_path: Option<String>,
    /// Round-trip time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<f64>,
    /// Fraction of packets lost on the uplink, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_up: Option<f64>,
    /// Fraction of packets lost on the downlink, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_down: Option<f64>,
    /// Jitter on the uplink in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<f64>,
    /// Bits per second on the uplink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate_up: Option<u64>,
    /// Bits per second on the downlink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate_down: Option<u64>,
}

/// What stands before the language of a booth.
const BOOTH: &str = "booth:";

impl FromStr for Audience {
    type Err = BadLanguage;
    fn from_str(text: &str) -> Result<Self, BadLanguage> {
        match text {
            "room" => Ok(Self::Room),
            "moderators" => Ok(Self::Moderators),
            "operators" => Ok(Self::Operators),
            _ => Language::new(text.strip_prefix(BOOTH).unwrap_or_default()).map(Self::Booth),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => out.write_str("room"),
            Self::Moderators => out.write_str("moderators"),
            Self::Operators => out.write_str("operators"),
            Self::Booth(language) => write!(out, "{BOOTH}{language}"),
        }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| {
            D::Error::custom(
                "a message goes to \"room\", \"moderators\", \"operators\" or \"booth:LANGUAGE\"",
            )
        })
    }
}

impl schemars::JsonSchema for Audience {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Audience".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The participants who may read a chat message, besides its author: `room`, `moderators`, `operators`, or the interpreters into a language as `booth:` and a BCP 47 tag.",
        })
    }
}
