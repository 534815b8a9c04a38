//! Who may be heard and seen where: the table, and what holds of every scene.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use plenary_ids::{Language, PersonId, RequestId};
use plenary_scene::{Gallery, Reach, Scene, Source, TakeKey, Want};
use proptest::prelude::*;

const PEOPLE: [&str; 6] = ["chair", "delhi-1", "kenji", "seoul-1", "tokyo-1", "viewer"];
const LANGUAGES: [&str; 3] = ["en", "fr", "ja"];

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

fn language(tag: &str) -> Language {
    Language::new(tag).unwrap()
}

fn people(names: &[&str]) -> Vec<PersonId> {
    names.iter().map(|name| person(name)).collect()
}

fn wants() -> Vec<Want> {
    let languages = LANGUAGES.map(|tag| Want::Language(language(tag)));
    let rest = [
        Want::Voice,
        Want::Stage,
        Want::Screen,
        Want::Tile,
        Want::Nothing,
    ];
    let by_name = ["tokyo-1", "viewer"].map(|name| Want::TileOf(person(name)));
    rest.into_iter().chain(by_name).chain(languages).collect()
}

/// Tokyo has the floor, Delhi too but is muted, the chair has no priority, Kenji interprets into Japanese, English changes
/// hands, French is not interpreted, and the viewer only looks on.
fn plenary() -> Scene {
    Scene {
        stage: people(&["tokyo-1", "delhi-1"]),
        voices: people(&["chair", "tokyo-1"]),
        gallery: people(&["chair", "delhi-1", "seoul-1", "tokyo-1"])
            .into_iter()
            .collect(),
        channels: [
            (language("ja"), Some(person("kenji"))),
            (language("en"), None),
        ]
        .into(),
        ..Scene::default()
    }
}

/// All ways in which a source may flow in a scene, in words.
fn allowed(scene: &Scene) -> Vec<String> {
    let mut allowed = Vec::new();
    for name in PEOPLE {
        for source in Source::ALL {
            for want in wants() {
                if scene.allows(&person(name), source, &want) {
                    allowed.push(format!("{name} {source:?} {}", String::from(want)));
                }
            }
        }
    }
    allowed
}

#[test]
fn the_scene_of_a_plenary_allows_these_ways_and_no_other() {
    let expected = [
        // Heard and shown small.
        "chair Microphone voice",
        "chair Microphone lang:fr",
        "chair Camera tile",
        // Muted: on stage, and not heard.
        "delhi-1 Camera stage",
        "delhi-1 Camera tile",
        "delhi-1 Screen screen",
        // Heard in the language and nowhere else.
        "kenji Microphone lang:ja",
        // Seated.
        "seoul-1 Camera tile",
        // Has the floor; the languages that are interpreted or change hands do not carry it.
        "tokyo-1 Microphone voice",
        "tokyo-1 Microphone lang:fr",
        "tokyo-1 Camera stage",
        "tokyo-1 Camera tile",
        "tokyo-1 Camera tile:tokyo-1",
        "tokyo-1 Screen screen",
    ];
    assert_eq!(allowed(&plenary()), expected);
}

#[test]
fn an_empty_scene_allows_nothing() {
    assert!(allowed(&Scene::default()).is_empty());
}

#[test]
fn the_reach_of_a_source_is_the_widest_slot_that_it_may_flow_into() {
    let (scene, stage, tile) = (plenary(), Some(Reach::Stage), Some(Reach::Tile));
    for (name, reaches) in [
        ("chair", [stage, tile, None]),
        ("delhi-1", [None, stage, stage]),
        ("kenji", [None, None, None]),
        ("seoul-1", [None, tile, None]),
        ("tokyo-1", [stage, stage, stage]),
    ] {
        let of_each = Source::ALL.map(|source| scene.reach(&person(name), source));
        assert_eq!(of_each, reaches, "{name}");
        assert_eq!(scene.interprets(&person(name)), name == "kenji", "{name}");
    }
}

#[test]
fn between_two_speakers_neither_is_heard_and_both_stay_small() {
    let cities: Gallery = people(&["seoul-1", "tokyo-1"]).into_iter().collect();
    let speaks = |name| Scene {
        stage: people(&[name]),
        voices: people(&[name]),
        gallery: cities.clone(),
        ..Scene::default()
    };
    let between = speaks("tokyo-1").intersection(&speaks("seoul-1"));
    let silent = Scene {
        gallery: cities.clone(),
        ..Scene::default()
    };
    assert_eq!(between, silent);
    assert!(
        between.gallery.is_same_list(&cities),
        "a thousand names are not copied"
    );
}

#[test]
fn a_participant_who_leaves_the_gallery_is_gone_from_it_before_others_come() {
    let scene = |names: &[&str]| Scene {
        gallery: people(names).into_iter().collect(),
        ..Scene::default()
    };
    let between = scene(&["delhi-1", "seoul-1"]).intersection(&scene(&["seoul-1", "tokyo-1"]));
    assert_eq!(between, scene(&["seoul-1"]));
}

#[test]
fn between_two_interpreters_or_one_and_the_floor_a_channel_is_silent() {
    let scene = |rows: &[(&str, Option<&str>)]| Scene {
        channels: rows
            .iter()
            .map(|(tag, name)| (language(tag), name.map(person)))
            .collect(),
        ..Scene::default()
    };
    let both = scene(&[("ja", Some("kenji")), ("en", Some("chair"))]);
    let handed_over = scene(&[("ja", Some("viewer")), ("en", Some("chair"))]);
    let dropped = scene(&[("en", Some("chair"))]);
    let between = scene(&[("ja", None), ("en", Some("chair"))]);
    assert_eq!(both.intersection(&handed_over), between);
    assert_eq!(both.intersection(&dropped), between);
    assert_eq!(dropped.intersection(&both), between);
}

#[test]
fn a_gallery_is_sorted_whatever_order_it_is_made_of() {
    let gallery: Gallery = people(&["tokyo-1", "delhi-1", "tokyo-1"])
        .into_iter()
        .collect();
    assert_eq!(gallery.people(), people(&["delhi-1", "tokyo-1"]));
    assert!(gallery.contains(&person("tokyo-1")) && !gallery.contains(&person("seoul-1")));
}

/// Where the recorded sound of a participant in each language may flow, in words.
fn recorded(scene: &Scene) -> Vec<String> {
    let mut allowed = Vec::new();
    for name in PEOPLE {
        for tag in LANGUAGES {
            for want in wants() {
                if scene.allows_recorded(&person(name), &language(tag), &want) {
                    allowed.push(format!("{name} {tag} {}", String::from(want)));
                }
            }
        }
    }
    allowed
}

#[test]
fn a_recorded_language_flows_into_its_own_slots_while_its_person_is_heard_and_nobody_interprets() {
    let playing = Scene {
        stage: people(&["tokyo-1"]),
        voices: people(&["chair", "tokyo-1"]),
        recorded: ["en", "ja"]
            .map(|tag| (language(tag), person("tokyo-1")))
            .into(),
        ..Scene::default()
    };
    assert_eq!(
        recorded(&playing),
        ["tokyo-1 en lang:en", "tokyo-1 ja lang:ja"]
    );
    let interpreted = Scene {
        channels: [(language("ja"), Some(person("kenji")))].into(),
        ..playing.clone()
    };
    assert_eq!(recorded(&interpreted), ["tokyo-1 en lang:en"]);
    let changing_hands = Scene {
        channels: [(language("ja"), None)].into(),
        ..playing.clone()
    };
    assert_eq!(recorded(&changing_hands), ["tokyo-1 en lang:en"]);
    let paused = Scene {
        voices: people(&["chair"]),
        ..playing.clone()
    };
    assert_eq!(recorded(&paused), [""; 0]);
    // A listener whose language the recording has may still get the floor, until that track comes.
    let floor = Want::Language(language("ja"));
    assert!(playing.allows(&person("tokyo-1"), Source::Microphone, &floor));
}

fn any_people() -> impl Strategy<Value = Vec<PersonId>> {
    proptest::sample::subsequence(PEOPLE.to_vec(), 0..=PEOPLE.len())
        .prop_shuffle()
        .prop_map(|names| people(&names))
}

fn any_scene() -> impl Strategy<Value = Scene> {
    let interpreter = proptest::option::of(proptest::sample::select(PEOPLE.to_vec()));
    let channels = proptest::collection::btree_map(
        proptest::sample::select(LANGUAGES.to_vec()),
        interpreter,
        0..=LANGUAGES.len(),
    );
    let recorded = proptest::collection::btree_map(
        proptest::sample::select(LANGUAGES.to_vec()),
        proptest::sample::select(PEOPLE.to_vec()),
        0..=LANGUAGES.len(),
    );
    (
        any_people(),
        any_people(),
        any_people(),
        channels,
        recorded,
        any_takes(),
    )
        .prop_map(
            |(stage, voices, gallery, channels, recorded, takes)| Scene {
                takes,
                stage,
                voices,
                gallery: gallery.into_iter().collect(),
                channels: channels
                    .into_iter()
                    .map(|(tag, name)| (language(tag), name.map(person)))
                    .collect(),
                recorded: recorded
                    .into_iter()
                    .map(|(tag, name)| (language(tag), person(name)))
                    .collect(),
            },
        )
}

fn any_takes() -> impl Strategy<Value = Vec<TakeKey>> {
    let take = (
        proptest::sample::select(PEOPLE.to_vec()),
        proptest::sample::select(Source::ALL.to_vec()),
        proptest::option::of(1..3u64),
        proptest::option::of(proptest::sample::select(LANGUAGES.to_vec())),
    );
    let take = take.prop_map(|(name, source, speech, tag)| TakeKey {
        participant: person(name),
        source,
        speech: speech.map(RequestId),
        language: tag.map(language),
    });
    proptest::collection::vec(take, 0..6)
}

fn is_named(scene: &Scene, participant: &PersonId) -> bool {
    let mut interpreters = scene.channels.values().flatten();
    scene.stage.contains(participant)
        || scene.voices.contains(participant)
        || scene.gallery.contains(participant)
        || interpreters.any(|it| it == participant)
}

proptest! {
    #[test]
    fn an_intersection_allows_only_what_both_allow(one in any_scene(), other in any_scene()) {
        let between = one.intersection(&other);
        for name in PEOPLE {
            for source in Source::ALL {
                for want in wants() {
                    let allows = |scene: &Scene| scene.allows(&person(name), source, &want);
                    prop_assert!(!allows(&between) || allows(&one) && allows(&other), "{name} {source:?} {want:?}");
                }
            }
        }
        let (one, other) = (recorded(&one), recorded(&other));
        for allowed in recorded(&between) {
            prop_assert!(one.contains(&allowed) && other.contains(&allowed), "{allowed}");
        }
        for (language, interpreter) in &between.channels {
            let want = Want::Language(language.clone());
            for name in PEOPLE {
                prop_assert!(!between.allows_recorded(&person(name), language, &want), "{interpreter:?}");
            }
        }
    }

    #[test]
    fn an_intersection_keeps_what_does_not_change(one in any_scene(), other in any_scene()) {
        prop_assert_eq!(one.intersection(&one), one.clone());
        let between = one.intersection(&other);
        prop_assert_eq!(between.intersection(&other), between.clone());
        let changed = Scene { channels: one.channels.clone(), ..other };
        let between = one.intersection(&changed);
        for name in PEOPLE {
            for source in Source::ALL {
                for want in wants() {
                    let allows = |scene: &Scene| scene.allows(&person(name), source, &want);
                    let both = allows(&one) && allows(&changed);
                    // A tile may be allowed by the stage of one and the gallery of the other.
                    let is_tile = matches!(want, Want::Tile | Want::TileOf(_));
                    prop_assert!(!both || is_tile || allows(&between), "{name} {source:?} {want:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_recorded_that_is_not_shown_in_full_or_interpreted(scene in any_scene(), other in any_takes()) {
        for take in scene.takes.iter().chain(&other) {
            let shown = match &take.language {
                None => scene.reach(&take.participant, take.source) == Some(Reach::Stage),
                Some(tag) => take.source == Source::Microphone
                    && scene.channels.get(tag) == Some(&Some(take.participant.clone())),
            };
            prop_assert_eq!(scene.allows_take(take), shown && scene.takes.contains(take), "{:?}", take);
        }
    }

    #[test]
    fn an_intersection_records_only_takes_of_the_first_whose_source_the_second_records(one in any_scene(), other in any_scene()) {
        let between = one.intersection(&other);
        for take in &one.takes {
            let stays = other.takes.iter().any(|it| it.is_same_source(take));
            prop_assert_eq!(between.takes.contains(take), stays);
        }
        prop_assert!(between.takes.iter().all(|take| one.takes.contains(take)));
    }

    #[test]
    fn nobody_who_is_not_named_is_allowed_anything(scene in any_scene()) {
        for name in PEOPLE.map(person).iter().filter(|it| !is_named(&scene, it)) {
            for source in Source::ALL {
                prop_assert_eq!(scene.reach(name, source), None);
                prop_assert!(wants().iter().all(|want| !scene.allows(name, source, want)));
            }
            prop_assert!(!scene.interprets(name));
        }
    }

    #[test]
    fn an_interpreter_who_is_not_a_voice_is_heard_in_no_other_slot(scene in any_scene()) {
        for name in PEOPLE.map(person).iter().filter(|it| !scene.voices.contains(it)) {
            for want in wants() {
                let own = matches!(&want, Want::Language(language) if scene.channels.get(language) == Some(&Some(name.clone())));
                prop_assert_eq!(scene.allows(name, Source::Microphone, &want), own);
            }
        }
    }
}
