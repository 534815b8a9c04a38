//! A person with two devices, of which at most one publishes. Rules of order, section 12.

use plenary_protocol::Code;
use plenary_room::{Caller, Outgoing, Preconditions, Sending};
use plenary_testkit::{
    person,
    room::{TestRoom, command},
};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn only_the_first_device_publishes_until_the_second_is_used() {
    let room = TestRoom::open();
    let mut laptop = room.join("tokyo-1").await;
    let mut phone = room.join("tokyo-1").await;
    assert!(laptop.publishing);
    assert!(!phone.publishing);
    assert_eq!(room.snapshot().await.participants.len(), 1);

    phone.execute("device.use", json!({})).await;
    assert_eq!(laptop.queued().await, [Outgoing::Publishing(false)]);
    assert_eq!(phone.queued().await, [Outgoing::Publishing(true)]);
}

#[tokio::test(start_paused = true)]
async fn the_old_device_is_told_to_stop_before_the_new_one_is_told_to_start() {
    let room = TestRoom::open();
    let laptop = room.join("tokyo-1").await;
    let phone = room.join("tokyo-1").await;
    let caller = phone.caller();
    // Waiting tasks are woken in the order of the queues.
    let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
    for mut device in [phone, laptop] {
        let told = told.clone();
        tokio::spawn(async move { told.send(device.outbox.next().await) });
    }
    let using = command("device.use", json!({}));
    let used = room
        .handle
        .command(caller, using, Preconditions::default())
        .await;
    assert!(used.is_ok());
    assert_eq!(order.recv().await, Some(Ok(Outgoing::Publishing(false))));
    assert_eq!(order.recv().await, Some(Ok(Outgoing::Publishing(true))));
}

#[tokio::test(start_paused = true)]
async fn publishing_handed_to_and_fro_reaches_a_late_reader_as_its_latest_value() {
    let room = TestRoom::open();
    let mut laptop = room.join("tokyo-1").await;
    let mut phone = room.join("tokyo-1").await;
    laptop.queued().await;
    for device in [&phone, &laptop, &phone, &laptop, &phone] {
        device.execute("device.use", json!({})).await;
        let publishing = [&laptop, &phone].map(|it| it.outbox.is_publishing());
        assert_eq!(publishing.iter().filter(|it| **it).count(), 1);
    }
    assert_eq!(laptop.queued().await, [Outgoing::Publishing(false)]);
    assert_eq!(phone.queued().await, [Outgoing::Publishing(true)]);
    let participants = room.snapshot().await.participants;
    assert!(participants[0].publishing, "derived from the devices");
}

#[tokio::test(start_paused = true)]
async fn a_person_stays_as_long_as_one_device_does() {
    let room = TestRoom::open();
    let laptop = room.join("tokyo-1").await;
    let phone = room.join("tokyo-1").await;
    laptop.disconnect().await;
    assert_eq!(room.presence("tokyo-1").await, "seated");
    phone.disconnect().await;
    assert_eq!(room.presence("tokyo-1").await, "away");
}

#[tokio::test(start_paused = true)]
async fn when_the_device_that_publishes_is_gone_the_only_one_left_takes_over() {
    let room = TestRoom::open();
    let laptop = room.join("tokyo-1").await;
    let mut phone = room.join("tokyo-1").await;
    laptop.disconnect().await;
    assert!(room.snapshot().await.participants[0].publishing);
    assert_eq!(phone.queued().await, [Outgoing::Publishing(true)]);

    let mut back = room.join("tokyo-1").await;
    assert!(!back.publishing, "never two streams");
    back.execute("device.use", json!({})).await;
    assert_eq!(phone.queued().await, [Outgoing::Publishing(false)]);
    assert_eq!(back.queued().await, [Outgoing::Publishing(true)]);
}

#[tokio::test(start_paused = true)]
async fn when_several_devices_are_left_the_person_chooses_the_publishing_one() {
    let room = TestRoom::open();
    let laptop = room.join("tokyo-1").await;
    let mut phone = room.join("tokyo-1").await;
    let mut tablet = room.join("tokyo-1").await;
    laptop.disconnect().await;
    assert!(!room.snapshot().await.participants[0].publishing);
    for device in [&mut phone, &mut tablet] {
        let queued = device.queued().await;
        assert!(!queued.contains(&Outgoing::Publishing(true)), "{queued:?}");
    }
    tablet.execute("device.use", json!({})).await;
    assert!(room.snapshot().await.participants[0].publishing);
}

#[tokio::test(start_paused = true)]
async fn a_command_to_publish_needs_a_device() {
    let room = TestRoom::open();
    let caller = Caller::new(person("tokyo-1"));
    let refused = room
        .handle
        .command(
            caller,
            command("device.use", json!({})),
            Preconditions::default(),
        )
        .await;
    assert_eq!(refused.unwrap_err().code, Code::Invalid);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_came_to_send_takes_over_and_gives_back_when_it_leaves() {
    let room = TestRoom::open();
    let mut laptop = room.join("tokyo-1").await;
    laptop.queued().await;
    let studio = room.join_sending("tokyo-1", Sending::TakesOver).await;
    assert!(studio.publishing);
    assert_eq!(laptop.queued().await, [Outgoing::Publishing(false)]);
    assert_eq!(room.snapshot().await.participants.len(), 1);
    studio.disconnect().await;
    assert_eq!(laptop.queued().await, [Outgoing::Publishing(true)]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_only_receives_never_publishes() {
    let room = TestRoom::open();
    let mut monitor = room.join_sending("tokyo-1", Sending::Never).await;
    assert!(!monitor.publishing);
    let there = room.snapshot().await.participants.remove(0);
    assert!(!there.publishing, "seated, and not heard");
    let laptop = room.join("tokyo-1").await;
    let mut phone = room.join("tokyo-1").await;
    assert!(laptop.publishing);
    laptop.disconnect().await;
    let told = phone.queued().await;
    assert!(
        told.contains(&Outgoing::Publishing(true)),
        "the only device that can: {told:?}"
    );
    phone.disconnect().await;
    let told = monitor.queued().await;
    assert!(!told.contains(&Outgoing::Publishing(true)), "{told:?}");
    assert!(!room.snapshot().await.participants[0].publishing);
}
