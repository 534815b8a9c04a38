//! Every number that a person sets over the API is bounded where it enters, and the record can always be drawn up.

use serde_json::{Value, json};

use crate::test_server::TestServer;

const FLOOR: &str = "/rooms/climate/floor";

/// What a refusal of a call says.
async fn refused(server: &TestServer, token: &str, call: (&str, &str), body: Value) -> String {
    let (method, path) = call;
    let told = format!("{method} {path} {body}");
    let answer = server.call(method, path, Some(token), Some(body)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (400, "invalid"),
        "{told}"
    );
    answer.body["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_duration_over_a_day_is_refused_wherever_it_enters() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    tokyo.command("floor.request", json!({})).await;
    let grant = chair
        .command("floor.grant", json!({ "request": "r1" }))
        .await;
    assert_eq!(grant["result"]["state"], "granted");
    let token = server.token("moderator-1").await;

    let change = ("PATCH", FLOOR);
    for too_long in [json!(86_400_001), json!(u64::MAX)] {
        for field in ["limit_ms", "warning_ms", "grace_ms", "reconnect_grace_ms"] {
            let body = json!({ field: too_long });
            let detail = refused(&server, &token, change, body).await;
            assert!(detail.contains("at most a day"), "{field}: {detail}");
        }
        for (field, key) in [
            ("limit_by_kind_ms", "reply"),
            ("limit_by_class_ms", "observer"),
        ] {
            let body = json!({ field: { key: too_long } });
            let detail = refused(&server, &token, change, body).await;
            assert!(detail.contains("at most a day"), "{field}: {detail}");
        }
        let extend = ("POST", "/rooms/climate/floor/requests/r1/extend");
        let body = json!({ "by_ms": too_long });
        let detail = refused(&server, &token, extend, body).await;
        assert!(detail.contains("at most a day"), "{detail}");
        let question = ("POST", "/rooms/climate/decisions");
        let body = json!({ "kind": "roll_call", "question": "?", "closes_in_ms": too_long });
        let detail = refused(&server, &token, question, body).await;
        assert!(detail.contains("at most a day"), "{detail}");
    }
    let whole_day = json!({ "limit_ms": 86_400_000, "grace_ms": 86_400_000 });
    let set = server.call("PATCH", FLOOR, Some(&token), Some(whole_day));
    set.await.ok();
    for form in ["application/json", "text/markdown", "text/csv"] {
        let headers = plenary_testkit::api::headers(Some(&token), &[("accept", form)]);
        let path = "/api/v1/rooms/climate/proceedings";
        server.send("GET", path, &headers, "").await.ok();
    }
}

#[tokio::test]
async fn a_count_that_no_room_has_and_a_city_named_twice_are_refused() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let change = ("PATCH", FLOOR);
    for (body, words) in [
        (json!({ "nom": 0 }), "1 to 1000"),
        (json!({ "nom": 4_294_967_295_u32 }), "1 to 1000"),
        (json!({ "nom": 4_294_967_296_u64 }), "u32"),
        (json!({ "max_requests": 1001 }), "1 to 1000"),
        (json!({ "limit_ms": 0 }), "at least some time"),
        (
            json!({ "limit_by_kind_ms": { "reply": 0 } }),
            "at least some time",
        ),
        (json!({ "drawn": "\u{202e}" }), "a letter"),
        (json!({ "protocol": vec!["tokyo"; 4000] }), "stands twice"),
    ] {
        let detail = refused(&server, &token, change, body).await;
        assert!(detail.contains(words), "{detail}");
    }
    let floor = server.get(FLOOR, &token).await;
    assert!(floor["settings"]["protocol"].is_null(), "{floor}");
}
