//! One table of the file, read key by key.

use std::collections::BTreeSet;

use jiff::{
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use plenary_ids::Millis;
use plenary_text::{Hidden, hidden};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::{
    BadQuorum, Quorum,
    diagnostic::{Faults, Place, nearest},
    duration::{duration, duration_hint},
    typed::{self, Value},
};

/// What to write in place of a limit that gives no time.
pub(crate) const NO_TIME_HINT: &str = "Write a duration such as \"8m\".";

/// A value together with its place in the file.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    pub(crate) at: Place,
    pub(crate) value: T,
}

/// A table being read. Each getter notes its own fault and then returns `None`, so that reading goes on.
pub(crate) struct Section<'t, 'i> {
    /// Its name in messages: `[conference]`.
    title: &'static str,
    at: Place,
    table: &'t DeTable<'i>,
    known: Vec<&'static str>,
}

impl<'t, 'i> Section<'t, 'i> {
    /// Begins to read a table; every key of it that is not in `known` is a fault at once.
    pub(crate) fn new(
        title: &'static str,
        at: Place,
        table: &'t DeTable<'i>,
        known: &[&'static str],
        faults: &mut Faults<'_>,
    ) -> Self {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let message = format!("Unknown key \"{name}\" in {title}.");
                faults.add(&key.span(), message, nearest(name, known.iter().copied()));
            }
        }
        Self {
            title,
            at,
            table,
            known: known.to_vec(),
        }
    }

    /// The place of the section's head, for a fault about a missing key.
    pub(crate) fn at(&self) -> &Place {
        &self.at
    }

    /// Its name in messages.
    pub(crate) fn title(&self) -> &'static str {
        self.title
    }

    /// Whether the key is there, well or ill written.
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<&'t Value<'i>> {
        debug_assert!(self.known.contains(&key), "{key} is read but not known");
        self.table.get(key)
    }

    /// Notes that a key must be there, unless it is.
    pub(crate) fn require(&self, key: &'static str, example: &str, faults: &mut Faults<'_>) {
        if self.get(key).is_none() {
            let message = format!("\"{key}\" is missing from {}.", self.title);
            let hint = if example.starts_with('[') {
                format!("Add {example}.")
            } else {
                format!("Add {key} = {example}.")
            };
            faults.add(&self.at, message, hint);
        }
    }

    pub(crate) fn expected(
        &self,
        key: &str,
        value: &Value<'_>,
        wanted: &str,
        faults: &mut Faults<'_>,
    ) {
        let found = typed::type_name(value.get_ref());
        let (message, hint) = typed::wrong_type(self.title, key, found, wanted);
        faults.add(&value.span(), message, hint);
    }

    /// A string as it stands.
    pub(crate) fn text(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<&'t str>> {
        let value = self.get(key)?;
        let DeValue::String(text) = value.get_ref() else {
            self.expected(key, value, "a string", faults);
            return None;
        };
        Some(Placed {
            at: value.span(),
            value: text.as_ref(),
        })
    }

    /// A string for people: one line, not blank.
    pub(crate) fn line(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<String> {
        let text = self.text(key, faults)?;
        self.checked_line(key, &text, faults)
    }

    /// The same of a text that was found.
    pub(crate) fn checked_line(
        &self,
        key: &str,
        text: &Placed<&str>,
        faults: &mut Faults<'_>,
    ) -> Option<String> {
        if text.value.trim().is_empty() || text.value.chars().any(char::is_control) {
            let message = format!(
                "\"{key}\" of {} is blank or has control characters.",
                self.title
            );
            faults.add(&text.at, message, "Write one line of text.".to_owned());
            return None;
        }
        self.warn_of_hidden(key, text, faults);
        Some(text.value.to_owned())
    }

    /// Warns of each character of a text that nobody sees: two names can look the same, or reorder what stands around them.
    fn warn_of_hidden(&self, key: &str, text: &Placed<&str>, faults: &mut Faults<'_>) {
        let mut told = BTreeSet::new();
        for c in text.value.chars() {
            let Some(hidden) = hidden(c).filter(|_| told.insert(c)) else {
                continue;
            };
            let what = match hidden {
                Hidden::Invisible => "nobody sees",
                Hidden::Directional => "changes the direction of the text around it",
            };
            let code = u32::from(c);
            let message = format!(
                "\"{key}\" of {} holds U+{code:04X}, which {what}.",
                self.title
            );
            let at = faults.place_in(&text.at, c);
            faults.warn(&at, message, "Remove it, or write the text anew.");
        }
    }

    /// A value of a type that serde reads, such as one of a few words.
    pub(crate) fn value<T: DeserializeOwned>(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        typed::value(self.title, key, self.get(key)?, faults)
    }

    /// The whole table as a type that serde reads.
    pub(crate) fn typed<T: DeserializeOwned + Default>(&self, faults: &mut Faults<'_>) -> T {
        typed::table(self.title, self.table, faults)
    }

    /// The place of the value of a key, or of a key in the table under that key.
    pub(crate) fn place_of(&self, path: &[&str]) -> Option<Place> {
        let (last, tables) = path.split_last()?;
        let mut table = self.table;
        for key in tables {
            table = table.get(*key)?.get_ref().as_table()?;
        }
        table.get(*last).map(Value::span)
    }

    /// The strings of an array, its other elements left out.
    pub(crate) fn strings(&self, key: &'static str) -> Vec<Placed<&'t str>> {
        let array = self.get(key).and_then(|value| value.get_ref().as_array());
        let strings = array.into_iter().flat_map(|array| array.iter());
        let placed = strings.filter_map(|element| {
            let value = element.get_ref().as_str()?;
            Some(Placed {
                at: element.span(),
                value,
            })
        });
        placed.collect()
    }

    /// A string that parses as a checked name.
    pub(crate) fn id<T: std::str::FromStr<Err = plenary_ids::BadId>>(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<T>> {
        parse_id(self.text(key, faults)?, faults)
    }

    /// An array of strings that parse as checked names; `None` if the key is not there.
    pub(crate) fn ids<T: std::str::FromStr<Err = plenary_ids::BadId>>(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Vec<Placed<T>>> {
        let texts = self.texts(key, faults)?;
        Some(
            texts
                .into_iter()
                .filter_map(|text| parse_id(text, faults))
                .collect(),
        )
    }

    /// An array of strings; `None` if the key is not there.
    pub(crate) fn texts(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Vec<Placed<&'t str>>> {
        let value = self.get(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            self.expected(key, value, "an array of strings", faults);
            return None;
        };
        let mut texts = Vec::new();
        for element in array {
            match element.get_ref() {
                DeValue::String(text) => texts.push(Placed {
                    at: element.span(),
                    value: text.as_ref(),
                }),
                _ => self.expected(key, element, "a string", faults),
            }
        }
        Some(texts)
    }

    /// A boolean, `true` or `false`.
    pub(crate) fn boolean(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<bool> {
        let value = self.get(key)?;
        let DeValue::Boolean(boolean) = value.get_ref() else {
            self.expected(key, value, "true or false", faults);
            return None;
        };
        Some(*boolean)
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn number(
        &self,
        key: &'static str,
        least: u32,
        most: u32,
        faults: &mut Faults<'_>,
    ) -> Option<u32> {
        let value = self.get(key)?;
        let DeValue::Integer(digits) = value.get_ref() else {
            self.expected(key, value, "a whole number", faults);
            return None;
        };
        let number = u32::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = format!("\"{key}\" of {} is out of range.", self.title);
            faults.add(
                &value.span(),
                message,
                format!("Write a whole number from {least} to {most}."),
            );
        }
        number
    }

    /// A quorum: a number of members, or a fraction of them.
    pub(crate) fn quorum(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<Quorum>> {
        let value = self.get(key)?;
        let read = match value.get_ref() {
            DeValue::String(text) => text.parse(),
            DeValue::Integer(digits) => u32::from_str_radix(digits.as_str(), digits.radix())
                .map_err(|_| BadQuorum)
                .and_then(Quorum::members),
            _ => {
                let wanted = "a number of members, or a fraction such as \"1/2\"";
                self.expected(key, value, wanted, faults);
                return None;
            }
        };
        let at = value.span();
        if let Ok(value) = read {
            return Some(Placed { at, value });
        }
        let message = format!("\"{key}\" of {} is not a quorum.", self.title);
        let hint = "Write a number of member delegations from 1 to 1000, or a fraction of them such as \"1/2\".";
        faults.add(&at, message, hint.to_owned());
        None
    }

    /// The name of an IANA time zone.
    pub(crate) fn zone(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<TimeZone> {
        let text = self.text(key, faults)?;
        if let Ok(zone) = TimeZone::get(text.value)
            && zone.iana_name().is_some()
        {
            return Some(zone);
        }
        let names: Vec<String> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .collect();
        let message = format!("\"{}\" is no IANA time zone.", text.value);
        let hint = nearest(text.value, names.iter().map(String::as_str));
        faults.add(&text.at, message, hint);
        None
    }

    /// A day without a time.
    pub(crate) fn date(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<Placed<Date>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Datetime(found) if found.time.is_none() && found.offset.is_none() => {
                let at = value.span();
                let value = found
                    .date
                    .and_then(|date| self.day(key, date, &at, faults))?;
                Some(Placed { at, value })
            }
            _ => {
                self.expected(
                    key,
                    value,
                    "a date such as 2021-10-12, without quotes",
                    faults,
                );
                None
            }
        }
    }

    /// A day with a time and without an offset: it is in the conference's zone.
    pub(crate) fn date_time(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<DateTime>> {
        const WANTED: &str =
            "a local date and time such as 2021-10-12T09:00:00, without quotes or offset";
        let value = self.get(key)?;
        let at = value.span();
        let DeValue::Datetime(found) = value.get_ref() else {
            self.expected(key, value, WANTED, faults);
            return None;
        };
        let (Some(date), Some(time), None) = (found.date, found.time, found.offset) else {
            let message = format!("\"{key}\" of {} must be {WANTED}.", self.title);
            faults.add(&at, message, format!("Write {WANTED}."));
            return None;
        };
        let date = self.day(key, date, &at, faults)?;
        let clock = |field: u8| i8::try_from(field).ok();
        let time = (|| {
            Time::new(
                clock(time.hour)?,
                clock(time.minute)?,
                clock(time.second.unwrap_or(0))?,
                0,
            )
            .ok()
        })();
        if time.is_none() {
            let message = format!("\"{key}\" of {} is a time that no clock shows.", self.title);
            let hint = "Hours are 00 to 23, minutes and seconds 00 to 59.";
            faults.add(&at, message, hint.to_owned());
        }
        Some(Placed {
            at,
            value: DateTime::from_parts(date, time?),
        })
    }

    fn day(
        &self,
        key: &str,
        date: toml::value::Date,
        at: &Place,
        faults: &mut Faults<'_>,
    ) -> Option<Date> {
        let fields = (
            i16::try_from(date.year),
            i8::try_from(date.month),
            i8::try_from(date.day),
        );
        let day = match fields {
            (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
            _ => None,
        };
        if day.is_none() {
            let message = format!(
                "\"{key}\" of {} is a date that no calendar has.",
                self.title
            );
            faults.add(
                at,
                message,
                "Write a day of the calendar, such as 2021-10-12.".to_owned(),
            );
        }
        day
    }

    /// A table within this one.
    pub(crate) fn table(
        &self,
        key: &'static str,
        title: &'static str,
        known: &[&'static str],
        faults: &mut Faults<'_>,
    ) -> Option<Section<'t, 'i>> {
        let value = self.get(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.expected(key, value, "a table", faults);
            return None;
        };
        Some(Section::new(title, value.span(), table, known, faults))
    }

    /// An array of tables within this one, `[[key]]`; empty if it is not there.
    pub(crate) fn tables(
        &self,
        key: &'static str,
        title: &'static str,
        known: &[&'static str],
        faults: &mut Faults<'_>,
    ) -> Vec<Section<'t, 'i>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.expected(key, value, "written with two brackets on each side", faults);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for element in array {
            match element.get_ref() {
                DeValue::Table(table) => {
                    sections.push(Section::new(title, element.span(), table, known, faults));
                }
                _ => self.expected(key, element, "a table", faults),
            }
        }
        sections
    }

    /// A duration such as "1m30s".
    pub(crate) fn duration(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<Millis>> {
        let text = self.text(key, faults)?;
        let Some(value) = duration(text.value) else {
            let message = format!("\"{}\" is not a duration.", text.value.escape_debug());
            faults.add(&text.at, message, duration_hint(text.value));
            return None;
        };
        Some(Placed {
            at: text.at,
            value: value.get(),
        })
    }

    /// The time of a speech, which has at least some.
    pub(crate) fn limit(
        &self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<Millis>> {
        let limit = self.duration(key, faults)?;
        if limit.value == Millis(0) {
            faults.add(&limit.at, no_time(key), NO_TIME_HINT);
            return None;
        }
        Some(limit)
    }
}

/// That a limit gives no time.
pub(crate) fn no_time(key: &str) -> String {
    format!("\"{key}\" gives a speech no time at all.")
}

fn parse_id<T: std::str::FromStr<Err = plenary_ids::BadId>>(
    text: Placed<&str>,
    faults: &mut Faults<'_>,
) -> Option<Placed<T>> {
    match text.value.parse() {
        Ok(value) => Some(Placed { at: text.at, value }),
        Err(error) => {
            let (message, hint) = typed::not_an_id(text.value, error);
            faults.add(&text.at, message, hint);
            None
        }
    }
}
