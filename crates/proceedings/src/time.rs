//! A moment as the record has it: in UTC, and as the clocks of the conference showed it.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use plenary_ids::Moment;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// `{"utc":"2021-10-12T01:00:00.000Z","local":"2021-10-12T09:00:00.000+08:00"}`, both RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time(Zoned);

impl Time {
    /// That moment in a zone; one past the year 9999 is the last one there is.
    pub fn new(moment: Moment, zone: &TimeZone) -> Self {
        let millis = i64::try_from(moment.0).unwrap_or(i64::MAX);
        let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        Self(timestamp.to_zoned(zone.clone()))
    }

    /// RFC 3339 in UTC.
    pub fn utc(&self) -> String {
        format!("{:.3}", self.0.timestamp())
    }

    /// RFC 3339 in the conference's zone.
    pub fn local(&self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// As the conference's clocks showed it.
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
    fn a_moment_is_told_in_utc_and_as_the_citys_clocks_showed_it() {
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
