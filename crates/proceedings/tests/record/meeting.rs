//! The proceedings of a meeting as JSON, as minutes and as a table.

use plenary_floor::{Command, Kind, Settings};
use plenary_ids::{Language, Seq};
use plenary_proceedings::{Proceedings, Ruling};
use plenary_protocol::{Channel, ChannelState, Correction, DecisionKind, RoomEvent, Verdict};
use plenary_testkit::{
    person,
    record::{TestRecord, conference},
};

/// Tokyo speaks, is interrupted by Seoul's point of order and by a lost connection, and gets more time; Delhi is
/// absent; Brussels does not return; there are two decisions and a correction.
fn meeting() -> Proceedings {
    let mut record = TestRecord::with(
        Settings::default(),
        &["chair", "tokyo-1", "seoul-1", "brussels-1", "clerk"],
    );
    record.advance(60);
    record.start_item();
    let tokyo = record.request("tokyo-1", Kind::Statement);
    let brussels = record.request("brussels-1", Kind::Statement);
    record.grant(tokyo);
    record.voice("tokyo-1");
    record.advance(120);
    let point = record.request("seoul-1", Kind::PointOfOrder);
    record.advance(30);
    let overruled = "The list *stands* as agreed.".to_owned();
    record.as_chair(Command::Deny {
        request: point,
        reason: Some(overruled),
    });
    record.advance(60);
    record.disconnect("tokyo-1");
    record.advance(20);
    record.join("tokyo-1");
    record.as_chair(Command::Extend {
        request: tokyo,
        by: plenary_ids::Millis::from_secs(90),
    });
    record.advance(400);
    record.as_person("tokyo-1", Command::Release { request: tokyo });
    record.grant(brussels);
    record.advance(70);
    record.as_chair(Command::Revoke {
        request: brussels,
        reason: Some("=cmd|' /C calc'!A1".to_owned()),
    });
    record.as_chair(Command::ListClose {});
    record.disconnect("brussels-1");
    record.end_item();
    record.advance(60);
    record.decide(DecisionKind::RollCall, Verdict::Adopted);
    record.decide(DecisionKind::NoObjection, Verdict::Objected);
    record.advance(3600);
    record.room_event(RoomEvent::Corrected(Correction {
        about_seq: Some(Seq(20)),
        text: "Tokyo spoke on behalf of\n# Seoul, too.".to_owned(),
        by: person("clerk"),
    }));
    record.proceedings()
}

#[test]
fn a_meeting_as_json() {
    insta::assert_json_snapshot!(meeting());
}

#[test]
fn a_meeting_as_minutes() {
    insta::assert_snapshot!(meeting().minutes());
}

#[test]
fn the_speeches_of_a_meeting_as_csv() {
    let table = meeting().speeches_csv().unwrap();
    assert!(
        table
            .split_inclusive('\n')
            .all(|line| line.ends_with("\r\n"))
    );
    insta::assert_snapshot!(table.replace("\r\n", "\n"));
}

#[test]
fn no_text_becomes_a_formula_and_every_text_is_preserved() {
    for word in [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "＝1",
        "a, \"b\"\nc",
        "plain",
        "",
    ] {
        let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
        let request = record.request("tokyo-1", Kind::Statement);
        record.grant(request);
        record.as_chair(Command::Revoke {
            request,
            reason: Some(word.to_owned()),
        });
        let table = record.proceedings().speeches_csv().unwrap();
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        let cell = row.get(18).unwrap();
        assert_eq!(cell.trim_start_matches('\''), word);
        let begins = cell.chars().next();
        assert!(
            !begins.is_some_and(|it| "=+-@\t\r\n＝＋－＠".contains(it)),
            "{cell}"
        );
    }
}

#[test]
fn proceedings_are_the_same_each_time_they_are_drawn_up() {
    assert_eq!(meeting(), meeting());
}

#[test]
fn a_room_in_which_nothing_happened_has_proceedings_too() {
    let empty = TestRecord::new(Settings::default()).proceedings();
    assert_eq!((empty.from_seq, empty.to_seq), (Seq(0), Seq(0)));
    assert!(empty.minutes().contains("There was no business."));
    assert_eq!(empty.speeches_csv().unwrap().lines().count(), 1);
}

#[test]
fn the_table_of_no_speeches_has_the_columns_of_one_with_some() {
    let some = meeting().speeches_csv().unwrap();
    let none = TestRecord::new(Settings::default())
        .proceedings()
        .speeches_csv();
    assert_eq!(some.lines().next(), none.unwrap().lines().next());
}

#[test]
fn an_upheld_point_of_order_stays_upheld_when_it_leaves_the_floor() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1", "seoul-1"]);
    let statement = record.request("tokyo-1", Kind::Statement);
    let point = record.request("seoul-1", Kind::PointOfOrder);
    record.as_chair(Command::Accept {
        request: point,
        position: None,
    });
    record.grant(statement);
    let point = &record.proceedings().points_of_order[0];
    assert_eq!(point.ruling, Some(Ruling::Upheld));
    assert_eq!(point.by, Some(person("chair")));
}

#[test]
fn a_heard_point_of_order_is_recorded_with_or_without_a_ruling() {
    let word = Some("It is within the item.".to_owned());
    for (ruling, recorded, said) in [
        ("accept", Ruling::Upheld, None),
        ("deny", Ruling::Overruled, word.clone()),
        ("none", Ruling::Heard, None),
    ] {
        let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1", "seoul-1"]);
        let statement = record.request("tokyo-1", Kind::Statement);
        record.grant(statement);
        let request = record.request("seoul-1", Kind::PointOfOrder);
        record.grant(request);
        match ruling {
            "accept" => record.as_chair(Command::Accept {
                request,
                position: None,
            }),
            "deny" => record.as_chair(Command::Deny {
                request,
                reason: word.clone(),
            }),
            _ => record.as_person("seoul-1", Command::Release { request }),
        }
        let point = &record.proceedings().points_of_order[0];
        assert_eq!((point.ruling, &point.word), (Some(recorded), &said));
    }
}

#[test]
fn a_speaker_who_was_passed_in_mid_speech_and_recalled_has_two_speeches() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    let request = record.request("tokyo-1", Kind::Statement);
    record.grant(request);
    record.voice("tokyo-1");
    record.advance(100);
    record.disconnect("tokyo-1");
    record.advance(60);
    record.as_chair(Command::Pass { request });
    record.join("tokyo-1");
    record.as_chair(Command::Recall {
        request,
        position: None,
    });
    record.grant(request);
    record.voice("tokyo-1");
    record.advance(50);
    let proceedings = record.proceedings();
    let used: Vec<u64> = proceedings.speeches.iter().map(|it| it.used_ms.0).collect();
    assert_eq!(used, [100_000, 50_000]);
    assert_eq!(proceedings.speeches[1].limit_ms.0, 380_000);
    let tokyo = proceedings.delegations.iter().find(|it| it.name == "Tokyo");
    assert_eq!(tokyo.unwrap().used_ms.0, 150_000);
}

#[test]
fn while_the_server_is_down_nobody_is_present_and_no_clock_runs() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    let request = record.request("tokyo-1", Kind::Statement);
    record.grant(request);
    record.voice("tokyo-1");
    record.advance(252);
    record.restart_after(600);
    record.join("tokyo-1");
    record.advance(8);
    let proceedings = record.proceedings();
    assert_eq!(proceedings.speeches[0].used_ms.0, 260_000);
    assert_eq!(proceedings.speeches[0].parts.len(), 2);
    let tokyo = proceedings
        .attendance
        .iter()
        .find(|it| it.person.as_str() == "tokyo-1");
    assert_eq!(tokyo.unwrap().spans.len(), 2);
}

#[test]
fn interpreters_are_listed_with_the_times_in_which_they_were_forwarded() {
    let mut record = TestRecord::new(Settings::default());
    let channel = |interpreter: Option<&str>, state| RoomEvent::ChannelChanged {
        channel: Channel {
            interpreter: interpreter.map(person),
            state,
            ..Channel::untouched(Language::new("ja").unwrap())
        },
        by: None,
    };
    record.room_event(channel(Some("kenji"), ChannelState::Interpreted));
    record.advance(60);
    record.room_event(channel(Some("kenji"), ChannelState::Interrupted));
    record.advance(60);
    record.room_event(channel(Some("aiko"), ChannelState::Interpreted));
    record.advance(60);
    record.room_event(channel(Some("kenji"), ChannelState::Interpreted));
    record.advance(60);
    record.restart_after(600);
    let proceedings = record.proceedings();
    let told = proceedings.interpretation.iter().map(|it| {
        let ended = it.spans.iter().filter(|span| span.to.is_some()).count();
        (it.person.as_str(), it.spans.len(), ended)
    });
    assert_eq!(told.collect::<Vec<_>>(), [("kenji", 2, 2), ("aiko", 1, 1)]);
    let minutes = proceedings.minutes();
    assert!(minutes.contains("## Interpretation"), "{minutes}");
    assert!(minutes.contains("| ja | aiko |"), "{minutes}");
}

#[test]
fn a_person_who_is_no_longer_in_the_conference_file_is_named_by_id() {
    let mut record = TestRecord::new(Settings::default());
    record.join("tokyo-9");
    record.request("tokyo-9", Kind::PointOfOrder);
    let proceedings = record.proceedings();
    assert_eq!(proceedings.points_of_order[0].name, "tokyo-9");
    assert!(conference().person(&person("tokyo-9")).is_none());
}
