//! Drops, returns, moves to another room, and a server that was down.

use plenary_floor::{Cause, Code, Command, Event, Kind, State, Substate};
use plenary_ids::Millis;

use crate::hall::{Hall, code, person};

#[test]
fn a_holder_who_drops_is_suspended_and_resumes_on_return() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    hall.after(60);
    hall.drop("tokyo-1");
    assert_eq!(
        hall.state(tokyo),
        (State::Granted, Some(Substate::Suspended))
    );
    hall.after(20);
    hall.connect("tokyo-1");
    assert_eq!(
        (hall.heard(), hall.consumed(tokyo)),
        (vec!["tokyo-1".to_owned()], 60_000)
    );
}

#[test]
fn after_the_grace_the_chair_is_asked_once_and_may_pass_keeping_the_time_left() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    hall.after(60);
    hall.drop("tokyo-1");
    assert_eq!(
        hall.floor.deadline(),
        Some(hall.now.after(Millis::from_secs(30)))
    );
    hall.after(30);
    assert!(matches!(&hall.last[..], [Event::Absent { .. }]));
    assert_eq!(hall.floor.deadline(), None);
    hall.chair(Command::Pass { request: tokyo }).unwrap();
    assert!(hall.request(tokyo).is_passed());
    hall.connect("tokyo-1");
    hall.chair(Command::Recall {
        request: tokyo,
        position: None,
    })
    .unwrap();
    hall.chair(Command::Next).unwrap();
    assert_eq!(
        hall.floor.speech(tokyo).unwrap().limit,
        Millis::from_secs(420)
    );
}

#[test]
fn a_chair_who_waits_is_asked_again_after_another_grace_and_the_return_ends_the_wait() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    hall.after(60);
    hall.drop("tokyo-1");
    hall.after(50);
    assert!(matches!(&hall.last[..], [Event::Absent { .. }]));

    hall.chair(Command::Wait { request: tokyo }).unwrap();
    let by = Some(person("taipei-chair"));
    assert!(matches!(&hall.last[..], [Event::Waiting { by: told, .. }] if *told == by));
    let until = hall.now.after(Millis::from_secs(30));
    let speech = hall.floor.speech(tokyo).unwrap();
    assert_eq!((speech.asked, speech.waits_until), (false, Some(until)));
    assert_eq!(hall.floor.deadline(), Some(until));
    assert_eq!(
        hall.state(tokyo),
        (State::Granted, Some(Substate::Suspended))
    );

    hall.after(30);
    assert!(matches!(&hall.last[..], [Event::Absent { .. }]));
    hall.chair(Command::Wait { request: tokyo }).unwrap();
    hall.after(20);
    hall.connect("tokyo-1");
    let speech = hall.floor.speech(tokyo).unwrap();
    assert_eq!((speech.absent_since, speech.waits_until), (None, None));
    assert_eq!(
        (hall.heard(), hall.consumed(tokyo)),
        (vec!["tokyo-1".to_owned()], 60_000)
    );

    // A later drop has a wait of its own.
    hall.drop("tokyo-1");
    assert_eq!(
        hall.floor.deadline(),
        Some(hall.now.after(Millis::from_secs(30)))
    );
}

#[test]
fn a_chair_may_wait_before_being_asked_and_only_for_a_holder_who_is_absent() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    let wait = |request| Command::Wait { request };
    assert_eq!(code(hall.chair(wait(tokyo))), Code::InvalidTransition);
    hall.drop("tokyo-1");
    hall.after(20);
    assert_eq!(code(hall.own("seoul-1", wait(tokyo))), Code::Forbidden);
    hall.chair(wait(tokyo)).unwrap();
    hall.after(20);
    assert_eq!(hall.last, [], "not asked after the first grace");
    hall.after(10);
    assert!(matches!(&hall.last[..], [Event::Absent { .. }]));

    let listed = hall.listed("delhi-1");
    hall.drop("delhi-1");
    assert_eq!(code(hall.chair(wait(listed))), Code::InvalidTransition);
}

#[test]
fn a_point_of_order_whose_speaker_drops_is_waited_for_or_ended_but_has_no_place_to_be_passed_to() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    let request = hall.ask_for("delhi-1", Kind::PointOfOrder);
    hall.chair(Command::Grant {
        request,
        replace: None,
    })
    .unwrap();
    hall.drop("delhi-1");
    hall.after(30);
    let pass = Command::Pass { request };
    assert_eq!(code(hall.chair(pass)), Code::InvalidTransition);
    hall.chair(Command::Wait { request }).unwrap();
    hall.chair(Command::Revoke {
        request,
        reason: None,
    })
    .unwrap();
    assert_eq!(
        (hall.heard(), hall.has_ended(request)),
        (vec!["tokyo-1".to_owned()], true)
    );
    assert_eq!(hall.consumed(tokyo), 0);
}

#[test]
fn a_holder_who_returns_to_a_full_floor_goes_on_when_it_frees() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    hall.drop("tokyo-1");
    let seoul = hall.speaking("seoul-1");
    hall.connect("tokyo-1");
    assert_eq!(hall.heard(), ["seoul-1"]);
    assert!(
        hall.floor
            .speech(tokyo)
            .unwrap()
            .suspended_by
            .contains(&Cause::Full)
    );
    hall.own("seoul-1", Command::Release { request: seoul })
        .unwrap();
    assert_eq!(hall.heard(), ["tokyo-1"]);
}

#[test]
fn an_absent_first_is_passed_and_recalled_to_a_chosen_place() {
    let mut hall = Hall::moderated();
    let request = hall.listed("delhi-1");
    hall.listed("tokyo-1");
    hall.listed("seoul-1");
    hall.chair(Command::Pass { request }).unwrap();
    assert_eq!(hall.names(), ["tokyo-1", "seoul-1"]);
    hall.chair(Command::Recall {
        request,
        position: Some(2),
    })
    .unwrap();
    assert_eq!(hall.names(), ["tokyo-1", "delhi-1", "seoul-1"]);
    assert!(
        hall.last
            .iter()
            .any(|event| matches!(event, Event::Moved { overrode: true, .. }))
    );
}

#[test]
fn who_goes_to_another_room_is_passed_but_a_holder_cannot_go() {
    let mut hall = Hall::moderated();
    hall.speaking("seoul-1");
    let tokyo = hall.listed("tokyo-1");
    hall.system(Command::Left {
        person: person("tokyo-1"),
    });
    assert!(matches!(&hall.last[0], Event::Passed { reason: Some(why), .. } if why == "away"));
    assert!(hall.request(tokyo).is_passed());
    let away = Command::Left {
        person: person("seoul-1"),
    };
    assert_eq!(
        code(hall.act(away, &plenary_floor::Actor::system())),
        Code::Conflict
    );
}

#[test]
fn the_time_a_server_is_down_does_not_count() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    hall.listed("seoul-1");
    hall.after(252);
    let down_since = hall.now;
    hall.now = hall.now.after(Millis::from_secs(600));
    hall.system(Command::Restarted { down_since });
    assert_eq!(
        (hall.consumed(tokyo), hall.names()),
        (252_000, vec!["seoul-1".to_owned()])
    );
    assert_eq!(
        hall.floor.deadline(),
        Some(hall.now.after(Millis::from_secs(30)))
    );
    hall.connect("tokyo-1");
    hall.after(8);
    assert_eq!(hall.consumed(tokyo), 260_000);
}
