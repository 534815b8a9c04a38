//! Disconnects, returns, moves to another room, and a server that was down. Rules of order, section 12.

use plenary_floor::{
    Cause, Change, Code, Command, Event, Kind, PassReason, RequestStep, SpeechStep, State,
    Substate, SystemCommand,
};
use plenary_ids::Millis;
use plenary_testkit::floor::{TestFloor, code};
use plenary_testkit::person;

/// Whether the chair was asked about an absent holder, and nothing else happened.
fn is_asked(floor: &TestFloor) -> bool {
    let asks = |event: &Event| {
        matches!(
            event.change,
            Change::Speech {
                step: SpeechStep::Absent,
                ..
            }
        )
    };
    matches!(&floor.last_events[..], [event] if asks(event))
}

#[test]
fn a_disconnected_holder_is_suspended_and_resumes_on_return() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    floor.advance(60);
    floor.disconnect("tokyo-1");
    assert_eq!(
        floor.state_of(tokyo),
        (State::Granted, Some(Substate::Suspended))
    );
    floor.advance(20);
    floor.connect("tokyo-1");
    assert_eq!(
        (floor.live_names(), floor.consumed_ms(tokyo)),
        (vec!["tokyo-1".to_owned()], 60_000)
    );
}

#[test]
fn after_the_grace_the_chair_is_asked_once_and_a_pass_keeps_the_time_left() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    floor.advance(60);
    floor.disconnect("tokyo-1");
    assert_eq!(
        floor.state.deadline(),
        Some(floor.now.after(Millis::from_secs(30)))
    );
    floor.advance(30);
    assert!(is_asked(&floor));
    assert_eq!(floor.state.deadline(), None);
    floor.pass(tokyo).unwrap();
    assert!(floor.find(tokyo).is_passed());
    floor.connect("tokyo-1");
    floor.recall(tokyo).unwrap();
    floor.as_chair(Command::Next { expect: None }).unwrap();
    assert_eq!(
        floor.state.speech(tokyo).unwrap().limit,
        Millis::from_secs(420)
    );
}

#[test]
fn a_waiting_chair_is_asked_again_after_another_grace_and_the_return_ends_the_wait() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    floor.advance(60);
    floor.disconnect("tokyo-1");
    floor.advance(50);
    assert!(is_asked(&floor));

    floor.wait(tokyo).unwrap();
    let by = Some(person("taipei-chair"));
    assert!(
        matches!(&floor.last_events[..], [Event { change: Change::Speech { step: SpeechStep::Waiting, .. }, by: author }] if *author == by)
    );
    let until = floor.now.after(Millis::from_secs(30));
    let speech = floor.state.speech(tokyo).unwrap();
    assert_eq!((speech.asked, speech.waits_until), (false, Some(until)));
    assert_eq!(floor.state.deadline(), Some(until));
    assert_eq!(
        floor.state_of(tokyo),
        (State::Granted, Some(Substate::Suspended))
    );

    floor.advance(30);
    assert!(is_asked(&floor));
    floor.wait(tokyo).unwrap();
    floor.advance(20);
    floor.connect("tokyo-1");
    let speech = floor.state.speech(tokyo).unwrap();
    assert_eq!((speech.absent_since, speech.waits_until), (None, None));
    assert_eq!(
        (floor.live_names(), floor.consumed_ms(tokyo)),
        (vec!["tokyo-1".to_owned()], 60_000)
    );

    // A later drop starts a new wait.
    floor.disconnect("tokyo-1");
    assert_eq!(
        floor.state.deadline(),
        Some(floor.now.after(Millis::from_secs(30)))
    );
}

#[test]
fn the_chair_may_wait_for_an_absent_holder_before_being_asked() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let wait = |request| Command::Wait { request };
    assert_eq!(code(floor.as_chair(wait(tokyo))), Code::InvalidTransition);
    floor.disconnect("tokyo-1");
    floor.advance(20);
    assert_eq!(
        code(floor.as_person("seoul-1", wait(tokyo))),
        Code::Forbidden
    );
    floor.as_chair(wait(tokyo)).unwrap();
    floor.advance(20);
    assert_eq!(floor.last_events, [], "not asked after the first grace");
    floor.advance(10);
    assert!(is_asked(&floor));

    let listed = floor.listed("delhi-1");
    floor.disconnect("delhi-1");
    assert_eq!(code(floor.as_chair(wait(listed))), Code::InvalidTransition);
}

#[test]
fn a_point_of_order_of_a_disconnected_speaker_is_waited_for_or_ended_but_not_passed() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let request = floor.request_for("delhi-1", Kind::PointOfOrder);
    floor.grant(request).unwrap();
    floor.disconnect("delhi-1");
    floor.advance(30);
    let pass = Command::Pass { request };
    assert_eq!(code(floor.as_chair(pass)), Code::InvalidTransition);
    floor.wait(request).unwrap();
    floor.revoke(request).unwrap();
    assert_eq!(
        (floor.live_names(), floor.has_ended(request)),
        (vec!["tokyo-1".to_owned()], true)
    );
    assert_eq!(floor.consumed_ms(tokyo), 0);
}

#[test]
fn a_holder_who_returns_to_a_full_floor_goes_on_when_it_frees() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    floor.disconnect("tokyo-1");
    let seoul = floor.speaking("seoul-1");
    floor.connect("tokyo-1");
    assert_eq!(floor.live_names(), ["seoul-1"]);
    assert!(
        floor
            .state
            .speech(tokyo)
            .unwrap()
            .suspended_by
            .contains(&Cause::Full)
    );
    floor
        .as_person("seoul-1", Command::Release { request: seoul })
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
}

#[test]
fn the_absent_head_is_passed_and_recalled_to_a_chosen_place() {
    let mut floor = TestFloor::moderated();
    let request = floor.listed("delhi-1");
    floor.listed("tokyo-1");
    floor.listed("seoul-1");
    floor.pass(request).unwrap();
    assert_eq!(floor.listed_names(), ["tokyo-1", "seoul-1"]);
    floor
        .as_chair(Command::Recall {
            request,
            position: Some(2),
        })
        .unwrap();
    assert_eq!(floor.listed_names(), ["tokyo-1", "delhi-1", "seoul-1"]);
    assert!(floor.last_events.iter().any(|event| matches!(
        event.change,
        Change::Request {
            step: RequestStep::Moved { overrode: true },
            ..
        }
    )));
}

#[test]
fn a_person_who_moves_to_another_room_is_passed_but_a_holder_cannot_move() {
    let mut floor = TestFloor::moderated();
    floor.speaking("seoul-1");
    let tokyo = floor.listed("tokyo-1");
    floor.as_system(SystemCommand::Left(person("tokyo-1")));
    assert!(matches!(
        floor.last_events[0].change,
        Change::Passed {
            reason: Some(PassReason::Away),
            ..
        }
    ));
    assert!(floor.find(tokyo).is_passed());
    let away = SystemCommand::Left(person("seoul-1"));
    assert_eq!(
        code(floor.execute_system(away, &plenary_floor::Actor::system())),
        Code::Conflict
    );
}

#[test]
fn the_time_a_server_is_down_does_not_count() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    floor.listed("seoul-1");
    floor.advance(252);
    let down_since = floor.now;
    floor.now = floor.now.after(Millis::from_secs(600));
    floor.as_system(SystemCommand::Restarted { down_since });
    assert_eq!(
        (floor.consumed_ms(tokyo), floor.listed_names()),
        (252_000, vec!["seoul-1".to_owned()])
    );
    assert_eq!(
        floor.state.deadline(),
        Some(floor.now.after(Millis::from_secs(30)))
    );
    floor.connect("tokyo-1");
    floor.advance(8);
    assert_eq!(floor.consumed_ms(tokyo), 260_000);
}
