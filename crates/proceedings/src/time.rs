//! A time in the record: in UTC and in the conference's time zone.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use plenary_ids::Moment;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// `{"utc":"2021-10-12T01:00:00.000Z","local":"2021-10-12T09:00:00.000+08:00"}`, both RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time(Zoned);

impl Time {
    /// The moment in a time zone; a moment after the year 9999 becomes the last one of that year.
    pub fn new(moment: Moment, zone: &TimeZone) -> Self {
        let millis = i64::try_from(moment.0).unwrap_or(i64::MAX);
        let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        Self(timestamp.to_zoned(zone.clone()))
    }

    /// The time in UTC (RFC 3339).
    pub fn utc(&self) -> String {
        format!("{:.3}", self.0.timestamp())
    }

    /// The time in the conference's zone (RFC 3339).
    pub fn local(&self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The time in the conference's zone.
    pub(crate) fn zoned(&self) -> &Zoned {
        &self.0
    }
}

impl From<Zoned> for Time {
    fn from(zoned: Zoned) -> Self {
        Self(zoned)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut time = out.serialize_struct("Time", 2)?;
        time.serialize_field("utc", &self.utc())?;
        time.serialize_field("local", &self.local())?;
        time.end()
    }
}

impl JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment, in UTC and in the conference's zone (RFC 3339).",
            "type": "object",
            "properties": {
                "utc": { "type": "string", "format": "date-time" },
                "local": { "type": "string", "format": "date-time" },
            },
            "required": ["utc", "local"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_and_in_the_conferences_zone() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let time = Time::new(Moment(1_634_000_400_001), &zone);
        assert_eq!(time.utc(), "2021-10-12T01:00:00.001Z");
        assert_eq!(time.local(), "2021-10-12T06:30:00.001+05:30");
        assert!(
            Time::new(Moment(u64::MAX), &zone)
                .utc()
                .starts_with("9999-")
        );
    }
}
