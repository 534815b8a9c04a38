//! The report for a terminal.

use std::{collections::BTreeMap, fmt::Write};

use super::{FloorSpread, Report, Spread};

pub fn text(report: &Report) -> String {
    let mut lines = Lines::default();
    lines.add(
        "run",
        &format!(
            "{} at {}: {} listeners and {} publishers in each of {} rooms, measured for {:.0} s",
            report.version,
            report.server,
            report.listeners,
            report.publishers,
            report.rooms.len(),
            report.seconds
        ),
    );
    let joins = &report.joins;
    lines.add("joined", &joins.joined.to_string());
    if let Some(example) = &joins.example {
        lines.add("not joined", &by_code(&joins.failed));
        lines.add("for example", example);
    }
    if !joins.lost.is_empty() {
        lines.add("lost", &by_code(&joins.lost));
    }
    lines.add("hello to first media", &spread(&joins.first_media));
    lines.add("delivery delay", &spread(&report.delay));
    let packets = &report.packets;
    lines.add(
        "received",
        &format!(
            "{} packets, {:.0} a second, {:.1} Mbit/s",
            packets.received,
            packets.received_per_second,
            packets.received_bits_per_second / 1e6
        ),
    );
    lines.add(
        "lost",
        &format!(
            "{} packets, {:.3} %; {} came again",
            packets.lost, packets.loss_percent, packets.repaired
        ),
    );
    for (name, freezes) in [
        ("freezes of pictures", &report.freezes.picture),
        ("freezes of sound", &report.freezes.sound),
    ] {
        lines.add(
            name,
            &format!(
                "{}, {:.0} ms in all, the longest {:.0} ms",
                freezes.count, freezes.total_ms, freezes.longest_ms
            ),
        );
    }
    if let Some(floor) = &report.floor {
        let refused = if floor.refused.is_empty() {
            String::new()
        } else {
            format!("; refused: {}", by_code(&floor.refused))
        };
        lines.add("floor changes", &format!("{}{refused}", floor.commands));
        add_floor(&mut lines, "sound", &floor.sound);
        add_floor(&mut lines, "picture", &floor.picture);
    }
    if let Some(server) = &report.server_side {
        let number = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "unknown".to_owned(), |it| format!("{it:.digits$}"))
        };
        lines.add(
            "server",
            &format!(
                "{} s of CPU, {} % of a core; {} packets in, {} out; {} µs of CPU for each out",
                number(server.cpu_seconds, 2),
                number(server.cpu_percent, 1),
                number(server.packets_received, 0),
                number(server.packets_forwarded, 0),
                number(server.cpu_micros_per_forwarded_packet, 2)
            ),
        );
    }
    if let Some(process) = &report.process {
        let each = process.cpu_micros_per_received_packet;
        let each = each.map_or_else(|| "unknown".to_owned(), |it| format!("{it:.2}"));
        lines.add(
            "server process",
            &format!(
                "{:.2} s of CPU, {:.1} % of a core; {each} µs of CPU for each received",
                process.cpu_seconds, process.cpu_percent
            ),
        );
    }
    lines.add(
        "this tool",
        &format!(
            "{:.1} % of a core; a turn of its loop {}",
            report.tool.cpu_percent,
            spread(&report.tool.turn)
        ),
    );
    lines.text
}

fn add_floor(lines: &mut Lines, name: &str, times: &FloorSpread) {
    if times.each.count > 0 {
        lines.add(
            &format!("grant to {name}"),
            &format!("at each listener {}", spread(&times.each)),
        );
        lines.add("", &format!("at the last one {}", spread(&times.last)));
    }
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn add(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{name:<22}{value}");
    }
}

fn spread(spread: &Spread) -> String {
    match (spread.median, spread.p95, spread.p99, spread.longest) {
        (Some(median), Some(p95), Some(p99), Some(longest)) => format!(
            "median {}, 95th {}, 99th {}, longest {} ms",
            short(median),
            short(p95),
            short(p99),
            short(longest)
        ),
        _ => "unknown".to_owned(),
    }
}

/// Milliseconds with as many digits as say something.
fn short(millis: f64) -> String {
    match millis {
        ..10.0 => format!("{millis:.2}"),
        ..100.0 => format!("{millis:.1}"),
        _ => format!("{millis:.0}"),
    }
}

fn by_code(counts: &BTreeMap<String, u64>) -> String {
    let counts = counts.iter().map(|(code, count)| format!("{count} {code}"));
    counts.collect::<Vec<_>>().join(", ")
}
