//! The chair: taken, handed over, and its priority. Rules of order, section 11.

use plenary_floor::{Actor, Code, Command, Scope, State};
use plenary_testkit::floor::{TestFloor, code};
use plenary_testkit::person;

fn deputy(floor: &mut TestFloor, command: Command) -> Result<(), plenary_floor::Refusal> {
    floor.execute(command, &Actor::new(person("taipei-1"), Scope::Chair))
}

#[test]
fn while_the_chair_is_taken_no_other_moderator_decides() {
    let mut floor = TestFloor::moderated();
    let request = floor.request("tokyo-1");
    let accept = Command::Accept {
        request,
        position: None,
    };
    assert_eq!(code(deputy(&mut floor, accept.clone())), Code::Forbidden);
    assert_eq!(
        code(deputy(&mut floor, Command::ChairTake {})),
        Code::Conflict
    );
    floor
        .as_chair(Command::ChairHandOver {
            to: person("taipei-1"),
        })
        .unwrap();
    deputy(&mut floor, accept.clone()).unwrap();
    assert_eq!(code(floor.as_chair(accept)), Code::Forbidden);
}

#[test]
fn a_disconnected_chair_leaves_the_speech_alone_until_a_deputy_takes_over() {
    let mut floor = TestFloor::moderated();
    floor.speaking("tokyo-1");
    floor.disconnect("taipei-chair");
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    let seoul = floor.request("seoul-1");
    assert_eq!(floor.find(seoul).state, State::Pending);
    deputy(&mut floor, Command::ChairTake {}).unwrap();
    floor.connect("taipei-chair");
    assert_eq!(
        code(floor.as_chair(Command::Next { expect: None })),
        Code::Forbidden
    );
}

#[test]
fn chair_priority_suspends_all_other_speeches_and_then_restores_them() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let seoul = floor.listed("seoul-1");
    floor.advance(20);
    floor.as_chair(Command::ChairPriorityOn {}).unwrap();
    assert!(floor.live_names().is_empty());
    assert_eq!(code(floor.grant(seoul)), Code::Conflict);
    floor.advance(40);
    floor.as_chair(Command::ChairPriorityOff {}).unwrap();
    assert_eq!(
        (floor.live_names(), floor.consumed_ms(tokyo)),
        (vec!["tokyo-1".to_owned()], 20_000)
    );
}

#[test]
fn the_chairs_own_speech_is_not_counted() {
    let mut floor = TestFloor::moderated();
    floor.speaking("tokyo-1");
    floor.speaking("taipei-chair");
    assert_eq!(floor.live_names(), ["tokyo-1", "taipei-chair"]);
    floor
        .as_chair(Command::ChairHandOver {
            to: person("taipei-1"),
        })
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
}

#[test]
fn a_delegate_decides_nothing_and_an_operator_may_only_end_a_speech() {
    let mut floor = TestFloor::moderated();
    let request = floor.speaking("tokyo-1");
    assert_eq!(
        code(floor.as_person("seoul-1", Command::Next { expect: None })),
        Code::Forbidden
    );
    let operator = Actor::new(person("operator"), Scope::Operator);
    assert_eq!(
        code(floor.execute(Command::Suspend { request }, &operator)),
        Code::Forbidden
    );
    floor
        .execute(
            Command::Revoke {
                request,
                reason: None,
            },
            &operator,
        )
        .unwrap();
    assert!(floor.has_ended(request));
}
