//! What a microphone's packets tell without being decoded: whether the participant speaks, and how loud.
//!
//! The client's own level (RFC 6464) is a hint. A client gains nothing by a false level, because the speech clock
//! starts without a voice too.

use std::time::{Duration, Instant};

/// Louder than this (-dBov) is voice and not the room's hum.
const VOICE_LEVEL: u8 = 50;
/// So many loud packets in a row are speech and not a click: 60 ms.
const SPEECH_PACKETS: u8 = 3;
/// While somebody speaks, it is said once in this time.
const VOICE_INTERVAL: Duration = Duration::from_secs(1);
/// A level is told once in this time.
const LEVEL_INTERVAL: Duration = Duration::from_millis(200);
/// A packet of so few bytes is discontinuous transmission, which is silence (RFC 7587, section 3.1.3).
const MAX_DTX_BYTES: usize = 2;

/// What is known of one microphone.
#[derive(Debug, Default)]
pub struct Voice {
    loud: u8,
    said: Option<Instant>,
    loudest: Option<u8>,
    told: Option<Instant>,
}

impl Voice {
    /// A packet of that payload length came, of that level (-dBov)
    /// if the client tells. Whether to say that somebody speaks.
    pub fn packet(&mut self, level: Option<u8>, length: usize, now: Instant) -> bool {
        let is_loud = level.map_or(length > MAX_DTX_BYTES, |level| level < VOICE_LEVEL);
        self.loudest = match (self.loudest, level) {
            (Some(before), Some(level)) => Some(before.min(level)),
            (before, level) => before.or(level),
        };
        self.loud = if is_loud {
            self.loud.saturating_add(1)
        } else {
            0
        };
        let speaks = self.loud >= SPEECH_PACKETS && rested(self.said, VOICE_INTERVAL, now);
        if speaks {
            self.said = Some(now);
        }
        speaks
    }

    /// The loudest level since the last that was told, in dBov; none if there is none or it is too soon.
    pub fn level(&mut self, now: Instant) -> Option<i8> {
        if !rested(self.told, LEVEL_INTERVAL, now) {
            return None;
        }
        let loudest = self.loudest.take()?;
        self.told = Some(now);
        Some(-i8::try_from(loudest).unwrap_or(i8::MAX))
    }
}

fn rested(last: Option<Instant>, pause: Duration, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_said_once_a_second_and_a_click_never() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut voice = Voice::default();
        assert!(!voice.packet(Some(10), 80, start));
        assert!(!voice.packet(Some(90), 80, at(20)), "that was a click");
        let said = (1..=60).filter(|n| voice.packet(Some(30), 80, at(20 + n * 20)));
        assert_eq!(said.collect::<Vec<_>>(), [3, 53]);
    }

    #[test]
    fn without_a_level_whatever_is_sent_is_speech_but_for_the_packets_of_silence() {
        let start = Instant::now();
        let mut voice = Voice::default();
        assert!(!(0..10).any(|_| voice.packet(None, 1, start)));
        assert!((0..3).any(|_| voice.packet(None, 80, start)));
        assert_eq!(voice.level(start), None);
    }

    #[test]
    fn the_loudest_level_is_told_five_times_a_second() {
        let start = Instant::now();
        let mut voice = Voice::default();
        let told: Vec<i8> = (0..50_u8)
            .filter_map(|n| {
                let now = start + Duration::from_millis(u64::from(n) * 20);
                voice.packet(Some(100 - n), 80, now);
                voice.level(now)
            })
            .collect();
        assert_eq!(told, [-100, -90, -80, -70, -60]);
    }
}
