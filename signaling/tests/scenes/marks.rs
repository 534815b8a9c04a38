//! Frames that say who sent them and when, and an ear that writes down which came.

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

/// The one clock of senders and listeners: they are in one process.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The time on that clock.
pub fn now() -> Duration {
    BEGAN.elapsed()
}

/// What a frame was taken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    Microphone,
    Camera,
}

/// The head of a VP8 key frame (RFC 6386, section 9.1). The server looks no further; Opus it does not look into at all.
const HEAD: [u8; 10] = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 36, 0];

/// What is written into a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The device that sent it.
    pub device: String,
    pub from: From,
    /// When it was made.
    pub sent: Duration,
}

impl Mark {
    fn write(&self) -> Bytes {
        let mut frame = HEAD.to_vec();
        frame.push(u8::from(self.from == From::Camera));
        frame.extend(u64::try_from(self.sent.as_micros()).unwrap().to_be_bytes());
        frame.extend(self.device.as_bytes());
        frame.into()
    }

    fn read(frame: &[u8]) -> Option<Self> {
        let (from, rest) = frame.strip_prefix(&HEAD)?.split_first()?;
        let (sent, device) = rest.split_first_chunk()?;
        Some(Self {
            device: String::from_utf8(device.to_vec()).ok()?,
            from: if *from == 0 {
                From::Microphone
            } else {
                From::Camera
            },
            sent: Duration::from_micros(u64::from_be_bytes(*sent)),
        })
    }
}

/// A microphone or a camera of that device.
#[derive(Debug)]
struct Marked {
    device: String,
    from: From,
    stalled: Arc<AtomicBool>,
}

impl FrameSource for Marked {
    fn frame(&self, _: usize) -> Bytes {
        if self.stalled.load(Ordering::Relaxed) {
            // Nothing to send makes no packet.
            return Bytes::new();
        }
        let (device, from) = (self.device.clone(), self.from);
        Mark {
            device,
            from,
            sent: now(),
        }
        .write()
    }

    fn frame_interval(&self) -> Duration {
        Duration::from_millis(if self.from == From::Microphone {
            20
        } else {
            100
        })
    }
}

/// Both of a device, which send nothing while `stalled`.
pub fn source(device: &str, stalled: &Arc<AtomicBool>) -> Source {
    let marked = |from| -> Arc<dyn FrameSource> {
        Arc::new(Marked {
            device: device.to_owned(),
            from,
            stalled: Arc::clone(stalled),
        })
    };
    Source {
        microphone: Some(marked(From::Microphone)),
        camera: Some(marked(From::Camera)),
    }
}

/// A frame that came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub mark: Mark,
    /// The line that it came in.
    pub mid: String,
    pub at: Duration,
}

/// Everything that one device has received.
#[derive(Default)]
pub struct Notes {
    heard: Mutex<Vec<Heard>>,
    more: Notify,
}

impl fmt::Debug for Notes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Notes")
    }
}

impl FrameObserver for Notes {
    fn on_frame(&self, mid: &str, start: &[u8]) {
        let mark = Mark::read(start).expect("a frame that nobody sent");
        let (mid, at) = (mid.to_owned(), now());
        self.heard.lock().unwrap().push(Heard { mark, mid, at });
        self.more.notify_waiters();
    }
}

impl Notes {
    /// What has come since the first `after` frames.
    pub fn since(&self, after: usize) -> Vec<Heard> {
        self.heard.lock().unwrap()[after..].to_vec()
    }

    /// Waits until such a frame is among those that came.
    pub async fn until(&self, wanted: impl Fn(&Heard) -> bool) {
        loop {
            let mut more = std::pin::pin!(self.more.notified());
            more.as_mut().enable();
            if self.heard.lock().unwrap().iter().rev().any(&wanted) {
                return;
            }
            more.await;
        }
    }
}
