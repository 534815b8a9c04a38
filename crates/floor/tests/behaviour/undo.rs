//! Undoing the last command of the chair. Rules of order, section 21.

use plenary_floor::{
    Actor, Change, Code, Command, Event, Floor, Kind, ListState, Mode, Overtime, Refusal, Scope,
    Settings, State, Substate, SystemCommand, WhenFull, apply,
};
use plenary_ids::{BoundedMillis, Millis, Moment, RequestId};
use plenary_testkit::{
    delegation,
    floor::{TestFloor, code},
    person,
};

const UNDO: Command = Command::Undo { of: None };
const NEXT: Command = Command::Next { expect: None };

fn undo(floor: &mut TestFloor) -> Result<(), Refusal> {
    floor.as_chair(UNDO)
}

fn times(floor: &TestFloor, city: &str) -> u32 {
    let spoken = floor.state.spoken();
    spoken
        .get(&delegation(city))
        .map_or(0, |spoken| spoken.times)
}

/// The number of the command that may be undone.
fn number(floor: &TestFloor) -> Option<u64> {
    floor.state.view(floor.now, 1).undoable.map(|it| it.id)
}

/// Tokyo speaks and has used 12 seconds; Seoul, Delhi and Singapore are listed.
fn debate(settings: Settings) -> (TestFloor, [RequestId; 4]) {
    let by_itself = settings.mode == Mode::Queue;
    let mut floor = TestFloor::with_settings(settings);
    let requests = ["tokyo-1", "seoul-1", "delhi-1", "singapore-1"].map(|name| {
        let request = floor.request(name);
        match name {
            _ if by_itself => {}
            "tokyo-1" => floor.grant(request).unwrap(),
            _ => floor.accept(request).unwrap(),
        }
        request
    });
    floor.voice("tokyo-1");
    floor.advance(12);
    (floor, requests)
}

#[test]
fn an_undone_next_gives_the_speech_back_with_its_time_and_the_called_one_the_place() {
    let (mut floor, [tokyo, seoul, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    assert_eq!(floor.live_names(), ["seoul-1"]);
    floor.advance(7);
    undo(&mut floor).unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    assert_eq!(floor.consumed_ms(tokyo), 12_000, "a pause is no speech");
    assert_eq!(floor.state.order().first(), Some(&seoul));
    assert_eq!((times(&floor, "tokyo"), times(&floor, "seoul")), (0, 0));
    floor.advance(5);
    assert_eq!(floor.consumed_ms(tokyo), 17_000, "the clock goes on");
}

#[test]
fn those_whom_next_passed_over_are_back_in_their_places() {
    let (mut floor, [_, seoul, delhi, singapore]) = debate(Settings::default());
    floor.disconnect("seoul-1");
    floor.disconnect("delhi-1");
    floor.as_chair(NEXT).unwrap();
    assert!(floor.find(seoul).is_passed() && floor.find(delhi).is_passed());
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.order(), [seoul, delhi, singapore]);
}

#[test]
fn a_called_speaker_who_has_begun_returns_to_the_list_all_the_same() {
    let (mut floor, [tokyo, seoul, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    floor.voice("seoul-1");
    floor.advance(4);
    undo(&mut floor).unwrap();
    assert_eq!(floor.find(seoul).position, Some(1));
    assert_eq!(times(&floor, "seoul"), 0);
    let replace = Some(tokyo);
    floor
        .as_chair(Command::Grant {
            request: seoul,
            replace,
        })
        .unwrap();
    assert_eq!(floor.consumed_ms(seoul), 0, "a new speech");
}

#[test]
fn a_denied_request_returns_to_its_state_and_place() {
    let (mut floor, [_, seoul, delhi, singapore]) = debate(Settings::default());
    let pending = floor.request("seoul-2");
    floor.deny(pending).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(floor.state_of(pending), (State::Pending, None));
    floor.deny(delhi).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.order(), [seoul, delhi, singapore]);
}

#[test]
fn an_accepted_one_is_pending_again_and_a_passed_or_recalled_one_as_it_was() {
    let (mut floor, [_, seoul, delhi, singapore]) = debate(Settings::default());
    let taipei = floor.listed("taipei-1");
    undo(&mut floor).unwrap();
    assert_eq!(floor.state_of(taipei), (State::Pending, None));
    floor.pass(seoul).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.order(), [seoul, delhi, singapore]);
    floor.pass(seoul).unwrap();
    floor.recall(seoul).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(
        floor.state_of(seoul),
        (State::Accepted, Some(Substate::Passed))
    );
}

#[test]
fn a_move_and_a_whole_order_are_undone_with_the_places_that_the_chair_had_given() {
    let (mut floor, [_, seoul, delhi, singapore]) = debate(Settings::default());
    let to_first = |request| Command::Move {
        request,
        position: 1,
        overriding: true,
    };
    floor.as_chair(to_first(singapore)).unwrap();
    floor.as_chair(to_first(delhi)).unwrap();
    assert_eq!(floor.state.order(), [delhi, singapore, seoul]);
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.order(), [singapore, seoul, delhi]);
    assert!(floor.find(singapore).overrode && !floor.find(delhi).overrode);
    let ids = vec![delhi, singapore, seoul];
    floor.as_chair(Command::Order { ids }).unwrap();
    let taipei = floor.listed("taipei-1");
    undo(&mut floor).unwrap();
    undo(&mut floor).unwrap_err();
    assert_eq!(floor.state.order(), [delhi, singapore, seoul]);
    assert_eq!(floor.state_of(taipei), (State::Pending, None));
}

#[test]
fn a_request_that_came_since_stays_on_the_list() {
    let (mut floor, [_, seoul, delhi, singapore]) = debate(Settings {
        mode: Mode::Queue,
        ..Settings::default()
    });
    floor.pass(seoul).unwrap();
    let taipei = floor.request("taipei-1");
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.order(), [seoul, delhi, singapore, taipei]);
}

#[test]
fn an_undone_grant_in_place_of_the_longest_gives_that_one_the_floor_back() {
    let (mut floor, [tokyo, _, delhi, _]) = debate(Settings {
        when_full: WhenFull::Override,
        ..Settings::default()
    });
    floor.grant(delhi).unwrap();
    assert!(floor.has_ended(tokyo));
    undo(&mut floor).unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    assert_eq!(floor.find(delhi).position, Some(2));
}

#[test]
fn the_system_grants_of_a_pass_are_undone_with_it() {
    let (mut floor, [tokyo, seoul, ..]) = debate(Settings {
        mode: Mode::Queue,
        ..Settings::default()
    });
    floor.disconnect("tokyo-1");
    floor.pass(tokyo).unwrap();
    assert_eq!(floor.live_names(), ["seoul-1"]);
    undo(&mut floor).unwrap();
    assert!(floor.live_names().is_empty());
    assert_eq!(
        floor.state_of(tokyo),
        (State::Granted, Some(Substate::Suspended))
    );
    assert_eq!(floor.find(seoul).position, Some(1));
}

#[test]
fn a_ruling_is_undone_and_the_point_of_order_suspends_the_speech_again() {
    let (mut floor, [tokyo, ..]) = debate(Settings::default());
    let point = floor.request_for("delhi-1", Kind::PointOfOrder);
    floor.deny(point).unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    floor.advance(3);
    undo(&mut floor).unwrap();
    assert_eq!(floor.state_of(point), (State::Pending, None));
    assert!(floor.live_names().is_empty());
    assert_eq!(floor.consumed_ms(tokyo), 15_000);
}

#[test]
fn an_upheld_point_that_a_grant_cleared_away_is_upheld_again() {
    let mut floor = TestFloor::moderated();
    let point = floor.request_for("delhi-1", Kind::PointOfOrder);
    floor.accept(point).unwrap();
    let tokyo = floor.request("tokyo-1");
    floor.grant(tokyo).unwrap();
    assert!(floor.has_ended(point));
    undo(&mut floor).unwrap();
    assert_eq!(floor.state_of(point), (State::Accepted, None));
}

#[test]
fn the_list_that_ended_by_the_command_is_as_it_was() {
    let mut floor = TestFloor::moderated();
    floor.as_chair(Command::ListClose {}).unwrap();
    let reply = floor.request_for("tokyo-1", Kind::Reply);
    floor.deny(reply).unwrap();
    assert_eq!(floor.state.list().state, ListState::Concluded);
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.list().state, ListState::Replies);
}

#[test]
fn time_that_was_carried_over_is_given_back() {
    let (mut floor, _) = debate(Settings {
        carry_over: true,
        ..Settings::default()
    });
    floor.as_chair(NEXT).unwrap();
    let unused = |floor: &TestFloor| floor.state.spoken()[&delegation("tokyo")].unused;
    let left = unused(&floor);
    assert_eq!(left, Millis::from_secs(8 * 60 - 12));
    let again = floor.request("tokyo-1");
    floor
        .as_chair(Command::Grant {
            request: again,
            replace: floor
                .state
                .view(floor.now, 1)
                .granted
                .first()
                .map(|it| it.id),
        })
        .unwrap();
    assert_eq!(unused(&floor), Millis(0));
    undo(&mut floor).unwrap();
    assert_eq!(unused(&floor), left);
}

#[test]
fn ten_seconds_later_it_is_too_late() {
    let (mut floor, _) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    let called = floor.state.clone();
    floor.advance(10);
    assert!(number(&floor).is_some());
    floor.now = floor.now.after(Millis(1));
    assert_eq!(number(&floor), None);
    assert_eq!(code(undo(&mut floor)), Code::TooLate);
    assert_eq!(floor.state.order(), called.order());
}

#[test]
fn what_was_undone_or_never_done_is_too_late() {
    let mut floor = TestFloor::moderated();
    assert_eq!(code(undo(&mut floor)), Code::TooLate);
    let tokyo = floor.request("tokyo-1");
    floor.grant(tokyo).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(code(undo(&mut floor)), Code::TooLate);
}

#[test]
fn a_command_that_changed_nothing_leaves_the_one_before_to_undo() {
    let (mut floor, [_, seoul, delhi, singapore]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    let called = number(&floor);
    let ids = vec![delhi, singapore];
    floor.as_chair(Command::Order { ids }).unwrap();
    assert_eq!(number(&floor), called);
    undo(&mut floor).unwrap();
    assert_eq!(floor.state.order(), [seoul, delhi, singapore]);
}

#[test]
fn the_command_may_be_named_and_another_one_is_a_conflict() {
    let (mut floor, [_, seoul, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    let of = number(&floor);
    let delhi = floor.state.order()[0];
    floor.pass(delhi).unwrap();
    assert_eq!(code(floor.as_chair(Command::Undo { of })), Code::Conflict);
    let of = number(&floor);
    floor.as_chair(Command::Undo { of }).unwrap();
    assert_eq!(floor.find(delhi).position, Some(1));
    assert!(floor.find(seoul).is_live());
}

#[test]
fn only_the_chair_undoes_and_only_own_commands() {
    let (mut floor, _) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    assert_eq!(code(floor.as_person("tokyo-1", UNDO)), Code::Forbidden);
    let to = person("seoul-2");
    floor.as_chair(Command::ChairHandOver { to }).unwrap();
    assert_eq!(code(undo(&mut floor)), Code::Forbidden);
    let deputy = Actor::new(person("seoul-2"), Scope::Chair);
    assert_eq!(code(floor.execute(UNDO, &deputy)), Code::TooLate);
}

#[test]
fn a_request_that_has_gone_on_since_is_depended_on() {
    type Later = fn(&mut TestFloor, RequestId, RequestId);
    let later: [(&str, Later); 5] = [
        ("the called one has ended the speech", |floor, seoul, _| {
            let release = Command::Release { request: seoul };
            floor.as_person("seoul-1", release).unwrap();
        }),
        ("the called one has more time", |floor, seoul, _| {
            let by = BoundedMillis::from_secs(30);
            let extend = Command::Extend { request: seoul, by };
            floor.as_chair(extend).unwrap();
        }),
        ("the chair took the floor", |floor, seoul, _| {
            floor.revoke(seoul).unwrap();
        }),
        ("a vote was opened", |floor, _, _| {
            floor.as_system(SystemCommand::RollCall { open: true });
        }),
        ("the meeting was adjourned", |floor, _, _| {
            floor.as_chair(Command::ListAdjourn {}).unwrap();
        }),
    ];
    for (what, later) in later {
        let (mut floor, [_, seoul, delhi, _]) = debate(Settings::default());
        floor.as_chair(NEXT).unwrap();
        later(&mut floor, seoul, delhi);
        assert_eq!(number(&floor), None, "{what}");
        assert_eq!(code(undo(&mut floor)), Code::Depends, "{what}");
    }
}

#[test]
fn a_new_item_or_a_cancelled_request_is_depended_on() {
    let (mut floor, [_, seoul, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    let chair = Actor::new(person("taipei-chair"), Scope::Chair);
    let agreed = Vec::new();
    let begin = SystemCommand::BeginItem {
        agreed,
        limit: None,
    };
    floor.execute_system(begin, &chair).unwrap();
    assert_eq!(code(undo(&mut floor)), Code::Depends);
    let delhi = floor.state.order()[0];
    floor.pass(delhi).unwrap();
    let cancel = Command::Cancel { request: delhi };
    floor.as_person("delhi-1", cancel).unwrap();
    let refusal = undo(&mut floor).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.request),
        (Code::Depends, Some(delhi))
    );
    assert!(refusal.detail.contains("delhi-1"), "{}", refusal.detail);
    assert!(floor.find(seoul).is_live());
}

#[test]
fn a_clock_a_lost_connection_and_priority_are_not_depended_on() {
    let (mut floor, [tokyo, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    floor.disconnect("seoul-1");
    floor.disconnect("tokyo-1");
    floor.as_chair(Command::ChairPriorityOn {}).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(
        floor.state_of(tokyo),
        (State::Granted, Some(Substate::Suspended))
    );
    floor.connect("tokyo-1");
    floor.as_chair(Command::ChairPriorityOff {}).unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
}

#[test]
fn an_ended_speech_whose_time_was_used_up_is_taken_again() {
    let (mut floor, [tokyo, seoul, ..]) = debate(Settings {
        overtime: Overtime::Revoke,
        limit: Millis::from_secs(12),
        grace: Millis::from_secs(1),
        ..Settings::default()
    });
    floor.as_chair(NEXT).unwrap();
    undo(&mut floor).unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    floor.advance(1);
    assert!(floor.has_ended(tokyo));
    assert_eq!(floor.find(seoul).position, Some(1));
}

/// The floor as a start of the server finds it: the snapshot, and the events after it.
#[test]
fn it_may_be_undone_after_a_restart() {
    let (mut floor, [tokyo, ..]) = debate(Settings::default());
    let before = floor.state.clone();
    floor.as_chair(NEXT).unwrap();
    let mut folded = before;
    for event in &floor.last_events {
        let wire = serde_json::to_string(event).unwrap();
        apply(&mut folded, &serde_json::from_str::<Event>(&wire).unwrap());
    }
    let snapshot = serde_json::to_string(&floor.state).unwrap();
    let restored: Floor = serde_json::from_str(&snapshot).unwrap();
    assert_eq!((&folded, &restored), (&floor.state, &floor.state));
    floor.state = restored;
    let down_since = floor.now;
    floor.now = floor.now.after(Millis::from_secs(5));
    floor.as_system(SystemCommand::Restarted { down_since });
    floor.connect("taipei-chair");
    floor.connect("tokyo-1");
    undo(&mut floor).unwrap();
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    assert_eq!(floor.consumed_ms(tokyo), 12_000);
}

#[test]
fn the_ten_seconds_go_on_by_a_clock_that_was_set() {
    let (mut floor, [tokyo, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    let was = floor.now.after(Millis::from_secs(4));
    floor.now = Moment(was.0 + 3_600_000);
    floor.as_system(SystemCommand::ClockMoved { was });
    floor.advance(6);
    assert!(number(&floor).is_some());
    undo(&mut floor).unwrap();
    assert_eq!(floor.consumed_ms(tokyo), 12_000);
}

#[test]
fn the_record_has_the_command_and_the_undo() {
    let (mut floor, [tokyo, seoul, ..]) = debate(Settings::default());
    floor.as_chair(NEXT).unwrap();
    let Some(Change::Undoable { id, about, .. }) =
        floor.last_events.last().map(|event| event.change.clone())
    else {
        panic!("the last event of the command")
    };
    assert_eq!(about, Some(seoul));
    undo(&mut floor).unwrap();
    let undone = floor.last_events.first().unwrap();
    assert_eq!(undone.by, Some(person("taipei-chair")));
    let Change::Undone { of, restored, .. } = &undone.change else {
        panic!("the first event of the undo")
    };
    assert_eq!(*of, id);
    let ids = restored.requests.iter().map(|it| it.id);
    assert_eq!(ids.collect::<Vec<_>>(), [tokyo, seoul]);
}

#[test]
fn next_calls_nobody_but_the_expected_one() {
    let (mut floor, [tokyo, seoul, delhi, _]) = debate(Settings::default());
    let expecting = |request| Command::Next {
        expect: Some(request),
    };
    let refusal = floor.as_chair(expecting(delhi)).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.request),
        (Code::Conflict, Some(seoul))
    );
    assert!(refusal.detail.contains("seoul-1"), "{}", refusal.detail);
    floor.as_chair(expecting(seoul)).unwrap();
    assert!(floor.has_ended(tokyo));
    assert_eq!(
        code(floor.as_chair(expecting(seoul))),
        Code::Conflict,
        "a second click calls nobody else"
    );
}

#[test]
fn an_old_snapshot_has_nothing_to_undo() {
    let (floor, _) = debate(Settings::default());
    let mut saved = serde_json::to_value(&floor.state).unwrap();
    let all = saved.as_object_mut().unwrap();
    all.remove("undoable");
    all.remove("last_undoable");
    let old: Floor = serde_json::from_value(saved).unwrap();
    assert_eq!(old.order(), floor.state.order());
}
