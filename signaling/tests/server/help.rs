//! Calls for help and notices over both transports, and names by language.

use plenary_testkit::api::headers;
use serde_json::json;

use crate::test_server::TestServer;

#[tokio::test]
async fn a_call_for_help_is_in_the_health_of_its_room_with_the_senders_figures_until_it_is_closed()
{
    let server = TestServer::with_example_conference().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let call = json!({ "text": "I hear nothing.", "to": "operators", "help": true });
    let posted = tokyo.command("chat.post", call).await;
    let message = &posted["result"]["id"];

    let operator = server.token("operator-1").await;
    let health = server.get("/rooms/climate/health", &operator).await;
    let call = &health["help"][0];
    assert_eq!((&call["id"], &call["from"]), (message, &json!("tokyo-1")));
    assert_eq!(call["names"]["zh-Hant-TW"], "東京代表");
    assert_eq!(call["figures"]["state"], "seated", "{call}");
    assert_eq!(call["figures"]["quality"], "fair");
    let detail = call["detail"].as_str().unwrap();
    assert!(
        detail.ends_with("Tokyo delegate calls for help: I hear nothing."),
        "{detail}"
    );

    let answer = json!({ "message": message, "text": "Choose a headset." });
    let closed = server
        .call(
            "POST",
            "/rooms/climate/help/close",
            Some(&operator),
            Some(answer),
        )
        .await
        .ok();
    assert_eq!(&closed["id"], message);
    let told = tokyo.wait_for("help.closed", |_| true).await;
    assert_eq!(told["text"], "Choose a headset.");
    let health = server.get("/rooms/climate/health", &operator).await;
    assert_eq!(health["help"], json!([]));
}

#[tokio::test]
async fn a_notice_to_all_rooms_is_posted_in_each_once_and_only_by_an_operator() {
    let server = TestServer::with_example_conference().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "covid").await;
    let body = json!({ "text": "We go on at 14:00." });
    let operator = server.token("operator-1").await;
    let posted = server
        .call("POST", "/notices", Some(&operator), Some(body.clone()))
        .await
        .ok();
    let rooms: Vec<_> = posted
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["room"])
        .collect();
    assert_eq!(rooms, ["plenary", "climate", "covid", "resilience"]);
    let keyed = headers(Some(&operator), &[("idempotency-key", "n1")]);
    for _ in 0..2 {
        let body = json!({ "text": "Once." }).to_string();
        server
            .send("POST", "/api/v1/notices", &keyed, body)
            .await
            .ok();
    }
    for seat in [&mut tokyo, &mut seoul] {
        let notice = seat.wait_for("notice.posted", |_| true).await;
        assert_eq!(
            (&notice["text"], &notice["by"]),
            (&json!("We go on at 14:00."), &json!("operator-1"))
        );
    }
    tokyo
        .wait_for("notice.posted", |it| it["text"] == "Once.")
        .await;
    let more = tokyo.drain().await;
    assert!(
        more.iter().all(|it| it["type"] != "notice.posted"),
        "{more:?}"
    );
    let delegate = server.token("tokyo-1").await;
    let refused = server
        .call("POST", "/notices", Some(&delegate), Some(body.clone()))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (403, "forbidden")
    );
}

#[tokio::test]
async fn names_and_titles_by_language_stand_beside_the_plain_ones() {
    let server = TestServer::with_example_conference().await;
    let (_, welcome) = server.join("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["names"]["zh-Hant-TW"], "東京代表");
    let room = &welcome["room"];
    assert_eq!(room["title"], room["titles"]["en"]);
    assert_eq!(room["participants"][0]["names"]["zh-Hant-TW"], "東京代表");
    assert_eq!(
        room["agenda"]["items"][3]["titles"]["zh-Hant-TW"],
        "綜合討論"
    );

    let token = server.token("operator-1").await;
    let conference = server.get("/conference", &token).await;
    for (place, text) in [
        ("/names/zh-Hant-TW", "2021 年危機管理會議"),
        ("/themes/zh-Hant-TW", "緊急應變與管理的關鍵功能"),
        ("/delegations/1/names/zh-Hant-TW", "東京"),
        ("/people/1/names/zh-Hant-TW", "東京代表"),
        ("/rooms/0/titles/zh-Hant-TW", "全體會議"),
    ] {
        assert_eq!(conference.pointer(place), Some(&json!(text)), "{place}");
    }
    let health = server.get("/rooms/climate/health", &token).await;
    assert_eq!(health["titles"], room["titles"]);
    assert_eq!(health["participants"][0]["names"]["zh-Hant-TW"], "東京代表");
    let record = server.get("/rooms/climate/proceedings", &token).await;
    assert_eq!(record["room"]["titles"], room["titles"]);
    assert_eq!(record["attendance"][0]["names"]["zh-Hant-TW"], "東京代表");
}
