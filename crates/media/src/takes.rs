//! The takes of a recorded room: which track goes into which, and the way of a packet into them, after the gate.
//!
//! The list of a track's takes is arranged with its slots, between two packets, and only takes that
//! [`Scene::allows_take`](plenary_scene::Scene::allows_take) get into it. A take begins with its first packet, so a
//! source that sends nothing leaves none, and it ends with the session that sends it: another device is another take.

use std::{sync::atomic::Ordering::Relaxed, time::Instant};

use plenary_ids::RoomId;
use plenary_scene::{Source, TakeKey};

use crate::{
    core::Core,
    key::{SessionKey, SourceKey},
    packet::Packet,
    session::Session,
    source::{Layer, Track},
    tap::{PacketFacts, SenderFacts, TakeHandle, Tap},
};

/// A take into which a track goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningTake {
    key: TakeKey,
    /// None before its first packet.
    handle: Option<TakeHandle>,
}

impl Core {
    /// Has packets that the scenes let be recorded go into a tap.
    pub fn record_into(&mut self, tap: Box<dyn Tap>) {
        self.tap = Some(tap);
    }

    /// Brings the takes of a room's tracks in line with its scene: first what ends, then what begins.
    pub(crate) fn arrange_takes(&mut self, room_id: &RoomId, now: Instant) {
        let (Some(room), Some(tap)) = (self.rooms.get(room_id), &mut self.tap) else {
            return;
        };
        let scene = room.scene();
        let mut begun: Vec<SourceKey> = Vec::new();
        for key in &room.sessions {
            let Some(session) = self.sessions.get_mut(*key) else {
                continue;
            };
            if session.mirror.is_some() {
                continue; // it is recorded where it arrives
            }
            // The further languages of a recorded address are in its file already.
            let is_recorded_language = session.recorded_language().is_some();
            let Session {
                tracks,
                person,
                publishes,
                ..
            } = session;
            for track in tracks {
                let wanted = |take: &TakeKey| {
                    *publishes
                        && !is_recorded_language
                        && take.source == track.source
                        && take.participant == *person
                        && scene.allows_take(take)
                };
                let ended = track.takes.extract_if(.., |take| !wanted(&take.key));
                for handle in ended.filter_map(|take| take.handle) {
                    tap.end(handle, now);
                }
                for take in scene.takes.iter().filter(|take| wanted(take)) {
                    if !track.takes.iter().any(|known| known.key == *take) {
                        track.takes.push(RunningTake {
                            key: take.clone(),
                            handle: None,
                        });
                        begun.push((*key, track.source));
                    }
                }
            }
        }
        for source in begun {
            self.begin_at_a_keyframe(source, now);
        }
    }

    /// Has a take of pictures begin: the publisher is asked for a keyframe of its best layer, also if nobody looks. A
    /// recorded address is asked for nothing, and what it showed since its last keyframe leads up to this moment.
    fn begin_at_a_keyframe(&mut self, from: SourceKey, now: Instant) {
        let (key, source) = from;
        if source == Source::Microphone {
            return;
        }
        let Some(session) = self.session(key) else {
            return;
        };
        let group = session
            .recording
            .as_ref()
            .and_then(|it| it.group(source, 0));
        let Some(track) = session.track_mut(source) else {
            return;
        };
        let Some(group) = group else {
            let best = track.offers(|_| true, now).first().map(|(best, _)| *best);
            if let Some(layer) = best.and_then(|best| track.layers.get_mut(best.layer)) {
                layer.need_keyframe();
            }
            return;
        };
        let Some(cache) = track
            .layers
            .get_mut(0)
            .map(|it| std::mem::take(&mut it.cache))
        else {
            return;
        };
        let generation = track.layers.first().map_or(0, |layer| layer.generation);
        for packet in Packet::leading_up(&cache, group, generation) {
            self.record(from, 0, &packet, now);
        }
        let track = self.session(key).and_then(|it| it.track_mut(source));
        if let Some(layer) = track.and_then(|track| track.layers.get_mut(0)) {
            layer.cache = cache;
        }
    }

    /// Gives a packet to the takes of its track. The gate is open, and has put the takes into the list.
    pub(crate) fn record(
        &mut self,
        (key, source): SourceKey,
        layer: usize,
        packet: &Packet<'_>,
        now: Instant,
    ) {
        let (Some(session), Some(tap)) = (self.sessions.get_mut(key), &mut self.tap) else {
            return;
        };
        let is_recorded_language = session.recorded_language().is_some();
        let room = &session.room;
        let track = session.tracks.iter_mut().find(|it| it.source == source);
        let Some(Track { takes, layers, .. }) = track.filter(|track| !track.takes.is_empty())
        else {
            return;
        };
        let audit = self.rooms.get(room).map(|it| &it.audit);
        let (mut needs_keyframe, mut ungranted) = (false, 0);
        for take in takes {
            let handle = *take.handle.get_or_insert_with(|| {
                let handle = tap.begin(room, &take.key, now);
                for report in sender_facts(layers) {
                    tap.sender_report(handle, &report, now);
                }
                handle
            });
            let facts = PacketFacts {
                codec: packet.codec,
                index: packet.index,
                timestamp: packet.timestamp,
                marker: packet.marker,
                keyframe: packet.descriptor.keyframe,
                layer: u8::try_from(layer).unwrap_or(u8::MAX),
                generation: packet.generation,
                arrival: now,
            };
            needs_keyframe |= tap.packet(handle, &facts, packet.payload);
            let source = (&session.person, source);
            ungranted += audit.map_or(1, |audit| {
                audit.ungranted_take(source, is_recorded_language, &take.key, 1)
            });
        }
        if ungranted > 0 {
            self.counters
                .ungranted_packets_recorded
                .fetch_add(ungranted, Relaxed);
        }
        if let Some(layer) = layers.get_mut(layer).filter(|_| needs_keyframe) {
            layer.need_keyframe();
        }
    }

    /// Tells the takes of a track what a sender report says of one of its layers.
    pub(crate) fn record_sender_report(&mut self, key: SessionKey, ssrc: u32, now: Instant) {
        let (Some(session), Some(tap)) = (self.sessions.get(key), &mut self.tap) else {
            return;
        };
        for track in session.tracks.iter().filter(|it| !it.takes.is_empty()) {
            let place = track.layers.iter().position(|it| it.ssrc == Some(ssrc));
            let Some(facts) = place.and_then(|at| facts_of(at, track.layers.get(at)?)) else {
                continue;
            };
            for handle in track.takes.iter().filter_map(|take| take.handle) {
                tap.sender_report(handle, &facts, now);
            }
        }
    }

    /// Ends the takes of a session that has ended.
    pub(crate) fn end_takes(&mut self, session: &mut Session, now: Instant) {
        let Some(tap) = &mut self.tap else {
            return;
        };
        for track in &mut session.tracks {
            for handle in track.takes.drain(..).filter_map(|take| take.handle) {
                tap.end(handle, now);
            }
        }
    }
}

fn sender_facts(layers: &[Layer]) -> impl Iterator<Item = SenderFacts> {
    let all = layers.iter().enumerate();
    all.filter_map(|(at, layer)| facts_of(at, layer))
}

fn facts_of(at: usize, layer: &Layer) -> Option<SenderFacts> {
    let sender = layer.sender?;
    Some(SenderFacts {
        layer: u8::try_from(at).unwrap_or(u8::MAX),
        generation: layer.generation,
        ntp: sender.ntp,
        timestamp: sender.timestamp,
    })
}
