//! The engine without I/O: datagrams, commands and the time go in; packets and events come out in an [`Outbox`].
//!
//! One core serves the rooms of one thread. The way of a media packet is in `forward.rs`, that of reports in
//! `reports.rs`; here are sessions coming, going and connecting, and what the gate and the program mean for them.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use plenary_ids::{PersonId, RoomId};
use plenary_transport::{
    dtls::{Certificate, DtlsEvent},
    ice::{self, BindingRequest, Credentials, Outcome},
    udp::SendBatch,
};

use crate::{
    api::{
        Gate, JoinError, Joined, Lost, MediaEvent, Program, Reach, SILENCE, SessionId, Shows,
        SlotShows, SlotWant, Source, Want,
    },
    counters::Counters,
    engine::session_id,
    room::Room,
    session::{Seat, Session},
    slot::{SourceKey, fill},
    srtp::{Opener, Sealer},
};

/// How often [`Core::tick`] is to be called.
pub const TICK: Duration = Duration::from_millis(20);
/// A handshake that is not through by then has failed.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// What a core wants done.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Datagrams to send.
    pub batch: SendBatch,
    /// Events to report.
    pub events: Vec<MediaEvent>,
    /// Addresses that from now on belong to this thread's sessions, or no longer do.
    pub addresses: Vec<(SocketAddr, bool)>,
}

/// The sessions and rooms of one thread.
pub struct Core {
    worker: usize,
    certificate: Arc<Certificate>,
    candidates: Vec<SocketAddr>,
    pub(crate) counters: Arc<Counters>,
    /// Any instant, and the same moment as NTP time in seconds.
    pub(crate) epoch: (Instant, f64),
    pub(crate) sessions: Vec<Option<Session>>,
    pub(crate) rooms: HashMap<RoomId, Room>,
    by_id: HashMap<SessionId, usize>,
    by_ufrag: HashMap<String, usize>,
    by_address: HashMap<SocketAddr, usize>,
    count: u64,
    pub(crate) ticks: u64,
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
            epoch: (now, since_1970.as_secs_f64() + NTP_OF_1970),
            sessions: Vec::new(),
            rooms: HashMap::new(),
            by_id: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_address: HashMap::new(),
            count: 0,
            ticks: 0,
        }
    }

    /// Admits a client.
    pub fn join(
        &mut self,
        room: RoomId,
        person: PersonId,
        offer: &str,
        wants: &[SlotWant],
        publish: bool,
        now: Instant,
    ) -> Result<Joined, JoinError> {
        self.count += 1;
        let id = session_id(self.worker, self.count);
        let seat = Seat {
            id,
            room: room.clone(),
            person,
            publish,
            ice: self.credentials(),
        };
        let session = Session::new(seat, offer, wants, &self.certificate, now)?;
        let answer = session.answer(&self.certificate, self.candidates.clone());
        let key = self
            .sessions
            .iter()
            .position(Option::is_none)
            .unwrap_or(self.sessions.len());
        self.by_id.insert(id, key);
        self.by_ufrag.insert(session.ice.ufrag.clone(), key);
        if key == self.sessions.len() {
            self.sessions.push(None);
        }
        if let Some(place) = self.sessions.get_mut(key) {
            *place = Some(session);
        }
        self.rooms.entry(room).or_default().sessions.push(key);
        Ok(Joined {
            session: id,
            answer,
        })
    }

    /// Answers a further offer.
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
        let session = self
            .sessions
            .get_mut(key)
            .and_then(Option::as_mut)
            .ok_or(JoinError::Gone)?;
        let before = session.ice.ufrag.clone();
        if session.offered_again(offer, wants, fresh)? {
            self.by_ufrag.remove(&before);
            self.by_ufrag.insert(session.ice.ufrag.clone(), key);
        }
        let answer = session.answer(&self.certificate, self.candidates.clone());
        let room = session.room.clone();
        self.arrange(&room, now, out);
        Ok(answer)
    }

    /// Whether what the session sends counts.
    pub fn set_publishing(&mut self, id: SessionId, publish: bool, now: Instant, out: &mut Outbox) {
        let session = self
            .by_id
            .get(&id)
            .and_then(|key| self.sessions.get_mut(*key)?.as_mut());
        if let Some(session) = session {
            session.publish = publish;
            let room = session.room.clone();
            self.arrange(&room, now, out);
        }
    }

    /// Ends a session.
    pub fn leave(&mut self, id: SessionId, now: Instant, out: &mut Outbox) {
        if let Some(key) = self.by_id.get(&id).copied() {
            self.end(key, None, now, out);
        }
    }

    /// Sets what may flow. What is taken away is silent when this returns.
    pub fn set_gate(&mut self, room: &RoomId, gate: Gate, now: Instant, out: &mut Outbox) {
        self.rooms.entry(room.clone()).or_default().set_gate(gate);
        self.arrange(room, now, out);
    }

    /// Sets what is shown.
    pub fn set_program(&mut self, room: &RoomId, program: Program, now: Instant, out: &mut Outbox) {
        self.rooms.entry(room.clone()).or_default().program = program;
        self.arrange(room, now, out);
    }

    /// Takes a datagram. Answers whether it is for this core: if not, another may know its sender.
    pub fn datagram(
        &mut self,
        from: SocketAddr,
        bytes: &mut [u8],
        now: Instant,
        out: &mut Outbox,
    ) -> bool {
        let kind = ice::classify(bytes);
        if kind == Some(ice::Datagram::Stun) {
            return self.check(from, bytes, now, out);
        }
        let Some(key) = self.by_address.get(&from).copied() else {
            return false;
        };
        match kind {
            Some(ice::Datagram::Dtls) => {
                if let Some(session) = self.session(key) {
                    session.heard = now;
                    session.dtls.handle(now, bytes);
                }
                self.handshake(key, now, out);
            }
            Some(ice::Datagram::Rtp) => self.rtp(key, bytes, now, out),
            Some(ice::Datagram::Rtcp) => self.rtcp(key, bytes, now, out),
            _ => {
                self.counters.datagrams_refused.fetch_add(1, Relaxed);
            }
        }
        true
    }

    /// The worker that a connectivity check is for, by the fragment that it names.
    pub fn worker_of(datagram: &[u8]) -> Option<usize> {
        let request = BindingRequest::parse(datagram)?;
        usize::from_str_radix(request.local_ufrag().get(..2)?, 16).ok()
    }

    /// What is due: repairs, reports, keyframes, handshakes, and those who fell silent.
    pub fn tick(&mut self, now: Instant, out: &mut Outbox) {
        self.ticks += 1;
        for key in 0..self.sessions.len() {
            let Some(session) = self.session(key) else {
                continue;
            };
            let quiet = now.saturating_duration_since(session.heard);
            let connected = session.sealer.is_some();
            if session.dtls.deadline().is_some_and(|due| due <= now) {
                session.dtls.handle_timeout(now);
                self.handshake(key, now, out);
            }
            if connected && quiet >= SILENCE {
                self.end(key, Some(Lost::Silence), now, out);
            } else if !connected && quiet >= HANDSHAKE {
                self.end(key, Some(Lost::Handshake), now, out);
            } else {
                self.reports(key, now, out);
            }
        }
        if self.ticks.is_multiple_of(10) {
            self.look_at_sources(now, out);
        }
    }

    pub(crate) fn session(&mut self, key: usize) -> Option<&mut Session> {
        self.sessions.get_mut(key)?.as_mut()
    }

    /// Credentials whose fragment begins with this worker's number.
    fn credentials(&self) -> Credentials {
        let mut fresh = Credentials::random();
        fresh.ufrag.insert_str(0, &format!("{:02x}", self.worker));
        fresh
    }

    fn check(&mut self, from: SocketAddr, bytes: &[u8], now: Instant, out: &mut Outbox) -> bool {
        let Some(request) = BindingRequest::parse(bytes) else {
            self.counters.datagrams_refused.fetch_add(1, Relaxed);
            return true;
        };
        let Some(key) = self.by_ufrag.get(request.local_ufrag()).copied() else {
            return false;
        };
        let Some(session) = self.session(key) else {
            return true;
        };
        let Ok(answered) = request.answer(&session.ice, &session.offer.ufrag, from) else {
            self.counters.datagrams_refused.fetch_add(1, Relaxed);
            return true;
        };
        session.heard = now;
        send(out, from, &answered.response);
        // The first path that works will do until the client names one; then that.
        let moves = answered.outcome == Outcome::Nominated || session.remote.is_none();
        if moves && answered.outcome != Outcome::RoleConflict && session.remote != Some(from) {
            session.remote = Some(from);
        }
        if answered.outcome != Outcome::RoleConflict
            && self.by_address.insert(from, key) != Some(key)
        {
            out.addresses.push((from, true));
        }
        self.handshake(key, now, out);
        true
    }

    /// Sends what DTLS has to say, and takes the keys when it is through.
    fn handshake(&mut self, key: usize, now: Instant, out: &mut Outbox) {
        let Some(session) = self.session(key) else {
            return;
        };
        if let Some(remote) = session.remote {
            while let Some(datagram) = session.dtls.poll_transmit() {
                send(out, remote, &datagram);
            }
        }
        while let Some(event) = self
            .session(key)
            .and_then(|session| session.dtls.poll_event())
        {
            match event {
                DtlsEvent::Connected(keys) => {
                    let Some(session) = self.session(key) else {
                        return;
                    };
                    session.opener = Opener::new(keys.profile, &keys.client).ok();
                    session.sealer = Sealer::new(keys.profile, &keys.server).ok();
                    out.events.push(MediaEvent::Connected {
                        session: session.id,
                    });
                    let room = session.room.clone();
                    self.counters.sessions.fetch_add(1, Relaxed);
                    self.arrange(&room, now, out);
                    self.want_keyframes(key);
                }
                DtlsEvent::Failed(error) => {
                    tracing::debug!(%error, "a media handshake failed");
                    self.end(key, Some(Lost::Handshake), now, out);
                }
                DtlsEvent::Closed => self.end(key, Some(Lost::Closed), now, out),
            }
        }
    }

    fn end(&mut self, key: usize, why: Option<Lost>, now: Instant, out: &mut Outbox) {
        let Some(mut session) = self.sessions.get_mut(key).and_then(Option::take) else {
            return;
        };
        session.dtls.close(now);
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
        if let Some(why) = why {
            out.events.push(MediaEvent::Disconnected {
                session: session.id,
                why,
            });
        }
        if let Some(room) = self.rooms.get_mut(&session.room) {
            room.sessions.retain(|other| *other != key);
        }
        self.arrange(&session.room, now, out);
    }

    /// Brings a room's tracks and slots in line with its gate and its program: first what is taken away, then the rest.
    pub(crate) fn arrange(&mut self, room_id: &RoomId, now: Instant, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        for key in &room.sessions {
            let Some(session) = self.sessions.get_mut(*key).and_then(Option::as_mut) else {
                continue;
            };
            for track in &mut session.tracks {
                let reach = room
                    .reach(&session.person, track.source)
                    .filter(|_| session.publish);
                track.set_reach(reach);
                track.listeners.clear();
            }
        }
        let shown = Shown::of(room, &self.sessions, now);
        let mut begun = Vec::new();
        for key in &room.sessions {
            let Some(session) = self.sessions.get_mut(*key).and_then(Option::as_mut) else {
                continue;
            };
            for want in [Want::Stage, Want::Screen, Want::Voice, Want::Tile] {
                let sources: Vec<SourceKey> = shown
                    .of_want(&want)
                    .iter()
                    .filter(|(person, _)| *person != session.person)
                    .map(|(_, source)| *source)
                    .collect();
                let mut slots: Vec<_> = session
                    .slots
                    .iter_mut()
                    .filter(|slot| slot.want == want)
                    .collect();
                let now_in: Vec<_> = slots.iter().map(|slot| slot.assigned).collect();
                for (slot, source) in slots.iter_mut().zip(fill(&now_in, &sources)) {
                    if slot.assigned != source {
                        slot.assign(source);
                        begun.extend(source);
                    }
                }
            }
        }
        self.connect_slots(room_id, now);
        for source in begun {
            self.need_keyframe(source, None);
        }
        self.announce(room_id, out);
        self.ask_keyframes(room_id, now, out);
    }

    /// Tells every track whose slots carry it, and every slot which layer.
    fn connect_slots(&mut self, room_id: &RoomId, now: Instant) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        for key in &room.sessions {
            let Some(mut listener) = self.sessions.get_mut(*key).and_then(Option::take) else {
                continue;
            };
            if listener.sealer.is_some() {
                for (at, slot) in listener.slots.iter_mut().enumerate() {
                    let Some((publisher, source)) = slot.assigned else {
                        continue;
                    };
                    let publisher = self.sessions.get_mut(publisher).and_then(Option::as_mut);
                    let track = publisher.and_then(|publisher| {
                        publisher
                            .tracks
                            .iter_mut()
                            .find(|track| track.source == source)
                    });
                    if let Some(track) = track {
                        track.listeners.push((*key, at));
                        let stage = slot.want != Want::Tile;
                        let layer = track.layer_for(
                            stage,
                            listener.down.withheld,
                            listener.down.estimate,
                            now,
                        );
                        slot.layer =
                            layer.unwrap_or(slot.layer.min(track.layers.len().saturating_sub(1)));
                    }
                }
            }
            if let Some(place) = self.sessions.get_mut(*key) {
                *place = Some(listener);
            }
        }
    }

    /// Reports the slots that have changed.
    fn announce(&mut self, room_id: &RoomId, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        for key in &room.sessions {
            let Some(session) = self.sessions.get(*key).and_then(Option::as_ref) else {
                continue;
            };
            let person = |key: usize| Some(self.sessions.get(key)?.as_ref()?.person.clone());
            let slots: Vec<SlotShows> = session
                .slots
                .iter()
                .map(|slot| SlotShows {
                    mid: slot.mid.clone(),
                    shows: slot.assigned.and_then(|(key, source)| {
                        Some(Shows {
                            participant: person(key)?,
                            source,
                            stage: slot.want != Want::Tile,
                        })
                    }),
                })
                .collect();
            if slots != session.announced && session.sealer.is_some() {
                out.events.push(MediaEvent::Slots {
                    session: session.id,
                    slots: slots.clone(),
                });
                if let Some(session) = self.sessions.get_mut(*key).and_then(Option::as_mut) {
                    session.announced = slots;
                }
            }
        }
    }

    /// A listener has just connected: everything that its slots carry must begin anew.
    fn want_keyframes(&mut self, key: usize) {
        let Some(session) = self.session(key) else {
            return;
        };
        let sources: Vec<_> = session
            .slots
            .iter()
            .filter_map(|slot| Some((slot.assigned?, slot.layer)))
            .collect();
        for (source, layer) in sources {
            self.need_keyframe(source, Some(layer));
        }
    }

    /// A keyframe is needed of one layer of a source, or of those that its listeners are to get.
    pub(crate) fn need_keyframe(&mut self, (key, source): SourceKey, layer: Option<usize>) {
        let Some(session) = self.sessions.get(key).and_then(Option::as_ref) else {
            return;
        };
        let Some(track) = session.tracks.iter().find(|track| track.source == source) else {
            return;
        };
        if source == Source::Microphone {
            return;
        }
        let layers: Vec<usize> = match layer {
            Some(layer) => vec![layer],
            None => {
                let wanted = |(key, slot): &(usize, usize)| {
                    Some(self.sessions.get(*key)?.as_ref()?.slots.get(*slot)?.layer)
                };
                track.listeners.iter().filter_map(wanted).collect()
            }
        };
        let Some(session) = self.session(key) else {
            return;
        };
        let Some(track) = session
            .tracks
            .iter_mut()
            .find(|track| track.source == source)
        else {
            return;
        };
        for layer in layers {
            if let Some(layer) = track.layers.get_mut(layer) {
                layer.need_keyframe();
            }
        }
    }

    /// Notices sources that began or stopped, and layers that came or went.
    fn look_at_sources(&mut self, now: Instant, out: &mut Outbox) {
        let mut changed = Vec::new();
        for session in self.sessions.iter_mut().flatten() {
            let mut any = false;
            for track in &mut session.tracks {
                let live =
                    track.layers.iter().any(|layer| layer.seen.is_some()) && track.is_live(now);
                any |= std::mem::replace(&mut track.was_live, live) != live;
            }
            if any {
                let sources = session
                    .tracks
                    .iter()
                    .filter(|track| track.was_live)
                    .map(|track| track.source)
                    .collect();
                out.events.push(MediaEvent::Publishing {
                    session: session.id,
                    sources,
                });
                changed.push(session.room.clone());
            }
        }
        changed.dedup();
        for room in changed {
            self.arrange(&room, now, out);
        }
        self.choose_layers(now);
    }
}

/// Puts a datagram into the outbox as it is.
pub(crate) fn send(out: &mut Outbox, to: SocketAddr, datagram: &[u8]) {
    out.batch.push(to, datagram.len(), |buffer| {
        buffer.copy_from_slice(datagram);
        Some(datagram.len())
    });
}

/// Seconds from 1900, where NTP begins, to 1970.
const NTP_OF_1970: f64 = 2_208_988_800.0;

/// What a room's program comes to, given who sends and what the gate lets through.
struct Shown {
    stage: Vec<(PersonId, SourceKey)>,
    screens: Vec<(PersonId, SourceKey)>,
    voices: Vec<(PersonId, SourceKey)>,
    tiles: Vec<(PersonId, SourceKey)>,
}

impl Shown {
    fn of(room: &Room, sessions: &[Option<Session>], now: Instant) -> Self {
        let find = |people: &[PersonId], source: Source, needs: Reach| {
            let mut found = Vec::new();
            for person in people {
                let of_person = room
                    .sessions
                    .iter()
                    .filter_map(|key| Some((*key, sessions.get(*key)?.as_ref()?)));
                for (key, session) in
                    of_person.filter(|(_, session)| session.person == *person && session.publish)
                {
                    let flows = session.tracks.iter().any(|track| {
                        track.source == source
                            && track.reach.is_some_and(|reach| reach >= needs)
                            && track.is_live(now)
                    });
                    if flows {
                        found.push((session.person.clone(), (key, source)));
                    }
                }
            }
            found
        };
        Self {
            stage: find(&room.program.stage, Source::Camera, Reach::Stage),
            screens: find(&room.program.stage, Source::Screen, Reach::Stage),
            voices: find(&room.program.voices, Source::Microphone, Reach::Stage),
            tiles: find(&room.program.tiles, Source::Camera, Reach::Tile),
        }
    }

    fn of_want(&self, want: &Want) -> &[(PersonId, SourceKey)] {
        match want {
            Want::Stage => &self.stage,
            Want::Screen => &self.screens,
            Want::Voice => &self.voices,
            Want::Tile => &self.tiles,
            Want::Language(_) => &[],
        }
    }
}
