//! The way of a media packet: opened once, counted, stopped by its track's gate or sealed for each listener.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{Source, Want};

use crate::{
    api::MediaEvent,
    codec::{Descriptor, PayloadTypes},
    core::{Core, Outbox},
    packet::Packet,
    rtp::Header,
    session::Stream,
    slot::room_for,
    source::Track,
};

/// A layer that was silent for so long begins anew.
const BEGINS_AFTER: Duration = Duration::from_secs(1);

impl Core {
    /// A packet from a session's client.
    pub(crate) fn rtp(&mut self, key: usize, datagram: &mut [u8], now: Instant, out: &mut Outbox) {
        let Some(arrived) = self.take_in(key, datagram, now) else {
            return;
        };
        let Some(session) = self.session(key) else {
            return;
        };
        let (room, person, id) = (session.room.clone(), session.person.clone(), session.id);
        if arrived.first {
            // What begins to arrive is shown from its first packet, which may be a keyframe.
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
            out.events.extend(session.turns(now));
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
                    .extend(level.map(|dbov| MediaEvent::Level { session: id, dbov }));
            } else if speaks {
                out.events.push(MediaEvent::Voice { session: id });
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
        let shown = self.fan_out(key, at, layer, &packet, now, out);
        self.account(&room, &person, source, &shown);
    }

    /// Opens a packet and takes note of it; answers what there may be to forward.
    fn take_in<'a>(
        &mut self,
        key: usize,
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
        session.heard = now;
        session.up.bytes += bytes;
        session.media_ssrc = header.ssrc;
        let (transport_sequence, level) = session.marks(&header, plain);
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
            (layer.receive.repaired(sequence) && layer.codec() == Some(codec))
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
        let silent = |seen| now.saturating_duration_since(seen) >= BEGINS_AFTER;
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

    /// Sends a packet to each slot that carries the track; answers how many went out as what. The list of these slots
    /// is the gate on the packet's path: `connect_slots` puts none into it that the scene does not allow.
    fn fan_out(
        &mut self,
        key: usize,
        at_track: usize,
        layer: usize,
        packet: &Packet<'_>,
        now: Instant,
        out: &mut Outbox,
    ) -> Forwarded {
        let mut shown = Forwarded::default();
        let Some(track) = self
            .session(key)
            .and_then(|session| session.tracks.get_mut(at_track))
        else {
            return shown;
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
            let Some(place) = slot.place((key, source), layer, packet, now) else {
                continue;
            };
            let mark = down.mark(slot.mark);
            let mut length = 0;
            let room = room_for(packet.payload.len());
            let sent = out.batch.push(remote, room, |buffer| {
                length = slot.write(place, packet, mark, sealer, buffer)?;
                Some(length)
            });
            if sent {
                down.sent(length, mark, now);
                shown.count(&slot.want);
            }
        }
        if let Some(track) = self
            .session(key)
            .and_then(|session| session.tracks.get_mut(at_track))
        {
            track.listeners = listeners;
        }
        shown
    }

    fn account(&mut self, room: &RoomId, person: &PersonId, source: Source, shown: &Forwarded) {
        let sent: u64 = shown.0.iter().map(|(_, packets)| packets).sum();
        if sent == 0 {
            return;
        }
        self.counters.packets_forwarded.fetch_add(sent, Relaxed);
        let ungranted = self.rooms.get(room).map_or(sent, |room| {
            let shown = shown.0.iter();
            shown
                .map(|(want, packets)| room.audit.ungranted(person, source, want, *packets))
                .sum()
        });
        if ungranted > 0 {
            self.counters
                .ungranted_packets_forwarded
                .fetch_add(ungranted, Relaxed);
        }
    }

    /// Sends again what a listener misses in one of its slots, if the scene still allows it.
    pub(crate) fn send_again(
        &mut self,
        listener: usize,
        ssrc: u32,
        sequences: &[u16],
        now: Instant,
        out: &mut Outbox,
    ) {
        for sequence in sequences {
            let Some(mut session) = self.sessions.get_mut(listener).and_then(Option::take) else {
                return;
            };
            let sent = session
                .slots
                .iter()
                .position(|slot| slot.ssrc == ssrc)
                .and_then(|at| {
                    let slot = session.slots.get_mut(at)?;
                    let (flow, sequence_in) = slot.trace(*sequence)?;
                    let (publisher, source) = flow.source;
                    let publisher = self.sessions.get(publisher)?.as_ref()?;
                    let track: &Track = publisher
                        .tracks
                        .iter()
                        .find(|track| track.source == source)?;
                    let scene = self.rooms.get(&session.room)?.scene();
                    let allowed =
                        publisher.publishes && scene.allows(&publisher.person, source, &slot.want);
                    allowed.then_some(())?;
                    let kept = track.layers.get(flow.layer)?.cache.find(sequence_in)?;
                    let sealer = session.sealer.as_mut()?;
                    let mark = session.down.mark(slot.mark);
                    let mut length = 0;
                    let room = room_for(kept.payload.len());
                    let pushed = out.batch.push(session.remote?, room, |buffer| {
                        length = slot.write_again(*sequence, kept, mark, sealer, buffer)?;
                        Some(length)
                    });
                    if pushed {
                        session.down.sent(length, mark, now);
                    }
                    let mut shown = Forwarded::default();
                    shown.count(&slot.want);
                    pushed.then(|| {
                        (
                            session.room.clone(),
                            publisher.person.clone(),
                            source,
                            shown,
                        )
                    })
                });
            if let Some(place) = self.sessions.get_mut(listener) {
                *place = Some(session);
            }
            if let Some((room, person, source, shown)) = sent {
                self.counters.packets_retransmitted.fetch_add(1, Relaxed);
                self.account(&room, &person, source, &shown);
            }
        }
    }
}

/// A packet that may be forwarded.
struct Arrived<'a> {
    stream: Stream,
    packet: Packet<'a>,
    /// Of sound, in -dBov.
    level: Option<u8>,
    /// Nothing came on this layer for a while, or nothing in this codec.
    first: bool,
}

/// Packets that went out, by the kind of slot that they went into.
#[derive(Debug, Default)]
struct Forwarded(Vec<(Want, u64)>);

impl Forwarded {
    fn count(&mut self, want: &Want) {
        match self.0.iter_mut().find(|(known, _)| known == want) {
            Some((_, packets)) => *packets += 1,
            None => self.0.push((want.clone(), 1)),
        }
    }
}
