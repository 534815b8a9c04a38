//! Language channels over both transports; their media is tested in tests/scenes.

use plenary_testkit::api::headers;
use serde_json::json;

use crate::test_server::TestServer;

const TAKE: &str = "/api/v1/rooms/climate/channels/zh-hant-tw/take";

#[tokio::test]
async fn a_welcome_lists_the_languages_of_an_interpreter_and_none_for_a_delegate() {
    let server = TestServer::with_example_conference().await;
    let (_, welcome) = server.join("interpreter-1", "climate").await;
    assert_eq!(welcome["you"]["languages"], json!(["zh-Hant-TW"]));
    let channels = welcome["room"]["channels"].as_array().unwrap();
    let named: Vec<_> = channels.iter().map(|it| &it["language"]).collect();
    assert_eq!(named, ["en", "zh-Hant-TW"]);
    assert!(channels.iter().all(|it| it["state"] == "floor"));
    let (_, welcome) = server.join("tokyo-1", "climate").await;
    assert!(welcome["you"].get("languages").is_none());
}

#[tokio::test]
async fn a_channel_is_taken_once_under_one_key_and_the_event_is_sent_to_everybody() {
    let server = TestServer::with_example_conference().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (_interpreter, _) = server.join("interpreter-1", "climate").await;
    let token = server.token("interpreter-1").await;
    let take = || async {
        let keyed = headers(Some(&token), &[("idempotency-key", "k1")]);
        server.send("POST", TAKE, &keyed, "{}").await.ok()
    };
    let (first, again) = (take().await, take().await);
    assert_eq!(first, again);
    assert_eq!(first["language"], "zh-Hant-TW", "whatever its case");
    assert_eq!(first["source"], "floor");
    let told = tokyo.wait_for("channel.changed", |_| true).await;
    assert_eq!(told["channel"], first);
    assert_eq!(told["by"], "interpreter-1");
    let told_again = tokyo.drain().await;
    assert!(told_again.iter().all(|it| it["type"] != "channel.changed"));
}

#[tokio::test]
async fn a_channel_whose_interpreter_sends_no_sound_is_interrupted_and_health_says_so() {
    let server = TestServer::with_example_conference().await;
    let (mut interpreter, _) = server.join("interpreter-1", "climate").await;
    let taken = interpreter
        .command("channel.take", json!({ "language": "zh-Hant-TW" }))
        .await;
    assert_eq!(taken["result"]["state"], "interrupted");
    let operator = server.token("operator-1").await;
    let health = server.get("/health", &operator).await;
    let rooms = health["rooms"].as_array().unwrap().iter();
    let alarms: Vec<_> = rooms
        .flat_map(|it| it["alarms"].as_array().unwrap())
        .collect();
    assert_eq!(alarms.len(), 1);
    assert_eq!(alarms[0]["cause"], "no_path");
    let clear = "/rooms/climate/channels/zh-Hant-TW/clear";
    let cleared = server.post(clear, &operator).await;
    assert_eq!(cleared["state"], "floor");
}

#[tokio::test]
async fn an_invalid_or_foreign_language_is_refused_with_a_sentence() {
    let server = TestServer::with_example_conference().await;
    let (mut interpreter, _) = server.join("interpreter-1", "climate").await;
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
async fn an_invalid_want_of_a_slot_is_a_problem_and_the_connection_stays_open() {
    let server = TestServer::with_example_conference().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    for (wants, words) in [
        (
            "lang:ja",
            "The conference has no language \"ja\"; it has en, zh-Hant-TW.",
        ),
        ("lang:", "What is wanted of a slot is not understood"),
        ("everything", "What is wanted of a slot is not understood"),
        ("voice", "make an offer first"),
    ] {
        let slots = json!([{ "mid": "4", "wants": wants }]);
        tokyo.send(json!({ "type": "slots", "slots": slots })).await;
        let said = tokyo.wait_for("problem", |_| true).await;
        assert_eq!(said["problem"]["code"], "invalid", "{said}");
        let detail = said["problem"]["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
    }
    assert!(tokyo.is_responsive().await);
}
