//! Side talks: whether two may talk aside, and what every device is told of it. The table is [`crate::talks`].

use plenary_ids::PersonId;
use plenary_protocol::{
    Code, CommandOutput, CommandResult, Problem, ServerMessage, SessionId, TalkCommand,
    TalkCommandType, TalkEnd, TalkEnded,
};

use super::{Room, batch::Deferred, seats::not_here};
use crate::{
    Caller, Member, authority,
    event::serialized,
    talks::{End, OpenTalk},
};

type Message = ServerMessage<(), ()>;

impl Room {
    /// Carries out a command about a side talk.
    pub(super) fn execute_talk(
        &mut self,
        command: TalkCommand,
        caller: &Caller,
        if_match: Option<u64>,
    ) -> CommandResult {
        let Member { person, role, .. } = self.member(&caller.person)?;
        authority::scope(role, &command.clone().into())?;
        self.check_seen(if_match)?;
        let now = self.now();
        match command {
            TalkCommand::Call { to } => {
                let device = self.device_of(caller)?;
                self.check_side_talks()?;
                self.check_callee(&person, &to)?;
                let talk = self.talks.call(&person, &device, &to, now)?;
                self.show_talks([&person, &to], None);
                self.talks.get(talk, &device).map(CommandOutput::Talk)
            }
            TalkCommand::Answer { talk } => {
                let device = self.device_of(caller)?;
                self.check_free_of_the_floor(&person)?;
                self.talks.answer(talk, &person, &device, now)?;
                let answered = self.talks.get(talk, &device)?;
                self.show_talks([&answered.caller, &answered.callee], None);
                Ok(CommandOutput::Talk(answered))
            }
            TalkCommand::Refuse { talk } => {
                let ended = self.talks.refuse(talk, &person, now);
                Ok(self.end_talk(ended?))
            }
            TalkCommand::HangUp { talk, no_path } => {
                let why = if no_path {
                    TalkEnd::NoPath
                } else {
                    TalkEnd::HungUp
                };
                let ended = self.talks.hang_up(talk, &person, why);
                Ok(self.end_talk(ended?))
            }
            TalkCommand::Close { talk } => {
                let ended = self.talks.close(talk, &person);
                Ok(self.end_talk(ended?))
            }
        }
    }

    /// Ends every side talk that cannot go on: because nobody answers, a device is gone, or one of the two is called to the
    /// floor. It runs after every batch of messages, before anybody learns what they did.
    pub(super) fn follow_talks(&mut self) {
        let now = self.now();
        let (present, state) = (&self.present, &self.state);
        let has_left = |device: &SessionId| !present.devices.contains_key(device);
        let is_unreachable = |talk: &OpenTalk| match &talk.callee_device {
            Some(device) => has_left(device),
            None => present.devices.values().all(|it| it.person != talk.callee),
        };
        let ended = self.talks.end_where(|talk| {
            let on_the_floor = |person: &&PersonId| state.is_on_the_floor(person);
            let called = [&talk.caller, &talk.callee].into_iter().find(on_the_floor);
            if let Some(called) = called {
                Some((TalkEnd::Floor, Some(called.clone())))
            } else if has_left(&talk.caller_device) {
                Some((TalkEnd::Left, Some(talk.caller.clone())))
            } else if is_unreachable(talk) {
                Some((TalkEnd::Left, Some(talk.callee.clone())))
            } else if talk.is_unanswered(now) {
                Some((TalkEnd::Unanswered, None))
            } else {
                None
            }
        });
        for ended in ended {
            self.show_talks([&ended.caller, &ended.callee], Some(&ended));
        }
    }

    /// Shows a device that was just seated the side talks that it may see, if there are any.
    pub(super) fn show_talks_to(&mut self, session: &SessionId) {
        let Some(device) = self.present.devices.get(session) else {
            return;
        };
        let staff = self.sees_talks(&device.person);
        let talks = self.talks.view(&device.person, session, staff);
        if !talks.is_empty() {
            let ended = None;
            let text = serialized(serde_json::to_vec(&Message::Talks { talks, ended }));
            let shown = Deferred::Talks(device.queue.clone(), text);
            self.batch.answers.push(shown);
        }
    }

    /// Passes while the conference file has side talks in this room.
    pub(super) fn check_side_talks(&self) -> Result<(), Problem> {
        if self.config.side_talks {
            return Ok(());
        }
        let detail = "Side talks are switched off in this room.";
        Err(Problem::new(Code::Forbidden, detail))
    }

    fn end_talk(&mut self, end: End) -> CommandOutput {
        let ended = match end {
            End::Now(ended) => {
                self.show_talks([&ended.caller, &ended.callee], Some(&ended));
                ended
            }
            End::Before(ended) => ended,
        };
        CommandOutput::TalkEnded(ended)
    }

    /// Shows the side talks to the two that a change was about, and to everybody who sees those of others.
    fn show_talks(&mut self, two: [&PersonId; 2], ended: Option<&TalkEnded>) {
        let mut shown = Vec::new();
        for (session, device) in &self.present.devices {
            let is_party = two.contains(&&device.person);
            let staff = self.sees_talks(&device.person);
            if is_party || staff {
                let message = Message::Talks {
                    talks: self.talks.view(&device.person, session, staff),
                    ended: ended.filter(|_| is_party).cloned(),
                };
                let text = serialized(serde_json::to_vec(&message));
                shown.push(Deferred::Talks(device.queue.clone(), text));
            }
        }
        self.batch.answers.extend(shown);
    }

    /// Whether a person may close the side talks of others, and so sees them.
    fn sees_talks(&self, person: &PersonId) -> bool {
        let allowed = TalkCommandType::Close.allowed();
        let member = self.config.members.get(person);
        member.is_some_and(|member| allowed.includes(member.role))
    }

    fn device_of(&self, caller: &Caller) -> Result<SessionId, Problem> {
        let session = caller.session.as_ref();
        let seated = session.filter(|session| self.present.devices.contains_key(*session));
        seated.cloned().ok_or_else(|| {
            let detail = "Only a seated device can be in a side talk.";
            Problem::new(Code::Invalid, detail)
        })
    }

    /// Passes two persons who may talk aside now, apart from other side talks.
    fn check_callee(&self, caller: &PersonId, other: &PersonId) -> Result<(), Problem> {
        if caller == other {
            return Err(Problem::new(Code::Invalid, "You cannot call yourself."));
        }
        let member = self.config.members.get(other);
        let member = member.ok_or_else(|| not_here(other))?;
        if !TalkCommandType::Call.allowed().includes(member.role) {
            let detail = format!("{other} is here as {} and takes no calls.", member.role);
            return Err(Problem::new(Code::Forbidden, detail));
        }
        let mut devices = self.sessions_of(other);
        if devices.all(|(_, device)| device.queue.is_closed()) {
            return Err(not_here(other));
        }
        self.check_free_of_the_floor(caller)?;
        if self.state.is_on_the_floor(other) {
            let detail = format!("{other} has the floor; call after the speech.");
            return Err(Problem::new(Code::Conflict, detail));
        }
        Ok(())
    }

    fn check_free_of_the_floor(&self, person: &PersonId) -> Result<(), Problem> {
        if self.state.is_on_the_floor(person) {
            let detail = "You have the floor; a side talk has to wait until you have spoken.";
            return Err(Problem::new(Code::Conflict, detail));
        }
        Ok(())
    }
}
