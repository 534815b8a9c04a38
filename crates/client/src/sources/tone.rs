//! A tone as Opus. One second holds a whole number of cycles, so the loop repeats without a click.

use std::f64::consts::TAU;
use std::time::Duration;

use bytes::Bytes;
use ropus::{Application, Bitrate, Channels, Encoder};

use super::{Clip, SourceError};

const SAMPLE_RATE: u32 = 48_000;
const PACKET_SAMPLES: u32 = 960;
const PACKET_TIME: Duration = Duration::from_millis(20);
const PACKETS: u32 = SAMPLE_RATE / PACKET_SAMPLES;
/// A quarter of full scale: an analyser finds it, and it is not too loud.
const AMPLITUDE: f64 = 8_192.0;
/// The limit for an Opus packet of one frame (RFC 6716, section 3.4).
const MAX_PACKET_BYTES: usize = 1_276;

pub(super) fn encode(hertz: u32) -> Result<Clip, SourceError> {
    if !(20..=20_000).contains(&hertz) {
        return Err(SourceError::Frequency(hertz));
    }
    let mut encoder = Encoder::builder(SAMPLE_RATE, Channels::Mono, Application::Audio)
        .bitrate(Bitrate::Bits(32_000))
        .complexity(3)
        .build()
        .map_err(|error| SourceError::Tone(error.to_string()))?;

    // The first second lets the encoder settle. The loop is the next second, which begins in the state in which it ends.
    let mut frames = Vec::new();
    for packet in 0..2 * PACKETS {
        let samples: Vec<i16> = (0..PACKET_SAMPLES)
            .map(|sample| wave(hertz, packet * PACKET_SAMPLES + sample))
            .collect();
        let mut buffer = [0; MAX_PACKET_BYTES];
        let length = encoder
            .encode(&samples, &mut buffer)
            .map_err(|error| SourceError::Tone(error.to_string()))?;
        if packet >= PACKETS {
            frames.push(Bytes::copy_from_slice(
                buffer.get(..length).unwrap_or_default(),
            ));
        }
    }
    Clip::new(frames, PACKET_TIME)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the amplitude is a quarter of what an i16 holds"
)]
fn wave(hertz: u32, sample: u32) -> i16 {
    let seconds = f64::from(sample) / f64::from(SAMPLE_RATE);
    (AMPLITUDE * (TAU * f64::from(hertz) * seconds).sin()) as i16
}
