//! The state of a room: a fold of its events, without a clock, a socket or a device.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use plenary_floor::{Floor, FloorView};
use plenary_ids::{Moment, PersonId, Seq};
use plenary_protocol::{
    Audience, Channel, ChatMessage, DepartureReason, Participant, Presence, Removed, RoomEvent,
    RoomSnapshot,
};
use plenary_scene::{Gallery, Scene};

use crate::{
    Body, Member, RoomConfig, RoomLogEvent, agenda::Progress, authority, channels::Channels,
    decisions::Decisions,
};
use plenary_conference::Role;
use serde::{Deserialize, Serialize};

/// The version of the format in which a [`RoomState`] is kept as a snapshot. A snapshot of another version is not read:
/// folding the events again gives the same state in the new format.
pub(crate) const SHAPE: u32 = 2;

/// How many of the last chat messages a snapshot shows.
const SNAPSHOT_CHAT_MESSAGES: usize = 50;

/// Everything that the events of a room add up to. A change of its shape raises [`SHAPE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RoomState {
    pub(crate) seq: Seq,
    /// The last event that changed the floor.
    pub(crate) version: Seq,
    pub(crate) floor: Floor,
    /// Shared with the copy of the state before a batch, like the chat: few batches change either.
    pub(crate) participants: Arc<BTreeMap<PersonId, Participant>>,
    /// Removed by a moderator, and not admitted again yet.
    pub(crate) removed: BTreeSet<PersonId>,
    pub(crate) chat: Arc<VecDeque<ChatMessage>>,
    pub(crate) last_chat: u64,
    pub(crate) agenda: Progress,
    pub(crate) decisions: Decisions,
    pub(crate) channels: Channels,
}

impl RoomState {
    pub(crate) fn new(config: &RoomConfig) -> Self {
        Self {
            seq: Seq(0),
            version: Seq(0),
            floor: Floor::new(config.floor.clone()),
            participants: Arc::default(),
            removed: BTreeSet::new(),
            chat: Arc::default(),
            last_chat: 0,
            agenda: Progress::default(),
            decisions: Decisions::default(),
            channels: Channels::default(),
        }
    }

    /// Folds the next event.
    pub(crate) fn apply(&mut self, event: &RoomLogEvent) {
        self.seq = event.seq;
        if event.body.is_of_the_floor() {
            self.version = event.seq;
        }
        match &event.body {
            Body::Floor(event) => plenary_floor::apply(&mut self.floor, event),
            Body::Room(RoomEvent::Joined { participant } | RoomEvent::Updated { participant }) => {
                Arc::make_mut(&mut self.participants)
                    .insert(participant.person.clone(), participant.clone());
            }
            Body::Room(RoomEvent::Left { person, reason, .. }) => {
                Arc::make_mut(&mut self.participants).remove(person);
                if *reason == DepartureReason::Removed {
                    self.removed.insert(person.clone());
                }
            }
            Body::Room(RoomEvent::Admitted { person }) => {
                self.removed.remove(person);
            }
            Body::Room(RoomEvent::ChatPosted(message)) => {
                self.last_chat = message.id;
                let chat = Arc::make_mut(&mut self.chat);
                chat.push_back(message.clone());
                if chat.len() > SNAPSHOT_CHAT_MESSAGES {
                    chat.pop_front();
                }
            }
            Body::Room(
                event @ (RoomEvent::AgendaStarted { .. } | RoomEvent::AgendaEnded { .. }),
            ) => {
                self.agenda.apply(event);
            }
            Body::Room(
                event @ (RoomEvent::DecisionOpened { .. }
                | RoomEvent::DecisionObjected { .. }
                | RoomEvent::DecisionVoted { .. }
                | RoomEvent::DecisionClosed { .. }
                | RoomEvent::DecisionWithdrawn { .. }),
            ) => self.decisions.apply(event),
            Body::Room(event @ RoomEvent::ChannelChanged { .. }) => self.channels.apply(event),
            Body::Room(RoomEvent::Corrected(_) | RoomEvent::Draining {}) => {}
        }
    }

    /// What may flow. Live holders are on stage and heard. The acting chair is heard and shown small, and on stage with
    /// priority. The other seated participants are shown small, if the room has a gallery. A muted participant is not
    /// heard. Each interpreter has the channel of a language.
    pub(crate) fn scene(&self, config: &RoomConfig, gallery: Gallery) -> Scene {
        let mut stage: Vec<PersonId> = Vec::new();
        let mut voices: Vec<PersonId> = Vec::new();
        if let Some(chair) = self.seated_chair() {
            voices.push(chair.clone());
            if self.floor.is_chair_priority() {
                stage.push(chair.clone());
            }
        }
        for holder in self.floor.live() {
            for list in [&mut stage, &mut voices] {
                if !list.contains(holder) {
                    list.push(holder.clone());
                }
            }
        }
        voices.retain(|person| !self.is_muted(person));
        let channels = config.languages.iter().filter_map(|language| {
            let channel = self.channels.get(language);
            let interpreter = channel.voice()?.clone();
            Some((language.clone(), Some(interpreter)))
        });
        Scene {
            stage,
            voices,
            gallery,
            channels: channels.collect(),
        }
    }

    fn is_muted(&self, person: &PersonId) -> bool {
        self.participants.get(person).is_some_and(|it| it.muted)
    }

    /// The participants whose cameras are shown small.
    pub(crate) fn gallery(&self, config: &RoomConfig) -> Gallery {
        let chair = self.seated_chair();
        let shown = self.participants.values().filter(|participant| {
            chair == Some(&participant.person)
                || config.gallery
                    && participant.state == Presence::Seated
                    && authority::speaks(participant.role)
        });
        shown
            .map(|participant| participant.person.clone())
            .collect()
    }

    /// The acting chair, while seated.
    pub(crate) fn seated_chair(&self) -> Option<&PersonId> {
        let chair = self.floor.chair()?;
        let seated = self.participants.get(chair)?.state == Presence::Seated;
        seated.then_some(chair)
    }

    /// Every channel, in the order of the conference file.
    pub(crate) fn channels(&self, config: &RoomConfig) -> Vec<Channel> {
        let all = config.languages.iter();
        all.map(|language| self.channels.get(language)).collect()
    }

    fn removed(&self, config: &RoomConfig) -> Vec<Removed> {
        let name = |person: &PersonId| {
            let member = config.members.get(person);
            member.map_or_else(|| person.to_string(), |member| member.name.clone())
        };
        self.removed
            .iter()
            .map(|person| Removed {
                person: person.clone(),
                name: name(person),
            })
            .collect()
    }

    pub(crate) fn floor_view(&self, now: Moment) -> FloorView {
        self.floor.view(now, self.version.0)
    }

    /// The room as a participant sees it on arrival.
    pub(crate) fn snapshot(
        &self,
        config: &RoomConfig,
        reader: &Member,
        now: Moment,
    ) -> RoomSnapshot<FloorView> {
        let readable = |message: &&ChatMessage| {
            message.to == Audience::Room
                || reader.role == Role::Moderator
                || message.from == reader.person
        };
        RoomSnapshot {
            id: config.id.clone(),
            title: config.title.clone(),
            gallery: config.gallery,
            seq: self.seq,
            participants: self.participants.values().cloned().collect(),
            floor: self.floor_view(now),
            agenda: self.agenda.agenda(&config.agenda),
            decisions: self.decisions.all().to_vec(),
            channels: self.channels(config),
            removed: self.removed(config),
            chat: self.chat.iter().filter(readable).cloned().collect(),
        }
    }
}
