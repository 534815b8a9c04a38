//! A meeting as it is told afterwards: to programs, to people, to spreadsheets.

use plenary_floor::{Command, Kind, ListVerb, Settings};
use plenary_ids::{Language, Seq};
use plenary_proceedings::{Proceedings, Ruling};
use plenary_protocol::{Channel, ChannelState, Correction, DecisionKind, RoomEvent, Verdict};

use crate::hall::{self, Hall, conference};

/// Tokyo speaks, is interrupted by Seoul's point of order and by its own connection, and gets more time; Delhi is
/// never there; Brussels' connection does not come back; two questions are decided; something is put right.
fn meeting() -> Proceedings {
    let mut hall = Hall::open(Settings::default());
    for name in ["chair", "tokyo-1", "seoul-1", "brussels-1", "clerk"] {
        hall.comes(name);
    }
    hall.after(60);
    hall.takes_up_the_item();
    let tokyo = hall.asks("tokyo-1", Kind::Statement);
    let brussels = hall.asks("brussels-1", Kind::Statement);
    hall.grants(tokyo);
    hall.speaks("tokyo-1");
    hall.after(120);
    let point = hall.asks("seoul-1", Kind::PointOfOrder);
    hall.after(30);
    let overruled = "The list *stands* as agreed.".to_owned();
    hall.chair(Command::Deny {
        request: point,
        reason: Some(overruled),
    });
    hall.after(60);
    hall.drops("tokyo-1");
    hall.after(20);
    hall.comes("tokyo-1");
    hall.chair(Command::Extend {
        request: tokyo,
        by: plenary_ids::Millis::from_secs(90),
    });
    hall.after(400);
    hall.own("tokyo-1", Command::Release { request: tokyo });
    hall.grants(brussels);
    hall.after(70);
    hall.chair(Command::Revoke {
        request: brussels,
        reason: Some("=cmd|' /C calc'!A1".to_owned()),
    });
    hall.chair(Command::List(ListVerb::Close));
    hall.drops("brussels-1");
    hall.ends_the_item();
    hall.after(60);
    hall.decides(DecisionKind::RollCall, Verdict::Adopted);
    hall.decides(DecisionKind::NoObjection, Verdict::Objected);
    hall.after(3600);
    hall.room(RoomEvent::Corrected(Correction {
        about_seq: Some(Seq(20)),
        text: "Tokyo spoke on behalf of\n# Seoul, too.".to_owned(),
        by: hall::person("clerk"),
    }));
    hall.draw_up()
}

#[test]
fn it_is_told_to_programs() {
    insta::assert_json_snapshot!(meeting());
}

#[test]
fn it_is_told_as_minutes_that_can_be_sent() {
    insta::assert_snapshot!(meeting().minutes());
}

#[test]
fn its_speeches_are_told_to_spreadsheets() {
    let table = meeting().speeches_csv().unwrap();
    assert!(
        table
            .split_inclusive('\n')
            .all(|line| line.ends_with("\r\n"))
    );
    insta::assert_snapshot!(table.replace("\r\n", "\n"));
}

#[test]
fn nothing_that_anybody_typed_becomes_a_formula_and_every_word_comes_through() {
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
        let mut hall = Hall::open(Settings::default());
        for name in ["chair", "tokyo-1"] {
            hall.comes(name);
        }
        let request = hall.asks("tokyo-1", Kind::Statement);
        hall.grants(request);
        hall.chair(Command::Revoke {
            request,
            reason: Some(word.to_owned()),
        });
        let table = hall.draw_up().speeches_csv().unwrap();
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
fn it_says_the_same_whenever_it_is_drawn_up() {
    assert_eq!(meeting(), meeting());
}

#[test]
fn a_room_in_which_nothing_happened_has_proceedings_too() {
    let empty = Hall::open(Settings::default()).draw_up();
    assert_eq!((empty.from_seq, empty.to_seq), (Seq(0), Seq(0)));
    assert!(empty.minutes().contains("Nothing was said."));
    assert_eq!(empty.speeches_csv().unwrap().lines().count(), 1);
}

#[test]
fn the_table_of_no_speeches_has_the_columns_of_one_with_some() {
    let some = meeting().speeches_csv().unwrap();
    let none = Hall::open(Settings::default()).draw_up().speeches_csv();
    assert_eq!(some.lines().next(), none.unwrap().lines().next());
}

#[test]
fn an_upheld_point_of_order_stays_upheld_when_it_leaves_the_floor() {
    let mut hall = Hall::open(Settings::default());
    for name in ["chair", "tokyo-1", "seoul-1"] {
        hall.comes(name);
    }
    let statement = hall.asks("tokyo-1", Kind::Statement);
    let point = hall.asks("seoul-1", Kind::PointOfOrder);
    hall.chair(Command::Accept {
        request: point,
        position: None,
    });
    hall.grants(statement);
    let point = &hall.draw_up().points_of_order[0];
    assert_eq!(point.ruling, Some(Ruling::Upheld));
    assert_eq!(point.by, Some(hall::person("chair")));
}

#[test]
fn a_point_of_order_that_was_heard_is_on_the_record_with_its_ruling_or_without_one() {
    let word = Some("It is within the item.".to_owned());
    for (ruling, recorded, said) in [
        ("accept", Ruling::Upheld, None),
        ("deny", Ruling::Overruled, word.clone()),
        ("none", Ruling::Heard, None),
    ] {
        let mut hall = Hall::open(Settings::default());
        for name in ["chair", "tokyo-1", "seoul-1"] {
            hall.comes(name);
        }
        let statement = hall.asks("tokyo-1", Kind::Statement);
        hall.grants(statement);
        let request = hall.asks("seoul-1", Kind::PointOfOrder);
        hall.grants(request);
        match ruling {
            "accept" => hall.chair(Command::Accept {
                request,
                position: None,
            }),
            "deny" => hall.chair(Command::Deny {
                request,
                reason: word.clone(),
            }),
            _ => hall.own("seoul-1", Command::Release { request }),
        }
        let point = &hall.draw_up().points_of_order[0];
        assert_eq!((point.ruling, &point.word), (Some(recorded), &said));
    }
}

#[test]
fn a_speaker_who_was_passed_in_mid_speech_and_recalled_has_two_speeches() {
    let mut hall = Hall::open(Settings::default());
    for name in ["chair", "tokyo-1"] {
        hall.comes(name);
    }
    let request = hall.asks("tokyo-1", Kind::Statement);
    hall.grants(request);
    hall.speaks("tokyo-1");
    hall.after(100);
    hall.drops("tokyo-1");
    hall.after(60);
    hall.chair(Command::Pass { request });
    hall.comes("tokyo-1");
    hall.chair(Command::Recall {
        request,
        position: None,
    });
    hall.grants(request);
    hall.speaks("tokyo-1");
    hall.after(50);
    let record = hall.draw_up();
    let used: Vec<u64> = record.speeches.iter().map(|it| it.used_ms.0).collect();
    assert_eq!(used, [100_000, 50_000]);
    assert_eq!(record.speeches[1].limit_ms.0, 380_000);
    let tokyo = record.delegations.iter().find(|it| it.name == "Tokyo");
    assert_eq!(tokyo.unwrap().used_ms.0, 150_000);
}

#[test]
fn while_the_server_is_down_nobody_is_there_and_no_clock_runs() {
    let mut hall = Hall::open(Settings::default());
    for name in ["chair", "tokyo-1"] {
        hall.comes(name);
    }
    let request = hall.asks("tokyo-1", Kind::Statement);
    hall.grants(request);
    hall.speaks("tokyo-1");
    hall.after(252);
    hall.is_down_for(600);
    hall.comes("tokyo-1");
    hall.after(8);
    let record = hall.draw_up();
    assert_eq!(record.speeches[0].used_ms.0, 260_000);
    assert_eq!(record.speeches[0].parts.len(), 2);
    let tokyo = record
        .attendance
        .iter()
        .find(|it| it.person.as_str() == "tokyo-1");
    assert_eq!(tokyo.unwrap().spans.len(), 2);
}

#[test]
fn who_interpreted_is_told_with_the_times_in_which_listeners_heard_him() {
    let mut hall = Hall::open(Settings::default());
    let channel = |interpreter: Option<&str>, state| RoomEvent::ChannelChanged {
        channel: Channel {
            interpreter: interpreter.map(hall::person),
            state,
            ..Channel::untouched(Language::new("ja").unwrap())
        },
        by: None,
    };
    hall.room(channel(Some("kenji"), ChannelState::Interpreted));
    hall.after(60);
    hall.room(channel(Some("kenji"), ChannelState::Interrupted));
    hall.after(60);
    hall.room(channel(Some("aiko"), ChannelState::Interpreted));
    hall.after(60);
    hall.room(channel(Some("kenji"), ChannelState::Interpreted));
    hall.after(60);
    hall.is_down_for(600);
    let record = hall.draw_up();
    let told = record.interpretation.iter().map(|it| {
        let ended = it.spans.iter().filter(|span| span.to.is_some()).count();
        (it.person.as_str(), it.spans.len(), ended)
    });
    assert_eq!(told.collect::<Vec<_>>(), [("kenji", 2, 2), ("aiko", 1, 1)]);
    let minutes = record.minutes();
    assert!(minutes.contains("## Interpretation"), "{minutes}");
    assert!(minutes.contains("| ja | aiko |"), "{minutes}");
}

#[test]
fn what_is_on_the_record_of_a_person_whom_the_file_no_longer_names_is_told_by_id() {
    let mut hall = Hall::open(Settings::default());
    hall.comes("tokyo-9");
    hall.asks("tokyo-9", Kind::PointOfOrder);
    let record = hall.draw_up();
    assert_eq!(record.points_of_order[0].name, "tokyo-9");
    assert!(conference().person(&hall::person("tokyo-9")).is_none());
}
