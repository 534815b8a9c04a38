//! RTCP that a listener sends: transport-wide feedback, receiver reports, requests for repair. And what it reads.

use std::time::{Duration, Instant};

/// Packets that one report covers at most.
const MAX_PACKETS_PER_REPORT: u64 = 800;
/// Symbols in a status vector of two bits each.
const SYMBOLS_PER_VECTOR: usize = 7;
const RECEIVER_REPORT: u8 = 201;
const SENDER_REPORT: u8 = 200;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;

/// The arrivals that are not reported yet (draft-holmer-rmcat-transport-wide-cc-extensions-01).
#[derive(Debug, Default)]
pub struct Arrivals {
    highest: Option<u64>,
    next: Option<u64>,
    times: Vec<(u64, u64)>,
    reports: u8,
}

impl Arrivals {
    /// Takes note of a packet's arrival; `epoch` is any fixed instant.
    pub fn packet(&mut self, sequence: u16, now: Instant, epoch: Instant) {
        let highest = self
            .highest
            .unwrap_or_else(|| (1 << 16) + u64::from(sequence));
        let ahead = sequence
            .wrapping_sub((highest & 0xffff) as u16)
            .cast_signed();
        let index = highest.saturating_add_signed(i64::from(ahead));
        self.highest = Some(highest.max(index));
        let micros = now.saturating_duration_since(epoch).as_micros();
        self.times
            .push((index, u64::try_from(micros).unwrap_or(u64::MAX)));
    }

    /// The next report, if there is something to report.
    pub fn report(&mut self, sender: u32, media: u32) -> Option<Vec<u8>> {
        self.times.sort_unstable();
        self.times.dedup_by_key(|(index, _)| *index);
        let &(first, first_at) = self.times.first()?;
        // Packets lost since the last report are part of this one.
        let base = self
            .next
            .filter(|next| *next < first && first - next < MAX_PACKETS_PER_REPORT)
            .unwrap_or(first);
        let reference = first_at / 64_000;
        let mut clock = reference * 64_000;
        let (mut symbols, mut deltas) = (Vec::new(), Vec::new());
        let mut taken = 0;
        for &(index, at) in &self.times {
            // In steps of 250 µs, and measured from the rounded value so that errors do not add up.
            let step = (at.cast_signed() - clock.cast_signed()).div_euclid(250);
            let Ok(large) = i16::try_from(step) else {
                break;
            };
            if index - base >= MAX_PACKETS_PER_REPORT {
                break;
            }
            symbols.resize(usize::try_from(index - base).unwrap_or(0), 0);
            if let Ok(small) = u8::try_from(step) {
                symbols.push(1);
                deltas.push(small);
            } else {
                symbols.push(2);
                deltas.extend(large.to_be_bytes());
            }
            clock = clock.saturating_add_signed(step * 250);
            self.next = Some(index + 1);
            taken += 1;
        }
        if taken == 0 {
            // A jump that no delta can say; the reports begin anew behind it.
            self.times.clear();
            return None;
        }
        self.times.drain(..taken);
        let mut report = header(15, TRANSPORT_FEEDBACK, sender, media);
        report.extend(low_16(base));
        report.extend(low_16(symbols.len() as u64));
        let reference = u32::try_from(reference & 0xff_ffff).unwrap_or(0);
        report.extend((reference << 8 | u32::from(self.reports)).to_be_bytes());
        chunks(&symbols, &mut report);
        report.extend(deltas);
        self.reports = self.reports.wrapping_add(1);
        finish(&mut report);
        Some(report)
    }
}

/// One chunk of run length if all symbols are the same, and status vectors otherwise.
fn chunks(symbols: &[u8], report: &mut Vec<u8>) {
    let first = symbols.first().copied().unwrap_or(0);
    if symbols.iter().all(|symbol| *symbol == first) {
        let run = u16::try_from(symbols.len()).unwrap_or(0) & 0x1fff;
        report.extend((u16::from(first) << 13 | run).to_be_bytes());
        return;
    }
    for symbols in symbols.chunks(SYMBOLS_PER_VECTOR) {
        let mut chunk: u16 = 0b11;
        for at in 0..SYMBOLS_PER_VECTOR {
            chunk = chunk << 2 | u16::from(symbols.get(at).copied().unwrap_or(0));
        }
        report.extend(chunk.to_be_bytes());
    }
}

/// A receiver report with these blocks.
pub fn receiver_report(sender: u32, blocks: &[[u8; 24]]) -> Vec<u8> {
    let blocks = blocks.get(..31).unwrap_or(blocks);
    let count = u8::try_from(blocks.len()).unwrap_or(0);
    let mut report = vec![0x80 | count, RECEIVER_REPORT, 0, 0];
    report.extend(sender.to_be_bytes());
    report.extend(blocks.iter().flatten());
    finish(&mut report);
    report
}

/// A request for `count` packets from `first` on (RFC 4585, section 6.2.1).
pub fn nack(sender: u32, media: u32, first: u16, count: u16) -> Vec<u8> {
    let mut request = header(1, TRANSPORT_FEEDBACK, sender, media);
    let mut at = 0;
    while at < count {
        let more = (count - at - 1).min(16);
        let mask = u16::try_from((1_u32 << more) - 1).unwrap_or(u16::MAX);
        request.extend(first.wrapping_add(at).to_be_bytes());
        request.extend(mask.to_be_bytes());
        at += more + 1;
    }
    finish(&mut request);
    request
}

fn header(format: u8, kind: u8, sender: u32, media: u32) -> Vec<u8> {
    let mut packet = Vec::with_capacity(64);
    packet.extend([0x80 | format, kind, 0, 0]);
    packet.extend(sender.to_be_bytes());
    packet.extend(media.to_be_bytes());
    packet
}

/// Pads to words and writes the length (RFC 3550, section 6.4.1).
fn finish(packet: &mut Vec<u8>) {
    packet.resize(packet.len().next_multiple_of(4), 0);
    let words = u16::try_from(packet.len() / 4 - 1).unwrap_or(0);
    if let Some(place) = packet.get_mut(2..4) {
        place.copy_from_slice(&words.to_be_bytes());
    }
}

fn low_16(value: u64) -> [u8; 2] {
    ((value & 0xffff) as u16).to_be_bytes()
}

/// What the server's RTCP says that matters here.
#[derive(Debug, PartialEq, Eq)]
pub enum FromServer {
    /// A sender report, with the middle of its NTP time.
    SenderReport { ssrc: u32, middle: u32 },
    /// A request for a keyframe of a stream.
    Keyframe { ssrc: u32 },
    /// A request for packets of a stream.
    Repair { ssrc: u32, sequences: Vec<u16> },
}

/// Reads a compound packet; what is malformed or of no interest is left out.
pub fn read(mut compound: &[u8]) -> Vec<FromServer> {
    let mut found = Vec::new();
    while let Some(&[first, kind, l0, l1]) = compound.first_chunk() {
        let length = (usize::from(u16::from_be_bytes([l0, l1])) + 1) * 4;
        let Some((packet, rest)) = compound.split_at_checked(length) else {
            break;
        };
        compound = rest;
        let word = |at: usize| {
            let bytes = packet.get(at * 4..)?.first_chunk()?;
            Some(u32::from_be_bytes(*bytes))
        };
        match (kind, first & 0x1f) {
            (SENDER_REPORT, _) => {
                if let (Some(ssrc), Some(high), Some(low)) = (word(1), word(2), word(3)) {
                    let middle = high << 16 | low >> 16;
                    found.push(FromServer::SenderReport { ssrc, middle });
                }
            }
            (PAYLOAD_FEEDBACK, 1) => {
                found.extend(word(2).map(|ssrc| FromServer::Keyframe { ssrc }));
            }
            (PAYLOAD_FEEDBACK, 4) => {
                let entries = (3..packet.len() / 4).step_by(2).filter_map(word);
                found.extend(entries.map(|ssrc| FromServer::Keyframe { ssrc }));
            }
            (TRANSPORT_FEEDBACK, 1) => {
                let entries = (3..packet.len() / 4).filter_map(word);
                let sequences = entries.flat_map(|entry| {
                    let first = (entry >> 16) as u16;
                    let more = (0..16_u16).filter(move |bit| entry >> bit & 1 == 1);
                    std::iter::once(first).chain(more.map(move |bit| first.wrapping_add(bit + 1)))
                });
                if let Some(ssrc) = word(2) {
                    let sequences = sequences.collect();
                    found.push(FromServer::Repair { ssrc, sequences });
                }
            }
            _ => {}
        }
    }
    found
}

/// How often arrivals are reported, which is what browsers do at such rates.
pub const FEEDBACK_INTERVAL: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(packets: &[(u16, u64)]) -> Arrivals {
        let epoch = Instant::now();
        let mut arrivals = Arrivals::default();
        for (sequence, millis) in packets {
            arrivals.packet(*sequence, epoch + Duration::from_millis(*millis), epoch);
        }
        arrivals
    }

    #[test]
    fn a_report_says_which_packets_came_and_when() {
        let mut arrivals = arrivals(&[(65_535, 1000), (1, 1010), (2, 1200)]);
        let report = arrivals.report(1, 2).unwrap();
        assert_eq!(report[..4], [0x8f, 205, 0, 6]);
        assert_eq!(report[12..14], 65_535_u16.to_be_bytes());
        assert_eq!(report[14..16], [0, 4]);
        assert_eq!(report[16..20], [0, 0, 15, 0], "15 times 64 ms");
        // Small, missing, small, and a large one: 190 ms are 760 steps.
        assert_eq!(report[20..22], 0b1101_0001_1000_0000_u16.to_be_bytes());
        assert_eq!(report[22..26], [160, 40, 2, 248]);
        assert_eq!(arrivals.report(1, 2), None);
    }

    #[test]
    fn a_report_begins_with_what_was_lost_since_the_last() {
        let mut arrivals = arrivals(&[(10, 0), (11, 1)]);
        let report = arrivals.report(1, 2).unwrap();
        assert_eq!(report[20..22], [0x20, 2], "two of them in one run");
        let epoch = Instant::now();
        arrivals.packet(14, epoch + Duration::from_millis(20), epoch);
        let report = arrivals.report(1, 2).unwrap();
        assert_eq!(report[12..16], [0, 12, 0, 3]);
    }

    #[test]
    fn requests_of_the_server_are_read_and_rubbish_is_not() {
        let request = nack(1, 7, 65_534, 20);
        let sequences = (0..20).map(|at| 65_534_u16.wrapping_add(at)).collect();
        assert_eq!(read(&request), [FromServer::Repair { ssrc: 7, sequences }]);
        let mut picture = header(1, PAYLOAD_FEEDBACK, 1, 9);
        finish(&mut picture);
        assert_eq!(read(&picture), [FromServer::Keyframe { ssrc: 9 }]);
        for length in 0..request.len() {
            assert_eq!(read(&request[..length]), []);
        }
    }
}
