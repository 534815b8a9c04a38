//! Every number and list that a person sets has a bound, and what was recorded before there was one still counts.

use std::collections::BTreeMap;

use plenary_floor::{
    Change, Code, Command, Kind, MAX_COUNT, MAX_OPEN_REQUESTS, Settings, SettingsPatch,
};
use plenary_ids::{BoundedMillis, Millis};
use plenary_testkit::{
    delegation,
    floor::{TestFloor, admitting, code, requesting},
};

#[test]
fn a_setting_outside_its_bounds_is_refused_in_a_sentence() {
    let no_time = BoundedMillis::from_secs(0);
    let nothing = SettingsPatch::default;
    for (patch, sentence) in [
        (
            SettingsPatch {
                nom: Some(0),
                ..nothing()
            },
            "A floor has 1 to 1000 open microphones.",
        ),
        (
            SettingsPatch {
                nom: Some(MAX_COUNT + 1),
                ..nothing()
            },
            "A floor has 1 to 1000 open microphones.",
        ),
        (
            SettingsPatch {
                max_requests: Some(u32::MAX),
                ..nothing()
            },
            "A delegation may have 1 to 1000 open requests.",
        ),
        (
            SettingsPatch {
                limit_by_kind: Some(BTreeMap::from([(Kind::Reply, no_time)])),
                ..nothing()
            },
            "A speech has at least some time.",
        ),
        (
            SettingsPatch {
                drawn: Some(Some('\u{202e}')),
                ..nothing()
            },
            "What is drawn is a letter.",
        ),
    ] {
        let mut floor = TestFloor::moderated();
        let refusal = floor.as_chair(Command::Set(patch)).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.detail.as_str()),
            (Code::Invalid, sentence)
        );
    }
}

#[test]
fn a_city_stands_once_in_the_order_of_protocol() {
    let mut floor = TestFloor::moderated();
    let repeated = SettingsPatch {
        protocol: Some(vec![delegation("tokyo"); 10_000]),
        ..SettingsPatch::default()
    };
    let refusal = floor.as_chair(Command::Set(repeated)).unwrap_err();
    assert_eq!(
        refusal.detail,
        "\"tokyo\" stands twice in the order of protocol."
    );
    let once = SettingsPatch {
        protocol: Some(vec![delegation("tokyo"), delegation("seoul")]),
        ..SettingsPatch::default()
    };
    floor.as_chair(Command::Set(once)).unwrap();
}

#[test]
fn a_recorded_limit_beyond_the_bound_hinders_no_other_change_and_no_clock() {
    let mut floor = TestFloor::with_settings(Settings {
        limit: Millis(u64::MAX),
        warning: Millis(u64::MAX),
        grace: Millis(u64::MAX),
        max_requests: u32::MAX,
        ..Settings::default()
    });
    let tokyo = floor.speaking("tokyo-1");
    let by = BoundedMillis::new(BoundedMillis::MAX).unwrap();
    floor
        .as_chair(Command::Extend { request: tokyo, by })
        .unwrap();
    floor.advance(60);
    assert_eq!(floor.consumed_ms(tokyo), 60_000);
    let patch = SettingsPatch {
        nom: Some(2),
        ..SettingsPatch::default()
    };
    floor.as_chair(Command::Set(patch)).unwrap();
}

#[test]
fn a_room_takes_so_many_requests_that_their_order_stays_short_to_send() {
    let mut floor = TestFloor::with_settings(Settings {
        max_requests: MAX_COUNT,
        mode: plenary_floor::Mode::Queue,
        advance: plenary_floor::Advance::Chair,
        ..Settings::default()
    });
    let mut longest = 0;
    let mut first = None;
    for number in 0..MAX_OPEN_REQUESTS {
        let name = format!("city{number}-1");
        let id = floor.request(&name);
        first.get_or_insert(id);
        for event in &floor.last_events {
            if matches!(event.change, Change::Order { .. }) {
                longest = longest.max(serde_json::to_vec(event).unwrap().len());
            }
        }
    }
    assert!(longest < 5_000, "{longest} bytes");
    let late = requesting("late-1", Kind::Statement);
    let refusal = floor.as_person("late-1", late.clone()).unwrap_err();
    assert_eq!(refusal.code, Code::TooManyRequests);
    assert!(
        refusal.detail.contains("600 open requests"),
        "{}",
        refusal.detail
    );
    floor.request_for("late-1", Kind::PointOfOrder);

    floor.as_chair(Command::ListClose {}).unwrap();
    let admitted = floor.as_chair(admitting("late-1", Kind::Statement));
    assert_eq!(code(admitted), Code::TooManyRequests);
    floor.as_chair(Command::ListReopen {}).unwrap();

    floor.deny(first.unwrap()).unwrap();
    floor.as_person("late-1", late).unwrap();
}
