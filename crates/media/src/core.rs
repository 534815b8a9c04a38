//! The engine without I/O: datagrams, commands and the time go in; packets and events come out in an [`Outbox`].
//!
//! One core serves the rooms of one thread. The way of a media packet is in `forward.rs`, that of reports in
//! `reports.rs`, that of connectivity checks in `checks.rs`, and what a scene means in `arrange.rs`; here sessions come,
//! connect and go.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{Scene, SlotWant};
use plenary_transport::{
    dtls::{Certificate, DtlsEvent},
    ice,
    outgoing::{PacketBatch, PacketClass},
    peer::PeerAddress,
    sdp::Codec,
};
use slotmap::SlotMap;

use crate::{
    api::{DisconnectReason, JoinError, MediaEvent, SILENCE_TIMEOUT, SessionId, WantError},
    codec::PICTURES,
    counters::Counters,
    key::{SessionKey, SourceKey},
    packet::Forwarded,
    pressure::Degradation,
    recording::{RecordedFrames, RecordedTrack, Recording},
    room::Room,
    session::{Session, SessionParams},
    spread::{Frame, SourcePackets},
    srtp::{Opener, Sealer},
    tap::Tap,
};

/// How often [`Core::tick`] is to be called.
pub const TICK_INTERVAL: Duration = Duration::from_millis(20);
/// How many ticks lie between two looks at who speaks: 300 ms.
const SPEAKING_INTERVAL_TICKS: u64 = 15;
/// A handshake that is not complete by then has failed.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// The output of a core, which its worker carries out.
#[derive(Debug, Default)]
pub struct Outbox {
    pub batch: PacketBatch,
    /// The events to report, each with its session.
    pub events: Vec<(SessionId, MediaEvent)>,
    /// Addresses that from now on belong to this thread's sessions, or no longer do.
    pub addresses: Vec<(PeerAddress, bool)>,
    /// What other workers are told, each message with the worker's number.
    pub(crate) frames: Vec<(usize, Frame)>,
}

/// The parameters of a client that joins.
#[derive(Debug)]
pub struct Join {
    pub room: RoomId,
    pub person: PersonId,
    pub offer: String,
    /// The purposes of receiving lines, where they differ from the defaults.
    pub wants: Vec<SlotWant>,
    /// Whether the session publishes for its person.
    pub publish: bool,
}

/// The sessions and rooms of one thread.
pub struct Core {
    pub(crate) worker: usize,
    pub(crate) certificate: Arc<Certificate>,
    candidates: Vec<SocketAddr>,
    pub(crate) counters: Arc<Counters>,
    /// Any instant, and the same moment as NTP time in seconds.
    pub(crate) epoch: (Instant, f64),
    pub(crate) sessions: SlotMap<SessionKey, Session>,
    pub(crate) rooms: HashMap<RoomId, Room>,
    by_id: HashMap<SessionId, SessionKey>,
    /// The mirrors of other workers' publishers.
    pub(crate) mirrors: HashMap<SessionId, SessionKey>,
    pub(crate) by_ufrag: HashMap<String, SessionKey>,
    pub(crate) by_address: HashMap<PeerAddress, SessionKey>,
    count: u64,
    /// How often sessions were told to publish, on all workers.
    pub(crate) publish_generations: Arc<AtomicU64>,
    pub(crate) ticks: u64,
    /// What is given up, because there is too much to do.
    pub(crate) degradation: Degradation,
    /// Counts the listeners of the packets under way; kept, so that counting allocates nothing.
    pub(crate) forwarded: Forwarded,
    /// The layers whose packets wait for the rest of their frame, and until when they do.
    pub(crate) holding: VecDeque<((SourceKey, usize), Instant)>,
    /// What other workers have been told, and the listeners here have not got yet.
    pub(crate) told: Vec<(SessionKey, Arc<SourcePackets>)>,
    /// Where packets that are recorded go.
    pub(crate) tap: Option<Box<dyn Tap>>,
}

impl Core {
    /// A core for the worker of that number, with the addresses that answers name.
    pub fn new(
        worker: usize,
        certificate: Arc<Certificate>,
        candidates: Vec<SocketAddr>,
        counters: Arc<Counters>,
        now: Instant,
    ) -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            worker,
            certificate,
            candidates,
            counters,
            epoch: (now, since_1970.as_secs_f64() + NTP_SECONDS_AT_1970),
            sessions: SlotMap::with_key(),
            rooms: HashMap::new(),
            by_id: HashMap::new(),
            mirrors: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_address: HashMap::new(),
            count: 0,
            publish_generations: Arc::default(),
            ticks: 0,
            degradation: Degradation::None,
            forwarded: Forwarded::default(),
            holding: VecDeque::new(),
            told: Vec::new(),
            tap: None,
        }
    }

    /// Admits a client; returns its session and the SDP answer.
    pub fn join(
        &mut self,
        join: Join,
        now: Instant,
        out: &mut Outbox,
    ) -> Result<(SessionId, String), JoinError> {
        let Join {
            room,
            person,
            offer,
            wants,
            publish,
        } = join;
        if self.degradation > Degradation::None && !self.is_awaited(&room, &person) {
            self.counters.joins_refused.fetch_add(1, Relaxed);
            return Err(JoinError::Overloaded);
        }
        self.count += 1;
        let id = SessionId::new(self.worker, self.count);
        let params = SessionParams {
            id,
            room: room.clone(),
            person,
            publish_generation: publish.then(|| self.next_publish_generation()),
            ice: self.credentials(),
        };
        let everybody = self.everybody_decodes(&room, None);
        let session = Session::new(params, &offer, &wants, &everybody, &self.certificate, now)?;
        let answer = session.answer(&self.certificate, self.candidates.clone());
        let ufrag = session.ice.ufrag.clone();
        let key = self.sessions.insert(session);
        self.by_id.insert(id, key);
        self.by_ufrag.insert(ufrag, key);
        let entry = self.rooms.entry(room.clone()).or_default();
        entry.sessions.push(key);
        if publish {
            // It may have to take over from another session of the same person.
            self.arrange(&room, now, out);
        }
        Ok((id, answer))
    }

    /// Whether a room has somebody, or waits for somebody whom it has on stage.
    fn is_awaited(&self, room: &RoomId, person: &PersonId) -> bool {
        let Some(room) = self.rooms.get(room) else {
            return false;
        };
        let mut sessions = room.sessions.iter();
        let is_theirs = |key: &SessionKey| {
            let session = self.sessions.get(*key);
            session.is_some_and(|session| session.person == *person)
        };
        room.scene().stage.contains(person) || sessions.any(is_theirs)
    }

    /// Begins a session in which the server plays a recording for a person, whose devices do not publish meanwhile.
    pub fn join_recording(
        &mut self,
        room: &RoomId,
        person: &PersonId,
        tracks: &[RecordedTrack],
        now: Instant,
        out: &mut Outbox,
    ) -> SessionId {
        let of_floor = tracks.iter().filter(|track| track.language.is_none());
        let of_floor: Vec<RecordedTrack> = of_floor.cloned().collect();
        let (id, main) = self.add_recording(room, person.clone(), &of_floor, now);
        let (mut places, mut count) = (Vec::new(), 0);
        for track in tracks {
            let Some(language) = &track.language else {
                places.push((None, count));
                count += 1;
                continue;
            };
            let alone = std::slice::from_ref(track);
            let (_, beside) = self.add_recording(room, person.clone(), alone, now);
            let recording = self.session(beside).and_then(|it| it.recording.as_mut());
            if let Some(recording) = recording {
                recording.beside = Some((language.clone(), main));
            }
            places.push((Some(beside), 0));
        }
        let recording = self.session(main).and_then(|it| it.recording.as_mut());
        if let Some(recording) = recording {
            recording.set_places(places);
        }
        self.arrange(room, now, out);
        id
    }

    fn add_recording(
        &mut self,
        room: &RoomId,
        person: PersonId,
        tracks: &[RecordedTrack],
        now: Instant,
    ) -> (SessionId, SessionKey) {
        self.count += 1;
        let id = SessionId::new(self.worker, self.count);
        let params = SessionParams {
            id,
            room: room.clone(),
            person,
            publish_generation: Some(self.next_publish_generation()),
            ice: self.credentials(),
        };
        let session = Session::of_recording(params, tracks, &self.certificate, now);
        let key = self.sessions.insert(session);
        self.by_id.insert(id, key);
        let entry = self.rooms.entry(room.clone()).or_default();
        entry.sessions.push(key);
        (id, key)
    }

    /// Takes frames of a recording that are due.
    pub fn play(&mut self, id: SessionId, frames: &RecordedFrames, now: Instant, out: &mut Outbox) {
        if let Some(key) = self.by_id.get(&id).copied() {
            self.play_frames(key, frames, now, out);
        }
    }

    /// Answers a further offer of a session.
    pub fn renegotiate(
        &mut self,
        id: SessionId,
        offer: &str,
        wants: &[SlotWant],
        now: Instant,
        out: &mut Outbox,
    ) -> Result<String, JoinError> {
        let fresh = self.credentials();
        let key = *self.by_id.get(&id).ok_or(JoinError::Gone)?;
        let room = self.session(key).ok_or(JoinError::Gone)?.room.clone();
        let everybody = self.everybody_decodes(&room, Some(key));
        let session = self.session(key).ok_or(JoinError::Gone)?;
        let before = session.ice.ufrag.clone();
        if session.offered_again(offer, wants, &everybody, fresh, now)? {
            let fresh = session.ice.ufrag.clone();
            self.by_ufrag.remove(&before);
            self.by_ufrag.insert(fresh, key);
        }
        self.arrange(&room, now, out);
        let session = self.sessions.get(key).ok_or(JoinError::Gone)?;
        Ok(session.answer(&self.certificate, self.candidates.clone()))
    }

    /// Changes the purposes of a session's slots, without renegotiation.
    pub fn want(
        &mut self,
        id: SessionId,
        wants: Vec<SlotWant>,
        now: Instant,
        out: &mut Outbox,
    ) -> Result<(), WantError> {
        let key = *self.by_id.get(&id).ok_or(WantError::Gone)?;
        let session = self.session(key).ok_or(WantError::Gone)?;
        session.want_instead(wants)?;
        self.arrange_listener(key, now, out);
        Ok(())
    }

    /// Sets whether the session publishes. Of a person's sessions in a room at most one does, the one that was told
    /// last: publishing moves from one device to another between two packets.
    pub fn set_publishing(&mut self, id: SessionId, publish: bool, now: Instant, out: &mut Outbox) {
        let generation = publish.then(|| self.next_publish_generation());
        let session = self
            .by_id
            .get(&id)
            .and_then(|key| self.sessions.get_mut(*key));
        if let Some(session) = session {
            session.publish_generation = generation;
            let room = session.room.clone();
            self.arrange(&room, now, out);
        }
    }

    fn next_publish_generation(&self) -> u64 {
        self.publish_generations.fetch_add(1, Relaxed) + 1
    }

    /// Ends a session at its owner's request.
    pub fn leave(&mut self, id: SessionId, now: Instant, out: &mut Outbox) {
        if let Some(key) = self.by_id.get(&id).copied() {
            self.end(key, None, now, out);
        }
    }

    /// Sets what may flow. What is taken away is silent when this returns.
    pub fn show(
        &mut self,
        room: &RoomId,
        epoch: u64,
        scene: Scene,
        now: Instant,
        out: &mut Outbox,
    ) {
        let entry = self.rooms.entry(room.clone()).or_default();
        entry.show(epoch, scene);
        self.arrange(room, now, out);
    }

    /// Takes a datagram. Returns whether it is for this core: if not, another may know its sender.
    pub fn datagram(
        &mut self,
        from: PeerAddress,
        bytes: &mut [u8],
        now: Instant,
        out: &mut Outbox,
    ) -> bool {
        let kind = ice::classify(bytes);
        if kind == Some(ice::Datagram::Stun) {
            return self.connectivity_check(from, bytes, now, out);
        }
        let Some(key) = self.by_address.get(&from).copied() else {
            return false;
        };
        match kind {
            Some(ice::Datagram::Dtls) => {
                if let Some(session) = self.session(key) {
                    // Anybody can send such a datagram, so later it is no sign of life.
                    if session.sealer.is_none() {
                        session.last_received = now;
                    }
                    session.dtls.handle(now, bytes);
                }
                self.handshake(key, now, out);
            }
            Some(ice::Datagram::Rtp) => self.rtp(key, from, bytes, now, out),
            Some(ice::Datagram::Rtcp) => self.rtcp(key, from, bytes, now, out),
            _ => {
                self.counters.refuse_datagram();
            }
        }
        true
    }

    /// Does what is due: NACKs, reports, keyframe requests, handshakes, and the end of sessions that fell silent.
    pub fn tick(&mut self, now: Instant, out: &mut Outbox) {
        self.ticks += 1;
        let keys: Vec<SessionKey> = self.sessions.keys().collect();
        for key in keys {
            let Some(session) = self.session(key) else {
                continue;
            };
            if session.mirror.is_some() {
                self.tick_mirror(key, now, out);
                continue;
            }
            if session.recording.is_some() {
                self.tick_recording(key, now, out);
                continue;
            }
            let quiet = now.saturating_duration_since(session.last_received);
            let connected = session.sealer.is_some();
            if session.dtls.deadline().is_some_and(|due| due <= now) {
                session.dtls.handle_timeout(now);
                self.handshake(key, now, out);
            }
            if connected && quiet >= SILENCE_TIMEOUT {
                self.end(key, Some(DisconnectReason::Silence), now, out);
            } else if !connected && quiet >= HANDSHAKE_TIMEOUT {
                self.end(key, Some(DisconnectReason::Handshake), now, out);
            } else {
                self.reports(key, now, out);
                self.pad(key, now, out);
                self.forget_silent_paths(key, now, out);
            }
        }
        if let Some(tap) = &mut self.tap {
            tap.flush(now);
        }
        if self.ticks.is_multiple_of(10) {
            self.look_at_sources(now, out);
            self.describe_all(now, out);
        }
        if self.ticks.is_multiple_of(SPEAKING_INTERVAL_TICKS) {
            self.look_for_the_loudest(now, out);
            self.look_at_voices(now, out);
        }
    }

    /// The codecs for pictures that every session of a room decodes, but for one.
    fn everybody_decodes(&self, room: &RoomId, but: Option<SessionKey>) -> Vec<Codec> {
        let keys = self.rooms.get(room).into_iter().flat_map(|it| &it.sessions);
        let others: Vec<&Session> = keys
            .filter(|key| Some(**key) != but)
            .filter_map(|key| self.sessions.get(*key))
            .collect();
        let elsewhere = self.rooms.get(room).map(|it| &it.decodes);
        PICTURES
            .into_iter()
            .filter(|codec| others.iter().all(|session| session.decodes(*codec)))
            .filter(|codec| elsewhere.is_none_or(|it| it.values().all(|of| of.contains(codec))))
            .collect()
    }

    /// Whether there is anybody to serve.
    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// The session of this worker with that id.
    pub(crate) fn key_of(&self, id: SessionId) -> Option<SessionKey> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn session(&mut self, key: SessionKey) -> Option<&mut Session> {
        self.sessions.get_mut(key)
    }

    /// Sends the datagrams of the DTLS handshake, and takes the SRTP keys when it is complete.
    pub(crate) fn handshake(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let Some(session) = self.session(key) else {
            return;
        };
        if let Some(remote) = session.remote {
            while let Some(datagram) = session.dtls.poll_transmit() {
                send(out, remote, &datagram);
            }
        }
        let counters = Arc::clone(&self.counters);
        while let Some(event) = self
            .session(key)
            .and_then(|session| session.dtls.poll_event())
        {
            match event {
                DtlsEvent::Connected(keys) => {
                    let Some(session) = self.session(key).filter(|it| it.sealer.is_none()) else {
                        // The same keys again: a second sealer would use packet indices a second time.
                        continue;
                    };
                    session.opener = Opener::new(keys.profile, &keys.client).ok();
                    session.sealer =
                        Sealer::new(keys.profile, &keys.server, Arc::clone(&counters)).ok();
                    out.events.push((session.id, MediaEvent::Connected));
                    let room = session.room.clone();
                    self.counters.sessions.fetch_add(1, Relaxed);
                    self.arrange(&room, now, out);
                    self.want_keyframes(key);
                }
                DtlsEvent::Failed(error) => {
                    let session = self.sessions.get(key);
                    let person = session.map(|session| session.person.as_str());
                    tracing::warn!(%error, person, "a DTLS handshake failed");
                    self.end(key, Some(DisconnectReason::Handshake), now, out);
                }
                DtlsEvent::Closed => self.end(key, Some(DisconnectReason::Closed), now, out),
            }
        }
    }

    fn end(
        &mut self,
        key: SessionKey,
        reason: Option<DisconnectReason>,
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(mut session) = self.sessions.remove(key) else {
            return;
        };
        session.dtls.close(now);
        self.end_takes(&mut session, now);
        if let Some(remote) = session.remote {
            while let Some(datagram) = session.dtls.poll_transmit() {
                send(out, remote, &datagram);
            }
        }
        self.by_id.remove(&session.id);
        self.by_ufrag.retain(|_, other| *other != key);
        self.by_address.retain(|address, other| {
            if *other == key {
                out.addresses.push((*address, false));
            }
            *other != key
        });
        if session.sealer.is_some() {
            self.counters.sessions.fetch_sub(1, Relaxed);
        }
        if reason == Some(DisconnectReason::Handshake) {
            self.counters.handshakes_failed.fetch_add(1, Relaxed);
        }
        if let Some(reason) = reason {
            out.events
                .push((session.id, MediaEvent::Disconnected { reason }));
        }
        let others = session.recording.as_ref().map(Recording::others);
        let mut ended = vec![session.id];
        for other in others.into_iter().flatten() {
            if let Some(other) = self.sessions.remove(other) {
                self.by_id.remove(&other.id);
                ended.push(other.id);
            }
        }
        if let Some(room) = self.rooms.get_mut(&session.room) {
            let sessions = &self.sessions;
            room.sessions.retain(|other| sessions.contains_key(*other));
            for worker in &room.others {
                let gone = ended.iter().map(|id| (*worker, Frame::Gone(*id)));
                out.frames.extend(gone);
            }
        }
        self.arrange(&session.room, now, out);
    }
}

/// Puts a datagram that keeps a session alive into the outbox as it is.
pub(crate) fn send(out: &mut Outbox, to: PeerAddress, datagram: &[u8]) {
    send_as(out, to, PacketClass::Control, datagram);
}

/// Puts a datagram of any class into the outbox as it is.
pub(crate) fn send_as(out: &mut Outbox, to: PeerAddress, class: PacketClass, datagram: &[u8]) {
    out.batch.push(to, class, datagram.len(), |buffer| {
        buffer.copy_from_slice(datagram);
        Some(datagram.len())
    });
}

/// Seconds from 1900, where NTP begins, to 1970.
const NTP_SECONDS_AT_1970: f64 = 2_208_988_800.0;

#[cfg(any(test, feature = "benching"))]
pub(crate) mod test_core;
#[cfg(test)]
pub(crate) mod tests;
