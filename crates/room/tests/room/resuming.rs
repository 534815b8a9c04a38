//! The same device over a new connection, while the old one has not been missed yet.

use plenary_ids::{Millis, Seq};
use plenary_protocol::CloseCode;
use plenary_room::Resumption;

use crate::fixture::{House, read};

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

#[tokio::test(start_paused = true)]
async fn the_place_of_somebody_else_or_in_another_room_is_no_place_here() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let seoul = house.re_enter("seoul-1", &tokyo.session, tokyo.seq).await;
    assert!(matches!(seoul.resumption, Resumption::Snapshot(_)));

    // The same log holds both rooms, and the other one has got as far.
    let other = House::open_without_gallery();
    let elsewhere = other.enter("tokyo-1").await;
    assert_eq!(elsewhere.seq, tokyo.seq);
    let back = house
        .re_enter("tokyo-1", &elsewhere.session, elsewhere.seq)
        .await;
    assert!(matches!(back.resumption, Resumption::Snapshot(_)));
}

#[tokio::test(start_paused = true)]
async fn a_place_stays_the_own_one_when_the_server_is_restarted() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let seoul = house.enter("seoul-1").await;
    let house = house.killed_and_back(Millis::from_secs(1));
    let back = house.re_enter("tokyo-1", &tokyo.session, tokyo.seq).await;
    let Resumption::Events(missed) = &back.resumption else {
        panic!("{:?}", back.resumption)
    };
    let places = missed
        .iter()
        .filter_map(|event| read(event)["seq"].as_u64());
    assert!(places.eq(tokyo.seq.0 + 1..=back.seq.0));

    // One that nobody can have reached yet, and somebody else's, are none after a restart either.
    let ahead = Seq(back.seq.0 + 1000);
    for (session, place) in [(&seoul.session, ahead), (&tokyo.session, seoul.seq)] {
        let back = house.re_enter("seoul-1", session, place).await;
        assert!(matches!(back.resumption, Resumption::Snapshot(_)));
    }
}
