//! One continuous RTP stream per slot, through every change of source.
//!
//! Between two switches, and between frames that are left out, every counter is moved by a constant. Such a stretch is
//! one [`Segment`], and a packet costs four additions. The last segments are kept: by them a sequence number that a
//! listener asks for again is traced back to the source's own packet, without remembering packets per listener.
//!
//! No two packets get one number. A segment begins after the last number that was given, and a packet that comes late
//! belongs to a segment only if it lies between its first and its last packet. So segments never overlap, and within one
//! the source's own numbers differ.

use std::{collections::VecDeque, time::Instant};

use crate::{codec::Descriptor, packet_index::nearest_index};

/// Segments kept, for repairs of packets sent before a switch or a frame that was left out: of two seconds and more.
const MAX_SEGMENTS: usize = 64;
/// A sender whose next packet is further ahead than this has begun anew (RFC 3550, appendix A.1).
pub const MAX_DROPOUT: u64 = 3000;

/// A stretch of the stream between two switches: its source, its first packet, and the amounts by which the counters
/// move. `K` names the stream that is carried.
#[derive(Debug, Clone, Copy)]
pub struct Segment<K> {
    pub from: K,
    /// The index of its first packet, and the one after its last.
    first_in: u64,
    next_in: u64,
    first_out: u64,
    timestamp: u32,
    picture: u16,
    base_layer: u8,
}

/// The place of a packet in the slot's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewritten {
    /// The slot's 48-bit packet index; its low 16 bits are the sequence number.
    pub index: u64,
    pub timestamp: u32,
    /// The amount that is added to the picture id.
    pub picture: u16,
    /// The amount that is added to TL0PICIDX.
    pub base_layer: u8,
}

/// A slot's stream so far.
#[derive(Debug)]
pub struct Rewriter<K> {
    clock_hz: u32,
    segments: VecDeque<Segment<K>>,
    /// The number after the last that was given. It never falls.
    next_out: u64,
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    timestamp: u32,
    picture: u16,
    base_layer: u8,
    at: Instant,
}

impl<K: Copy + PartialEq> Rewriter<K> {
    /// A stream that begins at `first`, on a clock of `clock_hz`.
    pub fn new(clock_hz: u32, first: u16) -> Self {
        Self {
            clock_hz,
            segments: VecDeque::new(),
            next_out: u64::from(first),
            last: None,
        }
    }

    /// What flows now, if anything.
    pub fn playing(&self) -> Option<K> {
        self.segments.back().map(|segment| segment.from)
    }

    /// The amount by which the timestamps of the present source are moved.
    pub fn timestamp_shift(&self) -> Option<u32> {
        self.segments.back().map(|segment| segment.timestamp)
    }

    /// Whether a packet is too far ahead of the last one to continue the segment.
    pub fn breaks_off_before(&self, index_in: u64) -> bool {
        self.segments
            .back()
            .is_some_and(|segment| index_in >= segment.next_in.saturating_add(MAX_DROPOUT))
    }

    /// Pauses the stream: nothing flows until the next switch, and nothing sent before is traced any more.
    pub fn pause(&mut self) {
        self.segments.clear();
    }

    /// Switches to `from`, beginning with this packet. The caller sees to it that a picture begins with a keyframe.
    pub fn switch(
        &mut self,
        from: K,
        index_in: u64,
        timestamp: u32,
        descriptor: &Descriptor,
        now: Instant,
    ) {
        if self.playing() == Some(from) {
            // The same stream after a gap in its numbers: late packets from before the gap are dropped.
            self.pause();
        }
        let mut segment = Segment {
            from,
            first_in: index_in,
            next_in: index_in,
            first_out: self.next_out,
            timestamp: 0,
            picture: 0,
            base_layer: 0,
        };
        if let Some(last) = self.last {
            // The listener's clock goes on by as much as passed, and by a frame at least.
            let elapsed = now.saturating_duration_since(last.at).as_millis();
            let ticks = u64::try_from(elapsed)
                .unwrap_or(0)
                .saturating_mul(u64::from(self.clock_hz))
                / 1000;
            let step = u32::try_from(ticks & u64::from(u32::MAX))
                .unwrap_or(0)
                .max(self.clock_hz / 50);
            segment.timestamp = last.timestamp.wrapping_add(step).wrapping_sub(timestamp);
            if let Some(picture) = descriptor.picture {
                segment.picture = last.picture.wrapping_add(1).wrapping_sub(picture.number);
            }
            if let Some((_, number)) = descriptor.base_layer {
                segment.base_layer = last.base_layer.wrapping_add(1).wrapping_sub(number);
            }
        }
        self.push(segment);
    }

    /// The place of a packet of what flows now; none if it is older than the switch, or too far ahead.
    pub fn rewrite(
        &mut self,
        index_in: u64,
        timestamp: u32,
        descriptor: &Descriptor,
        now: Instant,
    ) -> Option<Rewritten> {
        if self.breaks_off_before(index_in) {
            return None;
        }
        let newest = self.segments.back_mut()?;
        if index_in < newest.next_in {
            // A late packet gets the number that was reserved for it.
            let from = newest.from;
            let segments = self.segments.iter().rev();
            return segments
                .take_while(|segment| segment.from == from)
                .find(|segment| segment.contains(index_in))
                .map(|segment| segment.rewrite(index_in, timestamp));
        }
        newest.next_in = index_in + 1;
        let rewritten = newest.rewrite(index_in, timestamp);
        self.next_out = rewritten.index + 1;
        // A codec without these counters leaves them where they were.
        let before = self.last.unwrap_or(Last {
            timestamp: 0,
            picture: 0,
            base_layer: 0,
            at: now,
        });
        self.last = Some(Last {
            timestamp: rewritten.timestamp,
            picture: descriptor.picture.map_or(before.picture, |id| {
                id.number.wrapping_add(rewritten.picture)
            }),
            base_layer: descriptor.base_layer.map_or(before.base_layer, |(_, id)| {
                id.wrapping_add(rewritten.base_layer)
            }),
            at: now,
        });
        Some(rewritten)
    }

    /// Skips a packet that holds nothing to forward, and closes the gap, so that listeners do not ask for it.
    pub fn skip(&mut self, index_in: u64) {
        self.leave_out(index_in, false);
    }

    /// Whether a packet is after all that came so far.
    pub fn is_next(&self, index_in: u64) -> bool {
        let newest = self.segments.back();
        newest.is_none_or(|segment| index_in >= segment.next_in)
    }

    /// Leaves out a packet like [`Self::skip`]. With `closes_gap`, which is for one packet of each picture, the picture
    /// ids have no gap either.
    pub fn leave_out(&mut self, index_in: u64, closes_gap: bool) {
        if self.breaks_off_before(index_in) {
            return;
        }
        let Some(newest) = self.segments.back_mut() else {
            return;
        };
        // Only at the head: a gap in the past has been passed on already.
        if index_in < newest.next_in {
            return;
        }
        // Packets missing before it may still come, and keep their numbers.
        newest.next_in = index_in;
        let next = Segment {
            first_in: index_in + 1,
            next_in: index_in + 1,
            first_out: newest.first_out + (index_in - newest.first_in),
            picture: newest.picture.wrapping_sub(closes_gap.into()),
            ..*newest
        };
        self.next_out = next.first_out;
        if newest.first_in == newest.next_in {
            *newest = next;
        } else {
            self.push(next);
        }
    }

    /// The source of the packet that went out under this sequence number, the packet's own index, and a function from its
    /// timestamp to its place in the stream.
    pub fn trace(&self, sequence_out: u16) -> Option<(K, u64, impl Fn(u32) -> Rewritten + use<K>)> {
        let index_out = nearest_index(self.next_out, sequence_out);
        if index_out >= self.next_out {
            return None;
        }
        let segment = *self
            .segments
            .iter()
            .rev()
            .find(|segment| segment.first_out <= index_out)?;
        let index_in = segment.first_in + (index_out - segment.first_out);
        segment
            .contains(index_in)
            .then_some((segment.from, index_in, move |timestamp| {
                segment.rewrite(index_in, timestamp)
            }))
    }

    fn push(&mut self, segment: Segment<K>) {
        if self.segments.len() == MAX_SEGMENTS {
            self.segments.pop_front();
        }
        self.segments.push_back(segment);
    }
}

impl<K> Segment<K> {
    fn contains(&self, index_in: u64) -> bool {
        (self.first_in..self.next_in).contains(&index_in)
    }

    fn rewrite(&self, index_in: u64, timestamp: u32) -> Rewritten {
        Rewritten {
            index: self.first_out + index_in.saturating_sub(self.first_in),
            timestamp: timestamp.wrapping_add(self.timestamp),
            picture: self.picture,
            base_layer: self.base_layer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plenary_transport::sdp::Codec;
    use proptest::prelude::*;
    use std::time::Duration;

    const PLAIN: Descriptor = Descriptor {
        keyframe: true,
        picture: None,
        base_layer: None,
        temporal: 0,
        enters_layer: false,
        opens_layers: false,
    };

    #[test]
    fn a_switch_continues_sequence_and_clock() {
        let start = Instant::now();
        let mut slot = Rewriter::new(90_000, 65_535);
        slot.switch('a', 100, 5_000, &PLAIN, start);
        assert_eq!(
            slot.rewrite(100, 5_000, &PLAIN, start).unwrap().index,
            65_535
        );
        let last = slot.rewrite(101, 8_000, &PLAIN, start).unwrap();
        let later = start + Duration::from_millis(100);
        slot.switch('b', 7, 1, &PLAIN, later);
        let next = slot.rewrite(7, 1, &PLAIN, later).unwrap();
        assert_eq!(
            (next.index, next.timestamp),
            (last.index + 1, last.timestamp + 9_000)
        );
        assert_eq!(slot.rewrite(6, 0, &PLAIN, later), None);
    }

    #[test]
    fn picture_ids_continue_across_a_switch() {
        let start = Instant::now();
        let a = Descriptor::of(Codec::Vp8, &[0x90, 0xc0, 0x80, 10, 20, 0]);
        let b = Descriptor::of(Codec::Vp8, &[0x90, 0xc0, 0x83, 0, 99, 0]);
        let mut slot = Rewriter::new(90_000, 0);
        slot.switch('a', 1, 0, &a, start);
        slot.rewrite(1, 0, &a, start);
        slot.switch('b', 1, 0, &b, start);
        let rewritten = slot.rewrite(1, 0, &b, start).unwrap();
        assert_eq!(
            b.picture.unwrap().number.wrapping_add(rewritten.picture),
            11
        );
        assert_eq!(99_u8.wrapping_add(rewritten.base_layer), 21);
    }

    #[test]
    fn a_skipped_packet_leaves_no_gap_and_retransmissions_still_find_their_packet() {
        let start = Instant::now();
        let mut slot = Rewriter::new(90_000, 10);
        slot.switch('a', 500, 0, &PLAIN, start);
        slot.rewrite(500, 0, &PLAIN, start);
        slot.skip(501);
        assert_eq!(slot.rewrite(502, 0, &PLAIN, start).unwrap().index, 11);
        assert_eq!(
            slot.trace(10).map(|(from, sequence, _)| (from, sequence)),
            Some(('a', 500))
        );
        assert_eq!(
            slot.trace(11).map(|(from, sequence, _)| (from, sequence)),
            Some(('a', 502))
        );
        assert!(slot.trace(12).is_none());
    }

    #[test]
    fn a_picture_that_is_left_out_leaves_no_gap_in_the_picture_ids() {
        let start = Instant::now();
        let mut slot = Rewriter::new(90_000, 10);
        let picture = |id: u8| Descriptor::of(Codec::Vp8, &[0x90, 0xc0, 0x80, id, 20, 0]);
        slot.switch('a', 500, 0, &picture(7), start);
        slot.rewrite(500, 0, &picture(7), start);
        slot.leave_out(501, true);
        slot.leave_out(502, false);
        slot.leave_out(503, true);
        let next = slot.rewrite(504, 0, &picture(10), start).unwrap();
        assert_eq!((next.index, 10_u16.wrapping_add(next.picture)), (11, 8));
        let (_, _, again) = slot.trace(10).unwrap();
        assert_eq!(again(0).picture, 0, "those before it have their own");
    }

    #[test]
    fn packets_missing_before_a_skipped_one_keep_their_numbers() {
        let start = Instant::now();
        let mut slot = Rewriter::new(90_000, 10);
        slot.switch('a', 500, 0, &PLAIN, start);
        slot.rewrite(500, 0, &PLAIN, start);
        slot.skip(503);
        slot.skip(504);
        let index = |slot: &mut Rewriter<char>, index_in| {
            slot.rewrite(index_in, 0, &PLAIN, start)
                .map(|rewritten| rewritten.index)
        };
        assert_eq!(index(&mut slot, 505), Some(13));
        assert_eq!(index(&mut slot, 502), Some(12));
        assert_eq!(index(&mut slot, 501), Some(11));
        assert_eq!(index(&mut slot, 503), None, "it was skipped");
    }

    #[test]
    fn a_stream_that_breaks_off_goes_on_after_the_last_number_when_it_begins_anew() {
        let start = Instant::now();
        let mut slot = Rewriter::new(90_000, 10);
        slot.switch('a', 500, 0, &PLAIN, start);
        slot.rewrite(500, 0, &PLAIN, start);
        let far = 501 + MAX_DROPOUT;
        assert!(!slot.breaks_off_before(far - 1) && slot.breaks_off_before(far));
        assert_eq!(slot.rewrite(far, 0, &PLAIN, start), None);
        slot.switch('a', far, 0, &PLAIN, start);
        assert_eq!(slot.rewrite(far, 0, &PLAIN, start).unwrap().index, 11);
        assert_eq!(slot.rewrite(501, 0, &PLAIN, start), None);
    }

    fn streams() -> impl Strategy<Value = char> {
        proptest::sample::select(vec!['a', 'b', 'c'])
    }

    /// What a slot does with a packet of one of three streams.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Packet(char, i64),
        Padding(i64),
        Pause,
    }

    proptest! {
        #[test]
        fn no_two_packets_get_one_number_and_every_number_is_traced_to_its_packet(
            steps in proptest::collection::vec(
                prop_oneof![
                    4 => (streams(), -8..10_i64).prop_map(|(from, step)| Step::Packet(from, step)),
                    4 => Just(Step::Packet('a', 1)),
                    1 => (streams(), -5_000..5_000_i64).prop_map(|(from, step)| Step::Packet(from, step)),
                    2 => (0..4_i64).prop_map(Step::Padding),
                    1 => Just(Step::Pause),
                ],
                1..120,
            ),
        ) {
            let now = Instant::now();
            let mut slot = Rewriter::new(90_000, 10);
            let mut at = std::collections::HashMap::from([('a', 9_000), ('b', 9_000), ('c', 9_000)]);
            let (mut seen, mut given) = (std::collections::HashSet::new(), std::collections::HashSet::new());
            for step in steps {
                match step {
                    Step::Packet(from, step) => {
                        let index = at.get_mut(&from).unwrap();
                        *index = u64::saturating_add_signed(*index, step);
                        // The session hands no packet on twice.
                        if !seen.insert((from, *index)) {
                            continue;
                        }
                        if slot.playing() != Some(from) || slot.breaks_off_before(*index) {
                            slot.switch(from, *index, 0, &PLAIN, now);
                        }
                        if let Some(rewritten) = slot.rewrite(*index, 0, &PLAIN, now) {
                            prop_assert!(given.insert(rewritten.index), "{rewritten:?}");
                            let sequence = (rewritten.index & 0xffff) as u16;
                            let traced = slot.trace(sequence).map(|(from, index, _)| (from, index));
                            prop_assert_eq!(traced, Some((from, *index)));
                        }
                    }
                    Step::Padding(step) => {
                        if let Some(from) = slot.playing() {
                            let index = at.get_mut(&from).unwrap();
                            *index = u64::saturating_add_signed(*index, step);
                            if seen.insert((from, *index)) {
                                slot.leave_out(*index, step % 2 == 0);
                            }
                        }
                    }
                    Step::Pause => slot.pause(),
                }
            }
        }
    }
}
