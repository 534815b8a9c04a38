//! Scenes played through a core, with clients that are a UDP socket and the far ends of the SRTP keys.

use std::net::UdpSocket;

use plenary_transport::{
    dtls::{KeyAndSalt, SrtpProfile},
    udp::Socket,
};
use proptest::prelude::*;

use super::*;
use crate::{
    api::{Reach, Source, Want},
    rtp,
    rtp::Header,
};

const OFFER_HEAD: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3 4\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=setup:actpass\r\na=fingerprint:sha-256 ";

fn offer(ssrc: u32) -> String {
    let line = |mid: u8, kind: &str, direction: &str, format: &str, more: &str| {
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {format}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\n{more}"
        )
    };
    let (opus, vp8) = (
        "a=rtpmap:111 opus/48000/2\r\n",
        "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n",
    );
    let microphone = format!("{opus}a=ssrc:{ssrc} cname:x\r\n");
    let camera = format!(
        "{vp8}a=ssrc-group:FID {} {}\r\na=ssrc:{} cname:x\r\na=ssrc:{} cname:x\r\n",
        ssrc + 1,
        ssrc + 2,
        ssrc + 1,
        ssrc + 2
    );
    [
        OFFER_HEAD.to_owned(),
        ["AA"; 32].join(":"),
        "\r\n".to_owned(),
        line(0, "audio", "sendonly", "111", &microphone),
        line(1, "video", "sendonly", "96 97", &camera),
        line(2, "audio", "recvonly", "111", opus),
        line(3, "video", "recvonly", "96 97", vp8),
        line(4, "video", "recvonly", "96 97", vp8),
    ]
    .concat()
}

fn keys(first: u8) -> KeyAndSalt {
    KeyAndSalt {
        key: vec![first; 16],
        salt: vec![first; 12],
    }
}

/// A seated client: what it receives, and the keys it seals with.
struct Client {
    id: SessionId,
    address: SocketAddr,
    socket: UdpSocket,
    sealer: Sealer,
    opener: Opener,
    ssrc: u32,
}

/// What a client received.
#[derive(Debug, PartialEq)]
struct Got {
    slot_type: u8,
    sequence: u16,
    timestamp: u32,
    payload: Vec<u8>,
}

struct Hall {
    core: Core,
    out: Outbox,
    socket: Socket,
    now: Instant,
}

impl Hall {
    fn new() -> Self {
        let certificate = Arc::new(Certificate::generate().unwrap());
        let now = Instant::now();
        Self {
            core: Core::new(0, certificate, Vec::new(), Arc::default(), now),
            out: Outbox::default(),
            socket: Socket::bind("127.0.0.1:0".parse().unwrap(), false).unwrap(),
            now,
        }
    }

    fn seat(&mut self, name: &str, ssrc: u32) -> Client {
        let joined = self
            .core
            .join(room(), person(name), &offer(ssrc), &[], true, self.now)
            .unwrap();
        let key = self.core.by_id[&joined.session];
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let profile = SrtpProfile::Aes128Gcm;
        let session = self.core.session(key).unwrap();
        session.remote = Some(address);
        session.opener = Some(Opener::new(profile, &keys(1)).unwrap());
        session.sealer = Some(Sealer::new(profile, &keys(2)).unwrap());
        self.core.by_address.insert(address, key);
        self.core.arrange(&room(), self.now, &mut self.out);
        Client {
            id: joined.session,
            address,
            socket,
            sealer: Sealer::new(profile, &keys(1)).unwrap(),
            opener: Opener::new(profile, &keys(2)).unwrap(),
            ssrc,
        }
    }

    fn gate(&mut self, epoch: u64, allow: &[(&str, Source, Reach)]) {
        let allow = allow
            .iter()
            .map(|(name, source, reach)| ((person(name), *source), *reach))
            .collect();
        self.core
            .set_gate(&room(), Gate { epoch, allow }, self.now, &mut self.out);
    }

    fn program(&mut self, stage: &[&str], tiles: &[&str]) {
        let people = |names: &[&str]| names.iter().map(|name| person(name)).collect::<Vec<_>>();
        let program = Program {
            stage: people(stage),
            voices: people(stage),
            tiles: people(tiles),
        };
        self.core
            .set_program(&room(), program, self.now, &mut self.out);
    }

    fn picture(&mut self, from: &mut Client, sequence: u16, keyframe: bool) {
        let payload = [
            0x90,
            0xe0,
            0x80,
            sequence.to_be_bytes()[1],
            7,
            0x20,
            u8::from(!keyframe),
            b'p',
        ];
        self.packet(from, 96, from.ssrc + 1, sequence, &payload);
    }

    fn packet(
        &mut self,
        from: &mut Client,
        payload_type: u8,
        ssrc: u32,
        sequence: u16,
        payload: &[u8],
    ) {
        let mut datagram = vec![0; rtp::HEADER];
        rtp::write(
            &mut datagram,
            payload_type,
            true,
            sequence,
            u32::from(sequence) * 3000,
            ssrc,
        )
        .unwrap();
        datagram.extend_from_slice(payload);
        let length = datagram.len();
        datagram.resize(length + crate::srtp::OVERHEAD, 0);
        from.sealer
            .seal_rtp(
                ssrc,
                u64::from(sequence),
                rtp::HEADER,
                length,
                &mut datagram,
            )
            .unwrap();
        assert!(
            self.core
                .datagram(from.address, &mut datagram, self.now, &mut self.out)
        );
    }

    fn ask_again(&mut self, from: &mut Client, ssrc: u32, sequence: u16) {
        use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
            TransportLayerNack, nack_pairs_from_sequence_numbers,
        };
        let nacks = nack_pairs_from_sequence_numbers(&[sequence]);
        let nack = TransportLayerNack {
            sender_ssrc: 1,
            media_ssrc: ssrc,
            nacks,
        };
        let plain =
            rtc_rtcp::packet::marshal(&[Box::new(nack) as Box<dyn rtc_rtcp::packet::Packet>])
                .unwrap();
        let mut datagram = from.sealer.seal_rtcp(&plain).unwrap();
        self.core
            .datagram(from.address, &mut datagram, self.now, &mut self.out);
    }

    /// Everything that has reached a client since the last time.
    fn received(&mut self, client: &mut Client) -> Vec<Got> {
        let flushed = self.socket.send_batch(&mut self.out.batch);
        assert_eq!((flushed.dropped, flushed.blocked), (0, false));
        let mut buffer = [0; 2048];
        let mut got = Vec::new();
        while let Ok(length) = client.socket.recv(&mut buffer) {
            let datagram = &mut buffer[..length];
            if ice::classify(datagram) == Some(ice::Datagram::Rtp) {
                let length = client
                    .opener
                    .open_rtp(datagram)
                    .expect("sealed for this client");
                let header = Header::parse(&datagram[..length]).unwrap();
                got.push(Got {
                    slot_type: header.payload_type,
                    sequence: header.sequence,
                    timestamp: header.timestamp,
                    payload: header.payload(&datagram[..length]).to_vec(),
                });
            }
        }
        got
    }

    fn ungranted(&self) -> u64 {
        self.core.counters.snapshot().ungranted_packets_forwarded
    }

    fn stage_ssrc(&mut self, client: &Client) -> u32 {
        let key = self.core.by_id[&client.id];
        self.core
            .session(key)
            .unwrap()
            .slots
            .iter()
            .find(|slot| slot.want == Want::Stage)
            .unwrap()
            .ssrc
    }
}

fn room() -> RoomId {
    RoomId::new("climate").unwrap()
}

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

#[test]
fn nothing_flows_before_a_grant_and_nothing_after_a_revoke_not_even_a_repair() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.program(&["tokyo-1"], &["tokyo-1"]);
    hall.picture(&mut tokyo, 10, true);
    hall.packet(&mut tokyo, 111, 100, 1, b"voice");
    assert_eq!(hall.received(&mut seoul), []);

    hall.gate(
        1,
        &[
            ("tokyo-1", Source::Camera, Reach::Stage),
            ("tokyo-1", Source::Microphone, Reach::Stage),
        ],
    );
    hall.picture(&mut tokyo, 11, true);
    hall.packet(&mut tokyo, 111, 100, 2, b"voice");
    let flowing = hall.received(&mut seoul);
    assert_eq!(
        flowing.iter().filter(|got| got.slot_type == 96).count(),
        2,
        "stage and tile"
    );
    assert_eq!(
        flowing.iter().filter(|got| got.payload == b"voice").count(),
        1
    );
    assert_eq!(hall.received(&mut tokyo), [], "never oneself");

    let ssrc = hall.stage_ssrc(&seoul);
    let sequence = flowing
        .iter()
        .find(|got| got.slot_type == 96)
        .unwrap()
        .sequence;
    let sequences = [
        sequence,
        flowing
            .iter()
            .rfind(|got| got.slot_type == 96)
            .unwrap()
            .sequence,
    ];
    for sequence in sequences {
        hall.ask_again(&mut seoul, ssrc, sequence);
    }
    let repaired = hall.received(&mut seoul);
    assert!(repaired.iter().all(|got| got.slot_type == 97) && !repaired.is_empty());

    hall.gate(2, &[]);
    hall.picture(&mut tokyo, 12, true);
    hall.packet(&mut tokyo, 111, 100, 3, b"voice");
    for sequence in sequences {
        hall.ask_again(&mut seoul, ssrc, sequence);
    }
    assert_eq!(hall.received(&mut seoul), []);
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_change_of_speaker_is_one_continuous_stream_that_begins_at_a_keyframe() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    let mut taipei = hall.seat("taipei-1", 300);
    hall.gate(
        1,
        &[
            ("tokyo-1", Source::Camera, Reach::Stage),
            ("seoul-1", Source::Camera, Reach::Stage),
        ],
    );
    hall.program(&["tokyo-1"], &[]);
    hall.picture(&mut seoul, 500, true);
    hall.picture(&mut tokyo, 10, true);
    hall.picture(&mut tokyo, 11, false);
    let first = hall.received(&mut taipei);
    assert_eq!(first.len(), 2);

    hall.program(&["seoul-1"], &[]);
    hall.now += Duration::from_millis(40);
    hall.picture(&mut tokyo, 12, false);
    hall.picture(&mut seoul, 501, false);
    assert_eq!(
        hall.received(&mut taipei),
        [],
        "an interframe of the new one is of no use"
    );
    hall.picture(&mut seoul, 502, true);
    let next = hall.received(&mut taipei);
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].sequence, first[1].sequence.wrapping_add(1));
    assert_eq!(next[0].timestamp, first[1].timestamp.wrapping_add(3600));
    assert_eq!(
        next[0].payload[3],
        first[1].payload[3] + 1,
        "the picture id goes on"
    );
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_camera_with_the_reach_of_a_tile_never_gets_on_stage() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.gate(1, &[("tokyo-1", Source::Camera, Reach::Stage)]);
    hall.program(&["tokyo-1"], &["tokyo-1"]);
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(hall.received(&mut seoul).len(), 2);
    hall.gate(2, &[("tokyo-1", Source::Camera, Reach::Tile)]);
    hall.picture(&mut tokyo, 11, true);
    assert_eq!(hall.received(&mut seoul).len(), 1);
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_device_that_does_not_publish_is_not_forwarded_though_its_person_has_the_floor() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.gate(1, &[("tokyo-1", Source::Camera, Reach::Stage)]);
    hall.program(&["tokyo-1"], &[]);
    hall.core
        .set_publishing(tokyo.id, false, hall.now, &mut hall.out);
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(hall.received(&mut seoul), []);
    hall.core
        .set_publishing(tokyo.id, true, hall.now, &mut hall.out);
    hall.picture(&mut tokyo, 11, true);
    assert_eq!(hall.received(&mut seoul).len(), 1);
}

#[test]
fn padding_leaves_no_gap_in_the_slot() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.gate(1, &[("tokyo-1", Source::Camera, Reach::Stage)]);
    hall.program(&["tokyo-1"], &[]);
    hall.picture(&mut tokyo, 10, true);
    hall.packet(&mut tokyo, 96, 101, 11, b"");
    hall.picture(&mut tokyo, 12, false);
    let got = hall.received(&mut seoul);
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].sequence, got[0].sequence.wrapping_add(1));
}

#[test]
fn the_audit_counts_what_a_faulty_gate_lets_through() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.gate(1, &[("tokyo-1", Source::Camera, Reach::Stage)]);
    hall.program(&["tokyo-1"], &[]);
    hall.core
        .rooms
        .get_mut(&room())
        .unwrap()
        .audit
        .note(&Gate::default());
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(hall.received(&mut seoul).len(), 1);
    assert_eq!(hall.ungranted(), 1);
}

#[test]
fn who_leaves_and_who_falls_silent_is_gone_from_every_slot() {
    let mut hall = Hall::new();
    let (mut tokyo, seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.gate(1, &[("tokyo-1", Source::Camera, Reach::Stage)]);
    hall.program(&["tokyo-1"], &[]);
    hall.picture(&mut tokyo, 10, true);
    hall.out.events.clear();
    hall.core.leave(tokyo.id, hall.now, &mut hall.out);
    let emptied = hall.out.events.iter().any(|event| {
        matches!(event, MediaEvent::Slots { session, slots } if *session == seoul.id && slots.iter().all(|slot| slot.shows.is_none()))
    });
    assert!(emptied);
    hall.core.tick(hall.now + SILENCE, &mut hall.out);
    assert!(hall.out.events.contains(&MediaEvent::Disconnected {
        session: seoul.id,
        why: Lost::Silence
    }));
    assert!(
        hall.core.by_address.is_empty()
            && hall.core.by_id.is_empty()
            && hall.core.by_ufrag.is_empty()
    );
}

proptest! {
    #[test]
    fn rubbish_never_panics_from_strangers_nor_sealed_by_a_client(
        datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..20),
    ) {
        let mut hall = Hall::new();
        let (mut tokyo, seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
        hall.gate(1, &[("tokyo-1", Source::Camera, Reach::Stage), ("tokyo-1", Source::Microphone, Reach::Stage)]);
        hall.program(&["tokyo-1"], &["tokyo-1"]);
        for (sequence, bytes) in (1_u16..).zip(&datagrams) {
            hall.core.datagram(seoul.address, &mut bytes.clone(), hall.now, &mut hall.out);
            hall.packet(&mut tokyo, 96, 101, sequence, bytes);
            hall.packet(&mut tokyo, 97, 102, sequence, bytes);
            let mut compound = vec![0x80, 201, 0, 1, 0, 0, 0, 9];
            compound.extend_from_slice(bytes);
            if let Some(mut sealed) = tokyo.sealer.seal_rtcp(&compound) {
                hall.core.datagram(tokyo.address, &mut sealed, hall.now, &mut hall.out);
            }
            hall.now += TICK;
            hall.core.tick(hall.now, &mut hall.out);
        }
        prop_assert_eq!(hall.ungranted(), 0);
    }
}
