//! The same device over a new connection, while the old one has not been missed yet.

use plenary_ids::Seq;
use plenary_protocol::CloseCode;
use plenary_room::Resumption;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_new_connection_of_a_device_closes_the_old_one_and_goes_on_publishing() {
    let house = House::open();
    let mut old = house.enter("tokyo-1").await;
    let new = house.re_enter("tokyo-1", &old.session, old.seq).await;
    assert_eq!(old.ends().await, CloseCode::Replaced);
    assert!(new.publishing);
    assert_ne!(new.session, old.session);

    // The old connection's end is noticed late, and changes nothing any more.
    old.drop_connection().await;
    assert_eq!(house.presence("tokyo-1").await, "seated");
    assert_eq!(house.snapshot().await.seq, new.seq);
}

#[tokio::test(start_paused = true)]
async fn the_session_of_somebody_else_is_not_taken_over() {
    let house = House::open();
    let mut tokyo = house.enter("tokyo-1").await;
    house.re_enter("seoul-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(
        tokyo.types().await,
        ["participant.joined", "floor.connected"]
    );
    assert_eq!(house.presence("tokyo-1").await, "seated");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_the_room_has_never_reached_gets_the_whole_room() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    for place in [Seq(0), Seq(1_000_000)] {
        let back = house.re_enter("tokyo-1", &tokyo.session, place).await;
        assert!(matches!(back.resumption, Resumption::Snapshot(_)));
    }
}
