//! The recording of a room: whether it runs, and the takes that it leaves.

use plenary_ids::{Language, Moment, PersonId, RequestId, TakeId, wire_enum};
use plenary_scene::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The recording of a room while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomRecording {
    /// Since when the room has been recorded.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub since: Moment,
    /// The person who switched it on; absent if the conference file did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// That the recording of a room has stopped by itself, and nobody has switched it on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingFailed {
    /// When it stopped.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
    /// Why it stopped.
    pub reason: RecordFault,
}

/// Whether a room is recorded, after a command that switched it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingState {
    /// Whether the room is recorded now.
    pub recording: bool,
    /// Since when it has been recorded; absent while it is not.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub since: Option<Moment>,
    /// The person who switched it on; absent if the conference file did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// A take: one file of one source of a participant, cut by the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Take {
    /// The name of the take and of its file.
    pub id: TakeId,
    /// The speech during which it was recorded; absent between speeches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<RequestId>,
    /// The participant whose source it is.
    pub participant: PersonId,
    /// The source that was recorded.
    pub source: Source,
    /// The language of the channel, of an interpreter's microphone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When its first packet came.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub from: Moment,
    /// When it ended.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub to: Moment,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// The media type of the file, with its codec (RFC 6381).
    pub media_type: String,
    /// The packets that were lost for good; absent if none was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost_packets: u64,
    /// Whether the server was killed while it wrote, and made the file whole at its next start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
}

wire_enum! {
    /// Why something could not be recorded.
    pub enum RecordFault {
        /// The disk has no more room than what is kept for the log.
        DiskFull = "disk_full",
        /// The disk is slower than what has to be recorded.
        DiskSlow = "disk_slow",
        /// The disk refuses to write.
        DiskFailed = "disk_failed",
    }
}

wire_enum! {
    /// Why a take was deleted.
    pub enum DeletionReason {
        /// It was older than the conference file keeps recordings.
        Retention = "retention",
        /// An operator deleted it.
        Asked = "asked",
    }
}

impl From<Option<&RoomRecording>> for RecordingState {
    fn from(recording: Option<&RoomRecording>) -> Self {
        Self {
            recording: recording.is_some(),
            since: recording.map(|it| it.since),
            by: recording.and_then(|it| it.by.clone()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
