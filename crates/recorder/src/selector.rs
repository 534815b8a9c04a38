//! Which layer of a source a take follows: the best that arrives, changed at keyframes only.

use std::time::{Duration, Instant};

use crate::take::PacketFacts;

/// A layer from which nothing came for so long gives way to a smaller one.
const LAYER_TIMEOUT: Duration = Duration::from_millis(500);
/// A keyframe is asked for at most once in this time.
const KEYFRAME_REQUEST_INTERVAL: Duration = Duration::from_millis(500);

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It belongs to the layer that the take follows.
    Take,
    /// It does not.
    Skip,
    /// It does not, and a keyframe of its layer would let the take change to it.
    SkipAndAsk,
}

/// The layer that a take of pictures follows.
#[derive(Debug, Default)]
pub(crate) struct Selector {
    current: Option<Current>,
    asked: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Current {
    layer: u8,
    generation: u64,
    seen: Instant,
}

impl Selector {
    pub(crate) fn choose(&mut self, facts: &PacketFacts) -> Choice {
        let now = facts.arrival;
        let better = match &mut self.current {
            None => true,
            Some(current) if current.layer == facts.layer => {
                if current.generation == facts.generation {
                    current.seen = now;
                    return Choice::Take;
                }
                // The numbers of streams rise, so a smaller one is a late packet of the stream before.
                facts.generation > current.generation
            }
            Some(current) => {
                let is_silent = now.saturating_duration_since(current.seen) >= LAYER_TIMEOUT;
                facts.layer < current.layer || is_silent
            }
        };
        if !better {
            return Choice::Skip;
        }
        if facts.keyframe {
            self.current = Some(Current {
                layer: facts.layer,
                generation: facts.generation,
                seen: now,
            });
            return Choice::Take;
        }
        if self.may_ask(now) {
            Choice::SkipAndAsk
        } else {
            Choice::Skip
        }
    }

    /// Whether it is time to ask for a keyframe; it then counts as asked for.
    pub(crate) fn may_ask(&mut self, now: Instant) -> bool {
        let may = self
            .asked
            .is_none_or(|asked| now.saturating_duration_since(asked) >= KEYFRAME_REQUEST_INTERVAL);
        if may {
            self.asked = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use plenary_transport::sdp::Codec;

    use super::*;

    struct Camera {
        selector: Selector,
        start: Instant,
    }

    impl Camera {
        fn new() -> Self {
            Self {
                selector: Selector::default(),
                start: Instant::now(),
            }
        }

        fn packet(&mut self, ms: u64, layer: u8, generation: u64, keyframe: bool) -> Choice {
            self.selector.choose(&PacketFacts {
                codec: Codec::Vp8,
                index: 0,
                timestamp: 0,
                marker: false,
                keyframe,
                layer,
                generation,
                arrival: self.start + Duration::from_millis(ms),
            })
        }
    }

    #[test]
    fn a_take_begins_at_a_keyframe_of_any_layer_and_changes_to_a_better_one_at_its_keyframe() {
        let mut camera = Camera::new();
        assert_eq!(camera.packet(0, 2, 1, false), Choice::SkipAndAsk);
        assert_eq!(
            camera.packet(10, 2, 1, false),
            Choice::Skip,
            "asked just now"
        );
        assert_eq!(camera.packet(20, 2, 1, true), Choice::Take);
        assert_eq!(camera.packet(600, 0, 2, false), Choice::SkipAndAsk);
        assert_eq!(camera.packet(610, 2, 1, false), Choice::Take);
        assert_eq!(camera.packet(620, 0, 2, true), Choice::Take);
        assert_eq!(camera.packet(630, 2, 1, true), Choice::Skip);
    }

    #[test]
    fn a_layer_that_stops_gives_way_to_a_smaller_one_at_its_keyframe() {
        let mut camera = Camera::new();
        assert_eq!(camera.packet(0, 0, 1, true), Choice::Take);
        assert_eq!(camera.packet(499, 1, 2, true), Choice::Skip);
        assert_eq!(camera.packet(500, 1, 2, false), Choice::SkipAndAsk);
        assert_eq!(camera.packet(510, 1, 2, true), Choice::Take);
    }

    #[test]
    fn a_new_stream_of_a_layer_begins_at_its_keyframe_and_the_one_before_does_not_return() {
        let mut camera = Camera::new();
        assert_eq!(camera.packet(0, 0, 1, true), Choice::Take);
        assert_eq!(camera.packet(10, 0, 2, false), Choice::SkipAndAsk);
        assert_eq!(camera.packet(20, 0, 2, true), Choice::Take);
        assert_eq!(camera.packet(30, 0, 1, true), Choice::Skip);
    }
}
