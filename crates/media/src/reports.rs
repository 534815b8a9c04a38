//! RTCP in both directions: the reports and requests of clients, and those of the server.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use plenary_ids::RoomId;
use plenary_scene::Source;
use plenary_transport::peer::PeerAddress;
use rtc_rtcp::{
    packet::{Packet, unmarshal},
    payload_feedbacks::{
        full_intra_request::FullIntraRequest, picture_loss_indication::PictureLossIndication,
        receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate,
    },
    receiver_report::ReceiverReport,
    reception_report::ReceptionReport,
    sender_report::SenderReport,
    transport_feedbacks::{
        transport_layer_cc::TransportLayerCc,
        transport_layer_nack::{NackPair, TransportLayerNack, nack_pairs_from_sequence_numbers},
    },
};

use crate::{
    api::{SessionFigures, SourceFigures},
    cname::{cname, description},
    core::{Core, Outbox, TICK_INTERVAL},
    key::{SessionKey, SourceKey},
    session::Session,
    source::SenderClock,
    spread::Frame,
};

/// Ticks between transport-wide reports: 60 ms.
const TWCC_INTERVAL_TICKS: u64 = 3;

const TICKS_PER_SECOND: u64 = 1_000_000_000 / TICK_INTERVAL.subsec_nanos() as u64;
/// Packets of one request for repair.
const MAX_PACKETS_PER_NACK: usize = 100;
/// A listener that loses more than this gets a smaller layer.
const HIGH_LOSS_FRACTION: f64 = 0.10;
/// One that loses less than this, for so long, a larger one.
const LOW_LOSS_FRACTION: f64 = 0.02;
const LOW_LOSS_DURATION: Duration = Duration::from_secs(8);

impl Core {
    /// A compound report from a session's client.
    pub(crate) fn rtcp(
        &mut self,
        key: SessionKey,
        from: PeerAddress,
        datagram: &[u8],
        now: Instant,
        out: &mut Outbox,
    ) {
        let ntp = self.ntp(now);
        let Some(session) = self.session(key) else {
            return;
        };
        let opened = session
            .opener
            .as_mut()
            .and_then(|opener| opener.open_rtcp(datagram));
        let Some(plain) = opened else {
            self.counters.refuse_datagram();
            return;
        };
        session.heard(from, now);
        let Ok(packets) = unmarshal(&mut plain.freeze()) else {
            return;
        };
        for packet in packets {
            let packet = packet.as_any();
            if let Some(report) = packet.downcast_ref::<SenderReport>() {
                self.sender_report(key, report, now);
                self.reception_reports(key, &report.reports, ntp, now);
            } else if let Some(report) = packet.downcast_ref::<ReceiverReport>() {
                self.reception_reports(key, &report.reports, ntp, now);
            } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                let mut missing: Vec<u16> =
                    nack.nacks.iter().flat_map(NackPair::packet_list).collect();
                missing.truncate(MAX_PACKETS_PER_NACK);
                self.retransmit(key, nack.media_ssrc, &missing, now, out);
            } else if let Some(pli) = packet.downcast_ref::<PictureLossIndication>() {
                self.picture_lost(key, pli.media_ssrc, now, out);
            } else if let Some(fir) = packet.downcast_ref::<FullIntraRequest>() {
                for entry in &fir.fir {
                    self.picture_lost(key, entry.ssrc, now, out);
                }
            } else if let Some(remb) = packet.downcast_ref::<ReceiverEstimatedMaximumBitrate>()
                && let Some(session) = self.session(key)
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "`as` saturates"
                )]
                let bits = remb.bitrate as u64;
                session.down.remb = Some(bits);
            } else if let Some(feedback) = packet.downcast_ref::<TransportLayerCc>()
                && let Some(link) = self.session(key).and_then(|it| it.down.link.as_mut())
            {
                link.feedback(feedback, now);
            }
        }
    }

    /// Sends the reports that are due to a session's client at this tick.
    pub(crate) fn reports(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let (ticks, ntp, epoch) = (self.ticks, self.ntp(now), self.epoch);
        let Some(session) = self.session(key).filter(|session| session.sealer.is_some()) else {
            return;
        };
        // Spread over the ticks by the session's number, so that not all reports leave at once.
        let ticks = ticks.wrapping_add(session.id.0);
        let own = session.own_ssrc;
        let mut packets: Vec<Box<dyn Packet>> = Vec::new();
        for track in session
            .tracks
            .iter_mut()
            .filter(|track| track.source != Source::Microphone)
        {
            for layer in &mut track.layers {
                let wanted = layer.receive.due_nacks(now);
                if let (Some(ssrc), false) = (layer.ssrc, wanted.is_empty()) {
                    let nacks = nack_pairs_from_sequence_numbers(&wanted);
                    packets.push(Box::new(TransportLayerNack {
                        sender_ssrc: own,
                        media_ssrc: ssrc,
                        nacks,
                    }));
                }
            }
        }
        if ticks.is_multiple_of(TWCC_INTERVAL_TICKS) {
            while let Some(report) = session.arrivals.report(own, session.media_ssrc) {
                packets.push(Box::new(report));
            }
        }
        if ticks.is_multiple_of(TICKS_PER_SECOND) {
            session.up.roll_over();
            session.down.sent.roll_over();
            packets.extend(receiver_report(session, now));
        }
        seal(session, &packets, out);
        if ticks.is_multiple_of(TICKS_PER_SECOND) {
            self.sender_reports(key, ntp, epoch.0, now, out);
        }
        let asked = self.request_keyframes(key, now, out);
        self.counters.keyframes_requested.fetch_add(asked, Relaxed);
        if ticks.is_multiple_of(TICKS_PER_SECOND / 2) {
            self.repeat_keyframe_requests(key);
        }
    }

    /// Asks a room's publishers for the keyframes that are needed, now.
    pub(crate) fn request_room_keyframes(&mut self, room: &RoomId, now: Instant, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room) else {
            return;
        };
        let mut asked = 0;
        for key in room.sessions.clone() {
            asked += self.request_keyframes(key, now, out);
        }
        self.counters.keyframes_requested.fetch_add(asked, Relaxed);
    }

    /// How the sessions of a room, or of all, are doing.
    pub(crate) fn figures(&self, room: Option<&RoomId>, now: Instant) -> Vec<SessionFigures> {
        let asked = |session: &&Session| {
            session.has_client() && room.is_none_or(|room| session.room == *room)
        };
        self.sessions
            .values()
            .filter(asked)
            .map(|session| figures(session, now))
            .collect()
    }

    /// The time in seconds of NTP.
    pub(crate) fn ntp(&self, now: Instant) -> f64 {
        self.epoch.1 + now.saturating_duration_since(self.epoch.0).as_secs_f64()
    }

    fn sender_report(&mut self, key: SessionKey, report: &SenderReport, now: Instant) {
        let Some(session) = self.session(key) else {
            return;
        };
        #[expect(clippy::cast_precision_loss, reason = "microseconds are enough")]
        let theirs = report.ntp_time as f64 / TWO_TO_32;
        let (base, at) = *session.clock.get_or_insert((theirs, now));
        // One offset for all of a client's sources keeps its sound and picture in step.
        let since = Duration::try_from_secs_f64((theirs - base).max(0.0)).unwrap_or_default();
        let clock = SenderClock {
            ntp: report.ntp_time,
            timestamp: report.rtp_time,
            at: at.checked_add(since).unwrap_or(now),
            arrived: now,
        };
        let mut layers = session
            .tracks
            .iter_mut()
            .flat_map(|track| &mut track.layers);
        if let Some(layer) = layers.find(|layer| layer.ssrc == Some(report.ssrc)) {
            layer.sender = Some(clock);
        }
        self.record_sender_report(key, report.ssrc, now);
    }

    fn reception_reports(
        &mut self,
        key: SessionKey,
        reports: &[ReceptionReport],
        ntp: f64,
        now: Instant,
    ) {
        let Some(session) = self.session(key) else {
            return;
        };
        let mut worst: Option<f64> = None;
        for report in reports
            .iter()
            .filter(|report| session.slots.iter().any(|slot| slot.ssrc == report.ssrc))
        {
            worst = Some(
                worst
                    .unwrap_or(0.0)
                    .max(f64::from(report.fraction_lost) / 256.0),
            );
            if report.last_sender_report != 0 {
                let round = middle(ntp_fixed(ntp))
                    .wrapping_sub(report.last_sender_report)
                    .wrapping_sub(report.delay);
                // More than half the range is a clock's rounding below zero.
                if round < u32::MAX / 2 {
                    session.down.rtt_ms = Some(f64::from(round) * 1000.0 / 65_536.0);
                }
            }
        }
        let Some(loss) = worst else { return };
        let down = &mut session.down;
        down.loss = loss;
        if loss > HIGH_LOSS_FRACTION {
            down.withheld += 1;
            down.good_since = None;
        } else if loss < LOW_LOSS_FRACTION {
            let since = *down.good_since.get_or_insert(now);
            if down.withheld > 0 && now.saturating_duration_since(since) >= LOW_LOSS_DURATION {
                down.withheld -= 1;
                down.good_since = Some(now);
            }
        } else {
            down.good_since = None;
        }
    }

    fn picture_lost(&mut self, key: SessionKey, ssrc: u32, now: Instant, out: &mut Outbox) {
        let Some(session) = self.session(key) else {
            return;
        };
        let at = session.slots.iter().position(|slot| slot.ssrc == ssrc);
        let slot = at.and_then(|at| session.slots.get(at));
        let Some((source, layer)) = slot.and_then(|slot| Some((slot.assigned?, slot.layer))) else {
            return;
        };
        self.need_keyframe(source, Some(layer));
        let publisher = self.sessions.get(source.0);
        if publisher.is_some_and(|it| it.recording.is_some()) {
            // The last keyframe comes again, so what follows it has to come again too.
            let session = self.session(key);
            let slot = session.zip(at).and_then(|(it, at)| it.slots.get_mut(at));
            if let Some(slot) = slot {
                slot.begin_anew(now);
            }
        }
        let asked = self.request_keyframes(source.0, now, out);
        self.counters.keyframes_requested.fetch_add(asked, Relaxed);
    }

    /// Has a publisher's listeners get the keyframes that they need: from its client, or of a recording from the cache.
    /// Returns for how many layers.
    pub(crate) fn request_keyframes(
        &mut self,
        key: SessionKey,
        now: Instant,
        out: &mut Outbox,
    ) -> u64 {
        let own = self.worker;
        match self.session(key) {
            Some(session) if session.has_client() => request_keyframes(session, now, out),
            Some(session) if session.recording.is_none() => ask_publisher(session, own, now, out),
            Some(_) => {
                let repeated = self.repeat_from_keyframe(key, now, out);
                // A mirror that began within a group of pictures has not had its keyframe.
                if let Some(session) = self.session(key).filter(|it| it.mirror.is_some()) {
                    ask_publisher(session, own, now, out);
                }
                repeated
            }
            None => 0,
        }
    }

    /// What is due of a recording at every tick.
    pub(crate) fn tick_recording(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let ticks = self.ticks;
        let Some(session) = self.session(key) else {
            return;
        };
        for layer in session.tracks.iter_mut().flat_map(|it| &mut it.layers) {
            if ticks.is_multiple_of(TICKS_PER_SECOND) {
                layer.bitrate.roll_over();
            }
            // While it stands still, its last picture stays on stage.
            if layer.seen.is_some() {
                layer.seen = Some(now);
            }
        }
        self.request_keyframes(key, now, out);
    }

    /// Repeats keyframe requests: a request may have been lost, or the keyframe that it asked for.
    fn repeat_keyframe_requests(&mut self, key: SessionKey) {
        let Some(session) = self.session(key) else {
            return;
        };
        let waiting: Vec<(SourceKey, usize)> = session
            .slots
            .iter()
            .filter(|slot| slot.awaits_keyframe())
            .filter_map(|slot| Some((slot.assigned?, slot.layer)))
            .collect();
        for (source, layer) in waiting {
            self.need_keyframe(source, Some(layer));
        }
    }

    /// One report per slot that flows, so that the client can play its slots in step.
    fn sender_reports(
        &mut self,
        key: SessionKey,
        ntp: f64,
        epoch: Instant,
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        let mut packets: Vec<Box<dyn Packet>> = Vec::new();
        for slot in &session.slots {
            let report = slot.playing().and_then(|(encoding, shift)| {
                let (publisher, source) = encoding.source;
                let track = self.sessions.get(publisher)?.track(source)?;
                let layer = track.layers.get(encoding.layer)?;
                let sender = layer
                    .sender
                    .filter(|_| layer.generation == encoding.generation)?;
                let ago = now.saturating_duration_since(epoch).as_secs_f64()
                    - sender.at.saturating_duration_since(epoch).as_secs_f64();
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "minutes of a media clock are far below 63 bits"
                )]
                let ticks = (ago * f64::from(slot.clock_hz)) as i64;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the media clock wraps"
                )]
                let ticks = ticks as u32;
                Some(SenderReport {
                    ssrc: slot.ssrc,
                    ntp_time: ntp_fixed(ntp),
                    rtp_time: sender.timestamp.wrapping_add(ticks).wrapping_add(shift),
                    packet_count: slot.packets,
                    octet_count: slot.octets,
                    ..SenderReport::default()
                })
            });
            if let Some(report) = report {
                packets.push(Box::new(report));
                packets.push(Box::new(description(slot.ssrc, &cname(session.id))));
            }
        }
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        for compound in packets.chunks(16) {
            seal(session, compound, out);
        }
    }
}

/// The report on what a client sends, and how much of it we take.
fn receiver_report(session: &mut Session, now: Instant) -> Option<Box<dyn Packet>> {
    let mut reports = Vec::new();
    for layer in session
        .tracks
        .iter_mut()
        .flat_map(|track| &mut track.layers)
    {
        layer.bitrate.roll_over();
        let Some(mut report) = layer.ssrc.and_then(|ssrc| layer.receive.report(ssrc)) else {
            continue;
        };
        if let Some(sender) = layer.sender {
            let held = now.saturating_duration_since(sender.arrived).as_secs_f64() * 65_536.0;
            report.last_sender_report = middle(sender.ntp);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "`as` saturates"
            )]
            let held = held as u32;
            report.delay = held;
        }
        reports.push(report);
    }
    reports.truncate(31);
    let report = ReceiverReport {
        ssrc: session.own_ssrc,
        reports,
        ..ReceiverReport::default()
    };
    (!report.reports.is_empty()).then(|| Box::new(report) as Box<dyn Packet>)
}

/// Asks the worker of a mirror's publisher for the keyframes that are needed. It counts them.
fn ask_publisher(session: &mut Session, own: usize, now: Instant, out: &mut Outbox) -> u64 {
    let (worker, id) = (session.id.worker(), session.id);
    for track in &mut session.tracks {
        for (number, layer) in track.layers.iter_mut().enumerate() {
            if layer.request_of_mirror(now) {
                let needed = Frame::KeyframeNeeded {
                    worker: own,
                    session: id,
                    source: track.source,
                    layer: number,
                };
                out.frames.push((worker, needed));
            }
        }
    }
    0
}

/// Requests the keyframes that are needed of the client, by PLI (RFC 4585, section 6.3.1); returns how many.
fn request_keyframes(session: &mut Session, now: Instant, out: &mut Outbox) -> u64 {
    let sender_ssrc = session.own_ssrc;
    let layers = session
        .tracks
        .iter_mut()
        .flat_map(|track| &mut track.layers);
    let packets: Vec<Box<dyn Packet>> = layers
        .filter_map(|layer| {
            let media_ssrc = layer.ssrc?;
            let pli = PictureLossIndication {
                sender_ssrc,
                media_ssrc,
            };
            layer
                .request_keyframe(now)
                .then(|| Box::new(pli) as Box<dyn Packet>)
        })
        .collect();
    seal(session, &packets, out);
    packets.len() as u64
}

fn seal(session: &mut Session, packets: &[Box<dyn Packet>], out: &mut Outbox) {
    let (Some(sealer), Some(remote)) = (&mut session.sealer, session.remote) else {
        return;
    };
    if packets.is_empty() {
        return;
    }
    let datagram = rtc_rtcp::packet::marshal(packets)
        .ok()
        .and_then(|plain| sealer.seal_rtcp(&plain));
    if let Some(datagram) = datagram {
        crate::core::send(out, remote, &datagram);
    }
}

fn figures(session: &Session, now: Instant) -> SessionFigures {
    let sources: Vec<SourceFigures> = session
        .tracks
        .iter()
        .filter(|track| track.layers.iter().any(|layer| layer.seen.is_some()))
        .map(|track| SourceFigures {
            source: track.source,
            packets: track
                .layers
                .iter()
                .map(|layer| layer.receive.received)
                .sum(),
            loss: track
                .layers
                .iter()
                .map(|layer| layer.receive.loss)
                .fold(0.0, f64::max),
            jitter_ms: track
                .layers
                .iter()
                .map(|layer| layer.receive.jitter_ms(track.clock_hz))
                .fold(0.0, f64::max),
            layers: track
                .layers
                .iter()
                .filter(|layer| layer.bitrate.last_second() > 0)
                .count(),
            codec: track
                .layers
                .iter()
                .find_map(|layer| Some(layer.codec()?.name())),
            reach: track.gate.reach,
        })
        .collect();
    SessionFigures {
        session: session.id,
        room: session.room.clone(),
        person: session.person.clone(),
        connected: session.sealer.is_some(),
        path: session.remote.map(|remote| remote.to_string()),
        rtt_ms: session.down.rtt_ms,
        loss_down: session.down.loss,
        loss_up: sources.iter().map(|source| source.loss).fold(0.0, f64::max),
        jitter_ms: sources
            .iter()
            .map(|source| source.jitter_ms)
            .fold(0.0, f64::max),
        bitrate_down: session.down.sent.bits,
        bitrate_up: session.up.bits,
        estimate: session.down.estimate(now),
        sources,
        slots: session.announced.clone(),
        undecodable: session.undecodable.clone(),
    }
}

const TWO_TO_32: f64 = 4_294_967_296.0;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "NTP time is 64 bits of unsigned fixed point"
)]
pub(crate) fn ntp_fixed(seconds: f64) -> u64 {
    (seconds * TWO_TO_32) as u64
}

/// The part of an NTP time that reception reports repeat.
fn middle(ntp: u64) -> u32 {
    u32::try_from(ntp >> 16 & 0xffff_ffff).unwrap_or(0)
}
