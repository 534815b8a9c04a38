//! What the lines of an offer become: the client's sources, and the slots it is to be sent.

use std::collections::HashSet;

use plenary_scene::{SlotWant, Source, Want};
use plenary_transport::sdp::{Codec, Extensions, Kind, Line};

use crate::{
    api::WantError,
    codec::{PICTURES, PayloadTypes},
    congestion::BandwidthEstimate,
    session::{Session, Stream},
    slot::Slot,
    source::{Gate, Layer, Track},
    voice::Voice,
};

/// Receiving lines of one session.
const MAX_SLOTS: usize = 64;

impl Session {
    /// Takes the lines of the last offer; those known already keep what
    /// they carry. `everybody` is what all others in the room decode.
    pub(crate) fn take_lines(&mut self, wants: &[SlotWant], everybody: &[Codec]) {
        let lines: Vec<Line> = self.offer.lines().cloned().collect();
        for line in &lines {
            let accepted = accepted(line, everybody);
            let Some(clock_hz) = accepted.first().map(|first| first.codec.clock_rate()) else {
                continue;
            };
            self.note_extensions(line.extensions);
            if line.is_source() {
                self.take_source(line, accepted, clock_hz);
            } else if line.is_slot() {
                self.take_slot(line, accepted, clock_hz, wants);
            }
        }
    }

    /// The codecs that a line was answered, best first.
    pub(crate) fn answered(&self, line: &Line) -> Vec<Codec> {
        let source = self.tracks.iter().find(|track| track.mid == line.mid);
        let slot = self.slots.iter().find(|slot| slot.mid == line.mid);
        match (source, slot) {
            (Some(track), _) => track.accepted.iter().map(|it| it.codec).collect(),
            (None, Some(slot)) => slot.offered.iter().map(|it| it.codec).collect(),
            // On a line where nothing flows, whatever: it only has to stay.
            (None, None) => accepted(line, &[]).iter().map(|it| it.codec).collect(),
        }
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
        } else if self.slots.len() < MAX_SLOTS {
            let want = self.want(line, wants);
            let ssrcs = (self.fresh_ssrc(), self.fresh_ssrc());
            let mid = line.mid.clone();
            let mut slot = Slot::new(mid, want, offered, clock_hz, ssrcs);
            slot.twcc_extension = line.extensions.transport_cc.filter(|id| *id < 15);
            if slot.twcc_extension.is_some() {
                self.down
                    .link
                    .get_or_insert_with(|| BandwidthEstimate::new(self.last_received));
            }
            self.slots.push(slot);
        }
    }

    fn take_source(&mut self, line: &Line, accepted: Vec<PayloadTypes>, clock_hz: u32) {
        if let Some(known) = self.tracks.iter_mut().find(|track| track.mid == line.mid) {
            known.accepted = accepted;
            return;
        }
        let has = |source| self.tracks.iter().any(|track| track.source == source);
        let source = match line.kind {
            Kind::Audio if !has(Source::Microphone) => Source::Microphone,
            Kind::Video if !has(Source::Camera) => Source::Camera,
            Kind::Video if !has(Source::Screen) => Source::Screen,
            _ => return,
        };
        let at = self.tracks.len();
        let mut layers: Vec<Layer> = line
            .rids
            .iter()
            .map(|rid| Layer::new(Some(rid.clone()), None))
            .collect();
        if layers.is_empty() {
            let rtx_ssrcs: HashSet<u32> = line.rtx_of.iter().map(|(_, rtx)| *rtx).collect();
            let ssrc = line
                .ssrcs
                .iter()
                .copied()
                .find(|ssrc| !rtx_ssrcs.contains(ssrc));
            if let Some(ssrc) = ssrc {
                self.streams.insert(
                    ssrc,
                    Stream {
                        track: at,
                        layer: 0,
                        rtx: false,
                    },
                );
            }
            for (of, rtx) in &line.rtx_of {
                if Some(*of) == ssrc {
                    self.streams.insert(
                        *rtx,
                        Stream {
                            track: at,
                            layer: 0,
                            rtx: true,
                        },
                    );
                }
            }
            layers.push(Layer::new(None, ssrc));
        }
        self.tracks.push(Track {
            mid: line.mid.clone(),
            source,
            clock_hz,
            accepted,
            layers,
            gate: Gate::default(),
            listeners: Vec::new(),
            voice: Voice::default(),
            was_live: false,
        });
    }

    /// From now on a line is to carry something else; what it carries now stops.
    pub(crate) fn want_instead(&mut self, wants: Vec<SlotWant>) -> Result<(), WantError> {
        for SlotWant { mid, wants } in &wants {
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
        for SlotWant { mid, wants } in wants {
            let mut slots = self.slots.iter_mut();
            if let Some(slot) = slots.find(|slot| slot.mid == mid)
                && slot.want != wants
            {
                slot.want = wants;
                slot.assign(None);
            }
        }
        Ok(())
    }

    fn want(&self, line: &Line, wants: &[SlotWant]) -> Want {
        if let Some(said) = wants.iter().find(|want| want.mid == line.mid) {
            return said.wants.clone();
        }
        match line.kind {
            Kind::Audio => Want::Voice,
            Kind::Video if self.slots.iter().any(|slot| slot.want == Want::Stage) => Want::Tile,
            Kind::Video => Want::Stage,
        }
    }

    fn fresh_ssrc(&self) -> u32 {
        loop {
            let ssrc: u32 = rand::random();
            let taken = self
                .slots
                .iter()
                .any(|slot| slot.ssrc == ssrc || slot.rtx_ssrc == ssrc);
            if ssrc != 0 && ssrc != self.own_ssrc && !taken && !self.streams.contains_key(&ssrc) {
                return ssrc;
            }
        }
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
