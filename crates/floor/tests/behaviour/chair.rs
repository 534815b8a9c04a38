//! The chair: taken, handed over, and its priority.

use plenary_floor::{Actor, ChairVerb, Code, Command, Scope, State};

use crate::hall::{Hall, code, person};

fn deputy(hall: &mut Hall, command: Command) -> Result<(), plenary_floor::Refusal> {
    hall.act(command, &Actor::new(person("taipei-1"), Scope::Chair))
}

#[test]
fn while_somebody_is_in_the_chair_no_other_moderator_decides() {
    let mut hall = Hall::moderated();
    let request = hall.ask("tokyo-1");
    let accept = Command::Accept {
        request,
        position: None,
    };
    assert_eq!(code(deputy(&mut hall, accept.clone())), Code::Forbidden);
    assert_eq!(
        code(deputy(&mut hall, Command::Chair(ChairVerb::Take))),
        Code::Conflict
    );
    hall.chair(Command::Chair(ChairVerb::HandOver {
        to: person("taipei-1"),
    }))
    .unwrap();
    deputy(&mut hall, accept.clone()).unwrap();
    assert_eq!(code(hall.chair(accept)), Code::Forbidden);
}

#[test]
fn a_lost_chair_leaves_the_speech_alone_until_a_deputy_takes_over() {
    let mut hall = Hall::moderated();
    hall.speaking("tokyo-1");
    hall.drop("taipei-chair");
    assert_eq!(hall.heard(), ["tokyo-1"]);
    let seoul = hall.ask("seoul-1");
    assert_eq!(hall.request(seoul).state, State::Pending);
    deputy(&mut hall, Command::Chair(ChairVerb::Take)).unwrap();
    hall.connect("taipei-chair");
    assert_eq!(code(hall.chair(Command::Next)), Code::Forbidden);
}

#[test]
fn chair_priority_suspends_everybody_else_and_restores_them() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    let seoul = hall.listed("seoul-1");
    hall.after(20);
    hall.chair(Command::Chair(ChairVerb::PriorityOn)).unwrap();
    assert!(hall.heard().is_empty());
    assert_eq!(
        code(hall.chair(Command::Grant {
            request: seoul,
            replace: None
        })),
        Code::Conflict
    );
    hall.after(40);
    hall.chair(Command::Chair(ChairVerb::PriorityOff)).unwrap();
    assert_eq!(
        (hall.heard(), hall.consumed(tokyo)),
        (vec!["tokyo-1".to_owned()], 20_000)
    );
}

#[test]
fn the_chairs_own_speech_is_not_counted() {
    let mut hall = Hall::moderated();
    hall.speaking("tokyo-1");
    hall.speaking("taipei-chair");
    assert_eq!(hall.heard(), ["tokyo-1", "taipei-chair"]);
    hall.chair(Command::Chair(ChairVerb::HandOver {
        to: person("taipei-1"),
    }))
    .unwrap();
    assert_eq!(hall.heard(), ["tokyo-1"]);
}

#[test]
fn a_delegate_decides_nothing_and_an_operator_only_takes_the_floor() {
    let mut hall = Hall::moderated();
    let request = hall.speaking("tokyo-1");
    assert_eq!(code(hall.own("seoul-1", Command::Next)), Code::Forbidden);
    let operator = Actor::new(person("operator"), Scope::Operator);
    assert_eq!(
        code(hall.act(Command::Suspend { request }, &operator)),
        Code::Forbidden
    );
    hall.act(
        Command::Revoke {
            request,
            reason: None,
        },
        &operator,
    )
    .unwrap();
    assert!(hall.has_ended(request));
}
