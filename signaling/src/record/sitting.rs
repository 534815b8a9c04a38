//! Sittings: what was recorded between two long pauses, who is the speaker in it, and its chapters.

use std::collections::{BTreeMap, BTreeSet};

use plenary_ids::{Language, Millis, Moment, PersonId, RequestId};
use plenary_proceedings::Proceedings;
use plenary_protocol::Take;
use plenary_recorder::Chapter;
use plenary_scene::Source;

/// Between two sittings nothing is recorded for so long.
const MIN_PAUSE: Millis = Millis::from_secs(30 * 60);

/// The speaker of each speech.
pub type Speakers = BTreeMap<RequestId, PersonId>;

/// The speaker of each speech of a record.
pub fn speakers_of(record: &Proceedings) -> Speakers {
    let speeches = record.speeches.iter();
    speeches.map(|it| (it.request, it.person.clone())).collect()
}

/// Whether a take is of the speaker, and not of another who was heard meanwhile. Between speeches, and where the speaker is
/// not known, everybody is.
pub fn is_main(take: &Take, speakers: &Speakers) -> bool {
    let speaker = take.speech.and_then(|speech| speakers.get(&speech));
    speaker.is_none_or(|speaker| *speaker == take.participant)
}

/// The takes of somebody who listens to one channel: its interpreters, and the floor in speeches without any.
pub fn heard_in(takes: Vec<Take>, language: &Language) -> Vec<Take> {
    let interpreted: BTreeSet<Option<RequestId>> = takes
        .iter()
        .filter(|take| take.language.as_ref() == Some(language))
        .map(|take| take.speech)
        .collect();
    takes
        .into_iter()
        .filter_map(|mut take| {
            if take.source != Source::Microphone || take.language.as_ref() == Some(language) {
                return Some(take);
            }
            if take.language.is_some() || interpreted.contains(&take.speech) {
                return None;
            }
            // A channel without an interpreter carries the floor.
            take.language = Some(language.clone());
            Some(take)
        })
        .collect()
}

/// The takes of each sitting, in the order of time.
pub fn sittings_of(mut takes: Vec<Take>) -> Vec<Vec<Take>> {
    takes.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
    let mut sittings: Vec<Vec<Take>> = Vec::new();
    let mut ended = Moment(0);
    for take in takes {
        let goes_on = take.from.since(ended) < MIN_PAUSE;
        ended = ended.max(take.to);
        match sittings.last_mut().filter(|_| goes_on) {
            Some(sitting) => sitting.push(take),
            None => sittings.push(vec![take]),
        }
    }
    sittings
}

/// The pauses between the sittings of these takes.
pub fn pauses(takes: &[Take]) -> Vec<(Moment, Moment)> {
    let sittings = sittings_of(takes.to_vec());
    let spans: Vec<(Moment, Moment)> = sittings.iter().filter_map(|it| span(it)).collect();
    let between = spans.iter().zip(spans.iter().skip(1));
    between.map(|((_, to), (from, _))| (*to, *from)).collect()
}

/// When the first of the takes begins and the last one ends; none if there are none.
pub fn span(takes: &[Take]) -> Option<(Moment, Moment)> {
    let from = takes.iter().map(|take| take.from).min()?;
    let to = takes.iter().map(|take| take.to).max()?;
    Some((from, to))
}

/// The name of a speaker with the city, as far as the record has it.
pub fn speaker_name(record: Option<&Proceedings>, speech: RequestId) -> String {
    let known = record.and_then(|it| it.speeches.iter().find(|it| it.request == speech));
    match known {
        Some(speech) => match &speech.city {
            Some(city) => format!("{} ({city})", speech.name),
            None => speech.name.clone(),
        },
        None => speech.to_string(),
    }
}

/// A chapter for each speech, from its first take to the beginning of the next one.
pub fn chapters(record: Option<&Proceedings>, takes: &[Take]) -> Vec<Chapter> {
    let Some((from, to)) = span(takes) else {
        return Vec::new();
    };
    let mut begins: BTreeMap<RequestId, Moment> = BTreeMap::new();
    for take in takes {
        if let Some(speech) = take.speech {
            let begin = begins.entry(speech).or_insert(take.from);
            *begin = (*begin).min(take.from);
        }
    }
    let mut begins: Vec<(Moment, RequestId)> = begins
        .into_iter()
        .map(|(speech, at)| (at, speech))
        .collect();
    begins.sort_unstable();
    let ends = begins.iter().skip(1).map(|(at, _)| *at).chain([to]);
    let chapters = begins.iter().zip(ends).map(|((at, speech), end)| Chapter {
        start_ms: at.since(from).0,
        end_ms: end.since(from).0,
        title: speaker_name(record, *speech),
        language: None,
    });
    chapters.collect()
}

#[cfg(test)]
mod tests {
    use plenary_ids::TakeId;

    use super::*;

    fn take(id: &str, speech: u64, language: Option<&str>, from: u64) -> Take {
        Take {
            id: TakeId::new(id).unwrap(),
            speech: Some(RequestId(speech)),
            source: if id.starts_with("camera") {
                Source::Camera
            } else {
                Source::Microphone
            },
            language: language.map(|it| Language::new(it).unwrap()),
            from: Moment(from),
            to: Moment(from + 1000),
            sha256: String::new(),
            participant: PersonId::new("tokyo-1").unwrap(),
            bytes: 0,
            media_type: String::new(),
            lost_packets: 0,
            recovered: false,
        }
    }

    #[test]
    fn a_channel_carries_the_floor_where_nobody_interprets() {
        let takes = vec![
            take("camera1", 1, None, 0),
            take("floor1", 1, None, 0),
            take("ja1", 1, Some("ja"), 0),
            take("zh1", 1, Some("zh"), 0),
            take("floor2", 2, None, 1000),
        ];
        let ja = Language::new("ja").unwrap();
        let heard: Vec<_> = heard_in(takes, &ja)
            .into_iter()
            .map(|it| (it.id.to_string(), it.language))
            .collect();
        assert_eq!(
            heard,
            [
                ("camera1".to_owned(), None),
                ("ja1".to_owned(), Some(ja.clone())),
                ("floor2".to_owned(), Some(ja))
            ]
        );
    }

    #[test]
    fn a_sitting_has_a_chapter_for_each_speech_from_its_first_take_to_the_next() {
        let takes = [
            take("floor2", 2, None, 6000),
            take("floor1", 1, None, 5100),
            take("camera1", 1, None, 5000),
        ];
        let found: Vec<_> = chapters(None, &takes)
            .into_iter()
            .map(|it| (it.title, it.start_ms, it.end_ms))
            .collect();
        assert_eq!(
            found,
            [("r1".to_owned(), 0, 1000), ("r2".to_owned(), 1000, 2000)]
        );
    }

    #[test]
    fn a_long_pause_ends_a_sitting_and_a_short_one_does_not() {
        let minutes = |minutes: u64| minutes * 60_000;
        let takes = vec![
            take("c", 3, None, minutes(90)),
            take("a", 1, None, minutes(1)),
            take("b", 2, None, minutes(20)),
        ];
        let found: Vec<Vec<String>> = sittings_of(takes.clone())
            .iter()
            .map(|sitting| sitting.iter().map(|it| it.id.to_string()).collect())
            .collect();
        assert_eq!(found, [vec!["a", "b"], vec!["c"]]);
        let b_ends = Moment(minutes(20) + 1000);
        assert_eq!(pauses(&takes), [(b_ends, Moment(minutes(90)))]);
        assert_eq!(pauses(&[]), []);
    }

    #[test]
    fn others_than_the_speaker_are_not_the_main_sound_of_a_speech() {
        let speakers = Speakers::from([(RequestId(1), PersonId::new("tokyo-1").unwrap())]);
        let of = |speech, participant: &str| {
            let participant = PersonId::new(participant).unwrap();
            is_main(
                &Take {
                    participant,
                    ..take("a", speech, None, 0)
                },
                &speakers,
            )
        };
        assert!(of(1, "tokyo-1") && !of(1, "chair-1"));
        assert!(of(2, "chair-1"), "its speaker is not known");
    }
}
