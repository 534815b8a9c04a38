//! Datagrams in a stream of bytes: the frames of ICE-TCP (RFC 4571), and those of TURN (RFC 8656, sections 5 and 12.5).
//!
//! A [`FrameReader`] is given bytes as they arrive, in whatever pieces, and yields whole frames. A length that no client
//! of ours has a reason for ends the connection, so a stranger can make the reader hold one frame and no more.

use rtc_stun::message::{MAGIC_COOKIE, MESSAGE_HEADER_SIZE};

/// The longest datagram that a frame may carry: what the UDP socket takes too.
pub const MAX_FRAME_BYTES: usize = 2048;
/// The length before each frame of ICE-TCP.
pub const LENGTH_BYTES: usize = 2;
/// The number and the length before the data of a channel.
pub const CHANNEL_HEADER_BYTES: usize = 4;
/// How many bytes [`Protocol::of`] needs at most.
const PROTOCOL_BYTES: usize = 10;

/// What a stream on the media port carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// ICE-TCP: datagrams, each behind its length (RFC 6544, RFC 4571).
    Ice,
    /// TURN: STUN messages and channel data, one behind the other.
    Turn,
}

/// A connection that speaks neither ICE-TCP nor TURN, or sends a frame of an impossible length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream carries no frames of ICE-TCP or TURN")]
pub struct FramingError;

impl Protocol {
    /// The protocol of a stream that begins so; none while too few bytes are there.
    ///
    /// Both begin with a STUN message. Its magic cookie is at byte 4 of a TURN stream, and behind a frame's length, at
    /// byte 6, of ICE-TCP.
    pub fn of(beginning: &[u8]) -> Result<Option<Self>, FramingError> {
        let cookie = MAGIC_COOKIE.to_be_bytes();
        let at = |start: usize| beginning.get(start..start + cookie.len()) == Some(&cookie[..]);
        if at(4) {
            return Ok(Some(Self::Turn));
        }
        if at(6) {
            return Ok(Some(Self::Ice));
        }
        if beginning.len() < PROTOCOL_BYTES {
            Ok(None)
        } else {
            Err(FramingError)
        }
    }
}

/// Takes the bytes of a stream and yields its frames.
#[derive(Debug)]
pub struct FrameReader {
    protocol: Protocol,
    buffer: Vec<u8>,
    /// Where the next frame begins in the buffer.
    start: usize,
}

impl FrameReader {
    /// A reader for a stream whose first bytes have been read already.
    pub fn new(protocol: Protocol, beginning: Vec<u8>) -> Self {
        Self {
            protocol,
            buffer: beginning,
            start: 0,
        }
    }

    /// The buffer to which bytes that arrive are added. What was taken out of it makes room first.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        self.buffer.drain(..self.start);
        self.start = 0;
        &mut self.buffer
    }

    /// The next whole frame, without its length; none until more bytes arrive. An empty frame of ICE-TCP is passed over.
    pub fn next_frame(&mut self) -> Result<Option<&mut [u8]>, FramingError> {
        loop {
            let waiting = self.buffer.get(self.start..).unwrap_or_default();
            let Some(frame) = self.protocol.frame(waiting)? else {
                return Ok(None);
            };
            if waiting.len() < frame.whole {
                return Ok(None);
            }
            let begin = self.start + frame.begin;
            let end = self.start + frame.end;
            self.start += frame.whole;
            if begin < end {
                return Ok(self.buffer.get_mut(begin..end));
            }
        }
    }
}

/// Where a frame's content is in its bytes, and how many they are with everything around it.
struct Frame {
    begin: usize,
    end: usize,
    whole: usize,
}

impl Protocol {
    /// The frame at the beginning of these bytes, which may not all be there yet; none while its length is not.
    fn frame(self, bytes: &[u8]) -> Result<Option<Frame>, FramingError> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let first_word = u16::from_be_bytes([*first, *second]);
        let second_word = match rest {
            [high, low, ..] => Some(usize::from(u16::from_be_bytes([*high, *low]))),
            _ => None,
        };
        let frame = match (self, first_word >> 14) {
            (Self::Ice, _) => {
                let end = LENGTH_BYTES + usize::from(first_word);
                Some(Frame {
                    begin: LENGTH_BYTES,
                    end,
                    whole: end,
                })
            }
            (Self::Turn, 0b00) => second_word.map(|length| {
                let end = MESSAGE_HEADER_SIZE + length;
                Frame {
                    begin: 0,
                    end,
                    whole: end,
                }
            }),
            // Over a stream channel data is padded (RFC 8656, section 12.5).
            (Self::Turn, 0b01) => second_word.map(|length| {
                let end = CHANNEL_HEADER_BYTES + length;
                Frame {
                    begin: 0,
                    end,
                    whole: end.next_multiple_of(4),
                }
            }),
            (Self::Turn, _) => return Err(FramingError),
        };
        match frame {
            Some(frame) if frame.end - frame.begin > MAX_FRAME_BYTES => Err(FramingError),
            frame => Ok(frame),
        }
    }
}
