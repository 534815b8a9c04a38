//! What a take is of, what is known of each of its packets, and what is told of it.

use std::time::Instant;

use plenary_ids::{Language, Moment, PersonId, RequestId, RoomId, TakeId};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;
use serde::{Deserialize, Serialize};

/// What a take is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeInfo {
    /// Its id, which is also the name of its file.
    pub id: TakeId,
    /// The room in which it is recorded.
    pub room: RoomId,
    /// The request of the speech during which it is recorded; none between speeches and for interpreters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<RequestId>,
    /// The person whose source it is.
    pub participant: PersonId,
    /// The source that is recorded.
    pub source: Source,
    /// The language of the channel, if it is the microphone of an interpreter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The wall-clock time at which it began.
    #[serde(with = "plenary_ids::rfc3339")]
    pub began: Moment,
}

/// A running take, as its tap and the writer name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TakeKey(pub(crate) u64);

/// What the header of a packet says, and what the media plane knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketFacts {
    /// The codec of its payload.
    pub codec: Codec,
    /// Its sequence number within its stream, counted on beyond 16 bits. Retransmissions have the number of the original.
    pub index: u64,
    /// The RTP timestamp of its frame.
    pub timestamp: u32,
    /// Whether it is the last packet of its picture.
    pub marker: bool,
    /// Whether a decoder can begin with it, without any earlier one. Without meaning for sound.
    pub keyframe: bool,
    /// The place of its layer among those of the source; 0 is the best picture.
    pub layer: u8,
    /// The number of the stream within its layer: another SSRC is another stream, with numbers and a clock of its own.
    pub generation: u64,
    /// When it arrived.
    pub arrival: Instant,
}

/// A take that is on disk, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeSummary {
    /// What it is of.
    #[serde(flatten)]
    pub info: TakeInfo,
    /// The wall-clock time of its first frame: position 0 of the file.
    #[serde(with = "plenary_ids::rfc3339")]
    pub from: Moment,
    /// The wall-clock time at which its last frame ends.
    #[serde(with = "plenary_ids::rfc3339")]
    pub to: Moment,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The media type with its codec, such as `video/webm;codecs=vp8`.
    pub media_type: String,
    /// How many pictures or packets of sound it has.
    pub frames: u64,
    /// Packets that were lost on the way and that no retransmission repaired.
    pub lost_packets: u64,
    /// Whether it was made whole after a crash.
    pub recovered: bool,
}

/// What the recorder tells of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A take is whole and on disk.
    Written(Box<TakeSummary>),
    /// Packets of a room are not in its takes, because the disk did not take them.
    Gap {
        /// The room whose recording has the gap.
        room: RoomId,
        /// When the first of them came.
        from: Moment,
        /// When the last of them came.
        to: Moment,
        /// The trouble with the disk.
        reason: StopReason,
    },
    /// Nothing more of a room is recorded until a new take begins. What was recorded until then is kept.
    Stopped {
        /// The room whose recording has stopped.
        room: RoomId,
        /// The reason for which it has stopped.
        reason: StopReason,
    },
}

/// The trouble with a disk that stops a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// What is free is needed for the log.
    DiskFull,
    /// It does not answer for seconds.
    DiskSlow,
    /// It refuses to write.
    DiskFailed,
}

impl StopReason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::DiskSlow => "disk_slow",
            Self::DiskFailed => "disk_failed",
        }
    }
}
