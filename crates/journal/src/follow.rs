//! Reading a log as it grows.

use std::sync::Arc;

use plenary_ids::{RoomId, Seq};
use tokio::sync::watch;

use crate::{Head, Log, ReadError, Record};

/// How many records one read fetches at most.
const PAGE_RECORDS: usize = 1024;

/// The records of a room after a sequence number: first the recorded ones, then each new one once it is durable.
#[derive(Debug)]
pub struct Follow {
    log: Arc<dyn Log>,
    room: RoomId,
    after: Seq,
    head: watch::Receiver<Head>,
}

impl Follow {
    /// Follows a room's log from after that sequence number.
    pub fn new(log: Arc<dyn Log>, room: RoomId, after: Seq) -> Self {
        let head = log.head(&room);
        Self {
            log,
            room,
            after,
            head,
        }
    }

    /// Waits for the next records and returns at least one; returns none once the log is closed.
    pub async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        let after = self.after;
        if self.head.wait_for(|head| head.seq > after).await.is_err() {
            return Ok(Vec::new());
        }
        let records = self
            .log
            .read(self.room.clone(), after, PAGE_RECORDS)
            .await?;
        if let Some(last) = records.last() {
            self.after = last.seq;
        }
        Ok(records)
    }
}
