//! A listener behind a narrow path, simulated: its queue, its losses and its client's feedback, in virtual time.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use plenary_scene::{Scene, Source};

use super::test_core::*;
use crate::{core::TICK_INTERVAL, feedback::TwccArrivals, quality::Quality, source::Layer};

/// The bit rate and the SSRC of each layer of a camera.
const LAYERS: [(u64, u32); 3] = [(1_200_000, 1_001), (400_000, 1_002), (120_000, 1_003)];
/// The bit rate of a camera with one layer.
const SMALL: u64 = 120_000;
const FRAME: Duration = Duration::from_millis(40);
const REPORT: Duration = Duration::from_millis(60);
/// The temporal layers of successive frames, in the order of a browser's encoder.
const TEMPORAL_LAYERS: [u8; 4] = [0, 2, 1, 2];

/// The last link of a path: so many bits per second, behind a queue that holds so much.
struct Link {
    bits: u64,
    holds: Duration,
    free: Instant,
    under_way: VecDeque<(Instant, u16)>,
    arrivals: TwccArrivals,
    carried: u64,
    dropped: u64,
    /// The longest wait in the queue since it was last looked at.
    waited: Duration,
}

impl Link {
    fn new(bits: u64, now: Instant) -> Self {
        Self {
            bits,
            holds: Duration::from_millis(200),
            free: now,
            under_way: VecDeque::new(),
            arrivals: TwccArrivals::default(),
            carried: 0,
            dropped: 0,
            waited: Duration::ZERO,
        }
    }

    fn take(&mut self, got: &ReceivedPacket, now: Instant) {
        let begins = self.free.max(now);
        if begins - now > self.holds {
            self.dropped += 1;
            return;
        }
        self.waited = self.waited.max(begins - now);
        let bits = (got.bytes as u64 + 28) * 8;
        self.free = begins + Duration::from_nanos(bits * 1_000_000_000 / self.bits);
        self.carried += bits;
        let arrives = self.free + Duration::from_millis(20);
        self.under_way
            .extend(got.twcc.map(|sequence| (arrives, sequence)));
    }
}

/// Tokyo on stage in three layers, cities in tiles with one layer, and Seoul as the listener behind the link.
struct Simulation {
    test: TestCore,
    tokyo: Client,
    cities: Vec<Client>,
    seoul: Client,
    link: Link,
    epoch: Instant,
    sequences: [u16; 4],
    /// The temporal layers of the next frames; one of them if the cameras have no more.
    temporal: std::iter::Cycle<std::vec::IntoIter<u8>>,
    next_frame: Instant,
    next_report: Instant,
}

impl Simulation {
    fn new(bits: u64, cities: usize) -> Self {
        let mut test = TestCore::new();
        let epoch = test.now;
        let tokyo = test.join("tokyo-1", 100);
        let key = test.core.by_id[&tokyo.id];
        let session = test.core.session(key).unwrap();
        session.tracks[1].layers.clear();
        for (layer, (_, ssrc)) in LAYERS.iter().enumerate() {
            session.tracks[1].layers.push(Layer::new(None));
            session.begin_stream(Source::Camera, layer, *ssrc, epoch);
        }
        let names: Vec<String> = (0..cities).map(|n| format!("city-{n}")).collect();
        let cities = names.iter().zip((2..).map(|n| n * 1000));
        let cities = cities.map(|(name, ssrc)| test.join(name, ssrc)).collect();
        let tile = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\na=rtcp-mux\r\n\
            a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n";
        let mids = 5..5 + names.len();
        let more: Vec<String> = mids
            .clone()
            .map(|mid| format!("{tile}a=mid:{mid}\r\n"))
            .collect();
        let bundle: Vec<String> = (0..5).chain(mids).map(|mid| mid.to_string()).collect();
        let wide = offer(200, &[VP8], &[VP8]) + &more.concat();
        let wide = wide.replace("BUNDLE 0 1 2 3 4", &format!("BUNDLE {}", bundle.join(" ")));
        let wide = with_transport_feedback(&wide);
        let seoul = test.join_with("seoul-1", 200, &wide);
        let gallery: Vec<&str> = names.iter().map(String::as_str).collect();
        test.show(Scene {
            gallery: in_gallery(&gallery).gallery,
            ..on_stage(&["tokyo-1"])
        });
        Self {
            tokyo,
            cities,
            seoul,
            link: Link::new(bits, epoch),
            epoch,
            sequences: [0; 4],
            temporal: vec![0].into_iter().cycle(),
            next_frame: epoch,
            next_report: epoch,
            test,
        }
    }

    /// The same with cameras whose encoders make temporal layers.
    fn with_temporal_layers(bits: u64, cities: usize) -> Self {
        Self {
            temporal: TEMPORAL_LAYERS.to_vec().into_iter().cycle(),
            ..Self::new(bits, cities)
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.test.now + time;
        while self.test.now < end {
            if self.test.now >= self.next_frame {
                self.next_frame += FRAME;
                self.frames();
            }
            self.test.core.tick(self.test.now, &mut self.test.out);
            for got in self.test.received(&mut self.seoul) {
                self.link.take(&got, self.test.now);
            }
            if self.test.now >= self.next_report {
                self.next_report += REPORT;
                self.report();
            }
            self.test.now += TICK_INTERVAL;
        }
    }

    /// One frame of every layer of every camera. A keyframe each time that it is of the base layer, so that none has to be
    /// asked for here.
    fn frames(&mut self) {
        let temporal = self.temporal.next().unwrap();
        let head = [0x90, 0xa0, 1, temporal << 6, u8::from(temporal > 0)];
        let payload = |bits: u64| {
            let mut payload = vec![0; usize::try_from(bits / 8 / 25).unwrap()];
            payload[..head.len()].copy_from_slice(&head);
            payload
        };
        for (at, (bits, ssrc)) in LAYERS.into_iter().enumerate() {
            for part in payload(bits).chunks(1_100) {
                self.sequences[at] += 1;
                let part = [&head, part].concat();
                self.test
                    .send_packet(&mut self.tokyo, 96, ssrc, self.sequences[at], &part);
            }
        }
        self.sequences[3] += 1;
        for city in &mut self.cities {
            let ssrc = city.ssrc + 1;
            self.test
                .send_packet(city, 96, ssrc, self.sequences[3], &payload(SMALL));
        }
        let _ = self.test.received(&mut self.tokyo);
        for city in &mut self.cities {
            let _ = self.test.received(city);
        }
    }

    fn report(&mut self) {
        let now = self.test.now;
        while let Some((arrived, sequence)) = self.link.under_way.front().copied() {
            if arrived > now {
                break;
            }
            self.link.under_way.pop_front();
            self.link.arrivals.packet(sequence, arrived, self.epoch);
        }
        while let Some(report) = self.link.arrivals.report(1, 2) {
            self.test.send_feedback(&mut self.seoul, report);
        }
    }

    /// What the stage carries.
    fn stage(&self) -> Quality {
        let key = self.test.core.by_id[&self.seoul.id];
        let session = self.test.core.sessions.get(key).unwrap();
        session.slots[1].quality().expect("the stage never pauses")
    }

    /// The stage's layer, and how many tiles flow.
    fn shown(&mut self) -> (usize, usize) {
        let key = self.test.core.by_id[&self.seoul.id];
        let slots = &self.test.core.session(key).unwrap().slots;
        let stage = &slots[1];
        assert!(!stage.paused, "the stage never is");
        let tiles = slots[2..]
            .iter()
            .filter(|slot| slot.assigned.is_some() && !slot.paused);
        (stage.layer, tiles.count())
    }

    fn estimate(&self) -> u64 {
        self.test.figures(&self.seoul).estimate.unwrap()
    }

    /// The bits per second and the dropped packets of the link, and the longest queueing delay, over a time.
    fn over(&mut self, time: Duration) -> (u64, u64, Duration) {
        (self.link.carried, self.link.dropped, self.link.waited) = (0, 0, Duration::ZERO);
        self.run(time);
        (
            self.link.carried / time.as_secs(),
            self.link.dropped,
            self.link.waited,
        )
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_wide_path_carries_the_best_of_everything_and_stays_idle_beside_it() {
    let mut simulation = Simulation::new(20_000_000, 4);
    simulation.run(seconds(5));
    assert_eq!(simulation.shown(), (0, 4));
    let (carried, dropped, _) = simulation.over(seconds(10));
    assert_eq!(dropped, 0);
    assert!(
        carried < 2_000_000,
        "no padding where nothing is withheld: {carried}"
    );
}

#[test]
fn padding_probes_a_wide_path_when_the_initial_estimate_is_too_small_for_the_slots() {
    let mut simulation = Simulation::new(20_000_000, 16);
    simulation.run(seconds(5));
    assert_eq!(simulation.shown(), (0, 16));
    assert!(
        simulation.estimate() > 3_000_000,
        "{}",
        simulation.estimate()
    );
}

#[test]
fn a_narrow_path_gets_a_smaller_stage_without_loss() {
    let mut simulation = Simulation::new(700_000, 4);
    simulation.run(seconds(10));
    let (layer, tiles) = simulation.shown();
    assert_eq!(layer, 1);
    assert!(tiles < 3, "{tiles}");
    let (carried, dropped, _) = simulation.over(seconds(30));
    assert!(carried > 400_000, "{carried}");
    assert!(dropped < 40, "{dropped} of some three thousand");
    assert!(simulation.estimate() < 900_000, "{}", simulation.estimate());
}

#[test]
fn tiles_pause_before_the_stage_suffers_and_the_client_is_told() {
    let mut simulation = Simulation::new(1_750_000, 6);
    simulation.run(seconds(20));
    let (layer, tiles) = simulation.shown();
    assert_eq!(layer, 0, "the stage at its best");
    assert!((1..6).contains(&tiles), "{tiles}");
    let shows = simulation.test.figures(&simulation.seoul).slots;
    let paused = shows
        .iter()
        .filter(|slot| slot.shows.as_ref().is_some_and(|it| it.paused));
    assert_eq!(paused.count(), 6 - tiles);
}

#[test]
fn a_path_that_narrows_and_widens_again_is_followed_both_ways() {
    let mut simulation = Simulation::new(6_000_000, 4);
    simulation.run(seconds(5));
    assert_eq!(simulation.shown(), (0, 4));
    simulation.link.bits = 700_000;
    simulation.run(seconds(3));
    assert_eq!(simulation.shown().0, 1, "within three seconds");
    let (_, dropped, _) = simulation.over(seconds(20));
    assert!(dropped < 40, "{dropped}");
    simulation.link.bits = 6_000_000;
    simulation.run(seconds(60));
    assert_eq!(simulation.shown(), (0, 4), "within a minute");
}

#[test]
fn bursts_of_a_publisher_do_not_count_as_congestion() {
    let mut simulation = Simulation::new(20_000_000, 4);
    simulation.run(seconds(3));
    for _ in 0..20 {
        // The publisher's own path held five frames back and gives them all at once.
        simulation.next_frame += FRAME * 5;
        simulation.run(FRAME * 5);
        for _ in 0..5 {
            simulation.frames();
        }
        simulation.run(FRAME * 5);
        assert_eq!(simulation.shown(), (0, 4));
    }
}

#[test]
fn a_path_for_half_of_the_frames_gets_them_in_the_full_size() {
    let mut simulation = Simulation::with_temporal_layers(950_000, 0);
    simulation.run(seconds(10));
    let (_, dropped, _) = simulation.over(seconds(20));
    assert!(dropped < 40, "{dropped}");
    let half = Quality {
        layer: 0,
        temporal: 1,
    };
    assert_eq!(simulation.stage(), half);
    simulation.link.bits = 6_000_000;
    simulation.run(seconds(60));
    assert_eq!(simulation.stage(), Quality::whole(0));
}

/// What a listener got behind a path that changes, in half a second.
struct Moment {
    path: u64,
    sent: u64,
    stage: Quality,
    tiles: usize,
}

const STEP: Duration = Duration::from_millis(500);
/// The steps between two changes of the path: twenty seconds.
const STEPS: usize = 40;

#[test]
fn a_path_that_halves_and_doubles_is_followed_without_oscillation() {
    let mut simulation = Simulation::with_temporal_layers(2_000_000, 3);
    let mut moments = Vec::new();
    for half in 0..9 {
        let path = [2_000_000, 1_000_000][half % 2];
        simulation.link.bits = path;
        for _ in 0..STEPS {
            simulation.link.carried = 0;
            simulation.run(STEP);
            let (_, tiles) = simulation.shown();
            moments.push(Moment {
                path,
                sent: simulation.link.carried * 2,
                stage: simulation.stage(),
                tiles,
            });
        }
    }
    let half_of_the_frames = Quality {
        layer: 0,
        temporal: 1,
    };
    for (at, steps) in moments.chunks(STEPS).enumerate() {
        let changes = steps
            .windows(2)
            .filter(|pair| pair[0].stage != pair[1].stage);
        assert!(changes.count() <= 1, "{at}: there and back");
        assert!(steps.iter().all(|step| step.tiles == 3), "{at}");
        if at % 2 == 1 {
            assert_eq!(steps[STEPS - 1].stage, half_of_the_frames, "{at}");
        }
    }
    let whole = |step: &Moment| step.stage == Quality::whole(0);
    assert!(
        moments[moments.len() / 2..].iter().any(whole),
        "it is tried again"
    );
    let dropped = simulation.link.dropped;
    assert!(dropped < 200, "{dropped} of some forty thousand");
    kept_in_docs("a-path-that-halves-and-doubles.svg", &chart(&moments));
}

/// Compares a picture with the one in the documentation. With `UPDATE_DOCS=1` it is written there instead.
fn kept_in_docs(name: &str, picture: &str) {
    let images = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images");
    let path = std::path::Path::new(images).join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == picture, "UPDATE_DOCS=1 brings {name} up to date");
}

/// The bandwidth of the path, what was sent over it, and how much of the stage's frames, over the time.
fn chart(moments: &[Moment]) -> String {
    const HEIGHT: usize = 240;
    let y = |bits: u64| HEIGHT - usize::try_from(bits).unwrap() * HEIGHT / 3_000_000;
    let line = |bits: fn(&Moment) -> u64| {
        let points = moments.iter().enumerate();
        let points = points.map(|(at, moment)| format!("{},{}", at * 2, y(bits(moment))));
        points.collect::<Vec<_>>().join(" ")
    };
    let halves = moments.iter().enumerate();
    let halves = halves.filter(|(_, moment)| moment.stage.temporal == 1);
    let halves = halves.map(|(at, _)| {
        let (x, y) = (at * 2, HEIGHT + 8);
        format!(r#"<rect x="{x}" y="{y}" width="2" height="8"/>"#)
    });
    let ticks = (0..=moments.len()).step_by(STEPS).map(|at| {
        let seconds = at / 2;
        format!(
            r#"<text x="{}" y="{}" text-anchor="middle">{seconds} s</text>"#,
            at * 2,
            HEIGHT + 34
        )
    });
    let rates = (1..=3_u64).map(|megabits| {
        let y = y(megabits * 1_000_000);
        format!(r#"<text x="-6" y="{}" text-anchor="end">{megabits} Mbit/s</text><path class="grid" d="M0 {y}H720"/>"#, y + 4)
    });
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-70 -16 810 300" role="img" aria-label="A path that halves and doubles every twenty seconds: what is sent follows it once each time.">
<style>text{{font:12px sans-serif;fill:#888}}polyline{{fill:none;stroke-width:2}}.grid{{stroke:#8884}}.path{{stroke:#888;stroke-dasharray:6 4}}.sent{{stroke:#2a7ab8}}rect{{fill:#c76a15}}</style>
{}
<polyline class="path" points="{}"/>
<polyline class="sent" points="{}"/>
{}
{}
<text x="90" y="-4" text-anchor="middle">dashed: the path</text><text x="300" y="-4" text-anchor="middle">blue: sent, with probes for more</text><text x="580" y="-4" text-anchor="middle">orange: the stage with half of its frames</text>
</svg>
"#,
        rates.collect::<String>(),
        line(|moment| moment.path),
        line(|moment| moment.sent),
        halves.collect::<String>(),
        ticks.collect::<String>(),
    )
}
