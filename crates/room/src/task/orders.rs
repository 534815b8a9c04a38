//! What somebody wants done: whether he may, and doing it once.

use plenary_conference::{ItemKind, Role};
use plenary_floor::{
    Actor, Command as Floor, FloorRequest, Kind, ListState, Priority, Scope, Wish,
};
use plenary_ids::{PersonId, RequestId, RoomId, Seq};
use plenary_protocol::{
    ChatMessage, CloseCode, Code, Command, CommandId, Correction, DepartureReason, Participant,
    Problem, RoomEvent,
};
use serde_json::{Value, json};

use super::{
    Room,
    batch::{Deferred, RecordedReply},
};
use crate::{
    Action, Body, Caller, Guard, authority, channels,
    decisions::Order,
    message::ReplyTo,
    replies::{self, Reply},
    translate,
};

impl Room {
    /// Does what is asked, once: a name that was used before gets the reply that it got then.
    pub(super) async fn command(
        &mut self,
        caller: &Caller,
        command: &Command,
        guard: Guard,
        reply_to: ReplyTo<Value>,
    ) -> Deferred {
        if let Some(id) = &guard.id {
            match self.reply_before(&caller.person, id).await {
                Ok(None) => {}
                Ok(Some(again)) => return again(reply_to),
                Err(problem) => return Deferred::Again(Err(problem), reply_to),
            }
        }
        let position = self.position();
        let reply = self.obey(caller, command, guard.version);
        if reply.is_err() {
            self.roll_back_to(position);
        }
        if let Some(id) = guard.id {
            let replied = RecordedReply::new(caller.person.clone(), &id, &reply);
            self.batch.replies.extend(replied);
        }
        Deferred::Reply(reply, reply_to)
    }

    /// The reply that a command of that name was given: in this batch, to be recorded with it, or before.
    async fn reply_before(
        &mut self,
        person: &PersonId,
        id: &CommandId,
    ) -> Result<Option<Box<dyn FnOnce(ReplyTo<Value>) -> Deferred + Send>>, Problem> {
        let now = self
            .unrecorded()
            .flat_map(|batch| &batch.replies)
            .find_map(|replied| replied.to(person, id));
        if let Some(reply) = now {
            // It is answered with this batch, and none is recorded without the one before.
            let reply = reply.clone();
            return Ok(Some(Box::new(move |reply_to| {
                Deferred::Reply(reply, reply_to)
            })));
        }
        let (room, name) = (self.config.id.clone(), id.as_str().to_owned());
        let unread = |why: String| {
            tracing::error!(room = %self.config.id, why, "a reply cannot be read");
            let detail = "Whether this was done before cannot be read at the moment; try again.";
            Problem::new(Code::Unavailable, detail)
        };
        let kept = self.log.reply(room, person.clone(), name).await;
        match kept.map_err(|error| unread(error.to_string()))? {
            None => Ok(None),
            Some(kept) => {
                let reply = replies::read(&kept).map_err(|error| unread(error.to_string()))?;
                Ok(Some(Box::new(move |reply_to| {
                    Deferred::Again(reply, reply_to)
                })))
            }
        }
    }

    fn obey(&mut self, caller: &Caller, command: &Command, version: Option<u64>) -> Reply {
        let member = self.member(&caller.person)?;
        let scope = scope(member.role, Action::of(command.command_type()))?;
        // The floor's version is the place of its last event, so who has seen that place, or a later one, is up to date.
        let seen = self.state.version.0..=self.state.seq.0;
        if version.is_some_and(|version| !seen.contains(&version)) {
            let detail =
                "The floor has changed since you last saw it; look again before you change it.";
            return Err(Problem::stale(detail));
        }
        let floor = translate::to_floor(command, &member, &self.config)?;
        if let Some(floor) = floor {
            let actor = Actor::new(member.person, scope);
            let about = self.decide(&floor, &actor)?;
            return Ok(about.map_or_else(
                || json!(self.state.floor_view(self.now())),
                |request| json!(request),
            ));
        }
        if scope == Scope::Chair {
            self.not_instead_of_the_chair(&member.person)?;
        }
        if let Some((language, order)) = channels::Order::of(command) {
            return self.interpret(language, order, &member.person);
        }
        if let Some(order) = self.state.order_of(&self.config, command, &member, scope)? {
            return self.put_to_the_meeting(order, &member.person);
        }
        match command {
            Command::AgendaStart { item } | Command::AgendaEnd { item } => {
                let (actor, now) = (Actor::new(member.person, scope), self.now());
                let bodies = match command {
                    Command::AgendaStart { .. } => {
                        self.state.start_item(&self.config, item, &actor, now)
                    }
                    _ => self.state.end_item(&self.config, item, &actor, now),
                }?;
                self.emit(bodies);
                Ok(json!(self.state.planned(&self.config, item)?))
            }
            Command::ChatPost { text, to } => {
                let message = ChatMessage {
                    id: self.state.last_chat + 1,
                    from: member.person,
                    to: *to,
                    text: text.clone(),
                };
                let id = message.id;
                self.emit(vec![Body::Room(RoomEvent::ChatPosted(message))]);
                Ok(json!({ "id": id }))
            }
            Command::ProceedingsCorrect { about_seq, text } => {
                self.correct(member.person, *about_seq, text.clone())
            }
            Command::DeviceUse {} => self.use_device(caller),
            Command::ParticipantMute { person, on } => {
                let mut participant = self.participant(person)?;
                if participant.muted != *on {
                    participant.muted = *on;
                    self.emit(vec![Body::Room(RoomEvent::Updated {
                        participant: participant.clone(),
                    })]);
                }
                Ok(json!(participant))
            }
            Command::ParticipantRemove { person, reason } => {
                self.participant(person)?;
                let by = Actor::new(member.person, scope);
                self.take_floor_from(person, reason.as_ref(), &by)?;
                self.leave(person, DepartureReason::Removed, None, CloseCode::Forbidden);
                Ok(json!({ "person": person, "state": "removed" }))
            }
            Command::ParticipantMove { person, to } => {
                self.participant(person)?;
                self.may_be_sent(person, to)?;
                if self.state.floor.is_holder(person) {
                    let detail = format!(
                        "{person} holds the floor, and cannot be moved before the speech has ended."
                    );
                    return Err(Problem::new(Code::Conflict, detail));
                }
                self.leave(
                    person,
                    DepartureReason::Moved,
                    Some(to.clone()),
                    CloseCode::Forbidden,
                );
                Ok(json!({ "person": person, "state": "moved", "to": to }))
            }
            Command::ParticipantAdmit { person } => {
                self.admit(person, &Actor::new(member.person, scope))
            }
            _ => Err(Problem::new(Code::Invalid, "This is not done in a room.")),
        }
    }

    fn put_to_the_meeting(&mut self, order: Order, by: &PersonId) -> Reply {
        let event = self.state.decisions.decide(order, by, self.now())?;
        let bodies = self.state.decided(event, self.now())?;
        let decision = bodies.iter().find_map(Body::decision).cloned();
        self.emit(bodies);
        Ok(json!(decision))
    }

    fn correct(&mut self, by: PersonId, about_seq: Option<Seq>, text: String) -> Reply {
        if let Some(about) = about_seq
            && !(Seq(1)..=self.state.seq).contains(&about)
        {
            let detail = format!("The record of this room has no entry {} yet.", about.0);
            return Err(Problem::new(Code::NotFound, detail));
        }
        let correction = Correction {
            about_seq,
            text,
            by,
        };
        self.emit(vec![Body::Room(RoomEvent::Corrected(correction.clone()))]);
        Ok(
            json!({ "seq": self.state.seq, "about_seq": correction.about_seq, "text": correction.text, "by": correction.by }),
        )
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
    fn take_floor_from(
        &mut self,
        person: &PersonId,
        reason: Option<&String>,
        by: &Actor,
    ) -> Result<(), Problem> {
        self.apply_system_command(&Floor::Disconnected {
            person: person.clone(),
        });
        for held in self.state.floor_view(self.now()).granted {
            if held.beneficiary == *person {
                let revoke = Floor::Revoke {
                    request: held.id,
                    reason: reason.cloned(),
                };
                self.decide(&revoke, by)?;
            }
        }
        Ok(())
    }

    /// Nobody is sent where there is no room, or none for him.
    fn may_be_sent(&self, person: &PersonId, to: &RoomId) -> Result<(), Problem> {
        let Some(title) = self.config.rooms.get(to) else {
            return Err(Problem::new(
                Code::NotFound,
                format!("This conference has no room {to}."),
            ));
        };
        if *to == self.config.id {
            let detail = format!("{person} is in \"{title}\" already.");
            return Err(Problem::new(Code::Conflict, detail));
        }
        let member = self.config.members.get(person);
        if member.is_none_or(|member| !member.rooms.contains(to)) {
            let detail = format!("{person} has no place in \"{title}\".");
            return Err(Problem::new(Code::Forbidden, detail));
        }
        Ok(())
    }

    /// Lets in whoever was sent out. Anybody else is admitted to the list, if it is closed.
    fn admit(&mut self, person: &PersonId, by: &Actor) -> Reply {
        let Some(member) = self.config.members.get(person) else {
            let detail = format!("Nobody called {person} may enter this room.");
            return Err(Problem::new(Code::NotFound, detail));
        };
        let speaks = authority::speaks(member.role);
        if self.state.removed.contains(person) {
            self.emit(vec![Body::Room(RoomEvent::Admitted {
                person: person.clone(),
            })]);
        } else if self.state.floor.list().state == ListState::Closed && speaks {
            let wish = Wish {
                kind: Kind::default(),
                beneficiary: member.speaker(),
                priority: Priority::default(),
                info: None,
            };
            let request = self.decide(&Floor::Admit(wish), by)?;
            return Ok(json!({ "person": person, "state": "listed", "request": request }));
        }
        Ok(json!({ "person": person, "state": "admitted" }))
    }

    fn participant(&self, person: &PersonId) -> Result<Participant, Problem> {
        let found = self.state.participants.get(person).cloned();
        found.ok_or_else(|| Problem::new(Code::NotFound, format!("{person} is not in this room.")))
    }

    fn use_device(&mut self, caller: &Caller) -> Reply {
        let session = caller
            .session
            .as_ref()
            .filter(|session| self.present.devices.contains_key(*session))
            .cloned();
        let Some(session) = session else {
            return Err(Problem::new(
                Code::Invalid,
                "Only a seated device can be made the one that publishes.",
            ));
        };
        let mut participant = self.participant(&caller.person)?;
        self.move_publishing_to(&session, &caller.person);
        if !participant.publishing {
            participant.publishing = true;
            self.emit(vec![Body::Room(RoomEvent::Updated { participant })]);
        }
        Ok(json!({ "session": session, "publishing": true }))
    }

    /// Has the floor decide; answers the request that it was about.
    pub(super) fn decide(
        &mut self,
        command: &Floor,
        actor: &Actor,
    ) -> Result<Option<FloorRequest>, Problem> {
        let events = plenary_floor::decide(&self.state.floor, command, actor, self.now())?;
        let bodies: Vec<Body> = events.into_iter().map(Body::Floor).collect();
        let about = subject(command, &bodies);
        self.emit(bodies);
        // Where nothing had to change, the request is as it was.
        let id = about
            .as_ref()
            .map(|request| request.id)
            .or_else(|| named(command));
        Ok(id.and_then(|id| self.state.floor.request(id).or(about)))
    }

    /// Only an address may be a recording. Whoever debates may fall silent, and the clock goes on.
    pub(super) fn flow(&mut self, person: PersonId, flowing: bool) {
        let agenda = self.state.agenda.agenda(&self.config.agenda);
        let address = agenda
            .on()
            .is_some_and(|item| item.kind == ItemKind::Address);
        if flowing {
            self.apply_system_command(&Floor::Flowing { person });
        } else if address {
            self.apply_system_command(&Floor::Stalled { person });
        }
    }

    /// Something that the system knows and the floor cannot refuse.
    pub(super) fn apply_system_command(&mut self, command: &Floor) {
        if let Err(problem) = self.decide(command, &Actor::system()) {
            tracing::debug!(room = %self.config.id, ?command, %problem, "the floor has no use for this");
        }
    }
}

/// What the table says.
fn scope(role: Role, action: Action) -> Result<Scope, Problem> {
    authority::standing(role, action).ok_or_else(|| {
        let who = authority::who_may(action);
        let detail = format!("Only {who} may do this; you are here as {role}.");
        Problem::new(Code::Forbidden, detail)
    })
}

/// The request that a command was about: the one it names, or the one that came of it.
fn subject(command: &Floor, bodies: &[Body]) -> Option<FloorRequest> {
    let requests = || bodies.iter().filter_map(Body::request);
    match command {
        Floor::Request(_) | Floor::Admit(_) => requests().next().cloned(),
        Floor::Next => requests()
            .rfind(|request| request.state == plenary_floor::State::Granted)
            .cloned(),
        _ => named(command).and_then(|id| requests().rfind(|about| about.id == id).cloned()),
    }
}

/// The request that a command names.
fn named(command: &Floor) -> Option<RequestId> {
    match command {
        Floor::Accept { request, .. }
        | Floor::Grant { request, .. }
        | Floor::Deny { request, .. }
        | Floor::Cancel { request }
        | Floor::Move { request, .. }
        | Floor::Pass { request }
        | Floor::Wait { request }
        | Floor::Recall { request, .. }
        | Floor::Suspend { request }
        | Floor::Resume { request }
        | Floor::Release { request }
        | Floor::Yield { request, .. }
        | Floor::Revoke { request, .. }
        | Floor::Extend { request, .. } => Some(*request),
        _ => None,
    }
}
