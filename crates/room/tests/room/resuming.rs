//! A device that resumes over a new connection before its old one is known to be lost.

use plenary_ids::{Millis, Seq};
use plenary_protocol::CloseCode;
use plenary_room::Resumption;
use plenary_testkit::room::{TestRoom, parse};

#[tokio::test(start_paused = true)]
async fn a_new_connection_of_a_device_closes_the_old_one_and_goes_on_publishing() {
    let room = TestRoom::open();
    let mut old = room.join("tokyo-1").await;
    let new = room.rejoin("tokyo-1", &old.session, old.seq).await;
    assert_eq!(old.close_code().await, CloseCode::Replaced);
    assert!(new.publishing);
    assert_ne!(new.session, old.session);

    // The late end of the old connection changes nothing.
    old.disconnect().await;
    assert_eq!(room.presence("tokyo-1").await, "seated");
    assert_eq!(room.snapshot().await.seq, new.seq);
}

#[tokio::test(start_paused = true)]
async fn the_session_of_somebody_else_is_not_taken_over() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    room.rejoin("seoul-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(
        tokyo.event_types().await,
        ["participant.joined", "floor.connected"]
    );
    assert_eq!(room.presence("tokyo-1").await, "seated");
}

#[tokio::test(start_paused = true)]
async fn a_sequence_number_beyond_the_log_gets_the_whole_room() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    for place in [Seq(0), Seq(1_000_000)] {
        let back = room.rejoin("tokyo-1", &tokyo.session, place).await;
        assert!(matches!(back.resumption, Resumption::Snapshot(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_of_another_person_or_room_gets_the_whole_room() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.rejoin("seoul-1", &tokyo.session, tokyo.seq).await;
    assert!(matches!(seoul.resumption, Resumption::Snapshot(_)));

    // Both rooms are in the same log, and the other one has as many events.
    let other = TestRoom::open_without_gallery();
    let elsewhere = other.join("tokyo-1").await;
    assert_eq!(elsewhere.seq, tokyo.seq);
    let back = room
        .rejoin("tokyo-1", &elsewhere.session, elsewhere.seq)
        .await;
    assert!(matches!(back.resumption, Resumption::Snapshot(_)));
}

#[tokio::test(start_paused = true)]
async fn a_session_stays_valid_over_a_restart() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let room = room.restart_after(Millis::from_secs(1));
    let back = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    let Resumption::Events(missed) = &back.resumption else {
        panic!("{:?}", back.resumption)
    };
    let places = missed
        .iter()
        .filter_map(|event| parse(event)["seq"].as_u64());
    assert!(places.eq(tokyo.seq.0 + 1..=back.seq.0));

    // After a restart a future sequence number and another person's session are not valid either.
    let ahead = Seq(back.seq.0 + 1000);
    for (session, place) in [(&seoul.session, ahead), (&tokyo.session, seoul.seq)] {
        let back = room.rejoin("seoul-1", session, place).await;
        assert!(matches!(back.resumption, Resumption::Snapshot(_)));
    }
}
