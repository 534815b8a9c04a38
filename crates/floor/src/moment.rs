//! Moments on the wire: RFC 3339 with milliseconds, as the contract has them.

use jiff::Timestamp;
use plenary_ids::Moment;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// The moment as RFC 3339 text in UTC; one beyond the year 9999 is written as the last one that can be.
pub(crate) fn text(moment: Moment) -> String {
    let millis = i64::try_from(moment.0).unwrap_or(i64::MAX);
    let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    format!("{timestamp:.3}")
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands in a reference to the field"
)]
pub(crate) fn serialize<S: Serializer>(moment: &Moment, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&text(*moment))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
    let timestamp: Timestamp = text.parse().map_err(D::Error::custom)?;
    u64::try_from(timestamp.as_millisecond())
        .map(Moment)
        .map_err(|_| D::Error::custom("a moment before 1970"))
}

/// The same for a moment that may be missing.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Moment, Serializer};

    #[derive(serde::Serialize, Deserialize)]
    struct Wire(#[serde(with = "super")] Moment);

    #[expect(clippy::ref_option, reason = "serde hands in a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        moment: &Option<Moment>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&moment.map(Wire), out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Moment>, D::Error> {
        Ok(Option::<Wire>::deserialize(from)?.map(|wire| wire.0))
    }
}
