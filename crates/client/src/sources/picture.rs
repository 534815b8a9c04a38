//! A city's picture as VP8. The image data of a lossy WebP is a VP8 keyframe (RFC 9649, section 2.5), so an encoder of
//! still pictures produces a valid stream of keyframes.

use std::time::Duration;

use bytes::Bytes;
use font8x8::UnicodeFonts;
use webp_rust::LossyEncodingConfig;
use webp_rust::encoder::encode_lossy_rgba_to_vp8_with_config;

use super::{Clip, SourceError};

/// The width of a generated picture, in pixels.
pub const PICTURE_WIDTH: usize = 320;
/// The height of a generated picture, in pixels.
pub const PICTURE_HEIGHT: usize = 180;

/// Two seconds at ten frames a second.
const FRAMES: usize = 20;
const FRAME_TIME: Duration = Duration::from_millis(100);

const GLYPH: usize = 8;
const BAR_WIDTH: usize = 32;
const BAR_HEIGHT: usize = 12;
/// The bar stays near the lower edge, so that tests find the background in the middle of the picture.
const BAR_TOP: usize = PICTURE_HEIGHT - 2 * BAR_HEIGHT;

pub(super) fn encode(name: &str, colour: [u8; 3]) -> Result<Clip, SourceError> {
    // Method 0 is the fastest search; flat areas gain nothing from a better one.
    let config = LossyEncodingConfig {
        quality: 80.0,
        method: 0,
        segments: 1,
        no_alpha: true,
        ..LossyEncodingConfig::default()
    };
    let frames = (0..FRAMES)
        .map(|index| {
            let rgba = draw(name, colour, index);
            encode_lossy_rgba_to_vp8_with_config(PICTURE_WIDTH, PICTURE_HEIGHT, &rgba, &config)
                .map(Bytes::from)
                .map_err(|error| SourceError::Picture(error.to_string()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Clip::new(frames, FRAME_TIME)
}

fn draw(name: &str, colour: [u8; 3], index: usize) -> Vec<u8> {
    let mut canvas = Canvas::filled(colour);
    let ink = ink_on(colour);
    canvas.write(name, ink);
    let travel = PICTURE_WIDTH - BAR_WIDTH;
    canvas.fill(
        index * travel / (FRAMES - 1),
        BAR_TOP,
        BAR_WIDTH,
        BAR_HEIGHT,
        ink,
    );
    canvas.rgba
}

/// Black or white, whichever has more contrast by the luma weights of BT.601.
fn ink_on([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let luma = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    if luma > 128_000 { [0; 3] } else { [255; 3] }
}

struct Canvas {
    rgba: Vec<u8>,
}

impl Canvas {
    fn filled([red, green, blue]: [u8; 3]) -> Self {
        Self {
            rgba: [red, green, blue, 255].repeat(PICTURE_WIDTH * PICTURE_HEIGHT),
        }
    }

    /// Writes the name across the upper third, scaled two to four times as the width allows.
    fn write(&mut self, name: &str, ink: [u8; 3]) {
        let letters = name.chars().count().max(1);
        let scale = (PICTURE_WIDTH / (letters * GLYPH)).clamp(2, 4);
        let left = PICTURE_WIDTH.saturating_sub(letters * GLYPH * scale) / 2;
        let top = PICTURE_HEIGHT / 6;
        for (position, letter) in name.chars().enumerate() {
            let Some(glyph) = font8x8::BASIC_FONTS
                .get(letter)
                .or_else(|| font8x8::LATIN_FONTS.get(letter))
            else {
                continue;
            };
            for (row, bits) in glyph.iter().enumerate() {
                for column in (0..GLYPH).filter(|column| bits & (1 << column) != 0) {
                    let x = left + (position * GLYPH + column) * scale;
                    self.fill(x, top + row * scale, scale, scale, ink);
                }
            }
        }
    }

    /// Fills a rectangle, clipped at the picture's edges.
    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, ink: [u8; 3]) {
        let rows = self
            .rgba
            .chunks_exact_mut(PICTURE_WIDTH * 4)
            .skip(top)
            .take(height);
        for row in rows {
            for pixel in row.chunks_exact_mut(4).skip(left).take(width) {
                for (dot, ink) in pixel.iter_mut().zip(ink) {
                    *dot = ink;
                }
            }
        }
    }
}
