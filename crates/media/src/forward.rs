//! The way of a media packet: opened once, counted, stopped by its track's gate or sealed for each listener.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use plenary_scene::Source;

use crate::{
    api::MediaEvent,
    codec::{Descriptor, PayloadTypes},
    core::{Core, Outbox},
    key::SessionKey,
    packet::{Forwarded, Packet},
    rtp::Header,
    session::Stream,
    slot::room_for,
};

/// A layer that was silent for so long begins anew.
const RESTART_AFTER: Duration = Duration::from_secs(1);

impl Core {
    /// A packet from a session's client.
    pub(crate) fn rtp(
        &mut self,
        key: SessionKey,
        datagram: &mut [u8],
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(arrived) = self.receive(key, datagram, now) else {
            return;
        };
        let Some(session) = self.session(key) else {
            return;
        };
        let id = session.id;
        if arrived.first {
            // What begins to arrive is shown from its first packet, which may be a keyframe.
            let room = session.room.clone();
            self.arrange(&room, now, out);
        }
        let Stream {
            track: at, layer, ..
        } = arrived.stream;
        let Some(session) = self.session(key) else {
            return;
        };
        let publishes = session.publishes;
        if publishes && !session.flows {
            // The silence is over at its first packet, not at the next look.
            let change = session.flow_change(now);
            out.events.extend(change.map(|event| (id, event)));
        }
        let Some(track) = session.tracks.get_mut(at) else {
            return;
        };
        if track.source == Source::Microphone && publishes {
            let length = arrived.packet.payload.len();
            let speaks = track.voice.packet(arrived.level, length, now);
            if track.gate.reach.is_none() {
                let level = track.voice.level(now);
                out.events
                    .extend(level.map(|dbov| (id, MediaEvent::Level { dbov })));
            } else if speaks {
                out.events.push((id, MediaEvent::Voice));
            }
        }
        if track.gate.is_closed() {
            self.counters.packets_gated.fetch_add(1, Relaxed);
            return;
        }
        let packet = arrived.packet;
        let source = track.source;
        let may_be_missed = source != Source::Microphone && !packet.payload.is_empty();
        if let Some(layer) = track.layers.get_mut(layer).filter(|_| may_be_missed) {
            layer.cache.store(&packet);
        }
        // Taken out and put back, so that counting costs no allocation.
        let mut forwarded = std::mem::take(&mut self.forwarded);
        self.fan_out(key, at, layer, &packet, &mut forwarded, now, out);
        self.account(key, source, &forwarded);
        forwarded.0.clear();
        self.forwarded = forwarded;
    }

    /// Opens a packet and takes note of it; answers what there may be to forward.
    fn receive<'a>(
        &mut self,
        key: SessionKey,
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
        let Some(plain) = opened.and_then(|length| datagram.get(..length)) else {
            self.counters.datagrams_refused.fetch_add(1, Relaxed);
            return None;
        };
        self.counters.packets_received.fetch_add(1, Relaxed);
        let header = Header::parse(plain)?;
        let session = self.session(key)?;
        session.last_received = now;
        session.up.bytes += bytes;
        session.media_ssrc = header.ssrc;
        let (transport_sequence, level) = session.header_extensions(&header, plain);
        if let Some(sequence) = transport_sequence {
            session.arrivals.packet(sequence, now, epoch);
        }
        let stream = session.stream(&header, plain)?;
        let track = session.tracks.get_mut(stream.track)?;
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
        layer.bytes += bytes;

        let (sequence, payload) = if stream.rtx {
            // Padding that probes for bandwidth comes as empty retransmissions: counted above, never forwarded.
            let ([high, low], payload) = header.payload(plain).split_first_chunk::<2>()?;
            let sequence = u16::from_be_bytes([*high, *low]);
            // What is missing of another codec than what flows now would set the slot back to it.
            (layer.receive.recovered(sequence) && layer.codec() == Some(codec))
                .then_some((sequence, payload))?
        } else {
            layer.receive.packet(
                header.sequence,
                header.timestamp,
                track.clock_hz,
                now,
                epoch,
            );
            (header.sequence, header.payload(plain))
        };
        let silent = |seen| now.saturating_duration_since(seen) >= RESTART_AFTER;
        let first = layer.comes_in(codec, now)? | layer.seen.is_none_or(silent);
        layer.seen = Some(now);
        let packet = Packet {
            codec,
            marker: header.marker,
            sequence,
            timestamp: header.timestamp,
            descriptor: Descriptor::of(codec, payload),
            payload,
        };
        Some(Arrived {
            stream,
            packet,
            level,
            first,
        })
    }

    /// Sends a packet to each slot that carries the track, and counts what went out as what. The list of these slots is
    /// the gate on the packet's path: `connect_slots` puts none into it that the scene does not allow.
    #[expect(
        clippy::too_many_arguments,
        reason = "the packet, its place, and where it goes"
    )]
    fn fan_out(
        &mut self,
        key: SessionKey,
        at_track: usize,
        layer: usize,
        packet: &Packet<'_>,
        forwarded: &mut Forwarded,
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(track) = self
            .session(key)
            .and_then(|session| session.tracks.get_mut(at_track))
        else {
            return;
        };
        let source = track.source;
        // Taken out and put back, so that listeners can be changed meanwhile and nothing is copied.
        let listeners = std::mem::take(&mut track.listeners);
        for (listener, at) in &listeners {
            let Some(session) = self.session(*listener) else {
                continue;
            };
            let down = &mut session.down;
            let (Some(sealer), Some(remote), Some(slot)) = (
                &mut session.sealer,
                session.remote,
                session.slots.get_mut(*at),
            ) else {
                continue;
            };
            let Some(rewritten) = slot.rewrite((key, source), layer, packet, now) else {
                continue;
            };
            let twcc = down.next_twcc(slot.twcc_extension);
            let mut length = 0;
            let room = room_for(packet.payload.len());
            let sent = out.batch.push(remote, room, |buffer| {
                length = slot.write(rewritten, packet, twcc, sealer, buffer)?;
                Some(length)
            });
            if sent {
                down.sent(length, twcc, now);
                forwarded.count(&slot.want, 1);
            }
        }
        if let Some(track) = self
            .session(key)
            .and_then(|session| session.tracks.get_mut(at_track))
        {
            track.listeners = listeners;
        }
    }

    /// Counts what was forwarded of a publisher's source, and has the audit look at it.
    fn account(&self, publisher: SessionKey, source: Source, forwarded: &Forwarded) {
        let sent: u64 = forwarded.0.iter().map(|(_, packets)| packets).sum();
        if sent == 0 {
            return;
        }
        self.counters.packets_forwarded.fetch_add(sent, Relaxed);
        let publisher = self.sessions.get(publisher);
        let known = publisher.and_then(|it| Some((self.rooms.get(&it.room)?, &it.person)));
        let ungranted = known.map_or(sent, |(room, person)| {
            let kinds = forwarded.0.iter();
            kinds
                .map(|(want, packets)| room.audit.ungranted(person, source, want, *packets))
                .sum()
        });
        if ungranted > 0 {
            self.counters
                .ungranted_packets_forwarded
                .fetch_add(ungranted, Relaxed);
        }
    }

    /// Sends again, as RTX, what a listener misses in one of its slots, if the scene still allows it.
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
        let allowed = publisher.publishes
            && room.is_some_and(|it| it.scene().allows(&publisher.person, source, &slot.want));
        if !allowed {
            return;
        }
        let mut packets = 0;
        for sequence in sequences {
            let cached = slot.trace(*sequence).and_then(|(encoding, sequence_in)| {
                track.layers.get(encoding.layer)?.cache.find(sequence_in)
            });
            let Some(cached) = cached else {
                continue;
            };
            let twcc = session.down.next_twcc(slot.twcc_extension);
            let mut length = 0;
            let room = room_for(cached.payload.len());
            let pushed = out.batch.push(remote, room, |buffer| {
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
    /// Nothing came on this layer for a while, or nothing in this codec.
    first: bool,
}
