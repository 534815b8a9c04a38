//! The messages of a WebSocket (RFC 6455, section 5), without memory for a connection between two messages.
//!
//! `tungstenite` reads and writes the heads of frames. Its own connection keeps a write buffer of the longest message, and
//! copies what many connections receive into each of them; the frames of a server are not masked, so here one encoded frame
//! serves all the connections that receive it.

use std::{io::Cursor, ops::ControlFlow};

use bytes::{BufMut, Bytes, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{CloseCode, Control, Data, OpCode},
};

/// The longest head of a frame that a server sends.
const MAX_HEAD_BYTES: usize = 10;
/// The payload of a control frame (RFC 6455, section 5.5).
const MAX_CONTROL_BYTES: usize = 125;

/// A whole message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// A ping, to be answered with its payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// The client closes; its payload goes back to it.
    Close(Vec<u8>),
}

/// Why a connection cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// It is not the protocol: RFC 6455 forbids it, or the subprotocol has no such message.
    Invalid,
    /// A message is longer than one may be.
    TooLarge,
}

/// Reads the messages of a client out of the bytes that arrive.
#[derive(Debug, Default)]
pub struct Reader {
    /// What has arrived, of which so many bytes are read already.
    bytes: Vec<u8>,
    read_bytes: usize,
    /// The parts of a text that comes in several frames.
    parts: Option<Vec<u8>>,
    max_bytes: usize,
}

/// The head of a frame that may come.
struct Head {
    is_last: bool,
    opcode: OpCode,
    mask: [u8; 4],
    bytes: usize,
    payload_bytes: usize,
}

impl Reader {
    /// A reader of messages of at most so many bytes.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            ..Self::default()
        }
    }

    /// Adds what has arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read_bytes);
        self.read_bytes = 0;
        self.bytes.extend_from_slice(bytes);
    }

    fn unread(&self) -> &[u8] {
        self.bytes.get(self.read_bytes..).unwrap_or_default()
    }

    /// The next message, if all of it has arrived.
    pub fn next(&mut self) -> Result<Option<Message>, Violation> {
        loop {
            let Some(head) = self.head()? else {
                return Ok(None);
            };
            let end = head.bytes + head.payload_bytes;
            let Some(payload) = self.unread().get(head.bytes..end) else {
                return Ok(None);
            };
            let mut payload = payload.to_vec();
            unmask(&mut payload, head.mask);
            self.read_bytes += end;
            if self.read_bytes == self.bytes.len() {
                // Nothing is kept while a client is silent.
                (self.bytes, self.read_bytes) = (Vec::new(), 0);
            }
            if let ControlFlow::Break(message) = self.take(&head, payload)? {
                return Ok(Some(message));
            }
        }
    }

    /// Puts a frame together with those before it.
    fn take(&mut self, head: &Head, payload: Vec<u8>) -> Result<ControlFlow<Message>, Violation> {
        Ok(ControlFlow::Break(match head.opcode {
            OpCode::Control(Control::Ping) => Message::Ping(payload),
            OpCode::Control(Control::Pong) => Message::Pong,
            OpCode::Control(Control::Close) => {
                check_close(&payload)?;
                Message::Close(payload)
            }
            OpCode::Data(Data::Text | Data::Continue) => {
                let whole = match self.parts.take() {
                    Some(mut parts) => {
                        parts.extend_from_slice(&payload);
                        parts
                    }
                    None => payload,
                };
                if !head.is_last {
                    self.parts = Some(whole);
                    return Ok(ControlFlow::Continue(()));
                }
                let text = String::from_utf8(whole).map_err(|_| Violation::Invalid)?;
                Message::Text(text)
            }
            OpCode::Data(Data::Binary | Data::Reserved(_))
            | OpCode::Control(Control::Reserved(_)) => return Err(Violation::Invalid),
        }))
    }

    /// The head of the next frame, if all of it has arrived. A frame that may not come is refused before its payload is kept.
    fn head(&self) -> Result<Option<Head>, Violation> {
        let mut unread = Cursor::new(self.unread());
        let parsed = FrameHeader::parse(&mut unread).map_err(|_| Violation::Invalid)?;
        let Some((header, payload_bytes)) = parsed else {
            return Ok(None);
        };
        let payload_bytes = usize::try_from(payload_bytes).map_err(|_| Violation::TooLarge)?;
        // A client masks what it sends (RFC 6455, section 5.1), and no extension gives the reserved bits a meaning.
        let is_reserved = header.rsv1 || header.rsv2 || header.rsv3;
        let mask = header.mask.filter(|_| !is_reserved);
        let mask = mask.ok_or(Violation::Invalid)?;
        let before = self.parts.as_ref().map(Vec::len);
        let is_valid = match header.opcode {
            OpCode::Control(_) => header.is_final && payload_bytes <= MAX_CONTROL_BYTES,
            OpCode::Data(Data::Continue) => before.is_some(),
            OpCode::Data(_) => before.is_none(),
        };
        if !is_valid {
            return Err(Violation::Invalid);
        }
        let is_data = matches!(header.opcode, OpCode::Data(_));
        if is_data && payload_bytes.saturating_add(before.unwrap_or(0)) > self.max_bytes {
            return Err(Violation::TooLarge);
        }
        Ok(Some(Head {
            is_last: header.is_final,
            opcode: header.opcode,
            mask,
            bytes: header.len(payload_bytes as u64),
            payload_bytes,
        }))
    }
}

/// Passes the payload of a close frame: nothing, or a code and a text (RFC 6455, section 5.5.1).
fn check_close(payload: &[u8]) -> Result<(), Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(())
        } else {
            Err(Violation::Invalid)
        };
    };
    let code = CloseCode::from(u16::from_be_bytes(*code));
    if code.is_allowed() && std::str::from_utf8(reason).is_ok() {
        Ok(())
    } else {
        Err(Violation::Invalid)
    }
}

/// Removes the mask (RFC 6455, section 5.3), eight bytes at a time.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut words = payload.chunks_exact_mut(8);
    for word in &mut words {
        if let Some(word) = word.first_chunk_mut() {
            *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
        }
    }
    let rest = words.into_remainder().iter_mut();
    rest.zip(mask.iter().cycle())
        .for_each(|(byte, mask)| *byte ^= mask);
}

/// The frame of a text that comes in several pieces, which are not copied: its head stands before them.
pub fn text_head(payload_bytes: usize) -> Bytes {
    let mut head = BytesMut::with_capacity(MAX_HEAD_BYTES);
    put_head(&mut head, OpCode::Data(Data::Text), payload_bytes);
    head.freeze()
}

/// The frames of some texts, one behind the other.
pub fn texts<'a>(texts: impl IntoIterator<Item = &'a Bytes> + Clone) -> Bytes {
    let payloads: usize = texts
        .clone()
        .into_iter()
        .map(|text| text.len() + MAX_HEAD_BYTES)
        .sum();
    let mut frames = BytesMut::with_capacity(payloads);
    for text in texts {
        put_head(&mut frames, OpCode::Data(Data::Text), text.len());
        frames.put_slice(text);
    }
    frames.freeze()
}

/// A ping without a payload.
pub fn ping() -> Bytes {
    control(Control::Ping, &[])
}

/// The answer to a ping.
pub fn pong(payload: &[u8]) -> Bytes {
    control(Control::Pong, payload)
}

/// The answer to a close frame, or one without a code.
pub fn close_with(payload: &[u8]) -> Bytes {
    control(Control::Close, payload)
}

/// A close frame with a code and a reason.
pub fn close(code: u16, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    control(Control::Close, &payload)
}

fn control(opcode: Control, payload: &[u8]) -> Bytes {
    let payload = payload.get(..MAX_CONTROL_BYTES).unwrap_or(payload);
    let mut frame = BytesMut::with_capacity(payload.len() + MAX_HEAD_BYTES);
    put_head(&mut frame, OpCode::Control(opcode), payload.len());
    frame.put_slice(payload);
    frame.freeze()
}

fn put_head(frame: &mut BytesMut, opcode: OpCode, payload_bytes: usize) {
    let header = FrameHeader {
        opcode,
        ..FrameHeader::default()
    };
    // Writing into memory does not fail.
    let _ = header.format(payload_bytes as u64, &mut frame.writer());
}

#[cfg(test)]
mod tests;
