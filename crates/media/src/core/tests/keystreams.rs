//! No two packets are ever sealed under one key, SSRC and index, and a listener takes every packet that it is sent,
//! while senders change SSRCs, lines and addresses at random.
//!
//! The listener here is the SRTP context of `rtc-srtp` with replay protection. It shares no code with the sealer.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use plenary_scene::Scene;
use plenary_transport::ice::{Datagram, classify};
use proptest::prelude::*;
use rtc_srtp::{
    context::Context,
    crypto::default_provider,
    option::{srtcp_replay_protection, srtp_replay_protection},
    protection_profile::ProtectionProfile,
};

use super::test_core::*;
use crate::{core::TICK_INTERVAL, rtp::Outgoing};

/// The extensions that name a simulcast layer, and the layer that is repaired.
const RID: u8 = 5;
const REPAIRED_RID: u8 = 6;

/// The mids of the microphones that Tokyo adds one after another.
const MICROPHONES: [&str; 8] = ["5", "6", "7", "8", "9", "a", "b", "c"];

/// What Tokyo sends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Line {
    Microphone,
    BestLayer,
    SmallLayer,
}

use Line::{BestLayer, Microphone, SmallLayer};

impl Line {
    const fn rid(self) -> Option<&'static [u8]> {
        match self {
            Microphone => None,
            BestLayer => Some(b"h"),
            SmallLayer => Some(b"l"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The next packet of a line, with its number so much ahead. A picture may be a keyframe.
    Send(Line, u64, bool),
    /// As above, and it is still under way.
    HoldBack(Line, bool),
    /// One of those under way arrives.
    Arrive(prop::sample::Index),
    /// One of those under way is retransmitted. It may arrive later.
    Retransmit(prop::sample::Index),
    /// The last datagram arrives again.
    Again,
    /// The line goes on under another SSRC, from that number on.
    NewSsrc(Line, u16),
    /// The retransmissions of a line go on under another SSRC.
    NewRepairSsrc(Line),
    /// Tokyo stops its microphone's line and adds another in its place.
    NewMicrophone,
    /// Tokyo goes on from another address, as after a NAT rebinding.
    NewSender,
    /// The listener goes on at another address.
    NewListener,
    /// The camera changes between VP8 and VP9, a second later.
    Codec,
    /// The listener's path has room for the best layer, or has not.
    Layer(bool),
    /// Tokyo is on stage, or is not.
    Stage(bool),
    /// The listener misses what went out so many numbers ago.
    Nack(u16),
    Tick,
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![2 => Just(Microphone), 2 => Just(BestLayer), 1 => Just(SmallLayer)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ahead = prop_oneof![8 => Just(1), 2 => 1..6_u64, 1 => Just(4_000), 1 => Just(20_000)];
    let held = any::<prop::sample::Index>;
    let step = prop_oneof![
        12 => (line(), ahead, any::<bool>()).prop_map(|(line, ahead, key)| Step::Send(line, ahead, key)),
        4 => (line(), any::<bool>()).prop_map(|(line, key)| Step::HoldBack(line, key)),
        4 => held().prop_map(Step::Arrive),
        3 => held().prop_map(Step::Retransmit),
        1 => Just(Step::Again),
        2 => (line(), 1..40_000_u16).prop_map(|(line, first)| Step::NewSsrc(line, first)),
        1 => line().prop_map(Step::NewRepairSsrc),
        1 => Just(Step::NewMicrophone),
        1 => Just(Step::NewSender),
        1 => Just(Step::NewListener),
        1 => Just(Step::Codec),
        1 => any::<bool>().prop_map(Step::Layer),
        1 => any::<bool>().prop_map(Step::Stage),
        2 => (0..12_u16).prop_map(Step::Nack),
        2 => Just(Step::Tick),
    ];
    proptest::collection::vec(step, 1..100)
}

/// A packet of Tokyo's, sealed.
#[derive(Debug, Clone)]
struct Sent {
    line: Line,
    mid: &'static str,
    ssrc: u32,
    index: u64,
    datagram: Vec<u8>,
    payload: Vec<u8>,
    payload_type: u8,
}

/// A line as its sender numbers it.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    ssrc: u32,
    index: u64,
    repair_ssrc: u32,
    repair_index: u64,
}

/// What a listener must hear of a microphone, by the rules alone: of the SSRC that came last, everything from the
/// first packet on, in any order, once.
#[derive(Debug, Default)]
struct Hearing {
    /// The microphone's line. What was sent on an earlier one is heard no more.
    mid: &'static str,
    ssrc: u32,
    replaced: Vec<(u32, std::time::Instant)>,
    highest: HashMap<u32, u64>,
    came: HashSet<(u32, u64)>,
    /// The first packet of what flows, and the number after the last.
    flows: Option<(u64, u64)>,
    on_stage: bool,
    heard: Vec<Vec<u8>>,
}

impl Hearing {
    fn arrives(&mut self, sent: &Sent, now: std::time::Instant) {
        if sent.mid != self.mid {
            return;
        }
        let highest = self.highest.entry(sent.ssrc).or_insert(sent.index);
        let too_old = *highest >= sent.index + 128;
        if too_old || !self.came.insert((sent.ssrc, sent.index)) {
            return;
        }
        *highest = sent.index.max(*highest);
        if sent.ssrc != self.ssrc {
            let late = |(ssrc, at): &(u32, std::time::Instant)| {
                *ssrc == sent.ssrc && now - *at < Duration::from_secs(2)
            };
            if self.replaced.iter().any(late) {
                return;
            }
            self.replaced.push((self.ssrc, now));
            self.ssrc = sent.ssrc;
            self.flows = None;
        }
        if !self.on_stage {
            return;
        }
        let (first, next) = match self.flows {
            Some((first, next)) if sent.index < next + 3_000 => (first, next),
            _ => (sent.index, sent.index),
        };
        self.flows = Some((first, next.max(sent.index + 1)));
        if sent.index >= first {
            self.heard.push(sent.payload.clone());
        }
    }
}

/// A listener's end of SRTP.
struct Listener {
    context: Context,
    highest: HashMap<u32, u64>,
    used: HashSet<(u32, u64)>,
    reports: HashSet<(u32, u32)>,
    heard: Vec<Vec<u8>>,
    /// The number of the last picture.
    last_picture: Option<u16>,
}

impl Listener {
    fn new() -> Self {
        let keys = keys(2);
        let provider = default_provider().unwrap();
        let context = Context::new(
            &keys.key,
            &keys.salt,
            ProtectionProfile::AeadAes128Gcm,
            Some(srtp_replay_protection(1_024)),
            Some(srtcp_replay_protection(1_024)),
            provider.crypto(),
        );
        Self {
            context: context.unwrap(),
            highest: HashMap::new(),
            used: HashSet::new(),
            reports: HashSet::new(),
            heard: Vec::new(),
            last_picture: None,
        }
    }

    fn takes(&mut self, datagram: &[u8]) -> Result<(), TestCaseError> {
        let word = |at: usize| u32::from_be_bytes(datagram[at..at + 4].try_into().unwrap());
        match classify(datagram) {
            Some(Datagram::Rtp) => {}
            Some(Datagram::Rtcp) => {
                let index = word(datagram.len() - 4);
                prop_assert!(self.reports.insert((word(4), index)), "RTCP {index}");
                prop_assert!(self.context.decrypt_rtcp(datagram).is_ok());
                return Ok(());
            }
            _ => return Ok(()),
        }
        let (ssrc, sequence) = (word(8), u16::from_be_bytes([datagram[2], datagram[3]]));
        let highest = *self.highest.get(&ssrc).unwrap_or(&u64::from(sequence));
        let step = sequence.wrapping_sub((highest & 0xffff) as u16);
        let index = highest.saturating_add_signed(i64::from(step.cast_signed()));
        self.highest.insert(ssrc, highest.max(index));
        prop_assert!(self.used.insert((ssrc, index)), "{ssrc} {index} again");
        let plain = self.context.decrypt_rtp(datagram);
        prop_assert!(plain.is_ok(), "{ssrc} {index}: {plain:?}");
        match datagram[1] & 0x7f {
            111 => self.heard.push(plain.unwrap()[12..].to_vec()),
            96 | 98 => self.last_picture = Some(sequence),
            _ => {}
        }
        Ok(())
    }
}

struct Play {
    test: TestCore,
    tokyo: Client,
    seoul: Client,
    listener: Listener,
    hearing: Hearing,
    numbers: HashMap<Line, Numbers>,
    under_way: Vec<Sent>,
    last: Option<Sent>,
    vp9: bool,
    next_ssrc: u32,
    next_payload: u32,
    /// What Tokyo offered last.
    offer: String,
    /// The SSRC that it gave the microphone there.
    offered_ssrc: u32,
    microphones: std::slice::Iter<'static, &'static str>,
}

impl Play {
    fn new() -> Self {
        let mut test = TestCore::new();
        let one_encoding =
            "a=ssrc-group:FID 101 102\r\na=ssrc:101 cname:x\r\na=ssrc:102 cname:x\r\n";
        let layers = format!(
            "a=extmap:{RID} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
             a=extmap:{REPAIRED_RID} urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n\
             a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n"
        );
        let both = &[VP8, VP9];
        let sends = with_mids(&offer(100, both, both)).replace(one_encoding, &layers);
        let tokyo = test.join_with("tokyo-1", 100, &sends);
        let seoul = test.join_with("seoul-1", 200, &offer(200, both, both));
        let numbers = |ssrc| Numbers {
            ssrc,
            index: 1_000,
            repair_ssrc: ssrc + 500,
            repair_index: 1_000,
        };
        Self {
            test,
            tokyo,
            seoul,
            offer: sends,
            offered_ssrc: 100,
            microphones: MICROPHONES.iter(),
            listener: Listener::new(),
            hearing: Hearing {
                mid: "0",
                ssrc: 100,
                ..Hearing::default()
            },
            numbers: HashMap::from([
                (Microphone, numbers(100)),
                (BestLayer, numbers(3_000)),
                (SmallLayer, numbers(4_000)),
            ]),
            under_way: Vec::new(),
            last: None,
            vp9: false,
            next_ssrc: 10_000,
            next_payload: 0,
        }
    }

    const fn mid(&self, line: Line) -> &'static str {
        match line {
            Microphone => self.hearing.mid,
            BestLayer | SmallLayer => "1",
        }
    }

    /// Offers another microphone on the m-line of the present one, with a mid and an SSRC of its own.
    fn replace_microphone(&mut self) {
        let Some(mid) = self.microphones.next() else {
            return;
        };
        self.next_ssrc += 1;
        let (old, offered) = (self.hearing.mid, self.offered_ssrc);
        self.offer = self
            .offer
            .replace(&format!("BUNDLE {old} "), &format!("BUNDLE {mid} "))
            .replace(&format!("a=mid:{old}\r\n"), &format!("a=mid:{mid}\r\n"))
            .replace(
                &format!("a=ssrc:{offered} "),
                &format!("a=ssrc:{} ", self.next_ssrc),
            );
        self.offered_ssrc = self.next_ssrc;
        self.test.renegotiate(&self.tokyo, &self.offer).unwrap();
        self.hearing.mid = mid;
        self.hearing.ssrc = self.next_ssrc;
        self.hearing.replaced.clear();
        self.hearing.flows = None;
        let numbers = self.numbers.get_mut(&Microphone).unwrap();
        (numbers.ssrc, numbers.index) = (self.next_ssrc, 1_000);
    }

    fn next_packet(&mut self, line: Line, ahead: u64, keyframe: bool) -> Sent {
        let numbers = self.numbers.get_mut(&line).unwrap();
        numbers.index += ahead;
        let Numbers { ssrc, index, .. } = *numbers;
        self.next_payload += 1;
        let number = self.next_payload.to_be_bytes();
        let (payload_type, head): (u8, &[u8]) = match (line, self.vp9) {
            (Microphone, _) => (111, b"voice"),
            (_, false) => (96, &[0x90, 0xe0, 0x80, 1, 7, 0x20, u8::from(!keyframe)]),
            (_, true) if keyframe => (98, &[0xa8, 0x80, 1, 0, 7, 0x82]),
            (_, true) => (98, &[0xe8, 0x80, 1, 0, 7, 0x82]),
        };
        let payload = [head, &number].concat();
        let mid = self.mid(line);
        let extensions = extensions(mid, line.rid(), RID);
        let header = header(payload_type, ssrc, index);
        let datagram = TestCore::sealed(&mut self.tokyo, header, index, &extensions, &payload);
        Sent {
            line,
            mid,
            ssrc,
            index,
            datagram,
            payload,
            payload_type,
        }
    }

    fn arrives(&mut self, sent: &Sent) {
        if sent.line == Microphone {
            self.hearing.arrives(sent, self.test.now);
        }
        self.test.bring(self.tokyo.address, &sent.datagram);
        self.last = Some(sent.clone());
    }

    fn retransmit(&mut self, sent: &Sent) {
        let numbers = self.numbers.get_mut(&sent.line).unwrap();
        numbers.repair_index += 1;
        let (ssrc, index) = (numbers.repair_ssrc, numbers.repair_index);
        let original = (sent.index & 0xffff) as u16;
        let payload = [&original.to_be_bytes(), &sent.payload[..]].concat();
        let extensions = extensions(sent.mid, sent.line.rid(), REPAIRED_RID);
        let header = header(sent.payload_type + 1, ssrc, index);
        let datagram = TestCore::sealed(&mut self.tokyo, header, index, &extensions, &payload);
        self.test.bring(self.tokyo.address, &datagram);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send(line, ahead, keyframe) => {
                let sent = self.next_packet(line, ahead, keyframe);
                self.arrives(&sent);
            }
            Step::HoldBack(line, keyframe) => {
                let sent = self.next_packet(line, 1, keyframe);
                self.under_way.push(sent);
            }
            Step::Arrive(which) if !self.under_way.is_empty() => {
                let sent = self.under_way.remove(which.index(self.under_way.len()));
                self.arrives(&sent);
            }
            Step::Retransmit(which) => {
                let pictures = self.under_way.iter().filter(|sent| sent.line != Microphone);
                let pictures: Vec<Sent> = pictures.cloned().collect();
                if !pictures.is_empty() {
                    self.retransmit(which.get(&pictures));
                }
            }
            Step::Again => {
                if let Some(last) = self.last.clone() {
                    self.test.bring(self.tokyo.address, &last.datagram);
                }
            }
            Step::NewSsrc(line, first) => {
                self.next_ssrc += 1;
                let numbers = self.numbers.get_mut(&line).unwrap();
                (numbers.ssrc, numbers.index) = (self.next_ssrc, u64::from(first));
            }
            Step::NewRepairSsrc(line) => {
                self.next_ssrc += 1;
                let numbers = self.numbers.get_mut(&line).unwrap();
                (numbers.repair_ssrc, numbers.repair_index) = (self.next_ssrc, 1);
            }
            Step::NewMicrophone => self.replace_microphone(),
            Step::NewSender => self.test.move_to_new_address(&mut self.tokyo),
            Step::NewListener => self.test.move_to_new_address(&mut self.seoul),
            Step::Codec => {
                self.vp9 = !self.vp9;
                self.test.now += Duration::from_secs(1);
                // Nobody falls silent meanwhile.
                self.test.send_nack(&mut self.seoul, 1, 1);
                self.test.send_nack(&mut self.tokyo, 1, 1);
            }
            Step::Layer(best) => {
                let key = self.test.core.by_id[&self.seoul.id];
                let session = self.test.core.session(key).unwrap();
                session.down.withheld = usize::from(!best);
                self.test
                    .core
                    .choose_layers(self.test.now, &mut self.test.out);
            }
            Step::Stage(on) => {
                self.hearing.on_stage = on;
                if !on {
                    self.hearing.flows = None;
                }
                let scene = if on {
                    on_stage(&["tokyo-1"])
                } else {
                    Scene::default()
                };
                self.test.show(scene);
            }
            Step::Nack(ago) => {
                let stage = self.test.stage_ssrc(&self.seoul);
                if let Some(last) = self.listener.last_picture {
                    let sequence = last.wrapping_sub(ago);
                    self.test.send_nack(&mut self.seoul, stage, sequence);
                }
            }
            Step::Tick => {
                self.test.now += TICK_INTERVAL;
                self.test.core.tick(self.test.now, &mut self.test.out);
            }
            Step::Arrive(_) => {}
        }
    }
}

fn header(payload_type: u8, ssrc: u32, index: u64) -> Outgoing {
    Outgoing {
        payload_type,
        marker: true,
        padded: false,
        sequence: 0,
        timestamp: u32::try_from(index).unwrap().wrapping_mul(3_000),
        ssrc,
        twcc: None,
    }
}

/// What the header of a packet names: its line, and its layer or the layer that it repairs.
fn extensions(
    mid: &'static str,
    rid: Option<&'static [u8]>,
    layer: u8,
) -> Vec<(u8, &'static [u8])> {
    let rid = rid.map(|rid| (layer, rid));
    [(MID_EXTENSION, mid.as_bytes())]
        .into_iter()
        .chain(rid)
        .collect()
}

proptest! {
    #[test]
    fn no_packet_index_is_used_twice_and_listeners_take_all_that_they_are_sent_and_hear_all_that_they_must(
        steps in steps(),
    ) {
        let mut play = Play::new();
        play.take(Step::Stage(true));
        for step in steps {
            play.take(step);
            for datagram in play.test.datagrams(&play.seoul) {
                play.listener.takes(&datagram)?;
            }
        }
        prop_assert_eq!(&play.listener.heard, &play.hearing.heard);
        prop_assert_eq!(play.test.refused_indices(), 0, "the sealer had nothing to refuse");
        prop_assert_eq!(play.test.ungranted_packets(), 0);
    }
}
