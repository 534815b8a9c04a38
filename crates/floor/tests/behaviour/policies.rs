//! Each ordering policy with domain.md's arrivals: Brussels, Seoul, Tokyo, Seoul's second, Delhi; Seoul has spoken once.

use plenary_floor::{Code, Command, Event, Kind, Policy, Priority, Settings, SettingsPatch, Wish};

use crate::hall::{Hall, code, person, wish};

fn arrivals(policy: Policy) -> Hall {
    let mut hall = Hall::with(Settings {
        policy,
        drawn: Some('t'),
        ..Settings::default()
    });
    let spoken = hall.speaking("seoul-1");
    hall.own("seoul-1", Command::Release { request: spoken })
        .unwrap();
    for name in ["brussels-1", "seoul-1", "tokyo-1", "seoul-2", "delhi-1"] {
        hall.listed(name);
    }
    hall
}

#[test]
fn fifo_is_the_order_of_arrival() {
    assert_eq!(
        arrivals(Policy::Fifo).names(),
        ["brussels-1", "seoul-1", "tokyo-1", "seoul-2", "delhi-1"]
    );
}

#[test]
fn agreed_is_the_order_as_filed_and_others_after_it() {
    let mut hall = arrivals(Policy::Agreed);
    let agreed = ["delhi-1", "tokyo-1"].map(person).to_vec();
    hall.system(Command::Item {
        agreed,
        limit: None,
    });
    assert_eq!(
        hall.names(),
        ["delhi-1", "tokyo-1", "brussels-1", "seoul-1", "seoul-2"]
    );
}

#[test]
fn members_come_first() {
    assert_eq!(
        arrivals(Policy::MembersFirst).names(),
        ["seoul-1", "tokyo-1", "seoul-2", "delhi-1", "brussels-1"]
    );
}

#[test]
fn rotation_puts_those_who_have_spoken_less_first() {
    assert_eq!(
        arrivals(Policy::Rotation).names(),
        ["brussels-1", "tokyo-1", "delhi-1", "seoul-1", "seoul-2"]
    );
}

#[test]
fn members_rotate_before_observers() {
    let hall = arrivals(Policy::MembersFirstRotation);
    assert_eq!(
        hall.names(),
        ["tokyo-1", "delhi-1", "seoul-1", "seoul-2", "brussels-1"]
    );
}

#[test]
fn protocol_begins_at_the_drawn_letter() {
    assert_eq!(
        arrivals(Policy::Protocol).names(),
        ["tokyo-1", "brussels-1", "delhi-1", "seoul-1", "seoul-2"]
    );
}

#[test]
fn a_drawn_list_of_delegations_ranks_before_the_alphabet() {
    let mut hall = arrivals(Policy::Protocol);
    let protocol = ["seoul", "delhi"]
        .map(|name| plenary_ids::DelegationId::new(name).unwrap())
        .to_vec();
    hall.chair(Command::Settings(SettingsPatch {
        protocol: Some(protocol),
        ..SettingsPatch::default()
    }))
    .unwrap();
    assert_eq!(
        hall.names(),
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
        let mut hall = arrivals(policy);
        let urgent = Wish {
            priority: Priority::new(3).unwrap(),
            ..wish("brussels-1", Kind::Motion)
        };
        hall.own("brussels-1", Command::Request(urgent)).unwrap();
        let request = hall.last[0].request().unwrap().id;
        hall.chair(Command::Accept {
            request,
            position: None,
        })
        .unwrap();
        assert_eq!(hall.floor.order()[0], request, "{policy:?}");
    }
}

#[test]
fn a_move_against_the_policy_needs_an_override_which_is_recorded() {
    let mut hall = arrivals(Policy::MembersFirst);
    let brussels = *hall.floor.order().last().unwrap();
    let moving = |overriding| Command::Move {
        request: brussels,
        position: 1,
        overriding,
    };
    assert_eq!(code(hall.chair(moving(false))), Code::PolicyViolation);
    hall.chair(moving(true)).unwrap();
    assert!(
        matches!(&hall.last[0], Event::Moved { overrode: true, request, .. } if request.position == Some(1))
    );
    assert_eq!(hall.names()[0], "brussels-1");
    let delhi = hall.floor.order()[4];
    hall.chair(Command::Move {
        request: delhi,
        position: 2,
        overriding: false,
    })
    .unwrap();
    assert!(matches!(
        &hall.last[0],
        Event::Moved {
            overrode: false,
            ..
        }
    ));
    assert_eq!(
        hall.names(),
        ["brussels-1", "delhi-1", "seoul-1", "tokyo-1", "seoul-2"]
    );
}

#[test]
fn a_moved_entry_keeps_its_index_while_others_fill_in() {
    let mut hall = arrivals(Policy::Fifo);
    let delhi = hall.floor.order()[4];
    hall.chair(Command::Move {
        request: delhi,
        position: 2,
        overriding: true,
    })
    .unwrap();
    let brussels = hall.floor.order()[0];
    hall.chair(Command::Deny {
        request: brussels,
        reason: None,
    })
    .unwrap();
    assert_eq!(hall.names(), ["seoul-1", "delhi-1", "tokyo-1", "seoul-2"]);
}

#[test]
fn the_whole_order_is_set_at_once_or_refused_if_the_list_has_changed() {
    let mut hall = arrivals(Policy::Fifo);
    let mut ids = hall.floor.order().to_vec();
    ids.reverse();
    hall.chair(Command::Order { ids: ids.clone() }).unwrap();
    assert_eq!(hall.floor.order(), ids);
    hall.listed("singapore-1");
    assert_eq!(hall.names().last().unwrap(), "singapore-1");
    assert_eq!(code(hall.chair(Command::Order { ids })), Code::Conflict);
}

#[test]
fn there_is_no_place_beyond_the_list() {
    let mut hall = arrivals(Policy::Fifo);
    let request = hall.floor.order()[0];
    for position in [0, 6, u32::MAX] {
        assert_eq!(
            code(hall.chair(Command::Move {
                request,
                position,
                overriding: true
            })),
            Code::Invalid
        );
    }
}

#[test]
fn who_is_accepted_late_comes_behind_those_who_are_listed() {
    let mut hall = Hall::moderated();
    let request = hall.ask("tokyo-1");
    hall.listed("seoul-1");
    hall.chair(Command::Accept {
        request,
        position: None,
    })
    .unwrap();
    assert_eq!(hall.names(), ["seoul-1", "tokyo-1"]);
}

#[test]
fn a_pinned_entry_moves_up_with_a_shrinking_list_and_never_back() {
    let mut hall = arrivals(Policy::Fifo);
    let order = hall.floor.order().to_vec();
    hall.chair(Command::Move {
        request: order[0],
        position: 5,
        overriding: true,
    })
    .unwrap();
    for request in &order[1..3] {
        hall.chair(Command::Deny {
            request: *request,
            reason: None,
        })
        .unwrap();
    }
    hall.listed("singapore-1");
    assert_eq!(
        hall.names(),
        ["seoul-2", "delhi-1", "brussels-1", "singapore-1"]
    );
}
