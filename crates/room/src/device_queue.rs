//! The queue of one device: everything that its connection sends, in one order.
//!
//! Its producers never wait. Each class of messages has its own bound and its own answer to a reader that falls behind:
//!
//! | class | producer | bound | when full |
//! |---|---|---|---|
//! | replies | the room, and the connection itself | [`MAX_PENDING_REPLIES`] | the connection stops reading from its client |
//! | events | the room | [`MAX_QUEUED_EVENT_BATCHES`] | the device is closed with 4429: it would miss an event |
//! | signals | the room, for another participant | [`MAX_QUEUED_SIGNALS`] | the signal is refused to its sender |
//! | state | the room and the media plane | one for each [`StateKey`] | the new value replaces the queued one |
//!
//! A reply follows the events of its command, because the room queues those first. A state value keeps the place in the
//! queue of the value that it replaces. Every class is an entry of one channel; only state takes a lock.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use plenary_protocol::{CloseCode, CommandId, CommandResult, Problem};
use tokio::sync::mpsc;

/// How many replies a device may wait for before its messages are left unread. A client that keeps to the rate limit
/// comes near it only if the disk stands still for seconds.
pub const MAX_PENDING_REPLIES: usize = 256;
/// How many batches of events a device may fall behind.
pub const MAX_QUEUED_EVENT_BATCHES: usize = 512;
/// How many relayed signals may wait for a device.
pub const MAX_QUEUED_SIGNALS: usize = 64;
/// How long a relayed signal may be, so that those that wait for a device stay below a few megabytes.
pub const MAX_SIGNAL_BYTES: usize = 64 * 1024;

/// A message for one device.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// The events of one batch, a text frame each, shared by all their readers.
    Events(Arc<[Bytes]>),
    /// The result of a command.
    Reply(CommandId, CommandResult),
    /// The refusal of a message that was no command.
    Problem(Problem),
    /// A text frame: a relayed signal, an answer that the connection wrote itself, or a state value.
    Text(Bytes),
    /// This device publishes from now on, or no longer.
    Publishing(bool),
}

/// State of which only the latest value matters to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKey {
    /// What each slot of its media session carries.
    Slots,
    /// How loud its microphone is.
    Level,
    /// What is received of its sources.
    Received,
    /// Who speaks in the room.
    Speaking,
    /// The side talks that it may see.
    Talks,
    /// That its media session has ended, and why.
    MediaEnded,
}

#[derive(Debug)]
enum Entry {
    Events(Arc<[Bytes]>),
    Signal(Bytes),
    Reply(
        Outgoing,
        #[expect(dead_code, reason = "counts until it is dropped")] ReplyPermit,
    ),
    /// The value is in [`Shared::state`].
    State(StateKey),
    /// The latest value is in [`Shared::state`].
    Publishing,
    /// Wakes the connection to read [`Shared::closed`].
    End,
}

/// The bounds and the latest state, which both ends share.
#[derive(Debug, Default)]
struct Shared {
    closed: OnceLock<CloseCode>,
    event_batches: AtomicUsize,
    signals: AtomicUsize,
    replies: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    slots: Option<Bytes>,
    level: Option<Bytes>,
    received: Option<Bytes>,
    speaking: Option<Bytes>,
    talks: Option<Bytes>,
    media_ended: Option<Bytes>,
    publishing: bool,
    is_publishing_queued: bool,
}

impl State {
    fn value(&mut self, key: StateKey) -> &mut Option<Bytes> {
        match key {
            StateKey::Slots => &mut self.slots,
            StateKey::Level => &mut self.level,
            StateKey::Received => &mut self.received,
            StateKey::Speaking => &mut self.speaking,
            StateKey::Talks => &mut self.talks,
            StateKey::MediaEnded => &mut self.media_ended,
        }
    }
}

impl Shared {
    /// No code panics while it holds the lock, so a poisoned state is whole too.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new queue; `publishing` is what its device starts with.
pub(crate) fn device_queue(publishing: bool) -> (DeviceSender, Outbox) {
    let (queue, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    shared.state().publishing = publishing;
    let handle = DeviceHandle {
        queue: queue.downgrade(),
        shared: Arc::clone(&shared),
    };
    let outbox = Outbox {
        queue: receiver,
        handle,
    };
    (DeviceSender { queue, shared }, outbox)
}

/// The room's end. The queue ends, once it is read, when the room has dropped its end and every pending reply is sent.
#[derive(Debug, Clone)]
pub(crate) struct DeviceSender {
    queue: mpsc::UnboundedSender<Entry>,
    shared: Arc<Shared>,
}

/// The signal queue of a device is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignalsFull;

impl DeviceSender {
    /// Queues the events of a batch. If the device has fallen too far behind it is closed, and the result is false.
    pub(crate) fn send_events(&self, events: Arc<[Bytes]>) -> bool {
        let queued = self.shared.event_batches.fetch_add(1, Ordering::Relaxed);
        if queued >= MAX_QUEUED_EVENT_BATCHES {
            let _ = self.shared.closed.set(CloseCode::RateLimited);
            return false;
        }
        self.queue.send(Entry::Events(events)).is_ok()
    }

    /// Whether nobody reads the queue any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed() || self.shared.closed.get().is_some()
    }

    /// Whether one more signal can be queued. Only the room adds signals, so the answer holds until it does.
    pub(crate) fn check_signals(&self) -> Result<(), SignalsFull> {
        if self.shared.signals.load(Ordering::Relaxed) >= MAX_QUEUED_SIGNALS {
            return Err(SignalsFull);
        }
        Ok(())
    }

    /// Queues a relayed signal.
    pub(crate) fn send_signal(&self, text: Bytes) {
        self.shared.signals.fetch_add(1, Ordering::Relaxed);
        let _ = self.queue.send(Entry::Signal(text));
    }

    /// Queues a state value as a text frame, in place of an unsent one.
    pub(crate) fn push_state(&self, key: StateKey, text: Bytes) {
        let replaced = self.shared.state().value(key).replace(text);
        if replaced.is_none() {
            let _ = self.queue.send(Entry::State(key));
        }
    }

    /// Announces whether the device publishes. The room's device record decides it, and nothing else calls this.
    pub(crate) fn set_publishing(&self, publishing: bool) {
        let mut state = self.shared.state();
        state.publishing = publishing;
        if !std::mem::replace(&mut state.is_publishing_queued, true) {
            let _ = self.queue.send(Entry::Publishing);
        }
    }

    /// Ends the queue with a code; the connection still sends what is queued.
    pub(crate) fn close(self, code: CloseCode) {
        let _ = self.shared.closed.set(code);
    }
}

/// The receiving end of the queue, held by the device's connection.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::UnboundedReceiver<Entry>,
    handle: DeviceHandle,
}

impl Outbox {
    /// The next message, or the code to close with. May be dropped at any point without losing a message.
    pub async fn next(&mut self) -> Result<Outgoing, CloseCode> {
        let shared = &self.handle.shared;
        loop {
            // A reader that was too slow would not read the rest of the queue in time either.
            if shared.closed.get() == Some(&CloseCode::RateLimited) {
                return Err(CloseCode::RateLimited);
            }
            let entry = self.queue.recv().await;
            return match entry {
                Some(Entry::Events(events)) => {
                    shared.event_batches.fetch_sub(1, Ordering::Relaxed);
                    Ok(Outgoing::Events(events))
                }
                Some(Entry::Signal(text)) => {
                    shared.signals.fetch_sub(1, Ordering::Relaxed);
                    Ok(Outgoing::Text(text))
                }
                Some(Entry::Reply(reply, _)) => Ok(reply),
                Some(Entry::State(key)) => match shared.state().value(key).take() {
                    Some(text) => Ok(Outgoing::Text(text)),
                    None => continue,
                },
                Some(Entry::Publishing) => {
                    let mut state = shared.state();
                    state.is_publishing_queued = false;
                    Ok(Outgoing::Publishing(state.publishing))
                }
                Some(Entry::End) | None => {
                    Err(shared.closed.get().copied().unwrap_or(CloseCode::Draining))
                }
            };
        }
    }

    /// Whether the device publishes, as the room has announced it last.
    pub fn is_publishing(&self) -> bool {
        self.handle.is_publishing()
    }

    /// Whether the device may send another message.
    pub fn has_reply_capacity(&self) -> bool {
        self.handle.shared.replies.load(Ordering::Relaxed) < MAX_PENDING_REPLIES
    }

    /// Reserves the place of one reply, before the message that it answers is handled. None if the room has ended.
    pub fn reserve_reply(&self) -> Option<ReplySlot> {
        let queue = self.handle.queue.upgrade()?;
        self.handle.shared.replies.fetch_add(1, Ordering::Relaxed);
        Some(ReplySlot {
            queue,
            permit: ReplyPermit(Arc::clone(&self.handle.shared)),
        })
    }

    /// The queue for everybody but the room.
    pub fn handle(&self) -> DeviceHandle {
        self.handle.clone()
    }
}

/// The reserved place of one reply. A dropped slot sends nothing and frees the place.
#[derive(Debug)]
#[must_use]
pub struct ReplySlot {
    queue: mpsc::UnboundedSender<Entry>,
    permit: ReplyPermit,
}

impl ReplySlot {
    /// Queues the reply, behind all that was queued before.
    pub fn send(self, reply: Outgoing) {
        let _ = self.queue.send(Entry::Reply(reply, self.permit));
    }
}

/// One of [`MAX_PENDING_REPLIES`], until the connection takes the reply out of the queue.
#[derive(Debug)]
struct ReplyPermit(Arc<Shared>);

impl Drop for ReplyPermit {
    fn drop(&mut self) {
        self.0.replies.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The queue as the media plane and the registry of sessions hold it. It does not keep the queue open.
#[derive(Debug, Clone)]
pub struct DeviceHandle {
    queue: mpsc::WeakUnboundedSender<Entry>,
    shared: Arc<Shared>,
}

impl DeviceHandle {
    /// Queues a state value as a text frame, in place of an unsent one. It never waits.
    pub fn push_state(&self, key: StateKey, text: Bytes) {
        let replaced = self.shared.state().value(key).replace(text);
        if replaced.is_none()
            && let Some(queue) = self.queue.upgrade()
        {
            let _ = queue.send(Entry::State(key));
        }
    }

    /// Closes the device with a code once its queue is sent. The first code wins.
    pub fn close(&self, code: CloseCode) {
        if self.shared.closed.set(code).is_ok()
            && let Some(queue) = self.queue.upgrade()
        {
            let _ = queue.send(Entry::End);
        }
    }

    /// Whether the device is closed, or about to be.
    pub fn is_closed(&self) -> bool {
        self.shared.closed.get().is_some()
    }

    /// Whether the device publishes, as the room has announced it last.
    pub fn is_publishing(&self) -> bool {
        self.shared.state().publishing
    }

    /// Whether both are the queue of the same connection.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use plenary_protocol::{Code, CommandOutput};
    use serde_json::json;

    use super::*;

    fn text(number: usize) -> Bytes {
        Bytes::from(number.to_string())
    }

    fn event(number: usize) -> Arc<[Bytes]> {
        [text(number)].into()
    }

    fn id(name: &str) -> CommandId {
        CommandId::new(name).unwrap()
    }

    fn drain(outbox: &mut Outbox) -> Vec<Outgoing> {
        std::iter::from_fn(|| outbox.next().now_or_never()?.ok()).collect()
    }

    #[test]
    fn every_class_leaves_in_the_order_in_which_it_was_queued() {
        let (room, mut outbox) = device_queue(false);
        let slot = outbox.reserve_reply().unwrap();
        room.send_events(event(1));
        slot.send(Outgoing::Reply(
            id("a"),
            Ok(CommandOutput::Stored(json!({}))),
        ));
        outbox.handle().push_state(StateKey::Slots, text(2));
        room.send_signal(text(3));
        room.set_publishing(true);
        room.send_events(event(4));
        let expected = [
            Outgoing::Events(event(1)),
            Outgoing::Reply(id("a"), Ok(CommandOutput::Stored(json!({})))),
            Outgoing::Text(text(2)),
            Outgoing::Text(text(3)),
            Outgoing::Publishing(true),
            Outgoing::Events(event(4)),
        ];
        assert_eq!(drain(&mut outbox), expected);
    }

    #[test]
    fn a_state_value_replaces_the_queued_one_and_keeps_its_place() {
        let (room, mut outbox) = device_queue(false);
        let media = outbox.handle();
        for number in 0..10_000 {
            media.push_state(StateKey::Slots, text(number));
            media.push_state(StateKey::Level, text(number));
            room.set_publishing(number % 2 == 0);
        }
        room.send_events(event(0));
        let expected = [
            Outgoing::Text(text(9_999)),
            Outgoing::Text(text(9_999)),
            Outgoing::Publishing(false),
            Outgoing::Events(event(0)),
        ];
        assert_eq!(drain(&mut outbox), expected);
        media.push_state(StateKey::Slots, text(1));
        assert_eq!(drain(&mut outbox), [Outgoing::Text(text(1))]);
    }

    #[test]
    fn signals_are_refused_at_their_own_bound_and_take_no_place_of_events() {
        let (room, mut outbox) = device_queue(false);
        while room.check_signals().is_ok() {
            room.send_signal(text(0));
        }
        for number in 0..MAX_QUEUED_EVENT_BATCHES {
            assert!(room.send_events(event(number)));
        }
        let queued = drain(&mut outbox);
        assert_eq!(queued.len(), MAX_QUEUED_SIGNALS + MAX_QUEUED_EVENT_BATCHES);
        assert_eq!(room.check_signals(), Ok(()));
    }

    #[test]
    fn a_device_that_would_miss_an_event_is_closed_at_once() {
        let (room, mut outbox) = device_queue(false);
        for number in 0..MAX_QUEUED_EVENT_BATCHES {
            assert!(room.send_events(event(number)));
        }
        assert!(!room.send_events(event(0)));
        assert!(room.is_closed());
        assert_eq!(
            outbox.next().now_or_never(),
            Some(Err(CloseCode::RateLimited))
        );
    }

    #[test]
    fn replies_have_capacity_again_once_they_are_read_or_given_up() {
        let (_room, mut outbox) = device_queue(false);
        let mut slots = Vec::new();
        while outbox.has_reply_capacity() {
            slots.push(outbox.reserve_reply().unwrap());
        }
        assert_eq!(slots.len(), MAX_PENDING_REPLIES);
        drop(slots.pop());
        assert!(outbox.has_reply_capacity());
        slots.push(outbox.reserve_reply().unwrap());
        let refused = Problem::new(Code::Invalid, "No.");
        slots
            .pop()
            .unwrap()
            .send(Outgoing::Problem(refused.clone()));
        assert!(!outbox.has_reply_capacity(), "it is still queued");
        assert_eq!(drain(&mut outbox), [Outgoing::Problem(refused)]);
        assert!(outbox.has_reply_capacity());
    }

    #[test]
    fn the_queue_ends_after_the_room_and_the_last_reply() {
        let (room, mut outbox) = device_queue(false);
        let slot = outbox.reserve_reply().unwrap();
        room.send_events(event(1));
        room.close(CloseCode::Forbidden);
        assert_eq!(drain(&mut outbox), [Outgoing::Events(event(1))]);
        assert_eq!(outbox.next().now_or_never(), None, "a reply is pending");
        slot.send(Outgoing::Reply(
            id("a"),
            Ok(CommandOutput::Stored(json!({}))),
        ));
        assert_eq!(drain(&mut outbox).len(), 1);
        assert_eq!(
            outbox.next().now_or_never(),
            Some(Err(CloseCode::Forbidden))
        );
    }

    #[test]
    fn the_first_close_code_wins_and_ends_a_queue_that_the_room_keeps_open() {
        let (_room, mut outbox) = device_queue(false);
        outbox.handle().close(CloseCode::Unauthorized);
        outbox.handle().close(CloseCode::Draining);
        assert_eq!(
            outbox.next().now_or_never(),
            Some(Err(CloseCode::Unauthorized))
        );
    }
}
