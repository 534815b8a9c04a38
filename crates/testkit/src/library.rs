//! A media library without files.

use std::time::Duration;

use plenary_ids::{Language, MediaId};
use plenary_room::{RecordingFacts, Recordings};

/// Has the recording `mayor-address` of seven minutes, with sound in English and Japanese besides its own and subtitles in
/// English, the recording `hymn` without pictures, and `empty` without anything.
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
            languages: if has_picture {
                tags(&["en", "ja"])
            } else {
                Vec::new()
            },
            subtitles: if has_picture {
                tags(&["en"])
            } else {
                Vec::new()
            },
        })
    }
}

fn tags(tags: &[&str]) -> Vec<Language> {
    tags.iter()
        .filter_map(|tag| Language::new(tag).ok())
        .collect()
}
