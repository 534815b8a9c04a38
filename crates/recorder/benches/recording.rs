//! What a recorded packet costs beside copying it to a file, and how fast a sitting is exported.
//!
//! Figures, and no test: `cargo bench -p plenary-recorder`.

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
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::{Arc, mpsc::channel},
    time::{Duration, Instant},
};

use plenary_ids::{Moment, PersonId, RequestId, RoomId, TakeId};
use plenary_recorder::{
    Limits, MuxOptions, MuxTake, PacketFacts, Recorder, Report, SystemDisk, TakeInfo, TakeSummary,
    mux,
};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;

/// Of one picture: 2.5 Mbit/s at 25 pictures a second.
const PACKETS_OF_A_PICTURE: u64 = 11;
const PAYLOAD_BYTES: usize = 1136;
const BLOCK_BYTES: usize = 64 * 1024;
const PICTURES: u64 = 25 * 60 * 4;
const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::TempDir::new().unwrap();
    let (mut copying, mut recording, mut finishing) = (Vec::new(), Vec::new(), Vec::new());
    let mut takes = Vec::new();
    for round in 0..ROUNDS {
        copying.push(copy(folder.path()));
        let (recorded, finished, take) = record(folder.path(), round);
        recording.push(recorded);
        finishing.push(finished);
        takes.push(take);
    }
    let packets = (PICTURES * PACKETS_OF_A_PICTURE) as f64;
    let nanos = |times: &mut Vec<Duration>| {
        times.sort();
        times.get(times.len() / 2).unwrap().as_nanos() as f64 / packets
    };
    let (copied, recorded) = (nanos(&mut copying), nanos(&mut recording));
    let finished = nanos(&mut finishing);
    println!(
        "CPU of a recorded packet: {recorded:.0} ns; of a packet that is copied to a file in blocks: {copied:.0} ns; ratio {:.2} (median of {ROUNDS}, {packets} packets)",
        recorded / copied
    );
    println!("CPU of index, SHA-256 and name, once a take has ended: {finished:.0} ns a packet");
    export(folder.path(), &takes);
}

/// The CPU time of this process so far.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap(),
        u32::try_from(time.tv_nsec).unwrap(),
    )
}

fn payload(picture: u64, packet: u64) -> Vec<u8> {
    let begins = packet == 0;
    let mut payload = vec![if begins { 0x10 } else { 0 }];
    if begins && picture.is_multiple_of(50) {
        payload.extend([0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);
    } else {
        payload.push(0x11);
    }
    payload.resize(PAYLOAD_BYTES, 9);
    payload
}

/// What is measured against: each payload is copied into a block, and each block goes to a file in one `write`.
fn copy(folder: &Path) -> Duration {
    let payload = payload(1, 1);
    let path = folder.join("copy");
    let mut file = File::create(&path).unwrap();
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    let before = cpu();
    for _ in 0..PICTURES * PACKETS_OF_A_PICTURE {
        if block.len() + payload.len() > BLOCK_BYTES {
            file.write_all(&block).unwrap();
            block.clear();
        }
        block.extend_from_slice(&payload);
    }
    file.write_all(&block).unwrap();
    let spent = cpu() - before;
    std::fs::remove_file(path).unwrap();
    spent
}

/// The same packets through the tap and the writing thread, and then the end of the take.
fn record(folder: &Path, round: usize) -> (Duration, Duration, TakeSummary) {
    let (reported, reports) = channel();
    let recorder = Recorder::start(
        folder.to_owned(),
        Arc::new(SystemDisk),
        Limits {
            min_free_bytes: 0,
            queue_blocks: 4096,
            ..Limits::default()
        },
        Arc::new(move |report| {
            let _ = reported.send(report);
        }),
    )
    .unwrap();
    let mut tap = recorder.tap();
    let start = Instant::now();
    let info = TakeInfo {
        id: TakeId::new(&format!("take{round}")).unwrap(),
        room: RoomId::new("room").unwrap(),
        speech: Some(RequestId(1)),
        participant: PersonId::new("tokyo-1").unwrap(),
        source: Source::Camera,
        language: None,
        began: Moment(1_800_000_000_000 + round as u64 * PICTURES * 40),
    };
    let key = tap.begin(info, start);
    let payloads: Vec<Vec<u8>> = [(0, 0), (1, 0), (1, 1)]
        .into_iter()
        .map(|(picture, packet)| payload(picture, packet))
        .collect();
    let [keyframe, first, later] = payloads.as_slice() else {
        panic!("three payloads");
    };
    let before = cpu();
    for picture in 0..PICTURES {
        let arrival = start + Duration::from_millis(40) * u32::try_from(picture).unwrap();
        for packet in 0..PACKETS_OF_A_PICTURE {
            let begins_sequence = packet == 0 && picture.is_multiple_of(50);
            let facts = PacketFacts {
                codec: Codec::Vp8,
                index: picture * PACKETS_OF_A_PICTURE + packet,
                timestamp: u32::try_from(picture * 3600).unwrap(),
                marker: packet + 1 == PACKETS_OF_A_PICTURE,
                keyframe: begins_sequence,
                layer: 0,
                generation: 1,
                arrival,
            };
            let payload = match (begins_sequence, packet) {
                (true, _) => keyframe,
                (false, 0) => first,
                _ => later,
            };
            let _ = tap.packet(key, facts, payload);
        }
        // A real sender is slower than the disk.
        while recorder.usage().waiting_blocks > 64 {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    tap.flush(start + Duration::from_hours(1));
    while recorder.usage().waiting_blocks > 0 {
        std::thread::sleep(Duration::from_micros(200));
    }
    let recorded = cpu() - before;
    let before = cpu();
    tap.end(
        key,
        start + Duration::from_millis(40) * u32::try_from(PICTURES).unwrap(),
    );
    drop(tap);
    assert!(recorder.close(Duration::from_mins(10)));
    let finished = cpu() - before;
    let take = reports.try_iter().find_map(|report| match report {
        Report::Written(take) => Some(*take),
        _ => None,
    });
    let take = take.unwrap();
    assert_eq!(take.frames, PICTURES);
    (recorded, finished, take)
}

/// Brings the takes together, beside copying the same bytes.
fn export(folder: &Path, takes: &[TakeSummary]) {
    let inputs: Vec<MuxTake> = takes
        .iter()
        .map(|take| MuxTake {
            path: plenary_recorder::take_file(folder, &take.info.room, &take.info.id).unwrap(),
            source: take.info.source,
            language: None,
            is_main: true,
            from: take.from,
            to: take.to,
        })
        .collect();
    let bytes: u64 = takes.iter().map(|take| take.bytes).sum();
    let per_second = |took: Duration| bytes as f64 / 1e6 / took.as_secs_f64();
    let start = Instant::now();
    let mut out = File::create(folder.join("copied")).unwrap();
    for input in &inputs {
        let mut from = File::open(&input.path).unwrap();
        let mut to = BufWriter::with_capacity(1 << 20, &mut out);
        std::io::copy(&mut from, &mut to).unwrap();
        to.flush().unwrap();
    }
    out.sync_all().unwrap();
    let copied = start.elapsed();
    let start = Instant::now();
    let mut out = File::create(folder.join("muxed")).unwrap();
    mux(&inputs, &MuxOptions::default(), &mut out, |_, _| {}).unwrap();
    out.sync_all().unwrap();
    let muxed = start.elapsed();
    println!(
        "Export without transcoding: {:.0} MB/s of {:.0} MB; copying the files on the same disk: {:.0} MB/s (both to fsync)",
        per_second(muxed),
        bytes as f64 / 1e6,
        per_second(copied)
    );
}
