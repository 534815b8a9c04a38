//! The durations that people set, with the one bound that holds wherever one is read: in the conference file and on the
//! wire.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::Millis;

/// A duration that a person sets: at most [`BoundedMillis::MAX`]. What is recorded is in [`Millis`], because a sum may be
/// longer, and so may a value from before there was a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BoundedMillis(Millis);

/// A duration that is longer than [`BoundedMillis::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a duration is at most a day, {} ms", BoundedMillis::MAX.0)]
pub struct TooLong;

impl BoundedMillis {
    /// A day: no speech, no grace and no vote takes longer.
    pub const MAX: Millis = Millis::from_secs(24 * 60 * 60);

    /// Checks a duration.
    pub const fn new(duration: Millis) -> Result<Self, TooLong> {
        if duration.0 <= Self::MAX.0 {
            Ok(Self(duration))
        } else {
            Err(TooLong)
        }
    }

    /// A duration of so many seconds, of which every number is within the bound.
    pub const fn from_secs(seconds: u16) -> Self {
        Self(Millis(seconds as u64 * 1000))
    }

    /// The duration.
    pub const fn get(self) -> Millis {
        self.0
    }
}

impl From<BoundedMillis> for Millis {
    fn from(duration: BoundedMillis) -> Self {
        duration.get()
    }
}

impl<'de> Deserialize<'de> for BoundedMillis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(Millis::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for BoundedMillis {
    fn schema_name() -> Cow<'static, str> {
        "BoundedMillis".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration that a person sets, in milliseconds: at most a day.",
            "type": "integer",
            "minimum": 0,
            "maximum": Self::MAX.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_that_a_person_sets_is_at_most_a_day() {
        let read = serde_json::from_str::<BoundedMillis>;
        assert_eq!(read("0").unwrap().get(), Millis(0));
        assert_eq!(read("86400000").unwrap().get(), BoundedMillis::MAX);
        for bad in ["86400001", "18446744073709551615", "1e30", "-1", "\"8m\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let error = read("86400001").unwrap_err().to_string();
        assert!(error.contains("at most a day"), "{error}");
    }

    #[test]
    fn every_number_of_seconds_that_can_be_written_is_within_the_bound() {
        assert!(BoundedMillis::from_secs(u16::MAX).get() <= BoundedMillis::MAX);
    }
}
