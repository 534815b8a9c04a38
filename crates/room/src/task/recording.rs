//! Recorded addresses in a running room. Rules of order, section 22.

use std::time::Duration;

use plenary_conference::RecordingStarts;
use plenary_floor::{
    Actor, Directory, Play, RecordingAction, RecordingReport, Speaker, SystemCommand,
};
use plenary_ids::{ItemId, MediaId, Millis, PersonId};
use plenary_protocol::{AgendaItem, Code, CommandResult, Problem, RecordingCommand, RoomEvent};

use super::Room;
use crate::{Body, Playback, PlaybackReport, RecordingFacts};

impl Room {
    /// Carries out a command about a recorded address. Its result is the floor.
    pub(super) fn execute_recording(
        &mut self,
        command: RecordingCommand,
        by: &Actor,
    ) -> CommandResult {
        let action = match command {
            RecordingCommand::Play {
                media: None,
                item: None,
                ..
            } => RecordingAction::Resume,
            RecordingCommand::Play {
                media,
                item,
                beneficiary,
                position,
            } => {
                let position = position.map(Millis::from).unwrap_or_default();
                let (media, beneficiary) = self.what_to_play(media, item, beneficiary)?;
                self.playing(media, &beneficiary, position)?
            }
            RecordingCommand::Pause {} => RecordingAction::Pause,
            RecordingCommand::Seek { position } => RecordingAction::Seek(position.get()),
            RecordingCommand::Stop {} => RecordingAction::Stop,
        };
        self.act_on_recording(action, by)?;
        Ok(self.state.floor_view(self.now()).into())
    }

    /// Plays the recording of an item that begins, if it begins with it. An item whose recording cannot be played begins all
    /// the same, and everybody learns why it is not played.
    pub(super) fn play_with_item(&mut self, item: &AgendaItem, by: &Actor) {
        let (Some(media), Some(person)) = (&item.recording, &by.person) else {
            return;
        };
        if item.recording_starts != Some(RecordingStarts::Auto) {
            return;
        }
        let played = self
            .what_to_play(None, Some(item.id.clone()), None)
            .and_then(|(media, beneficiary)| self.playing(media, &beneficiary, Millis(0)))
            .and_then(|action| self.act_on_recording(action, by));
        if let Err(Problem { code, detail, .. }) = played {
            self.emit(vec![Body::Room(RoomEvent::RecordingRefused {
                item: item.id.clone(),
                media: media.clone(),
                code,
                detail,
                by: person.clone(),
            })]);
        }
    }

    /// Takes a report of the player.
    pub(super) fn report_playback(&mut self, report: PlaybackReport, generation: u64) {
        self.playback_report = Some((report.clone(), generation));
        let report = match report {
            PlaybackReport::Resumed => RecordingReport::Flowing,
            PlaybackReport::Stalled { at } => RecordingReport::Stalled { at: millis(at) },
            PlaybackReport::Failed { at, reason } => RecordingReport::Failed {
                at: millis(at),
                reason,
            },
            PlaybackReport::Ended { at } => RecordingReport::Ended { at: millis(at) },
        };
        let report = RecordingAction::Report { generation, report };
        self.apply_system_command(&SystemCommand::Recording(report));
    }

    /// Stops the player at once if the state wants less than it plays. The file stays at its place until the batch is
    /// recorded, so that a batch that fails costs nothing.
    pub(super) fn shrink_playback_to(&mut self, wanted: Option<&Playback>) {
        let shrunk = common(self.playback.as_ref(), wanted);
        self.tell_player(shrunk);
    }

    /// Has the player do what a recorded state wants, as far as no later one wants less.
    pub(super) fn tell_player(&mut self, playback: Option<Playback>) {
        if playback != self.playback {
            self.media.play(&self.config.id, playback.clone());
            self.playback = playback;
        }
    }

    fn act_on_recording(&mut self, action: RecordingAction, by: &Actor) -> Result<(), Problem> {
        let command = SystemCommand::Recording(action);
        let events = plenary_floor::decide_system(&self.state.floor, &command, by, self.now())?;
        self.emit(events.into_iter().map(Body::Floor).collect());
        Ok(())
    }

    /// The recording and the person who speaks in it. An item names both; where a recording is named by itself and its
    /// speaker is not, the agenda may know it.
    fn what_to_play(
        &self,
        media: Option<MediaId>,
        item: Option<ItemId>,
        beneficiary: Option<PersonId>,
    ) -> Result<(MediaId, Speaker), Problem> {
        let invalid = |detail: String| Problem::new(Code::Invalid, detail);
        let of_item = item
            .map(|item| self.state.planned(&self.config, &item))
            .transpose()?;
        let media = match (media, &of_item) {
            (Some(media), _) => media,
            (None, Some(item)) => item
                .recording
                .clone()
                .ok_or_else(|| invalid(format!("\"{}\" has no recording.", item.title)))?,
            (None, None) => {
                return Err(invalid(
                    "Say which recording, by \"media\" or by \"item\".".to_owned(),
                ));
            }
        };
        let named_by_agenda = || {
            let mut agenda = self.config.agenda.iter();
            let item = agenda.find(|item| item.recording.as_ref() == Some(&media));
            of_item.as_ref().or(item)?.beneficiary.clone()
        };
        let beneficiary = beneficiary.or_else(named_by_agenda).ok_or_else(|| {
            invalid("Say by \"beneficiary\" who speaks in the recording.".to_owned())
        })?;
        Ok((media, self.config.speaker(&beneficiary)?))
    }

    fn playing(
        &self,
        media: MediaId,
        beneficiary: &Speaker,
        position: Millis,
    ) -> Result<RecordingAction, Problem> {
        let Some(found) = self.config.recordings.find(&media) else {
            let detail = format!("The media library has no recording \"{media}\".");
            return Err(Problem::new(Code::NotFound, detail));
        };
        let RecordingFacts {
            name,
            duration,
            has_sound,
            has_picture,
            languages,
            subtitles,
        } = found;
        if !has_sound && !has_picture {
            let detail = format!("“{name}” has neither sound nor pictures.");
            return Err(Problem::new(Code::Invalid, detail));
        }
        Ok(RecordingAction::Play(Box::new(Play {
            media,
            name,
            duration: millis(duration),
            position,
            beneficiary: beneficiary.clone(),
            languages,
            subtitles,
        })))
    }
}

/// What two states both want of the player: where they differ, it stands still where it is.
pub(super) fn common(playing: Option<&Playback>, wanted: Option<&Playback>) -> Option<Playback> {
    let playing = playing?;
    let goes_on = wanted.is_some_and(|wanted| {
        wanted.running && wanted.generation == playing.generation && wanted.media == playing.media
    });
    Some(Playback {
        running: playing.running && goes_on,
        ..playing.clone()
    })
}

fn millis(duration: Duration) -> Millis {
    Millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
