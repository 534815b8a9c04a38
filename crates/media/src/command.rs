//! What the rest of the program asks of a forwarding thread.

use plenary_ids::RoomId;
use plenary_scene::{Scene, SlotWant};
use tokio::sync::oneshot;

use crate::{
    api::{JoinError, SessionFigures, SessionId, WantError},
    core::Join,
    events::SessionEvents,
};

/// A command to the thread that owns the room or the session.
#[derive(Debug)]
pub(crate) enum Command {
    Join {
        join: Join,
        reply: oneshot::Sender<Result<Joined, JoinError>>,
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
        reply: oneshot::Sender<()>,
    },
    Figures {
        room: Option<RoomId>,
        reply: oneshot::Sender<Vec<SessionFigures>>,
    },
}

/// A session that was admitted.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Joined {
    /// Its name in everything that follows.
    pub session: SessionId,
    pub answer: String,
    /// What the engine reports of it.
    pub events: SessionEvents,
}
