//! A media library without files.

use std::time::Duration;

use plenary_ids::MediaId;
use plenary_room::{RecordingFacts, Recordings};

/// Has the recording `mayor-address` of seven minutes, the recording `hymn` without pictures, and `empty` without anything.
#[derive(Debug)]
pub struct TestLibrary;

impl Recordings for TestLibrary {
    fn find(&self, media: &MediaId) -> Option<RecordingFacts> {
        let (name, seconds, has_sound, has_picture) = match media.as_str() {
            "mayor-address" => ("The mayor's address", 420, true, true),
            "hymn" => ("Hymn", 60, true, false),
            "empty" => ("Nothing", 60, false, false),
            _ => return None,
        };
        Some(RecordingFacts {
            name: name.to_owned(),
            duration: Duration::from_secs(seconds),
            has_sound,
            has_picture,
        })
    }
}
