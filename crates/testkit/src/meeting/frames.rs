//! Frames that carry their sender and time, and the record of the frames that a device has received.

use std::{
    fmt,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use plenary_client::{FrameObserver, FrameSource, Source};
use tokio::sync::Notify;

/// The common clock of senders and listeners, which are in one process.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The time on that clock.
pub fn now() -> Duration {
    BEGAN.elapsed()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Track {
    Microphone,
    Camera,
}

/// The head of a VP8 key frame (RFC 6386, section 9.1). The server reads no further, and of Opus nothing.
const VP8_HEAD: [u8; 10] = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 36, 0];

/// The tag that a frame carries after its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameTag {
    /// The device that sent it.
    pub device: String,
    pub track: Track,
    pub sent: Duration,
}

impl FrameTag {
    fn write(&self) -> Bytes {
        let mut frame = VP8_HEAD.to_vec();
        frame.push(u8::from(self.track == Track::Camera));
        frame.extend(u64::try_from(self.sent.as_micros()).unwrap().to_be_bytes());
        frame.extend(self.device.as_bytes());
        frame.into()
    }

    fn read(frame: &[u8]) -> Option<Self> {
        let (track, rest) = frame.strip_prefix(&VP8_HEAD)?.split_first()?;
        let (sent, device) = rest.split_first_chunk()?;
        Some(Self {
            device: String::from_utf8(device.to_vec()).ok()?,
            track: if *track == 0 {
                Track::Microphone
            } else {
                Track::Camera
            },
            sent: Duration::from_micros(u64::from_be_bytes(*sent)),
        })
    }
}

/// A source whose frames carry tags.
#[derive(Debug)]
struct TaggedSource {
    device: String,
    track: Track,
    stalled: Arc<AtomicBool>,
}

impl FrameSource for TaggedSource {
    fn frame(&self, _: usize) -> Bytes {
        if self.stalled.load(Ordering::Relaxed) {
            // An empty frame makes no packet.
            return Bytes::new();
        }
        let (device, track) = (self.device.clone(), self.track);
        FrameTag {
            device,
            track,
            sent: now(),
        }
        .write()
    }

    fn frame_interval(&self) -> Duration {
        Duration::from_millis(if self.track == Track::Microphone {
            20
        } else {
            100
        })
    }
}

/// The microphone and the camera of a device, which send nothing while `stalled`.
pub fn tagged_source(device: &str, stalled: &Arc<AtomicBool>) -> Source {
    let tagged = |track| -> Arc<dyn FrameSource> {
        Arc::new(TaggedSource {
            device: device.to_owned(),
            track,
            stalled: Arc::clone(stalled),
        })
    };
    Source {
        microphone: Some(tagged(Track::Microphone)),
        camera: Some(tagged(Track::Camera)),
    }
}

/// A frame that a device received.
#[derive(Debug, Clone)]
pub struct ReceivedFrame {
    pub tag: FrameTag,
    /// The slot's media line.
    pub mid: String,
    pub at: Duration,
}

/// Every frame that one device has received.
#[derive(Default)]
pub struct ReceivedFrames {
    frames: Mutex<Vec<ReceivedFrame>>,
    more: Notify,
}

impl fmt::Debug for ReceivedFrames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ReceivedFrames")
    }
}

impl FrameObserver for ReceivedFrames {
    fn on_frame(&self, mid: &str, start: &[u8]) {
        let tag = FrameTag::read(start).expect("a tagged frame");
        let (mid, at) = (mid.to_owned(), now());
        self.frames
            .lock()
            .unwrap()
            .push(ReceivedFrame { tag, mid, at });
        self.more.notify_waiters();
    }
}

impl ReceivedFrames {
    /// The frames after the first `count`.
    pub fn since(&self, count: usize) -> Vec<ReceivedFrame> {
        self.frames.lock().unwrap()[count..].to_vec()
    }

    /// Waits until such a frame has been received.
    pub async fn wait_for(&self, wanted: impl Fn(&ReceivedFrame) -> bool) {
        loop {
            let mut more = std::pin::pin!(self.more.notified());
            more.as_mut().enable();
            if self.frames.lock().unwrap().iter().rev().any(&wanted) {
                return;
            }
            more.await;
        }
    }
}
