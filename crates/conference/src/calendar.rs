//! A person's agenda as a calendar file (RFC 5545), for the delegate's own calendar.
//!
//! Times are in the conference's zone, whose rules for the days in question come along (section 3.6.5). An item keeps its
//! UID for as long as it keeps its id, so that a calendar that reads the file again changes entries and adds none.

use ics::{
    Daylight, Event, ICalendar, Standard, TimeZone as Rules, escape_text,
    parameters::TzIDParam,
    properties::{Categories, Description, DtEnd, DtStart, Location, Status, Summary, TzName},
};
use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use plenary_ids::Moment;

use crate::{Conference, Item, Person};

impl Conference {
    /// The items of every room that the person may enter, as an iCalendar object with CRLF line ends; `now` is its
    /// time stamp. The items in which the person is planned to speak are marked.
    pub fn calendar(&self, person: &Person, now: Moment) -> String {
        let name = self.time_zone.iana_name().unwrap_or("UTC");
        let mut calendar = ICalendar::new("2.0", "-//Plenary//Agenda//EN");
        let items = || {
            self.items
                .iter()
                .filter(|item| person.may_enter(&item.room))
        };
        if let Some(rules) = rules(name, &self.time_zone, items()) {
            calendar.add_timezone(rules);
        }
        let now = i64::try_from(now.0).ok();
        let now = now.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        let stamp = now
            .unwrap_or(Timestamp::MAX)
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        for item in items() {
            calendar.add_event(self.event(item, person, name, &stamp));
        }
        calendar.to_string()
    }

    fn event(&self, item: &Item, person: &Person, zone: &str, stamp: &str) -> Event<'static> {
        let mut event = Event::new(format!("{}@{}.plenary", item.id, self.id), stamp.to_owned());
        let within = || TzIDParam::new(zone.to_owned());
        let mut starts = DtStart::new(local(item.starts.datetime()));
        starts.add(within());
        let mut ends = DtEnd::new(local(item.ends().datetime()));
        ends.add(within());
        event.push(starts);
        event.push(ends);
        event.push(Summary::new(escape_text(item.title.clone())));
        if let Some(room) = self.room(&item.room) {
            event.push(Location::new(escape_text(room.title.clone())));
        }
        let mut about = self.name.clone();
        if item.speakers.contains(&person.id) {
            about.push_str("\nYou are planned to speak.");
        }
        event.push(Description::new(escape_text(about)));
        event.push(Categories::new(item.kind.as_str().to_owned()));
        event.push(Status::confirmed());
        event
    }
}

/// The zone's rules from before the first item to after the last: one observance for the offset at first, and one for
/// every change until the end. None without items.
fn rules<'a>(
    name: &str,
    zone: &TimeZone,
    items: impl Iterator<Item = &'a Item> + Clone,
) -> Option<Rules<'static>> {
    let first = items.clone().map(|item| item.starts.timestamp()).min()?;
    let last = items.map(|item| Zoned::timestamp(&item.ends())).max()?;
    let mut rules: Option<Rules<'static>> = None;
    let earlier = zone.preceding(first).next();
    let later = zone
        .following(first)
        .take_while(|change| change.timestamp() <= last);
    for change in earlier.iter().cloned().chain(later) {
        let at = change.timestamp();
        let before = zone.to_offset(at.saturating_sub(1.second()).unwrap_or(at));
        let observance = Observance {
            starts: local(before.to_datetime(at)),
            from: written(before),
            to: written(change.offset()),
            name: change.abbreviation().to_owned(),
        };
        if change.dst().is_dst() {
            let daylight = observance.daylight();
            match &mut rules {
                Some(rules) => rules.add_daylight(daylight),
                None => rules = Some(Rules::daylight(name.to_owned(), daylight)),
            }
        } else {
            let standard = observance.standard();
            match &mut rules {
                Some(rules) => rules.add_standard(standard),
                None => rules = Some(Rules::standard(name.to_owned(), standard)),
            }
        }
    }
    rules.or_else(|| {
        let info = zone.to_offset_info(first);
        let always = Observance {
            starts: "19700101T000000".to_owned(),
            from: written(info.offset()),
            to: written(info.offset()),
            name: info.abbreviation().to_owned(),
        };
        Some(Rules::standard(name.to_owned(), always.standard()))
    })
}

/// An offset from UTC, and the time from which it holds, in the offset before it (section 3.6.5).
struct Observance {
    starts: String,
    from: String,
    to: String,
    name: String,
}

impl Observance {
    fn standard(self) -> Standard<'static> {
        let mut standard = Standard::new(self.starts, self.from, self.to);
        standard.push(TzName::new(self.name));
        standard
    }

    fn daylight(self) -> Daylight<'static> {
        let mut daylight = Daylight::new(self.starts, self.from, self.to);
        daylight.push(TzName::new(self.name));
        daylight
    }
}

/// A DATE-TIME of form 1 (section 3.3.5).
fn local(time: DateTime) -> String {
    time.strftime("%Y%m%dT%H%M%S").to_string()
}

/// A UTC-OFFSET as RFC 5545 writes it (section 3.3.14).
fn written(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}
