//! The state of a room: a fold of its events, without a clock, a socket or a device.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use plenary_floor::{Floor, FloorView};
use plenary_ids::{Language, Moment, PersonId, Seq};
use plenary_protocol::{
    Channel, Departed, DepartureReason, Notice, Participant, Presence, Removed, RoomEvent,
    RoomSnapshot,
};
use plenary_scene::{Gallery, Playback, Scene};

use crate::{
    Body, Member, RoomConfig, RoomLogEvent,
    agenda::Progress,
    authority,
    channels::Channels,
    chat::{self, LastMessages, OpenHelp},
    decisions::Decisions,
    facts,
    takes::Recording,
};
use serde::{Deserialize, Serialize};

/// The version of the format in which a [`RoomState`] is kept as a snapshot. A snapshot of another version is not read:
/// folding the events again gives the same state in the new format.
pub(crate) const SHAPE: u32 = 7;

/// Everything that the events of a room add up to. A change of its shape raises [`SHAPE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RoomState {
    pub(crate) seq: Seq,
    /// The last event that changed the floor.
    pub(crate) version: Seq,
    pub(crate) floor: Floor,
    /// Shared with the copy of the state before a batch, like the chat: few batches change either.
    pub(crate) participants: Arc<BTreeMap<PersonId, Arc<Participant>>>,
    /// When those who are no longer here were here last.
    pub(crate) left: BTreeMap<PersonId, Moment>,
    /// Removed by a moderator, and not admitted again yet.
    pub(crate) removed: BTreeSet<PersonId>,
    pub(crate) chat: Arc<LastMessages>,
    pub(crate) last_chat: u64,
    /// The calls for help that nobody has closed.
    pub(crate) help: OpenHelp,
    /// When a speaker was last asked to speak more slowly.
    pub(crate) slower_asked: Option<Moment>,
    /// The last notice of the operators.
    pub(crate) notice: Option<Notice>,
    pub(crate) agenda: Progress,
    pub(crate) decisions: Decisions,
    pub(crate) channels: Channels,
    /// Whether the room is recorded, and the takes that were.
    pub(crate) recording: Recording,
    /// The fingerprint of the facts of the conference file that were recorded last.
    pub(crate) facts: Option<String>,
}

impl RoomState {
    pub(crate) fn new(config: &RoomConfig) -> Self {
        Self {
            seq: Seq(0),
            version: Seq(0),
            floor: Floor::new(config.floor.clone()),
            participants: Arc::default(),
            left: BTreeMap::new(),
            removed: BTreeSet::new(),
            chat: Arc::default(),
            last_chat: 0,
            help: OpenHelp::default(),
            slower_asked: None,
            notice: None,
            agenda: Progress::default(),
            decisions: Decisions::default(),
            channels: Channels::default(),
            recording: Recording::default(),
            facts: None,
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
                self.seat(participant, event.at);
            }
            Body::Room(RoomEvent::Left { person, reason, .. }) => {
                let gone = Arc::make_mut(&mut self.participants).remove(person);
                let since = gone.and_then(|gone| gone.since);
                self.left.insert(person.clone(), since.unwrap_or(event.at));
                if *reason == DepartureReason::Removed {
                    self.removed.insert(person.clone());
                }
            }
            Body::Room(RoomEvent::Admitted { person }) => {
                self.removed.remove(person);
            }
            Body::Room(RoomEvent::ChatPosted(message)) => {
                self.last_chat = message.id;
                let line = chat::line(message, event.at);
                if message.help {
                    self.help.open(line.clone());
                }
                Arc::make_mut(&mut self.chat).push(line);
            }
            Body::Room(RoomEvent::HelpClosed { message, .. }) => self.help.close(*message),
            Body::Room(RoomEvent::NoticePosted { text, by }) => {
                self.notice = Some(Notice {
                    text: text.clone(),
                    by: by.clone(),
                    at: event.at,
                });
            }
            Body::Room(
                event @ (RoomEvent::AgendaStarted { .. }
                | RoomEvent::AgendaEnded { .. }
                | RoomEvent::AgendaPostponed { .. }),
            ) => {
                self.agenda.apply(event);
            }
            Body::Room(
                event @ (RoomEvent::DecisionOpened { .. }
                | RoomEvent::DecisionObjected { .. }
                | RoomEvent::DecisionVoted { .. }
                | RoomEvent::DecisionClosed { .. }
                | RoomEvent::DecisionWithdrawn { .. }
                | RoomEvent::ClockMoved { .. }),
            ) => {
                if matches!(event, RoomEvent::ClockMoved { .. }) {
                    // By another clock the moment says nothing.
                    self.slower_asked = None;
                }
                self.decisions.apply(event);
            }
            Body::Room(RoomEvent::SlowerAsked { .. }) => self.slower_asked = Some(event.at),
            Body::Room(event @ RoomEvent::ChannelChanged { .. }) => self.channels.apply(event),
            Body::Room(
                body @ (RoomEvent::RecordStarted { .. }
                | RoomEvent::RecordStopped { .. }
                | RoomEvent::TakeRecorded(_)
                | RoomEvent::TakeDeleted { .. }
                | RoomEvent::RecordGap { .. }),
            ) => self.recording.apply(body, event.at),
            Body::Room(RoomEvent::FactsRecorded { facts }) => {
                self.facts = Some(facts::fingerprint(facts));
            }
            Body::Room(
                RoomEvent::RecordingRefused { .. }
                | RoomEvent::Corrected(_)
                | RoomEvent::Draining {},
            ) => {}
        }
    }

    /// Keeps a participant. An event of a version that did not record since when somebody is away says it by its time.
    fn seat(&mut self, participant: &Participant, at: Moment) {
        let mut participant = Participant::clone(participant);
        if participant.state == Presence::Away && participant.since.is_none() {
            let known = self.participants.get(&participant.person);
            participant.since = known.and_then(|known| known.since).or(Some(at));
        }
        self.left.remove(&participant.person);
        let person = participant.person.clone();
        Arc::make_mut(&mut self.participants).insert(person, Arc::new(participant));
    }

    /// What may flow. Live holders are on stage and heard. The acting chair is heard and shown small, and on stage with
    /// priority. The other seated participants are shown small, if the room has a gallery. A muted participant is not
    /// heard, and neither is one who talks aside. Each interpreter has the channel of a language, and a recording those of its languages that are left.
    pub(crate) fn scene(
        &self,
        config: &RoomConfig,
        gallery: Gallery,
        private: &BTreeSet<PersonId>,
    ) -> Scene {
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
        // What silences a person's own microphone does not silence a recording of that person.
        voices.retain(|person| {
            let is_silenced = self.is_muted(person) || private.contains(person);
            !is_silenced || self.recorded_person() == Some(person)
        });
        let channels = config.languages.iter().filter_map(|language| {
            let channel = self.channels.get(language);
            let interpreter = channel.voice()?.clone();
            Some((language.clone(), Some(interpreter)))
        });
        let scene = Scene {
            stage,
            voices,
            gallery,
            channels: channels.collect(),
            recorded: self.recorded_languages(),
            takes: Vec::new(),
        };
        Scene {
            takes: self.takes(&scene),
            ..scene
        }
    }

    /// The languages in which the recording has sound of its own, which a listener gets instead of the floor's.
    fn recorded_languages(&self) -> BTreeMap<Language, PersonId> {
        let Some(speech) = self.floor.recorded() else {
            return BTreeMap::new();
        };
        let languages = speech.recorded.iter().flat_map(|it| &it.languages);
        languages
            .map(|language| (language.clone(), speech.speaker.clone()))
            .collect()
    }

    fn is_muted(&self, person: &PersonId) -> bool {
        self.participants.get(person).is_some_and(|it| it.muted)
    }

    /// The recording that is to be played: what the floor has granted to one, until that speech ends. It runs while nothing
    /// but the recording itself keeps it from being heard.
    pub(crate) fn playback(&self) -> Option<Playback> {
        let speech = self.floor.recorded()?;
        let recorded = speech.recorded.as_ref()?;
        Some(Playback {
            media: recorded.media.clone(),
            participant: speech.speaker.clone(),
            generation: recorded.generation,
            from: Duration::from_millis(recorded.from.0),
            running: speech.is_to_be_played(),
        })
    }

    /// The person whose devices a recording takes the place of.
    pub(crate) fn recorded_person(&self) -> Option<&PersonId> {
        self.floor.recorded().map(|speech| &speech.speaker)
    }

    /// The participants whose cameras are shown small. The person of a recording is on stage or not seen at all.
    pub(crate) fn gallery(&self, config: &RoomConfig) -> Gallery {
        let chair = self.seated_chair();
        let shown = self.participants.values().filter(|participant| {
            let person = &participant.person;
            self.recorded_person() != Some(person)
                && (chair == Some(person)
                    || config.gallery
                        && participant.state == Presence::Seated
                        && authority::speaks(participant.role))
        });
        shown
            .map(|participant| participant.person.clone())
            .collect()
    }

    /// Whether a person has the floor, or speaks as the chair before all others.
    pub(crate) fn is_on_the_floor(&self, person: &PersonId) -> bool {
        let has_priority = || self.floor.is_chair_priority() && self.seated_chair() == Some(person);
        self.floor.is_holder(person) || has_priority()
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
        let removed = self.removed.iter().map(|person| {
            let member = config.members.get(person);
            let name = member.map(|member| member.name.clone());
            Removed {
                person: person.clone(),
                name: name.unwrap_or_else(|| person.to_string()),
                names: member
                    .map(|member| member.names.clone())
                    .unwrap_or_default(),
            }
        });
        removed.collect()
    }

    pub(crate) fn floor_view(&self, now: Moment) -> FloorView {
        self.floor.view(now, self.version.0)
    }

    /// Whether a snapshot of this state for another reader shows what this one may see.
    pub(crate) fn shows(&self, reader: &Member, room: &RoomSnapshot<FloorView>) -> bool {
        room.chat == self.chat.for_reader(reader) && room.help == self.help.for_reader(reader)
    }

    /// The room as a participant sees it on arrival.
    pub(crate) fn snapshot(
        &self,
        config: &RoomConfig,
        reader: &Member,
        now: Moment,
    ) -> RoomSnapshot<FloorView> {
        RoomSnapshot {
            id: config.id.clone(),
            title: config.title.clone(),
            titles: config.titles.clone(),
            gallery: config.gallery,
            side_talks: config.side_talks,
            seq: self.seq,
            participants: self
                .participants
                .values()
                .map(|it| Participant::clone(it))
                .collect(),
            floor: self.floor_view(now),
            agenda: self.agenda.agenda(&config.agenda),
            decisions: self.decisions.all().to_vec(),
            channels: self.channels(config),
            left: self.left.iter().map(Departed::from).collect(),
            removed: self.removed(config),
            chat: self.chat.for_reader(reader),
            help: self.help.for_reader(reader),
            notice: self.notice.clone(),
            recording: self.recording.running().cloned(),
            recording_failed: self.recording.status().fault,
        }
    }
}
