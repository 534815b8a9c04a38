//! A person with two devices: one publishes, and there are never two.

use plenary_protocol::Code;
use plenary_room::{Caller, Guard, Outgoing};
use serde_json::json;

use crate::fixture::{House, command, person};

#[tokio::test(start_paused = true)]
async fn only_the_first_device_publishes_until_the_second_is_used() {
    let house = House::open();
    let mut laptop = house.enter("tokyo-1").await;
    let mut phone = house.enter("tokyo-1").await;
    assert!(laptop.publishing);
    assert!(!phone.publishing);
    assert_eq!(house.snapshot().await.participants.len(), 1);

    phone.say("device.use", json!({})).await.unwrap();
    assert_eq!(laptop.queued().await, [Outgoing::Publishing(false)]);
    assert_eq!(phone.queued().await, [Outgoing::Publishing(true)]);
}

#[tokio::test(start_paused = true)]
async fn the_old_device_is_told_to_stop_before_the_new_one_is_told_to_start() {
    let house = House::open();
    let laptop = house.enter("tokyo-1").await;
    let phone = house.enter("tokyo-1").await;
    let caller = Caller {
        person: phone.person.clone(),
        session: Some(phone.session.clone()),
    };
    // Who waits is woken in the order in which things were queued.
    let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
    for mut device in [phone, laptop] {
        let told = told.clone();
        tokio::spawn(async move { told.send(device.outbox.next().await) });
    }
    let using = command("device.use", json!({}));
    let used = house.room.command(caller, using, Guard::default()).await;
    assert!(used.is_ok());
    assert_eq!(order.recv().await, Some(Ok(Outgoing::Publishing(false))));
    assert_eq!(order.recv().await, Some(Ok(Outgoing::Publishing(true))));
}

#[tokio::test(start_paused = true)]
async fn a_person_stays_as_long_as_one_device_does() {
    let house = House::open();
    let laptop = house.enter("tokyo-1").await;
    let phone = house.enter("tokyo-1").await;
    laptop.drop_connection().await;
    assert_eq!(house.presence("tokyo-1").await, "seated");
    phone.drop_connection().await;
    assert_eq!(house.presence("tokyo-1").await, "away");
}

#[tokio::test(start_paused = true)]
async fn when_the_device_that_publishes_is_gone_the_only_one_left_takes_over() {
    let house = House::open();
    let laptop = house.enter("tokyo-1").await;
    let mut phone = house.enter("tokyo-1").await;
    laptop.drop_connection().await;
    assert!(house.snapshot().await.participants[0].publishing);
    assert_eq!(phone.queued().await, [Outgoing::Publishing(true)]);

    let mut back = house.enter("tokyo-1").await;
    assert!(!back.publishing, "never two streams");
    back.say("device.use", json!({})).await.unwrap();
    assert_eq!(phone.queued().await, [Outgoing::Publishing(false)]);
    assert_eq!(back.queued().await, [Outgoing::Publishing(true)]);
}

#[tokio::test(start_paused = true)]
async fn when_several_devices_are_left_their_person_says_which_one_publishes() {
    let house = House::open();
    let laptop = house.enter("tokyo-1").await;
    let mut phone = house.enter("tokyo-1").await;
    let mut tablet = house.enter("tokyo-1").await;
    laptop.drop_connection().await;
    assert!(!house.snapshot().await.participants[0].publishing);
    for device in [&mut phone, &mut tablet] {
        let queued = device.queued().await;
        assert!(!queued.contains(&Outgoing::Publishing(true)), "{queued:?}");
    }
    tablet.say("device.use", json!({})).await.unwrap();
    assert!(house.snapshot().await.participants[0].publishing);
}

#[tokio::test(start_paused = true)]
async fn without_a_device_nothing_can_be_made_to_publish() {
    let house = House::open();
    let caller = Caller {
        person: person("tokyo-1"),
        session: None,
    };
    let refused = house
        .room
        .command(caller, command("device.use", json!({})), Guard::default())
        .await;
    assert_eq!(refused.unwrap_err().code, Code::Invalid);
}
