//! Events as they are folded, retained and sent.

use bytes::Bytes;
use plenary_ids::Moment;
use plenary_protocol::{Event, Hidden, RoomEvent};

use super::Room;
use crate::{Body, Member, RoomLogEvent, event::serialized};

/// How many events the room retains for devices that return.
const RETAINED_EVENTS: usize = 4096;

/// An event and its serialized form, which is recorded and sent.
pub(super) struct EncodedEvent {
    pub(super) event: RoomLogEvent,
    /// For readers who may see it.
    pub(super) full: Bytes,
    /// For the other readers, where some may not see it.
    hidden: Option<Bytes>,
}

impl Room {
    /// Emits events: they are folded at once, and recorded and announced with the batch.
    pub(super) fn emit(&mut self, bodies: Vec<Body>) {
        self.emit_at(bodies, self.now());
    }

    /// The same at a moment of which something else is to be recorded too.
    pub(super) fn emit_at(&mut self, bodies: Vec<Body>, at: Moment) {
        for body in bodies {
            let seq = self.state.seq.next();
            self.fold(Event { seq, at, body });
        }
    }

    /// Records what the conference file says, if the log says something else or nothing. It comes before the first arrival
    /// or command under that file, so that names, cities and classes are recorded as they were when something happened.
    pub(super) fn record_facts(&mut self) {
        if self.state.facts.as_ref() != Some(&self.facts) {
            let facts = Box::new((*self.config.facts).clone());
            self.emit(vec![Body::Room(RoomEvent::FactsRecorded { facts })]);
        }
    }

    /// Keeps an announced event for devices that return.
    pub(super) fn retain(&mut self, event: EncodedEvent) {
        self.events.push_back(event);
        if self.events.len() > RETAINED_EVENTS {
            self.events.pop_front();
        }
    }
}

impl EncodedEvent {
    /// Serializes an event: once, or twice if some may not see it.
    pub(super) fn new(event: RoomLogEvent) -> Self {
        let full = serialized(serde_json::to_vec(&event));
        Self::with_text(event, full)
    }

    /// An event whose serialized form is known.
    pub(super) fn with_text(event: RoomLogEvent, full: Bytes) -> Self {
        let hidden = (!event.body.is_visible_to_all()).then(|| {
            serialized(serde_json::to_vec(&Event {
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

    /// The form that every reader gets, if there is only one.
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
