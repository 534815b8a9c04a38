//! Connects rooms, the media library and the media engine: what a room wants to be played is read by the player, and its
//! frames go to the engine.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use plenary_ids::{Language, MediaId, PersonId, RoomId};
use plenary_library::{Batch, Codec, Kind, Library, Player, Reports, Sink, TrackInfo};
use plenary_media::{Media, RecordedFrame, RecordedFrames, RecordedTrack, SessionId};
use plenary_room::{PlaybackReport, RecordingFacts, Recordings};
use plenary_scene::Source;
use tokio::{runtime::Handle, sync::mpsc};

use crate::state::App;

/// A recording of which nothing came for so long has stood still, and the room is told that it plays again.
const PAUSE: Duration = Duration::from_millis(200);

/// The media library as rooms see it.
#[derive(Debug)]
pub struct Catalogue(pub Library);

impl Recordings for Catalogue {
    fn find(&self, media: &MediaId) -> Option<RecordingFacts> {
        let item = self.0.find(media).ok()?;
        let has = |kind| item.tracks.iter().any(|track| track.kind == kind);
        let sounds = sounds(&item.tracks);
        let languages = sounds.into_iter().filter_map(|(_, language)| language);
        Some(RecordingFacts {
            name: item.name.clone(),
            duration: item.duration,
            has_sound: has(Kind::Audio),
            has_picture: has(Kind::Video),
            languages: languages.collect(),
            subtitles: self.0.subtitles(media).unwrap_or_default(),
        })
    }
}

/// Reports of the player that no room has taken yet.
pub type Reported = mpsc::UnboundedReceiver<(RoomId, u64, PlaybackReport)>;

/// Starts the player of a library, whose frames go to the engine. Its reports wait until [`forward`] hands them to the
/// rooms, which may not be open yet.
pub fn player(library: Library, media: Media) -> (Arc<Player>, Reported) {
    let runtime = Handle::current();
    let (sender, reported) = mpsc::unbounded_channel();
    let reports: Reports = Arc::new(move |room, generation, report| {
        // The receiver ends with the server.
        let _ = sender.send((room.clone(), generation, report));
    });
    let to_sink = Arc::clone(&reports);
    let sinks = Arc::new(move |room: &RoomId| -> Box<dyn Sink> {
        Box::new(EngineSink {
            room: room.clone(),
            media: media.clone(),
            runtime: runtime.clone(),
            reports: Arc::clone(&to_sink),
            session: None,
            tracks: Vec::new(),
            played: None,
        })
    });
    (Arc::new(Player::new(library, sinks, reports)), reported)
}

/// Hands the player's reports to the rooms, in the order in which they come.
pub async fn forward(app: Weak<App>, mut reported: Reported) {
    while let Some((room, generation, report)) = reported.recv().await {
        let room = app.upgrade().and_then(|app| app.room(&room));
        if let Some(room) = room {
            room.playback(report, generation).await;
        }
    }
}

/// Gives the frames of a room's recording to the engine.
struct EngineSink {
    room: RoomId,
    media: Media,
    runtime: Handle,
    reports: Reports,
    session: Option<SessionId>,
    /// For each track of the file, its place among those that the engine plays.
    tracks: Vec<Option<usize>>,
    /// When it last played, in this generation.
    played: Option<Instant>,
}

impl Sink for EngineSink {
    fn begin(&mut self, room: &RoomId, participant: &PersonId, tracks: &[TrackInfo]) {
        self.end();
        let mut played: Vec<RecordedTrack> = Vec::new();
        let sounds = sounds(tracks);
        self.tracks.clear();
        for (at, track) in tracks.iter().enumerate() {
            let sound = sounds.iter().find(|(place, _)| *place == at);
            let language = sound.and_then(|(_, language)| language.clone());
            let is_left_out = track.kind == Kind::Audio && sound.is_none();
            let place = recorded(track, language).filter(|_| !is_left_out);
            self.tracks.push(place.as_ref().map(|_| played.len()));
            played.extend(place);
        }
        let joins = self
            .media
            .join_recording(room.clone(), participant.clone(), played);
        self.session = self.runtime.block_on(joins);
    }

    fn frames(&mut self, batch: Batch) {
        let Some(session) = self.session else {
            return;
        };
        let now = Instant::now();
        if batch.begins.is_some() {
            self.played = None;
        }
        if batch.frames.iter().any(|paced| !paced.catch_up) {
            let before = self.played.replace(now);
            let stood_still = before.is_none_or(|before| now - before > PAUSE);
            if stood_still {
                (self.reports)(&self.room, batch.generation, PlaybackReport::Resumed);
            }
        }
        let frames = batch.frames.into_iter().filter_map(|paced| {
            let track = self.tracks.get(paced.frame.track).copied().flatten()?;
            Some(RecordedFrame {
                track,
                at: paced.frame.at,
                data: paced.frame.data,
            })
        });
        let frames = RecordedFrames {
            begins: batch.begins,
            frames: frames.collect(),
        };
        self.media.play(session, frames);
    }

    fn end(&mut self) {
        if let Some(session) = self.session.take() {
            self.media.leave(session);
        }
    }
}

impl Drop for EngineSink {
    fn drop(&mut self) {
        self.end();
    }
}

/// The tracks of sound that are played, by their places. The first is heard on the floor, and needs no language; of the
/// others each has its own, whose listeners hear it.
fn sounds(tracks: &[TrackInfo]) -> Vec<(usize, Option<Language>)> {
    let mut sounds: Vec<(usize, Option<Language>)> = Vec::new();
    let mut taken: Vec<&Language> = Vec::new();
    let all = tracks.iter().enumerate();
    for (at, track) in all.filter(|(_, track)| track.kind == Kind::Audio) {
        let language = track.language.as_ref();
        if sounds.is_empty() {
            sounds.push((at, None));
        } else if let Some(language) = language.filter(|it| !taken.contains(it)) {
            sounds.push((at, Some(language.clone())));
        }
        taken.extend(language);
    }
    sounds
}

/// The track as the engine plays it; none if it only shows subtitles.
fn recorded(track: &TrackInfo, language: Option<Language>) -> Option<RecordedTrack> {
    let codec = match track.codec {
        Codec::Vp8 => plenary_media::Codec::Vp8,
        Codec::Vp9 => plenary_media::Codec::Vp9,
        Codec::H264 => plenary_media::Codec::H264,
        Codec::Opus => plenary_media::Codec::Opus,
        Codec::WebVtt => return None,
    };
    let source = match track.kind {
        Kind::Audio => Source::Microphone,
        Kind::Video => Source::Camera,
        Kind::Text => return None,
    };
    Some(RecordedTrack {
        source,
        codec,
        language,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sound_is_the_floors_and_each_further_language_is_played_once() {
        let track = |kind, codec, language: Option<&str>| TrackInfo {
            kind,
            codec,
            language: language.and_then(|tag| Language::new(tag).ok()),
            width: None,
            height: None,
            bits_per_second: 0,
        };
        let sound = |language| track(Kind::Audio, Codec::Opus, language);
        let tracks = [
            track(Kind::Video, Codec::Vp8, None),
            sound(Some("en")),
            sound(Some("ja")),
            sound(Some("en")),
            sound(None),
            sound(Some("ja")),
            sound(Some("fr")),
            track(Kind::Text, Codec::WebVtt, Some("en")),
        ];
        let played: Vec<String> = sounds(&tracks)
            .into_iter()
            .map(|(at, language)| {
                format!(
                    "{at} {}",
                    language.map_or_else(String::new, |it| it.to_string())
                )
            })
            .collect();
        assert_eq!(played, ["1 ", "2 ja", "6 fr"]);
    }
}
