//! A WebSocket with deadlines: a client cannot hold a task for ever by not reading or not closing.

use std::{io, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use plenary_protocol::CloseCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        error::ProtocolError,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

/// An offer with every codec of Chromium on sixteen lines is 68 KB.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Stays resident for every connection; the default is 128 KiB.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Messages that are sent together are written together up to this size.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// How long a reader that was too slow may take to read what is on its way, and then the close code.
const SLOW_READER_CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The WebSocket connection of one client.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
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
    Text(Utf8Bytes),
    /// A ping or a pong.
    Alive,
    /// The client has closed or disappeared.
    Gone,
    /// A violation that ends the connection.
    Fault(CloseCode),
}

impl Socket {
    /// Takes over a connection after its handshake.
    pub async fn new(connection: Upgraded, timeouts: Timeouts) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let connection = TokioIo::new(connection);
        let stream = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        Self { stream, timeouts }
    }

    /// Waits for the client's next message. May be dropped at any point without losing one.
    pub async fn next(&mut self) -> Incoming {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Incoming::Text(text),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Incoming::Alive,
            Some(Err(Error::Capacity(_))) => Incoming::Fault(CloseCode::TooLarge),
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                Incoming::Gone
            }
            Some(Ok(Message::Binary(_)) | Err(Error::Utf8(_) | Error::Protocol(_))) => {
                Incoming::Fault(CloseCode::Invalid)
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Incoming::Gone,
        }
    }

    /// Sends a text frame of valid UTF-8; a reader too slow for it is a fault.
    pub async fn send(&mut self, text: Bytes) -> Result<(), Option<CloseCode>> {
        self.write([text_frame(text)]).await
    }

    /// Sends text frames, in one write if they fit: the system calls are the cost of a room of a thousand.
    pub async fn send_all(
        &mut self,
        texts: impl IntoIterator<Item = Bytes>,
    ) -> Result<(), Option<CloseCode>> {
        self.write(texts.into_iter().map(text_frame)).await
    }

    /// Sends a ping.
    pub async fn ping(&mut self) -> Result<(), Option<CloseCode>> {
        self.write([Message::Ping(Bytes::new())]).await
    }

    async fn write(
        &mut self,
        messages: impl IntoIterator<Item = Message>,
    ) -> Result<(), Option<CloseCode>> {
        let writing = async {
            for message in messages {
                self.stream.feed(message).await?;
            }
            self.stream.flush().await
        };
        match timeout(self.timeouts.write, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(CloseCode::RateLimited)),
        }
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
        let frame = code.map(|code| CloseFrame {
            code: code.number().into(),
            reason: code.reason().into(),
        });
        let sent = timeout_at(deadline, self.stream.close(frame)).await;
        if code.is_none() || !matches!(sent, Ok(Ok(()))) {
            return;
        }
        let mut connection = self.stream.into_inner();
        let _ = timeout_at(deadline, linger(Pin::new(&mut connection))).await;
    }
}

/// Every text comes from a JSON serializer, whose output is UTF-8.
fn text_frame(text: Bytes) -> Message {
    Message::Text(Utf8Bytes::try_from(text).unwrap_or_else(|error| {
        tracing::error!(%error, "a message for a client is not UTF-8");
        Utf8Bytes::from_static("{}")
    }))
}

async fn linger(mut connection: Pin<&mut TokioIo<Upgraded>>) -> io::Result<()> {
    connection.shutdown().await?;
    let mut rest = [0; 1024];
    while connection.read(&mut rest).await? > 0 {}
    Ok(())
}
