//! The task of a room: everything that happens in it happens here, one thing after the other.

use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use plenary_conference::Role;
use plenary_floor::{Actor, ChairVerb, Command as Floor, FloorRequest, Scope};
use plenary_ids::{Millis, Moment, PersonId, RoomId, Seq};
use plenary_protocol::{
    ChatMessage, CloseCode, Code, Command, Event, Hidden, Participant, Presence, Problem,
    RoomEvent, SessionId,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    Action, Attach, Attached, Body, Caller, Clock, Guard, Member, Outgoing, Resumption, RoomConfig,
    RoomLogEvent, Scene, Stage, authority,
    handle::{Ask, Snapshot},
    outbox::{self, Sender},
    replies::Replies,
    state::RoomState,
    translate,
};

/// How many events a returning client can be told one by one; before that it gets a snapshot.
const KEPT_EVENTS: usize = 4096;
/// How long the media plane may take to shrink before the room goes on without its word, and says so in the log.
const SHRINK_TIMEOUT: Duration = Duration::from_secs(2);

struct Device {
    person: PersonId,
    publishing: bool,
    outbox: Sender,
}

/// An event as it was sent.
struct Kept {
    event: RoomLogEvent,
    full: Bytes,
    hidden: Bytes,
}

struct Room {
    config: RoomConfig,
    stage: Arc<dyn Stage>,
    clock: Clock,
    state: RoomState,
    devices: BTreeMap<SessionId, Device>,
    /// Until when the places of those who are away are kept.
    kept_until: BTreeMap<PersonId, Moment>,
    events: VecDeque<Kept>,
    replies: Replies,
    scene: Scene,
    epoch: u64,
}

/// Runs a room until nobody holds a handle to it any more, or it is drained.
pub(crate) async fn run(
    config: RoomConfig,
    stage: Arc<dyn Stage>,
    clock: Clock,
    mut asked: mpsc::Receiver<Ask>,
) {
    let state = RoomState::new(&config);
    let mut room = Room {
        config,
        stage,
        clock,
        state,
        devices: BTreeMap::new(),
        kept_until: BTreeMap::new(),
        events: VecDeque::new(),
        replies: Replies::default(),
        scene: Scene::default(),
        epoch: 0,
    };
    loop {
        let deadline = room.deadline().map(|moment| room.clock.instant(moment));
        tokio::select! {
            ask = asked.recv() => match ask {
                Some(Ask::Drain(done)) => {
                    room.drain().await;
                    let _ = done.send(());
                    return;
                }
                Some(ask) => room.hear(ask).await,
                None => return,
            },
            () = until(deadline) => room.time_has_come().await,
        }
    }
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => pending().await,
    }
}

impl Room {
    async fn hear(&mut self, ask: Ask) {
        // Whoever asked may be gone by now; what was asked is done all the same.
        match ask {
            Ask::Attach(attach, answer) => {
                let attached = self.attach(attach).await;
                // A connection that ended while it waited leaves no seat behind.
                if let Err(Ok(attached)) = answer.send(attached) {
                    self.detach(&attached.session).await;
                }
            }
            Ask::Detach(session) => self.detach(&session).await,
            Ask::Command(caller, command, guard, answer) => {
                let _ = answer.send(self.command(&caller, &command, guard).await);
            }
            Ask::Relay {
                from,
                to,
                text,
                answer,
            } => {
                let _ = answer.send(self.relay(&from, &to, &text));
            }
            Ask::Snapshot(reader, answer) => {
                let _ = answer.send(self.snapshot(&reader).map(Box::new));
            }
            Ask::Events(reader, after, answer) => {
                let _ = answer.send(
                    self.member(&reader)
                        .map(|member| self.events_after(&member, after)),
                );
            }
            Ask::Voice(person) => self.tell_floor(Floor::Voice { person }).await,
            Ask::Drain(done) => drop(done),
        }
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn member(&self, person: &PersonId) -> Result<Member, Problem> {
        let member = self.config.members.get(person).ok_or_else(|| {
            Problem::new(
                Code::Forbidden,
                format!("{person} has no place in the room {}.", self.config.id),
            )
        })?;
        if self.state.removed.contains(person) {
            let detail = "You were asked to leave this room. A moderator can admit you again.";
            return Err(Problem::new(Code::Forbidden, detail));
        }
        Ok(member.clone())
    }

    fn snapshot(&self, reader: &PersonId) -> Result<Snapshot, Problem> {
        let member = self.member(reader)?;
        Ok(self.state.snapshot(&self.config, &member, self.now()))
    }

    fn events_after(&self, reader: &Member, after: Seq) -> Vec<Bytes> {
        let later = self.events.iter().filter(|kept| kept.event.seq > after);
        later.map(|kept| kept.for_reader(reader)).collect()
    }

    // ---- people and their devices ----

    async fn attach(&mut self, attach: Attach) -> Result<Attached, Problem> {
        let member = self.member(&attach.person)?;
        let before = self.state.seq;
        let mut publishing = authority::publishes(member.role)
            && !self
                .devices
                .values()
                .any(|device| device.person == member.person && device.publishing);
        if let Some(resume) = &attach.resume
            && self
                .devices
                .get(&resume.session)
                .is_some_and(|device| device.person == member.person)
            && let Some(device) = self.devices.remove(&resume.session)
        {
            // The same device, whose old connection has not been missed yet.
            publishing |= device.publishing;
            device.outbox.close(CloseCode::Replaced);
        }
        let session = SessionId::random();
        let (sender, outbox) = outbox::outbox();
        self.arrive(&member, publishing).await;

        let missed = attach
            .resume
            .map(|resume| resume.seq)
            .filter(|seq| self.holds_all_after(*seq) && *seq <= before);
        let resumption = match missed {
            Some(seq) => Resumption::Events(self.events_after(&member, seq)),
            None => Resumption::Snapshot(Box::new(self.state.snapshot(
                &self.config,
                &member,
                self.now(),
            ))),
        };
        let device = Device {
            person: member.person.clone(),
            publishing,
            outbox: sender,
        };
        self.devices.insert(session.clone(), device);
        Ok(Attached {
            session,
            seq: self.state.seq,
            member,
            publishing,
            resumption,
            outbox,
        })
    }

    /// Whether every event after that place is still here. Place 0 is nobody's: a page that was loaded anew has it.
    fn holds_all_after(&self, seq: Seq) -> bool {
        seq > Seq(0)
            && self
                .events
                .front()
                .is_none_or(|oldest| oldest.event.seq <= seq.next())
    }

    async fn arrive(&mut self, member: &Member, publishing: bool) {
        self.kept_until.remove(&member.person);
        let known = self.state.participants.get(&member.person);
        let participant = Participant {
            person: member.person.clone(),
            name: member.name.clone(),
            role: member.role,
            delegation: member.delegation.clone(),
            state: Presence::Seated,
            publishing: publishing || known.is_some_and(|known| known.publishing),
            muted: known.is_some_and(|known| known.muted),
            joined_at: known.map_or(self.now(), |known| known.joined_at),
        };
        match known {
            None => {
                self.happen(vec![Body::Room(RoomEvent::Joined { participant })])
                    .await
            }
            Some(known) if *known != participant => {
                self.happen(vec![Body::Room(RoomEvent::Updated { participant })])
                    .await;
            }
            Some(_) => {}
        }
        if !self.state.floor.is_connected(&member.person) {
            self.tell_floor(Floor::Connected {
                person: member.person.clone(),
            })
            .await;
        }
        if member.role == Role::Moderator && self.state.floor.chair().is_none() {
            let actor = Actor::new(member.person.clone(), Scope::Chair);
            let _ = self.decide(&Floor::Chair(ChairVerb::Take), &actor).await;
        }
    }

    async fn detach(&mut self, session: &SessionId) {
        let Some(device) = self.devices.remove(session) else {
            return;
        };
        let mut others = self
            .devices
            .values()
            .filter(|other| other.person == device.person);
        let publishing = others.clone().any(|other| other.publishing);
        let away = others.next().is_none();
        let Some(known) = self.state.participants.get(&device.person) else {
            return;
        };
        let mut participant = known.clone();
        participant.publishing = publishing;
        if away {
            participant.state = Presence::Away;
        }
        if *known != participant {
            self.happen(vec![Body::Room(RoomEvent::Updated { participant })])
                .await;
        }
        if away {
            self.keep_place(&device.person);
            self.tell_floor(Floor::Disconnected {
                person: device.person,
            })
            .await;
        }
    }

    fn keep_place(&mut self, person: &PersonId) {
        let grace = self
            .state
            .floor
            .settings()
            .reconnect_grace
            .max(Millis::from_secs(1));
        self.kept_until
            .insert(person.clone(), self.now().after(grace));
    }

    async fn leave(
        &mut self,
        person: &PersonId,
        reason: &str,
        to: Option<RoomId>,
        code: CloseCode,
    ) {
        self.kept_until.remove(person);
        self.tell_floor(Floor::Disconnected {
            person: person.clone(),
        })
        .await;
        self.tell_floor(Floor::Left {
            person: person.clone(),
        })
        .await;
        let left = RoomEvent::Left {
            person: person.clone(),
            reason: reason.to_owned(),
            to,
        };
        self.happen(vec![Body::Room(left)]).await;
        let sessions: Vec<SessionId> = self
            .sessions_of(person)
            .map(|(session, _)| session.clone())
            .collect();
        for session in sessions {
            if let Some(device) = self.devices.remove(&session) {
                device.outbox.close(code);
            }
        }
    }

    fn sessions_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> impl Iterator<Item = (&'a SessionId, &'a Device)> {
        self.devices
            .iter()
            .filter(move |(_, device)| device.person == *person)
    }

    fn relay(&mut self, from: &PersonId, to: &PersonId, text: &Bytes) -> Result<(), Problem> {
        self.member(from)?;
        let mut found = false;
        for (_, device) in self.sessions_of(to) {
            found |= device.outbox.send(Outgoing::Text(text.clone()));
        }
        if found {
            return Ok(());
        }
        Err(Problem::new(
            Code::NotFound,
            format!("{to} is not in this room."),
        ))
    }

    // ---- commands ----

    async fn command(
        &mut self,
        caller: &Caller,
        command: &Command,
        guard: Guard,
    ) -> Result<Value, Problem> {
        if let Some(id) = &guard.id
            && let Some(reply) = self.replies.get(&caller.person, id)
        {
            return reply.clone();
        }
        let reply = self.obey(caller, command, guard.version).await;
        if let Some(id) = guard.id {
            self.replies.keep(&caller.person, id, reply.clone());
        }
        reply
    }

    async fn obey(
        &mut self,
        caller: &Caller,
        command: &Command,
        version: Option<u64>,
    ) -> Result<Value, Problem> {
        let member = self.member(&caller.person)?;
        let action = Action::of(command);
        let scope = authority::standing(member.role, action).ok_or_else(|| {
            let detail = format!(
                "Only {} may do this; you are here as {}.",
                authority::who_may(action),
                member.role
            );
            Problem::new(Code::Forbidden, detail)
        })?;
        if version.is_some_and(|version| version != self.state.version.0) {
            let detail =
                "The floor has changed since you last saw it; look again before you change it.";
            return Err(Problem::stale(detail));
        }
        let floor = translate::to_floor(command, &member, &self.config)?;
        if let Some(floor) = floor {
            let actor = Actor::new(member.person, scope);
            let about = self.decide(&floor, &actor).await?;
            return Ok(about.map_or_else(
                || json!(self.state.floor_view(self.now())),
                |request| json!(request),
            ));
        }
        if scope == Scope::Chair {
            self.not_instead_of_the_chair(&member.person)?;
        }
        match command {
            Command::ChatPost { text, to } => {
                let message = ChatMessage {
                    id: self.state.last_chat + 1,
                    from: member.person,
                    to: *to,
                    text: text.clone(),
                };
                let id = message.id;
                self.happen(vec![Body::Room(RoomEvent::ChatPosted(message))])
                    .await;
                Ok(json!({ "id": id }))
            }
            Command::DeviceUse {} => self.use_device(caller).await,
            Command::ParticipantMute { person, on } => {
                let mut participant = self.participant(person)?;
                if participant.muted != *on {
                    participant.muted = *on;
                    self.happen(vec![Body::Room(RoomEvent::Updated {
                        participant: participant.clone(),
                    })])
                    .await;
                }
                Ok(json!(participant))
            }
            Command::ParticipantRemove { person, reason } => {
                self.participant(person)?;
                let by = Actor::new(member.person, scope);
                self.take_floor_from(person, reason.as_ref(), &by).await?;
                self.leave(person, "removed", None, CloseCode::Forbidden)
                    .await;
                Ok(json!({ "person": person, "state": "removed" }))
            }
            Command::ParticipantMove { person, to } => {
                self.participant(person)?;
                if self.state.floor.is_holder(person) {
                    let detail = format!(
                        "{person} holds the floor, and cannot be moved before the speech has ended."
                    );
                    return Err(Problem::new(Code::Conflict, detail));
                }
                self.leave(person, "moved", Some(to.clone()), CloseCode::Forbidden)
                    .await;
                Ok(json!({ "person": person, "state": "moved", "to": to }))
            }
            Command::ParticipantAdmit { person } => {
                if self.state.removed.contains(person) {
                    self.happen(vec![Body::Room(RoomEvent::Admitted {
                        person: person.clone(),
                    })])
                    .await;
                }
                Ok(json!({ "person": person, "state": "admitted" }))
            }
            _ => Err(Problem::new(Code::Invalid, "This is not done in a room.")),
        }
    }

    /// The floor asks the same before its own commands.
    fn not_instead_of_the_chair(&self, moderator: &PersonId) -> Result<(), Problem> {
        match self.state.floor.chair() {
            Some(chair) if chair != moderator => Err(Problem::new(
                Code::Forbidden,
                format!(
                    "{chair} is in the chair; ask for it to be handed over, or take it if it is empty."
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Ends the speeches of somebody who is to go, and who is absent from now on: nothing else is granted meanwhile.
    async fn take_floor_from(
        &mut self,
        person: &PersonId,
        reason: Option<&String>,
        by: &Actor,
    ) -> Result<(), Problem> {
        self.tell_floor(Floor::Disconnected {
            person: person.clone(),
        })
        .await;
        for held in self.state.floor_view(self.now()).granted {
            if held.beneficiary == *person {
                let revoke = Floor::Revoke {
                    request: held.id,
                    reason: reason.cloned(),
                };
                self.decide(&revoke, by).await?;
            }
        }
        Ok(())
    }

    fn participant(&self, person: &PersonId) -> Result<Participant, Problem> {
        let found = self.state.participants.get(person).cloned();
        found.ok_or_else(|| Problem::new(Code::NotFound, format!("{person} is not in this room.")))
    }

    async fn use_device(&mut self, caller: &Caller) -> Result<Value, Problem> {
        let session = caller
            .session
            .as_ref()
            .filter(|session| self.devices.contains_key(*session))
            .cloned();
        let Some(session) = session else {
            return Err(Problem::new(
                Code::Invalid,
                "Only a seated device can be made the one that publishes.",
            ));
        };
        // Off before on: never two streams of one person.
        for (other, device) in &mut self.devices {
            if device.person == caller.person && device.publishing && *other != session {
                device.publishing = false;
                device.outbox.send(Outgoing::Publish(false));
            }
        }
        if let Some(device) = self.devices.get_mut(&session) {
            device.publishing = true;
            device.outbox.send(Outgoing::Publish(true));
        }
        let mut participant = self.participant(&caller.person)?;
        if !participant.publishing {
            participant.publishing = true;
            self.happen(vec![Body::Room(RoomEvent::Updated { participant })])
                .await;
        }
        Ok(json!({ "session": session, "publishing": true }))
    }

    /// Has the floor decide; answers the request that it was about.
    async fn decide(
        &mut self,
        command: &Floor,
        actor: &Actor,
    ) -> Result<Option<FloorRequest>, Problem> {
        let events = plenary_floor::decide(&self.state.floor, command, actor, self.now())?;
        let bodies: Vec<Body> = events.into_iter().map(Body::Floor).collect();
        let about = subject(command, &bodies);
        self.happen(bodies).await;
        Ok(about.map(|request| self.state.floor.request(request.id).unwrap_or(request)))
    }

    /// Something that the system knows and the floor cannot refuse.
    async fn tell_floor(&mut self, command: Floor) {
        if let Err(problem) = self.decide(&command, &Actor::system()).await {
            tracing::debug!(room = %self.config.id, ?command, %problem, "the floor has no use for this");
        }
    }

    // ---- time ----

    fn deadline(&self) -> Option<Moment> {
        self.kept_until
            .values()
            .copied()
            .chain(self.state.floor.deadline())
            .min()
    }

    async fn time_has_come(&mut self) {
        let now = self.now();
        if self
            .state
            .floor
            .deadline()
            .is_some_and(|deadline| deadline <= now)
        {
            self.tell_floor(Floor::Tick).await;
        }
        let over: Vec<PersonId> = self
            .kept_until
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(person, _)| person.clone())
            .collect();
        for person in over {
            // Whoever holds the floor stays: the chair decides about him, not the clock.
            if self.state.floor.is_holder(&person) {
                self.keep_place(&person);
            } else {
                self.leave(&person, "lost", None, CloseCode::Replaced).await;
            }
        }
    }

    // ---- what happens ----

    /// Makes events happen: what they take away stops flowing, then they are told, then what they allow flows.
    async fn happen(&mut self, bodies: Vec<Body>) {
        if bodies.is_empty() {
            return;
        }
        let at = self.now();
        let mut next = self.state.clone();
        let events: Vec<RoomLogEvent> = bodies
            .into_iter()
            .map(|body| {
                let event = Event {
                    seq: next.seq.next(),
                    at,
                    body,
                };
                next.apply(&event);
                event
            })
            .collect();
        let scene = next.scene(&self.config);
        let shrunk = self.scene.shrunk_to(&scene);
        if shrunk != self.scene {
            self.show(shrunk).await;
        }
        self.state = next;
        for event in events {
            self.announce(event);
        }
        if scene != self.scene {
            self.show(scene).await;
        }
    }

    async fn show(&mut self, scene: Scene) {
        self.epoch += 1;
        let shown = self.stage.show(&self.config.id, self.epoch, scene.clone());
        if tokio::time::timeout(SHRINK_TIMEOUT, shown).await.is_err() {
            tracing::error!(room = %self.config.id, epoch = self.epoch, "the media plane does not answer");
        }
        self.scene = scene;
    }

    /// Sends an event to everybody: serialized once, or twice if some may not see it.
    fn announce(&mut self, event: RoomLogEvent) {
        let text = |value: Result<Vec<u8>, serde_json::Error>| match value {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) => {
                tracing::error!(%error, "an event could not be written");
                Bytes::from_static(b"{}")
            }
        };
        let full = text(serde_json::to_vec(&event));
        let hidden = text(serde_json::to_vec(&Event {
            seq: event.seq,
            at: event.at,
            body: Hidden {},
        }));
        let kept = Kept {
            event,
            full,
            hidden,
        };
        let mut too_slow = Vec::new();
        for (session, device) in &self.devices {
            let Some(reader) = self.config.members.get(&device.person) else {
                continue;
            };
            if !device.outbox.send(Outgoing::Text(kept.for_reader(reader))) {
                too_slow.push(session.clone());
            }
        }
        self.events.push_back(kept);
        if self.events.len() > KEPT_EVENTS {
            self.events.pop_front();
        }
        // Their connections end, and come back as a detach, which frees the seat; here they only stop being sent to.
        for session in too_slow {
            if let Some(device) = self.devices.get_mut(&session) {
                let (closed, _) = outbox::outbox();
                std::mem::replace(&mut device.outbox, closed).close(CloseCode::RateLimited);
            }
        }
    }

    async fn drain(&mut self) {
        self.happen(vec![Body::Room(RoomEvent::Draining {})]).await;
        for (_, device) in std::mem::take(&mut self.devices) {
            device.outbox.close(CloseCode::Draining);
        }
        self.show(Scene::default()).await;
    }
}

impl Kept {
    fn for_reader(&self, reader: &Member) -> Bytes {
        if self.event.body.is_visible_to(reader) {
            self.full.clone()
        } else {
            self.hidden.clone()
        }
    }
}

/// The request that a command was about: the one it names, or the one that came of it.
fn subject(command: &Floor, bodies: &[Body]) -> Option<FloorRequest> {
    let requests = || bodies.iter().filter_map(Body::request);
    match command {
        Floor::Request(_) | Floor::Admit(_) => requests().next().cloned(),
        Floor::Next => requests()
            .rfind(|request| request.state == plenary_floor::State::Granted)
            .cloned(),
        Floor::Accept { request, .. }
        | Floor::Grant { request, .. }
        | Floor::Deny { request, .. }
        | Floor::Cancel { request }
        | Floor::Move { request, .. }
        | Floor::Pass { request }
        | Floor::Recall { request, .. }
        | Floor::Suspend { request }
        | Floor::Resume { request }
        | Floor::Release { request }
        | Floor::Yield { request, .. }
        | Floor::Revoke { request, .. }
        | Floor::Extend { request, .. } => requests().rfind(|about| about.id == *request).cloned(),
        _ => None,
    }
}
