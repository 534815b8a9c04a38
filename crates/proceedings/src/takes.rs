//! The recording of the room in its record: who switched it when, and every take with its hash, so that the sealed record
//! proves the files.

use plenary_conference::Translations;
use plenary_ids::{Language, PersonId, RequestId, Seq, TakeId};
use plenary_protocol::{DeletionReason, RecordFault, Source};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Time, markdown::escape, minutes::Minutes};

/// A change of the recording of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordingChange {
    /// The event in the room's log.
    pub seq: Seq,
    /// When it was switched.
    pub at: Time,
    /// Whether it runs from then on.
    pub recording: bool,
    /// The person who switched it; absent if the server or the conference file did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// The name of that person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// Why the server stopped it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RecordFault>,
}

/// A time in which less was recorded than the floor let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordingGap {
    /// The event in the room's log.
    pub seq: Seq,
    /// When the gap began.
    pub from: Time,
    /// When the gap ended.
    pub to: Time,
    /// The reason of the gap.
    pub reason: RecordFault,
}

/// A take of the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedTake {
    /// The event in the room's log.
    pub seq: Seq,
    /// The name of the take and of its file.
    pub id: TakeId,
    /// The speech during which it was recorded; absent between speeches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speech: Option<RequestId>,
    /// The participant whose source it is.
    pub participant: PersonId,
    /// The source that was recorded.
    pub source: Source,
    /// The language of the channel, of an interpreter's microphone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When its first packet came.
    pub from: Time,
    /// When it ended.
    pub to: Time,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The media type of the file.
    pub media_type: String,
    /// The packets that were lost for good.
    pub lost_packets: u64,
    /// Whether the file was made whole after the server was killed.
    pub recovered: bool,
    /// When the file was deleted; absent while it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Time>,
    /// Why the file was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<DeletionReason>,
}

impl RecordedTake {
    /// Notes that the file is gone.
    pub(crate) fn delete(&mut self, at: Time, reason: DeletionReason) {
        self.deleted = Some(at);
        self.deletion = Some(reason);
    }
}

impl Minutes<'_> {
    pub(crate) fn recording_sentence(&self, change: &RecordingChange) -> String {
        let at = self.clock(&change.at);
        let by = change.name.as_deref().map(escape);
        match (change.recording, by, change.reason) {
            (true, Some(by), _) => {
                format!("Recording of the meeting began at {at}, switched on by {by}.")
            }
            (true, None, _) => {
                format!("Recording of the meeting began at {at}, as the conference file provides.")
            }
            (false, Some(by), _) => {
                format!("Recording of the meeting ended at {at}, switched off by {by}.")
            }
            (false, None, Some(reason)) => format!(
                "Recording of the meeting ended at {at}, because {}.",
                fault(reason)
            ),
            (false, None, None) => format!("Recording of the meeting ended at {at}."),
        }
    }

    pub(crate) fn gap_sentence(&self, gap: &RecordingGap) -> String {
        format!(
            "The recording has a gap from {} to {}, because {}.",
            self.clock(&gap.from),
            self.clock(&gap.to),
            fault(gap.reason)
        )
    }
}

/// The fault as a clause.
fn fault(fault: RecordFault) -> &'static str {
    match fault {
        RecordFault::DiskFull => "the disk was full",
        RecordFault::DiskSlow => "the disk was too slow",
        RecordFault::DiskFailed => "the disk failed",
    }
}
