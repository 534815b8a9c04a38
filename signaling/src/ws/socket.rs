//! A WebSocket with deadlines: a client cannot hold a task for ever by not reading or not closing.
//!
//! It keeps no buffer between two messages. What is written is shared with the other receivers, or is gone once it is sent.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use plenary_protocol::CloseCode;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::{Instant, timeout, timeout_at},
};

use super::frames::{self, Message, Reader, Violation};

/// An offer with every codec of Chromium on sixteen lines is 68 KB.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// How much one read takes, into memory of the thread and not of the connection.
const READ_BYTES: usize = 16 * 1024;
/// How many pieces one write takes.
const MAX_PIECES: usize = 32;
/// An empty queue of pieces with more places than this gives its memory back.
const MAX_IDLE_PLACES: usize = 8;
/// How long a reader that was too slow may take to read what is on its way, and then the close code.
const SLOW_READER_CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The WebSocket connection of one client.
#[derive(Debug)]
pub struct Socket {
    stream: TokioIo<Upgraded>,
    reader: Reader,
    /// Frames and pieces of frames that are not written yet.
    unsent: VecDeque<Bytes>,
    /// The payload of the client's close frame, which goes back to it.
    closing: Option<Vec<u8>>,
    timeouts: Timeouts,
}

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For one message; a client that takes longer is too slow.
    pub write: Duration,
    /// To close.
    pub close: Duration,
}

/// A message or the end of the client's side.
#[derive(Debug)]
pub enum Incoming {
    /// A text frame.
    Text(String),
    /// A ping or a pong.
    Alive,
    /// The client has closed or disappeared.
    Gone,
    /// A violation that ends the connection.
    Fault(CloseCode),
}

impl Socket {
    /// Takes over a connection after its handshake.
    pub fn new(connection: Upgraded, timeouts: Timeouts) -> Self {
        Self {
            stream: TokioIo::new(connection),
            reader: Reader::new(MAX_MESSAGE_BYTES),
            unsent: VecDeque::new(),
            closing: None,
            timeouts,
        }
    }

    /// Waits for the client's next message. May be dropped at any point without losing one.
    pub async fn next(&mut self) -> Incoming {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        loop {
            // A client that takes no answers to its pings is not read.
            if ready!(self.poll_write(context)).is_err() {
                return Poll::Ready(Incoming::Gone);
            }
            match self.reader.next() {
                Ok(Some(Message::Text(text))) => return Poll::Ready(Incoming::Text(text)),
                Ok(Some(Message::Ping(payload))) => {
                    self.unsent.push_back(frames::pong(&payload));
                    return Poll::Ready(match self.poll_write(context) {
                        Poll::Ready(Err(_)) => Incoming::Gone,
                        _ => Incoming::Alive,
                    });
                }
                Ok(Some(Message::Pong)) => return Poll::Ready(Incoming::Alive),
                Ok(Some(Message::Close(payload))) => {
                    self.closing = Some(payload);
                    return Poll::Ready(Incoming::Gone);
                }
                Ok(None) => {}
                Err(Violation::Invalid) => {
                    return Poll::Ready(Incoming::Fault(CloseCode::Invalid));
                }
                Err(Violation::TooLarge) => {
                    return Poll::Ready(Incoming::Fault(CloseCode::TooLarge));
                }
            }
            let mut space = [MaybeUninit::uninit(); READ_BYTES];
            let mut read = ReadBuf::uninit(&mut space);
            let stream = Pin::new(&mut self.stream);
            match ready!(stream.poll_read(context, &mut read)) {
                Ok(()) if !read.filled().is_empty() => self.reader.push(read.filled()),
                _ => return Poll::Ready(Incoming::Gone),
            }
        }
    }

    /// Sends a text frame of valid UTF-8; a reader too slow for it is a fault.
    pub async fn send(&mut self, text: Bytes) -> Result<(), Option<CloseCode>> {
        self.queue_text([text]);
        self.flush().await
    }

    /// Queues a text that comes in pieces, which other connections may share.
    pub fn queue_text(&mut self, pieces: impl IntoIterator<Item = Bytes, IntoIter: Clone>) {
        let pieces = pieces.into_iter();
        let bytes = pieces.clone().map(|piece| piece.len()).sum();
        self.unsent.push_back(frames::text_head(bytes));
        self.unsent.extend(pieces.filter(|piece| !piece.is_empty()));
    }

    /// Queues whole frames, which other connections may share.
    pub fn queue_frames(&mut self, frames: Bytes) {
        self.unsent.push_back(frames);
    }

    /// Writes what is queued; a reader too slow for it is a fault.
    pub async fn flush(&mut self) -> Result<(), Option<CloseCode>> {
        let limit = self.timeouts.write;
        let written = poll_fn(|context| self.poll_write(context));
        match timeout(limit, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(CloseCode::RateLimited)),
        }
    }

    /// Sends a ping.
    pub async fn ping(&mut self) -> Result<(), Option<CloseCode>> {
        self.unsent.push_back(frames::ping());
        self.flush().await
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unsent.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let mut stream = Pin::new(&mut self.stream);
        while !self.unsent.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_PIECES];
            let mut many = 0;
            for (slice, piece) in slices.iter_mut().zip(&self.unsent) {
                *slice = IoSlice::new(piece);
                many += 1;
            }
            let slices = slices.get(..many).unwrap_or_default();
            let written = ready!(stream.as_mut().poll_write_vectored(context, slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            forget(&mut self.unsent, written);
        }
        if self.unsent.capacity() > MAX_IDLE_PLACES {
            self.unsent = VecDeque::new();
        }
        stream.poll_flush(context)
    }

    /// Closes with a code, and reads on for a moment: a close that finds unread bytes resets the connection, and then the
    /// client never learns the code.
    pub async fn close(mut self, code: Option<CloseCode>) {
        // The close stands behind what such a reader has not read yet. The connection has no seat any more, and makes way
        // for a new one.
        let timeout = match code {
            Some(CloseCode::RateLimited) => SLOW_READER_CLOSE_TIMEOUT,
            _ => self.timeouts.close,
        };
        let deadline = Instant::now() + timeout;
        self.unsent.push_back(match code {
            Some(code) => frames::close(code.number(), code.reason()),
            None => frames::close_with(&self.closing.take().unwrap_or_default()),
        });
        let written = poll_fn(|context| self.poll_write(context));
        let written = timeout_at(deadline, written).await;
        if code.is_none() || !matches!(written, Ok(Ok(()))) {
            return;
        }
        let _ = timeout_at(deadline, linger(&mut self.stream)).await;
    }
}

/// Removes what was written.
fn forget(unsent: &mut VecDeque<Bytes>, mut written: usize) {
    while let Some(piece) = unsent.front_mut() {
        if written < piece.len() {
            piece.advance(written);
            return;
        }
        written -= piece.len();
        unsent.pop_front();
    }
}

async fn linger(connection: &mut TokioIo<Upgraded>) -> io::Result<()> {
    connection.shutdown().await?;
    let mut rest = [0; 1024];
    while connection.read(&mut rest).await? > 0 {}
    Ok(())
}
