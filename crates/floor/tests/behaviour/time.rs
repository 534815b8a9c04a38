//! Clocks: first voice, warning, limit, grace, the overtime actions and extensions.

use std::collections::BTreeMap;

use plenary_floor::{Class, Colour, Command, Event, Kind, Overtime, Settings};
use plenary_ids::{Millis, Moment};

use crate::hall::Hall;

fn colour(hall: &Hall) -> Colour {
    hall.floor.view(hall.now, 1).speech.unwrap().colour
}

/// Lets the time go by as the room does: a tick at each deadline until then.
fn until(hall: &mut Hall, seconds: u64) -> Vec<Event> {
    let end = hall.now.after(Millis::from_secs(seconds));
    let mut events = Vec::new();
    while let Some(due) = hall.floor.deadline().filter(|due| *due <= end) {
        hall.now = hall.now.max(due);
        hall.system(Command::Tick);
        assert_ne!(
            hall.floor.deadline(),
            Some(due),
            "a tick at the deadline settles what was due"
        );
        events.append(&mut hall.last);
    }
    hall.now = end;
    events
}

#[test]
fn the_clock_starts_with_the_first_voice_or_after_ten_seconds() {
    let mut hall = Hall::moderated();
    let request = hall.ask("tokyo-1");
    hall.chair(Command::Grant {
        request,
        replace: None,
    })
    .unwrap();
    hall.after(9);
    assert_eq!(hall.consumed(request), 0);
    hall.after(5);
    assert_eq!(hall.consumed(request), 4_000);

    let mut hall = Hall::moderated();
    let request = hall.speaking("tokyo-1");
    hall.after(5);
    assert_eq!(hall.consumed(request), 5_000);
}

#[test]
fn amber_falls_at_seven_minutes_and_red_at_eight() {
    let mut hall = Hall::moderated();
    hall.speaking("tokyo-1");
    until(&mut hall, 419);
    assert_eq!(colour(&hall), Colour::Green);
    let events = until(&mut hall, 1);
    assert!(matches!(&events[..], [Event::Timer { speech }] if speech.colour == Colour::Amber));
    until(&mut hall, 59);
    assert_eq!(colour(&hall), Colour::Amber);
    until(&mut hall, 1);
    assert_eq!(colour(&hall), Colour::Red);
    assert_eq!(until(&mut hall, 3600), []);
    assert_eq!(hall.heard(), ["tokyo-1"]);
}

#[test]
fn muting_at_the_grace_keeps_the_grant_and_others_requests_until_an_extension() {
    let mut hall = Hall::with(Settings {
        overtime: Overtime::Mute,
        ..Settings::default()
    });
    let request = hall.speaking("tokyo-1");
    hall.listed("seoul-1");
    until(&mut hall, 509);
    assert_eq!(hall.heard(), ["tokyo-1"]);
    until(&mut hall, 1);
    assert!(hall.heard().is_empty());
    assert_eq!(hall.names(), ["seoul-1"]);
    hall.chair(Command::Extend {
        request,
        by: Millis::from_secs(60),
    })
    .unwrap();
    assert_eq!(hall.heard(), ["tokyo-1"]);
    until(&mut hall, 60);
    assert!(hall.heard().is_empty());
}

#[test]
fn revoking_at_the_grace_ends_the_speech() {
    let mut hall = Hall::with(Settings {
        overtime: Overtime::Revoke,
        ..Settings::default()
    });
    let request = hall.speaking("tokyo-1");
    until(&mut hall, 510);
    assert!(hall.has_ended(request));
}

#[test]
fn an_extension_turns_the_clock_back_to_green_and_is_recorded() {
    let mut hall = Hall::moderated();
    let request = hall.speaking("tokyo-1");
    until(&mut hall, 490);
    hall.chair(Command::Extend {
        request,
        by: Millis::from_secs(300),
    })
    .unwrap();
    assert!(matches!(
        &hall.last[0],
        Event::Extended {
            by_ms: Millis(300_000),
            ..
        }
    ));
    assert_eq!(colour(&hall), Colour::Green);
}

#[test]
fn the_shortest_of_the_limits_by_kind_and_class_holds() {
    let settings = Settings {
        limit_by_kind: BTreeMap::from([(Kind::Reply, Millis::from_secs(180))]),
        limit_by_class: BTreeMap::from([(Class::Observer, Millis::from_secs(300))]),
        ..Settings::default()
    };
    assert_eq!(
        settings.limit_for(Kind::Statement, Class::Member),
        Millis::from_secs(480)
    );
    assert_eq!(
        settings.limit_for(Kind::Statement, Class::Observer),
        Millis::from_secs(300)
    );
    assert_eq!(
        settings.limit_for(Kind::Reply, Class::Observer),
        Millis::from_secs(180)
    );
}

#[test]
fn unused_time_is_carried_over_where_the_rules_say_so() {
    let mut hall = Hall::with(Settings {
        carry_over: true,
        ..Settings::default()
    });
    let first = hall.speaking("tokyo-1");
    until(&mut hall, 300);
    hall.own("tokyo-1", Command::Release { request: first })
        .unwrap();
    let second = hall.speaking("tokyo-1");
    assert_eq!(
        hall.floor.speech(second).unwrap().limit,
        Millis::from_secs(480 + 180)
    );
}

#[test]
fn a_clock_that_steps_back_counts_no_second_twice() {
    let mut hall = Hall::moderated();
    let request = hall.speaking("tokyo-1");
    hall.after(10);
    let later = hall.now;
    hall.drop("tokyo-1");
    hall.now = Moment(later.0 - 5_000);
    hall.connect("tokyo-1");
    hall.now = later;
    assert_eq!(hall.consumed(request), 10_000);
}
