//! The language channels of a running room: who interprets, and whether the interpreter can be heard.

use std::sync::Arc;

use plenary_ids::{Language, PersonId};
use plenary_protocol::{
    Channel, ChannelCommand, Code, CommandOutput, CommandResult, Presence, Problem, SessionId,
    Sound,
};
use tokio::sync::watch;

use super::Room;
use crate::Body;

impl Room {
    /// Carries out a command about a channel.
    pub(super) fn execute_channel(
        &mut self,
        command: ChannelCommand,
        by: &PersonId,
    ) -> CommandResult {
        let language = command.language().clone();
        if !self.config.languages.contains(&language) {
            return Err(self.no_channel(&language));
        }
        if let Some(Sound::Language(source)) = command.source()
            && !self.config.languages.contains(source)
        {
            return Err(self.no_channel(source));
        }
        if let Some(person) = command.given_to(by) {
            self.may_interpret(person, &language)?;
        }
        let (channels, now) = (&self.state.channels, self.now());
        let has_audio_path = |person: &PersonId| self.has_audio_path(person);
        let event = channels.decide(command, by, &has_audio_path, now)?;
        self.emit(event.into_iter().map(Body::Room).collect());
        Ok(CommandOutput::Channel(self.state.channels.get(&language)))
    }

    /// Watches the channels as they were recorded last.
    pub(crate) fn subscribe_channels(&self) -> watch::Receiver<Arc<[Channel]>> {
        self.publish_channels(self.state.channels(&self.config));
        self.channels.subscribe()
    }

    /// Shows the channels to their watchers, once the change is recorded.
    pub(super) fn publish_channels(&self, all: Vec<Channel>) {
        self.channels.send_if_modified(|told| {
            let differs = **told != *all;
            if differs {
                *told = all.into();
            }
            differs
        });
    }

    /// Brings the channels in line with the interpreters who can be heard: some were lost or silenced, or are back.
    pub(super) fn follow_interpreter_paths(&mut self) {
        let has_audio_path = |person: &PersonId| self.has_audio_path(person);
        let events = self.state.channels.follow(&has_audio_path, self.now());
        self.emit(events.into_iter().map(Body::Room).collect());
    }

    /// Hands over the channels whose time has come.
    pub(super) fn hand_over_channels(&mut self) {
        let has_audio_path = |person: &PersonId| self.has_audio_path(person);
        let channels = &self.state.channels;
        let events = channels.hand_over_due(&has_audio_path, self.now());
        self.emit(events.into_iter().map(Body::Room).collect());
    }

    /// Ends the channel of a person who is no longer in the room.
    pub(super) fn stop_interpreting(&mut self, person: &PersonId, is_lost: bool) {
        let events = self.state.channels.left(person, is_lost, self.now());
        self.emit(events.into_iter().map(Body::Room).collect());
    }

    /// The media plane has a path to a device, or has lost it, which no failure to record anything undoes.
    pub(super) fn path(&mut self, session: &SessionId, open: bool) {
        for before in self.presents_before() {
            before.note_path(session, open);
        }
        self.present.note_path(session, open);
    }

    /// Whether the microphone of a person is received, so that it is heard if it is let through: the person is seated
    /// and not muted, and the media plane has a path to the publishing device.
    fn has_audio_path(&self, person: &PersonId) -> bool {
        let known = self.state.participants.get(person);
        known.is_some_and(|known| known.state == Presence::Seated && !known.muted)
            && self
                .sessions_of(person)
                .any(|(_, device)| device.publishing && device.has_path)
    }

    /// Whether the conference has a person as an interpreter into a language.
    pub(super) fn interprets(&self, person: &PersonId, language: &Language) -> bool {
        let member = self.config.members.get(person);
        member.is_some_and(|member| member.languages.contains(language))
    }

    fn may_interpret(&self, person: &PersonId, language: &Language) -> Result<(), Problem> {
        let member = self.config.members.get(person).ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!("Nobody called {person} may enter this room."),
            )
        })?;
        if !member.languages.contains(language) {
            let detail = match &*member.languages {
                [] => format!(
                    "{person} is here as {}, and does not interpret.",
                    member.role
                ),
                own => format!(
                    "{person} does not interpret into {language}, but into {}.",
                    listed(own)
                ),
            };
            return Err(Problem::new(Code::Forbidden, detail));
        }
        let known = self.state.participants.get(person);
        if known.is_none_or(|known| known.state != Presence::Seated) {
            let detail = format!("{person} is not seated in this room, and could not be heard.");
            return Err(Problem::new(Code::Absent, detail));
        }
        Ok(())
    }

    pub(super) fn no_channel(&self, language: &Language) -> Problem {
        let detail = format!(
            "This conference has no channel {language}; it has {}.",
            listed(&self.config.languages)
        );
        Problem::new(Code::NotFound, detail)
    }
}

fn listed(languages: &[Language]) -> String {
    let names: Vec<&str> = languages.iter().map(Language::as_str).collect();
    names.join(", ")
}
