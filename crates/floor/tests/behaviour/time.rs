//! Clocks: first voice, warning, limit, grace, the overtime actions and extensions. Rules of order, section 9.

use std::collections::BTreeMap;

use plenary_floor::{
    Change, Class, Colour, Command, Event, Kind, Overtime, Settings, SpeechStep, SystemCommand,
};
use plenary_ids::{BoundedMillis, Millis, Moment};
use plenary_testkit::floor::TestFloor;

fn colour(floor: &TestFloor) -> Colour {
    floor.state.view(floor.now, 1).speech.unwrap().colour
}

/// Advances the time as the room does: with a tick at each deadline.
fn until(floor: &mut TestFloor, seconds: u64) -> Vec<Event> {
    let end = floor.now.after(Millis::from_secs(seconds));
    let mut events = Vec::new();
    while let Some(due) = floor.state.deadline().filter(|due| *due <= end) {
        floor.now = floor.now.max(due);
        floor.as_system(SystemCommand::Tick);
        assert_ne!(
            floor.state.deadline(),
            Some(due),
            "a tick at the deadline settles what was due"
        );
        events.append(&mut floor.last_events);
    }
    floor.now = end;
    events
}

#[test]
fn the_clock_starts_with_the_first_voice_or_after_ten_seconds() {
    let mut floor = TestFloor::moderated();
    let request = floor.request("tokyo-1");
    floor.grant(request).unwrap();
    floor.advance(9);
    assert_eq!(floor.consumed_ms(request), 0);
    floor.advance(5);
    assert_eq!(floor.consumed_ms(request), 4_000);

    let mut floor = TestFloor::moderated();
    let request = floor.speaking("tokyo-1");
    floor.advance(5);
    assert_eq!(floor.consumed_ms(request), 5_000);
}

#[test]
fn the_clock_turns_amber_at_seven_minutes_and_red_at_eight() {
    let mut floor = TestFloor::moderated();
    floor.speaking("tokyo-1");
    until(&mut floor, 419);
    assert_eq!(colour(&floor), Colour::Green);
    let events = until(&mut floor, 1);
    assert!(
        matches!(&events[..], [Event { change: Change::Timer { speech }, .. }] if speech.colour == Colour::Amber)
    );
    until(&mut floor, 59);
    assert_eq!(colour(&floor), Colour::Amber);
    until(&mut floor, 1);
    assert_eq!(colour(&floor), Colour::Red);
    assert_eq!(until(&mut floor, 3600), []);
    assert_eq!(floor.live_names(), ["tokyo-1"]);
}

#[test]
fn muting_at_the_grace_keeps_the_grant_and_the_other_requests_until_an_extension() {
    let mut floor = TestFloor::with_settings(Settings {
        overtime: Overtime::Mute,
        ..Settings::default()
    });
    let request = floor.speaking("tokyo-1");
    floor.listed("seoul-1");
    until(&mut floor, 509);
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    until(&mut floor, 1);
    assert!(floor.live_names().is_empty());
    assert_eq!(floor.listed_names(), ["seoul-1"]);
    floor
        .as_chair(Command::Extend {
            request,
            by: BoundedMillis::from_secs(60),
        })
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    until(&mut floor, 60);
    assert!(floor.live_names().is_empty());
}

#[test]
fn revoking_at_the_grace_ends_the_speech() {
    let mut floor = TestFloor::with_settings(Settings {
        overtime: Overtime::Revoke,
        ..Settings::default()
    });
    let request = floor.speaking("tokyo-1");
    until(&mut floor, 510);
    assert!(floor.has_ended(request));
}

#[test]
fn an_extension_turns_the_clock_back_to_green_and_is_recorded() {
    let mut floor = TestFloor::moderated();
    let request = floor.speaking("tokyo-1");
    until(&mut floor, 490);
    floor
        .as_chair(Command::Extend {
            request,
            by: BoundedMillis::from_secs(300),
        })
        .unwrap();
    assert!(matches!(
        &floor.last_events[0].change,
        Change::Speech {
            step: SpeechStep::Extended {
                extension: Millis(300_000)
            },
            ..
        }
    ));
    assert_eq!(colour(&floor), Colour::Green);
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
fn unused_time_is_carried_over_where_the_settings_say_so() {
    let mut floor = TestFloor::with_settings(Settings {
        carry_over: true,
        ..Settings::default()
    });
    let first = floor.speaking("tokyo-1");
    until(&mut floor, 300);
    floor
        .as_person("tokyo-1", Command::Release { request: first })
        .unwrap();
    let second = floor.speaking("tokyo-1");
    assert_eq!(
        floor.state.speech(second).unwrap().limit,
        Millis::from_secs(480 + 180)
    );
}

#[test]
fn a_clock_that_steps_back_counts_no_second_twice() {
    let mut floor = TestFloor::moderated();
    let request = floor.speaking("tokyo-1");
    floor.advance(10);
    let later = floor.now;
    floor.disconnect("tokyo-1");
    floor.now = Moment(later.0 - 5_000);
    floor.connect("tokyo-1");
    floor.now = later;
    assert_eq!(floor.consumed_ms(request), 10_000);
}
