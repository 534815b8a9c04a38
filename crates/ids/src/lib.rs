//! The identifiers and units of time that every crate shares.
//!
//! It holds no behaviour: a newtype for each thing that is named on the wire, so that a person can never be passed
//! where a room is meant, and two types of time, [`Moment`] and [`Millis`], so that an instant can never be passed
//! where a duration is meant. Names come from outside, so each is checked once, when it is read.

mod bounded;
mod language;
pub mod rfc3339;
mod wire_enum;

use std::{fmt, sync::Arc};

pub use bounded::{BoundedMillis, TooLong};
pub use language::{BadLanguage, Language};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name that is not allowed: empty, longer than [`MAX_ID_BYTES`], or with a character outside `A-Z a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to {MAX_ID_BYTES} of the characters A-Z, a-z, 0-9, '.', '_' and '-'")]
pub struct BadId;

/// The longest name, in bytes.
pub const MAX_ID_BYTES: usize = 64;

fn check(name: &str) -> Result<(), BadId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=MAX_ID_BYTES).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(BadId)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, schemars::JsonSchema)]
        #[schemars(transparent)]
        pub struct $name(#[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))] Arc<str>);

        impl $name {
            /// Checks and keeps a name; cloning it afterwards copies a pointer.
            pub fn new(name: &str) -> Result<Self, BadId> {
                check(name)?;
                Ok(Self(Arc::from(name)))
            }

            /// The name as it stands in the conference file and on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(name: &str) -> Result<Self, BadId> {
                Self::new(name)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct NameVisitor;

                impl serde::de::Visitor<'_> for NameVisitor {
                    type Value = $name;

                    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                        out.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<$name, E> {
                        $name::new(name).map_err(E::custom)
                    }
                }

                // The visitor checks the name, so that a deserializer can say where a bad one stands.
                from.deserialize_str(NameVisitor)
            }
        }
    };
}

id! {
    /// A person of the conference file; on the wire it names the participant.
    PersonId
}
id! {
    /// The delegation of a city.
    DelegationId
}
id! {
    /// A sub-theme room, or the plenary.
    RoomId
}
id! {
    /// An item of the agenda.
    ItemId
}
id! {
    /// A recording of the media library.
    MediaId
}
id! {
    /// A take: what was recorded of one source during one speech.
    TakeId
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $letter:literal, $sentence:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!($letter, "{}"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let digits = text.strip_prefix($letter).ok_or(BadId)?;
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(BadId);
                }
                digits.parse().map(Self).map_err(|_| BadId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(|_| serde::de::Error::custom($sentence))
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": concat!("^", $letter, "[0-9]+$") })
            }
        }
    };
}

numbered! {
    /// A floor request, unique within its room; `r17` on the wire.
    RequestId, "r", "a request's id looks like \"r17\""
}
numbered! {
    /// A question put to the meeting, unique within its room; `d2` on the wire.
    DecisionId, "d", "a decision's id looks like \"d2\""
}

numbered! {
    /// A side talk of two participants, unique in its room until the server ends; `t3` on the wire.
    TalkId, "t", "a side talk's id looks like \"t3\""
}

/// The sequence number of an event in its room: without gaps, from 1 on.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The sequence number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A duration as a number of milliseconds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// A duration of so many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The sum of both, at most the largest duration.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference of both, at least zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Decisions get it as a parameter and read no clock.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Moment(pub u64);

impl Moment {
    /// The time since `earlier`; zero if `earlier` is later, because wall clocks step back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// The instant that is later by `delay`.
    #[must_use]
    pub const fn after(self, delay: Millis) -> Self {
        Self(self.0.saturating_add(delay.0))
    }

    /// The instant that is earlier by `delay`; at most back to 1970.
    #[must_use]
    pub const fn before(self, delay: Millis) -> Self {
        Self(self.0.saturating_sub(delay.0))
    }

    /// The same instant by a clock that was moved from `was` to `now`: as far from `now` as it was from `was`.
    #[must_use]
    pub const fn carried(self, was: Self, now: Self) -> Self {
        if self.0 >= was.0 {
            now.after(self.since(was))
        } else {
            now.before(was.since(self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_empty_too_long_or_has_a_slash_a_space_or_an_accent_is_refused() {
        for bad in ["", "a/b", "a b", "é", &"x".repeat(65)] {
            assert_eq!(PersonId::new(bad), Err(BadId), "{bad:?}");
        }
        assert_eq!(PersonId::new("tokyo-1").unwrap().as_str(), "tokyo-1");
    }

    #[test]
    fn a_request_id_reads_back_and_other_spellings_are_refused() {
        assert_eq!(RequestId(17).to_string().parse(), Ok(RequestId(17)));
        for bad in ["17", "r", "r-1", "r+1", "r99999999999999999999999"] {
            assert_eq!(bad.parse::<RequestId>(), Err(BadId), "{bad:?}");
        }
    }

    #[test]
    fn an_instant_keeps_its_distance_when_the_clock_is_moved_in_either_direction() {
        for (was, now) in [(1_000, 900_000), (900_000, 1_000)] {
            let (was, now) = (Moment(was), Moment(now));
            assert_eq!(was.after(Millis(7)).carried(was, now), now.after(Millis(7)));
            assert_eq!(
                was.before(Millis(7)).carried(was, now),
                now.before(Millis(7))
            );
        }
    }

    #[test]
    fn a_clock_that_steps_back_gives_no_negative_time() {
        assert_eq!(Moment(5).since(Moment(9)), Millis(0));
    }
}
