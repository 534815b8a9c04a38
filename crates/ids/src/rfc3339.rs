//! Instants on the wire: RFC 3339 in UTC with milliseconds, for `#[serde(with = "plenary_ids::rfc3339")]`.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

use crate::Moment;

/// `2021-10-12T01:00:00.000Z`; an instant past the year 9999 is written as the last one there is.
pub fn text(moment: Moment) -> String {
    let millis = i64::try_from(moment.0).unwrap_or(i64::MAX);
    let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    format!("{timestamp:.3}")
}

/// Writes an instant as [`text`] does.
pub fn serialize<S: Serializer>(moment: &Moment, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&text(*moment))
}

/// Reads an instant of any offset, from 1970 on.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
    let text = String::deserialize(from)?;
    let instant: Timestamp = text
        .parse()
        .map_err(|_| D::Error::custom("a time is written as in RFC 3339"))?;
    u64::try_from(instant.as_millisecond())
        .map(Moment)
        .map_err(|_| D::Error::custom("a time is after 1970"))
}

/// The same for an instant that may be missing.
pub mod optional {
    use super::{Deserialize, Deserializer, Moment, Serializer};

    #[derive(serde::Serialize, Deserialize)]
    struct Wire(#[serde(with = "super")] Moment);

    /// Writes an instant as [`text`](super::text) does, or null.
    pub fn serialize<S: Serializer>(moment: &Option<Moment>, out: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&moment.map(Wire), out)
    }

    /// Reads an instant of any offset, from 1970 on, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Moment>, D::Error> {
        Ok(Option::<Wire>::deserialize(from)?.map(|wire| wire.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super")]
        at: Moment,
        #[serde(default, with = "super::optional")]
        until: Option<Moment>,
    }

    #[test]
    fn an_instant_is_written_in_utc_with_milliseconds_and_read_with_any_offset() {
        let both = Both {
            at: Moment(1_634_000_400_000),
            until: Some(Moment(1)),
        };
        let written = serde_json::to_string(&both).unwrap();
        assert_eq!(
            written,
            r#"{"at":"2021-10-12T01:00:00.000Z","until":"1970-01-01T00:00:00.001Z"}"#
        );
        assert_eq!(serde_json::from_str::<Both>(&written).unwrap(), both);
        let read: Both = serde_json::from_str(r#"{"at":"2021-10-12T09:00:00+08:00"}"#).unwrap();
        assert_eq!((read.at, read.until), (both.at, None));
    }

    #[test]
    fn an_instant_before_1970_or_in_another_notation_is_refused() {
        for bad in ["1969-12-31T23:59:59Z", "2021-10-12", "1634000400000", ""] {
            let text = format!("{{\"at\":\"{bad}\"}}");
            assert!(serde_json::from_str::<Both>(&text).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_past_the_year_9999_is_written_as_the_last_one_there_is() {
        assert!(text(Moment(u64::MAX)).starts_with("9999-12-30T"));
    }
}
