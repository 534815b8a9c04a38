//! The list of speakers from opening to conclusion. Rules of order, section 6.

use plenary_floor::{Code, Command, Kind, ListState};
use plenary_ids::Millis;
use plenary_testkit::floor::{TestFloor, admitting, code, requesting};

#[test]
fn a_closed_list_takes_no_statements_but_rights_of_reply() {
    let mut floor = TestFloor::moderated();
    assert_eq!(
        code(floor.as_person("delhi-1", requesting("delhi-1", Kind::Reply))),
        Code::Forbidden
    );
    floor.as_chair(Command::ListClose {}).unwrap();
    assert_eq!(
        code(floor.as_person("tokyo-1", requesting("tokyo-1", Kind::Statement))),
        Code::ListClosed
    );
    floor.request_for("tokyo-1", Kind::Reply);
    assert_eq!(floor.state.list().state, ListState::Replies);
}

#[test]
fn replies_are_heard_after_the_last_statement_and_end_the_list() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.listed("tokyo-1");
    floor.as_chair(Command::ListClose {}).unwrap();
    let reply = floor.request_for("seoul-1", Kind::Reply);
    floor.accept(reply).unwrap();
    assert_eq!(floor.listed_names(), ["tokyo-1", "seoul-1"]);
    floor.as_chair(Command::Next { expect: None }).unwrap();
    assert_eq!(floor.state.list().state, ListState::Closed);
    floor
        .as_person("tokyo-1", Command::Release { request: tokyo })
        .unwrap();
    assert_eq!(floor.state.list().state, ListState::Replies);
    floor.as_chair(Command::Next { expect: None }).unwrap();
    floor
        .as_person("seoul-1", Command::Release { request: reply })
        .unwrap();
    assert_eq!(floor.state.list().state, ListState::Concluded);
}

#[test]
fn a_list_cannot_be_concluded_while_a_passed_entry_remains() {
    let mut floor = TestFloor::moderated();
    let request = floor.listed("tokyo-1");
    floor.pass(request).unwrap();
    floor.as_chair(Command::ListClose {}).unwrap();
    assert_eq!(
        code(floor.as_chair(Command::ListConclude {})),
        Code::Conflict
    );
    floor.deny(request).unwrap();
    floor.as_chair(Command::ListConclude {}).unwrap();
    assert_eq!(floor.state.list().state, ListState::Concluded);
}

#[test]
fn an_announced_closing_takes_effect_by_itself_unless_it_is_withdrawn() {
    let mut floor = TestFloor::moderated();
    let at = floor.now.after(Millis::from_secs(60));
    floor.as_chair(Command::ListAnnounceClose { at }).unwrap();
    assert_eq!(floor.state.deadline(), Some(at));
    floor.as_chair(Command::ListReopen {}).unwrap();
    assert_eq!(floor.state.deadline(), None);
    floor.as_chair(Command::ListAnnounceClose { at }).unwrap();
    floor.now = at;
    assert_eq!(
        code(floor.as_person("tokyo-1", requesting("tokyo-1", Kind::Statement))),
        Code::ListClosed
    );
    floor.advance(0);
    assert_eq!(floor.state.list().state, ListState::Closed);
}

#[test]
fn the_chair_admits_to_a_closed_list_on_the_record() {
    let mut floor = TestFloor::moderated();
    floor.listed("tokyo-1");
    floor.as_chair(Command::ListClose {}).unwrap();
    floor
        .as_chair(admitting("seoul-1", Kind::Statement))
        .unwrap();
    assert!(floor.last_events[0].request().unwrap().admitted);
    assert_eq!(floor.listed_names(), ["tokyo-1", "seoul-1"]);
}

#[test]
fn an_adjourned_meeting_suspends_the_holder_and_freezes_the_order() {
    let mut floor = TestFloor::moderated();
    let tokyo = floor.speaking("tokyo-1");
    let request = floor.listed("seoul-1");
    floor.advance(30);
    floor.as_chair(Command::ListAdjourn {}).unwrap();
    assert!(floor.live_names().is_empty());
    assert_eq!(code(floor.pass(request)), Code::Conflict);
    assert_eq!(
        code(floor.as_person("delhi-1", requesting("delhi-1", Kind::Statement))),
        Code::ListClosed
    );
    floor.advance(3600);
    floor.as_chair(Command::ListResume {}).unwrap();
    assert_eq!(
        (floor.live_names(), floor.consumed_ms(tokyo)),
        (vec!["tokyo-1".to_owned()], 30_000)
    );
    assert_eq!(floor.state.list().state, ListState::Open);
}

#[test]
fn opening_an_open_list_is_accepted_and_reopening_needs_a_closed_list() {
    let mut floor = TestFloor::moderated();
    floor.as_chair(Command::ListOpen {}).unwrap();
    assert!(floor.last_events.is_empty());
    assert_eq!(
        code(floor.as_chair(Command::ListReopen {})),
        Code::InvalidTransition
    );
    floor.as_chair(Command::ListClose {}).unwrap();
    floor.as_chair(Command::ListReopen {}).unwrap();
    floor.request("tokyo-1");
}
