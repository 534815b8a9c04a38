use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use plenary_protocol::{Code, CommandOutput};
use serde_json::json;

use super::*;

fn text(number: usize) -> Bytes {
    Bytes::from(number.to_string())
}

fn event(number: usize) -> Arc<EventBatch> {
    EventBatch::new([text(number)])
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
    room.send_events(event(1), Wake::Now);
    slot.send(Outgoing::Reply(
        id("a"),
        Ok(CommandOutput::Stored(json!({}))),
    ));
    outbox.handle().push_state(StateKey::Slots, text(2));
    room.send_signal(text(3));
    room.set_publishing(true);
    room.send_events(event(4), Wake::Now);
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
    room.send_events(event(0), Wake::Now);
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
        assert!(room.send_events(event(number), Wake::Now));
    }
    let queued = drain(&mut outbox);
    assert_eq!(queued.len(), MAX_QUEUED_SIGNALS + MAX_QUEUED_EVENT_BATCHES);
    assert_eq!(room.check_signals(), Ok(()));
}

#[test]
fn a_device_that_would_miss_an_event_is_closed_at_once() {
    let (room, mut outbox) = device_queue(false);
    for number in 0..MAX_QUEUED_EVENT_BATCHES {
        assert!(room.send_events(event(number), Wake::Now));
    }
    assert!(!room.send_events(event(0), Wake::Now));
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
    room.send_events(event(1), Wake::Now);
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

/// Counts the wakes of a reader.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl std::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_may_wait_wakes_nobody_and_goes_out_before_what_is_queued_later() {
    let (room, mut outbox) = device_queue(false);
    let wakes = Arc::new(Wakes::default());
    let reader = Waker::from(Arc::clone(&wakes));
    let context = Context::from_waker(&reader);
    let wait = |outbox: &Outbox| assert!(outbox.poll_next(&context).is_pending());
    let count = || wakes.0.load(Ordering::Relaxed);

    wait(&outbox);
    room.wake();
    assert_eq!(count(), 0, "nothing is queued");
    room.send_events(event(1), Wake::Later);
    assert_eq!(count(), 0);
    room.send_signal(text(2));
    assert_eq!(count(), 1);
    let expected = [Outgoing::Events(event(1)), Outgoing::Text(text(2))];
    assert_eq!(drain(&mut outbox), expected);

    wait(&outbox);
    room.send_events(event(3), Wake::Later);
    room.wake();
    assert_eq!(count(), 2);
    assert_eq!(drain(&mut outbox), [Outgoing::Events(event(3))]);

    wait(&outbox);
    for number in 0..=MAX_UNWOKEN_BATCHES {
        assert_eq!(count(), 2);
        room.send_events(event(number), Wake::Later);
    }
    assert_eq!(
        count(),
        3,
        "a reader is woken long before it counts as slow"
    );
}

#[test]
fn a_batch_is_encoded_once_in_each_form_for_all_its_readers() {
    let batch = EventBatch::new([text(1), text(2)]);
    let joined = |texts: &[Bytes]| Bytes::from(texts.concat());
    assert_eq!(batch.encoded(EventForm::Single, joined), "12");
    let never = |_: &[Bytes]| -> Bytes { panic!("it was encoded already") };
    assert_eq!(batch.encoded(EventForm::Single, never), "12");
    assert_eq!(batch.encoded(EventForm::Together, |_| text(3)), "3");
}
