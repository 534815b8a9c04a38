//! The media library as a room sees it.

use std::{fmt, time::Duration};

use plenary_ids::{Language, MediaId};

/// Finds recordings that can be played.
pub trait Recordings: Send + Sync + fmt::Debug {
    /// The recording of that id, if there is one.
    fn find(&self, media: &MediaId) -> Option<RecordingFacts>;
}

/// What a room needs to know of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFacts {
    /// The name that people see.
    pub name: String,
    /// The length that its file promises.
    pub duration: Duration,
    /// Whether it has a track of sound.
    pub has_sound: bool,
    /// Whether it has a track of pictures.
    pub has_picture: bool,
    /// The languages of the tracks of sound that are not the floor's.
    pub languages: Vec<Language>,
    /// The languages of its subtitles.
    pub subtitles: Vec<Language>,
}

/// A library that has no recordings, for rooms that play none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecordings;

impl Recordings for NoRecordings {
    fn find(&self, _: &MediaId) -> Option<RecordingFacts> {
        None
    }
}
