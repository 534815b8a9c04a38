//! What happens, as it is folded, kept and sent.

use bytes::Bytes;
use plenary_protocol::{Event, Hidden};

use super::Room;
use crate::{Body, Member, RoomLogEvent};

/// How many events are kept at hand.
const AT_HAND: usize = 4096;

/// An event as it is recorded and sent.
pub(super) struct Kept {
    pub(super) event: RoomLogEvent,
    /// For those who may see it.
    pub(super) full: Bytes,
    /// For the others, if there may be any.
    hidden: Option<Bytes>,
}

impl Room {
    /// Makes events happen: folded at once, recorded and told with the batch.
    pub(super) fn happen(&mut self, bodies: Vec<Body>) {
        let at = self.now();
        for body in bodies {
            let seq = self.state.seq.next();
            self.fold(Event { seq, at, body });
        }
    }

    pub(super) fn remember(&mut self, kept: Kept) {
        self.events.push_back(kept);
        if self.events.len() > AT_HAND {
            self.events.pop_front();
        }
    }
}

impl Kept {
    /// Writes an event: once, or twice if some may not see it.
    pub(super) fn write(event: RoomLogEvent) -> Self {
        let full = text(serde_json::to_vec(&event));
        Self::of(event, full)
    }

    /// An event that is written already.
    pub(super) fn of(event: RoomLogEvent, full: Bytes) -> Self {
        let hidden = (!event.body.is_visible_to_all()).then(|| {
            text(serde_json::to_vec(&Event {
                seq: event.seq,
                at: event.at,
                body: Hidden {},
            }))
        });
        Self {
            event,
            full,
            hidden,
        }
    }

    /// The form for everybody, where there is only one.
    pub(super) fn for_all(&self) -> Option<&Bytes> {
        self.hidden.is_none().then_some(&self.full)
    }

    pub(super) fn for_reader(&self, reader: &Member) -> Bytes {
        match &self.hidden {
            Some(hidden) if !self.event.body.is_visible_to(reader) => hidden.clone(),
            _ => self.full.clone(),
        }
    }
}

fn text(written: serde_json::Result<Vec<u8>>) -> Bytes {
    match written {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            tracing::error!(%error, "an event could not be written");
            Bytes::from_static(b"{}")
        }
    }
}
