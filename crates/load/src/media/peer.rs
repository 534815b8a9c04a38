//! One participant's media: checks, handshake, then what it receives and sends. Time and randomness come from outside.

use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use plenary_transport::{
    ice::{Datagram, classify},
    udp::Socket,
};
use rand::rngs::StdRng;
use tokio::sync::mpsc::UnboundedSender;

use super::{
    feedback::{Arrivals, FEEDBACK_INTERVAL, FromServer, nack, read, receiver_report},
    handshake::{Handshake, Identity, Keys},
    impairment::{Conditions, Impairment},
    publisher::{Publisher, SOUND_INTERVAL, stamp_offset},
    rtp::Header,
    sdp::Answer,
    slot::Slot,
    stamp::Stamp,
    stun::is_success,
    timers::{Timer, Timers},
};
use crate::statistics::{Kind, Packets, Tally};

/// The pause between checks until one is answered, and afterwards: the server takes 15 s of silence for the end.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);
const CONSENT_INTERVAL: Duration = Duration::from_millis(2_500);
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// How long ICE and DTLS may take together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// What the media of a participant begins with.
#[derive(Debug)]
pub struct Joining {
    pub id: usize,
    /// The number of its room in this run.
    pub room: usize,
    pub answer: Answer,
    pub publisher: Option<Publisher>,
    pub camera_mid: String,
    pub network: Network,
    /// When the hello was sent.
    pub hello: Instant,
}

/// Both directions of a participant's network.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Network {
    pub up: Conditions,
    pub down: Conditions,
}

/// What the media of a participant reports.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Connected(usize),
    /// Media cannot be had, for this reason.
    Failed(usize, String),
}

/// A change of the floor, whose first packets are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// The number of the change in this run, from 1 on.
    pub change: u32,
    pub previous: Option<u16>,
    pub since: Instant,
}

/// What a peer is lent while it handles something.
pub struct Turn<'a> {
    pub now: Instant,
    pub epoch: Instant,
    pub tally: &'a mut Tally,
    pub timers: &'a mut Timers,
    pub events: &'a UnboundedSender<Event>,
    pub identity: &'a Identity,
    pub random: &'a mut StdRng,
    /// The change that is watched in the peer's room.
    pub watch: Option<Watch>,
}

pub struct Peer {
    id: usize,
    pub room: usize,
    pub socket: Socket,
    answer: Answer,
    remote: Option<SocketAddr>,
    attempts: usize,
    handshake: Option<Handshake>,
    keys: Option<Keys>,
    slots: Vec<Slot>,
    arrivals: Arrivals,
    own_ssrc: u32,
    publisher: Option<Publisher>,
    camera_mid: String,
    up: Option<Impairment>,
    down: Option<Impairment>,
    begun: Instant,
    hello: Option<Instant>,
    connected: Option<Instant>,
    /// The last change whose new holder was heard, and was seen.
    changes: (u32, u32),
}

impl Peer {
    /// Opens the socket and sends the first check.
    pub fn begin(joining: Joining, turn: &mut Turn<'_>) -> std::io::Result<Self> {
        let any: IpAddr = match joining.answer.candidates.first() {
            Some(SocketAddr::V6(_)) => Ipv6Addr::UNSPECIFIED.into(),
            _ => Ipv4Addr::UNSPECIFIED.into(),
        };
        let impairment = |conditions: Conditions| {
            let bad = conditions.is_bad();
            bad.then(|| Impairment::new(conditions))
        };
        let mut peer = Self {
            id: joining.id,
            room: joining.room,
            socket: Socket::bind(SocketAddr::new(any, 0), false)?,
            remote: None,
            attempts: 0,
            handshake: None,
            keys: None,
            slots: joining
                .answer
                .slots
                .iter()
                .cloned()
                .map(Slot::new)
                .collect(),
            answer: joining.answer,
            arrivals: Arrivals::default(),
            own_ssrc: rand::random_range(1..u32::MAX),
            publisher: joining.publisher,
            camera_mid: joining.camera_mid,
            up: impairment(joining.network.up),
            down: impairment(joining.network.down),
            begun: turn.now,
            hello: Some(joining.hello),
            connected: None,
            changes: (0, 0),
        };
        peer.check(turn);
        Ok(peer)
    }

    /// A datagram has come to the socket.
    pub fn arrived(&mut self, from: SocketAddr, datagram: &[u8], turn: &mut Turn<'_>) {
        match &mut self.down {
            None => self.handle(from, datagram, turn),
            Some(network) => {
                if let Some(due) = network.push(datagram, from, turn.now, turn.random) {
                    turn.timers.set(due, self.id, Timer::Arrive);
                }
            }
        }
    }

    /// A timer of this peer is due.
    pub fn due(&mut self, timer: Timer, turn: &mut Turn<'_>) {
        match timer {
            Timer::Check => self.check(turn),
            Timer::Handshake => self.repeat_handshake(turn),
            Timer::Feedback => self.send_feedback(turn),
            Timer::Report => self.send_report(turn),
            Timer::Sound => self.send_sound(turn),
            Timer::Picture => self.send_picture(turn),
            Timer::Arrive => {
                while let Some(next) = self.down.as_mut().and_then(|it| it.pop(turn.now)) {
                    self.handle(next.address, &next.datagram, turn);
                }
            }
            Timer::Depart => {
                while let Some(next) = self.up.as_mut().and_then(|it| it.pop(turn.now)) {
                    // A datagram that cannot be sent is lost, as on any network.
                    let _ = self.socket.send_to(&next.datagram, next.address);
                }
            }
        }
    }

    /// The server has said which slots carry something.
    pub fn announce(&mut self, slots: &[(String, bool)]) {
        for (mid, shows) in slots {
            let mut own = self.slots.iter_mut();
            if let Some(slot) = own.find(|slot| slot.line.mid == *mid) {
                slot.announce(*shows);
            }
        }
    }

    /// The participant leaves, or the run ends.
    pub fn end(&self, now: Instant, tally: &mut Tally) {
        for slot in &self.slots {
            slot.end(now, tally);
        }
    }

    fn send(&mut self, datagram: &[u8], to: SocketAddr, turn: &mut Turn<'_>) {
        match &mut self.up {
            // A datagram that cannot be sent is lost, as on any network.
            None => drop(self.socket.send_to(datagram, to)),
            Some(network) => {
                if let Some(due) = network.push(datagram, to, turn.now, turn.random) {
                    turn.timers.set(due, self.id, Timer::Depart);
                }
            }
        }
    }

    fn fail(&mut self, why: &dyn Display, turn: &mut Turn<'_>) {
        self.handshake = None;
        // The receiver ends with the run.
        let _ = turn.events.send(Event::Failed(self.id, why.to_string()));
    }

    fn check(&mut self, turn: &mut Turn<'_>) {
        let late = turn.now.saturating_duration_since(self.begun) > CONNECT_TIMEOUT;
        if self.keys.is_none() && late {
            return self.fail(&"the media server did not answer in time", turn);
        }
        let candidates = &self.answer.candidates;
        // Each candidate gets two checks before the next one is tried.
        let next = candidates.get(self.attempts / 2 % candidates.len().max(1));
        let Some(to) = self.remote.or(next.copied()) else {
            return;
        };
        self.attempts += 1;
        if let Some(check) = self.answer.credentials.check() {
            self.send(&check, to, turn);
        }
        let pause = if self.remote.is_some() {
            CONSENT_INTERVAL
        } else {
            CHECK_INTERVAL
        };
        turn.timers.set(turn.now + pause, self.id, Timer::Check);
    }

    fn handle(&mut self, from: SocketAddr, datagram: &[u8], turn: &mut Turn<'_>) {
        match classify(datagram) {
            Some(Datagram::Rtp) => self.media(datagram, turn),
            Some(Datagram::Rtcp) => self.control(datagram, turn),
            Some(Datagram::Dtls) => self.read_handshake(datagram, turn),
            Some(Datagram::Stun) if self.answer.candidates.contains(&from) => {
                if is_success(datagram) && self.remote.is_none() {
                    self.remote = Some(from);
                    self.begin_handshake(turn);
                } else if let Some(reply) = self.answer.credentials.reply(datagram, from) {
                    self.send(&reply, from, turn);
                }
            }
            Some(Datagram::Stun) | None => {}
        }
    }

    fn begin_handshake(&mut self, turn: &mut Turn<'_>) {
        match Handshake::begin(turn.identity, self.answer.fingerprint, turn.now) {
            Ok(handshake) => {
                self.handshake = Some(handshake);
                self.go_on_with_handshake(turn);
            }
            Err(error) => self.fail(&error, turn),
        }
    }

    fn repeat_handshake(&mut self, turn: &mut Turn<'_>) {
        let Some(handshake) = &mut self.handshake else {
            return;
        };
        match handshake.handle_timeout(turn.now) {
            Ok(()) => self.go_on_with_handshake(turn),
            Err(error) => self.fail(&error, turn),
        }
    }

    fn read_handshake(&mut self, datagram: &[u8], turn: &mut Turn<'_>) {
        let Some(handshake) = &mut self.handshake else {
            return;
        };
        let read = handshake.read(datagram, turn.now);
        self.go_on_with_handshake(turn);
        match read {
            Ok(None) => {}
            Ok(Some(keys)) => self.connected(keys, turn),
            Err(error) => self.fail(&error, turn),
        }
    }

    fn go_on_with_handshake(&mut self, turn: &mut Turn<'_>) {
        while let Some(datagram) = self.handshake.as_mut().and_then(Handshake::poll_transmit) {
            if let Some(remote) = self.remote {
                self.send(&datagram, remote, turn);
            }
        }
        let deadline = self.handshake.as_ref().and_then(Handshake::deadline);
        if let Some(deadline) = deadline {
            turn.timers.set(deadline, self.id, Timer::Handshake);
        }
    }

    fn connected(&mut self, keys: Keys, turn: &mut Turn<'_>) {
        self.keys = Some(keys);
        self.handshake = None;
        self.connected = Some(turn.now);
        // The receiver ends with the run.
        let _ = turn.events.send(Event::Connected(self.id));
        // Spread, so that not all participants send at once.
        let mut begin = |interval: Duration, timer| {
            let phase = interval.mul_f64(rand::random());
            turn.timers.set(turn.now + phase, self.id, timer);
        };
        if !self.slots.is_empty() {
            begin(FEEDBACK_INTERVAL, Timer::Feedback);
            begin(REPORT_INTERVAL, Timer::Report);
        }
        if let Some(publisher) = &self.publisher {
            begin(SOUND_INTERVAL, Timer::Sound);
            begin(publisher.frame_interval(), Timer::Picture);
        }
    }

    fn media(&mut self, datagram: &[u8], turn: &mut Turn<'_>) {
        let (Some(header), true) = (
            Header::parse(datagram, self.answer.transport_cc),
            self.keys.is_some(),
        ) else {
            return;
        };
        if let Some(number) = header.twcc {
            self.arrivals.packet(number, turn.now, turn.epoch);
        }
        let mut slots = self.slots.iter_mut();
        let Some(slot) = slots.find(|slot| slot.line.ssrc == header.ssrc) else {
            return self.retransmission(&header, datagram, turn);
        };
        let counted = slot.packet(&header, datagram.len(), turn.now, turn.epoch, turn.tally);
        let (kind, is_stage, ssrc) = (slot.line.kind, slot.line.is_stage, slot.line.ssrc);
        if let Some(hello) = self.hello.take() {
            let took = turn.now.saturating_duration_since(hello);
            turn.tally.joins.record(took);
        }
        let seen = match kind {
            Kind::Sound => &mut self.changes.0,
            Kind::Picture => &mut self.changes.1,
        };
        // A listener that joined after the grant has waited for its join, which is no floor-change time.
        let since = self.connected;
        let waits = |it: &Watch| is_stage && *seen < it.change && Some(it.since) > since;
        let watch = turn.watch.filter(waits);
        if (counted.sampled || watch.is_some())
            && let Some(stamp) = open(&mut self.keys, datagram, &header, stamp_offset(kind))
        {
            let since = turn.now.saturating_duration_since(turn.epoch);
            turn.tally.delay(since.saturating_sub(stamp.at), turn.now);
            if let Some(watch) = watch.filter(|it| it.previous != Some(stamp.publisher)) {
                *seen = watch.change;
                let took = turn.now.saturating_duration_since(watch.since);
                let change = (self.room, watch.change);
                turn.tally.floor_change(kind, change, took);
            }
        }
        if let Some((first, count)) = counted.missing {
            self.seal_and_send(&nack(self.own_ssrc, ssrc, first, count), turn);
        }
    }

    /// A retransmission (RFC 4588, section 4), or padding by which the server probes the path.
    fn retransmission(&mut self, header: &Header, datagram: &[u8], turn: &mut Turn<'_>) {
        let mut slots = self.slots.iter_mut();
        let slot = slots.find(|slot| slot.line.rtx == Some(header.ssrc));
        let (Some(slot), false) = (slot, header.is_padded) else {
            return;
        };
        let plain = self
            .keys
            .as_mut()
            .and_then(|keys| keys.opener.decrypt_rtp(datagram).ok());
        let original = plain
            .as_ref()
            .and_then(|plain| plain.get(header.payload_start..)?.first_chunk());
        if let Some(original) = original {
            slot.repaired(u16::from_be_bytes(*original), turn.now, turn.tally);
        }
    }

    fn control(&mut self, datagram: &[u8], turn: &mut Turn<'_>) {
        let plain = self
            .keys
            .as_mut()
            .and_then(|keys| keys.opener.decrypt_rtcp(datagram).ok());
        for message in plain.as_deref().map(read).unwrap_or_default() {
            match message {
                FromServer::SenderReport { ssrc, middle } => {
                    let mut slots = self.slots.iter_mut();
                    if let Some(slot) = slots.find(|slot| slot.line.ssrc == ssrc) {
                        slot.sender_report(middle, turn.now);
                    }
                }
                FromServer::Keyframe { ssrc } => {
                    if let Some(publisher) = &mut self.publisher {
                        publisher.request_keyframe(ssrc);
                    }
                }
                FromServer::Repair { ssrc, sequences } => {
                    let publisher = self.publisher.as_ref();
                    let again = publisher.map(|publisher| publisher.again(ssrc, &sequences));
                    for packet in again.unwrap_or_default() {
                        self.send_media(&packet, turn);
                    }
                }
            }
        }
    }

    fn send_feedback(&mut self, turn: &mut Turn<'_>) {
        let media = self.slots.first().map_or(0, |slot| slot.line.ssrc);
        while let Some(report) = self.arrivals.report(self.own_ssrc, media) {
            self.seal_and_send(&report, turn);
        }
        let next = turn.now + FEEDBACK_INTERVAL;
        turn.timers.set(next, self.id, Timer::Feedback);
    }

    fn send_report(&mut self, turn: &mut Turn<'_>) {
        let slots = self.slots.iter_mut();
        let blocks: Vec<[u8; 24]> = slots
            .filter_map(|slot| slot.report_block(turn.now))
            .collect();
        if !blocks.is_empty() {
            self.seal_and_send(&receiver_report(self.own_ssrc, &blocks), turn);
        }
        let next = turn.now + REPORT_INTERVAL;
        turn.timers.set(next, self.id, Timer::Report);
    }

    fn send_sound(&mut self, turn: &mut Turn<'_>) {
        let (Some(publisher), Some(keys)) = (&mut self.publisher, &mut self.keys) else {
            return;
        };
        if let Some(packet) = publisher.next_sound(&mut keys.sealer, turn.epoch) {
            self.send_media(&packet, turn);
            turn.timers.again(SOUND_INTERVAL, self.id, Timer::Sound);
        }
    }

    fn send_picture(&mut self, turn: &mut Turn<'_>) {
        let (Some(publisher), Some(keys)) = (&mut self.publisher, &mut self.keys) else {
            return;
        };
        if publisher.layers.is_empty() {
            return;
        }
        let interval = publisher.frame_interval();
        for packet in publisher.next_picture(&mut keys.sealer, turn.epoch, &self.camera_mid) {
            self.send_media(&packet, turn);
        }
        turn.timers.again(interval, self.id, Timer::Picture);
    }

    fn send_media(&mut self, packet: &[u8], turn: &mut Turn<'_>) {
        if let Some(remote) = self.remote {
            self.send(packet, remote, turn);
            let packets = Packets {
                sent: 1,
                ..Packets::default()
            };
            turn.tally.count(&packets, turn.now);
        }
    }

    fn seal_and_send(&mut self, report: &[u8], turn: &mut Turn<'_>) {
        let keys = self.keys.as_mut();
        let sealed = keys.and_then(|keys| keys.sealer.encrypt_rtcp(report).ok());
        if let (Some(sealed), Some(remote)) = (sealed, self.remote) {
            self.send(&sealed, remote, turn);
        }
    }
}

/// Opens a packet for its stamp; none if it is not authentic, or another program's.
fn open(keys: &mut Option<Keys>, datagram: &[u8], header: &Header, offset: usize) -> Option<Stamp> {
    let plain = keys.as_mut()?.opener.decrypt_rtp(datagram).ok()?;
    Stamp::read(plain.get(header.payload_start + offset..)?)
}
