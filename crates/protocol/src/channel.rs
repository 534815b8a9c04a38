//! A language channel: its interpreter, its source, and the sound that its listeners hear.

use std::{fmt, str::FromStr};

use plenary_ids::{BadLanguage, Language, Moment, PersonId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A channel of a room; it has one for each language of the conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Channel {
    /// The language that is interpreted into.
    pub language: Language,
    /// The sound that its listeners hear.
    pub state: ChannelState,
    /// The interpreter of the channel, heard or not. An interpreter who disconnects and is back in time has it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<PersonId>,
    /// The interpreter who had it and did not return in time, until somebody takes it or it is cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<PersonId>,
    /// The sound that is interpreted: the floor, or another interpreter's language.
    #[serde(default)]
    pub source: Sound,
    /// A handover that is under way: its interpreter has offered it to another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
    /// The time of its last change; absent if nobody has ever interpreted.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub since: Option<Moment>,
}

/// A channel that is about to be handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Handover {
    /// The interpreter who receives it, and may take it early.
    pub to: PersonId,
    /// When the channel changes hands.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
}

/// The sound that the listeners of a channel hear.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// The voice of its interpreter.
    Interpreted,
    /// The floor, because nobody interprets.
    #[default]
    Floor,
    /// The floor, because its interpreter is lost or silenced.
    Interrupted,
}

/// Something that can be listened to: the floor, or a language.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Sound {
    /// The voices of the room itself.
    #[default]
    Floor,
    /// The interpretation into a language.
    Language(Language),
}

impl Channel {
    /// A channel in which nobody has interpreted yet.
    pub fn untouched(language: Language) -> Self {
        Self {
            language,
            state: ChannelState::Floor,
            interpreter: None,
            lost: None,
            handover: None,
            source: Sound::Floor,
            since: None,
        }
    }

    /// The interpreter whose voice flows in it.
    pub fn voice(&self) -> Option<&PersonId> {
        let is_heard = self.state == ChannelState::Interpreted;
        self.interpreter.as_ref().filter(|_| is_heard)
    }
}

impl FromStr for Sound {
    type Err = BadLanguage;
    fn from_str(text: &str) -> Result<Self, BadLanguage> {
        if text == Language::FLOOR {
            return Ok(Self::Floor);
        }
        Language::new(text).map(Self::Language)
    }
}

impl fmt::Display for Sound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Floor => out.write_str(Language::FLOOR),
            Self::Language(language) => language.fmt(out),
        }
    }
}

impl Serialize for Sound {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse()
            .map_err(|_| serde::de::Error::custom("a sound is \"floor\" or a language"))
    }
}

impl schemars::JsonSchema for Sound {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sound".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Something that can be listened to: `floor`, or a language as a BCP 47 tag.",
        })
    }
}
