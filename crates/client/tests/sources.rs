//! The synthetic sources, checked by decoding them again.

#![expect(clippy::expect_used, reason = "a test's helper fails by panicking")]

use std::f64::consts::TAU;

use plenary_client::{Clip, PICTURE_HEIGHT, PICTURE_WIDTH, Source, SourceError};
use ropus::{Channels, DecodeMode, Decoder};
use webp_rust::decoder::decode_lossy_vp8_to_rgba;

const CRIMSON: [u8; 3] = [200, 30, 60];

/// The pixel at (x, y) of a VP8 frame.
fn pixel(frame: &[u8], x: usize, y: usize) -> [u8; 3] {
    let image = decode_lossy_vp8_to_rgba(frame).expect("a valid keyframe");
    let at = (y * image.width + x) * 4;
    [image.rgba[at], image.rgba[at + 1], image.rgba[at + 2]]
}

/// The share of `hertz` in the energy of samples at 48 kHz, from 0 to 1 (Goertzel's algorithm).
fn share(samples: &[i16], hertz: f64) -> f64 {
    let (mut cosine, mut sine, mut energy) = (0.0, 0.0, 0.0);
    for (index, sample) in (0_u32..).zip(samples) {
        let angle = TAU * hertz * f64::from(index) / 48_000.0;
        cosine += f64::from(*sample) * angle.cos();
        sine += f64::from(*sample) * angle.sin();
        energy += f64::from(*sample).powi(2);
    }
    let count = f64::from(u32::try_from(samples.len()).expect("a short clip"));
    2.0 * (cosine.powi(2) + sine.powi(2)) / (count * energy)
}

#[test]
fn every_picture_is_a_vp8_keyframe_of_the_declared_size() -> Result<(), SourceError> {
    let clip = Clip::picture("Ulaanbaatar", CRIMSON)?;
    assert_eq!(clip.frames().len(), 20);
    for frame in clip.frames() {
        // RFC 6386, section 9.1: a clear first bit, the start code, then 14 bits each of width and height.
        assert_eq!(frame[0] & 1, 0, "a keyframe");
        assert_eq!(frame[3..6], [0x9d, 0x01, 0x2a]);
        let width = u16::from_le_bytes([frame[6], frame[7]]) & 0x3fff;
        let height = u16::from_le_bytes([frame[8], frame[9]]) & 0x3fff;
        assert_eq!(usize::from(width), PICTURE_WIDTH);
        assert_eq!(usize::from(height), PICTURE_HEIGHT);
        assert!(frame.len() < 8_000, "{} bytes for a card", frame.len());
    }
    Ok(())
}

#[test]
fn the_background_has_the_requested_colour() -> Result<(), SourceError> {
    for colour in [CRIMSON, [20, 120, 60], [30, 60, 200], [230, 200, 40]] {
        let clip = Clip::picture("Tokyo", colour)?;
        let found = pixel(&clip.frames()[0], PICTURE_WIDTH / 2, PICTURE_HEIGHT / 2);
        for (wanted, found) in colour.into_iter().zip(found) {
            assert!(wanted.abs_diff(found) < 10, "{colour:?} became {found:?}");
        }
    }
    Ok(())
}

#[test]
fn the_bar_moves_and_the_name_is_written() -> Result<(), SourceError> {
    let clip = Clip::picture("Tokyo", CRIMSON)?;
    let frames = clip.frames();
    let bar_row = PICTURE_HEIGHT - 18;
    assert!(
        pixel(&frames[0], 8, bar_row)[1] > 200,
        "the bar begins left"
    );
    assert!(pixel(&frames[19], 8, bar_row)[1] < 60, "and leaves");
    let nameless = Clip::picture("", CRIMSON)?;
    assert_ne!(frames[0], nameless.frames()[0]);
    Ok(())
}

#[test]
fn a_long_name_is_clipped_at_the_edge() {
    assert!(Clip::picture(&"Kuala Lumpur ".repeat(20), CRIMSON).is_ok());
}

#[test]
fn every_opus_packet_is_one_mono_frame_of_twenty_milliseconds() -> Result<(), SourceError> {
    let clip = Clip::tone(440)?;
    assert_eq!(clip.frames().len(), 50);
    for packet in clip.frames() {
        // RFC 6716, section 3.1: five bits of configuration, one of stereo, two of the frame count code.
        let configuration = packet[0] >> 3;
        let milliseconds = match configuration {
            0..=11 => [10.0, 20.0, 40.0, 60.0][usize::from(configuration % 4)],
            12..=15 => [10.0, 20.0][usize::from(configuration % 2)],
            _ => [2.5, 5.0, 10.0, 20.0][usize::from(configuration % 4)],
        };
        assert!((milliseconds - 20.0_f64).abs() < f64::EPSILON);
        assert_eq!(packet[0] & 0b111, 0, "one mono frame");
        assert!(packet.len() > 10, "sound, not silence");
    }
    Ok(())
}

#[test]
fn a_tone_keeps_its_frequency_across_the_end_of_the_loop() -> Result<(), SourceError> {
    let clip = Clip::tone(660)?;
    let mut decoder = Decoder::new(48_000, Channels::Mono).expect("a decoder");
    let mut samples = Vec::new();
    for packet in clip.frames().iter().chain(clip.frames()) {
        let mut pcm = [0_i16; 960];
        let length = decoder.decode(packet, &mut pcm, DecodeMode::Normal);
        assert_eq!(length.expect("a valid packet"), 960);
        samples.extend(pcm);
    }
    // One second with the end of the loop in its middle.
    let seam = &samples[24_000..72_000];
    assert!(share(seam, 660.0) > 0.95, "{}", share(seam, 660.0));
    assert!(share(seam, 440.0) < 0.01);
    Ok(())
}

#[test]
fn a_tone_that_opus_cannot_carry_is_refused() {
    assert!(matches!(Clip::tone(0), Err(SourceError::Frequency(0))));
    assert!(matches!(
        Clip::tone(24_000),
        Err(SourceError::Frequency(24_000))
    ));
}

#[test]
fn a_clip_without_frames_is_refused() {
    let nothing = Clip::new(Vec::new(), std::time::Duration::from_millis(20));
    assert!(matches!(nothing, Err(SourceError::Empty)));
}

#[test]
fn a_city_publishes_picture_and_tone() -> Result<(), SourceError> {
    let city = Source::city("Seoul", [0, 71, 160], 523)?;
    assert!(city.camera.is_some() && city.microphone.is_some());
    Ok(())
}
