//! The four modes, and *next*. Rules of order, sections 4 and 5.

use plenary_floor::{
    Code, Command, Kind, Mode, Settings, SettingsPatch, State, Substate, WhenFull,
};
use plenary_testkit::floor::{TestFloor, code, requesting};

fn floor_in(mode: Mode) -> TestFloor {
    TestFloor::with_settings(Settings {
        mode,
        ..Settings::default()
    })
}

#[test]
fn a_moderated_request_waits_for_the_chair() {
    let mut floor = TestFloor::moderated();
    let request = floor.request("tokyo-1");
    assert_eq!(floor.state_of(request), (State::Pending, None));
}

#[test]
fn a_queue_grants_its_head_as_a_microphone_frees_and_passes_the_absent() {
    let mut floor = floor_in(Mode::Queue);
    let tokyo = floor.request("tokyo-1");
    let delhi = floor.request("delhi-1");
    floor.request("seoul-1");
    floor.disconnect("delhi-1");
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    floor
        .as_person("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert_eq!(floor.live_names(), ["seoul-1"]);
    assert_eq!(
        floor.state_of(delhi),
        (State::Accepted, Some(Substate::Passed))
    );
}

#[test]
fn an_open_floor_grants_while_a_microphone_is_free() {
    let mut floor = TestFloor::with_settings(Settings {
        mode: Mode::Open,
        nom: 2,
        ..Settings::default()
    });
    for name in ["tokyo-1", "seoul-1", "delhi-1"] {
        floor.request(name);
    }
    assert_eq!(floor.live_names(), ["tokyo-1", "seoul-1"]);
    assert_eq!(floor.listed_names(), ["delhi-1"]);
}

#[test]
fn only_the_chair_opens_microphones_in_direct_mode() {
    let mut floor = floor_in(Mode::Direct);
    assert_eq!(
        code(floor.as_person("tokyo-1", requesting("tokyo-1", Kind::Statement))),
        Code::Forbidden
    );
    floor
        .as_chair(requesting("tokyo-1", Kind::Statement))
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
}

#[test]
fn next_ends_the_speech_and_grants_the_first_who_is_present() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let delhi = floor.listed("delhi-1");
    floor.listed("seoul-1");
    floor.disconnect("delhi-1");
    floor.as_chair(Command::Next { expect: None }).unwrap();
    assert!(floor.has_ended(tokyo));
    assert_eq!(floor.live_names(), ["seoul-1"]);
    assert!(floor.find(delhi).is_passed());
}

#[test]
fn next_with_nobody_to_grant_changes_nothing() {
    let mut floor = TestFloor::moderated();
    floor.speaking("tokyo-1");
    floor.listed("delhi-1");
    floor.disconnect("delhi-1");
    let before = floor.state.clone();
    assert_eq!(
        code(floor.as_chair(Command::Next { expect: None })),
        Code::NothingListed
    );
    assert_eq!(floor.state, before);
}

#[test]
fn a_full_floor_may_replace_the_longest_speech() {
    let mut floor = TestFloor::with_settings(Settings {
        when_full: WhenFull::Override,
        nom: 2,
        ..Settings::default()
    });
    floor.speaking("tokyo-1");
    floor.advance(1);
    floor.speaking("seoul-1");
    floor.advance(1);
    floor.speaking("delhi-1");
    assert_eq!(floor.live_names(), ["seoul-1", "delhi-1"]);
}

#[test]
fn fewer_microphones_suspend_the_newest_and_a_freed_one_lets_it_go_on() {
    let mut floor = TestFloor::with_settings(Settings {
        nom: 2,
        ..Settings::default()
    });
    let tokyo = floor.speaking("tokyo-1");
    floor.advance(1);
    floor.speaking("seoul-1");
    floor
        .as_chair(Command::Set(SettingsPatch {
            nom: Some(1),
            ..SettingsPatch::default()
        }))
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    floor
        .as_person("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert_eq!(floor.live_names(), ["seoul-1"]);
}

#[test]
fn a_floor_without_microphones_is_refused() {
    let mut floor = TestFloor::moderated();
    let patch = SettingsPatch {
        nom: Some(0),
        ..SettingsPatch::default()
    };
    assert_eq!(code(floor.as_chair(Command::Set(patch))), Code::Invalid);
}

#[test]
fn pending_requests_are_listed_when_the_room_becomes_a_queue() {
    let mut floor = TestFloor::moderated();
    floor.request("tokyo-1");
    floor.request("seoul-1");
    floor
        .as_chair(Command::Set(SettingsPatch {
            mode: Some(Mode::Queue),
            ..SettingsPatch::default()
        }))
        .unwrap();
    assert_eq!(
        (floor.live_names(), floor.listed_names()),
        (vec!["tokyo-1".to_owned()], vec!["seoul-1".to_owned()])
    );
}
