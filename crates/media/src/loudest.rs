//! Who is heard where more people may speak than a listener has lines for voices: the loudest of those who speak.

use std::cmp::Reverse;

use plenary_ids::PersonId;

/// So many voices are told apart from the rest: as many lines for voices as a page has.
pub const VOICES_HEARD: usize = 3;
/// Another voice has to be louder by this than one that is heard, in dB, so that two of the same loudness do not take turns.
const HEAD_START_DB: u8 = 6;

/// A voice that may be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    pub person: PersonId,
    pub speaks: bool,
    /// Above silence, in dB.
    pub loudness: u8,
}

/// The order of the voices, the ones to be heard first. `before` is the order so far. Who speaks goes before who is silent,
/// and who is silent keeps the place among the others.
pub fn order(voices: &[Speaker], before: &[PersonId]) -> Vec<PersonId> {
    let place = |speaker: &Speaker| {
        let place = before.iter().position(|it| *it == speaker.person);
        place.unwrap_or(before.len())
    };
    let mut ordered: Vec<&Speaker> = voices.iter().collect();
    ordered.sort_by_key(|speaker| {
        let place = place(speaker);
        let head_start = if place < VOICES_HEARD {
            HEAD_START_DB
        } else {
            0
        };
        let loudness = if speaker.speaks {
            speaker.loudness.saturating_add(head_start)
        } else {
            0
        };
        (Reverse(speaker.speaks), Reverse(loudness), place)
    });
    let people = ordered.into_iter().map(|speaker| speaker.person.clone());
    people.collect()
}

/// Whether other people are heard by one order than by the other.
pub fn differs(one: &[PersonId], other: &[PersonId]) -> bool {
    let heard = |order: &'_ [PersonId]| {
        let mut heard: Vec<PersonId> = order.iter().take(VOICES_HEARD).cloned().collect();
        heard.sort();
        heard
    };
    heard(one) != heard(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> Vec<PersonId> {
        let people = names.iter().map(|name| PersonId::new(name).unwrap());
        people.collect()
    }

    /// The order that comes after `before`, of people with their loudness; none is silent.
    fn after(before: &[&str], voices: &[(&str, Option<u8>)]) -> Vec<PersonId> {
        let voices: Vec<Speaker> = voices
            .iter()
            .map(|(name, loudness)| Speaker {
                person: PersonId::new(name).unwrap(),
                speaks: loudness.is_some(),
                loudness: loudness.unwrap_or(10),
            })
            .collect();
        order(&voices, &people(before))
    }

    #[test]
    fn those_who_speak_come_first_the_loudest_before_the_others() {
        let voices = [
            ("delhi-1", None),
            ("perth-1", Some(60)),
            ("quito-1", Some(80)),
            ("seoul-1", None),
        ];
        assert_eq!(
            after(&[], &voices),
            people(&["quito-1", "perth-1", "delhi-1", "seoul-1"])
        );
    }

    #[test]
    fn a_voice_that_is_heard_gives_way_to_one_that_is_clearly_louder() {
        let before = ["delhi-1", "perth-1", "quito-1", "seoul-1"];
        let with = |loudness| {
            let voices = [
                ("delhi-1", Some(70)),
                ("perth-1", Some(70)),
                ("quito-1", Some(60)),
                ("seoul-1", Some(loudness)),
            ];
            after(&before, &voices)
        };
        assert!(!differs(&with(65), &people(&before)));
        assert!(differs(&with(67), &people(&before)));
        assert!(!with(67)[..VOICES_HEARD].contains(&people(&["quito-1"])[0]));
    }

    #[test]
    fn a_pause_in_a_speech_gives_no_place_to_somebody_who_is_silent() {
        let before = ["delhi-1", "perth-1", "quito-1", "seoul-1"];
        let voices =
            before.map(|name| (name, (name != "quito-1" && name != "seoul-1").then_some(70)));
        assert!(!differs(&after(&before, &voices), &people(&before)));
    }
}
