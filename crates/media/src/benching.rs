//! A core with many listeners and no network before it, for the benchmark in `benches/`.

#![allow(
    clippy::indexing_slicing,
    reason = "the payload of the benchmark is longer than its descriptor"
)]

use std::{net::UdpSocket, time::Duration};

use crate::{
    core::test_core::{Client, TestCore, VP8, offer, on_stage, room, with_transport_feedback},
    rtp::Outgoing,
    spread::Frame,
};

/// One publisher on stage whose picture goes to many listeners, each with a UDP socket and the key of its own session.
pub struct Hall {
    test: TestCore,
    publisher: Client,
    index: u64,
    frames: u32,
    payload: Vec<u8>,
}

const PUBLISHER: &str = "tokyo-1";
/// The VP8 descriptor of a packet that begins a picture (RFC 7741, section 4).
const VP8_DESCRIPTOR: [u8; 6] = [0x90, 0xe0, 0x80, 0, 0, 0x20];
/// The distance of two frames on the clock of pictures, at 30 a second.
const FRAME_TICKS: u32 = 3000;
/// The time between two frames.
const FRAME_INTERVAL: Duration = Duration::from_micros(33_333);

impl Hall {
    /// A hall with that many listeners, whose packets have payloads of so many bytes.
    pub fn open(listeners: usize, payload_bytes: usize) -> (Self, Vec<UdpSocket>) {
        let mut test = TestCore::new();
        let publisher = test.join(PUBLISHER, 1000);
        let sockets = seat(&mut test, listeners);
        let hall = Self {
            test,
            publisher,
            index: 0,
            frames: 0,
            payload: vec![b'p'; payload_bytes],
        };
        (hall, sockets)
    }

    /// The same hall with as many listeners on another worker.
    pub fn open_on_two(listeners: usize, payload_bytes: usize) -> (Self, Annex, Vec<UdpSocket>) {
        let (mut hall, mut sockets) = Self::open(listeners, payload_bytes);
        let mut annex = TestCore::of_worker(1);
        sockets.extend(seat(&mut annex, listeners));
        for (test, other) in [(&mut hall.test, 1), (&mut annex, 0)] {
            test.core
                .serve_with(&room(), vec![other], test.now, &mut test.out);
        }
        (hall, Annex { test: annex }, sockets)
    }

    /// What the other worker is told since the last call.
    pub fn messages(&mut self) -> impl Iterator<Item = Message> {
        let frames = self.test.out.frames.drain(..);
        frames.map(|(_, frame)| Message(frame))
    }

    /// Sends to the listeners here what [`Self::messages`] has told the other worker.
    pub fn fan_out_told(&mut self) {
        let TestCore { core, out, now, .. } = &mut self.test;
        core.fan_out_told(*now, out);
        send(&mut self.test);
    }

    /// The packets of the next frame, as they would arrive, of which the last has the marker. The first frame is a keyframe.
    pub fn next_frame(&mut self, packets: usize) -> Vec<Vec<u8>> {
        self.frames += 1;
        hear_everybody(&mut self.test);
        let sealed = (1..=packets).map(|number| {
            self.index += 1;
            let header = Outgoing {
                payload_type: 96,
                marker: number == packets,
                padded: false,
                sequence: 0,
                timestamp: self.frames.wrapping_mul(FRAME_TICKS),
                ssrc: self.publisher.ssrc + 1,
                twcc: None,
            };
            let [.., picture] = self.frames.to_be_bytes();
            let (descriptor, _) = self.payload.split_at_mut(VP8_DESCRIPTOR.len() + 1);
            descriptor[..VP8_DESCRIPTOR.len()].copy_from_slice(&VP8_DESCRIPTOR);
            // Only the first packet of a frame begins a partition.
            descriptor[0] = if number == 1 { 0x90 } else { 0x80 };
            descriptor[3] = picture;
            descriptor[6] = u8::from(self.frames > 1);
            TestCore::sealed(&mut self.publisher, header, self.index, &[], &self.payload)
        });
        sealed.collect()
    }

    /// Brings the packets of a frame to the core, and sends what they cause.
    pub fn forward(&mut self, frame: &mut [Vec<u8>]) {
        let TestCore { core, out, now, .. } = &mut self.test;
        *now += FRAME_INTERVAL;
        for packet in frame {
            core.datagram(self.publisher.address, packet, *now, out);
        }
        send(&mut self.test);
    }

    /// How many packets were forwarded so far.
    pub fn forwarded(&self) -> u64 {
        self.test.core.counters.snapshot().packets_forwarded
    }

    /// Lets the core do what is due at a tick.
    pub fn tick(&mut self) {
        let TestCore { core, out, now, .. } = &mut self.test;
        core.tick(*now, out);
        out.events.clear();
        out.addresses.clear();
        send(&mut self.test);
    }
}

/// The listeners of a hall on another worker.
pub struct Annex {
    test: TestCore,
}

/// What one worker tells another.
#[derive(Debug)]
pub struct Message(Frame);

impl Annex {
    /// Takes what it is told, and sends what that causes.
    pub fn take(&mut self, message: Message) {
        hear_everybody(&mut self.test);
        let TestCore { core, out, now, .. } = &mut self.test;
        *now += FRAME_INTERVAL;
        core.take_frame(message.0, *now, out);
        out.frames.clear();
        send(&mut self.test);
    }

    /// How many packets were forwarded so far.
    pub fn forwarded(&self) -> u64 {
        self.test.core.counters.snapshot().packets_forwarded
    }
}

/// Sends the packets that the core has put into the batch.
fn send(test: &mut TestCore) {
    while test.socket.send_batch(&mut test.out.batch.udp).blocked {}
}

/// Joins listeners, after the scene that puts the publisher on stage.
fn seat(test: &mut TestCore, listeners: usize) -> Vec<UdpSocket> {
    test.show(on_stage(&[PUBLISHER]));
    let sockets = (0..listeners).map(|number| {
        let ssrc = 100_000 + u32::try_from(number).unwrap_or(0) * 10;
        let offer = with_transport_feedback(&offer(ssrc, &[VP8], &[VP8]));
        test.join_with(&format!("listener-{number}"), ssrc, &offer)
            .socket
    });
    sockets.collect()
}

/// The clients would be heard from time to time.
fn hear_everybody(test: &mut TestCore) {
    for session in test.core.sessions.values_mut() {
        session.last_received = test.now;
    }
}

impl std::fmt::Debug for Annex {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Annex({} packets)", self.forwarded())
    }
}

impl std::fmt::Debug for Hall {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Hall({} packets)", self.index)
    }
}
