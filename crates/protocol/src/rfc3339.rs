//! Instants on the wire: RFC 3339 in UTC with milliseconds, for `#[serde(with = "plenary_protocol::rfc3339")]`.

use jiff::Timestamp;
use plenary_ids::Moment;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// `2021-10-12T01:00:00.000Z`; an instant past the year 9999 is written as the last one there is.
pub fn text(moment: Moment) -> String {
    let millis = i64::try_from(moment.0).unwrap_or(i64::MAX);
    format!(
        "{:.3}",
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    )
}

/// Writes the text.
pub fn serialize<S: Serializer>(moment: &Moment, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&text(*moment))
}

/// Reads any RFC 3339 instant from 1970 on.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
    let text = String::deserialize(from)?;
    let instant: Timestamp = text
        .parse()
        .map_err(|_| D::Error::custom("a time is written as in RFC 3339"))?;
    let millis = u64::try_from(instant.as_millisecond())
        .map_err(|_| D::Error::custom("a time is after 1970"))?;
    Ok(Moment(millis))
}

/// The same for an instant that may be missing.
pub mod optional {
    use super::{Deserialize, Deserializer, Moment, Serializer};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Wire(#[serde(with = "super")] Moment);

    /// Writes the text, or null.
    pub fn serialize<S: Serializer>(moment: &Option<Moment>, out: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&moment.map(Wire), out)
    }

    /// Reads any RFC 3339 instant from 1970 on, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Moment>, D::Error> {
        Ok(Option::<Wire>::deserialize(from)?.map(|wire| wire.0))
    }
}
