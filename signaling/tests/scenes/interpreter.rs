//! Scene 9: an interpreter's connection drops. The channel carries the floor's sound, operators are alarmed, and a
//! partner may take over.
//!
//! Every device has a slot for Japanese and one for French, and every device sends all the time. So every step also checks that
//! no interpreter is forwarded as a voice of the floor, that an inactive interpreter is forwarded nowhere, and that Japanese does
//! not flow into French.

use plenary_testkit::meeting::{Meeting, MeetingOptions};
use serde_json::{Value, json};

use crate::PROGRAM;

const FIRST: &str = "interpreter-1";
const PARTNER: &str = "interpreter-2";
const INTERRUPTED: &str = "plenary_channels_interrupted";

fn japanese() -> Value {
    json!({ "language": "ja" })
}

/// Tokyo speaks, and the first interpreter interprets into Japanese.
async fn interpreted() -> (Meeting, Value) {
    let mut meeting = Meeting::open(
        PROGRAM,
        MeetingOptions {
            languages: &["ja", "fr"],
            ..MeetingOptions::default()
        },
    )
    .await;
    meeting
        .join(&["moderator-1", FIRST, PARTNER, "tokyo-1", "seoul-1"])
        .await;
    let request = meeting.give_floor("moderator-1", "tokyo-1").await;
    meeting.interpret(FIRST, "channel.take", japanese()).await;
    (meeting, request)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_drops_in_mid_speech_and_a_partner_takes_over() {
    let (mut meeting, request) = interpreted().await;
    let refused = meeting
        .expect_refusal(PARTNER, "channel.take", japanese())
        .await;
    assert_eq!(refused["code"], "conflict");

    let point = meeting.resume_point(FIRST);
    // From here on Japanese carries Tokyo, and nothing of the interpreter.
    meeting.drop_connection(FIRST, "seoul-1").await;
    assert_eq!(meeting.channel("ja").await["state"], "interrupted");
    assert_eq!(meeting.floor().await["granted"][0]["substate"], "live");
    let alarms = meeting.health().await["alarms"].clone();
    assert_eq!(alarms[0]["kind"], "channel_interrupted", "{alarms}");
    assert_eq!(alarms[0]["cause"], "away");
    let words = alarms[0]["detail"].as_str().unwrap();
    for named in ["Climate", "ja", "Interpreter-1"] {
        assert!(words.contains(named), "{words}");
    }
    assert!(alarms[0]["try"].as_str().unwrap().contains("partner"));
    assert_eq!(meeting.metric(INTERRUPTED), 1);

    meeting.interpret(PARTNER, "channel.take", japanese()).await;
    assert_eq!(meeting.health().await["alarms"], json!([]));
    assert_eq!(meeting.metric(INTERRUPTED), 0);
    // The first interpreter is back and sends, but is not forwarded.
    meeting.resume(FIRST, point).await;
    assert_eq!(meeting.channel("ja").await["interpreter"], PARTNER);

    // Until the channel is handed back.
    let back = json!({ "language": "ja", "to": FIRST });
    meeting.interpret(PARTNER, "channel.hand_over", back).await;
    meeting
        .execute("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    meeting.execute(FIRST, "channel.release", japanese()).await;
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_who_returns_in_time_has_the_channel_again() {
    let (mut meeting, _request) = interpreted().await;
    let point = meeting.resume_point(FIRST);
    meeting.drop_connection(FIRST, "seoul-1").await;
    meeting.resume_interpreting(FIRST, point, "ja").await;
    assert_eq!(meeting.health().await["alarms"], json!([]));
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_languages_are_interpreted_at_once_one_of_them_from_the_other() {
    let (mut meeting, request) = interpreted().await;
    let from_japanese = json!({ "language": "fr", "source": "ja" });
    meeting
        .interpret(PARTNER, "channel.take", from_japanese)
        .await;
    let circle = json!({ "language": "ja", "source": "fr" });
    let refused = meeting.expect_refusal(FIRST, "channel.relay", circle).await;
    assert_eq!(refused["code"], "conflict");
    // A change of speakers does not affect the listeners of a language.
    let next = meeting.request_floor("seoul-1").await;
    let grant = json!({ "request": next, "replace": request });
    meeting.execute("moderator-1", "floor.grant", grant).await;
    // The chair mutes one interpreter: that channel carries the floor, and the other goes on.
    let mute = |on: bool| json!({ "person": FIRST, "on": on });
    meeting
        .execute("moderator-1", "participant.mute", mute(true))
        .await;
    assert_eq!(meeting.channel("ja").await["state"], "interrupted");
    meeting
        .execute("moderator-1", "participant.mute", mute(false))
        .await;
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_outlasts_a_kill_of_the_server() {
    let (mut meeting, _request) = interpreted().await;
    let points = meeting.kill_server();
    for device in ["moderator-1", "tokyo-1", "seoul-1"] {
        meeting.resume(device, points[device].clone()).await;
    }
    assert_eq!(meeting.channel("ja").await["state"], "interrupted");
    meeting
        .resume_interpreting(FIRST, points[FIRST].clone(), "ja")
        .await;
    meeting.close().await;
}
