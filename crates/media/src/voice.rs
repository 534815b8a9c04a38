//! The voice activity of a microphone, from packets that are not decoded: whether the participant speaks, and how loud.
//!
//! The client's own level (RFC 6464) is a hint. A client gains nothing by a false level, because the speech clock
//! starts without a voice too.

use std::time::{Duration, Instant};

/// Louder than this (-dBov) is voice and not the room's hum.
const VOICE_LEVEL: u8 = 50;
/// Who speaks goes on speaking, in a softer voice, down to this (-dBov).
const SOFT_VOICE_LEVEL: u8 = 58;
/// Who falls silent for so long no longer speaks.
const SPEAKING_HOLD: Duration = Duration::from_millis(800);
/// Softer than this (-dBov) is silence: it is less than one step of 16 bits.
const SILENCE_LEVEL: u8 = 90;
/// So many loud packets in a row are speech and not a click: 60 ms.
const SPEECH_PACKETS: u8 = 3;
/// While somebody speaks, that is reported once in this time.
const VOICE_INTERVAL: Duration = Duration::from_secs(1);
/// A level is reported once in this time.
const LEVEL_INTERVAL: Duration = Duration::from_millis(200);
/// A packet of so few bytes is discontinuous transmission, which is silence (RFC 7587, section 3.1.3).
const MAX_DTX_BYTES: usize = 2;

/// The voice activity of one microphone.
#[derive(Debug, Default)]
pub struct Voice {
    loud: u8,
    said: Option<Instant>,
    loudest: Option<u8>,
    told: Option<Instant>,
    /// When sound came last that was not silence.
    sounded: Option<Instant>,
    /// While somebody speaks, when the voice was last heard.
    spoke: Option<Instant>,
    /// The loudness of the last packets, above silence, in sixteenths of a dB.
    loudness: u16,
}

impl Voice {
    /// Takes a packet of that payload length, with its level (-dBov) if the client sends it. Returns whether to report
    /// that somebody speaks.
    pub fn packet(&mut self, level: Option<u8>, length: usize, now: Instant) -> bool {
        let is_loud = level.map_or(length > MAX_DTX_BYTES, |level| level < VOICE_LEVEL);
        self.loudest = match (self.loudest, level) {
            (Some(before), Some(level)) => Some(before.min(level)),
            (before, level) => before.or(level),
        };
        let above_silence = match level {
            Some(level) => SILENCE_LEVEL.saturating_sub(level),
            // The loudness of a voice, which the mean below does not quite reach.
            None if is_loud => SILENCE_LEVEL - VOICE_LEVEL + 1,
            None => 0,
        };
        let sixteenths = u16::from(above_silence) * 16;
        self.loudness = (self.loudness * 7 + sixteenths) / 8;
        self.loud = if is_loud {
            self.loud.saturating_add(1)
        } else {
            0
        };
        if level.map_or(length > MAX_DTX_BYTES, |level| level < SILENCE_LEVEL) {
            self.sounded = Some(now);
        }
        let goes_on = self.speaks(now) && level.is_some_and(|level| level < SOFT_VOICE_LEVEL);
        let begins = self.loud >= SPEECH_PACKETS && level.is_some();
        if goes_on || begins {
            self.spoke = Some(now);
        }
        let speaks = self.loud >= SPEECH_PACKETS && rested(self.said, VOICE_INTERVAL, now);
        if speaks {
            self.said = Some(now);
        }
        speaks
    }

    /// Whether the participant speaks, by the levels: a pause between words changes nothing.
    pub fn speaks(&self, now: Instant) -> bool {
        self.spoke
            .is_some_and(|at| now.saturating_duration_since(at) < SPEAKING_HOLD)
    }

    /// Whether the participant may be speaking, also if the client sends no levels.
    pub fn may_speak(&self, now: Instant) -> bool {
        let sounds = self
            .sounded
            .is_some_and(|at| now.saturating_duration_since(at) < SPEAKING_HOLD);
        self.speaks(now) || sounds && self.loudness() >= SILENCE_LEVEL - VOICE_LEVEL
    }

    /// How loud the last packets were, above silence, in dB: the mean of some 160 ms.
    pub fn loudness(&self) -> u8 {
        u8::try_from(self.loudness / 16).unwrap_or(u8::MAX)
    }

    /// Takes over from another worker whether the participant speaks, and how loud.
    pub fn follow(&mut self, speaks: bool, loudness: u8, now: Instant) {
        self.spoke = speaks.then_some(now);
        self.sounded = Some(now);
        self.loudness = u16::from(loudness) * 16;
    }

    /// When sound came last that was not silence.
    pub fn sounded(&self) -> Option<Instant> {
        self.sounded
    }

    /// Forgets that the participant speaks, so that a speech begins with the next words.
    pub fn begin_anew(&mut self) {
        (self.loud, self.said, self.spoke) = (0, None, None);
    }

    /// The loudest level since the last report, in dBov; none if there is none or it is too soon.
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
    fn speech_is_reported_once_a_second_and_a_click_never() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut voice = Voice::default();
        assert!(!voice.packet(Some(10), 80, start));
        assert!(!voice.packet(Some(90), 80, at(20)), "that was a click");
        let said = (1..=60).filter(|n| voice.packet(Some(30), 80, at(20 + n * 20)));
        assert_eq!(said.collect::<Vec<_>>(), [3, 53]);
    }

    #[test]
    fn without_a_level_every_packet_counts_as_speech_but_for_those_of_silence() {
        let start = Instant::now();
        let mut voice = Voice::default();
        assert!(!(0..10).any(|_| voice.packet(None, 1, start)));
        assert!((0..3).any(|_| voice.packet(None, 80, start)));
        assert_eq!(voice.level(start), None);
    }

    #[test]
    fn who_speaks_goes_on_through_a_soft_word_and_a_short_pause_and_stops_after_a_long_one() {
        let start = Instant::now();
        let at = |n: u32| start + Duration::from_millis(20) * n;
        let mut voice = Voice::default();
        let mut say = |level, packets: std::ops::Range<u32>| {
            let spoke = packets.map(|n| {
                voice.packet(Some(level), 80, at(n));
                voice.speaks(at(n))
            });
            spoke.collect::<Vec<_>>()
        };
        assert_eq!(say(55, 0..2), [false, false], "too soft to begin");
        assert_eq!(say(40, 2..5), [false, false, true]);
        assert!(say(55, 5..200).iter().all(|speaks| *speaks), "softly");
        assert!(say(70, 200..230).iter().all(|speaks| *speaks), "a pause");
        assert!(say(70, 250..251).iter().all(|speaks| !*speaks), "silence");
        assert!(say(55, 251..300).iter().all(|speaks| !*speaks));
    }

    #[test]
    fn digital_silence_is_no_sound_and_the_hum_of_a_room_is() {
        let start = Instant::now();
        let mut voice = Voice::default();
        voice.packet(Some(127), 80, start);
        voice.packet(None, 1, start);
        assert_eq!(voice.sounded(), None);
        voice.packet(Some(80), 80, start);
        assert_eq!(voice.sounded(), Some(start));
    }

    #[test]
    fn the_loudest_level_is_reported_five_times_a_second() {
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
