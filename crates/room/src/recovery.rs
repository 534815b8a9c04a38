//! From the log back to the room: a state is the fold of the events before it.

use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{
    AppendError, CorruptRecord, HashChain, Head, Log, ReadError, Record, Recovery, Snapshot,
};
use serde::{Deserialize, Serialize};

use crate::{
    RoomConfig, RoomLogEvent,
    state::{RoomState, SHAPE},
};

/// How many records are read at once.
const PAGE: usize = 1024;

/// Why a room cannot be brought back.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// Its log cannot be read, or is not what was recorded.
    #[error("the room {room} cannot be brought back: {error}")]
    Read {
        /// The room.
        room: RoomId,
        /// Why not.
        error: ReadError,
    },
    /// Its log cannot be written.
    #[error("the room {room} cannot go on: {error}")]
    Write {
        /// The room.
        room: RoomId,
        /// Why not.
        error: AppendError,
    },
    /// A record is whole, but says something that this version does not understand.
    #[error("record {} of the room {room} is not understood ({error}); a newer Plenary may have written it", .seq.0)]
    Unknown {
        /// The room.
        room: RoomId,
        /// The record's place.
        seq: Seq,
        /// What is not understood.
        error: serde_json::Error,
    },
}

/// A room's state, folded from its log as far as one likes.
#[derive(Debug, Clone)]
pub struct Fold {
    chain: HashChain,
    room: RoomId,
    state: RoomState,
}

#[derive(Serialize, Deserialize)]
struct Shaped<S> {
    shape: u32,
    state: S,
}

/// The shape alone: what it is the shape of may not be readable.
#[derive(Deserialize)]
struct Shape {
    shape: u32,
}

impl Fold {
    /// Before the first record, as the conference file has the room.
    pub fn new(config: &RoomConfig) -> Self {
        Self {
            chain: HashChain::from(config.id.clone(), Head::empty(&config.id)),
            room: config.id.clone(),
            state: RoomState::new(config),
        }
    }

    /// From a snapshot; none if it is of another version's shape.
    pub fn from_snapshot(room: &RoomId, snapshot: &Snapshot) -> Option<Self> {
        let Shape { shape } = serde_json::from_slice(&snapshot.body).ok()?;
        if shape != SHAPE {
            return None;
        }
        let Shaped { state, .. } = serde_json::from_slice(&snapshot.body).ok()?;
        Some(Self {
            chain: HashChain::from(room.clone(), snapshot.head),
            room: room.clone(),
            state,
        })
    }

    /// Folds the next record; gives the event that it holds.
    pub fn take(&mut self, record: &Record) -> Result<RoomLogEvent, RecoveryError> {
        self.chain
            .verify(record)
            .map_err(|record| self.corrupt(record))?;
        let event: RoomLogEvent =
            serde_json::from_slice(&record.body).map_err(|error| RecoveryError::Unknown {
                room: self.room.clone(),
                seq: record.seq,
                error,
            })?;
        self.state.apply(&event);
        Ok(event)
    }

    /// The state as a snapshot keeps it; the same state gives the same bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot(&self.state)
    }

    fn corrupt(&self, record: CorruptRecord) -> RecoveryError {
        RecoveryError::Read {
            room: self.room.clone(),
            error: record.into(),
        }
    }
}

/// A state as a snapshot keeps it.
pub(crate) fn snapshot(state: &RoomState) -> Vec<u8> {
    let shaped = Shaped {
        shape: SHAPE,
        state,
    };
    // Maps with names for keys, and no type of ours refuses to be written; an empty snapshot is never read.
    serde_json::to_vec(&shaped).unwrap_or_default()
}

/// Where a room goes on.
pub(crate) struct Recovered {
    pub(crate) state: RoomState,
    /// The events since the snapshot.
    pub(crate) tail: Vec<(RoomLogEvent, Record)>,
    /// When its server was last known to be alive.
    pub(crate) alive: Moment,
    /// Whether nothing of the room is kept yet, not even how it began.
    pub(crate) is_new: bool,
    /// The last event in the latest snapshot.
    pub(crate) snapshot: Seq,
}

/// Folds a room's log: from its latest snapshot if that can be read, else from the first, else from the very beginning.
pub(crate) async fn recover(
    config: &RoomConfig,
    log: &dyn Log,
) -> Result<Recovered, RecoveryError> {
    let room = &config.id;
    let read = |error| RecoveryError::Read {
        room: room.clone(),
        error,
    };
    let Recovery {
        head,
        first,
        latest,
        last_alive: alive,
    } = log.recover(room.clone()).await.map_err(read)?;
    let is_new = first.is_none();
    let mut fold = [latest, first]
        .iter()
        .flatten()
        .find_map(|snapshot| Fold::from_snapshot(room, snapshot))
        .unwrap_or_else(|| Fold::new(config));
    let snapshot = fold.state.seq;
    let mut tail = Vec::new();
    while fold.state.seq < head.seq {
        let page = log
            .read(room.clone(), fold.state.seq, PAGE)
            .await
            .map_err(read)?;
        if page.is_empty() {
            break;
        }
        for record in page {
            let event = fold.take(&record)?;
            tail.push((event, record));
        }
    }
    fold.chain
        .verify_end(&head)
        .map_err(|record| fold.corrupt(record))?;
    Ok(Recovered {
        state: fold.state,
        tail,
        alive,
        is_new,
        snapshot,
    })
}
