//! Signals between two participants.

use bytes::Bytes;
use plenary_protocol::Code;
use plenary_room::{MAX_SIGNAL_BYTES, Outgoing};
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

#[tokio::test(start_paused = true)]
async fn a_signal_that_is_larger_than_any_description_of_a_call_is_refused() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    let mut seoul = room.join("seoul-1").await;
    seoul.events().await;
    let relay = |bytes| {
        let text = Bytes::from(vec![b'x'; bytes]);
        room.handle
            .relay(person("tokyo-1"), person("seoul-1"), text)
    };
    let refused = relay(MAX_SIGNAL_BYTES + 1).await;
    assert_eq!(refused.unwrap_err().code, Code::TooLarge);
    assert_eq!(seoul.queued().await, []);
    assert_eq!(relay(MAX_SIGNAL_BYTES).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn signals_pass_only_between_people_who_can_be_in_a_call() {
    let room = TestRoom::open();
    let callers = ["tokyo-1", "chair", "aiko"];
    let others = ["viewer", "clerk", "operator"];
    let mut seats = Vec::new();
    for name in callers.into_iter().chain(others) {
        seats.push(room.join(name).await);
    }
    for from in callers {
        for to in callers {
            let relayed = room.handle.relay(person(from), person(to), Bytes::new());
            assert_eq!(relayed.await, Ok(()), "{from} to {to}");
        }
        for other in others {
            for (from, to) in [(from, other), (other, from)] {
                let refused = room.handle.relay(person(from), person(to), Bytes::new());
                let code = refused.await.unwrap_err().code;
                assert_eq!(code, Code::Forbidden, "{from} to {to}");
            }
        }
    }
}
