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
//! queue of the value that it replaces. Events of the roster may be queued without a wake: the connection finds them when
//! it is woken next, by the room or by anything else that is queued.
//!
//! It is no channel of tokio, because those keep room for 32 entries each, and wake their reader for each entry.

mod event_batch;

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use plenary_protocol::{CloseCode, CommandId, CommandResult, Problem};

pub use event_batch::{EventBatch, EventForm};

/// How many replies a device may wait for before its messages are left unread. A client that keeps to the rate limit
/// comes near it only if the disk stands still for seconds.
pub const MAX_PENDING_REPLIES: usize = 256;
/// How many batches of events a device may fall behind.
pub const MAX_QUEUED_EVENT_BATCHES: usize = 512;
/// How many relayed signals may wait for a device.
pub const MAX_QUEUED_SIGNALS: usize = 64;
/// How long a relayed signal may be, so that those that wait for a device stay below a few megabytes.
pub const MAX_SIGNAL_BYTES: usize = 64 * 1024;

/// How many batches may be queued without a wake. A room that records faster than its connections are woken must not make
/// slow readers of them.
const MAX_UNWOKEN_BATCHES: usize = 64;
/// An empty queue with more places than this gives its memory back.
const MAX_IDLE_PLACES: usize = 16;

/// A message for one device.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// The events of one batch, shared by all their readers.
    Events(Arc<EventBatch>),
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

/// Whether the reader learns at once that something was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    Now,
    /// The room wakes it soon.
    Later,
}

/// Large entries are boxed, so that the places of a queue are small.
#[derive(Debug)]
enum Entry {
    Events(Arc<EventBatch>),
    Signal(Bytes),
    Reply(Box<Outgoing>),
    /// The value is in [`Queue::state`].
    State(StateKey),
    /// The latest value is in [`Queue::state`].
    Publishing,
    /// Has the connection read [`Queue::closed`].
    End,
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    /// The reader that waits.
    waker: Option<Waker>,
    /// The room's ends and the pending replies. Without any the queue ends once it is read.
    writers: usize,
    is_read: bool,
    closed: Option<CloseCode>,
    event_batches: usize,
    signals: usize,
    replies: usize,
    state: State,
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

impl Queue {
    /// Takes the next entry that has something to send.
    fn take(&mut self) -> Option<Outgoing> {
        loop {
            return Some(match self.entries.pop_front()? {
                Entry::Events(events) => {
                    self.event_batches -= 1;
                    Outgoing::Events(events)
                }
                Entry::Signal(text) => {
                    self.signals -= 1;
                    Outgoing::Text(text)
                }
                Entry::Reply(reply) => {
                    self.replies -= 1;
                    *reply
                }
                Entry::State(key) => match self.state.value(key).take() {
                    Some(text) => Outgoing::Text(text),
                    None => continue,
                },
                Entry::Publishing => {
                    self.state.is_publishing_queued = false;
                    Outgoing::Publishing(self.state.publishing)
                }
                Entry::End => {
                    self.entries.push_front(Entry::End);
                    return None;
                }
            });
        }
    }

    /// The code to close with, if nothing is left to be sent.
    fn end(&self) -> Option<CloseCode> {
        let ended = matches!(self.entries.front(), Some(Entry::End))
            || (self.entries.is_empty() && self.writers == 0);
        ended.then(|| self.closed.unwrap_or(CloseCode::Draining))
    }
}

/// The queue as both of its ends have it.
#[derive(Debug, Default)]
struct Shared(Mutex<Queue>);

impl Shared {
    /// No code panics while it holds the lock, so a poisoned queue is whole too.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the queue, then wakes its reader if it is asked to.
    fn change(&self, change: impl FnOnce(&mut Queue) -> Wake) {
        let mut queue = self.queue();
        let waker = match change(&mut queue) {
            Wake::Now => queue.waker.take(),
            Wake::Later => None,
        };
        drop(queue);
        // Woken without the lock, which the reader takes first.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Queues a state value, in place of an unsent one.
    fn push_state(&self, key: StateKey, text: Bytes) {
        self.change(|queue| {
            let replaced = queue.state.value(key).replace(text);
            if replaced.is_none() && queue.is_read {
                queue.entries.push_back(Entry::State(key));
            }
            Wake::Now
        });
    }
}

/// A new queue; `publishing` is what its device starts with.
pub(crate) fn device_queue(publishing: bool) -> (DeviceSender, Outbox) {
    let shared = Arc::new(Shared::default());
    shared.queue().is_read = true;
    shared.queue().state.publishing = publishing;
    let outbox = Outbox(DeviceHandle {
        shared: Arc::clone(&shared),
    });
    (DeviceSender(Arc::new(Writer::new(shared))), outbox)
}

/// Keeps the queue open.
#[derive(Debug)]
struct Writer(Arc<Shared>);

impl Writer {
    fn new(shared: Arc<Shared>) -> Self {
        shared.queue().writers += 1;
        Self(shared)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.change(|queue| {
            queue.writers -= 1;
            if queue.writers == 0 {
                Wake::Now
            } else {
                Wake::Later
            }
        });
    }
}

/// The room's end. The queue ends, once it is read, when the room has dropped its end and every pending reply is sent.
#[derive(Debug, Clone)]
pub(crate) struct DeviceSender(Arc<Writer>);

/// The signal queue of a device is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignalsFull;

impl DeviceSender {
    fn shared(&self) -> &Shared {
        &self.0.0
    }

    /// Queues the events of a batch. If the device has fallen too far behind it is closed, and the result is false.
    pub(crate) fn send_events(&self, events: Arc<EventBatch>, wake: Wake) -> bool {
        let mut is_queued = false;
        self.shared().change(|queue| {
            if queue.event_batches >= MAX_QUEUED_EVENT_BATCHES {
                queue.closed.get_or_insert(CloseCode::RateLimited);
                return Wake::Now;
            }
            if !queue.is_read {
                return Wake::Later;
            }
            is_queued = true;
            queue.event_batches += 1;
            queue.entries.push_back(Entry::Events(events));
            if queue.event_batches > MAX_UNWOKEN_BATCHES {
                Wake::Now
            } else {
                wake
            }
        });
        is_queued
    }

    /// Wakes the reader, if something is queued.
    pub(crate) fn wake(&self) {
        self.shared().change(|queue| {
            if queue.entries.is_empty() {
                Wake::Later
            } else {
                Wake::Now
            }
        });
    }

    /// Whether nobody reads the queue any more.
    pub(crate) fn is_closed(&self) -> bool {
        let queue = self.shared().queue();
        !queue.is_read || queue.closed.is_some()
    }

    /// Whether one more signal can be queued. Only the room adds signals, so the answer holds until it does.
    pub(crate) fn check_signals(&self) -> Result<(), SignalsFull> {
        if self.shared().queue().signals >= MAX_QUEUED_SIGNALS {
            return Err(SignalsFull);
        }
        Ok(())
    }

    /// Queues a relayed signal.
    pub(crate) fn send_signal(&self, text: Bytes) {
        self.shared().change(|queue| {
            queue.signals += 1;
            queue.entries.push_back(Entry::Signal(text));
            Wake::Now
        });
    }

    /// Queues a state value as a text frame, in place of an unsent one.
    pub(crate) fn push_state(&self, key: StateKey, text: Bytes) {
        self.shared().push_state(key, text);
    }

    /// Announces whether the device publishes. The room's device record decides it, and nothing else calls this.
    pub(crate) fn set_publishing(&self, publishing: bool) {
        self.shared().change(|queue| {
            queue.state.publishing = publishing;
            if !std::mem::replace(&mut queue.state.is_publishing_queued, true) {
                queue.entries.push_back(Entry::Publishing);
            }
            Wake::Now
        });
    }

    /// Ends the queue with a code; the connection still sends what is queued.
    pub(crate) fn close(self, code: CloseCode) {
        self.shared().queue().closed.get_or_insert(code);
    }
}

/// The receiving end of the queue, held by the device's connection.
#[derive(Debug)]
pub struct Outbox(DeviceHandle);

impl Outbox {
    /// The next message, or the code to close with. May be dropped at any point without losing a message.
    pub async fn next(&mut self) -> Result<Outgoing, CloseCode> {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&self, context: &Context<'_>) -> Poll<Result<Outgoing, CloseCode>> {
        let mut queue = self.0.shared.queue();
        // A reader that was too slow would not read the rest of the queue in time either.
        if queue.closed == Some(CloseCode::RateLimited) {
            return Poll::Ready(Err(CloseCode::RateLimited));
        }
        if let Some(outgoing) = queue.take() {
            return Poll::Ready(Ok(outgoing));
        }
        if let Some(code) = queue.end() {
            return Poll::Ready(Err(code));
        }
        if queue.entries.capacity() > MAX_IDLE_PLACES {
            queue.entries = VecDeque::new();
        }
        match &mut queue.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// The next message, if one is queued.
    pub fn take(&mut self) -> Option<Outgoing> {
        let mut queue = self.0.shared.queue();
        if queue.closed == Some(CloseCode::RateLimited) {
            return None;
        }
        queue.take()
    }

    /// Whether the device publishes, as the room has announced it last.
    pub fn is_publishing(&self) -> bool {
        self.0.is_publishing()
    }

    /// Whether the device may send another message.
    pub fn has_reply_capacity(&self) -> bool {
        self.0.shared.queue().replies < MAX_PENDING_REPLIES
    }

    /// Reserves the place of one reply, before the message that it answers is handled. None if the room has ended.
    pub fn reserve_reply(&self) -> Option<ReplySlot> {
        let shared = &self.0.shared;
        let mut queue = shared.queue();
        if queue.writers == 0 {
            return None;
        }
        queue.replies += 1;
        queue.writers += 1;
        drop(queue);
        Some(ReplySlot(Some(Arc::clone(shared))))
    }

    /// The queue for everybody but the room.
    pub fn handle(&self) -> DeviceHandle {
        self.0.clone()
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let mut queue = self.0.shared.queue();
        queue.is_read = false;
        let unread = std::mem::take(&mut queue.entries);
        drop(queue);
        drop(unread);
    }
}

/// The reserved place of one reply. A dropped slot sends nothing and frees the place.
#[derive(Debug)]
#[must_use]
pub struct ReplySlot(Option<Arc<Shared>>);

impl ReplySlot {
    /// Queues the reply, behind all that was queued before.
    pub fn send(mut self, reply: Outgoing) {
        if let Some(shared) = self.0.take() {
            shared.change(|queue| {
                queue.writers -= 1;
                queue.entries.push_back(Entry::Reply(Box::new(reply)));
                Wake::Now
            });
        }
    }
}

impl Drop for ReplySlot {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.change(|queue| {
                queue.writers -= 1;
                queue.replies -= 1;
                Wake::Now
            });
        }
    }
}

/// The queue as the media plane and the registry of sessions hold it. It does not keep the queue open.
#[derive(Debug, Clone)]
pub struct DeviceHandle {
    shared: Arc<Shared>,
}

impl DeviceHandle {
    /// Queues a state value as a text frame, in place of an unsent one. It never waits.
    pub fn push_state(&self, key: StateKey, text: Bytes) {
        self.shared.push_state(key, text);
    }

    /// Closes the device with a code once its queue is sent. The first code wins.
    pub fn close(&self, code: CloseCode) {
        self.shared.change(|queue| {
            if queue.closed.is_none() {
                queue.closed = Some(code);
                queue.entries.push_back(Entry::End);
            }
            Wake::Now
        });
    }

    /// Whether the device is closed, or about to be.
    pub fn is_closed(&self) -> bool {
        self.shared.queue().closed.is_some()
    }

    /// Whether the device publishes, as the room has announced it last.
    pub fn is_publishing(&self) -> bool {
        self.shared.queue().state.publishing
    }

    /// Whether both are the queue of the same connection.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

#[cfg(test)]
mod tests;
