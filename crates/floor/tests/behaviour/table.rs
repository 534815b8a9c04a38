//! The table of floor requests, row by row, and every pair that is not in it. Rules of order, sections 2, 3, 5 and 10.

use plenary_floor::{Code, Command, Kind, Settings};
use plenary_ids::{BoundedMillis, Millis, RequestId};
use plenary_testkit::floor::{TestFloor, code, requesting};
use plenary_testkit::person;

#[test]
fn a_second_request_of_a_kind_is_refused_with_the_id_of_the_first() {
    let mut floor = TestFloor::moderated();
    let first = floor.request("tokyo-1");
    let refusal = floor
        .as_person("tokyo-1", requesting("tokyo-1", Kind::Statement))
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.request),
        (Code::Duplicate, Some(first))
    );
}

#[test]
fn a_delegation_has_at_most_max_requests_open_requests() {
    let mut floor = TestFloor::with_settings(Settings {
        max_requests: 1,
        ..Settings::default()
    });
    floor.request("seoul-1");
    assert_eq!(
        code(floor.as_person("seoul-2", requesting("seoul-2", Kind::Statement))),
        Code::TooManyRequests
    );
    floor.request_for("seoul-2", Kind::PointOfOrder);
}

#[test]
fn only_a_clerk_requests_the_floor_for_another_person() {
    let mut floor = TestFloor::moderated();
    assert_eq!(
        code(floor.as_person("tokyo-1", requesting("seoul-1", Kind::Statement))),
        Code::Forbidden
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn every_pair_that_is_not_in_the_table_is_an_invalid_transition_and_changes_nothing() {
    let mut floor = TestFloor::with_settings(Settings {
        nom: 2,
        max_requests: 9,
        ..Settings::default()
    });
    let pending = floor.request("tokyo-1");
    let listed = floor.listed("seoul-1");
    let passed = floor.listed("seoul-2");
    floor.pass(passed).unwrap();
    let live = floor.speaking("delhi-1");
    let suspended = floor.speaking("brussels-1");
    floor.suspend(suspended).unwrap();

    let accept = |request| Command::Accept {
        request,
        position: None,
    };
    let grant = |request| Command::Grant {
        request,
        replace: None,
    };
    let deny = |request| Command::Deny {
        request,
        reason: None,
    };
    let moving = |request| Command::Move {
        request,
        position: 1,
        overriding: true,
    };
    let pass = |request| Command::Pass { request };
    let wait = |request| Command::Wait { request };
    let suspend = |request| Command::Suspend { request };
    let resume = |request| Command::Resume { request };
    let revoke = |request| Command::Revoke {
        request,
        reason: None,
    };
    let extend = |request| Command::Extend {
        request,
        by: BoundedMillis::from_secs(1),
    };
    let mut refused = vec![
        moving(pending),
        pass(pending),
        wait(pending),
        suspend(pending),
        resume(pending),
    ];
    refused.extend([
        revoke(pending),
        extend(pending),
        accept(listed),
        wait(listed),
        suspend(listed),
        resume(listed),
    ]);
    refused.extend([
        revoke(listed),
        extend(listed),
        accept(passed),
        moving(passed),
        suspend(passed),
    ]);
    refused.extend([resume(passed), revoke(passed), extend(passed), wait(passed)]);
    for granted in [live, suspended] {
        refused.extend([
            accept(granted),
            grant(granted),
            deny(granted),
            moving(granted),
            pass(granted),
            wait(granted),
        ]);
    }
    refused.extend([resume(live), suspend(suspended)]);
    let before = floor.state.clone();
    for command in refused {
        assert_eq!(
            code(floor.as_chair(command.clone())),
            Code::InvalidTransition,
            "{command:?}"
        );
    }
    for (name, request) in [
        ("tokyo-1", pending),
        ("seoul-1", listed),
        ("seoul-2", passed),
    ] {
        assert_eq!(
            code(floor.as_person(name, Command::Release { request })),
            Code::InvalidTransition
        );
    }
    assert_eq!(
        code(floor.as_person("delhi-1", Command::Cancel { request: live })),
        Code::InvalidTransition
    );
    for (request, refused) in [
        (pending, Code::InvalidTransition),
        (listed, Code::NotPassed),
        (live, Code::InvalidTransition),
        (suspended, Code::InvalidTransition),
    ] {
        assert_eq!(code(floor.recall(request)), refused);
    }
    assert_eq!(code(floor.as_chair(pass(passed))), Code::AlreadyPassed);
    assert_eq!(floor.state, before);
}

#[test]
fn an_ended_request_is_closed_and_an_unknown_one_is_not_found() {
    let mut floor = TestFloor::moderated();
    let request = floor.request("tokyo-1");
    floor
        .as_person("tokyo-1", Command::Cancel { request })
        .unwrap();
    assert_eq!(code(floor.grant(request)), Code::RequestClosed);
    assert_eq!(
        code(floor.as_chair(Command::Grant {
            request: RequestId(99),
            replace: None
        })),
        Code::NotFound
    );
}

#[test]
fn a_grant_to_a_full_floor_waits_or_replaces_the_named_holder_in_one_step() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let seoul = floor.listed("seoul-1");
    assert_eq!(code(floor.grant(seoul)), Code::FloorFull);
    floor
        .as_chair(Command::Grant {
            request: seoul,
            replace: Some(tokyo),
        })
        .unwrap();
    assert!(floor.has_ended(tokyo));
    assert_eq!(floor.live_names(), ["seoul-1"]);
}

#[test]
fn an_absent_beneficiary_is_not_granted_and_only_the_holder_releases() {
    let mut floor = TestFloor::moderated();
    let seoul = floor.listed("seoul-1");
    floor.disconnect("seoul-1");
    assert_eq!(code(floor.grant(seoul)), Code::Absent);
    let tokyo = floor.speaking("tokyo-1");
    let release = Command::Release { request: tokyo };
    assert_eq!(code(floor.as_chair(release.clone())), Code::NotHolder);
    assert_eq!(code(floor.as_person("seoul-1", release)), Code::NotHolder);
    assert_eq!(
        code(floor.as_chair(Command::Release { request: seoul })),
        Code::InvalidTransition,
        "what is on the list has no holder"
    );
    floor
        .as_person("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert!(floor.live_names().is_empty());
}

#[test]
fn a_holder_yields_the_rest_of_the_time_once_the_chair_consents() {
    let mut floor = TestFloor::with_settings(Settings {
        yielding: true,
        ..Settings::default()
    });
    let tokyo = floor.speaking("tokyo-1");
    floor.advance(60);
    floor
        .as_person(
            "tokyo-1",
            Command::Yield {
                request: tokyo,
                to: Some(person("seoul-1")),
            },
        )
        .unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    floor
        .as_chair(Command::Yield {
            request: tokyo,
            to: None,
        })
        .unwrap();
    assert_eq!(floor.live_names(), ["seoul-1"]);
    assert_eq!(
        floor.state.view(floor.now, 1).speech.unwrap().limit,
        Millis::from_secs(7 * 60)
    );

    let mut strict = TestFloor::moderated();
    let tokyo = strict.speaking("tokyo-1");
    let asked = strict.as_person(
        "tokyo-1",
        Command::Yield {
            request: tokyo,
            to: Some(person("seoul-1")),
        },
    );
    assert_eq!(code(asked), Code::Forbidden);
}

#[test]
fn a_moved_entry_is_at_its_position_despite_earlier_pins() {
    let names = ["tokyo-1", "seoul-1", "delhi-1", "singapore-1"];
    for from in 0..names.len() {
        for to in 0..names.len() {
            let mut floor = TestFloor::moderated();
            let ids: Vec<RequestId> = names.iter().map(|name| floor.listed(name)).collect();
            let reversed: Vec<RequestId> = ids.iter().rev().copied().collect();
            for ids in [reversed, ids.clone()] {
                floor.as_chair(Command::Order { ids }).unwrap();
            }
            floor
                .as_chair(Command::Move {
                    request: ids[from],
                    position: u32::try_from(to + 1).unwrap(),
                    overriding: true,
                })
                .unwrap();
            let mut expected = names.to_vec();
            let moved = expected.remove(from);
            expected.insert(to, moved);
            assert_eq!(floor.listed_names(), expected, "{moved} to {to}");
        }
    }
}

#[test]
fn an_entry_accepted_or_recalled_to_a_pinned_position_displaces_the_pin() {
    let mut floor = TestFloor::moderated();
    let recalled = floor.listed("delhi-1");
    floor.pass(recalled).unwrap();
    let tokyo = floor.listed("tokyo-1");
    let seoul = floor.listed("seoul-1");
    floor
        .as_chair(Command::Order {
            ids: vec![seoul, tokyo],
        })
        .unwrap();
    let position = Some(1);
    floor
        .as_chair(Command::Recall {
            request: recalled,
            position,
        })
        .unwrap();
    assert_eq!(floor.listed_names(), ["delhi-1", "seoul-1", "tokyo-1"]);
    let request = floor.request("singapore-1");
    floor
        .as_chair(Command::Accept { request, position })
        .unwrap();
    assert_eq!(
        floor.listed_names(),
        ["singapore-1", "delhi-1", "seoul-1", "tokyo-1"]
    );
}
