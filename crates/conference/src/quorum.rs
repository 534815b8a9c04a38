//! How many member delegations have to be present for a decision.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The largest number in a quorum; no conference has more members.
const MAX_NUMBER: u32 = 1000;

/// A quorum: a number of member delegations, or a fraction of them.
///
/// ```
/// use plenary_conference::Quorum;
/// assert_eq!("2/3".parse::<Quorum>().unwrap().needed(14), 10);
/// assert_eq!("8".parse::<Quorum>().unwrap().needed(14), 8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum(Rule);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Members(u32),
    Fraction { parts: u32, of: u32 },
}

/// A text or number that is not a quorum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a quorum is a number of members from 1 to {MAX_NUMBER}, or a fraction of them such as \"1/2\""
)]
pub struct BadQuorum;

impl Quorum {
    /// That many member delegations.
    pub fn members(number: u32) -> Result<Self, BadQuorum> {
        in_range(number).map(|number| Self(Rule::Members(number)))
    }

    /// At least that fraction of the member delegations.
    pub fn fraction(parts: u32, of: u32) -> Result<Self, BadQuorum> {
        let (parts, of) = (in_range(parts)?, in_range(of)?);
        if parts > of {
            return Err(BadQuorum);
        }
        Ok(Self(Rule::Fraction { parts, of }))
    }

    /// How many of so many member delegations have to be present: of a fraction, the next whole number.
    pub fn needed(self, members: u32) -> u32 {
        match self.0 {
            Rule::Members(number) => number,
            Rule::Fraction { parts, of } => {
                let needed = (u64::from(members) * u64::from(parts)).div_ceil(u64::from(of));
                u32::try_from(needed).unwrap_or(u32::MAX)
            }
        }
    }
}

fn in_range(number: u32) -> Result<u32, BadQuorum> {
    if (1..=MAX_NUMBER).contains(&number) {
        Ok(number)
    } else {
        Err(BadQuorum)
    }
}

impl FromStr for Quorum {
    type Err = BadQuorum;

    fn from_str(text: &str) -> Result<Self, BadQuorum> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain
                .then(|| digits.parse().ok())
                .flatten()
                .ok_or(BadQuorum)
        };
        match text.split_once('/') {
            Some((parts, of)) => Self::fraction(number(parts)?, number(of)?),
            None => Self::members(number(text)?),
        }
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Rule::Members(number) => write!(out, "{number}"),
            Rule::Fraction { parts, of } => write!(out, "{parts}/{of}"),
        }
    }
}

impl Serialize for Quorum {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Rule::Members(number) => out.serialize_u32(number),
            Rule::Fraction { .. } => out.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Quorum {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct QuorumVisitor;

        impl de::Visitor<'_> for QuorumVisitor {
            type Value = Quorum;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{BadQuorum}")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Quorum, E> {
                let number = u32::try_from(number).map_err(|_| E::custom(BadQuorum))?;
                Quorum::members(number).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quorum, E> {
                let number = u64::try_from(number).map_err(|_| E::custom(BadQuorum))?;
                self.visit_u64(number)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Quorum, E> {
                text.parse().map_err(E::custom)
            }
        }

        from.deserialize_any(QuorumVisitor)
    }
}

impl JsonSchema for Quorum {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quorum".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many member delegations have to be present: a number, or a fraction of the members.",
            "oneOf": [
                { "type": "integer", "minimum": 1, "maximum": MAX_NUMBER },
                { "type": "string", "pattern": "^[0-9]{1,4}(/[0-9]{1,4})?$" },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_rounded_up_to_whole_members() {
        let needed = |text: &str, members| text.parse::<Quorum>().unwrap().needed(members);
        assert_eq!(needed("1/2", 14), 7);
        assert_eq!(needed("1/2", 15), 8);
        assert_eq!(needed("2/3", 14), 10);
        assert_eq!(needed("1/1", 14), 14);
        assert_eq!(needed("8", 3), 8);
        assert_eq!(needed("1/2", 0), 0);
    }

    #[test]
    fn a_quorum_of_nobody_of_more_than_all_or_of_nonsense_is_refused() {
        for bad in [
            "", "0", "0/3", "3/0", "4/3", "1/", "/2", "+1/2", "half", "1001", "-1", "1/2/3",
        ] {
            assert_eq!(bad.parse::<Quorum>(), Err(BadQuorum), "{bad:?}");
        }
    }

    #[test]
    fn a_quorum_is_a_number_or_a_text_in_json_and_reads_back() {
        for (text, json) in [("8", "8"), ("2/3", "\"2/3\"")] {
            let quorum: Quorum = text.parse().unwrap();
            assert_eq!(serde_json::to_string(&quorum).unwrap(), json);
            assert_eq!(serde_json::from_str::<Quorum>(json).unwrap(), quorum);
        }
        for bad in ["0", "-1", "1.5", "\"3/2\"", "null", "18446744073709551615"] {
            assert!(serde_json::from_str::<Quorum>(bad).is_err(), "{bad}");
        }
    }
}
