//! What a run has found, as text, JSON and a page with charts.

mod chart;
mod page;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

pub use page::page;
pub use text::text;

use crate::{
    attend::JoinCounts,
    chair::Changes,
    metrics::Counters,
    run::Measured,
    statistics::{FloorTimes, Freezes, Tally, Times},
};

/// The report. Times are in milliseconds unless their name says otherwise; none without a value.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The version of the tool.
    pub version: &'static str,
    pub server: String,
    pub rooms: Vec<String>,
    /// Per room.
    pub listeners: usize,
    pub publishers: usize,
    /// How long it was measured.
    pub seconds: f64,
    pub joins: Joins,
    pub delay: Spread,
    pub packets: PacketCounts,
    pub freezes: FreezesOf,
    pub floor: Option<Floor>,
    /// None without `--metrics`.
    pub server_side: Option<ServerSide>,
    /// None without `--process`.
    pub process: Option<ProcessSide>,
    pub tool: Tool,
    pub over_time: Vec<Point>,
}

#[derive(Debug, Serialize)]
pub struct Joins {
    pub joined: u64,
    /// By the problem's code.
    pub failed: BTreeMap<String, u64>,
    /// Connections that ended before the run did, by the problem's or the close code.
    pub lost: BTreeMap<String, u64>,
    /// The first failure in full.
    pub example: Option<String>,
    /// From the hello to the first packet of media.
    pub first_media: Spread,
    /// For each twentieth of the joins, the time that they took at most.
    pub percentiles: Vec<(f64, Option<f64>)>,
}

/// How times are spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    pub count: u64,
    pub median: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    pub longest: Option<f64>,
}

#[derive(Debug, Serialize)]
pub struct PacketCounts {
    /// Media packets that listeners received, without retransmissions and padding.
    pub received: u64,
    pub lost: u64,
    pub loss_percent: f64,
    /// Lost ones that came again.
    pub repaired: u64,
    /// What publishers sent.
    pub sent: u64,
    pub received_per_second: f64,
    /// The bits of the datagrams.
    pub received_bits_per_second: f64,
}

#[derive(Debug, Serialize)]
pub struct FreezesOf {
    pub sound: FreezeCounts,
    pub picture: FreezeCounts,
}

#[derive(Debug, Serialize)]
pub struct FreezeCounts {
    pub count: u64,
    pub total_ms: f64,
    pub longest_ms: f64,
}

#[derive(Debug, Serialize)]
pub struct Floor {
    pub commands: u64,
    /// By the problem's code.
    pub refused: BTreeMap<String, u64>,
    /// From the command to the new holder's first packet.
    pub sound: FloorSpread,
    pub picture: FloorSpread,
}

#[derive(Debug, Serialize)]
pub struct FloorSpread {
    /// At every listener, of all changes.
    pub each: Spread,
    /// At the last listener of each change.
    pub last: Spread,
    /// How many listeners got the new holder, at the change that the fewest got.
    pub fewest: u64,
}

#[derive(Debug, Serialize)]
pub struct ServerSide {
    pub cpu_seconds: Option<f64>,
    /// Of one core.
    pub cpu_percent: Option<f64>,
    pub packets_received: Option<f64>,
    pub packets_forwarded: Option<f64>,
    pub cpu_micros_per_forwarded_packet: Option<f64>,
}

/// What the server's process took, beside what listeners received: nothing that the server says itself.
#[derive(Debug, Serialize)]
pub struct ProcessSide {
    /// By all listeners, while the time was taken.
    pub packets_received: u64,
    pub cpu_seconds: f64,
    /// Of one core.
    pub cpu_percent: f64,
    pub cpu_micros_per_received_packet: Option<f64>,
}

/// How busy the tool itself was: a part of the delays is its own.
#[derive(Debug, Serialize)]
pub struct Tool {
    pub threads: usize,
    pub cpu_seconds: f64,
    /// Of one core.
    pub cpu_percent: f64,
    /// From being woken to having handled all that had come.
    pub turn: Spread,
}

/// One interval of the run, joins included.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    /// Since the beginning of the run.
    pub second: f64,
    pub received_per_second: f64,
    pub bits_per_second: f64,
    pub loss_percent: f64,
    pub delay_median: Option<f64>,
    pub delay_p99: Option<f64>,
}

/// What a report is made of.
pub struct Findings {
    pub server: String,
    pub rooms: Vec<String>,
    pub listeners: usize,
    pub publishers: usize,
    pub tally: Tally,
    pub joins: JoinCounts,
    pub changes: Option<Changes>,
    pub measured: Measured,
    pub threads: usize,
}

impl Report {
    pub fn new(findings: Findings) -> Self {
        let Findings {
            server,
            rooms,
            listeners,
            publishers,
            tally,
            joins,
            changes,
            measured,
            threads,
        } = findings;
        let seconds = measured.seconds;
        let packets = &tally.packets;
        let room_count = rooms.len() as u64;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            server,
            rooms,
            listeners,
            publishers,
            seconds,
            delay: spread(&tally.delays),
            packets: PacketCounts {
                received: packets.received,
                lost: u64::try_from(packets.lost).unwrap_or(0),
                loss_percent: packets.loss_percent(),
                repaired: packets.repaired,
                sent: packets.sent,
                received_per_second: float(packets.received) / seconds,
                received_bits_per_second: float(packets.bytes * 8) / seconds,
            },
            freezes: FreezesOf {
                sound: freezes(&tally.sound_freezes),
                picture: freezes(&tally.picture_freezes),
            },
            floor: changes.map(|changes| {
                // The first grant is before the listeners join.
                let refused: u64 = changes.refusals.values().sum();
                let seen = changes.commands.saturating_sub(refused + room_count);
                Floor {
                    commands: changes.commands,
                    refused: changes.refusals,
                    sound: floor(&tally.sound_changes, seen),
                    picture: floor(&tally.picture_changes, seen),
                }
            }),
            server_side: measured
                .counters
                .map(|(before, after)| server_side(before, after, seconds)),
            process: measured.process_seconds.map(|cpu_seconds| ProcessSide {
                packets_received: packets.received,
                cpu_seconds,
                cpu_percent: cpu_seconds * 100.0 / seconds,
                cpu_micros_per_received_packet: (packets.received > 0)
                    .then(|| cpu_seconds * 1e6 / float(packets.received)),
            }),
            tool: Tool {
                threads,
                cpu_seconds: measured.cpu_seconds,
                cpu_percent: measured.cpu_seconds * 100.0 / seconds,
                turn: spread(&tally.turns),
            },
            over_time: points(&tally),
            joins: Joins {
                joined: joins.joined,
                failed: joins.failed,
                lost: joins.lost,
                example: joins.example,
                first_media: spread(&tally.joins),
                percentiles: percentiles(&tally.joins),
            },
        }
    }
}

fn spread(times: &Times) -> Spread {
    Spread {
        count: times.count(),
        median: times.percentile(50.0),
        p95: times.percentile(95.0),
        p99: times.percentile(99.0),
        longest: times.longest(),
    }
}

fn percentiles(times: &Times) -> Vec<(f64, Option<f64>)> {
    let percentages = (0..=20_u8).map(|step| f64::from(step) * 5.0);
    percentages.map(|at| (at, times.percentile(at))).collect()
}

fn freezes(freezes: &Freezes) -> FreezeCounts {
    FreezeCounts {
        count: freezes.count,
        total_ms: freezes.total.as_secs_f64() * 1e3,
        longest_ms: freezes.longest.as_secs_f64() * 1e3,
    }
}

/// The times of so many changes, of which some may have come to nobody.
fn floor(times: &FloorTimes, changes: u64) -> FloorSpread {
    let counts = times.changes.values().map(|(count, _)| *count);
    let all_came = times.changes.len() as u64 >= changes;
    FloorSpread {
        each: spread(&times.each),
        last: spread(&times.lasts()),
        fewest: counts.min().filter(|_| all_came).unwrap_or(0),
    }
}

fn server_side(before: Counters, after: Counters, seconds: f64) -> ServerSide {
    let difference = |of: fn(&Counters) -> Option<f64>| Some(of(&after)? - of(&before)?);
    let cpu_seconds = difference(|it| it.cpu_seconds);
    let packets_forwarded = difference(|it| it.packets_forwarded);
    let forwarded = packets_forwarded.filter(|forwarded| *forwarded > 0.0);
    ServerSide {
        cpu_seconds,
        cpu_percent: cpu_seconds.map(|cpu| cpu * 100.0 / seconds),
        packets_received: difference(|it| it.packets_received),
        packets_forwarded,
        cpu_micros_per_forwarded_packet: cpu_seconds
            .zip(forwarded)
            .map(|(cpu, forwarded)| cpu * 1e6 / forwarded),
    }
}

fn points(tally: &Tally) -> Vec<Point> {
    let width = tally.interval.as_secs_f64();
    let numbered = (0_u32..).zip(&tally.intervals);
    let points = numbered.map(|(number, interval)| Point {
        second: f64::from(number) * width,
        received_per_second: float(interval.packets.received) / width,
        bits_per_second: float(interval.packets.bytes * 8) / width,
        loss_percent: interval.packets.loss_percent(),
        delay_median: interval.delays.percentile(50.0),
        delay_p99: interval.delays.percentile(99.0),
    });
    points.collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of packets stay far below 2^52"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::statistics::Packets;

    fn report() -> Report {
        let epoch = Instant::now();
        let mut tally = Tally::new(epoch, Duration::from_secs(10));
        tally.measures = true;
        let packets = Packets {
            received: 990,
            bytes: 990_000,
            lost: 10,
            ..Packets::default()
        };
        tally.count(&packets, epoch);
        tally.delay(Duration::from_millis(2), epoch);
        tally.joins.record(Duration::from_millis(30));
        let counters = |cpu, forwarded| Counters {
            cpu_seconds: Some(cpu),
            packets_forwarded: Some(forwarded),
            packets_received: None,
        };
        Report::new(Findings {
            server: "http://<example>".to_owned(),
            rooms: vec!["climate".to_owned()],
            listeners: 5,
            publishers: 1,
            tally,
            joins: JoinCounts {
                joined: 5,
                failed: BTreeMap::from([("unavailable".to_owned(), 2)]),
                example: Some("the server refused: full (unavailable)".to_owned()),
                ..JoinCounts::default()
            },
            changes: None,
            measured: Measured {
                seconds: 10.0,
                counters: Some((counters(1.0, 1_000.0), counters(1.5, 101_000.0))),
                process_seconds: Some(0.0099),
                cpu_seconds: 0.5,
            },
            threads: 1,
        })
    }

    #[test]
    fn the_text_says_what_was_found_and_how_many_could_not_join_and_why() {
        let text = text(&report());
        for wanted in [
            "10 packets, 1.000 %",
            "2 unavailable",
            "99 a second, 0.8 Mbit/s",
            "5.00 µs of CPU for each out",
            "10.00 µs of CPU for each received",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
    }

    #[test]
    fn json_has_null_for_what_is_not_known() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["packets"]["lost"], 10);
        assert_eq!(
            json["server_side"]["packets_received"],
            serde_json::Value::Null
        );
        assert_eq!(json["floor"], serde_json::Value::Null);
    }

    #[test]
    fn the_page_has_its_charts_and_loads_nothing() {
        let page = page(&report());
        assert_eq!(page.matches("<svg").count(), 4);
        assert!(page.contains("http://&lt;example&gt;"));
        for forbidden in ["<script", "src=", "href=", "url("] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}
