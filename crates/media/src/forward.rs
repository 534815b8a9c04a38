//! The way of a media packet: opened once, counted, stopped by its track's gate or sealed for each listener.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use plenary_scene::Source;
use plenary_transport::{outgoing::PacketClass, peer::PeerAddress};

use crate::{
    api::MediaEvent,
    codec::{Descriptor, PayloadTypes},
    core::{Core, Outbox, send_as},
    key::{Listener, SessionKey, SourceKey},
    packet::{Forwarded, HeldPackets, Packet},
    rtp::Header,
    slot::room_for,
    spread::{Frame, SourcePackets},
    streams::Stream,
};

/// A packet waits no longer than this for the rest of its frame.
const MAX_HOLD: Duration = Duration::from_millis(1);
/// So many packets of a frame do not wait for more.
const MAX_HELD_PACKETS: usize = 32;
/// A layer that was silent for so long begins anew.
const RESTART_AFTER: Duration = Duration::from_secs(1);

impl Core {
    /// A packet from a session's client.
    pub(crate) fn rtp(
        &mut self,
        key: SessionKey,
        from: PeerAddress,
        datagram: &mut [u8],
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(arrived) = self.receive(key, from, datagram, now) else {
            return;
        };
        let Some(session) = self.session(key) else {
            return;
        };
        let id = session.id;
        if arrived.first {
            // A source that begins to arrive is shown from its first packet, which may be a keyframe.
            let room = session.room.clone();
            self.arrange(&room, now, out);
        }
        let Stream { source, layer, .. } = arrived.stream;
        if arrived.begins && !arrived.packet.descriptor.keyframe {
            // The stream before it has ended, so every listener needs a keyframe of this one.
            self.need_keyframe((key, source), None);
        }
        let Some(session) = self.session(key) else {
            return;
        };
        let publishes = session.publishes;
        if publishes && !session.flows {
            // The silence ends with the first packet, not with the next tick.
            let change = session.flow_change(now);
            out.events.extend(change.map(|event| (id, event)));
        }
        let Some(track) = session.track_mut(source) else {
            return;
        };
        if track.source == Source::Microphone && publishes {
            let length = arrived.packet.payload.len();
            let speaks = track.voice.packet(arrived.level, length, now);
            let level = track.voice.level(now);
            out.events
                .extend(level.map(|dbov| (id, MediaEvent::Level { dbov })));
            if speaks && track.gate.reach.is_some() {
                out.events.push((id, MediaEvent::Voice));
            }
        }
        self.forward((key, source), layer, &arrived.packet, now, out);
    }

    /// Sends a packet of a track to the slots that carry it, if its gate is open. A picture's packet waits for the rest of its
    /// frame, but not for longer than [`MAX_HOLD`].
    pub(crate) fn forward(
        &mut self,
        from: SourceKey,
        layer: usize,
        packet: &Packet<'_>,
        now: Instant,
        out: &mut Outbox,
    ) {
        let (key, source) = from;
        let Some(track) = self.session(key).and_then(|it| it.track_mut(source)) else {
            return;
        };
        let may_be_missed = source != Source::Microphone && !packet.payload.is_empty();
        let is_closed = track.gate.is_closed();
        // A file is asked for no keyframe when the gate opens, so what leads up to that moment is kept.
        let is_kept = may_be_missed && (!is_closed || track.recorded);
        let is_heard = !track.listeners.is_empty() || track.spread;
        let Some(state) = track.layers.get_mut(layer) else {
            return;
        };
        if is_kept {
            state.cache.store(packet);
        }
        if is_closed {
            self.counters.packets_gated.fetch_add(1, Relaxed);
            return;
        }
        let is_due = if is_heard {
            state.held.push(packet);
            source == Source::Microphone || packet.marker || state.held.len() >= MAX_HELD_PACKETS
        } else {
            false
        };
        let begins = is_heard && state.held.len() == 1;
        self.record(from, layer, packet, now);
        if is_due {
            self.release(from, layer, now, out);
        } else if begins {
            self.holding.push_back(((from, layer), now + MAX_HOLD));
        }
    }

    /// When the packets that wait longest have to go, whatever is missing of their frame.
    pub(crate) fn next_release(&self) -> Option<Instant> {
        self.holding.front().map(|(_, due)| *due)
    }

    /// Sends what has waited for the rest of its frame for long enough.
    pub(crate) fn release_due(&mut self, now: Instant, out: &mut Outbox) {
        while let Some(((from, layer), due)) = self.holding.front().copied()
            && due <= now
        {
            self.release(from, layer, now, out);
        }
    }

    /// Sends the packets of a layer that wait, here and on the other workers of the room.
    fn release(&mut self, from: SourceKey, layer: usize, now: Instant, out: &mut Outbox) {
        let (key, source) = from;
        self.holding.retain(|(held, _)| *held != (from, layer));
        let Some(track) = self.session(key).and_then(|it| it.track_mut(source)) else {
            return;
        };
        let Some(state) = track.layers.get_mut(layer).filter(|it| !it.held.is_empty()) else {
            return;
        };
        // Taken out and put back, so that nothing is copied or allocated.
        let held = std::mem::take(&mut state.held);
        if track.spread {
            self.tell_others((key, source), layer, held, out);
            return;
        }
        self.fan_out((key, source), layer, &held, now, out);
        let track = self.session(key).and_then(|it| it.track_mut(source));
        if let Some(state) = track.and_then(|track| track.layers.get_mut(layer)) {
            state.held = held;
            state.held.clear();
        }
    }

    /// Gives packets to the other workers of their room, which begin with them at once. Those here come after that, by
    /// [`Self::fan_out_told`].
    fn tell_others(
        &mut self,
        (key, source): SourceKey,
        layer: usize,
        packets: HeldPackets,
        out: &mut Outbox,
    ) {
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        let Some(room) = self.rooms.get(&session.room) else {
            return;
        };
        let packets = Arc::new(SourcePackets {
            session: session.id,
            source,
            layer,
            epoch: room.epoch(),
            packets,
        });
        for worker in &room.others {
            let frame = Frame::Packets(Arc::clone(&packets));
            out.frames.push((*worker, frame));
        }
        self.told.push((key, packets));
    }

    /// Sends to the listeners here what the other workers have been told.
    pub(crate) fn fan_out_told(&mut self, now: Instant, out: &mut Outbox) {
        for (key, packets) in std::mem::take(&mut self.told) {
            let from = (key, packets.source);
            self.fan_out(from, packets.layer, &packets.packets, now, out);
        }
    }

    /// Sends packets to each slot here that carries their track, and counts what went out as what. The list of these slots is
    /// the gate on the packets' path: `connect_slots` puts none into it that the scene does not allow.
    pub(crate) fn fan_out(
        &mut self,
        from: SourceKey,
        layer: usize,
        packets: &HeldPackets,
        now: Instant,
        out: &mut Outbox,
    ) {
        let (key, source) = from;
        let Some(track) = self.session(key).and_then(|it| it.track_mut(source)) else {
            return;
        };
        // Taken out and put back, so that listeners can be changed meanwhile and nothing is copied or allocated.
        let listeners = std::mem::take(&mut track.listeners);
        let mut forwarded = std::mem::take(&mut self.forwarded);
        for listener in &listeners {
            let packets = packets.iter();
            self.send_to(*listener, (from, layer), packets, &mut forwarded, now, out);
        }
        self.account(key, source, &forwarded);
        forwarded.0.clear();
        self.forwarded = forwarded;
        if let Some(track) = self.session(key).and_then(|it| it.track_mut(source)) {
            track.listeners = listeners;
        }
    }

    /// Decrypts a packet and updates the statistics; returns the packet if it may be forwarded.
    fn receive<'a>(
        &mut self,
        key: SessionKey,
        from: PeerAddress,
        datagram: &'a mut [u8],
        now: Instant,
    ) -> Option<Arrived<'a>> {
        let epoch = self.epoch.0;
        let bytes = datagram.len() as u64;
        let session = self.session(key)?;
        let opened = session
            .opener
            .as_mut()
            .and_then(|opener| opener.open_rtp(datagram));
        let opened = opened.and_then(|opened| Some((opened.index, datagram.get(..opened.length)?)));
        let Some((index, plain)) = opened else {
            self.counters.refuse_datagram();
            return None;
        };
        self.counters.packets_received.fetch_add(1, Relaxed);
        let header = Header::parse(plain)?;
        let session = self.session(key)?;
        session.heard(from, now);
        session.up.bytes += bytes;
        session.media_ssrc = header.ssrc;
        let (transport_sequence, level) = session.header_extensions(&header, plain);
        if let Some(sequence) = transport_sequence {
            session.arrivals.packet(sequence, now, epoch);
        }
        let stream = session.stream(&header, plain, now)?;
        let track = session.track_mut(stream.source)?;
        let of_type = |accepted: &&PayloadTypes| {
            let payload_type = if stream.rtx {
                accepted.rtx
            } else {
                Some(accepted.media)
            };
            payload_type == Some(header.payload_type)
        };
        let codec = track.accepted.iter().find(of_type)?.codec;
        let layer = track.layers.get_mut(stream.layer)?;
        let temporal = if stream.rtx {
            // Of repairs and padding, which are few.
            0
        } else {
            Descriptor::of(codec, header.payload(plain)).temporal
        };
        layer.bitrate.count(temporal, bytes);

        let begins = layer.receive.is_empty();
        let (index, payload) = if stream.rtx {
            // Padding that probes for bandwidth comes as empty retransmissions: counted above, never forwarded.
            let (sequence, payload) = header.payload(plain).split_first_chunk::<2>()?;
            let index = layer.receive.recovered(u16::from_be_bytes(*sequence))?;
            // A late packet of an earlier codec would switch the slot back to that codec.
            (layer.codec() == Some(codec)).then_some((index, payload))?
        } else {
            let (timestamp, clock_hz) = (header.timestamp, track.clock_hz);
            let is_new = layer.receive.packet(index, timestamp, clock_hz, now, epoch);
            is_new.then_some((index, header.payload(plain)))?
        };
        let silent = |seen| now.saturating_duration_since(seen) >= RESTART_AFTER;
        let first = layer.comes_in(codec, now)? | layer.seen.is_none_or(silent);
        layer.seen = Some(now);
        let packet = Packet {
            codec,
            generation: layer.generation,
            marker: header.marker,
            index,
            timestamp: header.timestamp,
            descriptor: Descriptor::of(codec, payload),
            payload,
        };
        Some(Arrived {
            stream,
            packet,
            level,
            first,
            begins,
        })
    }

    /// Sends packets to one slot that carries their track.
    pub(crate) fn send_to<'a>(
        &mut self,
        (listener, at): Listener,
        (from, layer): (SourceKey, usize),
        packets: impl Iterator<Item = Packet<'a>>,
        forwarded: &mut Forwarded,
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(session) = self.session(listener) else {
            return;
        };
        let down = &mut session.down;
        let (Some(sealer), Some(remote), Some(slot)) = (
            &mut session.sealer,
            session.remote,
            session.slots.get_mut(at),
        ) else {
            return;
        };
        let class = slot.packet_class();
        let mut count = 0;
        for packet in packets {
            let Some(rewritten) = slot.rewrite(from, layer, &packet, now) else {
                continue;
            };
            let twcc = down.next_twcc(slot.twcc_extension);
            let mut length = 0;
            let room = room_for(packet.payload.len());
            let sent = out.batch.push(remote, class, room, |buffer| {
                length = slot.write(rewritten, &packet, twcc, sealer, buffer)?;
                Some(length)
            });
            if sent {
                down.sent(length, twcc, now);
                count += 1;
            }
        }
        if count > 0 {
            forwarded.count(&slot.want, count);
        }
    }

    /// Counts what was forwarded of a publisher's source, and has the audit look at it.
    pub(crate) fn account(&self, publisher: SessionKey, source: Source, forwarded: &Forwarded) {
        let sent: u64 = forwarded.0.iter().map(|(_, packets)| packets).sum();
        if sent == 0 {
            return;
        }
        self.counters.packets_forwarded.fetch_add(sent, Relaxed);
        let publisher = self.sessions.get(publisher);
        let known = publisher.and_then(|it| Some((self.rooms.get(&it.room)?, it)));
        let ungranted = known.map_or(sent, |(room, session)| {
            let (audit, person) = (&room.audit, &session.person);
            let kinds = forwarded.0.iter();
            kinds
                .map(|(want, packets)| match session.recorded_language() {
                    Some(language) => audit.ungranted_recorded(person, language, want, *packets),
                    None => audit.ungranted(person, source, want, *packets),
                })
                .sum()
        });
        if ungranted > 0 {
            self.counters
                .ungranted_packets_forwarded
                .fetch_add(ungranted, Relaxed);
        }
    }

    /// Sends again what a listener misses in one of its slots, if the scene still allows it: as RTX, or as it was sent.
    pub(crate) fn retransmit(
        &mut self,
        listener: SessionKey,
        ssrc: u32,
        sequences: &[u16],
        now: Instant,
        out: &mut Outbox,
    ) {
        let slot = self.sessions.get(listener).and_then(|session| {
            let at = session.slots.iter().position(|slot| slot.ssrc == ssrc)?;
            Some((at, session.slots.get(at)?.assigned?))
        });
        let Some((at, (publisher_key, source))) = slot else {
            return;
        };
        let both = self.sessions.get_disjoint_mut([listener, publisher_key]);
        let Some([session, publisher]) = both else {
            return;
        };
        let (Some(sealer), Some(remote), Some(slot), Some(track)) = (
            &mut session.sealer,
            session.remote,
            session.slots.get_mut(at),
            publisher.track(source),
        ) else {
            return;
        };
        let room = self.rooms.get(&session.room);
        let allowed = room.is_some_and(|it| publisher.may_flow(it.scene(), source, &slot.want));
        if !allowed {
            return;
        }
        let mut packets = 0;
        for sequence in sequences {
            if let Some(sealed) = slot.sent(*sequence) {
                send_as(out, remote, PacketClass::Picture, sealed);
                session.down.sent(sealed.len(), None, now);
                packets += 1;
                continue;
            }
            let cached = slot.trace(*sequence).and_then(|(encoding, index)| {
                let layer = track.layers.get(encoding.layer)?;
                // A later stream of the layer may use the same numbers.
                let goes_on = layer.generation == encoding.generation;
                goes_on.then(|| layer.cache.find(index))?
            });
            let Some(cached) = cached else {
                continue;
            };
            let twcc = session.down.next_twcc(slot.twcc_extension);
            let mut length = 0;
            let room = room_for(cached.payload.len());
            let pushed = out.batch.push(remote, slot.packet_class(), room, |buffer| {
                length = slot.write_rtx(*sequence, cached, twcc, sealer, buffer)?;
                Some(length)
            });
            if pushed {
                session.down.sent(length, twcc, now);
                packets += 1;
            }
        }
        let mut forwarded = Forwarded::default();
        forwarded.count(&slot.want, packets);
        self.counters
            .packets_retransmitted
            .fetch_add(packets, Relaxed);
        self.account(publisher_key, source, &forwarded);
    }
}

/// A packet that may be forwarded.
struct Arrived<'a> {
    stream: Stream,
    packet: Packet<'a>,
    /// The level of a microphone, in -dBov.
    level: Option<u8>,
    /// Whether it is the first packet on this layer for a while, or the first in this codec.
    first: bool,
    /// Whether it is the first packet of its stream.
    begins: bool,
}
