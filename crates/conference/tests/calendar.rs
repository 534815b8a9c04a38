//! The agenda as a calendar file: the rooms that admit the person, in the conference's time zone, the same each time.

#![expect(
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

use plenary_conference::{Conference, parse};
use plenary_ids::Moment;

const CMC: &str = include_str!("../../../config/conferences/cmc-2021.toml");

fn calendar(conference: &Conference, person: &str, now: &str) -> String {
    let person = conference.person(&person.parse().unwrap()).unwrap();
    let now: jiff::Timestamp = now.parse().unwrap();
    let now = Moment(now.as_millisecond().try_into().unwrap());
    let text = conference.calendar(person, now);
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert!(
        text.split("\r\n")
            .all(|line| line.len() <= 75 && !line.contains('\n'))
    );
    // Folded lines continue after a space (RFC 5545, section 3.1).
    text.replace("\r\n ", "")
}

#[test]
fn an_item_is_in_the_time_zone_of_the_conference_with_its_room_and_speakers() {
    let cmc = parse(CMC.as_bytes(), "cmc-2021.toml").unwrap();
    let delhi = calendar(&cmc, "delhi-1", "2021-10-01T00:00:00Z");
    let events: Vec<&str> = delhi.split("BEGIN:VEVENT\r\n").skip(1).collect();
    let own = events
        .iter()
        .find(|it| it.contains("SUMMARY:Delhi:"))
        .unwrap();
    for line in [
        "UID:climate-1@cmc-2021.plenary",
        "DTSTAMP:20211001T000000Z",
        "DTSTART;TZID=Asia/Taipei:20211012T100000",
        "DTEND;TZID=Asia/Taipei:20211012T102000",
        "LOCATION:Climate Changes and Its Impacts on Local Governments and Organizations",
        "DESCRIPTION:2021 Crisis Management Conference\\nYou are planned to speak.",
        "CATEGORIES:presentations",
    ] {
        assert!(own.lines().any(|it| it == line), "{line} in {own}");
    }
    let zone = delhi.split("END:VTIMEZONE").next().unwrap();
    for line in ["TZID:Asia/Taipei", "BEGIN:STANDARD", "TZOFFSETTO:+0800"] {
        assert!(zone.lines().any(|it| it == line), "{line} in {zone}");
    }
    assert_eq!(events.len(), cmc.items.len());
    let others = events.iter().filter(|it| !it.contains("You are planned"));
    assert_eq!(others.count(), events.len() - 1);
}

#[test]
fn an_item_has_the_same_identifier_in_every_persons_calendar_at_any_time() {
    let cmc = parse(CMC.as_bytes(), "cmc-2021.toml").unwrap();
    let names = |text: &str| -> Vec<String> {
        let names = text.lines().filter(|line| line.starts_with("UID:"));
        names.map(str::to_owned).collect()
    };
    let early = names(&calendar(&cmc, "delhi-1", "2021-10-01T00:00:00Z"));
    let late = names(&calendar(&cmc, "tokyo-1", "2021-10-13T00:00:00Z"));
    assert_eq!(early, late);
    let unique: std::collections::BTreeSet<_> = early.iter().collect();
    assert_eq!(unique.len(), early.len());
}

#[test]
fn the_end_of_daylight_saving_time_is_in_the_calendar_and_a_closed_room_is_not() {
    let conference = parse(
        br#"
        [conference]
        id = "night"
        name = "Night; and day, again"
        time_zone = "Europe/Brussels"
        starts = 2021-10-30
        ends = 2021-10-31
        [[person]]
        id = "staff"
        name = "Staff"
        role = "clerk"
        rooms = ["open"]
        [[room]]
        id = "open"
        title = "Open"
        [[room]]
        id = "closed"
        title = "Closed"
        [[item]]
        room = "open"
        title = "Before"
        starts = 2021-10-30T10:00:00
        minutes = 30
        [[item]]
        room = "open"
        id = "after"
        title = "After"
        starts = 2021-10-31T10:00:00
        minutes = 30
        [[item]]
        room = "closed"
        title = "Secret"
        starts = 2021-10-31T11:00:00
        minutes = 30
        "#,
        "night.toml",
    )
    .unwrap();
    let text = calendar(&conference, "staff", "2021-10-01T00:00:00Z");
    assert!(!text.contains("Secret"));
    assert!(text.contains("DESCRIPTION:Night\\; and day\\, again\r\n"));
    assert!(text.contains("UID:after@night.plenary\r\n"));
    let daylight = text.split("BEGIN:DAYLIGHT\r\n").nth(1).unwrap();
    assert!(
        daylight.starts_with("DTSTART:20210328T020000\r\n"),
        "{daylight}"
    );
    let standard = text.split("BEGIN:STANDARD\r\n").nth(1).unwrap();
    assert!(
        standard.starts_with("DTSTART:20211031T030000\r\n"),
        "{standard}"
    );
    assert!(
        standard.contains("TZOFFSETFROM:+0200\r\n") && standard.contains("TZOFFSETTO:+0100\r\n")
    );
}

/// A conference of one item on a day in a zone, with that title.
fn one_item(zone: &str, day: &str, title: &str) -> Conference {
    let file = format!(
        "[conference]\nid = \"one\"\nname = \"One\"\ntime_zone = \"{zone}\"\nstarts = {day}\nends = {day}\n\
         [[person]]\nid = \"staff\"\nname = \"Staff\"\nrole = \"clerk\"\n\
         [[room]]\nid = \"open\"\ntitle = \"Open\"\n\
         [[item]]\nroom = \"open\"\ntitle = \"{title}\"\nstarts = {day}T10:00:00\nminutes = 30\n"
    );
    parse(file.as_bytes(), "one.toml").unwrap()
}

#[test]
fn a_zone_with_daylight_saving_time_has_both_its_observances_in_every_season() {
    for (day, zone, offsets) in [
        ("2021-07-01", "Europe/Brussels", ["+0100", "+0200"]),
        ("2021-12-01", "Europe/Brussels", ["+0100", "+0200"]),
        ("2021-10-30", "Europe/Brussels", ["+0100", "+0200"]),
        ("2021-07-01", "America/New_York", ["-0500", "-0400"]),
        ("2021-01-10", "Australia/Sydney", ["+1000", "+1100"]),
    ] {
        let conference = one_item(zone, day, "One");
        let text = calendar(&conference, "staff", "2021-01-01T00:00:00Z");
        for (observance, offset) in ["STANDARD", "DAYLIGHT"].iter().zip(offsets) {
            let begin = format!("BEGIN:{observance}\r\n");
            assert_eq!(text.matches(&begin).count(), 1, "{zone} {day}: {text}");
            let rules = text.split(&begin).nth(1).unwrap();
            let rules = rules.split("END:").next().unwrap();
            assert!(
                rules.contains(&format!("TZOFFSETTO:{offset}\r\n")),
                "{zone} {day}: {rules}"
            );
        }
    }
}

#[test]
fn a_zone_without_daylight_saving_time_has_its_standard_time_alone() {
    for (zone, offset) in [
        ("Asia/Taipei", "+0800"),
        ("Asia/Kolkata", "+0530"),
        ("UTC", "+0000"),
    ] {
        let conference = one_item(zone, "2021-07-01", "One");
        let text = calendar(&conference, "staff", "2021-01-01T00:00:00Z");
        assert_eq!(text.matches("BEGIN:STANDARD\r\n").count(), 1, "{text}");
        assert!(!text.contains("BEGIN:DAYLIGHT"), "{text}");
        assert!(text.contains(&format!("TZOFFSETTO:{offset}\r\n")), "{text}");
    }
}

#[test]
fn a_line_has_at_most_75_octets_with_the_space_that_continues_it_and_no_character_is_cut() {
    for title in [
        "x".repeat(300),
        "臺北市的防災與永續發展".repeat(20),
        "👩\u{200d}🚒é".repeat(40),
        "a; b, c\\\\ ".repeat(30),
    ] {
        let conference = one_item("Asia/Taipei", "2021-07-01", title.trim());
        // The helper looks at every line.
        let text = calendar(&conference, "staff", "2021-01-01T00:00:00Z");
        let title = conference.items[0].title.clone();
        let escaped = title
            .replace('\\', "\\\\")
            .replace(';', "\\;")
            .replace(',', "\\,");
        assert!(text.contains(&format!("SUMMARY:{escaped}\r\n")), "{text}");
    }
}
