//! What forwarding one packet to one listener costs, beside the least that it can cost: copying it, sealing it with `ring`
//! and sending it in trains of eight (UDP GSO).
//!
//! Figures, and no test: `cargo bench -p plenary-media --features benching`. With `once LISTENERS FRAMES` it only forwards,
//! for a profiler that counts instructions.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::similar_names,
    clippy::unchecked_time_subtraction,
    reason = "a program for figures"
)]

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::sync_channel,
    },
    time::{Duration, Instant},
};

use nix::{
    sys::socket::{setsockopt, sockopt::UdpGsoSegment},
    time::{ClockId, clock_gettime},
};
use plenary_media::benching::{Hall, Message};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// A picture of 2.3 Mbit/s: 30 frames a second, each of eight packets of 1,200 bytes.
const PACKETS_A_FRAME: usize = 8;
const PAYLOAD_BYTES: usize = 1172;
const HEADER_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const PACKET_BYTES: usize = HEADER_BYTES + PAYLOAD_BYTES + TAG_BYTES;
const FRAMES_A_ROUND: usize = 60;
const FRAMES_A_SECOND: usize = 30;
const TICKS_A_SECOND: usize = 50;
const ROUNDS: usize = 15;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, once, listeners, frames, ..] = words.as_slice()
        && once == "once"
    {
        forward_only(listeners.parse().unwrap(), frames.parse().unwrap());
        return;
    }
    for listeners in [50, 200] {
        compare(listeners);
    }
    compare_threads(400);
}

/// How many packets a second two threads forward to the listeners of one room beside one thread, all as fast as they can.
fn compare_threads(listeners: usize) {
    let (mut ones, mut twos, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (mut hall, sockets) = Hall::open(listeners, PAYLOAD_BYTES);
        let one = packets_a_second(FRAMES_A_ROUND, &mut hall, |_| ());
        drop(sockets);
        let (mut hall, mut annex, sockets) = Hall::open_on_two(listeners / 2, PAYLOAD_BYTES);
        let (sender, messages) = sync_channel::<Message>(FRAMES_A_ROUND);
        let begins = Instant::now();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                for message in messages {
                    annex.take(message);
                }
            });
            packets_a_second(FRAMES_A_ROUND, &mut hall, |hall| {
                hall.messages().for_each(|it| sender.send(it).unwrap());
                hall.fan_out_told();
            });
            drop(sender);
            other.join().unwrap();
        });
        let both = hall.forwarded() + annex.forwarded();
        let two = both as f64 / begins.elapsed().as_secs_f64();
        assert_eq!(hall.forwarded(), annex.forwarded());
        drop(sockets);
        ones.push(one);
        twos.push(two);
        ratios.push(two / one);
    }
    println!(
        "{listeners} listeners: {} packets a second on one thread, {} on two; ratio {} ({ROUNDS} rounds)",
        spread(&mut ones),
        spread(&mut twos),
        spread(&mut ratios)
    );
}

fn packets_a_second(frames: usize, hall: &mut Hall, mut tell: impl FnMut(&mut Hall)) -> f64 {
    let begins = Instant::now();
    for _ in 0..frames {
        let mut frame = hall.next_frame(PACKETS_A_FRAME);
        hall.forward(&mut frame);
        tell(hall);
    }
    hall.forwarded() as f64 / begins.elapsed().as_secs_f64()
}

fn forward_only(listeners: usize, frames: usize) {
    let (mut hall, _sockets) = Hall::open(listeners, PAYLOAD_BYTES);
    for _ in 0..frames {
        let mut frame = hall.next_frame(PACKETS_A_FRAME);
        hall.forward(&mut frame);
    }
    println!(
        "{} packets were forwarded to {listeners} listeners",
        hall.forwarded()
    );
}

fn compare(listeners: usize) {
    let (mut hall, sockets) = Hall::open(listeners, PAYLOAD_BYTES);
    let addresses: Vec<SocketAddr> = sockets.iter().map(|it| it.local_addr().unwrap()).collect();
    let mut least = Least::new(addresses);
    let readers = Readers::start(sockets);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (limit, sealed) = least.round();
        let (spent, sent) = ours_round(&mut hall);
        assert_eq!(sealed, FRAMES_A_ROUND * PACKETS_A_FRAME * listeners);
        assert_eq!(sent, sealed, "every packet of the hall is forwarded");
        if round == 0 {
            continue; // memory and caches are warm from here on
        }
        ours.push(spent / sent as f64 * 1e6);
        theirs.push(limit / sealed as f64 * 1e6);
        ratios.push(spent / limit);
    }
    drop(readers);
    println!(
        "{listeners} listeners: {} µs of CPU a forwarded packet; sealing and trains of eight alone {} µs; ratio {} ({ROUNDS} rounds)",
        spread(&mut ours),
        spread(&mut theirs),
        spread(&mut ratios)
    );
}

/// A median, and the least and most.
fn spread(values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    format!(
        "{:.2} ({:.2} to {:.2})",
        values[values.len() / 2],
        values[0],
        values[values.len() - 1]
    )
}

/// Forwards the frames of a round, with the ticks of their time; returns the CPU in seconds and the packets of media.
fn ours_round(hall: &mut Hall) -> (f64, usize) {
    let (mut spent, before) = (0.0, hall.forwarded());
    for number in 0..FRAMES_A_ROUND {
        let mut frame = hall.next_frame(PACKETS_A_FRAME);
        let begins = thread_time();
        hall.forward(&mut frame);
        let ticks = |frames: usize| frames * TICKS_A_SECOND / FRAMES_A_SECOND;
        for _ in ticks(number)..ticks(number + 1) {
            hall.tick();
        }
        spent += (thread_time() - begins).as_secs_f64();
    }
    (spent, usize::try_from(hall.forwarded() - before).unwrap())
}

fn thread_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .unwrap()
        .into()
}

/// The least that a forwarder does: one copy and one sealing for each packet and listener, one system call for a train.
struct Least {
    socket: UdpSocket,
    listeners: Vec<(SocketAddr, LessSafeKey)>,
    plain: [u8; HEADER_BYTES + PAYLOAD_BYTES],
    train: Vec<u8>,
    count: u64,
}

impl Least {
    fn new(addresses: Vec<SocketAddr>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        setsockopt(
            &socket,
            UdpGsoSegment,
            &i32::try_from(PACKET_BYTES).unwrap(),
        )
        .unwrap();
        let key = |number: usize| {
            let mut key = [7; 16];
            key[..8].copy_from_slice(&number.to_be_bytes());
            LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap())
        };
        let listeners = addresses.into_iter().enumerate();
        Self {
            socket,
            listeners: listeners.map(|(number, to)| (to, key(number))).collect(),
            plain: [b'p'; HEADER_BYTES + PAYLOAD_BYTES],
            train: vec![0; PACKETS_A_FRAME * PACKET_BYTES],
            count: 0,
        }
    }

    fn round(&mut self) -> (f64, usize) {
        let before = thread_time();
        let mut sealed = 0;
        for _ in 0..FRAMES_A_ROUND {
            self.count += 1;
            for (to, key) in &self.listeners {
                for (number, packet) in self.train.chunks_exact_mut(PACKET_BYTES).enumerate() {
                    let (plain, tag) = packet.split_at_mut(HEADER_BYTES + PAYLOAD_BYTES);
                    plain.copy_from_slice(&self.plain);
                    let mut nonce = [0; 12];
                    let index = self.count * PACKETS_A_FRAME as u64 + number as u64;
                    nonce[4..].copy_from_slice(&index.to_be_bytes());
                    let (header, payload) = plain.split_at_mut(HEADER_BYTES);
                    let nonce = Nonce::assume_unique_for_key(nonce);
                    let sealed = key.seal_in_place_separate_tag(nonce, Aad::from(header), payload);
                    tag.copy_from_slice(sealed.unwrap().as_ref());
                }
                self.socket.send_to(&self.train, to).unwrap();
                sealed += PACKETS_A_FRAME;
            }
        }
        ((thread_time() - before).as_secs_f64(), sealed)
    }
}

/// Reads what arrives at the listeners, on a thread of its own, whose CPU time counts for nobody.
struct Readers {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Readers {
    fn start(sockets: Vec<UdpSocket>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 2048];
            while !stopped.load(Relaxed) {
                for socket in &sockets {
                    while socket.recv(&mut buffer).is_ok() {}
                }
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
