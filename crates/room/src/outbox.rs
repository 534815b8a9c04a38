//! What leaves a room towards one device: a bounded queue that never makes the room wait.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use plenary_protocol::CloseCode;
use tokio::sync::mpsc;

/// How many messages a device may be behind before it counts as too slow.
const DEPTH: usize = 512;

/// Something for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame, valid UTF-8.
    Text(Bytes),
    /// What happened in one step, a text frame each, shared by everybody who gets it.
    Events(Arc<[Bytes]>),
    /// This device publishes from now on, or no longer.
    Publish(bool),
}

/// The receiving end, held by the connection.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::Receiver<Outgoing>,
    closed: Arc<OnceLock<CloseCode>>,
}

impl Outbox {
    /// The next message, or why there are no more.
    pub async fn next(&mut self) -> Result<Outgoing, CloseCode> {
        // A reader that was too slow is not read to the end: it would be slow at that too.
        if self.closed.get() == Some(&CloseCode::RateLimited) {
            return Err(CloseCode::RateLimited);
        }
        match self.queue.recv().await {
            Some(outgoing) => Ok(outgoing),
            None => Err(self.closed.get().copied().unwrap_or(CloseCode::Draining)),
        }
    }
}

/// The sending end, held by the room.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    queue: mpsc::Sender<Outgoing>,
    closed: Arc<OnceLock<CloseCode>>,
}

/// A new queue.
pub(crate) fn outbox() -> (Sender, Outbox) {
    let (sender, queue) = mpsc::channel(DEPTH);
    let closed = Arc::new(OnceLock::new());
    let receiving = Outbox {
        queue,
        closed: Arc::clone(&closed),
    };
    (
        Sender {
            queue: sender,
            closed,
        },
        receiving,
    )
}

impl Sender {
    /// Queues a message; false if the reader is gone or too far behind.
    pub(crate) fn send(&self, outgoing: Outgoing) -> bool {
        match self.queue.try_send(outgoing) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                let _ = self.closed.set(CloseCode::RateLimited);
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }

    /// Says why it ends; what is queued is still read.
    pub(crate) fn close(self, code: CloseCode) {
        let _ = self.closed.set(code);
    }
}
