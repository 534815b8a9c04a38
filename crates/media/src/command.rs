//! The commands to a forwarding thread.

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{Scene, SlotWant};
use tokio::sync::oneshot;

use crate::{
    api::{JoinError, SessionFigures, SessionId, WantError},
    core::Join,
    events::SessionEvents,
    recording::{RecordedFrames, RecordedTrack},
};

/// A command to the thread that owns the room or the session.
#[derive(Debug)]
pub(crate) enum Command {
    Join {
        join: Join,
        reply: oneshot::Sender<Result<Joined, JoinError>>,
    },
    JoinRecording {
        room: RoomId,
        person: PersonId,
        tracks: Vec<RecordedTrack>,
        reply: oneshot::Sender<SessionId>,
    },
    Play {
        session: SessionId,
        frames: RecordedFrames,
    },
    Renegotiate {
        session: SessionId,
        offer: String,
        wants: Vec<SlotWant>,
        reply: oneshot::Sender<Result<String, JoinError>>,
    },
    Want {
        session: SessionId,
        wants: Vec<SlotWant>,
        reply: oneshot::Sender<Result<(), WantError>>,
    },
    SetPublishing {
        session: SessionId,
        publish: bool,
        reply: oneshot::Sender<()>,
    },
    Leave {
        session: SessionId,
    },
    Show {
        room: RoomId,
        epoch: u64,
        scene: Scene,
        /// None if nobody waits for the scene to be in force.
        reply: Option<oneshot::Sender<()>>,
    },
    /// Serve a room together with these other workers.
    Serve {
        room: RoomId,
        others: Vec<usize>,
    },
    Figures {
        room: Option<RoomId>,
        reply: oneshot::Sender<Vec<SessionFigures>>,
    },
    /// Asks only whether the thread still takes commands.
    Ping {
        reply: oneshot::Sender<()>,
    },
}

/// A session that was admitted.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Joined {
    /// Its id in later commands and reports.
    pub session: SessionId,
    pub answer: String,
    /// The engine's reports about it.
    pub events: SessionEvents,
}
