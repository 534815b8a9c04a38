//! Points of order: ruled on at once, or heard first and then ruled on. Rules of order, section 8.

use plenary_floor::{Change, Code, Command, Ending, Kind, Ruling, SpeechStep, State, Substate};
use plenary_testkit::floor::{TestFloor, code};

#[test]
fn a_point_of_order_suspends_the_speech_until_it_is_ruled_on() {
    for upheld in [true, false] {
        let mut floor = TestFloor::moderated();
        let tokyo = floor.speaking("tokyo-1");
        let seoul = floor.listed("seoul-1");
        floor.advance(60);
        let request = floor.request_for("delhi-1", Kind::PointOfOrder);
        assert_eq!(
            floor.state_of(tokyo),
            (State::Granted, Some(Substate::Suspended))
        );
        assert_eq!(floor.find(request).position, None);
        assert_eq!(
            code(floor.as_chair(Command::Next { expect: None })),
            Code::Conflict
        );
        assert_eq!(
            code(floor.as_chair(Command::Grant {
                request: seoul,
                replace: Some(tokyo)
            })),
            Code::Conflict
        );
        floor.advance(300);
        let ruling = if upheld {
            Command::Accept {
                request,
                position: None,
            }
        } else {
            Command::Deny {
                request,
                reason: Some("Not well taken.".into()),
            }
        };
        floor.as_chair(ruling).unwrap();
        assert_eq!(
            (floor.live_names(), floor.consumed_ms(tokyo)),
            (vec!["tokyo-1".to_owned()], 60_000)
        );
    }
}

#[test]
fn a_point_of_order_may_be_heard_before_the_speech_goes_on() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let request = floor.request_for("delhi-1", Kind::PointOfOrder);
    floor.grant(request).unwrap();
    assert_eq!(floor.live_names(), ["delhi-1"]);
    floor
        .as_person("delhi-1", Command::Release { request })
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    assert_eq!(floor.consumed_ms(tokyo), 0);
}

#[test]
fn a_point_of_order_that_is_heard_is_ruled_on_and_the_speech_goes_on_with_the_time_it_had() {
    for (ruling, ends, how) in [
        (Ruling::Upheld, State::Released, Ending::Released),
        (Ruling::Overruled, State::Revoked, Ending::Revoked),
    ] {
        let mut floor = TestFloor::moderated();
        let tokyo = floor.speaking("tokyo-1");
        floor.advance(60);
        let request = floor.request_for("delhi-1", Kind::PointOfOrder);
        floor.grant(request).unwrap();
        floor.advance(30);
        let reason = Some("It is within the item.".to_owned());
        let rule = match ruling {
            Ruling::Upheld => Command::Accept {
                request,
                position: None,
            },
            Ruling::Overruled => Command::Deny { request, reason },
        };
        assert_eq!(
            code(floor.as_person("delhi-1", rule.clone())),
            Code::Forbidden
        );
        floor.as_chair(rule).unwrap();
        let Change::Speech {
            request: ended,
            speech,
            step: SpeechStep::Released { ruling: said } | SpeechStep::Revoked { ruling: said, .. },
        } = &floor.last_events[0].change
        else {
            panic!("{:?}", floor.last_events[0]);
        };
        assert_eq!(
            (ended.state, speech.how, *said),
            (ends, Some(how), Some(ruling))
        );
        assert!(floor.has_ended(request));
        assert_eq!(floor.live_names(), ["tokyo-1"]);
        assert_eq!(floor.consumed_ms(tokyo), 60_000);
    }
}

#[test]
fn a_heard_point_of_order_that_ends_by_itself_has_no_ruling() {
    let mut floor = TestFloor::moderated();
    let request = floor.request_for("delhi-1", Kind::PointOfOrder);
    floor.grant(request).unwrap();
    floor
        .as_person("delhi-1", Command::Release { request })
        .unwrap();
    assert!(matches!(
        &floor.last_events[0].change,
        Change::Speech {
            step: SpeechStep::Released { ruling: None },
            ..
        }
    ));
}
