//! Turns the lines of an offer into the client's sources and slots.

use std::time::Instant;

use plenary_scene::{PictureSize, SlotWant, Source, Want};
use plenary_transport::sdp::{Codec, Extensions, Kind, Line};

use crate::{
    api::WantError,
    codec::{PICTURES, PayloadTypes},
    congestion::BandwidthEstimate,
    session::Session,
    slot::Slot,
    source::{Gate, Layer, Track},
    streams::Stream,
    voice::Voice,
};

/// Receiving lines of one session.
const MAX_SLOTS: usize = 64;
/// Receiving lines of one session, ended ones included: the sealer remembers the packet indices of each.
const MAX_SLOTS_TAKEN: usize = 512;

impl Session {
    /// Takes the lines of the last offer. Lines known already keep what they carry; sources and slots whose lines are
    /// gone or refused end. `everybody` lists the codecs that all others in the room decode.
    pub(crate) fn take_lines(&mut self, wants: &[SlotWant], everybody: &[Codec], now: Instant) {
        let lines: Vec<Line> = self.offer.lines().cloned().collect();
        self.end_lines(&lines, now);
        self.extensions = Extensions::default();
        for line in &lines {
            let accepted = accepted(line, everybody);
            let Some(clock_hz) = accepted.first().map(|first| first.codec.clock_rate()) else {
                continue;
            };
            self.note_extensions(line.extensions);
            if line.is_source() {
                self.take_source(line, accepted, clock_hz, now);
            } else if line.is_slot() {
                self.take_slot(line, accepted, clock_hz, wants);
            }
        }
    }

    /// Ends the sources and slots whose lines the offer no longer contains.
    fn end_lines(&mut self, lines: &[Line], now: Instant) {
        let line = |mid: &str| lines.iter().find(|line| line.mid == mid);
        // A line that becomes inactive may only be paused.
        let goes_on = |track: &Track| {
            line(&track.mid).is_some_and(|line| !line.is_slot() && line.kind == kind(track.source))
        };
        for track in self.tracks.extract_if(.., |track| !goes_on(track)) {
            self.streams.end_source(track.source, now);
        }
        self.slots.retain(|slot| {
            line(&slot.mid).is_some_and(|line| {
                let is_sound = line.kind == Kind::Audio;
                line.is_slot() && is_sound == slot.decodes(Codec::Opus)
            })
        });
    }

    /// The codecs that a line was answered, best first.
    pub(crate) fn answered(&self, line: &Line) -> Vec<Codec> {
        let source = self.tracks.iter().find(|track| track.mid == line.mid);
        let slot = self.slots.iter().find(|slot| slot.mid == line.mid);
        match (source, slot) {
            (Some(track), _) => track.accepted.iter().map(|it| it.codec).collect(),
            (None, Some(slot)) => slot.offered.iter().map(|it| it.codec).collect(),
            // A line on which nothing flows keeps the codecs that it offers: it only has to stay in the answer.
            (None, None) => accepted(line, &[]).iter().map(|it| it.codec).collect(),
        }
    }

    /// The track of the only line on which the client sends that payload type; none if it sends it on several, of which
    /// the server may take no notice of some.
    pub(crate) fn track_of_payload_type(&self, payload_type: u8) -> Option<&Track> {
        let sends = |line: &&Line| {
            let answered = self.answered(line).into_iter();
            let mut formats = answered.filter_map(|codec| line.format(codec));
            line.is_source()
                && formats.any(|it| [Some(it.payload_type), it.rtx].contains(&Some(payload_type)))
        };
        let mut lines = self.offer.lines().filter(sends);
        let (line, None) = (lines.next()?, lines.next()) else {
            return None;
        };
        self.tracks.iter().find(|track| track.mid == line.mid)
    }

    fn note_extensions(&mut self, of_line: Extensions) {
        let all = &mut self.extensions;
        all.mid = all.mid.or(of_line.mid);
        all.rid = all.rid.or(of_line.rid);
        all.repaired_rid = all.repaired_rid.or(of_line.repaired_rid);
        all.transport_cc = all.transport_cc.or(of_line.transport_cc);
        all.audio_level = all.audio_level.or(of_line.audio_level);
    }

    fn take_slot(
        &mut self,
        line: &Line,
        offered: Vec<PayloadTypes>,
        clock_hz: u32,
        wants: &[SlotWant],
    ) {
        if let Some(known) = self.slots.iter_mut().find(|slot| slot.mid == line.mid) {
            known.offered = offered;
        } else if self.slots.len() < MAX_SLOTS && self.slots_taken < MAX_SLOTS_TAKEN {
            self.slots_taken += 1;
            let (want, size) = self.want(line, wants);
            let ssrcs = (self.fresh_ssrc(), self.fresh_ssrc());
            let mid = line.mid.clone();
            let mut slot = Slot::new(mid, want, offered, clock_hz, ssrcs);
            slot.size = size;
            slot.twcc_extension = line.extensions.transport_cc.filter(|id| *id < 15);
            if slot.twcc_extension.is_some() {
                self.down
                    .link
                    .get_or_insert_with(|| BandwidthEstimate::new(self.last_received));
            }
            self.slots.push(slot);
        }
    }

    fn take_source(
        &mut self,
        line: &Line,
        accepted: Vec<PayloadTypes>,
        clock_hz: u32,
        now: Instant,
    ) {
        let known = self.tracks.iter().position(|track| track.mid == line.mid);
        let Some(at) = known.or_else(|| self.add_track(line, clock_hz, now)) else {
            return;
        };
        let Some(track) = self.tracks.get_mut(at) else {
            return;
        };
        track.accepted = accepted;
        let rids = track.layers.iter().filter_map(|layer| layer.rid.as_ref());
        if track.layers.is_empty() || !rids.eq(&line.rids) {
            let rids = line.rids.iter().cloned().map(Some);
            track.layers = rids.map(Layer::new).collect();
            track.announced = None;
            self.streams.end_source(track.source, now);
        }
        if track.layers.is_empty() {
            track.layers.push(Layer::new(None));
        }
        if line.rids.is_empty() {
            self.take_announced(at, line, now);
        }
    }

    /// Adds the track of a line, as the first source of its kind that no other line sends. Returns its position.
    fn add_track(&mut self, line: &Line, clock_hz: u32, now: Instant) -> Option<usize> {
        let of_kind = [Source::Microphone, Source::Camera, Source::Screen].into_iter();
        let sends = |mid: &str| self.offer.line(mid).is_some_and(Line::is_source);
        let source = of_kind
            .filter(|source| kind(*source) == line.kind)
            .find(|source| self.track(*source).is_none_or(|track| !sends(&track.mid)))?;
        self.tracks.retain(|track| track.source != source);
        self.streams.end_source(source, now);
        self.tracks.push(Track {
            mid: line.mid.clone(),
            source,
            clock_hz,
            accepted: Vec::new(),
            layers: Vec::new(),
            announced: None,
            gate: Gate::default(),
            listeners: Vec::new(),
            takes: Vec::new(),
            recorded: false,
            spread: false,
            voice: Voice::default(),
        });
        Some(self.tracks.len() - 1)
    }

    /// Adds a track of a recording, which no line describes.
    pub(crate) fn add_recorded_track(&mut self, source: Source, codec: Codec, layers: usize) {
        self.tracks.push(Track {
            mid: String::new(),
            source,
            clock_hz: codec.clock_rate(),
            accepted: Vec::new(),
            layers: (0..layers).map(|_| Layer::new(None)).collect(),
            announced: None,
            gate: Gate::default(),
            listeners: Vec::new(),
            takes: Vec::new(),
            recorded: true,
            spread: false,
            voice: Voice::default(),
        });
    }

    /// Takes the SSRCs that a line with one encoding announces. SSRCs that the last offer announced too are ignored: since
    /// then a packet may have named another.
    fn take_announced(&mut self, at: usize, line: &Line, now: Instant) {
        let is_rtx = |ssrc: u32| line.rtx_of.iter().any(|(_, rtx)| *rtx == ssrc);
        let ssrc = line.ssrcs.iter().copied().find(|ssrc| !is_rtx(*ssrc));
        let announced = ssrc.map(|ssrc| {
            let rtx = line.rtx_of.iter().find(|(of, _)| *of == ssrc);
            (ssrc, rtx.map(|(_, rtx)| *rtx))
        });
        let Some(track) = self.tracks.get_mut(at) else {
            return;
        };
        let before = std::mem::replace(&mut track.announced, announced);
        let Some((ssrc, rtx)) = announced.filter(|_| before != announced) else {
            return;
        };
        let source = track.source;
        if track.layers.first().and_then(|layer| layer.ssrc) != Some(ssrc) {
            self.begin_stream(source, 0, ssrc, now);
        }
        if let Some(ssrc) = rtx {
            let (layer, rtx) = (0, true);
            self.streams.insert(ssrc, Stream { source, layer, rtx });
        }
    }

    /// Changes the purposes of slots. What they carry now stops, unless the room's arrangement, which has to follow, finds
    /// it to be what is wanted now.
    pub(crate) fn want_instead(&mut self, wants: Vec<SlotWant>) -> Result<(), WantError> {
        for SlotWant { mid, wants, .. } in &wants {
            let mut slots = self.slots.iter();
            let slot = slots.find(|slot| slot.mid == *mid);
            let slot = slot.ok_or_else(|| WantError::NoLine(mid.clone()))?;
            let is_sound = slot.decodes(Codec::Opus);
            let wants_sound = |source| source == Source::Microphone;
            if wants.source().map(wants_sound) == Some(!is_sound) {
                return Err(WantError::Kind {
                    mid: mid.clone(),
                    wants: wants.clone().into(),
                });
            }
        }
        for SlotWant { mid, wants, size } in wants {
            let mut slots = self.slots.iter_mut();
            if let Some(slot) = slots.find(|slot| slot.mid == mid) {
                slot.want = wants;
                slot.size = size;
            }
        }
        // Who changes a want is told what the slots carry then, if it is the same as before.
        self.announcement_due = true;
        Ok(())
    }

    fn want(&self, line: &Line, wants: &[SlotWant]) -> (Want, Option<PictureSize>) {
        if let Some(said) = wants.iter().find(|want| want.mid == line.mid) {
            return (said.wants.clone(), said.size);
        }
        let want = match line.kind {
            Kind::Audio => Want::Voice,
            Kind::Video if self.slots.iter().any(|slot| slot.want == Want::Stage) => Want::Tile,
            Kind::Video => Want::Stage,
        };
        (want, None)
    }

    fn fresh_ssrc(&self) -> u32 {
        loop {
            let ssrc: u32 = rand::random();
            let taken = self
                .slots
                .iter()
                .any(|slot| slot.ssrc == ssrc || slot.rtx_ssrc == ssrc);
            // The SSRC of a slot that has ended is not used again, because its packet indices are used.
            let used = self.sealer.as_ref().is_some_and(|it| it.knows(ssrc));
            let sent = self.streams.get(ssrc).is_some();
            if ssrc != 0 && ssrc != self.own_ssrc && !taken && !used && !sent {
                return ssrc;
            }
        }
    }
}

fn kind(source: Source) -> Kind {
    match source {
        Source::Microphone => Kind::Audio,
        Source::Camera | Source::Screen => Kind::Video,
    }
}

/// The codecs that are answered on a line, best first.
///
/// A slot takes whatever its client decodes. A source is to send what everybody
/// decodes: VP8, and another codec only beside it if all others in the room have that
/// too, or because the client offers no VP8; then those without it see an empty slot.
fn accepted(line: &Line, everybody: &[Codec]) -> Vec<PayloadTypes> {
    if line.kind == Kind::Audio {
        return line
            .format(Codec::Opus)
            .into_iter()
            .map(Into::into)
            .collect();
    }
    let (common, rest): (Vec<Codec>, Vec<Codec>) = PICTURES
        .into_iter()
        .partition(|codec| *codec == Codec::Vp8 || everybody.contains(codec));
    let formats = |codecs: Vec<Codec>| codecs.into_iter().filter_map(|codec| line.format(codec));
    if line.is_source() && line.format(Codec::Vp8).is_some() {
        return formats(common).map(Into::into).collect();
    }
    formats(common)
        .chain(formats(rest))
        .map(Into::into)
        .collect()
}
