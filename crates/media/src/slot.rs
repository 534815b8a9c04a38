//! One receiving line of a listener: the source that it carries, and its continuous stream.

use std::time::{Duration, Instant};

use plenary_transport::{
    outgoing::PacketClass,
    sdp::{Codec, Kind},
};

use plenary_scene::{PictureSize, Source, Want};

use crate::{
    cache::CachedPacket,
    codec::PayloadTypes,
    key::SourceKey,
    packet::Packet,
    quality::Quality,
    resend::SentPackets,
    rewrite::{Rewriter, Rewritten},
    rtp::{self, Outgoing, TwccSequence},
    srtp::{AUTH_TAG_BYTES, Sealer},
    temporal::{TemporalFilter, Verdict},
};

/// A slot begins anew for its client at most once in this time.
const BEGIN_ANEW_INTERVAL: Duration = Duration::from_secs(1);

/// The content of a slot between two switches: one stream of a layer of a source, in one codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    pub source: SourceKey,
    pub layer: usize,
    /// The stream of that layer: under another SSRC, numbers and timestamps begin anew.
    pub generation: u64,
    pub codec: Codec,
}

/// One receiving line of a listener.
#[derive(Debug)]
pub struct Slot {
    /// Its place in the description.
    pub mid: String,
    /// The purpose that the client wants it for.
    pub want: Want,
    /// How large the client shows its picture, if it says so.
    pub size: Option<PictureSize>,
    /// The codecs that the client takes here, as it numbers them.
    pub offered: Vec<PayloadTypes>,
    /// The SSRC of its stream, which never changes.
    pub ssrc: u32,
    /// The SSRC of its retransmissions (RFC 4588).
    pub rtx_ssrc: u32,
    pub clock_hz: u32,
    /// The source that it is to carry.
    pub assigned: Option<SourceKey>,
    /// The layer it is to carry.
    pub layer: usize,
    /// The highest temporal layer of it.
    temporal: u8,
    frames: TemporalFilter,
    /// Whether the path has no room for it.
    pub paused: bool,
    /// The extension in which the client wants transport-wide sequence numbers.
    pub twcc_extension: Option<u8>,
    pub packets: u32,
    pub octets: u32,
    rewriter: Rewriter<Encoding>,
    begun_anew: Option<Instant>,
    rtx_index: u64,
    /// What a client without RTX may ask for again.
    sent: SentPackets,
}

impl Slot {
    /// A slot that carries nothing yet.
    pub fn new(
        mid: String,
        want: Want,
        offered: Vec<PayloadTypes>,
        clock_hz: u32,
        ssrcs: (u32, u32),
    ) -> Self {
        // A random first number, small enough that a late packet cannot wrap to before it (RFC 3711, 3.3.1).
        let first = u16::try_from(ssrcs.1 & 0x3fff).unwrap_or(0) + 1;
        Self {
            mid,
            want,
            size: None,
            offered,
            ssrc: ssrcs.0,
            rtx_ssrc: ssrcs.1,
            clock_hz,
            assigned: None,
            layer: 0,
            frames: TemporalFilter::default(),
            temporal: Quality::EVERY_FRAME,
            paused: false,
            twcc_extension: None,
            packets: 0,
            octets: 0,
            rewriter: Rewriter::new(clock_hz, first),
            begun_anew: None,
            rtx_index: 0,
            sent: SentPackets::default(),
        }
    }

    /// Assigns a source, which flows from its first packet that can begin a stream. What flowed until now stops, and is
    /// not retransmitted either.
    pub fn assign(&mut self, source: Option<SourceKey>) {
        self.assigned = source;
        self.rewriter.pause();
        self.sent.clear();
    }

    /// Assigns a source that may be the one that it has; returns it if it is another.
    pub fn change_to(&mut self, source: Option<SourceKey>) -> Option<SourceKey> {
        if self.assigned == source {
            return None;
        }
        self.assign(source);
        source
    }

    /// What its packets are to a path that cannot carry everything.
    pub fn packet_class(&self) -> PacketClass {
        match self.offered.first().map(|offered| offered.codec.kind()) {
            Some(Kind::Audio) => PacketClass::Sound,
            Some(Kind::Video) | None => PacketClass::Picture,
        }
    }

    /// How large the client shows its picture.
    pub fn size(&self) -> PictureSize {
        self.size.unwrap_or_else(|| self.want.usual_size())
    }

    /// Whether the client can decode that codec here.
    pub fn decodes(&self, codec: Codec) -> bool {
        self.payload_types(codec).is_some()
    }

    fn payload_types(&self, codec: Codec) -> Option<PayloadTypes> {
        self.offered
            .iter()
            .copied()
            .find(|offered| offered.codec == codec)
    }

    /// Chooses what it carries, or nothing; returns whether the stream has to begin anew for that.
    pub fn carry(&mut self, quality: Option<Quality>) -> bool {
        let Some(quality) = quality else {
            self.paused = true;
            self.rewriter.pause();
            self.sent.clear();
            return false;
        };
        let changes = std::mem::take(&mut self.paused) || self.layer != quality.layer;
        self.layer = quality.layer;
        self.temporal = quality.temporal;
        changes
    }

    /// What it is to carry; none while the path has no room for it.
    pub fn quality(&self) -> Option<Quality> {
        (!self.paused).then_some(Quality {
            layer: self.layer,
            temporal: self.temporal,
        })
    }

    /// Whether it waits for a keyframe of what it is to carry.
    pub fn awaits_keyframe(&self) -> bool {
        self.assigned.is_some_and(|source| {
            let carries =
                |encoding: Encoding| encoding.source == source && encoding.layer == self.layer;
            source.1 != Source::Microphone
                && !self.paused
                && !self.rewriter.playing().is_some_and(carries)
        })
    }

    /// Whether anything of that source flows, in whatever layer.
    pub fn shows(&self, source: SourceKey) -> bool {
        self.rewriter
            .playing()
            .is_some_and(|encoding| encoding.source == source)
    }

    /// Has what flows begin anew, at a keyframe. It happens at most once in a while: what follows the keyframe is sent
    /// again with it, and a client may ask as often as it likes.
    pub fn begin_anew(&mut self, now: Instant) {
        let rested = self
            .begun_anew
            .is_none_or(|at| now.saturating_duration_since(at) >= BEGIN_ANEW_INTERVAL);
        if rested {
            self.begun_anew = Some(now);
            self.rewriter.pause();
        }
    }

    /// The encoding that flows, and the amount by which its timestamps are moved.
    pub fn playing(&self) -> Option<(Encoding, u32)> {
        let encoding = self.rewriter.playing()?;
        (self.assigned == Some(encoding.source))
            .then_some((encoding, self.rewriter.timestamp_shift()?))
    }

    /// Decides on a packet of a source that the gate lets through: its place here, if it is to go out.
    pub fn rewrite(
        &mut self,
        from: SourceKey,
        layer: usize,
        packet: &Packet<'_>,
        now: Instant,
    ) -> Option<Rewritten> {
        if self.assigned != Some(from) || self.paused || !self.decodes(packet.codec) {
            return None;
        }
        let encoding = Encoding {
            source: from,
            layer,
            generation: packet.generation,
            codec: packet.codec,
        };
        if !self.continues(encoding, packet.index) {
            // Sound may begin anywhere, a picture only where it needs nothing before it.
            let begins =
                from.1 == Source::Microphone || (layer == self.layer && packet.descriptor.keyframe);
            if !begins || packet.payload.is_empty() {
                self.pause_if_over(encoding);
                return None;
            }
            self.rewriter.switch(
                encoding,
                packet.index,
                packet.timestamp,
                &packet.descriptor,
                now,
            );
            self.frames.begin(self.temporal);
        }
        if packet.payload.is_empty() {
            self.rewriter.skip(packet.index);
            return None;
        }
        if from.1 != Source::Microphone && self.rewriter.is_next(packet.index) {
            if layer == self.layer {
                // Until its keyframe comes, the layer before it goes on as it was.
                self.frames.want(self.temporal);
            }
            let verdict = self.frames.judge(packet.timestamp, &packet.descriptor);
            if let Verdict::LeftOut { begins } = verdict {
                // VP9 refers to earlier pictures by the distance of their ids, so theirs must stay.
                let closes_gap = begins && packet.codec == Codec::Vp8;
                self.rewriter.leave_out(packet.index, closes_gap);
                return None;
            }
        }
        self.rewriter
            .rewrite(packet.index, packet.timestamp, &packet.descriptor, now)
    }

    /// Whether a packet continues the stream that flows.
    fn continues(&self, encoding: Encoding, index: u64) -> bool {
        self.rewriter.playing() == Some(encoding) && !self.rewriter.breaks_off_before(index)
    }

    /// Pauses the slot if it carries this layer: the stream that flowed has ended, and the next begins at a keyframe.
    fn pause_if_over(&mut self, encoding: Encoding) {
        let over = |playing: Encoding| {
            playing.source == encoding.source
                && playing.layer == encoding.layer
                && playing.codec == encoding.codec
        };
        if self.rewriter.playing().is_some_and(over) {
            self.rewriter.pause();
        }
    }

    /// Writes and seals a packet into `buffer`.
    pub fn write(
        &mut self,
        rewritten: Rewritten,
        packet: &Packet<'_>,
        twcc: Option<TwccSequence>,
        sealer: &mut Sealer,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let types = self.payload_types(packet.codec)?;
        let header = Outgoing {
            payload_type: types.media,
            marker: packet.marker,
            padded: false,
            sequence: u16::try_from(rewritten.index & 0xffff).ok()?,
            timestamp: rewritten.timestamp,
            ssrc: self.ssrc,
            twcc,
        };
        let start = header.write(buffer)?;
        let length = start + packet.payload.len();
        let payload = buffer.get_mut(start..length)?;
        payload.copy_from_slice(packet.payload);
        packet
            .descriptor
            .shift(payload, rewritten.picture, rewritten.base_layer);
        let whole = sealer.seal_rtp(self.ssrc, rewritten.index, start, length, buffer)?;
        if types.rtx.is_none() && packet.codec.kind() == Kind::Video {
            self.sent.store(rewritten.index, buffer.get(..whole)?);
        }
        self.packets = self.packets.wrapping_add(1);
        self.octets = self
            .octets
            .wrapping_add(u32::try_from(packet.payload.len()).unwrap_or(0));
        Some(whole)
    }

    /// The encoding and the index of the packet that went out under that sequence number, if the slot still carries its
    /// source: nothing else may be sent again.
    pub fn trace(&self, sequence: u16) -> Option<(Encoding, u64)> {
        let (encoding, index, _) = self.rewriter.trace(sequence)?;
        (self.assigned == Some(encoding.source)).then_some((encoding, index))
    }

    /// The packet that went out under that number, as it was sealed, for a client that takes no RTX of its codec.
    pub fn sent(&self, sequence: u16) -> Option<&[u8]> {
        let (encoding, _, rewrite) = self.rewriter.trace(sequence)?;
        (self.assigned == Some(encoding.source)).then(|| self.sent.find(rewrite(0).index))?
    }

    /// Writes and seals the retransmission (RFC 4588) of what went out under `sequence`.
    pub fn write_rtx(
        &mut self,
        sequence: u16,
        cached: &CachedPacket,
        twcc: Option<TwccSequence>,
        sealer: &mut Sealer,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let payload_type = self.payload_types(cached.codec)?.rtx?;
        let (_, _, rewrite) = self.rewriter.trace(sequence)?;
        let rewritten = rewrite(cached.timestamp);
        self.rtx_index += 1;
        let header = Outgoing {
            payload_type,
            marker: cached.marker,
            padded: false,
            sequence: u16::try_from(self.rtx_index & 0xffff).ok()?,
            timestamp: rewritten.timestamp,
            ssrc: self.rtx_ssrc,
            twcc,
        };
        let start = header.write(buffer)?;
        let length = start + 2 + cached.payload.len();
        buffer
            .get_mut(start..start + 2)?
            .copy_from_slice(&sequence.to_be_bytes());
        let payload = buffer.get_mut(start + 2..length)?;
        payload.copy_from_slice(&cached.payload);
        cached
            .descriptor
            .shift(payload, rewritten.picture, rewritten.base_layer);
        sealer.seal_rtp(self.rtx_ssrc, self.rtx_index, start, length, buffer)
    }

    /// Writes and seals a retransmission of nothing, [`PADDING_BYTES`] bytes long, which only loads the path.
    pub fn write_padding(
        &mut self,
        twcc: TwccSequence,
        sealer: &mut Sealer,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let payload_type = self.offered.iter().find_map(|offered| offered.rtx)?;
        self.rtx_index += 1;
        let header = Outgoing {
            payload_type,
            marker: false,
            padded: true,
            sequence: u16::try_from(self.rtx_index & 0xffff).ok()?,
            timestamp: 0,
            ssrc: self.rtx_ssrc,
            twcc: Some(twcc),
        };
        let start = header.write(buffer)?;
        let length = start + usize::from(PADDING_BYTES);
        let padding = buffer.get_mut(start..length)?;
        padding.fill(0);
        *padding.last_mut()? = PADDING_BYTES;
        sealer.seal_rtp(self.rtx_ssrc, self.rtx_index, start, length, buffer)
    }
}

/// The longest padding that a packet can have (RFC 3550, section 5.1).
pub const PADDING_BYTES: u8 = 255;

/// Room for a packet with a payload of that length, sealed.
pub fn room_for(payload: usize) -> usize {
    rtp::HEADER_BYTES + rtp::TWCC_EXTENSION_BYTES + 2 + payload + AUTH_TAG_BYTES
}

/// Fills slots from what may be shown, most important first: what is already in a slot stays where it is.
///
/// `slots` is what each carries now, `fits` whether a slot (by its place) can carry something at all; the answer is what
/// each is to carry. What fits nowhere takes no place.
pub fn fill<K: Copy + PartialEq>(
    slots: &[Option<K>],
    wanted: &[K],
    fits: impl Fn(usize, K) -> bool,
) -> Vec<Option<K>> {
    let shown: Vec<K> = wanted
        .iter()
        .copied()
        .filter(|source| (0..slots.len()).any(|at| fits(at, *source)))
        .take(slots.len())
        .collect();
    let mut filled: Vec<Option<K>> = slots
        .iter()
        .enumerate()
        .map(|(at, slot)| slot.filter(|source| shown.contains(source) && fits(at, *source)))
        .collect();
    for source in shown {
        let free = filled
            .iter()
            .enumerate()
            .position(|(at, slot)| slot.is_none() && fits(at, source));
        if !filled.contains(&Some(source))
            && let Some(free) = free.and_then(|at| filled.get_mut(at))
        {
            *free = Some(source);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_shown_keeps_its_slot_and_the_most_important_come_first() {
        let fill = |slots: &[_], wanted: &[_]| fill(slots, wanted, |_, _| true);
        assert_eq!(fill(&[None, None], &['a']), [Some('a'), None]);
        assert_eq!(
            fill(&[Some('a'), Some('b')], &['c', 'b']),
            [Some('c'), Some('b')]
        );
        assert_eq!(
            fill(&[Some('a'), Some('b')], &['b', 'a', 'c']),
            [Some('a'), Some('b')]
        );
        assert_eq!(fill(&[Some('a')], &[]), [None]);
    }

    #[test]
    fn a_source_that_a_slot_cannot_carry_takes_no_slot_from_one_that_it_can() {
        let fits = |at: usize, source: char| source != 'x' && (at == 1 || source != 'y');
        assert_eq!(
            fill(&[None, None], &['x', 'y', 'a'], fits),
            [Some('a'), Some('y')]
        );
        assert_eq!(fill(&[Some('x')], &['x'], fits), [None]);
    }
}
