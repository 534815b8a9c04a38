//! Language tags, which also name the language channels.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that does not have the shape of a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a language is a BCP 47 tag, such as \"en\" or \"zh-Hant-TW\"")]
pub struct BadLanguage;

/// A BCP 47 language tag in its one usual spelling (RFC 5646, section 2.1.1), because tags are the same whatever their
/// case: `ja`, `zh-Hant-TW`. Cloning it copies a pointer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, schemars::JsonSchema)]
#[schemars(transparent)]
pub struct Language(#[schemars(regex(pattern = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"))] Arc<str>);

/// The longest tag that is read, in bytes: RFC 5646, section 4.4.1, asks for room for 35.
const MAX_TAG_BYTES: usize = 35;

impl Language {
    /// The word for the uninterpreted sound where a language could stand; no language tag may be this word.
    pub const FLOOR: &'static str = "floor";

    /// Checks a tag's shape, and keeps it in its usual spelling.
    pub fn new(tag: &str) -> Result<Self, BadLanguage> {
        let parts: Vec<&str> = tag.split('-').collect();
        let mut spelt = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
            let known = part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let fits = match at {
                0 => letters && (2..=8).contains(&part.len()),
                _ => known && (1..=8).contains(&part.len()),
            };
            if !fits {
                return Err(BadLanguage);
            }
            let after_singleton = parts.iter().take(at).any(|it| it.len() == 1);
            let low = part.to_ascii_lowercase();
            spelt.push(match part.len() {
                2 if at > 0 && !after_singleton => low.to_ascii_uppercase(),
                4 if at > 0 && !after_singleton && letters => titled(&low),
                _ => low,
            });
        }
        let spelt = spelt.join("-");
        if spelt.len() > MAX_TAG_BYTES || spelt == Self::FLOOR {
            return Err(BadLanguage);
        }
        Ok(Self(Arc::from(spelt)))
    }

    /// The one among these that serves who wants this language: itself, or the first that is left when its parts are taken
    /// away from the end (RFC 4647, section 3.4), so that `zh` serves who wants `zh-Hant-TW`.
    pub fn lookup<'a>(&self, among: &'a [Self]) -> Option<&'a Self> {
        let mut range: Vec<&str> = self.0.split('-').collect();
        while !range.is_empty() {
            let tag = range.join("-");
            if let Some(found) = among.iter().find(|it| *it.0 == *tag) {
                return Some(found);
            }
            range.pop();
            // A single letter says what the parts after it are, which are gone.
            while range.last().is_some_and(|part| part.len() == 1) {
                range.pop();
            }
        }
        None
    }

    /// The tag in its usual spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn titled(low: &str) -> String {
    let (first, rest) = low.split_at(1);
    first.to_ascii_uppercase() + rest
}

impl FromStr for Language {
    type Err = BadLanguage;
    fn from_str(tag: &str) -> Result<Self, BadLanguage> {
        Self::new(tag)
    }
}

impl std::borrow::Borrow<str> for Language {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Language({})", self.0)
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let tag = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        Self::new(&tag).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_in_any_case_and_kept_in_its_usual_spelling() {
        for (written, usual) in [
            ("JA", "ja"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("en-gb", "en-GB"),
            ("sl-ROZAJ", "sl-rozaj"),
            ("en-a-BB-x-TW", "en-a-bb-x-tw"),
        ] {
            assert_eq!(Language::new(written).unwrap().as_str(), usual);
        }
    }

    #[test]
    fn a_text_that_is_no_tag_or_is_the_word_floor_is_refused() {
        let long = "en-".to_owned() + &"abcdefgh-".repeat(4) + "abc";
        for bad in [
            "",
            "e",
            "12",
            "en-",
            "english language",
            "en_GB",
            "floor",
            "Floor",
            &long,
        ] {
            assert_eq!(Language::new(bad), Err(BadLanguage), "{bad:?}");
        }
    }

    #[test]
    fn a_more_general_language_serves_who_wants_a_special_one_and_not_the_other_way_round() {
        let tags = |all: &[&str]| {
            all.iter()
                .map(|it| Language::new(it).unwrap())
                .collect::<Vec<_>>()
        };
        let found = |wanted: &str, among: &[&str]| {
            let among = tags(among);
            Language::new(wanted)
                .unwrap()
                .lookup(&among)
                .map(ToString::to_string)
        };
        assert_eq!(found("zh-Hant-TW", &["en", "zh"]).as_deref(), Some("zh"));
        assert_eq!(
            found("zh-Hant-TW", &["zh", "zh-Hant"]).as_deref(),
            Some("zh-Hant")
        );
        assert_eq!(
            found("de-CH-x-phonebk", &["de-CH"]).as_deref(),
            Some("de-CH")
        );
        assert_eq!(found("zh", &["zh-Hant-TW"]), None);
        assert_eq!(found("ja", &[]), None);
    }
}
