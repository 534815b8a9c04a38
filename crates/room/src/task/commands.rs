//! Commands: whether the caller may give one, and carrying it out once.

use plenary_floor::{Actor, Scope};
use plenary_ids::{PersonId, Seq};
use plenary_protocol::{
    Code, Command, CommandId, CommandOutput, CommandResult, Correction, DecisionCommand,
    DeviceCommand, NoticeCommand, NoticeRecorded, Problem, RecordCommand, Recorded, RoomEvent,
    SpeechCommand,
};

use super::{
    Room,
    batch::{Deferred, RecordedReply},
};
use crate::{Body, Caller, Member, Preconditions, authority, message::ReplyTo, replies};

impl Room {
    /// Carries a command out, once: an idempotency key that was used before gets the reply that it got then.
    pub(super) async fn command(
        &mut self,
        caller: &Caller,
        command: Command,
        preconditions: Preconditions,
        reply_to: ReplyTo<CommandOutput>,
    ) -> Deferred {
        // Not even the refusal is recorded: a link that many have would fill the log.
        if self.config.watchers.contains_key(&caller.person) {
            let detail = "This link only shows the room; whoever has it may do nothing there.";
            let refused = Problem::new(Code::Forbidden, detail);
            return Deferred::Again(Err(refused), reply_to);
        }
        // Nothing of a side talk is recorded, not even the reply. Given again, such a command meets the talk as it is.
        let command = match command {
            Command::Talk(command) => {
                let reply = self.execute_talk(command, caller, preconditions.if_match);
                return Deferred::Again(reply, reply_to);
            }
            command => command,
        };
        if let Some(id) = &preconditions.idempotency_key {
            match self.reply_before(&caller.person, id).await {
                Ok(None) => {}
                Ok(Some(again)) => return again(reply_to),
                Err(problem) => return Deferred::Again(Err(problem), reply_to),
            }
        }
        let position = self.position();
        let reply = self.execute(caller, command, preconditions.if_match);
        if reply.is_err() {
            self.roll_back_to(position);
        }
        if let Some(id) = preconditions.idempotency_key {
            let replied = RecordedReply::new(caller.person.clone(), &id, &reply);
            self.batch.replies.extend(replied);
        }
        Deferred::Reply(reply, reply_to)
    }

    /// The reply that a command under that key was given: in this batch, to be recorded with it, or before.
    async fn reply_before(
        &mut self,
        person: &PersonId,
        id: &CommandId,
    ) -> Result<Option<Box<dyn FnOnce(ReplyTo<CommandOutput>) -> Deferred + Send>>, Problem> {
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

    fn execute(
        &mut self,
        caller: &Caller,
        command: Command,
        if_match: Option<u64>,
    ) -> CommandResult {
        let member = self.member(&caller.person)?;
        let scope = authority::scope(member.role, &command)?;
        self.check_seen(if_match)?;
        let actor = Actor::new(member.person.clone(), scope);
        // The floor checks the same before its own commands.
        if scope == Scope::Chair && !matches!(command, Command::Floor(_)) {
            self.not_instead_of_the_chair(&member.person)?;
        }
        self.record_facts();
        match command {
            Command::Floor(command) => self.execute_floor(&command, &actor),
            Command::Agenda(command) => self.execute_agenda(&command, &actor),
            Command::Decision(command) => self.execute_decision(command, &member, scope),
            Command::Channel(command) => self.execute_channel(command, &member.person),
            Command::Recording(command) => self.execute_recording(command, &actor),
            Command::Speech(SpeechCommand::Slower {}) => self.ask_for_slower_speech(member.person),
            Command::Participant(command) => self.execute_participant(command, &actor),
            Command::Chat(command) => self.execute_chat(command, member, caller.figures.as_deref()),
            Command::Notice(NoticeCommand::Post { text }) => {
                let by = member.person;
                self.emit(vec![Body::Room(RoomEvent::NoticePosted { text, by })]);
                Ok(CommandOutput::Notice(NoticeRecorded {
                    room: self.config.id.clone(),
                    seq: self.state.seq,
                }))
            }
            Command::Record(RecordCommand::Correct { about_seq, text }) => {
                self.correct(member.person, about_seq, text)
            }
            Command::Record(RecordCommand::Start {}) => Ok(self.start_recording(member.person)),
            Command::Record(RecordCommand::Stop {}) => Ok(self.stop_recording(member.person)),
            Command::Device(DeviceCommand::Use {}) => self.use_device(caller),
            Command::Talk(command) => self.execute_talk(command, caller, if_match),
        }
    }

    /// Passes a caller who has seen the floor as it is. Its version is the number of its last event: a caller who has seen
    /// that event or a later one is up to date.
    pub(super) fn check_seen(&self, if_match: Option<u64>) -> Result<(), Problem> {
        let seen = self.state.version.0..=self.state.seq.0;
        if if_match.is_some_and(|version| !seen.contains(&version)) {
            let detail =
                "The floor has changed since you last saw it; look again before you change it.";
            return Err(Problem::stale(detail));
        }
        Ok(())
    }

    fn execute_decision(
        &mut self,
        command: DecisionCommand,
        by: &Member,
        scope: Scope,
    ) -> CommandResult {
        let (state, now) = (&self.state, self.now());
        let bodies = state.decide_question(&self.config, command, by, scope, now)?;
        let decision = bodies.iter().find_map(Body::decision).cloned();
        self.emit(bodies);
        let decision = decision
            .ok_or_else(|| Problem::new(Code::NotFound, "No question was put in this room."))?;
        Ok(CommandOutput::Decision(Box::new(decision)))
    }

    fn correct(&mut self, by: PersonId, about_seq: Option<Seq>, text: String) -> CommandResult {
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
        Ok(CommandOutput::Recorded(Recorded {
            seq: self.state.seq,
            about_seq: correction.about_seq,
            text: correction.text,
            by: correction.by,
        }))
    }

    /// Passes the acting chair, and any moderator while nobody is in the chair.
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
}
