//! Sessions that stand for publishers of other workers, in a room that several workers serve.
//!
//! To everything else in a core a mirror is a publisher like any other: the scene opens and closes its gate, its sources get
//! slots, its packets are cached for repair. Only what concerns a client goes to the worker that has it.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use plenary_ids::RoomId;
use plenary_scene::Source;

use crate::{
    codec::PICTURES,
    core::{Core, Outbox},
    key::SessionKey,
    packet::{HeldPackets, Packet},
    room::Room,
    session::{Session, SessionParams},
    source::Layer,
    spread::{Frame, LayerState, Publisher, RecordingState, SourcePackets, TrackState},
};

/// A mirror whose publisher was not described for so long is over.
const MIRROR_TIMEOUT: Duration = Duration::from_secs(3);

/// What a session has that stands for another worker's.
#[derive(Debug, Clone, Copy)]
pub struct Mirror {
    /// When its publisher was last described.
    described: Instant,
}

impl Core {
    /// Sets which other workers serve a room. Without any, nothing of them is left.
    pub(crate) fn serve_with(
        &mut self,
        room_id: &RoomId,
        others: Vec<usize>,
        now: Instant,
        out: &mut Outbox,
    ) {
        let room = self.rooms.entry(room_id.clone()).or_default();
        room.decodes.retain(|worker, _| others.contains(worker));
        room.others = others;
        let sessions = room.sessions.iter().copied();
        let left: Vec<SessionKey> = sessions
            .filter(|key| {
                let session = self.sessions.get(*key).filter(|it| it.mirror.is_some());
                session.is_some_and(|it| !room.others.contains(&it.id.worker()))
            })
            .collect();
        for key in left {
            self.end_mirror(key, now, out);
        }
        // The tracks are told whether others get them, and the others of the publishers.
        self.arrange(room_id, now, out);
    }

    /// Tells the other workers of a room of the publishers whose sources the scene lets through, and of what is decoded here.
    pub(crate) fn describe(&self, room_id: &RoomId, now: Instant, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room_id).filter(|it| !it.others.is_empty()) else {
            return;
        };
        let sessions = || {
            let sessions = room.sessions.iter();
            let sessions = sessions.filter_map(|key| self.sessions.get(*key));
            sessions.filter(|session| session.mirror.is_none())
        };
        let heard = |session: &&Session| {
            let is_open = session.tracks.iter().any(|track| !track.gate.is_closed());
            session.publishes && is_open
        };
        let mut tell = |frame: Frame| {
            let others = room.others.iter();
            out.frames
                .extend(others.map(|worker| (*worker, frame.clone())));
        };
        for session in sessions().filter(heard) {
            tell(Frame::Publisher(Arc::new(
                self.describe_session(session, now),
            )));
        }
        let codecs = PICTURES.into_iter();
        let codecs = codecs.filter(|codec| sessions().all(|session| session.decodes(*codec)));
        tell(Frame::Decodes {
            room: room_id.clone(),
            worker: self.worker,
            codecs: codecs.collect(),
        });
    }

    /// Tells the other workers of all rooms that have any.
    pub(crate) fn describe_all(&self, now: Instant, out: &mut Outbox) {
        for (room_id, room) in &self.rooms {
            if !room.others.is_empty() {
                self.describe(room_id, now, out);
            }
        }
    }

    fn describe_session(&self, session: &Session, now: Instant) -> Publisher {
        let tracks = session.tracks.iter().map(|track| TrackState {
            source: track.source,
            clock_hz: track.clock_hz,
            accepted: track.accepted.clone(),
            codec: track.layers.iter().find_map(Layer::codec),
            speaks: track.voice.speaks(now),
            loudness: if track.voice.may_speak(now) {
                track.voice.loudness()
            } else {
                0
            },
            layers: track.layers.iter().map(LayerState::of).collect(),
        });
        let recording = session.recording.as_ref().map(|recording| {
            let beside = recording.beside.as_ref();
            let beside = beside.and_then(|(language, main)| {
                Some((language.clone(), self.sessions.get(*main)?.id))
            });
            RecordingState { beside }
        });
        Publisher {
            id: session.id,
            room: session.room.clone(),
            person: session.person.clone(),
            publish_generation: session.publish_generation,
            recording,
            tracks: tracks.collect(),
        }
    }

    /// Takes what another worker tells.
    pub(crate) fn take_frame(&mut self, frame: Frame, now: Instant, out: &mut Outbox) {
        match frame {
            Frame::Publisher(publisher) => self.mirror(&publisher, now, out),
            Frame::Gone(session) => {
                if let Some(key) = self.mirrors.get(&session).copied() {
                    self.end_mirror(key, now, out);
                }
            }
            Frame::Packets(packets) => self.take_packets(&packets, now, out),
            Frame::KeyframeNeeded {
                worker,
                session,
                source,
                layer,
            } => {
                let Some(key) = self.key_of(session) else {
                    return;
                };
                let session = self.sessions.get(key);
                if session.is_some_and(|it| it.recording.is_some()) {
                    self.repeat_elsewhere(key, source, layer, worker, out);
                    return;
                }
                self.need_keyframe((key, source), Some(layer));
                let asked = self.request_keyframes(key, now, out);
                self.counters.keyframes_requested.fetch_add(asked, Relaxed);
            }
            Frame::Decodes {
                room,
                worker,
                codecs,
            } => {
                if let Some(room) = self.rooms.get_mut(&room) {
                    room.decodes.insert(worker, codecs);
                }
            }
        }
    }

    /// Gives another worker the packets of a recording since its last keyframe, which nobody can be asked for.
    fn repeat_elsewhere(
        &self,
        key: SessionKey,
        source: Source,
        layer: usize,
        worker: usize,
        out: &mut Outbox,
    ) {
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        let group = session.recording.as_ref();
        let group = group.and_then(|recording| recording.group(source, layer));
        let state = session.track(source);
        let state = state.and_then(|track| track.layers.get(layer));
        let (Some(group), Some(state)) = (group, state) else {
            return;
        };
        let mut packets = HeldPackets::default();
        for packet in Packet::leading_up(&state.cache, group, state.generation) {
            packets.push(&packet);
        }
        let room = self.rooms.get(&session.room);
        if let Some(room) = room.filter(|room| room.others.contains(&worker)) {
            let repeated = SourcePackets {
                session: session.id,
                source,
                layer,
                epoch: room.epoch(),
                packets,
            };
            out.frames
                .push((worker, Frame::Packets(Arc::new(repeated))));
        }
    }

    /// Brings the mirror of a publisher in line with it.
    fn mirror(&mut self, publisher: &Publisher, now: Instant, out: &mut Outbox) {
        let serves = self.rooms.get(&publisher.room);
        if serves.is_none_or(|room| !room.others.contains(&publisher.id.worker())) {
            return;
        }
        let main = publisher.recording.as_ref().and_then(|recording| {
            let (language, main) = recording.beside.as_ref()?;
            Some((language.clone(), *self.mirrors.get(main)?))
        });
        let known = self.mirrors.get(&publisher.id).copied();
        let known = known.filter(|key| {
            let session = self.sessions.get(*key);
            session.is_some_and(|session| has_tracks(session, &publisher.tracks))
        });
        let key = known.unwrap_or_else(|| {
            if let Some(before) = self.mirrors.get(&publisher.id).copied() {
                self.end_mirror(before, now, out);
            }
            self.begin_mirror(publisher, now)
        });
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        session.mirror = Some(Mirror { described: now });
        let told = session.publish_generation;
        session.publish_generation = publisher.publish_generation;
        if let Some(recording) = &mut session.recording {
            recording.beside = main;
        }
        for state in &publisher.tracks {
            let Some(track) = session.track_mut(state.source) else {
                continue;
            };
            track.accepted.clone_from(&state.accepted);
            track.voice.follow(state.speaks, state.loudness, now);
            for (layer, state) in track.layers.iter_mut().zip(&state.layers) {
                layer.follow(state);
            }
        }
        if known.is_none() || told != publisher.publish_generation {
            self.arrange(&publisher.room, now, out);
        }
    }

    fn begin_mirror(&mut self, publisher: &Publisher, now: Instant) -> SessionKey {
        let params = SessionParams {
            id: publisher.id,
            room: publisher.room.clone(),
            person: publisher.person.clone(),
            publish_generation: publisher.publish_generation,
            ice: self.credentials(),
        };
        let session = Session::of_mirror(params, publisher, &self.certificate, now);
        let key = self.sessions.insert(session);
        self.mirrors.insert(publisher.id, key);
        let room = self.rooms.entry(publisher.room.clone()).or_default();
        room.sessions.push(key);
        key
    }

    fn end_mirror(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let Some(session) = self.sessions.remove(key) else {
            return;
        };
        self.mirrors.remove(&session.id);
        if let Some(room) = self.rooms.get_mut(&session.room) {
            room.sessions.retain(|other| *other != key);
        }
        self.arrange(&session.room, now, out);
    }

    /// Does what is due of a mirror at every tick.
    pub(crate) fn tick_mirror(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let described = self.sessions.get(key).and_then(|it| it.mirror);
        let is_over = described
            .is_none_or(|mirror| now.saturating_duration_since(mirror.described) >= MIRROR_TIMEOUT);
        if is_over {
            self.end_mirror(key, now, out);
            return;
        }
        let recorded = self.session(key).filter(|it| it.recording.is_some());
        let tracks = recorded.map(|it| &mut it.tracks).into_iter().flatten();
        for layer in tracks.flat_map(|it| &mut it.layers) {
            // While a recording stands still, its last picture stays on stage.
            layer.seen = layer.seen.map(|_| now);
        }
        self.request_keyframes(key, now, out);
    }

    /// Takes packets of another worker's publisher: the gate here says where they go. What was let through under a scene that
    /// is not in force here yet goes nowhere.
    fn take_packets(&mut self, packets: &SourcePackets, now: Instant, out: &mut Outbox) {
        let Some(key) = self.mirrors.get(&packets.session).copied() else {
            return;
        };
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let room_id = session.room.clone();
        let epoch = self.rooms.get(&room_id).map(Room::epoch);
        if epoch.is_none_or(|epoch| packets.epoch > epoch) {
            let count = packets.packets.len() as u64;
            self.counters.packets_fenced.fetch_add(count, Relaxed);
            return;
        }
        let (source, layer) = (packets.source, packets.layer);
        if let Some(recording) = &mut session.recording {
            recording.follow(source, layer, &packets.packets);
        }
        let Some(track) = session.track_mut(source) else {
            return;
        };
        let Some(state) = track.layers.get_mut(layer) else {
            return;
        };
        if state.take_in(&packets.packets, now) {
            // Before its first packet, so that a slot gets the keyframe with which it may begin.
            self.arrange(&room_id, now, out);
        }
        let Some(track) = self.session(key).and_then(|it| it.track_mut(source)) else {
            return;
        };
        if track.gate.is_closed() {
            return;
        }
        if source != Source::Microphone
            && let Some(state) = track.layers.get_mut(layer)
        {
            for packet in packets.packets.iter().filter(|it| !it.payload.is_empty()) {
                state.cache.store(&packet);
            }
        }
        self.fan_out((key, source), layer, &packets.packets, now, out);
    }
}

impl LayerState {
    fn of(layer: &Layer) -> Self {
        Self {
            rid: layer.rid.clone(),
            ssrc: layer.ssrc,
            generation: layer.generation,
            bitrate: layer.bitrate,
            sender: layer.sender,
        }
    }
}

/// Whether a mirror has these tracks, with as many layers each.
fn has_tracks(session: &Session, tracks: &[TrackState]) -> bool {
    session.tracks.len() == tracks.len()
        && session.tracks.iter().zip(tracks).all(|(track, state)| {
            track.source == state.source && track.layers.len() == state.layers.len()
        })
}
