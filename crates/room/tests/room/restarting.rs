//! The server is killed and comes back: a room is where its log ends.

use std::time::Duration;

use plenary_floor::Substate;
use plenary_ids::{Millis, Seq};
use plenary_protocol::Source::Microphone;
use plenary_room::{Reach, Resumption};
use serde_json::json;
use tokio::time::sleep;

use crate::fixture::{House, kind, person, read};

const AN_HOUR: Millis = Millis::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn the_holder_goes_on_with_the_time_that_was_used_and_not_that_of_the_downtime() {
    let (house, chair, tokyo, seoul) = House::tokyo_speaks().await;
    seoul.ask().await;
    chair
        .say("floor.accept", json!({"request": "r2"}))
        .await
        .unwrap();
    house.room.voice(person("tokyo-1")).await;
    sleep(Duration::from_secs(252)).await;
    let shown = house.snapshot().await.floor.speech.unwrap();
    assert_eq!(shown.consumed, Millis::from_secs(252));

    let house = house.killed_and_back(AN_HOUR);
    let floor = house.snapshot().await.floor;
    let speech = floor.speech.unwrap();
    assert_eq!(speech.speaker, person("tokyo-1"));
    let within_a_second = shown.consumed..=shown.consumed.saturating_add(Millis(1000));
    assert!(within_a_second.contains(&speech.consumed), "{speech:?}");
    assert_eq!(floor.granted[0].substate, Some(Substate::Suspended));
    assert_eq!(floor.requests[0].position, Some(1));
    assert_eq!(
        house.reach("tokyo-1", Microphone),
        None,
        "nothing flows before he is back"
    );

    house.re_enter("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));
}

#[tokio::test(start_paused = true)]
async fn chair_chat_those_sent_out_and_what_was_decided_are_as_they_were() {
    let (house, chair, _tokyo, _seoul) = House::tokyo_speaks().await;
    let say = |kind: &'static str, fields| chair.say(kind, fields);
    say("chat.post", json!({"text": "Welcome."})).await.unwrap();
    say(
        "decision.open",
        json!({"kind": "no_objection", "question": "Shall we adopt it?"}),
    )
    .await
    .unwrap();
    say("participant.remove", json!({"person": "seoul-1"}))
        .await
        .unwrap();
    let before = house.snapshot().await;

    let house = house.killed_and_back(AN_HOUR);
    let after = house.snapshot().await;
    assert_eq!(
        (&after.chat, &after.decisions),
        (&before.chat, &before.decisions)
    );
    assert_eq!(after.floor.chair, Some(person("chair")));
    assert!(
        house.try_enter("seoul-1", None).await.is_err(),
        "she was sent out"
    );
}

#[tokio::test(start_paused = true)]
async fn those_who_were_seated_are_away_and_have_left_if_they_do_not_return() {
    let house = House::open();
    house.enter("seoul-1").await;
    house.enter("tokyo-1").await;
    let house = house.killed_and_back(AN_HOUR);
    assert_eq!(house.presence("tokyo-1").await, "away");
    house.enter("tokyo-1").await;
    sleep(Duration::from_secs(31)).await;
    assert_eq!(house.presence("tokyo-1").await, "seated");
    assert!(house.presence("seoul-1").await.is_null());
}

#[tokio::test(start_paused = true)]
async fn who_returns_is_told_exactly_what_was_missed() {
    let (house, chair, tokyo, _seoul) = House::tokyo_speaks().await;
    chair
        .say("chat.post", json!({"text": "To all."}))
        .await
        .unwrap();
    chair
        .say(
            "chat.post",
            json!({"text": "Among us.", "to": "moderators"}),
        )
        .await
        .unwrap();
    let house = house.killed_and_back(AN_HOUR);
    let back = house.re_enter("tokyo-1", &tokyo.session, tokyo.seq).await;
    let Resumption::Events(missed) = &back.resumption else {
        panic!("{:?}", back.resumption)
    };
    let missed: Vec<_> = missed.iter().map(|text| read(text)).collect();
    let places: Vec<_> = missed.iter().filter_map(|it| it["seq"].as_u64()).collect();
    assert_eq!(places, (tokyo.seq.0 + 1..=back.seq.0).collect::<Vec<_>>());
    let types: Vec<_> = missed.iter().map(kind).collect();
    assert!(types.contains(&"hidden".to_owned()), "{types:?}");
    assert!(types.contains(&"floor.restarted".to_owned()), "{types:?}");
}

#[tokio::test(start_paused = true)]
async fn a_place_in_another_log_is_no_place_in_this_one() {
    let house = House::open();
    house.enter("tokyo-1").await;
    let elsewhere = plenary_protocol::SessionId::random_in("another");
    let back = house.re_enter("tokyo-1", &elsewhere, Seq(1)).await;
    assert!(matches!(back.resumption, Resumption::Snapshot(_)));
}

#[tokio::test(start_paused = true)]
async fn a_command_said_again_gets_the_reply_that_it_got_before_the_server_was_killed() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let done = tokyo.say_named("c1", "floor.request", json!({})).await;
    let refused = tokyo.say_named("c2", "floor.next", json!({})).await;

    let house = house.killed_and_back(AN_HOUR);
    let tokyo = house.enter("tokyo-1").await;
    let seq = house.snapshot().await.seq;
    assert_eq!(
        tokyo.say_named("c1", "floor.request", json!({})).await,
        done
    );
    assert_eq!(
        tokyo.say_named("c2", "floor.next", json!({})).await,
        refused
    );
    assert_eq!(house.snapshot().await.seq, seq);
}

#[tokio::test(start_paused = true)]
async fn a_room_in_which_nothing_has_happened_begins_as_if_for_the_first_time() {
    let house = House::open().killed_and_back(AN_HOUR);
    assert_eq!(house.snapshot().await.seq, Seq(0));
}
