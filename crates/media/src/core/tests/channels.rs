//! Language channels: an interpreter is heard in the slots of his language
//! and nowhere else, and they carry the floor while nobody interprets.

use plenary_ids::Language;
use plenary_scene::{Scene, SlotWant, Want};

use super::test_core::{Client, TestCore, on_stage, people, person};
use crate::api::{MediaEvent, WantError};

fn language(tag: &str) -> Language {
    Language::new(tag).unwrap()
}

impl TestCore {
    /// Shows a scene in which Tokyo speaks and these people interpret (nobody while a channel changes hands).
    fn interpreted(&mut self, by: &[(&str, Option<&str>)]) {
        let named = by.iter();
        let channels = named.map(|(tag, name)| (language(tag), name.map(person)));
        self.show(Scene {
            channels: channels.collect(),
            ..on_stage(&["tokyo-1"])
        });
    }

    fn wants(&mut self, client: &Client, mid: &str, wants: Want) -> Result<(), WantError> {
        let wants = vec![SlotWant {
            mid: mid.to_owned(),
            wants,
            size: None,
        }];
        self.core.want(client.id, wants, self.now, &mut self.out)
    }

    /// The voices that a client receives when every sender sends a packet.
    fn heard(&mut self, from: &mut [&mut Client], by: &mut Client, sequence: u16) -> Vec<u8> {
        for (at, speaker) in from.iter_mut().enumerate() {
            let ssrc = speaker.ssrc;
            self.send_packet(
                speaker,
                111,
                ssrc,
                sequence,
                &[b'A' + u8::try_from(at).unwrap()],
            );
        }
        self.received(by)
            .into_iter()
            .map(|got| got.payload[0])
            .collect()
    }
}

/// A listener whose only audio slot wants a language, the speaker Tokyo (`A`), and two interpreters (`B`, `C`).
fn with_interpreters() -> (TestCore, Client, [Client; 3]) {
    let mut test = TestCore::new();
    let listener = test.join("seoul-1", 100);
    let others = [("tokyo-1", 200), ("kenji", 300), ("aiko", 400)];
    let others = others.map(|(name, ssrc)| test.join(name, ssrc));
    test.wants(&listener, "2", Want::Language(language("ja")))
        .unwrap();
    (test, listener, others)
}

#[test]
fn a_language_carries_its_interpreter_and_without_one_the_floor() {
    let (mut test, mut seoul, [mut tokyo, mut kenji, mut aiko]) = with_interpreters();
    let mut all = [&mut tokyo, &mut kenji, &mut aiko];
    test.interpreted(&[]);
    assert_eq!(test.heard(&mut all, &mut seoul, 1), b"A");
    test.interpreted(&[("ja", Some("kenji"))]);
    assert_eq!(test.heard(&mut all, &mut seoul, 2), b"B");
    test.interpreted(&[("ja", None)]);
    assert_eq!(test.heard(&mut all, &mut seoul, 3), b"", "it changes hands");
    test.interpreted(&[("ja", Some("aiko"))]);
    assert_eq!(test.heard(&mut all, &mut seoul, 4), b"C");
    test.interpreted(&[("en", Some("aiko"))]);
    assert_eq!(test.heard(&mut all, &mut seoul, 5), b"A");
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn an_interpreter_is_forwarded_in_no_other_slot_and_not_back_to_the_interpreter() {
    let (mut test, mut seoul, [mut tokyo, mut kenji, mut aiko]) = with_interpreters();
    test.wants(&kenji, "2", Want::Language(language("ja")))
        .unwrap();
    test.interpreted(&[("ja", Some("kenji")), ("en", Some("aiko"))]);
    for (sequence, wants, heard) in [
        (1, Want::Voice, &b"A"[..]),
        (2, Want::Language(language("en")), b"C"),
        (3, Want::Nothing, b""),
        (4, Want::Language(language("ja")), b"B"),
    ] {
        test.wants(&seoul, "2", wants.clone()).unwrap();
        let mut all = [&mut tokyo, &mut kenji, &mut aiko];
        assert_eq!(
            test.heard(&mut all, &mut seoul, sequence),
            heard,
            "{wants:?}"
        );
    }
    assert!(
        test.received(&mut kenji).is_empty(),
        "his own line is silent"
    );
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_language_without_interpreter_carries_the_voice_on_stage_before_the_chairs() {
    let (mut test, mut seoul, [mut tokyo, mut kenji, mut chair]) = with_interpreters();
    test.show(Scene {
        voices: people(&["aiko", "tokyo-1"]),
        ..on_stage(&["tokyo-1"])
    });
    let mut all = [&mut tokyo, &mut kenji, &mut chair];
    assert_eq!(test.heard(&mut all, &mut seoul, 1), b"A");
}

#[test]
fn a_listener_is_told_the_person_in_a_language_slot_and_whether_it_is_the_floor() {
    let (mut test, seoul, _others) = with_interpreters();
    let told = |test: &mut TestCore| {
        let events = std::mem::take(&mut test.out.events);
        let slots = events.into_iter().rev().find_map(|event| match event {
            (session, MediaEvent::Slots { slots }) if session == seoul.id => Some(slots),
            _ => None,
        });
        let shows = slots.unwrap()[0].shows.clone().unwrap();
        (shows.participant.to_string(), shows.stage)
    };
    test.interpreted(&[]);
    assert_eq!(told(&mut test), ("tokyo-1".to_owned(), true));
    test.interpreted(&[("ja", Some("kenji"))]);
    assert_eq!(told(&mut test), ("kenji".to_owned(), false));
}

#[test]
fn a_slot_can_want_only_a_source_of_its_own_kind() {
    let (mut test, seoul, _others) = with_interpreters();
    let refused = test.wants(&seoul, "9", Want::Voice);
    assert_eq!(refused, Err(WantError::NoLine("9".to_owned())));
    let refused = test.wants(&seoul, "3", Want::Language(language("ja")));
    assert!(
        matches!(refused, Err(WantError::Kind { .. })),
        "{refused:?}"
    );
    let refused = test.wants(&seoul, "2", Want::Tile);
    assert!(
        matches!(refused, Err(WantError::Kind { .. })),
        "{refused:?}"
    );
    assert_eq!(test.wants(&seoul, "3", Want::Nothing), Ok(()));
}
