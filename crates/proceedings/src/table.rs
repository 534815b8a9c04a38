//! The speeches as a table, for spreadsheets.

use std::borrow::Cow;

use plenary_floor::Ending;
use plenary_ids::Millis;
use plenary_text::{Table, TableError};

use crate::{EndedBy, Proceedings, RecordedSpeech, SpeechRecording, Time};

const COLUMNS: [&str; 24] = [
    "room",
    "item",
    "request",
    "person",
    "name",
    "delegation",
    "city",
    "kind",
    "asked",
    "began",
    "ended",
    "began_utc",
    "ended_utc",
    "limit_ms",
    "used_ms",
    "extended_ms",
    "parts",
    "how",
    "reason",
    "ended_by",
    "recording",
    "recording_ms",
    "recording_from_ms",
    "recording_until_ms",
];

impl Proceedings {
    /// A header row and one row for each speech, as CSV. Times are in the conference's zone unless the column says `utc`,
    /// durations in milliseconds; `parts` counts the intervals between interruptions. The `recording` columns
    /// are of a speech that was played.
    pub fn speeches_csv(&self) -> Result<String, TableError> {
        let mut table = Table::new(COLUMNS)?;
        for speech in &self.speeches {
            table.row(self.row(speech))?;
        }
        table.finish()
    }

    /// The fields in the order of [`COLUMNS`].
    fn row<'a>(&'a self, speech: &'a RecordedSpeech) -> [Cow<'a, str>; COLUMNS.len()] {
        let item = speech.item.as_ref().map_or("", |it| it.as_str());
        let delegation = speech.delegation.as_ref().map_or("", |it| it.as_str());
        let ended = |form: fn(&Time) -> String| speech.ended.as_ref().map(form).unwrap_or_default();
        let recording = speech.recording.as_ref();
        let of_recording = |what: fn(&SpeechRecording) -> Millis| {
            let millis = recording.map(what);
            millis
                .map(|millis| millis.0.to_string())
                .unwrap_or_default()
        };
        [
            self.room.id.as_str().into(),
            item.into(),
            speech.request.to_string().into(),
            speech.person.as_str().into(),
            speech.name.as_str().into(),
            delegation.into(),
            speech.city.as_deref().unwrap_or_default().into(),
            speech.kind.as_str().into(),
            speech.asked.local().into(),
            speech.began.local().into(),
            ended(Time::local).into(),
            speech.began.utc().into(),
            ended(Time::utc).into(),
            speech.limit_ms.0.to_string().into(),
            speech.used_ms.0.to_string().into(),
            speech.extended_ms.0.to_string().into(),
            speech.parts.len().to_string().into(),
            ending(speech).into(),
            speech.reason.as_deref().unwrap_or_default().into(),
            speech.ended_by.map_or("", EndedBy::as_str).into(),
            recording.map_or("", |it| it.media.as_str()).into(),
            of_recording(|it| it.duration_ms).into(),
            of_recording(|it| it.from_ms).into(),
            of_recording(|it| it.until_ms).into(),
        ]
    }
}

/// The word of the wire; of a grant that was undone, `undone`.
fn ending(speech: &RecordedSpeech) -> &'static str {
    match speech.how {
        _ if speech.undone => "undone",
        Some(Ending::Released) => "released",
        Some(Ending::Revoked) => "revoked",
        Some(Ending::Yielded) => "yielded",
        Some(Ending::Passed) => "passed",
        Some(Ending::Played) => "played",
        None => "",
    }
}
