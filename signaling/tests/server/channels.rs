//! Language channels over both transports; what flows in them is in tests/scenes.

use serde_json::json;

use crate::hall::{Hall, headers};

const TAKE: &str = "/api/v1/rooms/climate/channels/zh-hant-tw/take";

#[tokio::test]
async fn an_interpreter_is_told_his_languages_and_a_delegate_that_he_has_none() {
    let hall = Hall::of_the_example().await;
    let (_, welcome) = hall.seat("interpreter-1", "climate").await;
    assert_eq!(welcome["you"]["languages"], json!(["zh-Hant-TW"]));
    let channels = welcome["room"]["channels"].as_array().unwrap();
    let named: Vec<_> = channels.iter().map(|it| &it["language"]).collect();
    assert_eq!(named, ["en", "zh-Hant-TW"]);
    assert!(channels.iter().all(|it| it["state"] == "floor"));
    let (_, welcome) = hall.seat("tokyo-1", "climate").await;
    assert!(welcome["you"].get("languages").is_none());
}

#[tokio::test]
async fn a_channel_is_taken_once_under_one_key_and_everybody_is_told() {
    let hall = Hall::of_the_example().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (_interpreter, _) = hall.seat("interpreter-1", "climate").await;
    let token = hall.token("interpreter-1").await;
    let take = || async {
        let keyed = headers(Some(&token), &[("idempotency-key", "k1")]);
        hall.send("POST", TAKE, &keyed, "{}").await.ok()
    };
    let (first, again) = (take().await, take().await);
    assert_eq!(first, again);
    assert_eq!(first["language"], "zh-Hant-TW", "whatever its case");
    assert_eq!(first["source"], "floor");
    let told = tokyo.until("channel.changed", |_| true).await;
    assert_eq!(told["channel"], first);
    assert_eq!(told["by"], "interpreter-1");
    let told_again = tokyo.everything().await;
    assert!(told_again.iter().all(|it| it["type"] != "channel.changed"));
}

#[tokio::test]
async fn without_sound_from_him_an_interpreter_interrupts_his_channel_which_health_and_metrics_say()
{
    let hall = Hall::of_the_example().await;
    let (mut interpreter, _) = hall.seat("interpreter-1", "climate").await;
    let taken = interpreter
        .command("channel.take", json!({ "language": "zh-Hant-TW" }))
        .await;
    assert_eq!(taken["result"]["state"], "interrupted");
    let operator = hall.token("operator-1").await;
    let health = hall
        .call("GET", "/health", Some(&operator), None)
        .await
        .ok();
    let rooms = health["rooms"].as_array().unwrap().iter();
    let alarms: Vec<_> = rooms
        .flat_map(|it| it["alarms"].as_array().unwrap())
        .collect();
    assert_eq!(alarms.len(), 1);
    assert_eq!(alarms[0]["cause"], "no_path");
    let clear = "/rooms/climate/channels/zh-Hant-TW/clear";
    let cleared = hall.call("POST", clear, Some(&operator), None).await.ok();
    assert_eq!(cleared["state"], "floor");
}

#[tokio::test]
async fn a_language_that_is_none_or_not_of_the_conference_is_refused_in_a_sentence() {
    let hall = Hall::of_the_example().await;
    let (mut interpreter, _) = hall.seat("interpreter-1", "climate").await;
    for (language, code, words) in [
        ("ko", "not_found", "it has en, zh-Hant-TW"),
        ("floor", "invalid", "BCP 47"),
        ("no language", "invalid", "BCP 47"),
        ("en", "forbidden", "but into zh-Hant-TW"),
    ] {
        let fields = json!({ "language": language });
        let problem = interpreter.command("channel.take", fields).await["problem"].clone();
        assert_eq!(problem["code"], code, "{problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_wanted_of_a_line_is_a_problem_and_the_seat_goes_on() {
    let hall = Hall::of_the_example().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    for wants in ["lang:ja", "lang:", "everything"] {
        let slots = json!([{ "mid": "4", "wants": wants }]);
        tokyo.say(json!({ "type": "slots", "slots": slots })).await;
        let said = tokyo.until("problem", |_| true).await;
        assert_eq!(said["problem"]["code"], "invalid", "{said}");
    }
    assert!(tokyo.is_alive().await);
}
