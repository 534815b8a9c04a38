//! Who interprets, and whether he is heard.

use std::sync::Arc;

use plenary_ids::{Language, PersonId};
use plenary_protocol::{Channel, Code, Presence, Problem, SessionId, Sound};
use serde_json::json;
use tokio::sync::watch;

use super::Room;
use crate::{Body, channels::Order, replies::Reply};

impl Room {
    /// Carries out what is wanted of a channel.
    pub(super) fn interpret(&mut self, language: &Language, order: Order, by: &PersonId) -> Reply {
        if !self.config.languages.contains(language) {
            return Err(self.no_channel(language));
        }
        if let Some(Sound::Language(source)) = order.source()
            && !self.config.languages.contains(source)
        {
            return Err(self.no_channel(source));
        }
        if let Some(person) = order.goes_to(by) {
            self.may_interpret(person, language)?;
        }
        let (channels, now) = (&self.state.channels, self.now());
        let is_heard = |person: &PersonId| self.is_heard(person);
        let event = channels.decide((language, order), by, &is_heard, now)?;
        self.emit(event.into_iter().map(Body::Room).collect());
        Ok(json!(self.state.channels.get(language)))
    }

    /// Where the channels are seen as they were recorded last.
    pub(crate) fn subscribe_channels(&self) -> watch::Receiver<Arc<[Channel]>> {
        self.publish_channels(self.state.channels(&self.config));
        self.channels.subscribe()
    }

    /// Shows the channels to whoever looks, once what changed them is recorded.
    pub(super) fn publish_channels(&self, all: Vec<Channel>) {
        self.channels.send_if_modified(|told| {
            let differs = **told != *all;
            if differs {
                *told = all.into();
            }
            differs
        });
    }

    /// Brings the channels in line with who is heard: whoever was lost, silenced or is back.
    pub(super) fn follow_interpreter_paths(&mut self) {
        let is_heard = |person: &PersonId| self.is_heard(person);
        let events = self.state.channels.follow(&is_heard, self.now());
        self.emit(events.into_iter().map(Body::Room).collect());
    }

    /// Somebody is no longer in the room, and has no channel there.
    pub(super) fn stop_interpreting(&mut self, person: &PersonId, is_lost: bool) {
        let event = self.state.channels.left(person, is_lost, self.now());
        self.emit(event.into_iter().map(Body::Room).collect());
    }

    /// The media plane has a path to a device, or has lost it, which no failure to record anything undoes.
    pub(super) fn path(&mut self, session: &SessionId, open: bool) {
        for before in self.presents_before() {
            before.note_path(session, open);
        }
        self.present.note_path(session, open);
    }

    /// Whether somebody's microphone would be heard, were it let through: seated, not silenced, and with a path.
    fn is_heard(&self, person: &PersonId) -> bool {
        let known = self.state.participants.get(person);
        known.is_some_and(|known| known.state == Presence::Seated && !known.muted)
            && self
                .sessions_of(person)
                .any(|(_, device)| device.publishing && device.has_path)
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

    fn no_channel(&self, language: &Language) -> Problem {
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
