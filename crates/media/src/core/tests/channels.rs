//! Language channels: an interpreter is heard in the slots of his language
//! and nowhere else, and they carry the floor while nobody interprets.

use plenary_ids::Language;
use plenary_scene::{Scene, SlotWant, Want};

use super::hall::{Client, Hall, on_stage, people, person};
use crate::api::{MediaEvent, WantError};

fn language(tag: &str) -> Language {
    Language::new(tag).unwrap()
}

impl Hall {
    /// Lets Tokyo speak, and languages be interpreted by these (or, for a moment, by nobody).
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
        }];
        self.core.want(client.id, wants, self.now, &mut self.out)
    }

    /// Whose voices reach a client, each of which says something.
    fn heard(&mut self, from: &mut [&mut Client], by: &mut Client, sequence: u16) -> Vec<u8> {
        for (at, speaker) in from.iter_mut().enumerate() {
            let ssrc = speaker.ssrc;
            self.packet(
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

/// A listener whose one audio line wants a language, Tokyo (`A`) who speaks, and two interpreters (`B`, `C`).
fn hall() -> (Hall, Client, [Client; 3]) {
    let mut hall = Hall::new();
    let listener = hall.seat("seoul-1", 100);
    let others = [("tokyo-1", 200), ("kenji", 300), ("aiko", 400)];
    let others = others.map(|(name, ssrc)| hall.seat(name, ssrc));
    hall.wants(&listener, "2", Want::Language(language("ja")))
        .unwrap();
    (hall, listener, others)
}

#[test]
fn a_language_carries_its_interpreter_and_without_one_the_floor() {
    let (mut hall, mut seoul, [mut tokyo, mut kenji, mut aiko]) = hall();
    let mut all = [&mut tokyo, &mut kenji, &mut aiko];
    hall.interpreted(&[]);
    assert_eq!(hall.heard(&mut all, &mut seoul, 1), b"A");
    hall.interpreted(&[("ja", Some("kenji"))]);
    assert_eq!(hall.heard(&mut all, &mut seoul, 2), b"B");
    hall.interpreted(&[("ja", None)]);
    assert_eq!(hall.heard(&mut all, &mut seoul, 3), b"", "it changes hands");
    hall.interpreted(&[("ja", Some("aiko"))]);
    assert_eq!(hall.heard(&mut all, &mut seoul, 4), b"C");
    hall.interpreted(&[("en", Some("aiko"))]);
    assert_eq!(hall.heard(&mut all, &mut seoul, 5), b"A");
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn an_interpreter_is_forwarded_in_no_other_slot_and_not_back_to_the_interpreter() {
    let (mut hall, mut seoul, [mut tokyo, mut kenji, mut aiko]) = hall();
    hall.wants(&kenji, "2", Want::Language(language("ja")))
        .unwrap();
    hall.interpreted(&[("ja", Some("kenji")), ("en", Some("aiko"))]);
    for (sequence, wants, heard) in [
        (1, Want::Voice, &b"A"[..]),
        (2, Want::Language(language("en")), b"C"),
        (3, Want::Nothing, b""),
        (4, Want::Language(language("ja")), b"B"),
    ] {
        hall.wants(&seoul, "2", wants.clone()).unwrap();
        let mut all = [&mut tokyo, &mut kenji, &mut aiko];
        assert_eq!(
            hall.heard(&mut all, &mut seoul, sequence),
            heard,
            "{wants:?}"
        );
    }
    assert!(
        hall.received(&mut kenji).is_empty(),
        "his own line is silent"
    );
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_language_without_interpreter_carries_the_voice_on_stage_before_the_chairs() {
    let (mut hall, mut seoul, [mut tokyo, mut kenji, mut chair]) = hall();
    hall.show(Scene {
        voices: people(&["aiko", "tokyo-1"]),
        ..on_stage(&["tokyo-1"])
    });
    let mut all = [&mut tokyo, &mut kenji, &mut chair];
    assert_eq!(hall.heard(&mut all, &mut seoul, 1), b"A");
}

#[test]
fn a_listener_is_told_the_person_in_a_language_slot_and_whether_it_is_the_floor() {
    let (mut hall, seoul, _others) = hall();
    let told = |hall: &mut Hall| {
        let events = std::mem::take(&mut hall.out.events);
        let slots = events.into_iter().rev().find_map(|event| match event {
            (session, MediaEvent::Slots { slots }) if session == seoul.id => Some(slots),
            _ => None,
        });
        let shows = slots.unwrap()[0].shows.clone().unwrap();
        (shows.participant.to_string(), shows.stage)
    };
    hall.interpreted(&[]);
    assert_eq!(told(&mut hall), ("tokyo-1".to_owned(), true));
    hall.interpreted(&[("ja", Some("kenji"))]);
    assert_eq!(told(&mut hall), ("kenji".to_owned(), false));
}

#[test]
fn a_slot_can_want_only_a_source_of_its_own_kind() {
    let (mut hall, seoul, _others) = hall();
    let refused = hall.wants(&seoul, "9", Want::Voice);
    assert_eq!(refused, Err(WantError::NoLine("9".to_owned())));
    let refused = hall.wants(&seoul, "3", Want::Language(language("ja")));
    assert!(
        matches!(refused, Err(WantError::Kind { .. })),
        "{refused:?}"
    );
    let refused = hall.wants(&seoul, "2", Want::Tile);
    assert!(
        matches!(refused, Err(WantError::Kind { .. })),
        "{refused:?}"
    );
    assert_eq!(hall.wants(&seoul, "3", Want::Nothing), Ok(()));
}
