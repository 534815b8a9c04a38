//! An estimate of the bandwidth of a listener's path, from its client's transport-wide feedback.
//!
//! Google's congestion control from `rtc-interceptor`, put together from its parts because a forwarder differs from a
//! sender in two ways. It sends what publishers send and not what it could, so an estimate must not grow far beyond what
//! was tried ([`Probe`](super::Probe) tries). And it forwards as packets arrive, so what looks like a growing queue may
//! be a publisher's burst: a decrease needs a queue that is there.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use rtc_interceptor::{
    LossController, OveruseDetector, PacketReport, RateCalculator, RateController, SlopeEstimator,
    Usage, convert_twcc,
};
use rtc_rtcp::transport_feedbacks::{
    cc_feedback_report::Ecn, transport_layer_cc::TransportLayerCc,
};

use crate::packet_index::nearest_index;

/// The first estimate: enough for a stage and a gallery, so that a good path shows all at once; a path that carries
/// less says so within a second.
const INITIAL_BITRATE: f64 = 2_500_000.0;
const MIN_BITRATE: f64 = 100_000.0;
const MAX_BITRATE: f64 = 30_000_000.0;
/// A queue shorter than this is no congestion.
const QUEUE_DELAY: Duration = Duration::from_millis(25);
/// A queue so long is congestion, whether it grows or not.
const FULL_QUEUE_DELAY: Duration = Duration::from_millis(80);
/// The shortest delay of so long counts as the path's own.
const BASE_DELAY_WINDOW: Duration = Duration::from_secs(10);
/// Below this fraction of the estimate, what arrives says nothing of whether more would.
const APPLICATION_LIMITED_FRACTION: f64 = 0.7;
/// The part of the arrival rate of a full path that is sent next: little enough that the queue drains within seconds,
/// because the rate is measured over a short window and comes out some percent too high.
const DECREASE_FACTOR: f64 = 0.8;
/// After a decrease, how long the estimate stays below what the path did not carry: doubled each time, up to the last.
const MIN_BACKOFF: Duration = Duration::from_secs(8);
const MAX_BACKOFF: Duration = Duration::from_secs(64);
/// Packets under way whose arrival is not known; more are forgotten.
const MAX_PACKETS_IN_FLIGHT: usize = 4096;
/// Packets that one report may cover: browsers report twenty times a second.
const MAX_PACKETS_PER_FEEDBACK: u16 = 4096;
/// What IP and UDP headers add to a datagram.
const IP_UDP_HEADER_BYTES: usize = 28;

/// The estimate for one path.
#[derive(Debug)]
pub struct BandwidthEstimate {
    began: Instant,
    sent: VecDeque<Sent>,
    /// The transport-wide number of the next packet, unwrapped.
    next: u64,
    slope: SlopeEstimator,
    detector: OveruseDetector,
    arriving: RateCalculator,
    delay: RateController,
    loss: LossController,
    shortest: Shortest,
    ceiling: Option<Ceiling>,
    received: Option<f64>,
    congested: bool,
    has_feedback: bool,
}

/// A packet under way, in eight bytes, because there are many for each listener.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// Microseconds since the estimate began, modulo 2^32: more than an hour, and no packet is under way for so long.
    at: u32,
    bytes: u16,
}

/// A rate that the path did not carry, and the time until which that is remembered.
#[derive(Debug, Clone, Copy)]
struct Ceiling {
    rate: f64,
    until: Instant,
    backoff: Duration,
}

impl BandwidthEstimate {
    /// The estimate for a path over which nothing was sent yet.
    pub fn new(now: Instant) -> Self {
        Self {
            began: now,
            sent: VecDeque::new(),
            next: 1 << 16,
            slope: SlopeEstimator::new(),
            detector: OveruseDetector::new(),
            arriving: RateCalculator::default(),
            delay: controller(INITIAL_BITRATE),
            loss: LossController::new(INITIAL_BITRATE, MIN_BITRATE, MAX_BITRATE),
            shortest: Shortest::default(),
            ceiling: None,
            received: None,
            congested: false,
            has_feedback: false,
        }
    }

    /// The transport-wide sequence number for the next packet.
    pub fn next(&self) -> u16 {
        u16::try_from(self.next & 0xffff).unwrap_or(0)
    }

    /// Notes that the next packet was sent, with that many bytes of UDP payload.
    pub fn sent(&mut self, bytes: usize, now: Instant) {
        if self.sent.len() == MAX_PACKETS_IN_FLIGHT {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent {
            at: low_half(self.micros(now)),
            bytes: u16::try_from(bytes + IP_UDP_HEADER_BYTES).unwrap_or(u16::MAX),
        });
        self.next += 1;
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.began);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    /// When a packet that is still under way was sent.
    fn departure(&self, sent: Sent, now: Instant) -> Instant {
        let now = self.micros(now);
        let ago = low_half(now).wrapping_sub(sent.at);
        self.began + Duration::from_micros(now.saturating_sub(u64::from(ago)))
    }

    /// The bandwidth of the path, bits per second.
    pub fn bits(&self, now: Instant) -> u64 {
        let target = self.delay.target().min(self.loss.target());
        let ceiling = self.ceiling.filter(|ceiling| now < ceiling.until);
        whole(ceiling.map_or(target, |ceiling| target.min(ceiling.rate)))
    }

    /// The rate at which packets arrived recently, bits per second.
    pub fn received(&self) -> u64 {
        self.received.map_or(0, whole)
    }

    /// Whether the client gives feedback, and does not only say so.
    pub fn has_feedback(&self) -> bool {
        self.has_feedback
    }

    /// Whether the last report told of a queue or of loss.
    pub fn is_congested(&self) -> bool {
        self.congested
    }

    /// Whether it is too soon after a decrease to try for more.
    pub fn is_wary(&self, now: Instant) -> bool {
        self.ceiling.is_some_and(|ceiling| now < ceiling.until)
    }

    /// Raises the estimate to a rate that the path has carried.
    pub fn proven(&mut self, bits: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^52")]
        let bits = bits as f64;
        if self.delay.target() < bits {
            self.delay = controller(bits);
        }
        if self.loss.target() < bits {
            self.loss = LossController::new(bits, MIN_BITRATE, MAX_BITRATE);
        }
    }

    /// Takes the transport-wide feedback of the client.
    pub fn feedback(&mut self, feedback: &TransportLayerCc, now: Instant) {
        let before = self.bits(now);
        let reports = self.resolve(feedback, now);
        let Some(last) = reports.last() else { return };
        self.has_feedback = true;
        let last = last.departure;
        let mut usage = self.detector.usage();
        let mut delays: Vec<f64> = Vec::new();
        let mut arrived = 0;
        for report in &reports {
            if let Some(arrival) = report.arrival {
                arrived += report.size;
                let departure = report.departure.saturating_duration_since(self.began);
                delays.push(arrival.as_secs_f64() - departure.as_secs_f64());
            }
            if let Some(trend) = self.slope.accumulate(report) {
                usage = self.detector.update(trend.at, trend.estimate_ms);
            }
        }
        // Once for the report and not once for each packet: each is kept for the length of the window.
        if arrived > 0 {
            self.arriving.add(now, arrived);
        }
        let missing = reports.iter().filter(|report| !report.arrived).count();
        let queued = self.shortest.above(&mut delays, last);
        let dropping = missing > 1 && missing * 10 > reports.len();
        // The detector looks for a queue that grows: one that is full does not, and loses what does not fit.
        let overused = queued >= FULL_QUEUE_DELAY.as_secs_f64()
            || queued >= QUEUE_DELAY.as_secs_f64() && (usage == Usage::Over || dropping);
        self.received = self.arriving.rate_bits_per_second(now);
        let telling = self
            .received
            .is_some_and(|received| received >= APPLICATION_LIMITED_FRACTION * self.delay.target());
        if overused {
            self.delay.update(now, Usage::Over, self.received);
        } else if telling {
            self.delay.update(now, calm(usage), self.received);
        }
        let loss = self.loss.update(now, missing, reports.len());
        if dropping && loss < self.delay.target() {
            // The estimate that loss has lowered rises again by probing, as after a queue.
            self.delay = controller(loss);
        }
        self.congested = overused || dropping;
        if self.congested && self.bits(now) < before {
            self.remember(now);
        }
    }

    fn remember(&mut self, now: Instant) {
        let backoff = match self.ceiling {
            // Still the same fall.
            Some(ceiling) if now < ceiling.until => ceiling.backoff,
            Some(ceiling) if now < ceiling.until + MAX_BACKOFF => {
                (ceiling.backoff * 2).min(MAX_BACKOFF)
            }
            _ => MIN_BACKOFF,
        };
        let rate = self.delay.target().min(self.loss.target());
        self.ceiling = Some(Ceiling {
            rate,
            until: now + backoff,
            backoff,
        });
    }

    /// Joins what was sent with what the client says of it: everything up to the last packet that arrived.
    fn resolve(&mut self, feedback: &TransportLayerCc, now: Instant) -> Vec<PacketReport> {
        if feedback.packet_status_count > MAX_PACKETS_PER_FEEDBACK {
            return Vec::new();
        }
        let first = self.next - self.sent.len() as u64;
        let mut told = convert_twcc(feedback);
        told.retain(|told| told.arrived && told.arrival.is_some());
        let mut arrivals: Vec<Option<Duration>> = Vec::new();
        for told in told {
            let index = nearest_index(self.next, told.sequence_number);
            let at = index
                .checked_sub(first)
                .and_then(|at| usize::try_from(at).ok());
            let Some(at) = at.filter(|at| *at < self.sent.len()) else {
                continue;
            };
            arrivals.resize(arrivals.len().max(at + 1), None);
            if let Some(arrival) = arrivals.get_mut(at) {
                *arrival = told.arrival;
            }
        }
        let reports = (first..).zip(self.sent.iter().zip(&arrivals));
        let reports = reports
            .map(|(id, (sent, &arrival))| PacketReport {
                ssrc: 0,
                id,
                rtp_sequence_number: 0,
                is_twcc: true,
                twcc_sequence_number: u16::try_from(id & 0xffff).unwrap_or(0),
                size: usize::from(sent.bytes),
                arrived: arrival.is_some(),
                departure: self.departure(*sent, now),
                arrival,
                ecn: Ecn::NotEct,
            })
            .collect();
        self.sent.drain(..arrivals.len());
        reports
    }
}

fn low_half(micros: u64) -> u32 {
    u32::try_from(micros & u64::from(u32::MAX)).unwrap_or(0)
}

/// The shortest delay of the last while. The clocks at both ends differ, so only what is above it means anything.
#[derive(Debug, Default)]
struct Shortest {
    /// The shortest of this period, and of the one before it.
    now: Option<(f64, Instant)>,
    before: Option<f64>,
}

impl Shortest {
    /// The median of some delays above the shortest, seconds; `at` is when the last of them was sent.
    fn above(&mut self, delays: &mut [f64], at: Instant) -> f64 {
        delays.sort_unstable_by(f64::total_cmp);
        let (Some(&least), Some(&median)) = (delays.first(), delays.get(delays.len() / 2)) else {
            return 0.0;
        };
        self.now = match self.now {
            Some((shortest, since)) if at.saturating_duration_since(since) < BASE_DELAY_WINDOW => {
                Some((shortest.min(least), since))
            }
            old => {
                self.before = old.map(|(shortest, _)| shortest);
                Some((least, at))
            }
        };
        let shortest = self.now.map_or(least, |(shortest, _)| shortest);
        median - self.before.map_or(shortest, |before| before.min(shortest))
    }
}

fn controller(bits: f64) -> RateController {
    RateController::new(bits, MIN_BITRATE, MAX_BITRATE).with_decrease_factor(DECREASE_FACTOR)
}

/// Treats overuse without a queue as normal use.
fn calm(usage: Usage) -> Usage {
    match usage {
        Usage::Over => Usage::Normal,
        other => other,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive and far below 2^63"
)]
fn whole(rate: f64) -> u64 {
    rate as u64
}
