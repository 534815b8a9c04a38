//! The frames of a WebSocket (RFC 6455, section 5), as far as the server needs them: no extension, and no memory for a
//! connection between two messages.
//!
//! The frames of a server are not masked, so one encoded frame serves all the connections that receive it.

use std::ops::ControlFlow;

use bytes::{BufMut, Bytes, BytesMut};

/// The longest head of a frame that a server sends.
const MAX_HEAD_BYTES: usize = 10;
/// The payload of a control frame (RFC 6455, section 5.5).
const MAX_CONTROL_BYTES: usize = 125;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// The kinds of frames (RFC 6455, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opcode {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

impl Opcode {
    fn new(bits: u8) -> Option<Self> {
        use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
        let all = [Continuation, Text, Binary, Close, Ping, Pong];
        all.into_iter().find(|it| *it as u8 == bits)
    }

    fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

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

/// The head of a frame.
struct Head {
    is_last: bool,
    opcode: Opcode,
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
            Opcode::Ping => Message::Ping(payload),
            Opcode::Pong => Message::Pong,
            Opcode::Close => {
                check_close(&payload)?;
                Message::Close(payload)
            }
            Opcode::Binary => return Err(Violation::Invalid),
            Opcode::Text | Opcode::Continuation => {
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
        }))
    }

    /// The head of the next frame, if all of it has arrived. A frame that may not come is refused before its payload is kept.
    fn head(&self) -> Result<Option<Head>, Violation> {
        let [first, second, rest @ ..] = self.unread() else {
            return Ok(None);
        };
        let opcode = Opcode::new(first & 0x0F).ok_or(Violation::Invalid)?;
        let is_last = first & FIN != 0;
        // A client masks what it sends (RFC 6455, section 5.1).
        if first & RESERVED != 0 || second & MASKED == 0 {
            return Err(Violation::Invalid);
        }
        let short = usize::from(second & !MASKED);
        let (length_bytes, payload_bytes) = match short {
            126 => match rest.first_chunk() {
                Some(length) => (2, usize::from(u16::from_be_bytes(*length))),
                None => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(length) => {
                    let length = u64::from_be_bytes(*length);
                    (8, usize::try_from(length).map_err(|_| Violation::TooLarge)?)
                }
                None => return Ok(None),
            },
            _ => (0, short),
        };
        let continues = self.parts.is_some();
        match opcode {
            _ if opcode.is_control() && (!is_last || short > MAX_CONTROL_BYTES) => {
                return Err(Violation::Invalid);
            }
            Opcode::Continuation if !continues => return Err(Violation::Invalid),
            Opcode::Text | Opcode::Binary if continues => return Err(Violation::Invalid),
            _ => {}
        }
        let before = self.parts.as_ref().map_or(0, Vec::len);
        if !opcode.is_control() && payload_bytes.saturating_add(before) > self.max_bytes {
            return Err(Violation::TooLarge);
        }
        let Some(mask) = rest.get(length_bytes..).and_then(<[u8]>::first_chunk) else {
            return Ok(None);
        };
        Ok(Some(Head {
            is_last,
            opcode,
            mask: *mask,
            bytes: 2 + length_bytes + mask.len(),
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
    // Section 7.4: what is left out is reserved, or stands for a close without a frame.
    let is_allowed = matches!(u16::from_be_bytes(*code), 1000..=1003 | 1007..=1014 | 3000..=4999);
    if is_allowed && std::str::from_utf8(reason).is_ok() {
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
    put_head(&mut head, Opcode::Text, payload_bytes);
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
        put_head(&mut frames, Opcode::Text, text.len());
        frames.put_slice(text);
    }
    frames.freeze()
}

/// A ping without a payload.
pub fn ping() -> Bytes {
    control(Opcode::Ping, &[])
}

/// The answer to a ping.
pub fn pong(payload: &[u8]) -> Bytes {
    control(Opcode::Pong, payload)
}

/// The answer to a close frame, or one without a code.
pub fn close_with(payload: &[u8]) -> Bytes {
    control(Opcode::Close, payload)
}

/// A close frame with a code and a reason.
pub fn close(code: u16, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    control(Opcode::Close, &payload)
}

fn control(opcode: Opcode, payload: &[u8]) -> Bytes {
    let payload = payload.get(..MAX_CONTROL_BYTES).unwrap_or(payload);
    let mut frame = BytesMut::with_capacity(payload.len() + MAX_HEAD_BYTES);
    put_head(&mut frame, opcode, payload.len());
    frame.put_slice(payload);
    frame.freeze()
}

fn put_head(frame: &mut BytesMut, opcode: Opcode, payload_bytes: usize) {
    frame.put_u8(FIN | opcode as u8);
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short @ 0..126), _) => frame.put_u8(short),
        (_, Ok(long)) => {
            frame.put_u8(126);
            frame.put_u16(long);
        }
        _ => {
            frame.put_u8(127);
            frame.put_u64(payload_bytes as u64);
        }
    }
}

#[cfg(test)]
mod tests;
