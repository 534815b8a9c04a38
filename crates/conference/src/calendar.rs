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
    SignedDuration, Timestamp, ToSpan, Zoned,
    civil::DateTime,
    tz::{Offset, TimeZone, TimeZoneTransition},
};

use plenary_ids::Moment;
use plenary_text::isolated;

use crate::{Conference, Item, Person};

/// The longest line of a calendar, without its end (RFC 5545, section 3.1).
const MAX_LINE_OCTETS: usize = 75;

/// Clocks that change twice a year change again within this time, whatever the weekday of the change.
const A_YEAR: SignedDuration = SignedDuration::from_hours(24 * 373);

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
        folded(&calendar.to_string())
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
        event.push(Summary::new(escape_text(
            isolated(&item.title).into_owned(),
        )));
        if let Some(room) = self.room(&item.room) {
            event.push(Location::new(escape_text(
                isolated(&room.title).into_owned(),
            )));
        }
        let mut about = isolated(&self.name).into_owned();
        if item.speakers.contains(&person.id) {
            about.push_str("\nYou are planned to speak.");
        }
        event.push(Description::new(escape_text(about)));
        event.push(Categories::new(item.kind.as_str().to_owned()));
        event.push(Status::confirmed());
        event
    }
}

/// The zone's rules for the time of the items: one observance for the offset at first, one for every change until the end,
/// and where the clocks change twice a year both of its observances, whatever the season. None without items.
fn rules<'a>(
    name: &str,
    zone: &TimeZone,
    items: impl Iterator<Item = &'a Item> + Clone,
) -> Option<Rules<'static>> {
    let first = items.clone().map(|item| item.starts.timestamp()).min()?;
    let last = items.map(|item| Zoned::timestamp(&item.ends())).max()?;
    let mut rules: Option<Rules<'static>> = None;
    let later = zone
        .following(first)
        .take_while(|change| change.timestamp() <= last);
    let later: Vec<_> = later.collect();
    let mut before: Vec<_> = zone.preceding(first).take(2).collect();
    let is_needed = |earlier: &TimeZoneTransition<'_>| {
        let mut later = later.iter();
        has_seasons(first, &before) && !later.any(|change| change.dst() == earlier.dst())
    };
    if !before.last().is_some_and(is_needed) {
        before.truncate(1);
    }
    for change in before.into_iter().rev().chain(later) {
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

/// Whether the last two changes, the latest first, are those of a year in which the clocks change twice.
fn has_seasons(first: Timestamp, changes: &[TimeZoneTransition<'_>]) -> bool {
    let within_a_year = |from: Timestamp, to: Timestamp| to.duration_since(from) < A_YEAR;
    match changes {
        [latest, earlier] => {
            within_a_year(latest.timestamp(), first)
                && within_a_year(earlier.timestamp(), latest.timestamp())
                && latest.dst() != earlier.dst()
        }
        _ => false,
    }
}

/// The lines of a calendar, each of at most [`MAX_LINE_OCTETS`] with the space that begins a continuation, and cut between
/// characters only (section 3.1). The writer counts without that space, so its own folds are undone.
fn folded(calendar: &str) -> String {
    let mut folded = String::with_capacity(calendar.len());
    for line in calendar.replace("\r\n ", "").split_terminator("\r\n") {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > MAX_LINE_OCTETS {
                folded.push_str("\r\n ");
                octets = 1;
            }
            folded.push(c);
            octets += c.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
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
