//! A WebSocket with deadlines: nobody can hold a task for ever by not reading or not closing.

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

/// The largest message: an offer with every codec of Chromium on sixteen lines is 68 KB.
pub const LARGEST_MESSAGE: usize = 256 * 1024;
/// Stays resident for every connection; the default is 128 KiB.
const READ_BUFFER: usize = 4 * 1024;
/// Messages that are sent together are written together up to this size.
const WRITE_BUFFER: usize = 16 * 1024;
/// How long a connection may take to close.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// One client's connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    patience: Duration,
}

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    /// A text frame.
    Text(Utf8Bytes),
    /// A sign of life.
    Alive,
    /// The client is gone, or closed.
    Gone,
    /// What the client did ends the connection.
    Fault(CloseCode),
}

impl Socket {
    /// Takes over a connection whose handshake is done. A reader who does not take one message within `patience` is
    /// too slow.
    pub async fn new(connection: Upgraded, patience: Duration) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let connection = TokioIo::new(connection);
        let stream = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        Self { stream, patience }
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

    /// Sends text frames, in one write where they fit one: the system calls are what a room of a thousand costs.
    pub async fn send_all(
        &mut self,
        texts: impl IntoIterator<Item = Bytes>,
    ) -> Result<(), Option<CloseCode>> {
        self.write(texts.into_iter().map(text_frame)).await
    }

    /// Asks for a sign of life.
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
        match timeout(self.patience, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(CloseCode::RateLimited)),
        }
    }

    /// Closes: says why, and reads on for a moment, because a close that finds unread bytes resets the connection, and
    /// then the client never learns why.
    pub async fn close(mut self, code: Option<CloseCode>) {
        let deadline = Instant::now() + CLOSE_DEADLINE;
        let frame = code.map(|code| CloseFrame {
            code: code.number().into(),
            reason: code.reason().into(),
        });
        let said = timeout_at(deadline, self.stream.close(frame)).await;
        if code.is_none() || !matches!(said, Ok(Ok(()))) {
            return;
        }
        let mut connection = self.stream.into_inner();
        let _ = timeout_at(deadline, linger(Pin::new(&mut connection))).await;
    }
}

/// Everything that we send was written by a JSON serializer, whose output is UTF-8.
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
