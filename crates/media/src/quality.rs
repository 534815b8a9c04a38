//! How good a picture is carried: which simulcast layer, and how many of its temporal layers.

/// The temporal layers whose bitrates are told apart; further ones count as the last.
const TEMPORAL_LAYERS: u8 = 4;

/// A choice among the encodings of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality {
    /// The simulcast layer, by its place among the layers of the source.
    pub layer: usize,
    /// The highest temporal layer: without the upper ones the picture is as sharp, but moves less often.
    pub temporal: u8,
}

impl Quality {
    /// Every temporal layer, however many there are.
    pub const EVERY_FRAME: u8 = u8::MAX;

    /// A simulcast layer with all of its frames.
    #[cfg(test)]
    pub const fn whole(layer: usize) -> Self {
        Self {
            layer,
            temporal: Self::EVERY_FRAME,
        }
    }
}

/// The bitrate of a stream, measured second by second.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bitrate {
    /// Bits in the last second, of each temporal layer.
    bits: [u64; TEMPORAL_LAYERS as usize],
    /// Bytes since the end of that second, of each temporal layer.
    bytes: [u64; TEMPORAL_LAYERS as usize],
}

impl Bitrate {
    /// Adds the bytes of a packet to its temporal layer.
    pub fn count(&mut self, temporal: u8, bytes: u64) {
        let at = usize::from(temporal.min(TEMPORAL_LAYERS - 1));
        if let Some(counted) = self.bytes.get_mut(at) {
            *counted += bytes;
        }
    }

    /// Makes what was counted the rate of the last second, and counts anew.
    pub fn roll_over(&mut self) {
        self.bits = std::mem::take(&mut self.bytes).map(|bytes| bytes * 8);
    }

    /// Bits of the last whole second.
    pub fn last_second(&self) -> u64 {
        self.bits.iter().sum()
    }

    /// Bits per second: of the last second, or already more in this one.
    pub fn total(&self) -> u64 {
        let so_far: u64 = self.bytes.iter().sum();
        self.last_second().max(so_far * 8)
    }

    /// The bitrate with every frame, and then without each further upper temporal layer, down to the base.
    pub fn by_temporal(&self) -> impl Iterator<Item = (u8, u64)> {
        let mut rate = self.total();
        let upper = (0..TEMPORAL_LAYERS).zip(self.bits).skip(1).rev();
        let reduced = upper
            .filter(|(_, bits)| *bits > 0)
            .map(move |(layer, bits)| {
                rate = rate.saturating_sub(bits);
                (layer - 1, rate)
            });
        std::iter::once((Quality::EVERY_FRAME, self.total())).chain(reduced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bitrate_is_known_with_and_without_upper_temporal_layers() {
        let mut rate = Bitrate::default();
        for (temporal, bytes) in [(0, 500), (2, 250), (1, 150), (2, 100)] {
            rate.count(temporal, bytes);
        }
        let choices = |rate: &Bitrate| rate.by_temporal().collect::<Vec<_>>();
        assert_eq!(
            choices(&rate),
            [(Quality::EVERY_FRAME, 8_000)],
            "which layers there are is known after a second"
        );
        rate.roll_over();
        assert_eq!(
            choices(&rate),
            [(Quality::EVERY_FRAME, 8_000), (1, 5_200), (0, 4_000)]
        );
    }

    #[test]
    fn a_stream_without_temporal_layers_has_one_bitrate() {
        let mut rate = Bitrate::default();
        rate.count(0, 1_000);
        rate.roll_over();
        rate.count(0, 2_000);
        assert_eq!(rate.last_second(), 8_000);
        assert_eq!(rate.total(), 16_000, "more already in this second");
        assert_eq!(rate.by_temporal().count(), 1);
    }

    #[test]
    fn layers_above_the_last_that_is_told_apart_count_as_it() {
        let mut rate = Bitrate::default();
        rate.count(7, 100);
        rate.count(0, 100);
        rate.roll_over();
        assert_eq!(
            rate.by_temporal().collect::<Vec<_>>(),
            [(Quality::EVERY_FRAME, 1_600), (2, 800)]
        );
    }
}
