//! A core whose clients are UDP sockets with the far ends of the SRTP keys, for tests and for the benchmark. It stays in
//! this crate, because it drives private types.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "the benchmark uses a part of what tests use, and fails as they do"
)]

use std::{net::UdpSocket, sync::Arc, time::Instant};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{Scene, Want};
use plenary_transport::{
    dtls::{Certificate, KeyAndSalt, SrtpProfile},
    ice,
    peer::PeerAddress,
    udp::Socket,
};
use rtc_rtcp::packet::Packet;

use crate::{
    api::{JoinError, SessionFigures, SessionId},
    core::{Core, Join, Outbox},
    rtp::{self, Header, Outgoing},
    srtp::{Opener, Sealer},
};

const OFFER_HEAD: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3 4\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=setup:actpass\r\na=fingerprint:sha-256 ";

/// The payload types of a media line, and their attributes.
pub type Formats = (&'static str, &'static str);

/// The formats of VP8, as browsers number them.
pub const VP8: Formats = (
    "96 97",
    "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n",
);
/// The formats of another codec, numbered likewise.
pub const VP9: Formats = (
    "98 99",
    "a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=0\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n",
);
/// The formats of another codec, numbered likewise.
pub const H264: Formats = (
    "108 109",
    "a=rtpmap:108 H264/90000\r\na=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n\
     a=rtpmap:109 rtx/90000\r\na=fmtp:109 apt=108\r\n",
);

/// An offer with a microphone, a camera, and slots for a voice, the stage and a tile.
pub fn offer(ssrc: u32, sends: &[Formats], takes: &[Formats]) -> String {
    let line = |mid: u8, kind: &str, direction: &str, formats: &[Formats], more: &str| {
        let (types, attributes): (Vec<_>, Vec<_>) = formats.iter().copied().unzip();
        let (types, attributes) = (types.join(" "), attributes.concat());
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {types}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\n{attributes}{more}"
        )
    };
    let opus: &[Formats] = &[("111", "a=rtpmap:111 opus/48000/2\r\n")];
    let camera = format!(
        "a=ssrc-group:FID {} {}\r\na=ssrc:{} cname:x\r\na=ssrc:{} cname:x\r\n",
        ssrc + 1,
        ssrc + 2,
        ssrc + 1,
        ssrc + 2
    );
    [
        OFFER_HEAD.to_owned(),
        ["AA"; 32].join(":"),
        "\r\n".to_owned(),
        line(
            0,
            "audio",
            "sendonly",
            opus,
            &format!("a=ssrc:{ssrc} cname:x\r\n"),
        ),
        line(1, "video", "sendonly", sends, &camera),
        line(2, "audio", "recvonly", opus, ""),
        line(3, "video", "recvonly", takes, ""),
        line(4, "video", "recvonly", takes, ""),
    ]
    .concat()
}

/// The same offer with VP8, and with the header extension that carries the level of the microphone.
pub fn with_levels(ssrc: u32) -> String {
    let extension = "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n";
    let line = "a=mid:0\r\n";
    offer(ssrc, &[VP8], &[VP8]).replace(line, &format!("{line}{extension}"))
}

/// The same offer with VP8, and with more lines for tiles: their mids begin at 5.
pub fn with_tiles(ssrc: u32, more: usize) -> String {
    let tile = |mid| {
        format!(
            "m=video 9 UDP/TLS/RTP/SAVPF {}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na=recvonly\r\na=rtcp-mux\r\n{}",
            VP8.0, VP8.1
        )
    };
    let mids = 5..5 + more;
    let bundle: Vec<String> = (0..5 + more).map(|mid| mid.to_string()).collect();
    let tiles: String = mids.map(tile).collect();
    let lines = offer(ssrc, &[VP8], &[VP8]) + &tiles;
    lines.replace("BUNDLE 0 1 2 3 4", &format!("BUNDLE {}", bundle.join(" ")))
}

/// The same offer, with feedback on the transport asked for on every receiving line (TWCC).
pub fn with_transport_feedback(offer: &str) -> String {
    let extension =
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    offer.replace("a=recvonly\r\n", &format!("a=recvonly\r\n{extension}\r\n"))
}

/// The number of the header extension that names a packet's line.
pub const MID_EXTENSION: u8 = 4;

/// The same offer, with the header extension that names a packet's line.
pub fn with_mids(offer: &str) -> String {
    let extension = format!("a=extmap:{MID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:mid");
    offer.replace("a=sendonly\r\n", &format!("a=sendonly\r\n{extension}\r\n"))
}

/// The SRTP keys of all clients (1) and of the server towards all of them (2).
pub fn keys(first: u8) -> KeyAndSalt {
    KeyAndSalt {
        key: vec![first; 16],
        salt: vec![first; 12],
    }
}

/// A client that has joined, with its socket and its SRTP keys.
pub struct Client {
    pub id: SessionId,
    pub address: PeerAddress,
    pub socket: UdpSocket,
    pub sealer: Sealer,
    pub opener: Opener,
    pub ssrc: u32,
    pub answer: String,
}

/// An RTP packet that a client received.
#[derive(Debug, PartialEq)]
pub struct ReceivedPacket {
    pub slot_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub payload: Vec<u8>,
    /// The transport-wide sequence number, where one was negotiated.
    pub twcc: Option<u16>,
    pub bytes: usize,
}

pub struct TestCore {
    pub core: Core,
    pub out: Outbox,
    pub socket: Socket,
    pub now: Instant,
    /// The epoch of the last scene.
    epoch: u64,
    /// Sockets at addresses that clients have left: kept, so that nobody else gets an address that is still held.
    left_sockets: Vec<UdpSocket>,
}

impl TestCore {
    pub fn new() -> Self {
        Self::of_worker(0)
    }

    /// The core of one of several workers.
    pub fn of_worker(number: usize) -> Self {
        let certificate = Arc::new(Certificate::generate().unwrap());
        let now = Instant::now();
        Self {
            core: Core::new(number, certificate, Vec::new(), Arc::default(), now),
            out: Outbox::default(),
            socket: Socket::bind("127.0.0.1:0".parse().unwrap(), false).unwrap(),
            now,
            epoch: 0,
            left_sockets: Vec::new(),
        }
    }

    /// Adds a client that supports VP8 only.
    pub fn join(&mut self, name: &str, ssrc: u32) -> Client {
        self.join_with(name, ssrc, &offer(ssrc, &[VP8], &[VP8]))
    }

    /// Adds a client that makes this offer.
    pub fn join_with(&mut self, name: &str, ssrc: u32, offer: &str) -> Client {
        let join = Join {
            room: room(),
            person: person(name),
            offer: offer.to_owned(),
            wants: Vec::new(),
            publish: true,
        };
        let (session_id, answer) = self.core.join(join, self.now, &mut self.out).unwrap();
        let key = self.core.by_id[&session_id];
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = PeerAddress::Udp(socket.local_addr().unwrap());
        let profile = SrtpProfile::Aes128Gcm;
        let counters = Arc::clone(&self.core.counters);
        let session = self.core.session(key).unwrap();
        session.remote = Some(address);
        session.opener = Some(Opener::new(profile, &keys(1)).unwrap());
        session.sealer = Some(Sealer::new(profile, &keys(2), counters).unwrap());
        self.core.follow(key, address, self.now, &mut self.out);
        self.core.arrange(&room(), self.now, &mut self.out);
        Client {
            id: session_id,
            address,
            socket,
            sealer: Sealer::new(profile, &keys(1), Arc::default()).unwrap(),
            opener: Opener::new(profile, &keys(2)).unwrap(),
            ssrc,
            answer,
        }
    }

    /// Moves a client to another address: from there comes a check that nominates it.
    #[cfg(test)]
    pub fn move_to_new_address(&mut self, client: &mut Client) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        client.address = PeerAddress::Udp(socket.local_addr().unwrap());
        let left = std::mem::replace(&mut client.socket, socket);
        self.left_sockets.push(left);
        let check = super::tests::ice::check(&client.answer, "abcd");
        self.bring(client.address, &check);
    }

    /// Makes another offer; returns the answer.
    pub fn renegotiate(&mut self, client: &Client, offer: &str) -> Result<String, JoinError> {
        self.core
            .renegotiate(client.id, offer, &[], self.now, &mut self.out)
    }

    pub fn publish(&mut self, client: &Client, on: bool) {
        self.core
            .set_publishing(client.id, on, self.now, &mut self.out);
    }

    pub fn show(&mut self, scene: Scene) {
        self.epoch += 1;
        self.core
            .show(&room(), self.epoch, scene, self.now, &mut self.out);
    }

    pub fn send_video(&mut self, from: &mut Client, sequence: u16, keyframe: bool) {
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
        self.send_packet(from, 96, from.ssrc + 1, sequence, &payload);
    }

    pub fn send_packet(
        &mut self,
        from: &mut Client,
        payload_type: u8,
        ssrc: u32,
        sequence: u16,
        payload: &[u8],
    ) {
        let header = Outgoing {
            payload_type,
            marker: true,
            padded: false,
            sequence,
            timestamp: u32::from(sequence) * 3000,
            ssrc,
            twcc: None,
        };
        let mut datagram = vec![0; rtp::HEADER_BYTES];
        header.write(&mut datagram).unwrap();
        datagram.extend_from_slice(payload);
        self.seal_and_send(from, ssrc, sequence, rtp::HEADER_BYTES, datagram);
    }

    fn seal_and_send(
        &mut self,
        from: &mut Client,
        ssrc: u32,
        sequence: u16,
        payload_start: usize,
        mut datagram: Vec<u8>,
    ) {
        let length = datagram.len();
        datagram.resize(length + crate::srtp::AUTH_TAG_BYTES, 0);
        let index = u64::from(sequence);
        from.sealer
            .seal_rtp(ssrc, index, payload_start, length, &mut datagram)
            .unwrap();
        let taken = self
            .core
            .datagram(from.address, &mut datagram, self.now, &mut self.out);
        assert!(taken);
    }

    /// A packet of a client's stream, sealed, with these header extensions. Its index is the sequence number, counted on.
    pub fn sealed(
        from: &mut Client,
        header: Outgoing,
        index: u64,
        extensions: &[(u8, &[u8])],
        payload: &[u8],
    ) -> Vec<u8> {
        let mut datagram = vec![0; rtp::HEADER_BYTES];
        let sequence = (index & 0xffff) as u16;
        Outgoing { sequence, ..header }
            .write(&mut datagram)
            .unwrap();
        if !extensions.is_empty() {
            datagram[0] |= 0x10;
            let mut values = Vec::new();
            for (id, value) in extensions {
                values.push(id << 4 | u8::try_from(value.len() - 1).unwrap());
                values.extend_from_slice(value);
            }
            values.resize(values.len().next_multiple_of(4), 0);
            let words = u8::try_from(values.len() / 4).unwrap();
            datagram.extend_from_slice(&[0xbe, 0xde, 0, words]);
            datagram.extend_from_slice(&values);
        }
        let payload_start = datagram.len();
        datagram.extend_from_slice(payload);
        let length = datagram.len();
        datagram.resize(length + crate::srtp::AUTH_TAG_BYTES, 0);
        from.sealer
            .seal_rtp(header.ssrc, index, payload_start, length, &mut datagram)
            .unwrap();
        datagram
    }

    /// Brings a datagram to the core.
    pub fn bring(&mut self, from: PeerAddress, datagram: &[u8]) {
        let mut datagram = datagram.to_vec();
        let taken = self
            .core
            .datagram(from, &mut datagram, self.now, &mut self.out);
        assert!(taken);
    }

    /// Sends a packet whose header names its line, in the extension that [`with_mids`] negotiates.
    pub fn send_on_line(&mut self, from: &mut Client, mid: &str, header: Outgoing, payload: &[u8]) {
        let index = u64::from(header.sequence);
        let extensions = [(MID_EXTENSION, mid.as_bytes())];
        let datagram = Self::sealed(from, header, index, &extensions, payload);
        self.bring(from.address, &datagram);
    }

    /// Sends an audio packet with its level (in -dBov) in extension 1.
    pub fn send_audio(&mut self, from: &mut Client, ssrc: u32, sequence: u16, level: u8) {
        let header = Outgoing {
            payload_type: 111,
            marker: false,
            padded: false,
            sequence,
            timestamp: u32::from(sequence) * 960,
            ssrc,
            twcc: None,
        };
        let mut datagram = vec![0; rtp::HEADER_BYTES];
        header.write(&mut datagram).unwrap();
        datagram[0] |= 0x10;
        datagram.extend_from_slice(&[0xbe, 0xde, 0, 1, 0x10, level, 0, 0]);
        let payload_start = datagram.len();
        datagram.extend_from_slice(b"voice");
        self.seal_and_send(from, ssrc, sequence, payload_start, datagram);
    }

    pub fn send_nack(&mut self, from: &mut Client, ssrc: u32, sequence: u16) {
        use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
            TransportLayerNack, nack_pairs_from_sequence_numbers,
        };
        let nacks = nack_pairs_from_sequence_numbers(&[sequence]);
        let nack = TransportLayerNack {
            sender_ssrc: 1,
            media_ssrc: ssrc,
            nacks,
        };
        self.send_feedback(from, nack);
    }

    /// Sends an RTCP report of a client.
    pub fn send_feedback(&mut self, from: &mut Client, report: impl Packet + 'static) {
        let plain = rtc_rtcp::packet::marshal(&[Box::new(report) as Box<dyn Packet>]).unwrap();
        let mut datagram = from.sealer.seal_rtcp(&plain).unwrap();
        self.core
            .datagram(from.address, &mut datagram, self.now, &mut self.out);
    }

    pub fn figures(&self, client: &Client) -> SessionFigures {
        let mut all = self.core.figures(None, self.now).into_iter();
        all.find(|figures| figures.session == client.id).unwrap()
    }

    /// Sends the queued packets, and those that wait for the rest of their frame.
    pub fn flush(&mut self) {
        if let Some(due) = self.core.next_release() {
            self.core.release_due(due, &mut self.out);
        }
        self.core.fan_out_told(self.now, &mut self.out);
        let flushed = self.socket.send_batch(&mut self.out.batch.udp);
        assert_eq!((flushed.dropped, flushed.blocked), (0, false));
    }

    /// The datagrams that a client has received since the last call, as they came.
    pub fn datagrams(&mut self, client: &Client) -> Vec<Vec<u8>> {
        self.flush();
        let mut buffer = [0; 2048];
        let datagrams = std::iter::from_fn(|| {
            let length = client.socket.recv(&mut buffer).ok()?;
            Some(buffer[..length].to_vec())
        });
        datagrams.collect()
    }

    /// The packets that a client has received since the last call.
    pub fn received(&mut self, client: &mut Client) -> Vec<ReceivedPacket> {
        let mut got = Vec::new();
        for mut datagram in self.datagrams(client) {
            let datagram = datagram.as_mut_slice();
            if ice::classify(datagram) == Some(ice::Datagram::Rtp) {
                let opened = client.opener.open_rtp(datagram);
                let length = opened.expect("sealed for this client").length;
                let header = Header::parse(&datagram[..length]).unwrap();
                got.push(ReceivedPacket {
                    slot_type: header.payload_type,
                    sequence: header.sequence,
                    timestamp: header.timestamp,
                    payload: header.payload(&datagram[..length]).to_vec(),
                    twcc: header
                        .extensions(datagram)
                        .next()
                        .map(|(_, value)| u16::from_be_bytes(*value.first_chunk().unwrap())),
                    bytes: length,
                });
            }
        }
        got
    }

    pub fn ungranted_packets(&self) -> u64 {
        self.core.counters.snapshot().ungranted_packets_forwarded
    }

    pub fn ungranted_packets_recorded(&self) -> u64 {
        self.core.counters.snapshot().ungranted_packets_recorded
    }

    pub fn refused_indices(&self) -> u64 {
        self.core.counters.snapshot().indices_refused
    }

    pub fn stage_ssrc(&mut self, client: &Client) -> u32 {
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

/// The SSRC and the sequence number of a datagram, if it is a packet of media for this client.
pub fn media_number(client: &mut Client, datagram: &mut [u8]) -> Option<(u32, u16)> {
    if ice::classify(datagram) != Some(ice::Datagram::Rtp) {
        return None;
    }
    let length = client
        .opener
        .open_rtp(datagram)
        .expect("sealed for it")
        .length;
    let header = Header::parse(&datagram[..length])?;
    Some((header.ssrc, header.sequence))
}

pub fn room() -> RoomId {
    RoomId::new("climate").unwrap()
}

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

pub fn people(names: &[&str]) -> Vec<PersonId> {
    names.iter().map(|name| person(name)).collect()
}

/// A scene with these participants on stage with video and voice in this order, and nobody in a tile.
pub fn on_stage(names: &[&str]) -> Scene {
    Scene {
        stage: people(names),
        voices: people(names),
        ..Scene::default()
    }
}

/// A scene with these participants in tiles, without voices.
pub fn in_gallery(names: &[&str]) -> Scene {
    Scene {
        gallery: people(names).into_iter().collect(),
        ..Scene::default()
    }
}
