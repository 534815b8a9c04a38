//! What a published packet carries: who sent it and when. Publisher and listener share one process, and so one clock.

use std::time::{Duration, Instant};

const MARK: [u8; 4] = *b"PLLD";
/// The length of a stamp.
pub const STAMP_BYTES: usize = 14;

/// The sender of a packet, and the moment at which it was handed to the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The number of the publisher in this run.
    pub publisher: u16,
    /// The time since the beginning of the run.
    pub at: Duration,
}

impl Stamp {
    /// A stamp of this moment.
    pub fn now(publisher: u16, epoch: Instant) -> Self {
        let at = epoch.elapsed();
        Self { publisher, at }
    }

    /// Writes it over the front of `place`, unless that is too short.
    pub fn write(self, place: &mut [u8]) {
        let micros = u64::try_from(self.at.as_micros()).unwrap_or(u64::MAX);
        let number = self.publisher.to_be_bytes();
        let micros = micros.to_be_bytes();
        let bytes = MARK.iter().chain(&number).chain(&micros);
        for (place, byte) in place.iter_mut().zip(bytes) {
            *place = *byte;
        }
    }

    /// Reads the stamp at the front of `bytes`; none if there is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk::<4>()?;
        let (publisher, rest) = rest.split_first_chunk()?;
        let micros = u64::from_be_bytes(*rest.first_chunk()?);
        (*mark == MARK).then_some(Self {
            publisher: u16::from_be_bytes(*publisher),
            at: Duration::from_micros(micros),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_was_written_and_other_bytes_are_none() {
        let stamp = Stamp {
            publisher: 513,
            at: Duration::from_micros(1_234_567_890),
        };
        let mut bytes = [0; 20];
        stamp.write(&mut bytes);
        assert_eq!(Stamp::read(&bytes), Some(stamp));
        assert_eq!(Stamp::read(&bytes[1..]), None);
        assert_eq!(Stamp::read(&bytes[..STAMP_BYTES - 1]), None);
    }
}
