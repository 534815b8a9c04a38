//! The four modes, and *next*.

use plenary_floor::{
    Code, Command, Kind, Mode, Settings, SettingsPatch, State, Substate, WhenFull,
};

use crate::hall::{Hall, code, wish};

fn hall_in(mode: Mode) -> Hall {
    Hall::with(Settings {
        mode,
        ..Settings::default()
    })
}

#[test]
fn a_moderated_request_waits_for_the_chair() {
    let mut hall = Hall::moderated();
    let request = hall.ask("tokyo-1");
    assert_eq!(hall.state(request), (State::Pending, None));
}

#[test]
fn a_queue_grants_its_head_as_a_slot_frees_and_passes_the_absent() {
    let mut hall = hall_in(Mode::Queue);
    let tokyo = hall.ask("tokyo-1");
    let delhi = hall.ask("delhi-1");
    hall.ask("seoul-1");
    hall.drop("delhi-1");
    assert_eq!(hall.heard(), ["tokyo-1"]);
    hall.own("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert_eq!(hall.heard(), ["seoul-1"]);
    assert_eq!(hall.state(delhi), (State::Accepted, Some(Substate::Passed)));
}

#[test]
fn an_open_floor_grants_while_a_microphone_is_free() {
    let mut hall = Hall::with(Settings {
        mode: Mode::Open,
        nom: 2,
        ..Settings::default()
    });
    for name in ["tokyo-1", "seoul-1", "delhi-1"] {
        hall.ask(name);
    }
    assert_eq!(hall.heard(), ["tokyo-1", "seoul-1"]);
    assert_eq!(hall.names(), ["delhi-1"]);
}

#[test]
fn only_the_chair_opens_microphones_in_direct_mode() {
    let mut hall = hall_in(Mode::Direct);
    assert_eq!(
        code(hall.own(
            "tokyo-1",
            Command::Request(wish("tokyo-1", Kind::Statement))
        )),
        Code::Forbidden
    );
    hall.chair(Command::Request(wish("tokyo-1", Kind::Statement)))
        .unwrap();
    assert_eq!(hall.heard(), ["tokyo-1"]);
}

#[test]
fn next_ends_the_speech_and_grants_the_first_who_is_present() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    let delhi = hall.listed("delhi-1");
    hall.listed("seoul-1");
    hall.drop("delhi-1");
    hall.chair(Command::Next).unwrap();
    assert!(hall.has_ended(tokyo));
    assert_eq!(hall.heard(), ["seoul-1"]);
    assert!(hall.request(delhi).is_passed());
}

#[test]
fn next_with_nobody_to_grant_changes_nothing() {
    let mut hall = Hall::moderated();
    hall.speaking("tokyo-1");
    hall.listed("delhi-1");
    hall.drop("delhi-1");
    let before = hall.floor.clone();
    assert_eq!(code(hall.chair(Command::Next)), Code::NothingListed);
    assert_eq!(hall.floor, before);
}

#[test]
fn a_full_floor_may_replace_the_longest_speech() {
    let mut hall = Hall::with(Settings {
        when_full: WhenFull::Override,
        nom: 2,
        ..Settings::default()
    });
    hall.speaking("tokyo-1");
    hall.after(1);
    hall.speaking("seoul-1");
    hall.after(1);
    hall.speaking("delhi-1");
    assert_eq!(hall.heard(), ["seoul-1", "delhi-1"]);
}

#[test]
fn fewer_microphones_suspend_the_newest_and_a_freed_one_lets_it_go_on() {
    let mut hall = Hall::with(Settings {
        nom: 2,
        ..Settings::default()
    });
    let tokyo = hall.speaking("tokyo-1");
    hall.after(1);
    hall.speaking("seoul-1");
    hall.chair(Command::Settings(SettingsPatch {
        nom: Some(1),
        ..SettingsPatch::default()
    }))
    .unwrap();
    assert_eq!(hall.heard(), ["tokyo-1"]);
    hall.own("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert_eq!(hall.heard(), ["seoul-1"]);
}

#[test]
fn a_floor_without_microphones_is_refused() {
    let mut hall = Hall::moderated();
    let patch = SettingsPatch {
        nom: Some(0),
        ..SettingsPatch::default()
    };
    assert_eq!(code(hall.chair(Command::Settings(patch))), Code::Invalid);
}

#[test]
fn pending_requests_are_listed_when_the_room_becomes_a_queue() {
    let mut hall = Hall::moderated();
    hall.ask("tokyo-1");
    hall.ask("seoul-1");
    hall.chair(Command::Settings(SettingsPatch {
        mode: Some(Mode::Queue),
        ..SettingsPatch::default()
    }))
    .unwrap();
    assert_eq!(
        (hall.heard(), hall.names()),
        (vec!["tokyo-1".to_owned()], vec!["seoul-1".to_owned()])
    );
}
