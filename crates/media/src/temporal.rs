//! Leaves out upper temporal layers of a picture: whole frames that no other frame that is sent needs.

use crate::codec::Descriptor;

/// Decides which frames of a stream a listener is sent.
#[derive(Debug, Default)]
pub struct TemporalFilter {
    /// The highest temporal layer that is wanted.
    wanted: u8,
    /// The highest that goes out now. It rises only where a decoder can follow.
    current: u8,
    /// The timestamp of the frame whose packets come, and whether it goes out.
    frame: Option<(u32, bool)>,
    /// Whether the upper layers that come next need no earlier frame of theirs.
    opened: bool,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Sent,
    /// Left out; `begins` says that it is the first of its frame.
    LeftOut {
        begins: bool,
    },
}

impl TemporalFilter {
    /// Sets the highest temporal layer that is wanted, from the next frame on.
    pub fn want(&mut self, temporal: u8) {
        self.wanted = temporal;
    }

    /// Begins with a stream, at a keyframe.
    pub fn begin(&mut self, wanted: u8) {
        *self = Self {
            wanted,
            current: wanted,
            frame: None,
            opened: false,
        };
    }

    /// Decides on the next packet. All packets of a frame have the same fate.
    pub fn judge(&mut self, timestamp: u32, descriptor: &Descriptor) -> Verdict {
        if let Some((of, sent)) = self.frame
            && of == timestamp
        {
            return if sent {
                Verdict::Sent
            } else {
                Verdict::LeftOut { begins: false }
            };
        }
        let temporal = descriptor.temporal;
        if self.wanted < self.current || descriptor.keyframe {
            self.current = self.wanted;
        } else if temporal > self.current && temporal <= self.wanted {
            if self.opened {
                self.current = self.wanted;
            } else if descriptor.enters_layer {
                self.current = temporal;
            }
        }
        let sent = temporal <= self.current;
        // A frame that is left out may be needed by later ones of its layer.
        self.opened = sent && (self.opened || descriptor.opens_layers);
        self.frame = Some((timestamp, sent));
        if sent {
            Verdict::Sent
        } else {
            Verdict::LeftOut { begins: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Quality;

    /// The layers of the frames that go out, of a sequence of frames of two packets each.
    fn sent(filter: &mut TemporalFilter, start: u32, frames: &[Descriptor]) -> Vec<u8> {
        let mut sent = Vec::new();
        for (at, frame) in (start..).zip(frames) {
            let verdict = filter.judge(at, frame);
            let rest = filter.judge(at, frame);
            if verdict == Verdict::Sent {
                assert_eq!(rest, Verdict::Sent);
                sent.push(frame.temporal);
            } else {
                assert_eq!(verdict, Verdict::LeftOut { begins: true });
                assert_eq!(rest, Verdict::LeftOut { begins: false });
            }
        }
        sent
    }

    const fn frame(temporal: u8) -> Descriptor {
        Descriptor {
            keyframe: false,
            picture: None,
            base_layer: None,
            temporal,
            enters_layer: false,
            opens_layers: false,
        }
    }

    const fn entering(temporal: u8) -> Descriptor {
        Descriptor {
            enters_layer: true,
            ..frame(temporal)
        }
    }

    #[test]
    fn upper_layers_are_left_out_from_the_next_frame_on() {
        let mut filter = TemporalFilter::default();
        filter.begin(Quality::EVERY_FRAME);
        assert_eq!(filter.judge(0, &frame(2)), Verdict::Sent);
        filter.want(1);
        assert_eq!(
            filter.judge(0, &frame(2)),
            Verdict::Sent,
            "the rest of a frame goes where its first packet went"
        );
        let frames = [frame(0), frame(2), frame(1), frame(2)];
        assert_eq!(sent(&mut filter, 1, &frames), [0, 1]);
    }

    #[test]
    fn a_layer_is_taken_up_where_it_needs_only_the_base() {
        let mut filter = TemporalFilter::default();
        filter.begin(0);
        assert_eq!(sent(&mut filter, 1, &[frame(0), frame(2)]), [0]);
        filter.want(Quality::EVERY_FRAME);
        let frames = [frame(1), frame(2), entering(1), frame(2), entering(2)];
        assert_eq!(sent(&mut filter, 10, &frames), [1, 2]);
        assert_eq!(sent(&mut filter, 20, &[frame(1), frame(2)]), [1, 2]);
    }

    #[test]
    fn a_keyframe_takes_up_all_layers_that_are_wanted() {
        let mut filter = TemporalFilter::default();
        filter.begin(0);
        filter.want(1);
        let keyframe = Descriptor {
            keyframe: true,
            ..frame(0)
        };
        let frames = [frame(1), keyframe, frame(2), frame(1)];
        assert_eq!(sent(&mut filter, 1, &frames), [0, 1]);
    }

    #[test]
    fn a_frame_that_opens_the_layers_above_does_so_for_the_very_next_only() {
        let mut filter = TemporalFilter::default();
        filter.begin(0);
        let opening = Descriptor {
            opens_layers: true,
            ..frame(0)
        };
        assert_eq!(sent(&mut filter, 1, &[opening, frame(2)]), [0]);
        filter.want(Quality::EVERY_FRAME);
        assert!(sent(&mut filter, 10, &[frame(1), frame(2)]).is_empty());
        assert_eq!(sent(&mut filter, 20, &[opening, frame(2)]), [0, 2]);
        assert_eq!(sent(&mut filter, 30, &[frame(1), frame(2)]), [1, 2]);
    }
}
