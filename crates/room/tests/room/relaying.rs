//! Signals between two participants.

use bytes::Bytes;
use plenary_protocol::Code;
use plenary_room::Outgoing;
use plenary_testkit::{person, room::TestRoom};

#[tokio::test(start_paused = true)]
async fn a_signal_reaches_every_device_of_its_receiver_untouched_and_nobody_else() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    let mut laptop = room.join("seoul-1").await;
    let mut phone = room.join("seoul-1").await;
    for seat in [&mut tokyo, &mut laptop, &mut phone] {
        seat.events().await;
    }
    let text = Bytes::from_static(br#"{"type":"signal","from":"tokyo-1","offer":{}}"#);
    let relayed = room
        .handle
        .relay(person("tokyo-1"), person("seoul-1"), text.clone())
        .await;
    assert_eq!(relayed, Ok(()));
    assert_eq!(laptop.queued().await, [Outgoing::Text(text.clone())]);
    assert_eq!(phone.queued().await, [Outgoing::Text(text)]);
    assert_eq!(tokyo.queued().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_who_is_not_in_the_room_is_not_found() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    for absent in ["seoul-1", "elsewhere", "nobody"] {
        let refused = room
            .handle
            .relay(person("tokyo-1"), person(absent), Bytes::new())
            .await;
        assert_eq!(refused.unwrap_err().code, Code::NotFound, "{absent}");
    }
}
