//! Language channels: who interprets, what they carry, and what becomes of them when he is lost.

use std::time::Duration;

use plenary_ids::Millis;
use plenary_protocol::{ChannelState, Code, Presence, Source::Microphone};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::fixture::{House, Seat, person};

fn ja() -> Value {
    json!({"language": "ja"})
}

/// Kenji and Aiko are seated, and Kenji interprets into Japanese.
async fn kenji_interprets() -> (House, Seat, Seat) {
    let house = House::open();
    let kenji = house.enter_with_sound("kenji").await;
    let aiko = house.enter_with_sound("aiko").await;
    let taken = kenji.say("channel.take", ja()).await.expect("taken");
    assert_eq!(taken["state"], "interpreted");
    (house, kenji, aiko)
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_a_channel_is_heard_there_and_nowhere_else_until_it_is_released() {
    let (house, seat, _aiko) = kenji_interprets().await;
    assert_eq!(house.carries("ja"), "kenji");
    assert_eq!(
        house.carries("en"),
        "the floor",
        "the floor is passed through"
    );
    let scene = house.stage.last();
    assert_eq!(house.reach("kenji", Microphone), None);
    assert!(!scene.gallery.contains(&person("kenji")), "no tile of his");

    let released = seat.say("channel.release", ja()).await.unwrap();
    assert_eq!(released["state"], "floor");
    assert_eq!(house.carries("ja"), "the floor");
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_silent_for_as_long_as_it_takes_to_change_hands() {
    let (house, seat, _aiko) = kenji_interprets().await;
    let shown = house.stage.count();
    let to_aiko = json!({"language": "ja", "to": "aiko"});
    seat.say("channel.hand_over", to_aiko).await.unwrap();
    let steps = house.stage.since(shown);
    let carried: Vec<_> = steps
        .iter()
        .map(|scene| scene.channels.get("ja").cloned())
        .collect();
    assert_eq!(carried, [Some(None), Some(Some(person("aiko")))]);
}

#[tokio::test(start_paused = true)]
async fn a_partner_does_not_talk_over_one_who_is_heard_and_may_be_handed_the_channel() {
    let (house, seat, aiko) = kenji_interprets().await;
    let refused = aiko.say("channel.take", ja()).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    assert!(refused.detail.contains("kenji interprets"), "{refused:?}");
    for verb in ["channel.release", "channel.relay", "channel.hand_over"] {
        let mut fields = ja();
        match verb {
            "channel.relay" => fields["source"] = json!("en"),
            "channel.hand_over" => fields["to"] = json!("kenji"),
            _ => {}
        }
        let refused = aiko.say(verb, fields).await.unwrap_err();
        assert_eq!(refused.code, Code::NotHolder, "{verb}");
    }
    let relay = json!({"language": "ja", "source": "en"});
    seat.say("channel.relay", relay).await.unwrap();
    let to_aiko = json!({"language": "ja", "to": "aiko"});
    let handed = seat.say("channel.hand_over", to_aiko).await.unwrap();
    assert_eq!(handed["interpreter"], "aiko");
    assert_eq!(handed["source"], "en", "she goes on with what he heard");
    assert_eq!(house.carries("ja"), "aiko");
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_who_drops_is_replaced_by_the_floor_at_once_and_has_the_channel_again_when_back()
 {
    let (house, seat, _aiko) = kenji_interprets().await;
    let (session, seq) = (seat.session.clone(), seat.seq);
    seat.drop_connection().await;
    let channel = house.channel("ja").await;
    assert_eq!(channel.state, ChannelState::Interrupted);
    assert_eq!(channel.interpreter, Some(person("kenji")));
    assert_eq!(house.carries("ja"), "the floor");
    assert_eq!(house.room.channels()[1].state, ChannelState::Interrupted);

    sleep(Duration::from_secs(20)).await;
    let seat = house.re_enter("kenji", &session, seq).await;
    assert_eq!(
        house.carries("ja"),
        "the floor",
        "no sound comes from him yet"
    );
    house.room.path(seat.session.clone(), true).await;
    assert_eq!(house.channel("ja").await.state, ChannelState::Interpreted);
    assert_eq!(house.carries("ja"), "kenji");
}

#[tokio::test(start_paused = true)]
async fn a_partner_takes_over_from_one_who_dropped_and_whoever_returns_finds_it_taken() {
    let (house, seat, aiko) = kenji_interprets().await;
    seat.drop_connection().await;
    aiko.say("channel.take", ja()).await.unwrap();
    let seat = house.enter_with_sound("kenji").await;
    assert_eq!(house.carries("ja"), "aiko");
    let refused = seat.say("channel.take", ja()).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn one_who_does_not_come_back_in_time_leaves_an_alarm_and_has_to_take_the_channel_again() {
    let (house, seat, _aiko) = kenji_interprets().await;
    seat.drop_connection().await;
    sleep(Duration::from_secs(31)).await;
    assert_eq!(house.presence("kenji").await, Value::Null);
    let channel = house.channel("ja").await;
    assert_eq!(channel.state, ChannelState::Interrupted);
    assert_eq!(
        (channel.interpreter, channel.lost),
        (None, Some(person("kenji")))
    );

    let seat = house.enter_with_sound("kenji").await;
    assert_eq!(house.carries("ja"), "the floor", "nobody is live unawares");
    seat.say("channel.take", ja()).await.unwrap();
    let channel = house.channel("ja").await;
    assert_eq!(
        (channel.state, channel.lost),
        (ChannelState::Interpreted, None)
    );
}

#[tokio::test(start_paused = true)]
async fn one_who_is_silenced_or_without_a_path_is_not_heard_and_neither_is_waited_for() {
    let (house, seat, aiko) = kenji_interprets().await;
    let chair = house.enter("chair").await;
    let mute = |on: bool| chair.say("participant.mute", json!({"person": "kenji", "on": on}));
    mute(true).await.unwrap();
    assert_eq!(house.channel("ja").await.state, ChannelState::Interrupted);
    assert_eq!(house.carries("ja"), "the floor");
    mute(false).await.unwrap();
    house.snapshot().await;
    assert_eq!(house.carries("ja"), "kenji");

    house.room.path(seat.session.clone(), false).await;
    assert_eq!(house.channel("ja").await.state, ChannelState::Interrupted);
    aiko.say("channel.take", ja()).await.unwrap();
    house.room.path(seat.session.clone(), true).await;
    house.snapshot().await;
    assert_eq!(house.carries("ja"), "aiko");
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_who_moves_or_is_sent_out_leaves_the_floor_and_no_alarm() {
    let (house, _kenji, aiko) = kenji_interprets().await;
    let chair = house.enter("chair").await;
    let out = json!({"person": "kenji"});
    chair.say("participant.remove", out).await.unwrap();
    let channel = house.channel("ja").await;
    assert_eq!((channel.state, channel.lost), (ChannelState::Floor, None));
    aiko.say("channel.take", ja()).await.unwrap();
    let away = json!({"person": "aiko", "to": "covid"});
    chair.say("participant.move", away).await.unwrap();
    assert_eq!(house.channel("ja").await.state, ChannelState::Floor);
}

#[tokio::test(start_paused = true)]
async fn one_voice_interprets_into_one_language_which_has_to_be_one_of_his() {
    let (house, seat, aiko) = kenji_interprets().await;
    let take = |language: &str| json!({"language": language});
    let refused = seat.say("channel.take", take("en")).await.unwrap_err();
    assert!(refused.detail.contains("released first"), "{refused:?}");
    let refused = seat.say("channel.take", take("fr")).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    assert!(refused.detail.contains("into ja, en"), "{refused:?}");
    let refused = seat.say("channel.take", take("ko")).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
    assert!(refused.detail.contains("en, ja, fr"), "{refused:?}");
    let chair = house.enter("chair").await;
    let to_tokyo = json!({"language": "fr", "person": "tokyo-1"});
    let refused = chair.say("channel.assign", to_tokyo).await.unwrap_err();
    assert!(refused.detail.contains("does not interpret"), "{refused:?}");
    aiko.drop_connection().await;
    let to_aiko = json!({"language": "ja", "to": "aiko"});
    let refused = seat.say("channel.hand_over", to_aiko).await.unwrap_err();
    assert_eq!(refused.code, Code::Absent);
}

#[tokio::test(start_paused = true)]
async fn between_the_floor_and_a_listener_are_at_most_two_interpretations_and_no_circle() {
    let (house, seat, aiko) = kenji_interprets().await;
    let from = |language: &str, source: &str| json!({"language": language, "source": source});
    let refused = seat
        .say("channel.relay", from("ja", "ja"))
        .await
        .unwrap_err();
    assert!(refused.detail.contains("from itself"), "{refused:?}");
    seat.say("channel.relay", from("ja", "en")).await.unwrap();
    let refused = aiko
        .say("channel.take", from("en", "ja"))
        .await
        .unwrap_err();
    assert!(
        refused.detail.contains("neither would come from the floor"),
        "{refused:?}"
    );
    let refused = aiko
        .say("channel.take", from("en", "fr"))
        .await
        .unwrap_err();
    assert!(refused.detail.contains("at most 2"), "{refused:?}");
    let refused = aiko
        .say("channel.take", from("fr", "ja"))
        .await
        .unwrap_err();
    assert!(refused.detail.contains("at most 2"), "{refused:?}");
    let refused = aiko
        .say("channel.take", from("fr", "ko"))
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
    aiko.say("channel.take", from("en", "floor")).await.unwrap();
    assert_eq!(house.channel("ja").await.source.to_string(), "en");
}

#[tokio::test(start_paused = true)]
async fn the_chair_and_an_operator_give_a_channel_to_somebody_and_clear_it() {
    let (house, _kenji, _aiko) = kenji_interprets().await;
    let operator = house.enter("operator").await;
    let to_aiko = json!({"language": "ja", "person": "aiko"});
    operator.say("channel.assign", to_aiko).await.unwrap();
    assert_eq!(house.carries("ja"), "aiko");
    let chair = house.enter("chair").await;
    chair.say("channel.clear", ja()).await.unwrap();
    assert_eq!(house.carries("ja"), "the floor");
    let deputy = house.enter("deputy").await;
    let refused = deputy.say("channel.clear", ja()).await.unwrap_err();
    assert!(refused.detail.contains("in the chair"), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_channel_outlasts_a_restart_and_its_interpreter_has_it_again() {
    let (house, _kenji, _aiko) = kenji_interprets().await;
    let house = house.killed_and_back(Millis::from_secs(5));
    let channel = house.channel("ja").await;
    assert_eq!(channel.state, ChannelState::Interrupted);
    assert_eq!(channel.interpreter, Some(person("kenji")));
    assert_eq!(house.carries("ja"), "the floor");
    house.enter_with_sound("kenji").await;
    assert_eq!(house.channel("ja").await.state, ChannelState::Interpreted);
    assert_eq!(house.carries("ja"), "kenji");
}

#[tokio::test(start_paused = true)]
async fn what_is_so_already_happens_without_an_event() {
    let (house, seat, _aiko) = kenji_interprets().await;
    let before = house.snapshot().await.seq;
    seat.say("channel.take", ja()).await.unwrap();
    assert_eq!(house.snapshot().await.seq, before);
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_cannot_be_given_the_floor() {
    let (house, _kenji, _aiko) = kenji_interprets().await;
    let clerk = house.enter("clerk").await;
    let for_him = json!({"beneficiary": "kenji"});
    let refused = clerk.say("floor.request", for_him).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    let room = house.snapshot().await;
    let mut people = room.participants.iter();
    let him = people.find(|it| it.person == person("kenji")).unwrap();
    assert!(him.publishing && him.state == Presence::Seated);
}
