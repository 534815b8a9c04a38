//! A meeting in the making: senders with their own clocks, a recorder in a folder of its own, and what it reports.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use plenary_ids::{Language, Moment, PersonId, RequestId, RoomId, TakeId};
use plenary_library::{Frame, Library, TrackInfo};
use plenary_recorder::{
    Disk, Limits, PacketFacts, Recorder, Report, SystemDisk, TakeInfo, TakeKey, TakeSummary, Tap,
};
use plenary_scene::Source;
use plenary_testkit::recording::{VP8, VP8_KEY};
use plenary_transport::sdp::Codec;
use rtc_rtp::{
    codec::{h264::H264Payloader, opus::OpusPayloader, vp8::Vp8Payloader, vp9::Vp9Payloader},
    packetizer::Payloader,
};
use tempfile::TempDir;

/// What no test should have to wait for.
pub const WITHIN: Duration = Duration::from_secs(20);

pub struct Meeting {
    pub folder: TempDir,
    pub recorder: Option<Recorder>,
    pub reports: Receiver<Report>,
    pub tap: Tap,
    pub start: Instant,
}

/// When the meeting began, by the wall clock.
pub const BEGAN: Moment = Moment(1_800_000_000_000);

impl Meeting {
    pub fn new() -> Self {
        let limits = Limits {
            min_free_bytes: 0,
            ..Limits::default()
        };
        Self::on(Arc::new(SystemDisk), limits)
    }

    pub fn on(disk: Arc<dyn Disk>, limits: Limits) -> Self {
        let folder = TempDir::new().unwrap();
        let (sender, reports) = channel();
        let report = Arc::new(move |report| {
            let _ = sender.send(report);
        });
        let recorder = Recorder::start(folder.path().to_owned(), disk, limits, report).unwrap();
        Self {
            folder,
            tap: recorder.tap(),
            recorder: Some(recorder),
            reports,
            start: Instant::now(),
        }
    }

    pub fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    pub fn begin(&mut self, id: &str, source: Source, ms: u64) -> TakeKey {
        let info = info(id, source, ms);
        let at = self.at(ms);
        self.tap.begin(info, at)
    }

    pub fn end(&mut self, key: TakeKey, ms: u64) {
        let at = self.at(ms);
        self.tap.end(key, at);
    }

    /// Ends everything; what was written, in the order of their names.
    pub fn close(mut self) -> (TempDir, Vec<TakeSummary>) {
        let recorder = self.recorder.take().unwrap();
        drop(self.tap);
        assert!(recorder.close(WITHIN));
        let mut written: Vec<TakeSummary> = Vec::new();
        for report in self.reports.try_iter() {
            match report {
                Report::Written(summary) => written.push(*summary),
                other => panic!("{other:?}"),
            }
        }
        written.sort_by(|a, b| a.info.id.cmp(&b.info.id));
        (self.folder, written)
    }
}

pub fn info(id: &str, source: Source, ms: u64) -> TakeInfo {
    TakeInfo {
        id: TakeId::new(id).unwrap(),
        room: RoomId::new("climate").unwrap(),
        speech: Some(RequestId(17)),
        participant: PersonId::new("tokyo-1").unwrap(),
        source,
        language: id
            .strip_prefix("lang-")
            .map(|it| Language::new(it).unwrap()),
        began: Moment(BEGAN.0 + ms),
    }
}

/// One stream of packets.
pub struct Stream {
    pub codec: Codec,
    pub layer: u8,
    pub generation: u64,
    pub index: u64,
    pub timestamp: u32,
    payloader: Box<dyn Payloader>,
}

#[derive(Debug, Clone)]
pub struct Packet {
    pub facts: PacketFacts,
    pub payload: Bytes,
}

impl Stream {
    pub fn new(codec: Codec) -> Self {
        let payloader: Box<dyn Payloader> = match codec {
            Codec::Opus => Box::new(OpusPayloader),
            Codec::Vp8 => {
                let mut it = Vp8Payloader::default();
                it.enable_picture_id = true;
                Box::new(it)
            }
            Codec::Vp9 => Box::new(Vp9Payloader::default()),
            Codec::H264 => Box::new(H264Payloader::default()),
        };
        Self {
            codec,
            layer: 0,
            generation: 1,
            index: 65_530,
            timestamp: u32::MAX - 10_000,
            payloader,
        }
    }

    /// The packets of one frame, which arrive at an instant.
    pub fn frame(&mut self, frame: &[u8], keyframe: bool, arrival: Instant) -> Vec<Packet> {
        let payloads = self
            .payloader
            .payload(1000, &Bytes::copy_from_slice(frame))
            .unwrap();
        let last = payloads.len() - 1;
        let mut packets = Vec::new();
        for (at, payload) in payloads.into_iter().enumerate() {
            packets.push(Packet {
                facts: PacketFacts {
                    codec: self.codec,
                    index: self.index,
                    timestamp: self.timestamp,
                    marker: at == last,
                    keyframe: keyframe && at == 0,
                    layer: self.layer,
                    generation: self.generation,
                    arrival,
                },
                payload,
            });
            self.index += 1;
        }
        packets
    }

    /// Moves the clock of the stream.
    pub fn pass(&mut self, ms: u32) {
        let ticks = ms * (self.codec.clock_rate() / 1000);
        self.timestamp = self.timestamp.wrapping_add(ticks);
    }
}

/// A picture of VP8 that has its number in it.
pub fn picture(keyframe: bool, number: u32, bytes: usize) -> Vec<u8> {
    let mut frame = if keyframe { VP8_KEY } else { VP8 }.to_vec();
    frame.extend(number.to_be_bytes());
    frame.resize(frame.len() + bytes, 7);
    frame
}

/// A packet of 20 ms of Opus that has its number in it.
pub fn sound(number: u32) -> Vec<u8> {
    [&[0xfc][..], &number.to_be_bytes()].concat()
}

impl Meeting {
    pub fn give(&mut self, key: TakeKey, packets: &[Packet]) {
        for packet in packets {
            let _ = self.tap.packet(key, packet.facts, &packet.payload);
        }
    }

    /// Sound for so many milliseconds.
    pub fn speak(&mut self, key: TakeKey, stream: &mut Stream, from_ms: u64, to_ms: u64) {
        for ms in (from_ms..to_ms).step_by(20) {
            let number = u32::try_from(ms).unwrap();
            let packets = stream.frame(&sound(number), false, self.at(ms));
            self.give(key, &packets);
            stream.pass(20);
        }
    }

    /// Twenty-five pictures a second, with a keyframe each second.
    pub fn show(&mut self, key: TakeKey, stream: &mut Stream, from_ms: u64, to_ms: u64) {
        for ms in (from_ms..to_ms).step_by(40) {
            let keyframe = (ms - from_ms).is_multiple_of(1000);
            let number = u32::try_from(ms).unwrap();
            let frame = picture(keyframe, number, 2500);
            let packets = stream.frame(&frame, keyframe, self.at(ms));
            self.give(key, &packets);
            stream.pass(40);
        }
    }
}

pub fn file(folder: &TempDir, summary: &TakeSummary) -> PathBuf {
    let info = &summary.info;
    plenary_recorder::take_file(folder.path(), &info.room, &info.id).unwrap()
}

/// What the reader of the media library finds in a file.
pub fn read(bytes: &[u8]) -> (Vec<TrackInfo>, Duration, Vec<Frame>) {
    let data = TempDir::new().unwrap();
    let limits = plenary_library::Limits {
        reserved_bytes: 0,
        ..plenary_library::Limits::default()
    };
    let library = Library::open(data.path(), limits).unwrap();
    let mut upload = library.upload().unwrap();
    upload.write(bytes).unwrap();
    let item = library.add("take", upload, &[]).unwrap();
    let mut reader = library.reader(&item.id, Duration::ZERO).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame);
    }
    (item.tracks.clone(), item.duration, frames)
}
