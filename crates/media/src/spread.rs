//! What workers that serve one room together tell each other.
//!
//! A publisher's session is on one worker, which opens, checks and decides on its packets once. Each other worker of the room
//! has a *mirror* of that session, and gives what arrives for it to its own listeners, under its own copy of the scene. Every
//! frame but packets repeats a state, so one that is lost is made good by the next; a packet that is lost is lost, as on any
//! network.

use std::sync::Arc;

use plenary_ids::{Language, PersonId, RoomId};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;

use crate::{
    api::SessionId, codec::PayloadTypes, packet::HeldPackets, quality::Bitrate, source::SenderClock,
};

/// Frames that may wait for one worker.
pub(crate) const MAX_WAITING_FRAMES: usize = 4096;

/// One message from a worker to another.
#[derive(Debug, Clone)]
pub(crate) enum Frame {
    /// A publisher as it is now.
    Publisher(Arc<Publisher>),
    /// A publisher's session has ended.
    Gone(SessionId),
    /// Packets of a source, for listeners elsewhere.
    Packets(Arc<SourcePackets>),
    /// To the worker of a publisher: a listener of another worker needs a keyframe.
    KeyframeNeeded {
        worker: usize,
        session: SessionId,
        source: Source,
        layer: usize,
    },
    /// The codecs for pictures that all sessions of a room on one worker decode.
    Decodes {
        room: RoomId,
        worker: usize,
        codecs: Vec<Codec>,
    },
}

/// A session whose sources the scene lets through.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) id: SessionId,
    pub(crate) room: RoomId,
    pub(crate) person: PersonId,
    pub(crate) publish_generation: Option<u64>,
    /// Of a session in which the server plays a recording.
    pub(crate) recording: Option<RecordingState>,
    pub(crate) tracks: Vec<TrackState>,
}

/// What is to know of a session that plays a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordingState {
    /// The language whose listeners alone hear it, and the session of the floor's sound and picture.
    pub(crate) beside: Option<(Language, SessionId)>,
}

/// One of a publisher's sources.
#[derive(Debug)]
pub(crate) struct TrackState {
    pub(crate) source: Source,
    pub(crate) clock_hz: u32,
    pub(crate) accepted: Vec<PayloadTypes>,
    pub(crate) codec: Option<Codec>,
    pub(crate) speaks: bool,
    /// Above silence, in dB; 0 while nobody may be speaking.
    pub(crate) loudness: u8,
    pub(crate) layers: Vec<LayerState>,
}

/// One layer of a source.
#[derive(Debug)]
pub(crate) struct LayerState {
    pub(crate) rid: Option<String>,
    pub(crate) ssrc: Option<u32>,
    pub(crate) generation: u64,
    pub(crate) bitrate: Bitrate,
    pub(crate) sender: Option<SenderClock>,
}

/// Packets of one layer that its worker has let through.
#[derive(Debug)]
pub(crate) struct SourcePackets {
    pub(crate) session: SessionId,
    pub(crate) source: Source,
    pub(crate) layer: usize,
    /// The epoch of the scene under which they were let through.
    pub(crate) epoch: u64,
    pub(crate) packets: HeldPackets,
}
