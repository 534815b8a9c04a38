//! The places that the chair gives: the latest word has its place exactly, and the others keep theirs as far as they can.

use plenary_floor::{Command, Policy, Settings};
use plenary_ids::RequestId;

use crate::hall::Hall;

fn hall(names: &[&str]) -> Hall {
    let mut hall = Hall::with(Settings {
        max_requests: 9,
        ..Settings::default()
    });
    for name in names {
        hall.listed(name);
    }
    hall
}

fn of(hall: &Hall, name: &str) -> RequestId {
    let mut open = hall.floor.order().iter();
    *open
        .find(|id| hall.request(**id).beneficiary.as_str() == name)
        .unwrap()
}

fn moves(hall: &mut Hall, name: &str, position: u32) {
    let request = of(hall, name);
    hall.chair(Command::Move {
        request,
        position,
        overriding: true,
    })
    .unwrap();
}

const FIVE: [&str; 5] = ["tokyo-1", "seoul-1", "delhi-1", "brussels-1", "singapore-1"];

#[test]
fn whoever_is_moved_to_a_place_that_another_was_moved_to_gets_it() {
    let mut hall = hall(&FIVE);
    moves(&mut hall, "delhi-1", 1);
    moves(&mut hall, "brussels-1", 1);
    assert_eq!(
        hall.names(),
        ["brussels-1", "delhi-1", "tokyo-1", "seoul-1", "singapore-1"]
    );
    moves(&mut hall, "singapore-1", 1);
    assert_eq!(
        hall.names(),
        ["singapore-1", "brussels-1", "delhi-1", "tokyo-1", "seoul-1"]
    );
}

#[test]
fn a_pin_that_is_not_in_the_way_stays_where_it_is() {
    let mut hall = hall(&FIVE);
    moves(&mut hall, "delhi-1", 2);
    moves(&mut hall, "singapore-1", 1);
    assert_eq!(
        hall.names(),
        ["singapore-1", "delhi-1", "tokyo-1", "seoul-1", "brussels-1"]
    );
}

#[test]
fn the_last_place_is_the_last_place_whoever_was_moved_there_before() {
    let mut hall = hall(&FIVE);
    moves(&mut hall, "tokyo-1", 5);
    moves(&mut hall, "seoul-1", 5);
    assert_eq!(
        hall.names(),
        ["delhi-1", "brussels-1", "singapore-1", "tokyo-1", "seoul-1"]
    );
}

#[test]
fn in_an_order_that_was_set_as_a_whole_one_move_shifts_those_between_by_one() {
    let mut hall = hall(&FIVE);
    let ids = hall.floor.order().iter().rev().copied().collect();
    hall.chair(Command::Order { ids }).unwrap();
    moves(&mut hall, "singapore-1", 4);
    assert_eq!(
        hall.names(),
        ["brussels-1", "delhi-1", "seoul-1", "singapore-1", "tokyo-1"]
    );
    moves(&mut hall, "tokyo-1", 2);
    assert_eq!(
        hall.names(),
        ["brussels-1", "tokyo-1", "delhi-1", "seoul-1", "singapore-1"]
    );
}

#[test]
fn who_is_accepted_or_recalled_to_a_place_gets_it_exactly() {
    let mut hall = Hall::with(Settings {
        max_requests: 9,
        ..Settings::default()
    });
    for name in ["tokyo-1", "seoul-1", "delhi-1"] {
        let request = hall.ask(name);
        let position = Some(1);
        hall.chair(Command::Accept { request, position }).unwrap();
    }
    assert_eq!(hall.names(), ["delhi-1", "seoul-1", "tokyo-1"]);
    let request = of(&hall, "delhi-1");
    hall.chair(Command::Pass { request }).unwrap();
    let position = Some(2);
    hall.chair(Command::Recall { request, position }).unwrap();
    assert_eq!(hall.names(), ["seoul-1", "delhi-1", "tokyo-1"]);
}

#[test]
fn when_the_list_shrinks_below_pins_they_close_up_in_their_order() {
    let mut hall = hall(&FIVE);
    moves(&mut hall, "tokyo-1", 4);
    moves(&mut hall, "seoul-1", 5);
    for name in ["delhi-1", "brussels-1"] {
        let request = of(&hall, name);
        hall.chair(Command::Deny {
            request,
            reason: None,
        })
        .unwrap();
    }
    assert_eq!(hall.names(), ["singapore-1", "tokyo-1", "seoul-1"]);
    hall.listed("delhi-1");
    assert_eq!(
        hall.names(),
        ["singapore-1", "tokyo-1", "seoul-1", "delhi-1"]
    );
}

#[test]
fn a_place_that_the_policy_allows_is_not_refused_because_of_an_older_one_that_gives_way() {
    let mut hall = Hall::with(Settings {
        policy: Policy::MembersFirst,
        ..Settings::default()
    });
    for name in ["tokyo-1", "seoul-1", "delhi-1", "brussels-1"] {
        hall.listed(name);
    }
    let to_three = |request| Command::Move {
        request,
        position: 3,
        overriding: false,
    };
    let seoul = of(&hall, "seoul-1");
    hall.chair(to_three(seoul)).unwrap();
    let tokyo = of(&hall, "tokyo-1");
    hall.chair(to_three(tokyo)).unwrap();
    assert_eq!(
        hall.names(),
        ["seoul-1", "delhi-1", "tokyo-1", "brussels-1"]
    );
}
