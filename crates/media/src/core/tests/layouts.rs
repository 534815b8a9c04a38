//! Tiles that want a participant by name: the client's layout decides whose cameras it gets, within what the scene allows.

use plenary_scene::{PictureSize, Scene, SlotShows, SlotWant, Source, Want};
use proptest::prelude::*;

use super::test_core::*;
use crate::{api::MediaEvent, source::Layer};

/// The first tile of every offer.
const TILE: &str = "4";

fn tile_of(mid: &str, name: &str) -> SlotWant {
    SlotWant {
        mid: mid.to_owned(),
        wants: Want::TileOf(person(name)),
        size: None,
    }
}

/// A keyframe that names the city it comes from.
fn frame(city: usize) -> [u8; 5] {
    [0x90, 0x80, 1, 0, u8::try_from(city).unwrap()]
}

/// A listener with tiles, and cities that all send pictures.
struct Gallery {
    test: TestCore,
    listener: Client,
    cities: Vec<Client>,
    sequence: u16,
}

impl Gallery {
    fn new(tiles: usize, names: &[&str], scene: Scene) -> Self {
        let mut test = TestCore::new();
        let offer = with_tiles(200, tiles - 1);
        let listener = test.join_with("listener", 200, &offer);
        let ssrcs = (10..).map(|n| n * 1_000);
        let cities = names.iter().zip(ssrcs);
        let cities = cities.map(|(name, ssrc)| test.join(name, ssrc)).collect();
        test.show(scene);
        let mut gallery = Self {
            test,
            listener,
            cities,
            sequence: 10,
        };
        gallery.received();
        gallery
    }

    fn want(&mut self, wants: Vec<SlotWant>) {
        let (now, out) = (self.test.now, &mut self.test.out);
        self.test
            .core
            .want(self.listener.id, wants, now, out)
            .unwrap();
    }

    /// Sends a keyframe of every city; returns the cities whose frames the listener got, by their places, sorted.
    fn received(&mut self) -> Vec<usize> {
        self.sequence += 1;
        for (at, city) in self.cities.iter_mut().enumerate() {
            let ssrc = city.ssrc + 1;
            self.test
                .send_packet(city, 96, ssrc, self.sequence, &frame(at));
        }
        let got = self.test.received(&mut self.listener).into_iter();
        let mut cities: Vec<usize> = got.map(|it| usize::from(it.payload[4])).collect();
        cities.sort_unstable();
        cities
    }

    /// The person in a slot.
    fn shown(&self, mid: &str) -> Option<String> {
        let slots = self.test.figures(&self.listener).slots;
        let slot = slots.into_iter().find(|slot| slot.mid == mid)?;
        Some(slot.shows?.participant.to_string())
    }

    /// The announcements to the listener since the last call.
    fn announced(&mut self) -> Vec<Vec<SlotShows>> {
        let id = self.listener.id;
        let events = std::mem::take(&mut self.test.out.events).into_iter();
        let told = events.filter_map(|(session, event)| match event {
            MediaEvent::Slots { slots } if session == id => Some(slots),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn a_tile_that_wants_a_participant_carries_that_one_and_plain_tiles_carry_the_others() {
    let names = ["delhi-1", "seoul-1", "tokyo-1"];
    let mut gallery = Gallery::new(3, &names, in_gallery(&names));
    assert_eq!(gallery.received(), [0, 1, 2]);
    gallery.want(vec![tile_of("6", "seoul-1")]);
    assert_eq!(gallery.shown("6").as_deref(), Some("seoul-1"));
    assert_eq!(gallery.received(), [0, 1, 2], "none twice");
    gallery.want(vec![tile_of(TILE, "tokyo-1"), tile_of("5", "tokyo-1")]);
    assert_eq!(gallery.shown(TILE).as_deref(), Some("tokyo-1"));
    assert_eq!(gallery.shown("5"), None, "one picture goes out once");
    assert_eq!(gallery.received(), [1, 2]);
    assert_eq!(gallery.test.ungranted_packets(), 0);
}

#[test]
fn who_is_not_in_the_gallery_or_not_known_leaves_the_slot_empty_and_is_announced_so() {
    let names = ["delhi-1", "seoul-1"];
    let mut gallery = Gallery::new(1, &names, in_gallery(&["delhi-1"]));
    for name in ["seoul-1", "atlantis-1", "listener"] {
        gallery.announced();
        gallery.want(vec![tile_of(TILE, name)]);
        let told = gallery.announced();
        let slot = |slots: &Vec<SlotShows>| slots.iter().find(|it| it.mid == TILE).cloned();
        assert_eq!(told.len(), 1, "whatever it is, the answer is announced");
        assert_eq!(slot(&told[0]).unwrap().shows, None, "{name}");
        assert!(gallery.received().is_empty());
    }
    gallery.want(vec![tile_of(TILE, "seoul-1")]);
    gallery.test.show(in_gallery(&names));
    assert_eq!(gallery.received(), [1], "as soon as the scene allows it");
    gallery.test.show(in_gallery(&["delhi-1"]));
    assert!(gallery.received().is_empty(), "and no longer than that");
    assert_eq!(gallery.test.ungranted_packets(), 0);
}

#[test]
fn a_holder_who_is_not_in_the_gallery_can_be_a_tile_too_while_on_stage() {
    let names = ["tokyo-1"];
    let mut gallery = Gallery::new(1, &names, on_stage(&names));
    gallery.want(vec![tile_of(TILE, "tokyo-1")]);
    assert_eq!(gallery.received(), [0, 0], "stage and tile");
    gallery.test.show(Scene::default());
    assert!(gallery.received().is_empty());
    assert_eq!(gallery.test.ungranted_packets(), 0);
}

#[test]
fn a_change_of_the_layout_leaves_the_stage_and_the_tiles_that_stay_without_a_gap() {
    let names = ["delhi-1", "seoul-1", "tokyo-1"];
    let scene = Scene {
        gallery: in_gallery(&["delhi-1", "seoul-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    };
    let mut gallery = Gallery::new(2, &names, scene);
    gallery.want(vec![tile_of(TILE, "delhi-1"), tile_of("5", "atlantis-1")]);
    assert_eq!(gallery.received(), [0, 2]);
    gallery.want(vec![tile_of(TILE, "delhi-1"), tile_of("5", "seoul-1")]);
    // An interframe goes on only where the stream was not interrupted.
    let interframe = [0x90, 0x80, 1, 1, 9];
    for city in &mut gallery.cities {
        let ssrc = city.ssrc + 1;
        gallery
            .test
            .send_packet(city, 96, ssrc, gallery.sequence + 1, &interframe);
    }
    assert_eq!(gallery.test.received(&mut gallery.listener).len(), 2);
}

#[test]
fn twenty_eight_tiles_of_one_offer_show_twenty_eight_participants() {
    let names: Vec<String> = (0..28).map(|n| format!("city-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut gallery = Gallery::new(28, &names, in_gallery(&names));
    assert!(!gallery.listener.answer.contains("m=video 0"));
    let wants = names.iter().rev().zip(4..);
    let wants = wants.map(|(name, mid)| tile_of(&mid.to_string(), name));
    gallery.want(wants.collect());
    assert_eq!(gallery.received(), (0..28).collect::<Vec<_>>());
    assert_eq!(gallery.shown("31").as_deref(), Some("city-00"));
}

#[test]
fn a_tile_that_is_shown_large_has_a_better_layer_and_a_stage_that_is_shown_small_the_smallest() {
    let names = ["seoul-1", "tokyo-1"];
    let scene = Scene {
        gallery: in_gallery(&["seoul-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    };
    let mut gallery = Gallery::new(1, &names, scene);
    let Gallery { test, cities, .. } = &mut gallery;
    for (at, city) in cities.iter_mut().enumerate() {
        let key = test.core.by_id[&city.id];
        for layer in 1..3_usize {
            let ssrc = city.ssrc + 10 * u32::try_from(layer).unwrap();
            let session = test.core.session(key).unwrap();
            session.tracks[1].layers.push(Layer::new(None));
            session.begin_stream(Source::Camera, layer, ssrc, test.now);
            test.send_packet(city, 96, ssrc, 1, &frame(at));
        }
    }
    let layers = |gallery: &mut Gallery| {
        let key = gallery.test.core.by_id[&gallery.listener.id];
        let slots = &gallery.test.core.session(key).unwrap().slots;
        (slots[1].layer, slots[2].layer)
    };
    let sized = |mid: &str, wants: Want, size| SlotWant {
        mid: mid.to_owned(),
        wants,
        size: Some(size),
    };
    gallery.want(vec![tile_of(TILE, "seoul-1")]);
    assert_eq!(layers(&mut gallery), (0, 2), "unless the client says else");
    let seoul = Want::TileOf(person("seoul-1"));
    gallery.want(vec![
        sized(TILE, seoul, PictureSize::Large),
        sized("3", Want::Stage, PictureSize::Small),
    ]);
    assert_eq!(layers(&mut gallery), (2, 0));
}

proptest! {
    #[test]
    fn whatever_is_wanted_only_what_the_scene_allows_is_received_and_each_picture_once(
        wants in proptest::collection::vec(proptest::collection::vec(0..6_usize, 4), 1..6),
        seated in proptest::collection::vec(any::<bool>(), 4),
    ) {
        let names = ["delhi-1", "seoul-1", "taipei-1", "tokyo-1"];
        let here: Vec<&str> = names.iter().zip(&seated).filter(|it| *it.1).map(|it| *it.0).collect();
        let mut gallery = Gallery::new(4, &names, in_gallery(&here));
        for step in wants {
            let step: Vec<SlotWant> = step.into_iter().zip(4..).map(|(want, mid): (usize, usize)| {
                let mid = mid.to_string();
                match names.get(want) {
                    Some(name) => tile_of(&mid, name),
                    None => SlotWant { mid, wants: if want == 4 { Want::Tile } else { Want::Nothing }, size: None },
                }
            }).collect();
            let plain = step.iter().any(|it| it.wants == Want::Tile);
            let named = |name: &str| step.iter().any(|it| it.wants == Want::TileOf(person(name)));
            let must: Vec<usize> = (0..4).filter(|at| seated[*at] && named(names[*at])).collect();
            gallery.want(step.clone());
            let got = gallery.received();
            prop_assert!(got.windows(2).all(|pair| pair[0] < pair[1]), "{got:?}: each once");
            prop_assert!(got.iter().all(|at| seated[*at]), "{got:?}: only who is in the gallery");
            prop_assert!(must.iter().all(|at| got.contains(at)), "{got:?}: everybody who is wanted");
            prop_assert!(plain || got == must, "{got:?}: nobody else");
        }
        prop_assert_eq!(gallery.test.ungranted_packets(), 0);
    }
}
