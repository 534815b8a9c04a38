//! Each ordering policy with the same arrivals: Brussels, Seoul, Tokyo, Seoul's second, Delhi; Seoul has spoken once.
//! Rules of order, section 7.

use plenary_floor::{
    Change, Code, Command, Kind, Policy, Priority, RequestStep, Settings, SettingsPatch,
    SystemCommand,
};
use plenary_testkit::floor::{TestFloor, code};
use plenary_testkit::person;

fn arrivals(policy: Policy) -> TestFloor {
    let mut floor = TestFloor::with_settings(Settings {
        policy,
        drawn: Some('t'),
        ..Settings::default()
    });
    let spoken = floor.speaking("seoul-1");
    floor
        .as_person("seoul-1", Command::Release { request: spoken })
        .unwrap();
    for name in ["brussels-1", "seoul-1", "tokyo-1", "seoul-2", "delhi-1"] {
        floor.listed(name);
    }
    floor
}

#[test]
fn fifo_is_the_order_of_arrival() {
    assert_eq!(
        arrivals(Policy::Fifo).listed_names(),
        ["brussels-1", "seoul-1", "tokyo-1", "seoul-2", "delhi-1"]
    );
}

#[test]
fn the_agreed_order_is_that_of_the_agenda_and_others_follow() {
    let mut floor = arrivals(Policy::Agreed);
    let agreed = ["delhi-1", "tokyo-1"].map(person).to_vec();
    floor.as_system(SystemCommand::BeginItem {
        agreed,
        limit: None,
    });
    assert_eq!(
        floor.listed_names(),
        ["delhi-1", "tokyo-1", "brussels-1", "seoul-1", "seoul-2"]
    );
}

#[test]
fn members_come_first() {
    assert_eq!(
        arrivals(Policy::MembersFirst).listed_names(),
        ["seoul-1", "tokyo-1", "seoul-2", "delhi-1", "brussels-1"]
    );
}

#[test]
fn rotation_puts_delegations_that_have_spoken_less_first() {
    assert_eq!(
        arrivals(Policy::Rotation).listed_names(),
        ["brussels-1", "tokyo-1", "delhi-1", "seoul-1", "seoul-2"]
    );
}

#[test]
fn members_rotate_before_observers() {
    let floor = arrivals(Policy::MembersFirstRotation);
    assert_eq!(
        floor.listed_names(),
        ["tokyo-1", "delhi-1", "seoul-1", "seoul-2", "brussels-1"]
    );
}

#[test]
fn protocol_begins_at_the_drawn_letter() {
    assert_eq!(
        arrivals(Policy::Protocol).listed_names(),
        ["tokyo-1", "brussels-1", "delhi-1", "seoul-1", "seoul-2"]
    );
}

#[test]
fn a_drawn_list_of_delegations_ranks_before_the_alphabet() {
    let mut floor = arrivals(Policy::Protocol);
    let protocol = ["seoul", "delhi"]
        .map(|name| plenary_ids::DelegationId::new(name).unwrap())
        .to_vec();
    floor
        .as_chair(Command::Set(SettingsPatch {
            protocol: Some(protocol),
            ..SettingsPatch::default()
        }))
        .unwrap();
    assert_eq!(
        floor.listed_names(),
        ["seoul-1", "seoul-2", "delhi-1", "tokyo-1", "brussels-1"]
    );
}

#[test]
fn a_higher_priority_goes_first_under_every_policy() {
    use Policy::{Agreed, Fifo, MembersFirst, MembersFirstRotation, Protocol, Rotation};
    for policy in [
        Fifo,
        Agreed,
        MembersFirst,
        Rotation,
        MembersFirstRotation,
        Protocol,
    ] {
        let mut floor = arrivals(policy);
        let urgent = Command::Request {
            kind: Some(Kind::Motion),
            beneficiary: None,
            priority: Priority::new(3),
            info: None,
        };
        floor.as_person("brussels-1", urgent).unwrap();
        let request = floor.last_events[0].request().unwrap().id;
        floor.accept(request).unwrap();
        assert_eq!(floor.state.order()[0], request, "{policy:?}");
    }
}

#[test]
fn a_move_against_the_policy_needs_an_override_which_is_recorded() {
    let mut floor = arrivals(Policy::MembersFirst);
    let brussels = *floor.state.order().last().unwrap();
    let moving = |overriding| Command::Move {
        request: brussels,
        position: 1,
        overriding,
    };
    assert_eq!(code(floor.as_chair(moving(false))), Code::PolicyViolation);
    floor.as_chair(moving(true)).unwrap();
    assert!(
        matches!(&floor.last_events[0].change, Change::Request { request, step: RequestStep::Moved { overrode: true } } if request.position == Some(1))
    );
    assert_eq!(floor.listed_names()[0], "brussels-1");
    let delhi = floor.state.order()[4];
    floor
        .as_chair(Command::Move {
            request: delhi,
            position: 2,
            overriding: false,
        })
        .unwrap();
    assert!(matches!(
        &floor.last_events[0].change,
        Change::Request {
            step: RequestStep::Moved { overrode: false },
            ..
        }
    ));
    assert_eq!(
        floor.listed_names(),
        ["brussels-1", "delhi-1", "seoul-1", "tokyo-1", "seoul-2"]
    );
}

#[test]
fn a_moved_entry_keeps_its_index_while_others_fill_in() {
    let mut floor = arrivals(Policy::Fifo);
    let delhi = floor.state.order()[4];
    floor
        .as_chair(Command::Move {
            request: delhi,
            position: 2,
            overriding: true,
        })
        .unwrap();
    let brussels = floor.state.order()[0];
    floor.deny(brussels).unwrap();
    assert_eq!(
        floor.listed_names(),
        ["seoul-1", "delhi-1", "tokyo-1", "seoul-2"]
    );
}

#[test]
fn the_whole_order_is_set_at_once_or_refused_if_the_list_has_changed() {
    let mut floor = arrivals(Policy::Fifo);
    let mut ids = floor.state.order().to_vec();
    ids.reverse();
    floor.as_chair(Command::Order { ids: ids.clone() }).unwrap();
    assert_eq!(floor.state.order(), ids);
    floor.listed("singapore-1");
    assert_eq!(floor.listed_names().last().unwrap(), "singapore-1");
    assert_eq!(code(floor.as_chair(Command::Order { ids })), Code::Conflict);
}

#[test]
fn a_position_beyond_the_list_is_invalid() {
    let mut floor = arrivals(Policy::Fifo);
    let request = floor.state.order()[0];
    for position in [0, 6, u32::MAX] {
        assert_eq!(
            code(floor.as_chair(Command::Move {
                request,
                position,
                overriding: true
            })),
            Code::Invalid
        );
    }
}

#[test]
fn an_entry_is_listed_in_the_order_of_acceptance() {
    let mut floor = TestFloor::moderated();
    let request = floor.request("tokyo-1");
    floor.listed("seoul-1");
    floor.accept(request).unwrap();
    assert_eq!(floor.listed_names(), ["seoul-1", "tokyo-1"]);
}

#[test]
fn a_pinned_entry_moves_up_with_a_shrinking_list_and_never_back() {
    let mut floor = arrivals(Policy::Fifo);
    let order = floor.state.order().to_vec();
    floor
        .as_chair(Command::Move {
            request: order[0],
            position: 5,
            overriding: true,
        })
        .unwrap();
    for request in &order[1..3] {
        floor.deny(*request).unwrap();
    }
    floor.listed("singapore-1");
    assert_eq!(
        floor.listed_names(),
        ["seoul-2", "delhi-1", "brussels-1", "singapore-1"]
    );
}
