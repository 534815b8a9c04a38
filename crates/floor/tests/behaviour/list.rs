//! The list of speakers from opening to conclusion.

use plenary_floor::{Code, Command, Kind, ListState, ListVerb};
use plenary_ids::Millis;

use crate::hall::{Hall, code, wish};

#[test]
fn a_closed_list_takes_no_statements_but_rights_of_reply() {
    let mut hall = Hall::moderated();
    assert_eq!(
        code(hall.own("delhi-1", Command::Request(wish("delhi-1", Kind::Reply)))),
        Code::Forbidden
    );
    hall.list(ListVerb::Close).unwrap();
    assert_eq!(
        code(hall.own(
            "tokyo-1",
            Command::Request(wish("tokyo-1", Kind::Statement))
        )),
        Code::ListClosed
    );
    hall.ask_for("tokyo-1", Kind::Reply);
    assert_eq!(hall.floor.list().state, ListState::Replies);
}

#[test]
fn replies_are_heard_after_the_last_statement_and_end_the_list() {
    let mut hall = Hall::moderated();
    let tokyo = hall.listed("tokyo-1");
    hall.list(ListVerb::Close).unwrap();
    let reply = hall.ask_for("seoul-1", Kind::Reply);
    hall.chair(Command::Accept {
        request: reply,
        position: None,
    })
    .unwrap();
    assert_eq!(hall.names(), ["tokyo-1", "seoul-1"]);
    hall.chair(Command::Next).unwrap();
    assert_eq!(hall.floor.list().state, ListState::Closed);
    hall.own("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert_eq!(hall.floor.list().state, ListState::Replies);
    hall.chair(Command::Next).unwrap();
    hall.own("seoul-1", Command::Release { request: reply })
        .unwrap();
    assert_eq!(hall.floor.list().state, ListState::Concluded);
}

#[test]
fn a_list_cannot_end_while_a_passed_entry_remains() {
    let mut hall = Hall::moderated();
    let request = hall.listed("tokyo-1");
    hall.chair(Command::Pass { request }).unwrap();
    hall.list(ListVerb::Close).unwrap();
    assert_eq!(code(hall.list(ListVerb::Conclude)), Code::Conflict);
    hall.chair(Command::Deny {
        request,
        reason: None,
    })
    .unwrap();
    hall.list(ListVerb::Conclude).unwrap();
    assert_eq!(hall.floor.list().state, ListState::Concluded);
}

#[test]
fn an_announced_closing_comes_by_itself_unless_it_is_taken_back() {
    let mut hall = Hall::moderated();
    let at = hall.now.after(Millis::from_secs(60));
    hall.list(ListVerb::AnnounceClose { at }).unwrap();
    assert_eq!(hall.floor.deadline(), Some(at));
    hall.list(ListVerb::Reopen).unwrap();
    assert_eq!(hall.floor.deadline(), None);
    hall.list(ListVerb::AnnounceClose { at }).unwrap();
    hall.now = at;
    assert_eq!(
        code(hall.own(
            "tokyo-1",
            Command::Request(wish("tokyo-1", Kind::Statement))
        )),
        Code::ListClosed
    );
    hall.after(0);
    assert_eq!(hall.floor.list().state, ListState::Closed);
}

#[test]
fn the_chair_admits_to_a_closed_list_on_the_record() {
    let mut hall = Hall::moderated();
    hall.listed("tokyo-1");
    hall.list(ListVerb::Close).unwrap();
    hall.chair(Command::Admit(wish("seoul-1", Kind::Statement)))
        .unwrap();
    assert!(hall.last[0].request().unwrap().admitted);
    assert_eq!(hall.names(), ["tokyo-1", "seoul-1"]);
}

#[test]
fn an_adjourned_meeting_suspends_the_holder_and_freezes_the_order() {
    let mut hall = Hall::moderated();
    let tokyo = hall.speaking("tokyo-1");
    let request = hall.listed("seoul-1");
    hall.after(30);
    hall.list(ListVerb::Adjourn).unwrap();
    assert!(hall.heard().is_empty());
    assert_eq!(code(hall.chair(Command::Pass { request })), Code::Conflict);
    assert_eq!(
        code(hall.own(
            "delhi-1",
            Command::Request(wish("delhi-1", Kind::Statement))
        )),
        Code::ListClosed
    );
    hall.after(3600);
    hall.list(ListVerb::Resume).unwrap();
    assert_eq!(
        (hall.heard(), hall.consumed(tokyo)),
        (vec!["tokyo-1".to_owned()], 30_000)
    );
    assert_eq!(hall.floor.list().state, ListState::Open);
}

#[test]
fn opening_an_open_list_is_no_offence_and_reopening_needs_a_closed_one() {
    let mut hall = Hall::moderated();
    hall.list(ListVerb::Open).unwrap();
    assert!(hall.last.is_empty());
    assert_eq!(code(hall.list(ListVerb::Reopen)), Code::InvalidTransition);
    hall.list(ListVerb::Close).unwrap();
    hall.list(ListVerb::Reopen).unwrap();
    hall.ask("tokyo-1");
}
