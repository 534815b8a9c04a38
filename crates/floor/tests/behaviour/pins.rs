//! Pinned positions: the latest has exactly its position, and the others keep theirs where possible. Rules of order,
//! section 7.3.

use plenary_floor::{Command, Policy, Settings};
use plenary_ids::RequestId;
use plenary_testkit::floor::TestFloor;

fn floor_with_list(names: &[&str]) -> TestFloor {
    let mut floor = TestFloor::with_settings(Settings {
        max_requests: 9,
        ..Settings::default()
    });
    for name in names {
        floor.listed(name);
    }
    floor
}

fn of(floor: &TestFloor, name: &str) -> RequestId {
    let mut open = floor.state.order().iter();
    *open
        .find(|id| floor.find(**id).beneficiary.as_str() == name)
        .unwrap()
}

fn moves(floor: &mut TestFloor, name: &str, position: u32) {
    let request = of(floor, name);
    floor
        .as_chair(Command::Move {
            request,
            position,
            overriding: true,
        })
        .unwrap();
}

const FIVE: [&str; 5] = ["tokyo-1", "seoul-1", "delhi-1", "brussels-1", "singapore-1"];

#[test]
fn the_latest_entry_that_was_moved_to_a_position_has_it() {
    let mut floor = floor_with_list(&FIVE);
    moves(&mut floor, "delhi-1", 1);
    moves(&mut floor, "brussels-1", 1);
    assert_eq!(
        floor.listed_names(),
        ["brussels-1", "delhi-1", "tokyo-1", "seoul-1", "singapore-1"]
    );
    moves(&mut floor, "singapore-1", 1);
    assert_eq!(
        floor.listed_names(),
        ["singapore-1", "brussels-1", "delhi-1", "tokyo-1", "seoul-1"]
    );
}

#[test]
fn a_pin_at_another_position_keeps_it() {
    let mut floor = floor_with_list(&FIVE);
    moves(&mut floor, "delhi-1", 2);
    moves(&mut floor, "singapore-1", 1);
    assert_eq!(
        floor.listed_names(),
        ["singapore-1", "delhi-1", "tokyo-1", "seoul-1", "brussels-1"]
    );
}

#[test]
fn the_latest_entry_that_was_moved_to_the_end_is_last() {
    let mut floor = floor_with_list(&FIVE);
    moves(&mut floor, "tokyo-1", 5);
    moves(&mut floor, "seoul-1", 5);
    assert_eq!(
        floor.listed_names(),
        ["delhi-1", "brussels-1", "singapore-1", "tokyo-1", "seoul-1"]
    );
}

#[test]
fn a_move_in_a_fully_pinned_order_shifts_the_entries_between_by_one() {
    let mut floor = floor_with_list(&FIVE);
    let ids = floor.state.order().iter().rev().copied().collect();
    floor.as_chair(Command::Order { ids }).unwrap();
    moves(&mut floor, "singapore-1", 4);
    assert_eq!(
        floor.listed_names(),
        ["brussels-1", "delhi-1", "seoul-1", "singapore-1", "tokyo-1"]
    );
    moves(&mut floor, "tokyo-1", 2);
    assert_eq!(
        floor.listed_names(),
        ["brussels-1", "tokyo-1", "delhi-1", "seoul-1", "singapore-1"]
    );
}

#[test]
fn an_entry_accepted_or_recalled_to_a_position_has_exactly_that_position() {
    let mut floor = TestFloor::with_settings(Settings {
        max_requests: 9,
        ..Settings::default()
    });
    for name in ["tokyo-1", "seoul-1", "delhi-1"] {
        let request = floor.request(name);
        let position = Some(1);
        floor
            .as_chair(Command::Accept { request, position })
            .unwrap();
    }
    assert_eq!(floor.listed_names(), ["delhi-1", "seoul-1", "tokyo-1"]);
    let request = of(&floor, "delhi-1");
    floor.pass(request).unwrap();
    let position = Some(2);
    floor
        .as_chair(Command::Recall { request, position })
        .unwrap();
    assert_eq!(floor.listed_names(), ["seoul-1", "delhi-1", "tokyo-1"]);
}

#[test]
fn when_the_list_shrinks_below_pins_they_close_up_in_their_order() {
    let mut floor = floor_with_list(&FIVE);
    moves(&mut floor, "tokyo-1", 4);
    moves(&mut floor, "seoul-1", 5);
    for name in ["delhi-1", "brussels-1"] {
        let request = of(&floor, name);
        floor.deny(request).unwrap();
    }
    assert_eq!(floor.listed_names(), ["singapore-1", "tokyo-1", "seoul-1"]);
    floor.listed("delhi-1");
    assert_eq!(
        floor.listed_names(),
        ["singapore-1", "tokyo-1", "seoul-1", "delhi-1"]
    );
}

#[test]
fn a_position_that_the_policy_allows_is_not_refused_because_of_an_older_pin() {
    let mut floor = TestFloor::with_settings(Settings {
        policy: Policy::MembersFirst,
        ..Settings::default()
    });
    for name in ["tokyo-1", "seoul-1", "delhi-1", "brussels-1"] {
        floor.listed(name);
    }
    let to_three = |request| Command::Move {
        request,
        position: 3,
        overriding: false,
    };
    let seoul = of(&floor, "seoul-1");
    floor.as_chair(to_three(seoul)).unwrap();
    let tokyo = of(&floor, "tokyo-1");
    floor.as_chair(to_three(tokyo)).unwrap();
    assert_eq!(
        floor.listed_names(),
        ["seoul-1", "delhi-1", "tokyo-1", "brussels-1"]
    );
}
