//! The state that the writer's thread and its callers share.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use plenary_ids::RoomId;
use tokio::sync::watch;

use crate::{Append, Head, health::CommitMonitor, reply_index::ReplyIndex};

#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) monitor: CommitMonitor,
    pub(crate) replies: ReplyIndex,
    ends: Mutex<HashMap<RoomId, LogEnd>>,
}

/// The end of a room's log.
#[derive(Debug)]
struct LogEnd {
    /// The head of the durable records.
    durable: watch::Sender<Head>,
    /// The head that the log has once the writer has committed all queued appends.
    queued: Head,
}

impl Shared {
    pub(crate) fn new(replies: ReplyIndex) -> Self {
        Self {
            replies,
            ..Self::default()
        }
    }

    /// Announces a new durable head.
    pub(crate) fn set_durable_head(&self, room: &RoomId, head: Head) {
        self.with_end(room, |end| end.durable.send_replace(head));
    }

    pub(crate) fn watch_durable_head(&self, room: &RoomId) -> watch::Receiver<Head> {
        self.with_end(room, |end| end.durable.subscribe())
    }

    /// The head at the sequence number that an append expects: the queued one or the durable one. If it is
    /// neither, the writer refuses the append.
    pub(crate) fn expected_head(&self, append: &Append) -> Head {
        self.with_end(&append.room, |end| {
            let durable = *end.durable.borrow();
            [end.queued, durable]
                .into_iter()
                .find(|head| head.seq == append.after)
                .unwrap_or(Head {
                    seq: append.after,
                    ..durable
                })
        })
    }

    pub(crate) fn set_queued_head(&self, room: &RoomId, head: Head) {
        self.with_end(room, |end| end.queued = head);
    }

    fn with_end<T>(&self, room: &RoomId, act: impl FnOnce(&mut LogEnd) -> T) -> T {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(end) = ends.get_mut(room) {
            return act(end);
        }
        let queued = Head::empty(room);
        let durable = watch::Sender::new(queued);
        act(ends
            .entry(room.clone())
            .or_insert(LogEnd { durable, queued }))
    }
}
