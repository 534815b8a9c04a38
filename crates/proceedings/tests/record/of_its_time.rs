//! The record is of its time: what the file said then, how the clocks went then, and who was there.

use plenary_floor::{Kind, Settings, SystemCommand};
use plenary_ids::{Millis, Moment};
use plenary_proceedings::{Proceedings, ProceedingsBuilder};
use plenary_protocol::{
    ClockCause, DecisionKind, DecisionState, FileFacts, QuorumCount, RoomEvent, Verdict,
};
use plenary_room::{Body, facts};
use plenary_testkit::{
    START,
    conference::ConferenceFile,
    delegation,
    record::{TestRecord, conference},
    room_id,
};

/// The proceedings by a conference file that has nothing of the meeting any more.
fn drawn_up_later(record: &TestRecord) -> Proceedings {
    let later = ConferenceFile::new(&["en"])
        .city("tokyo", "status = \"observer\"", "")
        .room("other", "Another room", "")
        .parse();
    let mut builder = ProceedingsBuilder::new(&later, &room_id("climate"));
    for event in &record.log {
        builder.add(event);
    }
    builder.build(record.floor.now, record.floor.now)
}

fn facts_of_the_time() -> FileFacts {
    let mut facts = facts::of(&conference(), &room_id("climate"));
    "The conference as it was called".clone_into(&mut facts.name);
    facts
}

/// Tokyo speaks for a minute.
fn speak(record: &mut TestRecord) {
    let request = record.request("tokyo-1", Kind::Statement);
    record.grant(request);
    record.voice("tokyo-1");
    record.advance(60);
    record.as_person("tokyo-1", plenary_floor::Command::Release { request });
}

#[test]
fn names_cities_classes_titles_and_items_are_those_that_were_recorded_whatever_the_file_says_later()
{
    let mut record = TestRecord::new(Settings::default());
    let facts = Box::new(facts_of_the_time());
    record.room_event(RoomEvent::FactsRecorded { facts });
    for name in ["chair", "tokyo-1"] {
        record.join(name);
    }
    speak(&mut record);
    let proceedings = drawn_up_later(&record);
    assert_eq!(
        proceedings.conference.name,
        "The conference as it was called"
    );
    assert_eq!(proceedings.conference.time_zone, "Asia/Taipei");
    assert_eq!(proceedings.room.title, "Climate Changes");
    assert_eq!(proceedings.items.len(), 1);
    let speech = &proceedings.speeches[0];
    assert_eq!(
        (speech.city.as_deref(), speech.name.as_str()),
        (Some("Tokyo"), "Tokyo delegate")
    );
    let tokyo = proceedings
        .delegations
        .iter()
        .find(|it| it.delegation == delegation("tokyo"));
    assert_eq!(tokyo.unwrap().status.to_string(), "member");
    assert_eq!(proceedings.delegations.len(), 4);
}

#[test]
fn a_name_that_changes_in_the_middle_of_a_meeting_is_each_time_the_one_of_the_time() {
    let mut record = TestRecord::new(Settings::default());
    let mut facts = facts_of_the_time();
    record.room_event(RoomEvent::FactsRecorded {
        facts: Box::new(facts.clone()),
    });
    for name in ["chair", "tokyo-1"] {
        record.join(name);
    }
    speak(&mut record);
    for delegation in &mut facts.delegations {
        delegation.name = format!("{} Metropolis", delegation.name);
    }
    record.room_event(RoomEvent::FactsRecorded {
        facts: Box::new(facts),
    });
    speak(&mut record);
    let proceedings = drawn_up_later(&record);
    let cities: Vec<_> = proceedings
        .speeches
        .iter()
        .map(|it| it.city.as_deref())
        .collect();
    assert_eq!(cities, [Some("Tokyo"), Some("Tokyo Metropolis")]);
    let names = proceedings.delegations.iter().map(|it| it.name.as_str());
    assert!(names.clone().any(|name| name == "Tokyo Metropolis"));
    assert_eq!(names.count(), 4, "one row each");
}

#[test]
fn a_log_without_recorded_facts_falls_back_to_the_file() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    speak(&mut record);
    let proceedings = drawn_up_later(&record);
    assert_eq!(
        proceedings.room.title, "climate",
        "the file has lost the room"
    );
    assert_eq!(record.proceedings().room.title, "Climate Changes");
}

#[test]
fn a_clock_that_is_set_back_changes_neither_the_order_nor_the_time_used() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1", "seoul-1"]);
    record.advance(3600);
    let request = record.request("tokyo-1", Kind::Statement);
    record.grant(request);
    record.voice("tokyo-1");
    record.advance(60);
    let was = record.floor.now;
    record.floor.now = Moment(START.0 + 600_000);
    record.room_event(RoomEvent::ClockMoved {
        was,
        cause: ClockCause::Set,
        decision: None,
    });
    record.as_system(SystemCommand::ClockMoved { was });
    record.advance(30);
    record.as_person("tokyo-1", plenary_floor::Command::Release { request });
    let later = record.request("seoul-1", Kind::Statement);
    record.grant(later);
    record.voice("seoul-1");
    record.advance(5);

    let proceedings = record.proceedings();
    let speech = &proceedings.speeches[0];
    assert_eq!(speech.used_ms, Millis::from_secs(90));
    let parts: Vec<i64> = speech
        .parts
        .iter()
        .map(|part| {
            let millis = |time: &plenary_proceedings::Time| {
                let time: jiff::Timestamp = time.utc().parse().unwrap();
                time.as_millisecond()
            };
            millis(part.ended.as_ref().unwrap()) - millis(&part.began)
        })
        .collect();
    assert_eq!(parts, [60_000, 30_000], "each by one clock");
    assert_eq!(proceedings.clock.len(), 1);

    let minutes = proceedings.minutes();
    let place = |words: &str| {
        minutes
            .find(words)
            .unwrap_or_else(|| panic!("{words}: {minutes}"))
    };
    assert!(place("**Tokyo**") < place("The clock of the record was set from"));
    assert!(place("The clock of the record was set from") < place("**Seoul**"));
    assert!(!minutes.contains("interrupted"), "{minutes}");
}

#[test]
fn the_minutes_say_how_many_were_present_and_that_a_quorum_was_wanting() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    record.decide(DecisionKind::RollCall, Verdict::Adopted);
    for event in &mut record.log {
        if let Body::Room(RoomEvent::DecisionClosed { decision, .. }) = &mut event.body {
            decision.tally.present = Some(2);
            decision.quorum = Some(QuorumCount {
                needed: 3,
                members: 4,
            });
        }
    }
    let adopted = record.proceedings().minutes();
    let present = "0 not voting; 2 of 4 members present, and a quorum of 3.";
    assert!(adopted.contains(present), "{adopted}");
    for event in &mut record.log {
        if let Body::Room(RoomEvent::DecisionClosed { decision, .. }) = &mut event.body {
            assert_eq!(decision.state, DecisionState::Closed);
            decision.result = Some(Verdict::NoQuorum);
        }
    }
    let wanting = record.proceedings().minutes();
    let sentence =
        "**Nothing was decided, for want of a quorum**: 2 of 4 members present, and a quorum of 3.";
    assert!(wanting.contains(sentence), "{wanting}");
}
