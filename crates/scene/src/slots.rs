//! The receiving lines of a client: what it asks of each, and what each carries.

use plenary_ids::{Language, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Source;

/// The purpose of a slot; on the wire `"voice"`, `"stage"`, `"screen"`, `"tile"`, `"tile:tokyo-1"`, `"lang:ja"` or
/// `"nothing"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Want {
    /// The microphone of a participant who is heard.
    Voice,
    /// The camera of a participant on stage.
    Stage,
    /// The screen that a participant on stage shares.
    Screen,
    /// The camera of a seated participant, chosen by the server.
    Tile,
    /// The camera of this seated participant.
    TileOf(PersonId),
    /// The interpretation into a language; while there is none, the voices.
    Language(Language),
    /// Nothing, until something else is wanted.
    Nothing,
}

/// A purpose of a slot that this server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a slot wants \"voice\", \"stage\", \"screen\", \"tile\", \"tile:<person>\", \"lang:<tag>\" or \"nothing\""
)]
pub struct UnknownWant;

impl Want {
    /// The source that a slot of this purpose carries; none for [`Want::Nothing`].
    pub fn source(&self) -> Option<Source> {
        match self {
            Self::Voice | Self::Language(_) => Some(Source::Microphone),
            Self::Stage | Self::Tile | Self::TileOf(_) => Some(Source::Camera),
            Self::Screen => Some(Source::Screen),
            Self::Nothing => None,
        }
    }

    /// The size of the picture where the client asks for none.
    pub fn usual_size(&self) -> PictureSize {
        match self {
            Self::Stage | Self::Screen => PictureSize::Large,
            _ => PictureSize::Small,
        }
    }
}

impl TryFrom<String> for Want {
    type Error = UnknownWant;
    fn try_from(text: String) -> Result<Self, UnknownWant> {
        match text.as_str() {
            "voice" => Ok(Self::Voice),
            "stage" => Ok(Self::Stage),
            "screen" => Ok(Self::Screen),
            "tile" => Ok(Self::Tile),
            "nothing" => Ok(Self::Nothing),
            other => {
                if let Some(name) = other.strip_prefix("tile:") {
                    let person = PersonId::new(name).map_err(|_| UnknownWant)?;
                    return Ok(Self::TileOf(person));
                }
                let tag = other.strip_prefix("lang:").ok_or(UnknownWant)?;
                let language = Language::new(tag).map_err(|_| UnknownWant)?;
                Ok(Self::Language(language))
            }
        }
    }
}

impl From<Want> for String {
    fn from(want: Want) -> Self {
        match want {
            Want::Voice => "voice".to_owned(),
            Want::Stage => "stage".to_owned(),
            Want::Screen => "screen".to_owned(),
            Want::Tile => "tile".to_owned(),
            Want::Nothing => "nothing".to_owned(),
            Want::TileOf(person) => format!("tile:{person}"),
            Want::Language(tag) => format!("lang:{tag}"),
        }
    }
}

/// How large a client shows a picture, which says how good it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PictureSize {
    /// The smallest layer of the picture is enough.
    Small,
    /// The best layer for which the path has room.
    Large,
}

/// What a receiving line is to carry.
///
/// A message is read with `W = String`, so that a purpose of a later version is
/// refused by itself and not together with the message: [`SlotWant::understood`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    rename = "SlotWant",
    description = "What a receiving line is to carry."
)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SlotWant<W = Want> {
    pub mid: String,
    /// `voice`, `stage`, `screen`, `tile`, `tile:` with a person, or `lang:xx`; or `nothing`.
    pub wants: W,
    /// How large the picture is shown; absent: `large` for `stage` and `screen`, `small` for tiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<PictureSize>,
}

impl SlotWant<String> {
    /// The same with its purpose read.
    pub fn understood(self) -> Result<SlotWant, UnknownWant> {
        let Self { mid, wants, size } = self;
        Want::try_from(wants).map(|wants| SlotWant { mid, wants, size })
    }
}

/// What a receiving line carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SlotShows {
    pub mid: String,
    pub shows: Option<Shows>,
}

/// The source that a receiving line carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Shows {
    pub participant: PersonId,
    pub source: Source,
    /// Whether it is on stage; in a slot of a language, whether it is the sound of the floor.
    pub stage: bool,
    /// The language of the sound, of a recording's further tracks of sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether nothing comes at present.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// Why nothing comes, while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<PauseCause>,
}

/// Why a slot is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PauseCause {
    /// The path to this client has no room for it.
    Bandwidth,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_want_reads_as_it_was_written_and_an_unknown_one_is_refused() {
        for text in [
            "voice",
            "stage",
            "screen",
            "tile",
            "tile:tokyo-1",
            "nothing",
            "lang:ja",
        ] {
            let want = Want::try_from(text.to_owned()).unwrap();
            assert_eq!(String::from(want), text);
        }
        for text in ["", "juice", "lang:", "lang:e", "ja", "tile:", "tile:a b"] {
            assert_eq!(Want::try_from(text.to_owned()), Err(UnknownWant), "{text}");
        }
    }
}
