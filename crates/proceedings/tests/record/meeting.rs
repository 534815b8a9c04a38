//! The proceedings of a meeting as JSON, as minutes and as a table.

use plenary_floor::{Command, Ending, Kind, Settings};
use plenary_ids::{BoundedMillis, Language, Millis, Seq};
use plenary_proceedings::{EndedBy, Proceedings, Ruling};
use plenary_protocol::{
    AgendaItem, Channel, ChannelState, Correction, DecisionKind, ItemState, RoomEvent, Verdict,
};
use plenary_testkit::{
    delegation, person,
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
        by: BoundedMillis::from_secs(90),
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
    let table = table.strip_prefix('\u{feff}').unwrap();
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
fn a_speech_that_the_chair_ended_by_calling_the_next_speaker_was_not_withdrawn() {
    let mut record = TestRecord::with(
        Settings::default(),
        &["chair", "tokyo-1", "seoul-1", "delhi-1"],
    );
    let tokyo = record.request("tokyo-1", Kind::Statement);
    let seoul = record.request("seoul-1", Kind::Statement);
    let delhi = record.request("delhi-1", Kind::Statement);
    record.as_chair(Command::Accept {
        request: seoul,
        position: None,
    });
    record.grant(tokyo);
    record.as_chair(Command::Next { expect: None });
    record.as_chair(Command::Grant {
        request: delhi,
        replace: Some(seoul),
    });
    record.as_chair(Command::Revoke {
        request: delhi,
        reason: None,
    });
    let minutes = record.proceedings().minutes();
    for (words, times) in [
        (
            "The speech was ended by the chair calling the next speaker.",
            1,
        ),
        (
            "The speech was ended by the chair giving the floor to another speaker.",
            1,
        ),
        ("The floor was withdrawn.", 1),
    ] {
        assert_eq!(minutes.matches(words).count(), times, "{words}: {minutes}");
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
fn an_undone_call_is_in_the_minutes_and_no_speech_is_counted() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1", "seoul-1"]);
    let tokyo = record.request("tokyo-1", Kind::Statement);
    let seoul = record.request("seoul-1", Kind::Statement);
    record.grant(tokyo);
    record.voice("tokyo-1");
    let position = None;
    record.as_chair(Command::Accept {
        request: seoul,
        position,
    });
    record.advance(12);
    record.as_chair(Command::Next { expect: None });
    record.voice("seoul-1");
    record.advance(4);
    record.as_chair(Command::Undo { of: None });
    record.advance(8);
    record.as_person("tokyo-1", Command::Release { request: tokyo });

    let proceedings = record.proceedings();
    let speeches: Vec<_> = proceedings.speeches.iter().collect();
    assert_eq!(
        speeches
            .iter()
            .map(|it| (it.name.as_str(), it.used_ms, it.undone))
            .collect::<Vec<_>>(),
        [
            ("Tokyo delegate", Millis::from_secs(20), false),
            ("Seoul delegate", Millis::from_secs(4), true)
        ]
    );
    assert_eq!(speeches[0].how, Some(Ending::Released));
    assert_eq!(speeches[0].reason, None);
    let figures = |city: &str| {
        let mut all = proceedings.delegations.iter();
        all.find(|it| it.delegation == delegation(city))
            .map(|it| (it.speeches, it.used_ms))
    };
    assert_eq!(figures("tokyo"), Some((1, Millis::from_secs(20))));
    assert_eq!(figures("seoul"), Some((0, Millis(0))));
    let minutes = proceedings.minutes();
    for sentence in [
        "Moderator undid the call of Seoul delegate at 09:00, and Tokyo delegate spoke on.",
        "(Seoul delegate) was called at 09:00; the call was undone, and no speech is counted.",
        "(ended by the chair, and undone)",
    ] {
        assert!(minutes.contains(sentence), "{minutes}");
    }
    let table = proceedings.speeches_csv().unwrap();
    assert!(table.contains(",undone,"), "{table}");
}

#[test]
fn an_undone_ruling_is_no_ruling_and_an_upheld_point_stays_upheld() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1", "seoul-1"]);
    let point = record.request("seoul-1", Kind::PointOfOrder);
    let deny = |reason: &str| Command::Deny {
        request: point,
        reason: Some(reason.to_owned()),
    };
    record.as_chair(deny("Not now."));
    record.as_chair(Command::Undo { of: None });
    let undone = &record.proceedings().points_of_order[0];
    assert_eq!((undone.ruling, undone.ruled.as_ref()), (None, None));
    let position = None;
    record.as_chair(Command::Accept {
        request: point,
        position,
    });
    record.as_chair(deny("After all not."));
    record.as_chair(Command::Undo { of: None });
    let upheld = &record.proceedings().points_of_order[0];
    assert_eq!(upheld.ruling, Some(Ruling::Upheld));
    assert_eq!(upheld.word, None);
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

#[test]
fn a_log_that_holds_the_largest_durations_still_gives_minutes_and_a_table() {
    let largest = Millis(u64::MAX);
    let mut record = TestRecord::with(
        Settings {
            limit: largest,
            warning: largest,
            grace: largest,
            carry_over: true,
            ..Settings::default()
        },
        &["chair", "tokyo-1"],
    );
    for _ in 0..2 {
        let tokyo = record.request("tokyo-1", Kind::Statement);
        record.grant(tokyo);
        record.voice("tokyo-1");
        record.as_chair(Command::Extend {
            request: tokyo,
            by: BoundedMillis::from_secs(60),
        });
        record.advance_by(Millis(u64::MAX / 2));
        record.as_person("tokyo-1", Command::Release { request: tokyo });
    }
    let proceedings = record.proceedings();
    let minutes = proceedings.minutes();
    assert!(minutes.contains("5124095576030 h"), "{minutes}");
    let table = proceedings.speeches_csv().unwrap();
    assert!(table.contains(&u64::MAX.to_string()), "{table}");
}

#[test]
fn a_notice_of_the_operators_is_in_the_record_and_in_the_minutes() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    record.room_event(RoomEvent::NoticePosted {
        text: "The meeting goes on at 14:00.".to_owned(),
        by: person("operator"),
    });
    let proceedings = record.proceedings();
    let [notice] = &proceedings.notices[..] else {
        panic!("{:?}", proceedings.notices)
    };
    assert_eq!(notice.text, "The meeting goes on at 14:00.");
    let minutes = proceedings.minutes();
    let sentence = "the operators gave notice: “The meeting goes on at 14:00” (";
    assert!(minutes.contains(sentence), "{minutes}");
}

#[test]
fn a_postponed_item_is_in_the_record_with_when_it_was_due_then() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    let item = record.item(ItemState::Planned);
    for (by_minutes, due) in [(Some(15), 15), (None, 40)] {
        let due = Some(item.starts.after(Millis::from_secs(due * 60)));
        record.room_event(RoomEvent::AgendaPostponed {
            item: AgendaItem {
                due,
                ..item.clone()
            },
            by_minutes,
            by: person("chair"),
        });
    }
    let proceedings = record.proceedings();
    assert_eq!(proceedings.postponements[0].by_minutes, Some(15));
    let minutes = proceedings.minutes();
    for sentence in [
        "was postponed by 15 minutes, to",
        "was postponed to the end of the agenda, to",
    ] {
        assert!(minutes.contains(sentence), "{minutes}");
    }
}

#[test]
fn a_speech_that_ended_because_the_next_was_called_was_not_withdrawn() {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1", "seoul-1"]);
    let tokyo = record.request("tokyo-1", Kind::Statement);
    let seoul = record.request("seoul-1", Kind::Statement);
    record.grant(tokyo);
    record.as_chair(Command::Accept {
        request: seoul,
        position: None,
    });
    record.as_chair(Command::Next { expect: None });
    record.as_chair(Command::Revoke {
        request: seoul,
        reason: Some("Off the subject.".to_owned()),
    });
    let proceedings = record.proceedings();
    let ended: Vec<_> = proceedings.speeches.iter().map(|it| it.ended_by).collect();
    assert_eq!(ended, [Some(EndedBy::NextCalled), Some(EndedBy::Withdrawn)]);
    let minutes = proceedings.minutes();
    assert!(minutes.contains("The speech was ended by the chair calling the next speaker."));
    assert!(minutes.contains("The floor was withdrawn: “Off the subject”."));
    assert_eq!(minutes.matches("withdrawn").count(), 1, "{minutes}");
}
