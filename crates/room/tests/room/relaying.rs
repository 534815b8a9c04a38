//! Words between two participants.

use bytes::Bytes;
use plenary_protocol::Code;
use plenary_room::Outgoing;

use crate::fixture::{House, person};

#[tokio::test(start_paused = true)]
async fn a_signal_reaches_every_device_of_its_receiver_untouched_and_nobody_else() {
    let house = House::open();
    let mut tokyo = house.enter("tokyo-1").await;
    let mut laptop = house.enter("seoul-1").await;
    let mut phone = house.enter("seoul-1").await;
    for seat in [&mut tokyo, &mut laptop, &mut phone] {
        seat.events().await;
    }
    let text = Bytes::from_static(br#"{"type":"signal","from":"tokyo-1","offer":{}}"#);
    let relayed = house
        .room
        .relay(person("tokyo-1"), person("seoul-1"), text.clone())
        .await;
    assert_eq!(relayed, Ok(()));
    assert_eq!(laptop.queued().await, [Outgoing::Text(text.clone())]);
    assert_eq!(phone.queued().await, [Outgoing::Text(text)]);
    assert_eq!(tokyo.queued().await, []);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_not_in_the_room_is_not_found() {
    let house = House::open();
    house.enter("tokyo-1").await;
    for absent in ["seoul-1", "elsewhere", "nobody"] {
        let refused = house
            .room
            .relay(person("tokyo-1"), person(absent), Bytes::new())
            .await;
        assert_eq!(refused.unwrap_err().code, Code::NotFound, "{absent}");
    }
}
