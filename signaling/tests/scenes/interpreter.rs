//! Scene 9: an interpreter drops in mid-speech. The channel passes the floor's sound through, operators are alarmed, and a
//! partner may take over.
//!
//! Everybody has a line for Japanese and one for French, and everybody sends all the while. So every step also holds that
//! no interpreter is heard as a voice of the floor, that one who is not active is heard nowhere, and that Japanese does
//! not get into French.

use serde_json::{Value, json};

use crate::hall::Hall;

const FIRST: &str = "interpreter-1";
const PARTNER: &str = "interpreter-2";
const INTERRUPTED: &str = "plenary_channels_interrupted";

fn japanese() -> Value {
    json!({ "language": "ja" })
}

/// Tokyo speaks, and the first interprets it into Japanese.
async fn interpreted() -> (Hall, Value) {
    let mut hall = Hall::hearing(&["ja", "fr"], true, "").await;
    hall.seat(&["moderator-1", FIRST, PARTNER, "tokyo-1", "seoul-1"])
        .await;
    let request = hall.is_granted("moderator-1", "tokyo-1").await;
    hall.interprets(FIRST, "channel.take", japanese()).await;
    (hall, request)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_drops_in_mid_speech_and_a_partner_takes_over() {
    let (mut hall, request) = interpreted().await;
    let refused = hall.is_refused(PARTNER, "channel.take", japanese()).await;
    assert_eq!(refused["code"], "conflict");

    let place = hall.place(FIRST);
    // From here on Japanese carries Tokyo, and nothing of the interpreter.
    hall.loses(FIRST, "seoul-1").await;
    assert_eq!(hall.channel("ja").await["state"], "interrupted");
    assert_eq!(hall.floor().await["granted"][0]["substate"], "live");
    let alarms = hall.health().await["alarms"].clone();
    assert_eq!(alarms[0]["kind"], "channel_interrupted", "{alarms}");
    assert_eq!(alarms[0]["cause"], "away");
    let words = alarms[0]["detail"].as_str().unwrap();
    for named in ["Climate", "ja", FIRST] {
        assert!(words.contains(named), "{words}");
    }
    assert!(alarms[0]["try"].as_str().unwrap().contains("partner"));
    assert_eq!(hall.server.metric(INTERRUPTED), 1);

    hall.interprets(PARTNER, "channel.take", japanese()).await;
    assert_eq!(hall.health().await["alarms"], json!([]));
    assert_eq!(hall.server.metric(INTERRUPTED), 0);
    // The first is back, and sends; nobody hears it.
    hall.returns(FIRST, place).await;
    assert_eq!(hall.channel("ja").await["interpreter"], PARTNER);

    // Until the channel is handed back.
    let back = json!({ "language": "ja", "to": FIRST });
    hall.interprets(PARTNER, "channel.hand_over", back).await;
    hall.does("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    hall.does(FIRST, "channel.release", japanese()).await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_who_is_back_in_time_has_the_channel_again_by_himself() {
    let (mut hall, _request) = interpreted().await;
    let place = hall.place(FIRST);
    hall.loses(FIRST, "seoul-1").await;
    hall.returns_to_interpret(FIRST, place, "ja").await;
    assert_eq!(hall.health().await["alarms"], json!([]));
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_languages_are_interpreted_at_once_one_of_them_from_the_other() {
    let (mut hall, request) = interpreted().await;
    let from_japanese = json!({ "language": "fr", "source": "ja" });
    hall.interprets(PARTNER, "channel.take", from_japanese)
        .await;
    let circle = json!({ "language": "ja", "source": "fr" });
    let refused = hall.is_refused(FIRST, "channel.relay", circle).await;
    assert_eq!(refused["code"], "conflict");
    // The next speaker changes nothing for those who listen to a language.
    let next = hall.asks("seoul-1").await;
    let grant = json!({ "request": next, "replace": request });
    hall.does("moderator-1", "floor.grant", grant).await;
    // The chair silences one: his channel carries the floor, and the other goes on.
    let mute = |on: bool| json!({ "person": FIRST, "on": on });
    hall.does("moderator-1", "participant.mute", mute(true))
        .await;
    assert_eq!(hall.channel("ja").await["state"], "interrupted");
    hall.does("moderator-1", "participant.mute", mute(false))
        .await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_outlasts_a_kill_of_the_server() {
    let (mut hall, _request) = interpreted().await;
    let places = hall.is_killed();
    hall.server.start_again();
    for device in ["moderator-1", "tokyo-1", "seoul-1"] {
        hall.returns(device, places[device].clone()).await;
    }
    assert_eq!(hall.channel("ja").await["state"], "interrupted");
    hall.returns_to_interpret(FIRST, places[FIRST].clone(), "ja")
        .await;
    hall.close().await;
}
