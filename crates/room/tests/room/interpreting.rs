//! Language channels: their interpreters, what they carry, and what happens when an interpreter is lost. Rules of
//! order, section 16.

use std::time::Duration;

use plenary_ids::Millis;
use plenary_protocol::{ChannelState, Code, Presence, Source::Microphone};
use plenary_testkit::{
    person,
    room::{Participant, TestRoom},
};
use serde_json::{Value, json};
use tokio::time::sleep;

fn ja() -> Value {
    json!({"language": "ja"})
}

/// Kenji and Aiko have joined, and Kenji interprets into Japanese.
async fn kenji_interprets() -> (TestRoom, Participant, Participant) {
    let room = TestRoom::open();
    let kenji = room.join_with_audio("kenji").await;
    let aiko = room.join_with_audio("aiko").await;
    let taken = kenji.execute("channel.take", ja()).await;
    assert_eq!(taken["state"], "interpreted");
    (room, kenji, aiko)
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_is_heard_in_the_taken_channel_only_until_it_is_released() {
    let (room, seat, _aiko) = kenji_interprets().await;
    assert_eq!(room.voice_in("ja"), "kenji");
    assert_eq!(
        room.voice_in("en"),
        "the floor",
        "the floor is passed through"
    );
    let scene = room.media.last();
    assert_eq!(room.reach("kenji", Microphone), None);
    assert!(!scene.gallery.contains(&person("kenji")), "no tile of his");

    let released = seat.execute("channel.release", ja()).await;
    assert_eq!(released["state"], "floor");
    assert_eq!(room.voice_in("ja"), "the floor");
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_silent_between_two_interpreters() {
    let (room, seat, _aiko) = kenji_interprets().await;
    let shown = room.media.count();
    let to_aiko = json!({"language": "ja", "to": "aiko"});
    seat.execute("channel.hand_over", to_aiko).await;
    let steps = room.media.since(shown);
    let carried: Vec<_> = steps
        .iter()
        .map(|scene| scene.channels.get("ja").cloned())
        .collect();
    assert_eq!(carried, [Some(None), Some(Some(person("aiko")))]);
}

#[tokio::test(start_paused = true)]
async fn a_partner_cannot_take_an_active_channel_but_may_be_handed_it() {
    let (room, seat, aiko) = kenji_interprets().await;
    let refused = aiko.expect_refusal("channel.take", ja()).await;
    assert_eq!(refused.code, Code::Conflict);
    assert!(refused.detail.contains("kenji interprets"), "{refused:?}");
    for verb in ["channel.release", "channel.relay", "channel.hand_over"] {
        let mut fields = ja();
        match verb {
            "channel.relay" => fields["source"] = json!("en"),
            "channel.hand_over" => fields["to"] = json!("kenji"),
            _ => {}
        }
        let refused = aiko.expect_refusal(verb, fields).await;
        assert_eq!(refused.code, Code::NotHolder, "{verb}");
    }
    let relay = json!({"language": "ja", "source": "en"});
    seat.execute("channel.relay", relay).await;
    let to_aiko = json!({"language": "ja", "to": "aiko"});
    let handed = seat.execute("channel.hand_over", to_aiko).await;
    assert_eq!(handed["interpreter"], "aiko");
    assert_eq!(handed["source"], "en", "she goes on with what he heard");
    assert_eq!(room.voice_in("ja"), "aiko");
}

#[tokio::test(start_paused = true)]
async fn the_floor_replaces_a_lost_interpreter_at_once_until_the_interpreter_is_back() {
    let (room, seat, _aiko) = kenji_interprets().await;
    let (session, seq) = (seat.session.clone(), seat.seq);
    seat.disconnect().await;
    let channel = room.channel("ja").await;
    assert_eq!(channel.state, ChannelState::Interrupted);
    assert_eq!(channel.interpreter, Some(person("kenji")));
    assert_eq!(room.voice_in("ja"), "the floor");
    assert_eq!(room.handle.channels()[1].state, ChannelState::Interrupted);

    sleep(Duration::from_secs(20)).await;
    let seat = room.rejoin("kenji", &session, seq).await;
    assert_eq!(
        room.voice_in("ja"),
        "the floor",
        "no sound comes from him yet"
    );
    room.handle.path(seat.session.clone(), true).await;
    assert_eq!(room.channel("ja").await.state, ChannelState::Interpreted);
    assert_eq!(room.voice_in("ja"), "kenji");
}

#[tokio::test(start_paused = true)]
async fn a_partner_takes_over_from_a_lost_interpreter_who_cannot_take_it_back() {
    let (room, seat, aiko) = kenji_interprets().await;
    seat.disconnect().await;
    aiko.execute("channel.take", ja()).await;
    let seat = room.join_with_audio("kenji").await;
    assert_eq!(room.voice_in("ja"), "aiko");
    let refused = seat.expect_refusal("channel.take", ja()).await;
    assert_eq!(refused.code, Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_who_returns_too_late_leaves_an_alarm_and_must_take_the_channel_again() {
    let (room, seat, _aiko) = kenji_interprets().await;
    seat.disconnect().await;
    sleep(Duration::from_secs(31)).await;
    assert_eq!(room.presence("kenji").await, Value::Null);
    let channel = room.channel("ja").await;
    assert_eq!(channel.state, ChannelState::Interrupted);
    assert_eq!(
        (channel.interpreter, channel.lost),
        (None, Some(person("kenji")))
    );

    let seat = room.join_with_audio("kenji").await;
    assert_eq!(room.voice_in("ja"), "the floor", "nobody is live unawares");
    seat.execute("channel.take", ja()).await;
    let channel = room.channel("ja").await;
    assert_eq!(
        (channel.state, channel.lost),
        (ChannelState::Interpreted, None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_muted_or_pathless_interpreter_interrupts_the_channel_at_once() {
    let (room, seat, aiko) = kenji_interprets().await;
    let chair = room.join("chair").await;
    let mute =
        |on: bool| chair.try_execute("participant.mute", json!({"person": "kenji", "on": on}));
    mute(true).await.unwrap();
    assert_eq!(room.channel("ja").await.state, ChannelState::Interrupted);
    assert_eq!(room.voice_in("ja"), "the floor");
    mute(false).await.unwrap();
    room.snapshot().await;
    assert_eq!(room.voice_in("ja"), "kenji");

    room.handle.path(seat.session.clone(), false).await;
    assert_eq!(room.channel("ja").await.state, ChannelState::Interrupted);
    aiko.execute("channel.take", ja()).await;
    room.handle.path(seat.session.clone(), true).await;
    room.snapshot().await;
    assert_eq!(room.voice_in("ja"), "aiko");
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_who_is_moved_or_removed_leaves_no_alarm() {
    let (room, _kenji, aiko) = kenji_interprets().await;
    let chair = room.join("chair").await;
    let out = json!({"person": "kenji"});
    chair.execute("participant.remove", out).await;
    let channel = room.channel("ja").await;
    assert_eq!((channel.state, channel.lost), (ChannelState::Floor, None));
    aiko.execute("channel.take", ja()).await;
    let away = json!({"person": "aiko", "to": "covid"});
    chair.execute("participant.move", away).await;
    assert_eq!(room.channel("ja").await.state, ChannelState::Floor);
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_has_one_channel_at_a_time_in_one_of_their_languages() {
    let (room, seat, aiko) = kenji_interprets().await;
    let take = |language: &str| json!({"language": language});
    let refused = seat.expect_refusal("channel.take", take("en")).await;
    assert!(refused.detail.contains("released first"), "{refused:?}");
    let refused = seat.expect_refusal("channel.take", take("fr")).await;
    assert_eq!(refused.code, Code::Forbidden);
    assert!(refused.detail.contains("into ja, en"), "{refused:?}");
    let refused = seat.expect_refusal("channel.take", take("ko")).await;
    assert_eq!(refused.code, Code::NotFound);
    assert!(refused.detail.contains("en, ja, fr"), "{refused:?}");
    let chair = room.join("chair").await;
    let to_tokyo = json!({"language": "fr", "person": "tokyo-1"});
    let refused = chair.expect_refusal("channel.assign", to_tokyo).await;
    assert!(refused.detail.contains("does not interpret"), "{refused:?}");
    aiko.disconnect().await;
    let to_aiko = json!({"language": "ja", "to": "aiko"});
    let refused = seat.expect_refusal("channel.hand_over", to_aiko).await;
    assert_eq!(refused.code, Code::Absent);
}

#[tokio::test(start_paused = true)]
async fn a_relay_chain_has_at_most_two_interpretations_and_no_circle() {
    let (room, seat, aiko) = kenji_interprets().await;
    let from = |language: &str, source: &str| json!({"language": language, "source": source});
    let refused = seat.expect_refusal("channel.relay", from("ja", "ja")).await;
    assert!(refused.detail.contains("from itself"), "{refused:?}");
    seat.execute("channel.relay", from("ja", "en")).await;
    let refused = aiko.expect_refusal("channel.take", from("en", "ja")).await;
    assert!(
        refused.detail.contains("neither would come from the floor"),
        "{refused:?}"
    );
    let refused = aiko.expect_refusal("channel.take", from("en", "fr")).await;
    assert!(refused.detail.contains("at most 2"), "{refused:?}");
    let refused = aiko.expect_refusal("channel.take", from("fr", "ja")).await;
    assert!(refused.detail.contains("at most 2"), "{refused:?}");
    let refused = aiko.expect_refusal("channel.take", from("fr", "ko")).await;
    assert_eq!(refused.code, Code::NotFound);
    aiko.execute("channel.take", from("en", "floor")).await;
    assert_eq!(room.channel("ja").await.source.to_string(), "en");
}

#[tokio::test(start_paused = true)]
async fn the_chair_and_an_operator_assign_and_clear_a_channel() {
    let (room, _kenji, _aiko) = kenji_interprets().await;
    let operator = room.join("operator").await;
    let to_aiko = json!({"language": "ja", "person": "aiko"});
    operator.execute("channel.assign", to_aiko).await;
    assert_eq!(room.voice_in("ja"), "aiko");
    let chair = room.join("chair").await;
    chair.execute("channel.clear", ja()).await;
    assert_eq!(room.voice_in("ja"), "the floor");
    let deputy = room.join("deputy").await;
    let refused = deputy.expect_refusal("channel.clear", ja()).await;
    assert!(refused.detail.contains("in the chair"), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_channel_outlasts_a_restart_and_its_interpreter_has_it_again() {
    let (room, _kenji, _aiko) = kenji_interprets().await;
    let room = room.restart_after(Millis::from_secs(5));
    let channel = room.channel("ja").await;
    assert_eq!(channel.state, ChannelState::Interrupted);
    assert_eq!(channel.interpreter, Some(person("kenji")));
    assert_eq!(room.voice_in("ja"), "the floor");
    room.join_with_audio("kenji").await;
    assert_eq!(room.channel("ja").await.state, ChannelState::Interpreted);
    assert_eq!(room.voice_in("ja"), "kenji");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_changes_nothing_makes_no_event() {
    let (room, seat, _aiko) = kenji_interprets().await;
    let before = room.snapshot().await.seq;
    seat.execute("channel.take", ja()).await;
    assert_eq!(room.snapshot().await.seq, before);
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_cannot_be_given_the_floor() {
    let (room, _kenji, _aiko) = kenji_interprets().await;
    let clerk = room.join("clerk").await;
    let for_him = json!({"beneficiary": "kenji"});
    let refused = clerk.expect_refusal("floor.request", for_him).await;
    assert_eq!(refused.code, Code::Forbidden);
    let snapshot = room.snapshot().await;
    let mut people = snapshot.participants.iter();
    let him = people.find(|it| it.person == person("kenji")).unwrap();
    assert!(him.publishing && him.state == Presence::Seated);
}

fn to_aiko(in_ms: u64) -> Value {
    json!({"language": "ja", "to": "aiko", "in_ms": in_ms})
}

#[tokio::test(start_paused = true)]
async fn an_offered_channel_changes_hands_when_its_time_has_come_and_never_has_two_voices() {
    let (room, kenji, mut aiko) = kenji_interprets().await;
    aiko.events().await;
    let offered = kenji.execute("channel.hand_over", to_aiko(15_000)).await;
    assert_eq!(
        (&offered["interpreter"], &offered["handover"]["to"]),
        (&json!("kenji"), &json!("aiko"))
    );
    assert_eq!(aiko.events().await[0]["channel"], offered);
    sleep(Duration::from_secs(14)).await;
    assert_eq!(room.voice_in("ja"), "kenji");

    let shown = room.media.count();
    sleep(Duration::from_secs(2)).await;
    let handed = room.channel("ja").await;
    assert_eq!(
        (handed.interpreter, handed.handover),
        (Some(person("aiko")), None)
    );
    let steps = room.media.since(shown);
    let carried: Vec<_> = steps
        .iter()
        .map(|scene| scene.channels.get("ja").cloned())
        .collect();
    assert_eq!(carried, [Some(None), Some(Some(person("aiko")))]);
}

#[tokio::test(start_paused = true)]
async fn a_partner_takes_an_offered_channel_early_with_its_source() {
    let (room, kenji, aiko) = kenji_interprets().await;
    let relay = json!({"language": "ja", "source": "en"});
    kenji.execute("channel.relay", relay).await;
    kenji.execute("channel.hand_over", to_aiko(60_000)).await;
    let taken = aiko.execute("channel.take", ja()).await;
    assert_eq!(
        (&taken["interpreter"], &taken["source"]),
        (&json!("aiko"), &json!("en"))
    );
    assert_eq!(taken.get("handover"), None);
    sleep(Duration::from_secs(61)).await;
    assert_eq!(room.voice_in("ja"), "aiko");
}

#[tokio::test(start_paused = true)]
async fn either_side_ends_a_handover_and_the_channel_stays_where_it_is() {
    let (room, kenji, aiko) = kenji_interprets().await;
    let nothing = kenji.expect_refusal("channel.keep", ja()).await;
    assert_eq!(nothing.code, Code::Conflict);
    for seat in [&kenji, &aiko] {
        kenji.execute("channel.hand_over", to_aiko(5_000)).await;
        let kept = seat.execute("channel.keep", ja()).await;
        assert_eq!(kept.get("handover"), None);
        sleep(Duration::from_secs(6)).await;
        assert_eq!(room.voice_in("ja"), "kenji");
    }
    let others = aiko.expect_refusal("channel.keep", ja()).await;
    assert_eq!(others.code, Code::NotHolder);
    let too_long = plenary_protocol::Command::read(
        "channel.hand_over",
        to_aiko(60_001).as_object().unwrap().clone(),
    );
    assert_eq!(too_long.unwrap_err().code, Code::Invalid);
}

#[tokio::test(start_paused = true)]
async fn a_channel_stays_with_its_interpreter_if_the_partner_cannot_be_heard_when_it_is_due() {
    let (room, kenji, aiko) = kenji_interprets().await;
    kenji.execute("channel.hand_over", to_aiko(10_000)).await;
    aiko.disconnect().await;
    sleep(Duration::from_secs(11)).await;
    assert_eq!(room.voice_in("ja"), "kenji");
    assert_eq!(room.channel("ja").await.handover, None);
}

#[tokio::test(start_paused = true)]
async fn a_request_to_speak_more_slowly_is_for_the_speaker_and_the_chair_and_not_repeated_at_once()
{
    let (room, mut chair, mut tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    let kenji = room.join_with_audio("kenji").await;
    kenji.execute("channel.take", ja()).await;
    for seat in [&mut chair, &mut tokyo, &mut seoul] {
        seat.events().await;
    }
    let asked = kenji.execute("speech.slower", json!({})).await;
    assert_eq!(asked["speakers"], json!(["tokyo-1"]));
    let seen = tokyo.events().await.remove(0);
    assert_eq!(
        (&seen["type"], &seen["language"]),
        (&json!("speech.slower_asked"), &json!("ja"))
    );
    assert_eq!(chair.events().await.remove(0), seen);
    assert_eq!(seoul.event_types().await, ["hidden"]);

    let again = kenji.expect_refusal("speech.slower", json!({})).await;
    assert_eq!(again.code, Code::RateLimited);
    sleep(Duration::from_secs(10)).await;
    kenji.execute("speech.slower", json!({})).await;

    tokyo
        .execute("floor.release", json!({"request": "r1"}))
        .await;
    let nobody = kenji.expect_refusal("speech.slower", json!({})).await;
    assert_eq!(nobody.code, Code::Conflict);
}
