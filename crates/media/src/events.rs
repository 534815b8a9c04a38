//! The reports of the engine about a session, on their way from the session's worker to its owner.
//!
//! Each session has a queue of its own, in which an event takes the place of an earlier one of its kind: every event is a
//! state, of which only the latest counts. So a queue never holds more than one event of each kind, and an owner that
//! does not listen delays no other session's events, and loses only events that are outdated.

use std::{
    collections::{HashMap, VecDeque},
    mem::discriminant,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::api::{MediaEvent, SessionId};

/// A queue for the events of one session.
pub(crate) fn channel() -> (EventSender, SessionEvents) {
    let shared = Arc::new(Shared::default());
    let sender = EventSender(Arc::clone(&shared));
    (sender, SessionEvents(shared))
}

/// The owner's end of a session's events.
#[derive(Debug)]
pub struct SessionEvents(Arc<Shared>);

/// The worker's end of a session's events.
#[derive(Debug)]
pub(crate) struct EventSender(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<MediaEvent>,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it is held, and a queue is sound after every step.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionEvents {
    /// The next event, the oldest first; none once the session has ended and every event was read.
    pub async fn next(&mut self) -> Option<MediaEvent> {
        loop {
            {
                let mut queue = self.0.lock();
                if let Some(event) = queue.events.pop_front() {
                    return Some(event);
                }
                if queue.closed {
                    return None;
                }
            }
            // A change since the look above has left a permit, so it is not missed.
            self.0.changed.notified().await;
        }
    }
}

impl EventSender {
    /// Reports an event in the place of an earlier one of its kind. It never waits.
    pub(crate) fn send(&self, event: MediaEvent) {
        let mut queue = self.0.lock();
        let kind = discriminant(&event);
        queue.events.retain(|earlier| discriminant(earlier) != kind);
        queue.events.push_back(event);
        drop(queue);
        self.0.changed.notify_one();
    }
}

impl Drop for EventSender {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_one();
    }
}

/// The senders of a worker's sessions.
#[derive(Debug, Default)]
pub(crate) struct Reporters(HashMap<SessionId, EventSender>);

impl Reporters {
    /// A queue for a session that has just joined.
    pub(crate) fn open(&mut self, session: SessionId) -> SessionEvents {
        let (sender, events) = channel();
        self.0.insert(session, sender);
        events
    }

    /// Closes the queue of a session that was ended from outside.
    pub(crate) fn close(&mut self, session: SessionId) {
        self.0.remove(&session);
    }

    /// Hands every event to its session's owner.
    pub(crate) fn dispatch(&mut self, events: impl Iterator<Item = (SessionId, MediaEvent)>) {
        for (session, event) in events {
            let is_last = matches!(event, MediaEvent::Disconnected { .. });
            if let Some(sender) = self.0.get(&session) {
                sender.send(event);
            }
            if is_last {
                self.close(session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::api::DisconnectReason;

    fn level(dbov: i8) -> MediaEvent {
        MediaEvent::Level { dbov }
    }

    /// Everything that is in a queue now.
    fn waiting(events: &mut SessionEvents) -> Vec<MediaEvent> {
        std::iter::from_fn(|| events.next().now_or_never().flatten()).collect()
    }

    #[test]
    fn the_latest_event_of_a_kind_takes_the_place_of_earlier_ones_and_kinds_keep_their_order() {
        let (sender, mut events) = channel();
        sender.send(level(-50));
        sender.send(MediaEvent::Flow { flows: true });
        sender.send(MediaEvent::Voice);
        sender.send(level(-30));
        sender.send(MediaEvent::Flow { flows: false });
        let expected = [
            MediaEvent::Voice,
            level(-30),
            MediaEvent::Flow { flows: false },
        ];
        assert_eq!(waiting(&mut events), expected);
        assert_eq!(waiting(&mut events), []);
    }

    #[tokio::test]
    async fn a_session_that_ends_is_told_of_and_then_its_queue_closes() {
        let mut reporters = Reporters::default();
        let id = SessionId::new(0, 1);
        let mut events = reporters.open(id);
        let told = tokio::spawn(async move { (events.next().await, events.next().await) });
        tokio::task::yield_now().await;
        let reason = DisconnectReason::Silence;
        reporters.dispatch([(id, MediaEvent::Disconnected { reason })].into_iter());
        let told = told.await.unwrap();
        assert_eq!(told, (Some(MediaEvent::Disconnected { reason }), None));
    }

    #[test]
    fn an_owner_that_does_not_listen_neither_delays_nor_displaces_the_events_of_others() {
        let mut reporters = Reporters::default();
        let [deaf, other] = [1, 2].map(|nth| SessionId::new(0, nth));
        let (mut of_deaf, mut of_other) = (reporters.open(deaf), reporters.open(other));
        for dbov in -100..-1 {
            reporters.dispatch([(deaf, level(dbov)), (other, level(dbov))].into_iter());
            assert_eq!(waiting(&mut of_other), [level(dbov)]);
        }
        assert_eq!(waiting(&mut of_deaf), [level(-2)], "only the latest counts");
        reporters.close(deaf);
        assert_eq!(of_deaf.next().now_or_never(), Some(None));
    }
}
