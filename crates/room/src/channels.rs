//! The language channels of a room, as a pure state machine: [`Channels::decide`] says what follows from an order,
//! [`Channels::apply`] folds it. A channel has at most one interpreter, and an interpreter one channel, having one
//! voice. Rules of order, section 16.

use std::collections::BTreeMap;

use plenary_ids::{Language, Millis, Moment, PersonId};
use plenary_protocol::{
    Channel, ChannelCommand, ChannelState, Code, Handover, Problem, RoomEvent, Sound,
};
use serde::{Deserialize, Serialize};

/// The most interpretations between a speaker and a listener: one, or two with a relay. Each of them loses some of the
/// content and adds delay.
const DEPTH: usize = 2;

/// The channels that were ever interpreted; the others are as they were at first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Channels(BTreeMap<Language, Channel>);

/// Whether the media plane receives the microphone of a person, who then can be heard if it is let through.
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
                let offered = is_offered_to(&before, by);
                if !offered {
                    is_free_for(&before, by, has_audio_path)?;
                }
                // Whoever takes over early goes on with what the other one heard.
                let source = if offered {
                    before.source.clone()
                } else {
                    source
                };
                (Some(by.clone()), source)
            }
            ChannelCommand::Assign { person, source, .. } => (Some(person), source),
            ChannelCommand::HandOver {
                to,
                in_ms: Some(in_ms),
                ..
            } if in_ms > 0 => return self.offer(&before, to, in_ms, by, now),
            ChannelCommand::HandOver { to, .. } => {
                is_of(&before, by)?;
                (Some(to), before.source.clone())
            }
            ChannelCommand::Keep { .. } => return keep(&before, by),
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
        // A handover goes on while the same person interprets.
        let handover = before.handover.clone();
        let channel = Channel {
            handover: handover.filter(|_| interpreter == before.interpreter),
            interpreter,
            source,
            state,
            lost: None,
            since: Some(now),
            language: language.clone(),
        };
        Ok(changed(&before, channel, Some(by)))
    }

    /// Offers the channel to another interpreter, who gets it after a time.
    fn offer(
        &self,
        before: &Channel,
        to: PersonId,
        in_ms: u32,
        by: &PersonId,
        now: Moment,
    ) -> Result<Option<RoomEvent>, Problem> {
        is_of(before, by)?;
        if to == *by {
            let detail = format!("You interpret into {} already.", before.language);
            return Err(Problem::new(Code::Invalid, detail));
        }
        self.has_no_other(&to, &before.language)?;
        let at = now.after(Millis(u64::from(in_ms)));
        let channel = Channel {
            handover: Some(Handover { to, at }),
            ..before.clone()
        };
        Ok(changed(before, channel, Some(by)))
    }

    /// The moment at which the next handover is due.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        let handovers = self.0.values().filter_map(|it| it.handover.as_ref());
        handovers.map(|handover| handover.at).min()
    }

    /// The handovers that are due: the channel changes hands, or stays where it is if the other one cannot be heard.
    pub(crate) fn hand_over_due(
        &self,
        has_audio_path: HasAudioPath<'_>,
        now: Moment,
    ) -> Vec<RoomEvent> {
        let due = self.0.values().filter_map(|before| {
            let Handover { to, at } = before.handover.as_ref()?;
            if *at > now {
                return None;
            }
            let kept = Channel {
                handover: None,
                ..before.clone()
            };
            let can_take = has_audio_path(to) && self.has_no_other(to, &before.language).is_ok();
            if !can_take {
                return changed(before, kept, None);
            }
            let handed = Channel {
                interpreter: Some(to.clone()),
                state: ChannelState::Interpreted,
                since: Some(now),
                ..kept
            };
            changed(before, handed, before.interpreter.as_ref())
        });
        due.collect()
    }

    /// The handovers that are under way, at the same distance by a clock that goes on from `now` instead of `was`.
    pub(crate) fn carried_over(&self, was: Moment, now: Moment) -> Vec<RoomEvent> {
        let carried = self.0.values().filter_map(|before| {
            let Handover { to, at } = before.handover.clone()?;
            let at = at.carried(was, now);
            let channel = Channel {
                handover: Some(Handover { to, at }),
                ..before.clone()
            };
            changed(before, channel, None)
        });
        carried.collect()
    }

    /// The events that follow when an interpreter begins or ceases to be heard. A channel whose interpreter is not
    /// heard passes the floor's sound through, and belongs to the same interpreter again later.
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

    /// The events that follow when a person leaves, whose channel ends for good, and who takes over no other. A person
    /// whose connection was lost leaves an alarm behind until the channel is taken or cleared; a person who left or was
    /// sent away does not.
    pub(crate) fn left(&self, person: &PersonId, is_lost: bool, now: Moment) -> Vec<RoomEvent> {
        let concerned = self.0.values().filter_map(|before| {
            let channel = if before.interpreter.as_ref() == Some(person) {
                Channel {
                    interpreter: None,
                    lost: is_lost.then(|| person.clone()),
                    state: if is_lost {
                        ChannelState::Interrupted
                    } else {
                        ChannelState::Floor
                    },
                    source: Sound::Floor,
                    handover: None,
                    since: Some(now),
                    language: before.language.clone(),
                }
            } else if is_offered_to(before, person) {
                Channel {
                    handover: None,
                    ..before.clone()
                }
            } else {
                return None;
            };
            changed(before, channel, None)
        });
        concerned.collect()
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
    pub(crate) fn of(&self, person: &PersonId) -> Option<&Channel> {
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

/// Whether the channel is about to be handed to that person.
fn is_offered_to(channel: &Channel, person: &PersonId) -> bool {
    let handover = channel.handover.as_ref();
    handover.is_some_and(|handover| handover.to == *person)
}

/// Ends a handover, which either side may do.
fn keep(before: &Channel, by: &PersonId) -> Result<Option<RoomEvent>, Problem> {
    if !is_offered_to(before, by) {
        is_of(before, by)?;
    }
    if before.handover.is_none() {
        let detail = format!("The channel {} is not being handed over.", before.language);
        return Err(Problem::new(Code::Conflict, detail));
    }
    let channel = Channel {
        handover: None,
        ..before.clone()
    };
    Ok(changed(before, channel, Some(by)))
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
