//! One continuous RTP stream per slot, through every change of source.
//!
//! Between two switches every counter is moved by a constant, so a switch is one [`Segment`] and a packet costs four
//! additions. The last segments are kept: by them a sequence number that a listener asks for again is traced back to
//! the source's own packet, without remembering packets per listener.

use std::{collections::VecDeque, time::Instant};

use crate::{codec::Descriptor, srtp::nearest_index};

/// Segments kept, for repairs of packets sent before a switch.
const MAX_SEGMENTS: usize = 8;

/// From which source's which packet on the counters move by how much. `K` names the source and its layer.
#[derive(Debug, Clone, Copy)]
pub struct Segment<K> {
    pub from: K,
    first_in: u64,
    first_out: u64,
    timestamp: u32,
    picture: u16,
    base_layer: u8,
}

/// Where a packet goes in the slot's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewritten {
    /// The slot's 48-bit packet index; its low 16 bits are the sequence number.
    pub index: u64,
    pub timestamp: u32,
    /// What is added to the picture id.
    pub picture: u16,
    /// What is added to TL0PICIDX.
    pub base_layer: u8,
}

/// A slot's stream so far.
#[derive(Debug)]
pub struct Rewriter<K> {
    clock_hz: u32,
    segments: VecDeque<Segment<K>>,
    next_out: u64,
    last: Option<Last>,
    last_in: u64,
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
            last_in: 0,
        }
    }

    /// The source that flows now, if any.
    pub fn playing(&self) -> Option<K> {
        self.segments.back().map(|segment| segment.from)
    }

    /// How far timestamps of what flows now are moved.
    pub fn timestamp_shift(&self) -> Option<u32> {
        self.segments.back().map(|segment| segment.timestamp)
    }

    /// Nothing flows until the next switch, and nothing sent before is traced any more.
    pub fn pause(&mut self) {
        self.segments.clear();
    }

    /// From this packet on, `from` flows. The caller sees to it that a picture begins with a keyframe.
    pub fn switch(
        &mut self,
        from: K,
        sequence: u16,
        timestamp: u32,
        descriptor: &Descriptor,
        now: Instant,
    ) {
        let first_in = u64::from(sequence) + (1 << 16);
        let mut segment = Segment {
            from,
            first_in,
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
        if self.segments.len() == MAX_SEGMENTS {
            self.segments.pop_front();
        }
        self.segments.push_back(segment);
        self.last_in = first_in;
    }

    /// The place of a packet of what flows now; none if it is older than the switch.
    pub fn rewrite(
        &mut self,
        sequence: u16,
        timestamp: u32,
        descriptor: &Descriptor,
        now: Instant,
    ) -> Option<Rewritten> {
        let index_in = nearest_index(self.last_in, sequence);
        let newest = self.segments.back()?.from;
        let segment = self
            .segments
            .iter()
            .rev()
            .take_while(|segment| segment.from == newest)
            .find(|segment| segment.first_in <= index_in)?;
        let rewritten = segment.rewrite(index_in, timestamp);
        if index_in >= self.last_in {
            self.last_in = index_in;
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
        }
        Some(rewritten)
    }

    /// A packet of what flows now holds nothing to forward: close the gap, or listeners would ask for it.
    pub fn skip(&mut self, sequence: u16) {
        let index_in = nearest_index(self.last_in, sequence);
        let Some(segment) = self.segments.back().copied() else {
            return;
        };
        // Only at the head: a gap in the past has been passed on already.
        if index_in == self.last_in + 1 {
            let next = Segment {
                first_in: index_in + 1,
                first_out: self.next_out,
                ..segment
            };
            if segment.first_in == index_in || self.segments.len() == MAX_SEGMENTS {
                self.segments.pop_front();
            }
            self.segments.push_back(next);
            self.last_in = index_in;
        }
    }

    /// Whose packet went out under this sequence number, its own sequence number, and where it stood.
    pub fn trace(&self, sequence_out: u16) -> Option<(K, u16, impl Fn(u32) -> Rewritten + use<K>)> {
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
        let sequence_in = u16::try_from(index_in & 0xffff).unwrap_or(0);
        Some((segment.from, sequence_in, move |timestamp| {
            segment.rewrite(index_in, timestamp)
        }))
    }
}

impl<K> Segment<K> {
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
    use std::time::Duration;

    const PLAIN: Descriptor = Descriptor {
        keyframe: true,
        picture: None,
        base_layer: None,
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
    fn what_is_skipped_leaves_no_gap_and_repairs_still_find_their_packet() {
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
}
