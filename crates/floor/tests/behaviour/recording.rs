//! A recorded address, which is played as a speech. Rules of order, section 22.

use plenary_floor::{
    Actor, Cause, Code, Command, Ending, Event, Kind, Mode, Overtime, Play, RecordedAddress,
    RecordingAction, RecordingReport, Refusal, Scope, Settings, State, Substate, SystemCommand,
    WhenFull,
};
use plenary_ids::{BoundedMillis, MediaId, Millis, RequestId};
use plenary_testkit::{
    delegation,
    floor::{TestFloor, admitting, code, requesting, speaker},
    person,
};

/// The length of the recording, by its file.
const LENGTH: Millis = Millis::from_secs(420);
/// The mayor of Taipei, who is not connected.
const MAYOR: &str = "taipei-mayor";

fn play_from(name: &str, position: Millis) -> RecordingAction {
    RecordingAction::Play(Box::new(Play {
        media: MediaId::new("mayor-address").unwrap(),
        name: "The mayor's address".to_owned(),
        duration: LENGTH,
        position,
        beneficiary: speaker(name),
        languages: Vec::new(),
        subtitles: Vec::new(),
    }))
}

fn act(floor: &mut TestFloor, action: RecordingAction) -> Result<(), Refusal> {
    let chair = Actor::new(person("taipei-chair"), Scope::Chair);
    floor.execute_system(SystemCommand::Recording(action), &chair)
}

fn report(floor: &mut TestFloor, report: RecordingReport) {
    let generation = recorded(floor).generation;
    floor.as_system(SystemCommand::Recording(RecordingAction::Report {
        generation,
        report,
    }));
}

fn recorded(floor: &TestFloor) -> RecordedAddress {
    let view = floor.state.view(floor.now, 1);
    let mut speeches = view.speeches.into_iter();
    *speeches.find_map(|speech| speech.recorded).unwrap()
}

fn position(floor: &TestFloor) -> Millis {
    recorded(floor).position
}

fn causes(floor: &TestFloor) -> Vec<Cause> {
    let speech = floor.state.recorded().unwrap();
    speech.suspended_by.iter().copied().collect()
}

/// The `recording.…` events of the last command.
fn news(floor: &TestFloor) -> Vec<String> {
    let events = floor.last_events.iter();
    let types = events.map(|event: &Event| serde_json::to_value(event).unwrap());
    types
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .filter(|kind| kind.starts_with("recording."))
        .collect()
}

/// The mayor's address is played, and its media flows.
fn playing() -> (TestFloor, RequestId) {
    let mut floor = TestFloor::moderated();
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    let id = floor.state.recorded().unwrap().request;
    report(&mut floor, RecordingReport::Flowing);
    (floor, id)
}

#[test]
fn a_recording_is_granted_to_a_mayor_who_is_not_there_and_takes_as_long_as_it_is() {
    let mut floor = TestFloor::moderated();
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    assert_eq!(news(&floor), ["recording.started"]);
    let speech = floor.state.recorded().unwrap().clone();
    assert_eq!((speech.kind, speech.limit), (Kind::Address, LENGTH));
    assert_eq!(floor.live_names(), [MAYOR]);
    assert!(!floor.state.is_connected(&person(MAYOR)));
    // Without media the clock waits, for however long.
    floor.advance(60);
    assert_eq!(position(&floor), Millis(0));
    floor.voice(MAYOR);
    floor.advance(190);
    assert_eq!(position(&floor), Millis::from_secs(190));
    assert_eq!(floor.consumed_ms(speech.request), 190_000);
}

#[test]
fn neither_a_warning_nor_the_limit_ends_a_recording_and_its_own_end_does() {
    let mut floor = TestFloor::with_settings(Settings {
        overtime: Overtime::Revoke,
        limit: Millis::from_secs(60),
        ..Settings::default()
    });
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    report(&mut floor, RecordingReport::Flowing);
    let id = floor.state.recorded().unwrap().request;
    floor.advance(1000);
    assert_eq!(floor.last_events, []);
    assert_eq!(floor.live_names(), [MAYOR]);
    assert_eq!(floor.state.deadline(), None);
    report(&mut floor, RecordingReport::Ended { at: LENGTH });
    assert_eq!(news(&floor), ["recording.ended"]);
    assert!(floor.has_ended(id));
    let ended = floor.last_events.iter().find_map(Event::speech).unwrap();
    assert_eq!(ended.how, Some(Ending::Played));
    let spoken = floor.state.spoken();
    let taipei = spoken[&delegation("taipei")];
    assert_eq!((taipei.times, taipei.unused), (1, Millis(0)));
}

#[test]
fn after_the_recording_the_queue_goes_on_by_itself() {
    let mut floor = TestFloor::with_settings(Settings {
        mode: Mode::Queue,
        ..Settings::default()
    });
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    floor.request("tokyo-1");
    assert_eq!(floor.live_names(), [MAYOR]);
    report(&mut floor, RecordingReport::Ended { at: LENGTH });
    assert_eq!(floor.live_names(), ["tokyo-1"]);
}

#[test]
fn a_pause_a_point_of_order_and_chair_priority_stand_it_still_and_it_goes_on_where_it_was() {
    let (mut floor, _) = playing();
    floor.advance(10);
    act(&mut floor, RecordingAction::Pause).unwrap();
    assert_eq!(news(&floor), ["recording.paused"]);
    floor.advance(10);
    act(&mut floor, RecordingAction::Resume).unwrap();
    assert_eq!(news(&floor), ["recording.resumed"]);
    floor.advance(5);
    floor.as_chair(Command::ChairPriorityOn {}).unwrap();
    assert_eq!(news(&floor), ["recording.paused"]);
    floor.advance(10);
    floor.as_chair(Command::ChairPriorityOff {}).unwrap();
    floor.advance(5);
    let point = floor.request_for("seoul-1", Kind::PointOfOrder);
    assert!(!floor.state.recorded().unwrap().is_to_be_played());
    floor.advance(10);
    floor.grant(point).unwrap();
    floor.deny(point).unwrap();
    assert_eq!(news(&floor), ["recording.resumed"]);
    floor.advance(1);
    assert_eq!(position(&floor), Millis::from_secs(21));
}

#[test]
fn seeking_begins_a_new_generation_and_what_is_left_is_the_time_left() {
    let (mut floor, _) = playing();
    floor.advance(30);
    act(&mut floor, RecordingAction::Seek(Millis::from_secs(400))).unwrap();
    assert_eq!(news(&floor), ["recording.sought"]);
    let at = recorded(&floor);
    assert_eq!((at.generation, at.from), (2, Millis::from_secs(400)));
    let speech = floor.state.recorded().unwrap();
    assert_eq!(speech.remaining_at(floor.now), Millis::from_secs(20));
    // A late report of the former generation says nothing.
    floor.as_system(SystemCommand::Recording(RecordingAction::Report {
        generation: 1,
        report: RecordingReport::Ended { at: LENGTH },
    }));
    assert_eq!(floor.last_events, []);
}

#[test]
fn a_stall_at_3_10_pauses_the_clock_and_the_recording_goes_on_from_there() {
    let (mut floor, _) = playing();
    floor.advance(192);
    let at = Millis::from_secs(190);
    report(&mut floor, RecordingReport::Stalled { at });
    assert_eq!(news(&floor), ["recording.stalled"]);
    assert_eq!(
        (causes(&floor), floor.state.stalled()),
        (vec![Cause::Stalled], 1)
    );
    assert!(floor.state.recorded().unwrap().is_to_be_played());
    floor.advance(40);
    assert_eq!(position(&floor), at);
    assert!(recorded(&floor).stall.is_some());
    report(&mut floor, RecordingReport::Flowing);
    assert_eq!(news(&floor), ["recording.resumed"]);
    assert_eq!(recorded(&floor).stall, None);
    floor.advance(10);
    assert_eq!(position(&floor), Millis::from_secs(200));
}

#[test]
fn after_a_failure_the_chair_has_it_go_on_from_there_and_the_clock_waits_for_the_player() {
    let (mut floor, id) = playing();
    floor.advance(190);
    let at = Millis::from_secs(190);
    let reason = "the disk is gone".to_owned();
    report(&mut floor, RecordingReport::Failed { at, reason });
    let failure = recorded(&floor).stall.unwrap().failure;
    assert_eq!(failure.as_deref(), Some("the disk is gone"));
    act(&mut floor, RecordingAction::Resume).unwrap();
    let again = recorded(&floor);
    assert_eq!((again.generation, again.from), (2, at));
    assert_eq!(again.stall.unwrap().failure, None);
    floor.advance(3);
    assert_eq!(floor.consumed_ms(id), 190_000);
    report(&mut floor, RecordingReport::Flowing);
    assert_eq!(floor.live_names(), [MAYOR]);
}

#[test]
fn a_file_that_ends_before_its_length_is_a_failure_and_within_a_second_an_end() {
    let (mut floor, id) = playing();
    floor.advance(190);
    let at = Millis::from_secs(190);
    report(&mut floor, RecordingReport::Ended { at });
    assert_eq!(news(&floor), ["recording.stalled"]);
    assert!(recorded(&floor).stall.unwrap().failure.is_some());
    let at = Millis::from_secs(419);
    report(&mut floor, RecordingReport::Ended { at });
    assert!(floor.has_ended(id));
}

#[test]
fn while_it_stalls_somebody_else_is_granted_and_it_waits_for_the_microphone() {
    let (mut floor, _) = playing();
    floor.advance(190);
    let at = Millis::from_secs(190);
    report(&mut floor, RecordingReport::Stalled { at });
    let seoul = floor.speaking("seoul-1");
    report(&mut floor, RecordingReport::Flowing);
    assert_eq!(causes(&floor), [Cause::Full]);
    assert!(!floor.state.recorded().unwrap().is_to_be_played());
    floor.advance(30);
    let release = Command::Release { request: seoul };
    floor.as_person("seoul-1", release).unwrap();
    assert_eq!(
        (floor.live_names(), position(&floor)),
        (vec![MAYOR.to_owned()], at)
    );
}

#[test]
fn stop_next_and_revoke_end_it_and_the_floor_is_free() {
    for ends in ["stop", "next", "revoke"] {
        let (mut floor, id) = playing();
        floor.listed("seoul-1");
        match ends {
            "stop" => act(&mut floor, RecordingAction::Stop).unwrap(),
            "next" => floor.as_chair(Command::Next { expect: None }).unwrap(),
            _ => floor.revoke(id).unwrap(),
        }
        assert_eq!(news(&floor), ["recording.stopped"], "{ends}");
        assert!(floor.has_ended(id));
        assert_eq!(floor.live_names().is_empty(), ends != "next");
    }
}

#[test]
fn an_undone_play_gives_the_floor_back_and_leaves_no_request() {
    let mut floor = TestFloor::with_settings(Settings {
        when_full: WhenFull::Override,
        ..Settings::default()
    });
    let tokyo = floor.speaking("tokyo-1");
    floor.advance(12);
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    assert_eq!(floor.live_names(), [MAYOR]);
    report(&mut floor, RecordingReport::Flowing);
    floor.advance(9);
    floor.as_chair(Command::Undo { of: None }).unwrap();
    assert_eq!(news(&floor), ["recording.stopped"]);
    assert_eq!(floor.live_names(), ["tokyo-1"]);
    assert_eq!(floor.consumed_ms(tokyo), 12_000);
    assert_eq!(floor.state.view(floor.now, 1).requests.len(), 1);
    assert!(!floor.state.spoken().contains_key(&delegation("taipei")));
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    assert!(recorded(&floor).generation > 1, "no generation comes again");
    floor.advance(11);
    let late = floor.as_chair(Command::Undo { of: None });
    assert_eq!(code(late), Code::TooLate);
}

#[test]
fn an_undone_next_has_the_recording_go_on_where_it_was() {
    let (mut floor, _) = playing();
    floor.listed("seoul-1");
    floor.advance(100);
    floor.as_chair(Command::Next { expect: None }).unwrap();
    floor.advance(5);
    floor.as_chair(Command::Undo { of: None }).unwrap();
    assert_eq!(floor.live_names(), [MAYOR]);
    let again = recorded(&floor);
    assert_eq!((again.generation, again.from), (2, Millis::from_secs(100)));
}

#[test]
fn a_recording_does_not_come_back_beside_its_speaker_in_person() {
    let mut floor = TestFloor::with_settings(Settings {
        mode: Mode::Direct,
        nom: 2,
        ..Settings::default()
    });
    floor.connect(MAYOR);
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    floor.as_chair(requesting(MAYOR, Kind::Statement)).unwrap();
    assert_eq!(
        floor.live_names(),
        [MAYOR],
        "nobody speaks beside the own recording"
    );
    floor.as_chair(Command::Next { expect: None }).unwrap();
    assert!(floor.state.recorded().is_none());
    floor.as_chair(requesting(MAYOR, Kind::Response)).unwrap();
    let undone = floor.as_chair(Command::Undo { of: None });
    assert_eq!(code(undone), Code::Depends);
    assert!(floor.state.recorded().is_none());
}

#[test]
fn after_a_restart_it_stands_where_it_stood_until_a_player_reports() {
    let (mut floor, _) = playing();
    floor.advance(190);
    let down_since = floor.now;
    floor.now = floor.now.after(Millis::from_secs(600));
    floor.as_system(SystemCommand::Restarted { down_since });
    let at = recorded(&floor);
    assert_eq!(at.position, Millis::from_secs(190));
    assert_eq!((at.generation, at.from), (2, at.position));
    assert_eq!(causes(&floor), [Cause::Stalled]);
    assert!(floor.state.recorded().unwrap().is_to_be_played());
    floor.advance(60);
    report(&mut floor, RecordingReport::Flowing);
    assert_eq!(floor.live_names(), [MAYOR]);
    floor.advance(10);
    assert_eq!(position(&floor), Millis::from_secs(200));
}

#[test]
fn the_comings_and_goings_of_the_person_concern_no_recording() {
    let (mut floor, id) = playing();
    floor.connect(MAYOR);
    floor.advance(10);
    floor.disconnect(MAYOR);
    floor.as_system(SystemCommand::Stalled(person(MAYOR)));
    floor.advance(120);
    assert_eq!(position(&floor), Millis::from_secs(130));
    assert_eq!(floor.state_of(id), (State::Granted, Some(Substate::Live)));
    assert!(!floor.state.is_holder(&person(MAYOR)));
    floor.as_system(SystemCommand::Left(person(MAYOR)));
    assert_eq!(floor.live_names(), [MAYOR]);
}

#[test]
fn a_recording_is_played_once_at_a_time_and_not_beside_its_own_speaker() {
    let (mut floor, id) = playing();
    let again = act(&mut floor, play_from("tokyo-1", Millis(0)));
    assert_eq!(again.unwrap_err().request, Some(id));
    let request = floor.request_for("taipei-1", Kind::Statement);
    floor.connect(MAYOR);
    let own = floor.request_for(MAYOR, Kind::Statement);
    act(&mut floor, RecordingAction::Pause).unwrap();
    assert_eq!(code(floor.grant(own)), Code::Conflict);
    floor.grant(request).unwrap();
    act(&mut floor, RecordingAction::Stop).unwrap();
    floor.revoke(request).unwrap();
    floor.grant(own).unwrap();
    let beside = act(&mut floor, play_from(MAYOR, Millis(0)));
    assert_eq!(code(beside), Code::Conflict);
}

#[test]
fn what_cannot_be_is_refused_with_a_code_and_a_sentence() {
    let mut floor = TestFloor::moderated();
    for nothing in [
        RecordingAction::Pause,
        RecordingAction::Resume,
        RecordingAction::Seek(Millis(0)),
        RecordingAction::Stop,
    ] {
        assert_eq!(code(act(&mut floor, nothing)), Code::Conflict);
    }
    let beyond = act(&mut floor, play_from(MAYOR, LENGTH)).unwrap_err();
    assert_eq!(beyond.code, Code::Invalid);
    assert!(beyond.detail.contains("7:00"), "{}", beyond.detail);
    floor.as_chair(Command::ListAdjourn {}).unwrap();
    assert_eq!(
        code(act(&mut floor, play_from(MAYOR, Millis(0)))),
        Code::Conflict
    );
    floor.as_chair(Command::ListResume {}).unwrap();
    let tokyo = floor.speaking("tokyo-1");
    assert_eq!(
        code(act(&mut floor, play_from(MAYOR, Millis(0)))),
        Code::FloorFull
    );
    floor.revoke(tokyo).unwrap();
    act(&mut floor, play_from(MAYOR, Millis(0))).unwrap();
    let id = floor.state.recorded().unwrap().request;
    assert_eq!(
        code(act(&mut floor, RecordingAction::Seek(LENGTH))),
        Code::Invalid
    );
    let by = BoundedMillis::from_secs(60);
    let extended = floor.as_chair(Command::Extend { request: id, by });
    assert_eq!(code(extended), Code::Conflict);
    let asked = floor.as_person("tokyo-1", requesting("tokyo-1", Kind::Address));
    assert_eq!(code(asked), Code::Invalid);
    floor.as_chair(Command::ListClose {}).unwrap();
    let admitted = floor.as_chair(admitting("tokyo-1", Kind::Address));
    assert_eq!(code(admitted), Code::Invalid);
    let own = Actor::new(person("tokyo-1"), Scope::Own);
    let stop = SystemCommand::Recording(RecordingAction::Stop);
    assert_eq!(code(floor.execute_system(stop, &own)), Code::Forbidden);
}

#[test]
fn an_adjourned_meeting_stands_the_recording_still() {
    let (mut floor, _) = playing();
    floor.advance(10);
    floor.as_chair(Command::ListAdjourn {}).unwrap();
    assert_eq!(news(&floor), ["recording.paused"]);
    floor.advance(100);
    floor.as_chair(Command::ListResume {}).unwrap();
    assert_eq!(position(&floor), Millis::from_secs(10));
    assert_eq!(floor.live_names(), [MAYOR]);
}

#[test]
fn a_recording_of_the_chair_takes_a_microphone_like_any_other() {
    let mut floor = TestFloor::moderated();
    floor.speaking("tokyo-1");
    let own = act(&mut floor, play_from("taipei-chair", Millis(0)));
    assert_eq!(code(own), Code::FloorFull);
}
