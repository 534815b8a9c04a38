//! Recovery of a room from its log: its state is the fold of all its events.

use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{
    AppendError, CorruptRecord, HashChain, Head, Log, ReadError, Record, Recovery, Snapshot,
};
use serde::{Deserialize, Serialize};

use crate::{
    RoomConfig, RoomLogEvent,
    state::{RoomState, SHAPE},
};

/// How many records one read of the log returns.
const PAGE_RECORDS: usize = 1024;

/// Why a room cannot be recovered.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum RecoveryError {
    /// Its log cannot be read, or was altered.
    #[error("the room {room} cannot be recovered: {error}")]
    Read { room: RoomId, error: ReadError },
    /// Its log cannot be written.
    #[error("the room {room} cannot continue: {error}")]
    Write { room: RoomId, error: AppendError },
    /// A record is intact, but this version cannot read its content.
    #[error("record {} of the room {room} cannot be read ({error}); a newer Plenary may have written it", .seq.0)]
    Unknown {
        room: RoomId,
        seq: Seq,
        error: serde_json::Error,
    },
}

/// A room's state, folded from its log up to some record.
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

/// The version alone, because a state of another version may not be readable.
#[derive(Deserialize)]
struct Shape {
    shape: u32,
}

impl Fold {
    /// The state before the first record, from the conference file.
    pub fn new(config: &RoomConfig) -> Self {
        Self {
            chain: HashChain::from(config.id.clone(), Head::empty(&config.id)),
            room: config.id.clone(),
            state: RoomState::new(config),
        }
    }

    /// The state of a snapshot; none if another version of Plenary wrote it.
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

    /// Folds the next record, and returns its event.
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

    /// The state as a snapshot stores it. Equal states give equal bytes.
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

/// A state as a snapshot stores it.
pub(crate) fn snapshot(state: &RoomState) -> Vec<u8> {
    let shaped = Shaped {
        shape: SHAPE,
        state,
    };
    // All maps have string keys and no type of ours fails to serialize; an empty snapshot would never be read.
    serde_json::to_vec(&shaped).unwrap_or_default()
}

/// The state from which a room continues after a start.
pub(crate) struct Recovered {
    pub(crate) state: RoomState,
    /// The events since the snapshot.
    pub(crate) tail: Vec<(RoomLogEvent, Record)>,
    /// When its server last recorded that it was alive.
    pub(crate) alive: Moment,
    /// Whether the log has nothing of the room yet, not even a snapshot of its beginning.
    pub(crate) is_new: bool,
    /// The last event in the latest snapshot.
    pub(crate) snapshot: Seq,
}

/// Folds a room's log, from its latest snapshot if that can be read, else from the first, else from the first record.
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
            .read(room.clone(), fold.state.seq, PAGE_RECORDS)
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
