//! The language channels of a room, as a pure state machine: [`Channels::decide`] says what follows from an order,
//! [`Channels::apply`] folds it. A channel has at most one interpreter, and an interpreter one channel, having one voice.

use std::collections::BTreeMap;

use plenary_ids::{Language, Moment, PersonId};
use plenary_protocol::{Channel, ChannelCommand, ChannelState, Code, Problem, RoomEvent, Sound};
use serde::{Deserialize, Serialize};

/// How many interpretations may lie between who speaks and who listens: one, or a relay's two. With each, more is lost
/// and all is later.
const DEPTH: usize = 2;

/// The channels that were ever interpreted; the others are as they were at first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Channels(BTreeMap<Language, Channel>);

/// Whether the microphone of a person would be heard, were it let through: the media plane receives it.
pub(crate) type HasAudioPath<'a> = &'a dyn Fn(&PersonId) -> bool;

impl Channels {
    /// The event that follows from a command about a channel; none if all is so already. The caller has checked that the
    /// person to whom the channel is given may interpret into it.
    pub(crate) fn decide(
        &self,
        command: ChannelCommand,
        by: &PersonId,
        has_audio_path: HasAudioPath<'_>,
        now: Moment,
    ) -> Result<Option<RoomEvent>, Problem> {
        let language = &command.language().clone();
        let before = self.get(language);
        let (interpreter, source) = match command {
            ChannelCommand::Take { source, .. } => {
                is_free_for(&before, by, has_audio_path)?;
                (Some(by.clone()), source)
            }
            ChannelCommand::Assign { person, source, .. } => (Some(person), source),
            ChannelCommand::HandOver { to, .. } => {
                is_of(&before, by)?;
                (Some(to), before.source.clone())
            }
            ChannelCommand::Relay { source, .. } => {
                is_of(&before, by)?;
                (Some(by.clone()), source)
            }
            ChannelCommand::Release { .. } => {
                is_of(&before, by)?;
                (None, Sound::Floor)
            }
            ChannelCommand::Clear { .. } => (None, Sound::Floor),
        };
        if let Some(person) = &interpreter {
            self.has_no_other(person, language)?;
            self.may_come_from(language, &source)?;
        }
        let state = match &interpreter {
            None => ChannelState::Floor,
            Some(person) if has_audio_path(person) => ChannelState::Interpreted,
            Some(_) => ChannelState::Interrupted,
        };
        let channel = Channel {
            interpreter,
            source,
            state,
            lost: None,
            since: Some(now),
            language: language.clone(),
        };
        Ok(changed(&before, channel, Some(by)))
    }

    /// The events that follow from which interpreters are heard now. A channel whose interpreter is not heard passes the
    /// floor's sound through, and belongs to the same interpreter again later.
    pub(crate) fn follow(&self, has_audio_path: HasAudioPath<'_>, now: Moment) -> Vec<RoomEvent> {
        let followed = self.0.values().filter_map(|before| {
            let state = if has_audio_path(before.interpreter.as_ref()?) {
                ChannelState::Interpreted
            } else {
                ChannelState::Interrupted
            };
            let channel = Channel {
                state,
                since: Some(now),
                ..before.clone()
            };
            changed(before, channel, None)
        });
        followed.collect()
    }

    /// The event that follows when a person leaves, whose channel ends for good. A person whose connection was lost leaves
    /// an alarm behind until the channel is taken or cleared; a person who left or was sent away does not.
    pub(crate) fn left(&self, person: &PersonId, is_lost: bool, now: Moment) -> Option<RoomEvent> {
        let before = self.of(person)?;
        let channel = Channel {
            interpreter: None,
            lost: is_lost.then(|| person.clone()),
            state: if is_lost {
                ChannelState::Interrupted
            } else {
                ChannelState::Floor
            },
            source: Sound::Floor,
            since: Some(now),
            language: before.language.clone(),
        };
        changed(before, channel, None)
    }

    /// Folds an event about a channel; others leave them as they are.
    pub(crate) fn apply(&mut self, event: &RoomEvent) {
        if let RoomEvent::ChannelChanged { channel, .. } = event {
            self.0.insert(channel.language.clone(), channel.clone());
        }
    }

    /// A channel as it is.
    pub(crate) fn get(&self, language: &Language) -> Channel {
        let known = self.0.get(language).cloned();
        known.unwrap_or_else(|| Channel::untouched(language.clone()))
    }

    /// The channel that somebody has.
    fn of(&self, person: &PersonId) -> Option<&Channel> {
        let mut all = self.0.values();
        all.find(|channel| channel.interpreter.as_ref() == Some(person))
    }

    fn has_no_other(&self, person: &PersonId, language: &Language) -> Result<(), Problem> {
        match self.of(person) {
            Some(other) if other.language != *language => Err(Problem::new(
                Code::Conflict,
                format!(
                    "{person} interprets into {} already; that channel has to be released first.",
                    other.language
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Whether the relays would still lead from the floor, and in not too many steps.
    fn may_come_from(&self, language: &Language, source: &Sound) -> Result<(), Problem> {
        let Sound::Language(from) = source else {
            return Ok(());
        };
        let refused = |detail| Err(Problem::new(Code::Conflict, detail));
        if from == language {
            return refused(format!("{language} cannot be interpreted from itself."));
        }
        // In a chain that is allowed, no source has a source, and nothing that has one is a source.
        let sources = || {
            let interpreted = self.0.values().filter(|it| it.interpreter.is_some());
            interpreted.filter_map(|it| match &it.source {
                Sound::Floor => None,
                Sound::Language(source) => Some((&it.language, source)),
            })
        };
        if let Some((_, further)) = sources().find(|(of, _)| *of == from) {
            let circle = further == language;
            return refused(if circle {
                format!("{from} is interpreted from {language}: neither would come from the floor.")
            } else {
                format!(
                    "{from} is itself interpreted from {further}; between the floor and a listener there are at most \
                     {DEPTH} interpretations."
                )
            });
        }
        if let Some((of, _)) = sources().find(|(_, source)| *source == language) {
            return refused(format!(
                "{of} is interpreted from {language}, which therefore has to come from the floor: between it and a \
                 listener there are at most {DEPTH} interpretations."
            ));
        }
        Ok(())
    }
}

/// Passes a person who may take the channel: no interpreter who is heard is talked over.
fn is_free_for(
    channel: &Channel,
    person: &PersonId,
    has_audio_path: HasAudioPath<'_>,
) -> Result<(), Problem> {
    match &channel.interpreter {
        Some(other) if other != person && has_audio_path(other) => Err(Problem::new(
            Code::Conflict,
            format!(
                "{other} interprets into {}; ask for it to be handed over.",
                channel.language
            ),
        )),
        _ => Ok(()),
    }
}

fn is_of(channel: &Channel, person: &PersonId) -> Result<(), Problem> {
    if channel.interpreter.as_ref() == Some(person) {
        return Ok(());
    }
    let detail = format!("You do not interpret into {}.", channel.language);
    Err(Problem::new(Code::NotHolder, detail))
}

/// An event, if anything but the time has changed.
fn changed(before: &Channel, channel: Channel, by: Option<&PersonId>) -> Option<RoomEvent> {
    let same = Channel {
        since: before.since,
        ..channel.clone()
    };
    (same != *before).then(|| RoomEvent::ChannelChanged {
        channel,
        by: by.cloned(),
    })
}
