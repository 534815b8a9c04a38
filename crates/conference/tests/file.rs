//! The conference file: a valid one is read completely, all faults of a broken one are reported, and no input panics.

use std::collections::BTreeSet;

use plenary_conference::{MAX_FILE_BYTES, RecordingStarts, Status, check, parse};
use plenary_floor::Settings;
use plenary_ids::{Language, Millis};
use proptest::prelude::*;

const CMC: &str = include_str!("../../../config/conferences/cmc-2021.toml");

#[test]
fn the_2021_conference_has_its_cities_rooms_and_agenda() {
    let cmc = parse(CMC.as_bytes(), "cmc-2021.toml").unwrap();
    assert_eq!(cmc.delegations.len(), 9);
    let observers = cmc
        .delegations
        .iter()
        .filter(|it| it.status == Status::Observer);
    assert_eq!(
        observers.map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["Brussels"]
    );
    let rooms: Vec<_> = cmc.rooms.iter().map(|room| room.id.as_str()).collect();
    assert_eq!(rooms, ["plenary", "climate", "covid", "resilience"]);
    assert!(
        cmc.rooms
            .iter()
            .all(|room| room.gallery && room.floor == Settings::default())
    );
    let covid = "covid".parse().unwrap();
    let speakers: Vec<_> = cmc
        .agenda(&covid)
        .flat_map(|item| &item.speakers)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        speakers,
        ["singapore-1", "taipei-1", "tokyo-1", "brussels-1"]
    );
    assert_eq!(
        cmc.items[0].starts.to_string(),
        "2021-10-12T09:00:00+08:00[Asia/Taipei]"
    );
}

#[test]
fn a_room_and_an_item_may_have_a_quorum_and_nonsense_is_a_fault_at_its_place() {
    let with =
        |quorum: &str| CMC.replacen("[[room]]\n", &format!("[[room]]\nquorum = {quorum}\n"), 1);
    for (written, needed) in [("5", 5), ("\"2/3\"", 6), ("\"5\"", 5)] {
        let cmc = parse(with(written).as_bytes(), "cmc-2021.toml").unwrap();
        assert_eq!(cmc.rooms[0].quorum.map(|it| it.needed(8)), Some(needed));
        assert_eq!(cmc.rooms[1].quorum, None);
    }
    for bad in [
        "0",
        "-3",
        "\"4/3\"",
        "\"half\"",
        "1.5",
        "true",
        "100000000000",
    ] {
        let faults = parse(with(bad).as_bytes(), "cmc-2021.toml").unwrap_err();
        assert!(
            faults.iter().any(|it| it.message.contains("\"quorum\"")),
            "{bad}: {faults:?}"
        );
    }
    let item = CMC.replacen("[[item]]\n", "[[item]]\nquorum = \"1/2\"\n", 1);
    let cmc = parse(item.as_bytes(), "cmc-2021.toml").unwrap();
    assert!(cmc.items.iter().any(|item| item.quorum.is_some()));
}

#[test]
fn a_room_may_be_recorded_from_its_beginning_and_its_recordings_kept_for_some_days() {
    let with = |keys: &str| {
        let room = "[[room]]\nid = \"hall\"\ntitle = \"Hall\"\n[room.recording]\n";
        parse(format!("{CMC}\n{room}{keys}\n").as_bytes(), "cmc-2021.toml")
    };
    let of_hall = |keys| with(keys).unwrap().rooms.pop().unwrap().recording;
    let recording = of_hall("enabled = true\nretention_days = 90");
    assert!(recording.enabled);
    assert_eq!(recording.retention_days, Some(90));
    let recording = of_hall("");
    assert!(!recording.enabled && recording.retention_days.is_none());
    for bad in ["enabled = 1", "retention_days = 0", "keep = 3"] {
        let faults = with(bad).unwrap_err();
        let named = bad.split(' ').next().unwrap();
        let says = |fault: &&plenary_conference::Diagnostic| fault.message.contains(named);
        assert!(faults.iter().any(|fault| says(&fault)), "{bad}: {faults:?}");
    }
}

#[test]
fn a_quorum_that_a_room_can_never_have_is_a_warning() {
    let file = CMC.replacen("[[room]]\n", "[[room]]\nquorum = 100\n", 1);
    let checked = check(file.as_bytes(), "cmc-2021.toml").unwrap();
    let warned = checked.warnings.iter();
    assert!(
        warned
            .map(|it| it.message.as_str())
            .any(|it| it.contains("decide nothing"))
    );
}

#[test]
fn only_interpreters_interpret_and_into_the_languages_of_the_file_or_into_all() {
    let more = "\n[[person]]\nid = \"i-1\"\nname = \"One\"\nrole = \"interpreter\"\nlanguages = [\"zh-hant-tw\"]\n\
        [[person]]\nid = \"i-2\"\nname = \"Two\"\nrole = \"interpreter\"\n";
    let cmc = parse((CMC.to_owned() + more).as_bytes(), "cmc-2021.toml").unwrap();
    let into = |person: &str| {
        let person = cmc.person(&person.parse().unwrap()).unwrap();
        let tags = person.languages.iter().map(ToString::to_string);
        tags.collect::<Vec<_>>()
    };
    assert_eq!(into("i-1"), ["zh-Hant-TW"]);
    assert_eq!(into("i-2"), ["en", "zh-Hant-TW"]);
    assert!(into("tokyo-1").is_empty());
}

#[test]
fn every_fault_of_a_broken_file_is_reported_with_its_place_and_a_suggestion() {
    let faults = parse(include_bytes!("broken.toml"), "broken.toml").unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_item_outside_the_conference_overlapping_another_or_with_a_barred_speaker_is_refused() {
    let items = "\n[[person]]\nid = \"guest-1\"\nname = \"Guest\"\nrole = \"viewer\"\nrooms = [\"covid\"]\n\
        [[item]]\nroom = \"covid\"\ntitle = \"Early\"\nstarts = 2021-10-11T09:00:00\nminutes = 5\n\
        [[item]]\nroom = \"covid\"\ntitle = \"Late\"\nstarts = 2021-10-14T23:30:00\nminutes = 31\n\
        [[item]]\nroom = \"plenary\"\ntitle = \"Over\"\nstarts = 2021-10-12T09:19:00\nminutes = 5\n\
        [[item]]\nroom = \"climate\"\ntitle = \"Barred\"\nstarts = 2021-10-13T09:00:00\nminutes = 5\n\
        speakers = [\"guest-1\"]\n";
    let faults = parse(format!("{CMC}{items}").as_bytes(), "x.toml").unwrap_err();
    let told: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_unlikely_setting_is_a_warning_at_its_key_and_not_a_refusal() {
    let more = "\n[[person]]\nid = \"chair-9\"\nname = \"Chair\"\ndelegation = \"tokyo\"\nrole = \"moderator\"\n\
        [[room]]\nid = \"extra\"\ntitle = \"Extra\"\n[room.floor]\nlimit = \"1m\"\nwarning = \"2m\"\n\
        limit_by_class = { staff = \"3m\" }\n";
    let text = format!("{CMC}{more}");
    let checked = check(text.as_bytes(), "x.toml").unwrap();
    let told: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
    let line = |key: &str| text[..text.rfind(key).unwrap()].lines().count();
    assert_eq!(told.len(), 3, "{told:#?}");
    for (told, key) in told.iter().zip(["\"tokyo\"\nrole", "\"2m\"", "\"3m\""]) {
        assert!(
            told.starts_with(&format!("x.toml:{}:", line(key))) && told.contains(": warning: "),
            "{told}"
        );
        assert!(told.contains("help: "), "{told}");
    }
    assert!(
        check(CMC.as_bytes(), "cmc.toml")
            .unwrap()
            .warnings
            .is_empty()
    );
}

#[test]
fn a_room_or_a_person_with_a_name_that_means_something_else_is_refused_at_its_line() {
    for id in [".", "..", "-", "room", "-x", "__"] {
        for (table, more) in [
            ("room", "title = \"A\""),
            ("person", "name = \"A\"\nrole = \"clerk\""),
        ] {
            let text = format!("{CMC}\n[[{table}]]\nid = \"{id}\"\n{more}\n");
            let faults = parse(text.as_bytes(), "x.toml").unwrap_err();
            assert_eq!(faults.len(), 1, "{faults:#?}");
            let place = format!("id = \"{id}\"\n{more}");
            let line = text[..text.rfind(&place).unwrap()].lines().count() + 1;
            let told = faults[0].to_string();
            assert!(
                told.starts_with(&format!(
                    "x.toml:{line}:6: The {table} id \"{id}\" is not allowed"
                )),
                "{told}"
            );
            assert!(told.contains("help: Write another id"), "{told}");
        }
    }
    for id in ["rooms", "a.b", "_a", "x-"] {
        let text = format!("{CMC}\n[[room]]\nid = \"{id}\"\ntitle = \"A\"\n");
        assert!(parse(text.as_bytes(), "x.toml").is_ok(), "{id}");
    }
}

#[test]
fn a_character_that_nobody_sees_is_a_warning_at_its_line_and_column_and_joiners_are_none() {
    let people = "\n[[person]]\nid = \"a\"\nname = \"To\u{200b}kyo \u{202e}etageled\"\nrole = \"clerk\"\n\
        [[person]]\nid = \"b\"\nname = \"\\u2066To\"\nrole = \"clerk\"\n\
        [[person]]\nid = \"c\"\nname = \"می\u{200c}خواهم 👩\u{200d}🚒\"\nrole = \"clerk\"\n";
    let text = format!("{CMC}{people}");
    let checked = check(text.as_bytes(), "x.toml").unwrap();
    let told: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
    let line = CMC.lines().count() + 4;
    let escaped = line + 4;
    for (told, expected) in told.iter().zip([
        format!("x.toml:{line}:11: warning: \"name\" of [[person]] holds U+200B, which nobody sees."),
        format!("x.toml:{line}:16: warning: \"name\" of [[person]] holds U+202E, which changes the direction"),
        format!("x.toml:{escaped}:8: warning: \"name\" of [[person]] holds U+2066, which changes"),
    ]) {
        assert!(told.starts_with(&expected), "{told}");
    }
    assert_eq!(told.len(), 3, "{told:#?}");
    assert_eq!(
        checked.conference.persons.len() - 3,
        check(CMC.as_bytes(), "x.toml")
            .unwrap()
            .conference
            .persons
            .len()
    );
}

#[test]
fn a_limit_of_zero_is_refused_at_its_key() {
    let floor = "\n[[room]]\nid = \"extra\"\ntitle = \"Extra\"\n[room.floor]\nmode = \"queue\"\nlimit = \"0s\"\n";
    let text = format!("{CMC}{floor}");
    let faults = parse(text.as_bytes(), "x.toml").unwrap_err();
    assert_eq!(faults[0].line, text.lines().count());
    assert_eq!(faults[0].column, "limit = ".len() + 1);
}

#[test]
fn durations_of_the_floor_section_are_read_as_text() {
    let floor = "\n[[room]]\nid = \"extra\"\ntitle = \"Extra\"\n[room.floor]\nlimit = \"1m30s\"\nmode = \"queue\"\n\
                 limit_by_kind = { reply = \"2m\" }\n";
    let conference = parse(format!("{CMC}{floor}").as_bytes(), "x.toml").unwrap();
    let room = conference.room(&"extra".parse().unwrap()).unwrap();
    assert_eq!(room.floor.limit, Millis(90_000));
    assert_eq!(
        room.floor.limit_by_kind.values().collect::<Vec<_>>(),
        [&Millis(120_000)]
    );
    assert_eq!(room.floor.grace, Settings::default().grace);
}

#[test]
fn every_entry_of_a_floor_has_its_own_fault() {
    let floor = "\n[[room]]\nid = \"extra\"\ntitle = \"Extra\"\n[room.floor]\n\
        mode = 3\n\
        policy = \"rotations\"\n\
        nom = \"two\"\n\
        max_requests = 1001\n\
        yielding = \"yes\"\n\
        drawn = \"TW\"\n\
        limit_ms = 5\n\
        warning = []\n\
        limit_by_kind = { reply = \"2 m\", motion = 3, statement = \"0s\" }\n\
        limit_by_class = \"1m\"\n\
        protocol = [\"seoul\", \"to kyo\", 7, \"atlantis\"]\n";
    let text = format!("{CMC}{floor}");
    let faults = parse(text.as_bytes(), "x.toml").unwrap_err();
    let first_line = text.lines().position(|line| line == "mode = 3").unwrap() + 1;
    let told: Vec<String> = faults
        .iter()
        .map(|fault| {
            let line = fault.line.wrapping_sub(first_line).cast_signed();
            format!("{line}:{}: {}", fault.column, fault.message)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    0:8: "mode" of [room.floor] is an integer, but must be a string.
    1:10: "rotations" is no policy.
    2:7: "nom" of [room.floor] is a string, but must be a whole number.
    3:16: "max_requests" of [room.floor] is out of range.
    4:12: "yielding" of [room.floor] is a string, but must be true or false.
    5:9: "TW" is not a letter to draw.
    6:1: Unknown key "limit_ms" in [room.floor].
    7:11: "warning" of [room.floor] is an array, but must be a string.
    8:27: "2 m" is not a duration.
    8:43: "motion" of limit_by_kind is an integer, but must be a string.
    8:58: "statement" gives a speech no time at all.
    9:18: "limit_by_class" of [room.floor] is a string, but must be a table.
    10:22: "to kyo" is not an id: an id has 1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-'.
    10:32: "protocol" of [room.floor] is an integer, but must be a string.
    10:35: There is no delegation "atlantis".
    "#);
}

#[test]
fn every_syntax_error_has_its_line_and_column() {
    let faults = parse(
        b"[conference]\nid = \n\nname = 'x\nstarts = 2021-02-30\n",
        "x.toml",
    )
    .unwrap_err();
    let lines: BTreeSet<usize> = faults.iter().map(|fault| fault.line).collect();
    assert!(lines.is_superset(&BTreeSet::from([2, 4])), "{faults:#?}");
}

#[test]
fn a_file_that_is_too_large_not_utf_8_or_missing_is_refused_with_a_sentence() {
    let large = parse(&vec![b'#'; MAX_FILE_BYTES + 1], "x.toml").unwrap_err();
    assert_eq!(large[0].message, "The file is larger than 1048576 bytes.");
    let latin = parse(b"# caf\xe9", "x.toml").unwrap_err();
    assert_eq!((latin[0].line, latin[0].column), (1, 6));
    let missing = plenary_conference::load("/nowhere/x.toml".as_ref()).unwrap_err();
    assert!(missing[0].message.starts_with("The file cannot be read"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = parse(&bytes, "x.toml");
    }

    #[test]
    fn the_real_file_with_bytes_changed_is_read_or_refused_with_a_reason(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = CMC.as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        prop_assert!(parse(&bytes, "x.toml").err().is_none_or(|faults| !faults.is_empty()));
    }

    #[test]
    fn the_real_file_with_lines_dropped_or_swapped_is_read_or_refused_with_a_reason(
        swaps in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
        dropped in any::<prop::sample::Index>(),
    ) {
        let mut lines: Vec<&str> = CMC.lines().collect();
        for (a, b) in swaps {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
        lines.remove(dropped.index(lines.len()));
        prop_assert!(parse(lines.join("\n").as_bytes(), "x.toml").err().is_none_or(|faults| !faults.is_empty()));
    }
}

#[test]
fn a_name_or_title_by_language_keeps_the_first_language_as_the_plain_one() {
    let cmc = parse(CMC.as_bytes(), "cmc-2021.toml").unwrap();
    let zh: Language = "zh-Hant-TW".parse().unwrap();
    assert_eq!(
        cmc.theme,
        "Critical Functions of Emergency Response and Management"
    );
    let tokyo = cmc.delegation(&"tokyo".parse().unwrap()).unwrap();
    assert_eq!(
        (tokyo.name.as_str(), tokyo.names[&zh].as_str()),
        ("Tokyo", "東京")
    );
    let plenary = cmc.room(&"plenary".parse().unwrap()).unwrap();
    assert_eq!(
        (plenary.title.as_str(), plenary.titles[&zh].as_str()),
        ("Plenary", "全體會議")
    );
    for translated in [
        &cmc.names,
        &cmc.themes,
        &cmc.persons[0].names,
        &cmc.items[0].titles,
    ] {
        assert_eq!(translated.len(), 2);
    }
    let plain = format!("{CMC}\n[[room]]\nid = \"extra\"\ntitle = \"Extra\"\n");
    let cmc = parse(plain.as_bytes(), "cmc-2021.toml").unwrap();
    assert!(cmc.rooms.last().unwrap().titles.is_empty());
}

#[test]
fn a_fault_in_a_name_by_language_is_explained_at_its_place() {
    for (title, said) in [
        (
            "title.zh-Hant-TW = \"A\"",
            "is missing in \"en\", the first language",
        ),
        (
            "title.en = \"A\"\ntitle.\"not a tag\" = \"B\"",
            "no BCP 47 language tag",
        ),
        ("title.en = \"A\"\ntitle.zh-Hant-TW = \" \"", "is blank"),
        ("title.en = 1", "string"),
        ("title = 1", "string"),
        ("title.en = \"A\"\ntitle.EN = \"B\"", "stands twice"),
    ] {
        let file = format!("{CMC}\n[[room]]\nid = \"extra\"\n{title}\n");
        let faults = parse(file.as_bytes(), "cmc-2021.toml").unwrap_err();
        assert!(
            faults.iter().any(|it| it.message.contains(said)),
            "{title}: {faults:?}"
        );
    }
    let file = format!("{CMC}\n[[room]]\nid = \"extra\"\ntitle.en = \"A\"\ntitle.fr = \"B\"\n");
    let checked = check(file.as_bytes(), "cmc-2021.toml").unwrap();
    let warned = checked.warnings.iter();
    let warned: Vec<_> = warned
        .filter(|it| it.message.contains("no language \"fr\""))
        .collect();
    assert_eq!(warned.len(), 1, "{:?}", checked.warnings);
}

#[test]
fn an_item_names_its_recording_and_who_speaks_in_it() {
    let of = |lines: &str| {
        let item = format!("speakers = [\"delhi-1\"]\n{lines}");
        let text = CMC.replacen("speakers = [\"delhi-1\"]", &item, 1);
        assert_ne!(text, CMC, "the file plans Delhi alone");
        check(text.as_bytes(), "cmc.toml")
    };
    let checked = of("recording = \"mayor-address\"\nrecording_starts = \"auto\"").unwrap();
    let mut recordings = checked.conference.items.iter();
    let recording = recordings.find_map(|item| item.recording.as_ref()).unwrap();
    assert_eq!(recording.media.as_str(), "mayor-address");
    assert_eq!(
        recording.beneficiary.as_str(),
        "delhi-1",
        "the only planned speaker"
    );
    assert_eq!(recording.starts, RecordingStarts::Auto);
    assert_eq!(checked.warnings, []);
    let missing: Vec<String> = checked
        .missing_recordings(|_| false)
        .map(ToString::to_string)
        .collect();
    assert_eq!(missing.len(), 1);
    assert!(missing[0].contains("warning: The media library has no recording \"mayor-address\""));
    assert_eq!(checked.missing_recordings(|_| true).count(), 0);
    for (lines, fault) in [
        ("beneficiary = \"tokyo-1\"", "belongs to a recording"),
        (
            "recording = \"a\"\nbeneficiary = \"nobody\"",
            "There is no person \"nobody\"",
        ),
        (
            "recording = \"a\"\nbeneficiary = \"interpreter-1\"",
            "no voice on the floor",
        ),
        ("recording = \"a\"\nrecording_starts = \"soon\"", "soon"),
        ("recording = \"a b\"", "id"),
    ] {
        let faults = of(lines).unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|it| it.contains(fault)),
            "{lines}: {told:?}"
        );
    }
    let nobody = CMC.replacen("speakers = [\"delhi-1\"]", "recording = \"a\"", 1);
    let faults = parse(nobody.as_bytes(), "cmc.toml").unwrap_err();
    assert!(
        faults[0].message.contains("not clear who speaks"),
        "{faults:?}"
    );
}
