//! Points of order: ruled on at once, or heard first and then ruled on.

use plenary_floor::{Code, Command, Ending, Event, Kind, Ruling, State, Substate};

use crate::hall::{Hall, code};

#[test]
fn a_point_of_order_suspends_the_speech_until_it_is_ruled_on() {
    for upheld in [true, false] {
        let mut hall = Hall::moderated();
        let tokyo = hall.speaking("tokyo-1");
        let seoul = hall.listed("seoul-1");
        hall.after(60);
        let request = hall.ask_for("delhi-1", Kind::PointOfOrder);
        assert_eq!(
            hall.state(tokyo),
            (State::Granted, Some(Substate::Suspended))
        );
        assert_eq!(hall.request(request).position, None);
        assert_eq!(code(hall.chair(Command::Next)), Code::Conflict);
        assert_eq!(
            code(hall.chair(Command::Grant {
                request: seoul,
                replace: Some(tokyo)
            })),
            Code::Conflict
        );
        hall.after(300);
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
        hall.chair(ruling).unwrap();
        assert_eq!(
            (hall.heard(), hall.consumed(tokyo)),
            (vec!["tokyo-1".to_owned()], 60_000)
        );
    }
}

#[test]
fn a_point_of_order_may_be_heard_before_the_speech_goes_on() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    let request = hall.ask_for("delhi-1", Kind::PointOfOrder);
    hall.chair(Command::Grant {
        request,
        replace: None,
    })
    .unwrap();
    assert_eq!(hall.heard(), ["delhi-1"]);
    hall.own("delhi-1", Command::Release { request }).unwrap();
    assert_eq!(hall.heard(), ["tokyo-1"]);
    assert_eq!(hall.consumed(tokyo), 0);
}

#[test]
fn a_point_of_order_that_is_heard_is_ruled_on_and_the_speech_goes_on_with_the_time_it_had() {
    for (ruling, ends, how) in [
        (Ruling::Upheld, State::Released, Ending::Released),
        (Ruling::Overruled, State::Revoked, Ending::Revoked),
    ] {
        let mut hall = Hall::moderated();
        let tokyo = hall.speaking("tokyo-1");
        hall.after(60);
        let request = hall.ask_for("delhi-1", Kind::PointOfOrder);
        hall.chair(Command::Grant {
            request,
            replace: None,
        })
        .unwrap();
        hall.after(30);
        let reason = Some("It is within the item.".to_owned());
        let rule = match ruling {
            Ruling::Upheld => Command::Accept {
                request,
                position: None,
            },
            Ruling::Overruled => Command::Deny { request, reason },
        };
        assert_eq!(code(hall.own("delhi-1", rule.clone())), Code::Forbidden);
        hall.chair(rule).unwrap();
        let (ended, speech, said) = match &hall.last[0] {
            Event::Released {
                request,
                speech,
                ruling,
                ..
            }
            | Event::Revoked {
                request,
                speech,
                ruling,
                ..
            } => (request, speech, ruling),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            (ended.state, speech.how, *said),
            (ends, Some(how), Some(ruling))
        );
        assert!(hall.has_ended(request));
        assert_eq!(hall.heard(), ["tokyo-1"]);
        assert_eq!(hall.consumed(tokyo), 60_000);
    }
}

#[test]
fn a_heard_point_of_order_that_ends_by_itself_has_no_ruling() {
    let mut hall = Hall::moderated();
    let request = hall.ask_for("delhi-1", Kind::PointOfOrder);
    hall.chair(Command::Grant {
        request,
        replace: None,
    })
    .unwrap();
    hall.own("delhi-1", Command::Release { request }).unwrap();
    assert!(matches!(
        &hall.last[0],
        Event::Released { ruling: None, .. }
    ));
}
