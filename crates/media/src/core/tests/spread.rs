//! A room that two workers serve: what each forwards of the publishers of the other.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use plenary_scene::Scene;
use proptest::prelude::*;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;

use super::{
    recordings::{Player, is_keyframe},
    test_core::*,
};
use crate::{core::TICK_INTERVAL, spread::Frame};

/// Two cores, and the frames on their way to each.
struct Pair {
    cores: [TestCore; 2],
    waiting: [VecDeque<Frame>; 2],
}

impl Pair {
    fn new() -> Self {
        Self::of([TestCore::of_worker(0), TestCore::of_worker(1)])
    }

    fn of(mut cores: [TestCore; 2]) -> Self {
        let generations = cores[0].core.publish_generations.clone();
        cores[1].core.publish_generations = generations;
        for (number, other) in [(0, 1), (1, 0)] {
            let TestCore { core, out, now, .. } = &mut cores[number];
            core.serve_with(&room(), vec![other], *now, out);
        }
        Self {
            cores,
            waiting: Default::default(),
        }
    }

    /// Takes what the cores have told each other since the last call.
    fn collect(&mut self) {
        for core in &mut self.cores {
            for (worker, frame) in core.out.frames.drain(..) {
                self.waiting[worker].push_back(frame);
            }
            core.core.fan_out_told(core.now, &mut core.out);
        }
    }

    /// Brings the oldest frame for a core to it.
    fn deliver_one(&mut self, to: usize) {
        self.collect();
        if let Some(frame) = self.waiting[to].pop_front() {
            let TestCore { core, out, now, .. } = &mut self.cores[to];
            core.take_frame(frame, *now, out);
        }
        self.collect();
    }

    /// Brings everything that the cores have told each other.
    fn deliver(&mut self) {
        self.collect();
        while let Some(to) = (0..2).find(|to| !self.waiting[*to].is_empty()) {
            self.deliver_one(to);
        }
    }

    fn show(&mut self, scene: &Scene) {
        for core in &mut self.cores {
            core.show(scene.clone());
        }
        self.deliver();
    }

    fn pass(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / TICK_INTERVAL.as_millis() {
            for core in &mut self.cores {
                core.now += TICK_INTERVAL;
                core.core.tick(core.now, &mut core.out);
            }
            self.deliver();
        }
    }

    /// Two workers: Tokyo on the first, who is on stage and seen by Seoul on the second.
    fn with_tokyo_seen_by_seoul() -> (Self, Client, Client, Vec<ReceivedPacket>) {
        let mut pair = Self::new();
        let mut tokyo = pair.cores[0].join("tokyo-1", 100);
        let mut seoul = pair.cores[1].join("seoul-1", 200);
        pair.show(&on_stage(&["tokyo-1"]));
        pair.send_frame(0, &mut tokyo, 1, true);
        let received = pair.cores[1].received(&mut seoul);
        (pair, tokyo, seoul, received)
    }

    fn send_frame(&mut self, from: usize, client: &mut Client, sequence: u16, keyframe: bool) {
        let core = &mut self.cores[from];
        core.send_video(client, sequence, keyframe);
        core.send_packet(client, 111, client.ssrc, sequence, b"voice");
        self.deliver();
    }
}

fn pictures(received: &[ReceivedPacket]) -> Vec<u16> {
    let pictures = received.iter().filter(|it| it.slot_type == 96);
    pictures.map(|it| it.sequence).collect()
}

fn voices(received: &[ReceivedPacket]) -> usize {
    let voices = received.iter().filter(|it| it.payload == b"voice");
    voices.count()
}

#[test]
fn a_listener_of_another_worker_gets_what_the_scene_allows_and_nothing_after_that() {
    let mut pair = Pair::new();
    let mut tokyo = pair.cores[0].join("tokyo-1", 100);
    let mut seoul = pair.cores[1].join("seoul-1", 200);
    pair.send_frame(0, &mut tokyo, 1, true);
    assert_eq!(pair.cores[1].received(&mut seoul), []);

    pair.show(&on_stage(&["tokyo-1"]));
    for sequence in 2..5 {
        pair.send_frame(0, &mut tokyo, sequence, sequence == 2);
    }
    let received = pair.cores[1].received(&mut seoul);
    let numbers = pictures(&received);
    assert_eq!(numbers.len(), 3);
    assert!(numbers.is_sorted() && numbers[2] - numbers[0] == 2);
    assert_eq!(voices(&received), 3);

    pair.show(&Scene::default());
    pair.send_frame(0, &mut tokyo, 5, true);
    assert_eq!(pair.cores[1].received(&mut seoul), []);
    assert_eq!(pair.cores[1].ungranted_packets(), 0);
}

#[test]
fn a_worker_whose_scene_takes_away_forwards_nothing_that_was_let_through_before() {
    let (mut pair, mut tokyo, mut seoul, _) = Pair::with_tokyo_seen_by_seoul();
    pair.cores[0].send_video(&mut tokyo, 2, false);
    pair.cores[1].show(Scene::default());
    pair.deliver();
    assert_eq!(pair.cores[1].received(&mut seoul), []);
}

#[test]
fn what_was_let_through_under_a_later_scene_waits_for_nobody() {
    let (mut pair, mut tokyo, mut seoul, _) = Pair::with_tokyo_seen_by_seoul();
    pair.cores[0].show(on_stage(&["tokyo-1"]));
    pair.cores[0].send_video(&mut tokyo, 2, false);
    pair.deliver();
    assert_eq!(pair.cores[1].received(&mut seoul), []);
    let fenced = pair.cores[1].core.counters.snapshot().packets_fenced;
    assert_eq!(fenced, 1);
}

#[test]
fn a_listener_who_lost_the_picture_has_the_publisher_asked_once_whoever_else_asks() {
    let mut pair = Pair::new();
    let mut tokyo = pair.cores[0].join("tokyo-1", 100);
    let mut others = ["seoul-1", "delhi-1", "perth-1"].map(|name| pair.cores[1].join(name, 200));
    pair.show(&on_stage(&["tokyo-1"]));
    pair.send_frame(0, &mut tokyo, 1, true);
    pair.pass(Duration::from_secs(2));
    pair.send_frame(0, &mut tokyo, 2, true);
    let before = pair.cores[0].core.counters.snapshot().keyframes_requested;
    for listener in &mut others {
        let media_ssrc = pair.cores[1].stage_ssrc(listener);
        let lost = PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc,
        };
        pair.cores[1].send_feedback(listener, lost);
    }
    pair.deliver();
    let after = pair.cores[0].core.counters.snapshot().keyframes_requested;
    assert_eq!(after - before, 1);
}

#[test]
fn a_worker_repairs_what_its_listeners_miss_by_itself() {
    let (mut pair, _tokyo, mut seoul, received) = Pair::with_tokyo_seen_by_seoul();
    let numbers = pictures(&received);
    let ssrc = pair.cores[1].stage_ssrc(&seoul);
    pair.cores[1].send_nack(&mut seoul, ssrc, numbers[0]);
    let repaired = pair.cores[1].received(&mut seoul);
    assert_eq!(repaired.len(), 1);
    assert_eq!(repaired[0].slot_type, 97);
}

#[test]
fn a_device_that_takes_over_on_another_worker_is_the_one_that_is_seen() {
    let mut pair = Pair::new();
    let mut old = pair.cores[0].join("tokyo-1", 100);
    let mut seoul = pair.cores[1].join("seoul-1", 200);
    pair.show(&on_stage(&["tokyo-1"]));
    pair.send_frame(0, &mut old, 1, true);
    let mut new = pair.cores[1].join("tokyo-1", 300);
    pair.deliver();
    pair.cores[1].received(&mut seoul);
    pair.send_frame(0, &mut old, 2, true);
    pair.send_frame(1, &mut new, 1, true);
    assert_eq!(voices(&pair.cores[1].received(&mut seoul)), 1);
}

#[test]
fn a_publisher_who_leaves_or_falls_silent_for_the_other_worker_leaves_no_mirror() {
    let mut pair = Pair::new();
    let mut tokyo = pair.cores[0].join("tokyo-1", 100);
    let _seoul = pair.cores[1].join("seoul-1", 200);
    pair.show(&on_stage(&["tokyo-1"]));
    pair.send_frame(0, &mut tokyo, 1, true);
    assert_eq!(pair.cores[1].core.mirrors.len(), 1);
    let TestCore { core, out, now, .. } = &mut pair.cores[0];
    core.leave(tokyo.id, *now, out);
    pair.deliver();
    assert_eq!(pair.cores[1].core.mirrors.len(), 0);

    let mut tokyo = pair.cores[0].join("tokyo-1", 400);
    pair.send_frame(0, &mut tokyo, 1, true);
    assert_eq!(pair.cores[1].core.mirrors.len(), 1);
    for _ in 0..200 {
        let TestCore { core, out, now, .. } = &mut pair.cores[1];
        *now += TICK_INTERVAL;
        core.tick(*now, out);
    }
    assert_eq!(pair.cores[1].core.mirrors.len(), 0);
}

#[test]
fn a_recording_is_seen_on_a_worker_that_begins_to_serve_the_room_amid_a_group_of_pictures() {
    let mut cores = [TestCore::of_worker(0), TestCore::of_worker(1)];
    let mut player = Player::start(&mut cores[0]);
    cores[0].show(on_stage(&["mayor"]));
    for _ in 0..10 {
        player.play(&mut cores[0]);
    }
    let mut pair = Pair::of(cores);
    pair.cores[1].show(on_stage(&["mayor"]));
    let mut seoul = pair.cores[1].join("seoul-1", 200);
    let mut received = Vec::new();
    for _ in 0..20 {
        player.play(&mut pair.cores[0]);
        pair.deliver();
        pair.cores[1].now += TICK_INTERVAL;
        let TestCore { core, out, now, .. } = &mut pair.cores[1];
        core.tick(*now, out);
        pair.deliver();
        received.extend(pair.cores[1].received(&mut seoul));
    }
    let pictures: Vec<_> = received.iter().filter(|it| it.slot_type == 96).collect();
    assert!(is_keyframe(pictures[0]), "the one before the worker began");
    assert!(
        pictures.len() > 20,
        "and what came after it: {}",
        pictures.len()
    );
    assert_eq!(pair.cores[1].refused_indices(), 0);
    assert_eq!(pair.cores[1].ungranted_packets(), 0);

    let mut late = pair.cores[1].join("delhi-1", 400);
    pair.cores[1].received(&mut late);
    player.play(&mut pair.cores[0]);
    pair.deliver();
    let received = pair.cores[1].received(&mut late);
    let first = received.iter().find(|it| it.slot_type == 96);
    assert!(first.is_none_or(is_keyframe), "from its own worker's cache");
}

/// What happens next to two workers and their clients.
#[derive(Debug, Clone)]
enum Step {
    /// A publisher sends a packet of its picture and one of its voice.
    Send {
        publisher: usize,
        keyframe: bool,
    },
    /// The next scene that a worker has not shown comes to it.
    Show {
        worker: usize,
    },
    /// The oldest message comes to a worker.
    Deliver {
        to: usize,
    },
    Tick,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3_usize, any::<bool>()).prop_map(|(publisher, keyframe)| Step::Send { publisher, keyframe }),
        2 => (0..2_usize).prop_map(|worker| Step::Show { worker }),
        6 => (0..2_usize).prop_map(|to| Step::Deliver { to }),
        1 => Just(Step::Tick),
    ];
    proptest::collection::vec(step, 1..150)
}

/// Scenes of three participants: who is on stage, and who is a tile.
fn scenes() -> impl Strategy<Value = Vec<Scene>> {
    let names = proptest::sample::subsequence(vec!["tokyo-1", "seoul-1", "delhi-1"], 0..=2);
    let scene = (names.clone(), names).prop_map(|(stage, tiles)| Scene {
        gallery: in_gallery(&tiles).gallery,
        ..on_stage(&stage)
    });
    proptest::collection::vec(scene, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// However the messages between two workers, their scenes and their packets come: neither forwards what its scene does
    /// not allow, nothing at all goes to a listener once both show an empty scene, and every slot is one rising stream.
    #[test]
    fn workers_forward_only_what_is_granted_and_every_slot_stays_one_stream(
        steps in steps(),
        scenes in scenes(),
    ) {
        let mut pair = Pair::new();
        let homes = [0, 0, 1];
        let mut publishers = Vec::new();
        for ((name, ssrc), home) in [("tokyo-1", 100), ("seoul-1", 200), ("delhi-1", 300)].into_iter().zip(homes) {
            publishers.push(pair.cores[home].join(name, ssrc));
        }
        let mut listeners = [pair.cores[0].join("perth-1", 400), pair.cores[1].join("quito-1", 500)];
        let mut sent = [0_u16; 3];
        let mut shown = [0_usize; 2];
        let mut last: [BTreeMap<u32, u16>; 2] = Default::default();
        for step in steps {
            match step {
                Step::Send { publisher, keyframe } => {
                    sent[publisher] += 1;
                    let core = &mut pair.cores[homes[publisher]];
                    let client = &mut publishers[publisher];
                    core.send_video(client, sent[publisher], keyframe);
                    core.send_packet(client, 111, client.ssrc, sent[publisher], b"voice");
                }
                Step::Show { worker } => {
                    if let Some(scene) = scenes.get(shown[worker]) {
                        shown[worker] += 1;
                        pair.cores[worker].show(scene.clone());
                    }
                }
                Step::Deliver { to } => pair.deliver_one(to),
                Step::Tick => pair.pass(TICK_INTERVAL),
            }
            for (at, listener) in listeners.iter_mut().enumerate() {
                for mut datagram in pair.cores[at].datagrams(listener) {
                    if let Some((ssrc, sequence)) = media_number(listener, &mut datagram) {
                        let before = last[at].insert(ssrc, sequence);
                        prop_assert!(before.is_none_or(|before| before < sequence), "{before:?} {sequence}");
                    }
                }
                prop_assert_eq!(pair.cores[at].ungranted_packets(), 0);
            }
        }
        for core in &mut pair.cores {
            core.show(Scene::default());
        }
        for (core, listener) in pair.cores.iter_mut().zip(&listeners) {
            core.datagrams(listener);
        }
        for (at, client) in publishers.iter_mut().enumerate() {
            pair.cores[homes[at]].send_video(client, sent[at] + 1, true);
        }
        pair.deliver();
        for (core, listener) in pair.cores.iter_mut().zip(&mut listeners) {
            for mut datagram in core.datagrams(listener) {
                prop_assert_eq!(media_number(listener, &mut datagram), None);
            }
        }
    }
}
