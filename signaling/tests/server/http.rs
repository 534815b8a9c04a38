//! The HTTP API: refusals, preconditions and idempotency keys. Rules of order, section 18.

use plenary_testkit::api::headers;
use serde_json::{Value, json};

use crate::test_server::TestServer;

const FLOOR: &str = "/rooms/climate/floor";
const REQUESTS: &str = "/rooms/climate/floor/requests";

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let huge = format!("{{\"info\":\"{}\"}}", "x".repeat(70_000));
    let json = "application/json";
    for (method, path, kind, body, status, code) in [
        ("GET", "/nothing", json, "", 404, "not_found"),
        ("GET", "/rooms/atlantis", json, "", 404, "not_found"),
        ("GET", "/rooms/%ff", json, "", 404, "not_found"),
        ("GET", "/rooms/a%20b/floor", json, "", 404, "not_found"),
        ("DELETE", "/conference", json, "", 405, "invalid"),
        ("POST", REQUESTS, json, "{", 400, "invalid"),
        ("POST", REQUESTS, json, "[]", 400, "invalid"),
        ("POST", REQUESTS, json, "\u{0}", 400, "invalid"),
        ("POST", REQUESTS, json, "{\"colour\":1}", 400, "invalid"),
        (
            "POST",
            REQUESTS,
            json,
            "{\"kind\":\"song\"}",
            400,
            "invalid",
        ),
        ("POST", REQUESTS, json, &huge, 413, "too_large"),
        ("POST", REQUESTS, "text/plain", "{}", 415, "invalid"),
        (
            "POST",
            "/rooms/climate/floor/requests/r1/juggle",
            json,
            "",
            404,
            "not_found",
        ),
        (
            "POST",
            "/rooms/climate/floor/requests/r1/cancel",
            json,
            "",
            404,
            "not_found",
        ),
        (
            "POST",
            "/rooms/climate/floor/requests/x/cancel",
            json,
            "",
            400,
            "invalid",
        ),
        (
            "POST",
            "/rooms/climate/floor/requests/r1/cancel",
            json,
            "{\"request\":\"r2\"}",
            400,
            "invalid",
        ),
        (
            "POST",
            "/rooms/climate/floor/list/burn",
            json,
            "",
            404,
            "not_found",
        ),
        (
            "GET",
            "/rooms/climate/events?after=x",
            json,
            "",
            400,
            "invalid",
        ),
        ("GET", "/ws", json, "", 426, "invalid"),
    ] {
        let headers = [
            ("content-type".to_owned(), kind.to_owned()),
            ("authorization".to_owned(), format!("Bearer {token}")),
        ];
        let answer = server
            .send(method, &format!("/api/v1{path}"), &headers, body.to_owned())
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{method} {path} {body:.40}"
        );
    }
}

#[tokio::test]
async fn every_route_needs_a_token() {
    let server = TestServer::start().await;
    for path in [
        "/conference",
        "/me",
        "/rooms",
        "/rooms/climate",
        FLOOR,
        "/rooms/climate/events",
        "/health",
    ] {
        for token in [None, Some("nonsense")] {
            let answer = server.call("GET", path, token, None).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (401, "unauthorized"),
                "{path}"
            );
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
}

#[tokio::test]
async fn a_room_is_forbidden_to_people_of_other_rooms() {
    let server = TestServer::start().await;
    let delhi = server.token("delhi-1").await;
    assert_eq!(
        server
            .call("GET", "/rooms/climate", Some(&delhi), None)
            .await
            .code(),
        "forbidden"
    );
    assert_eq!(server.get("/rooms/covid", &delhi).await["id"], "covid");
    let rooms = server.get("/rooms", &delhi).await;
    assert_eq!(rooms.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_of_an_outdated_floor_is_412() {
    let server = TestServer::start().await;
    let (tokyo, chair) = (
        server.token("tokyo-1").await,
        server.token("moderator-1").await,
    );
    let seen = server.call("GET", FLOOR, Some(&tokyo), None).await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", seen.body["version"]));

    let path = format!("/api/v1{FLOOR}");
    let fresh = headers(Some(&chair), &[("if-match", &tag)]);
    server
        .send("PATCH", &path, &fresh, "{\"nom\":2}")
        .await
        .ok();
    for tag in [tag.as_str(), &format!("W/{tag}"), "nonsense"] {
        let stale = headers(Some(&chair), &[("if-match", tag)]);
        let answer = server.send("PATCH", &path, &stale, "{\"nom\":3}").await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (412, "conflict"),
            "{tag}"
        );
    }
    let any = headers(Some(&chair), &[("if-match", "*")]);
    assert_eq!(
        server
            .send("PATCH", &path, &any, "{\"nom\":3}")
            .await
            .status
            .as_u16(),
        200
    );
    assert_eq!(server.get(FLOOR, &tokyo).await["nom"], 3);
}

#[tokio::test]
async fn a_command_that_is_repeated_under_its_key_happens_once() {
    let server = TestServer::start().await;
    let (mut _tokyo, _) = server.join("tokyo-1", "climate").await;
    let token = server.token("tokyo-1").await;
    let one = headers(Some(&token), &[("idempotency-key", "key-1")]);
    let path = format!("/api/v1{REQUESTS}");
    let first = server.send("POST", &path, &one, "{}").await;
    let again = server.send("POST", &path, &one, "{}").await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.ok(), again.ok());

    let other = headers(Some(&token), &[("idempotency-key", "key-2")]);
    assert_eq!(
        server.send("POST", &path, &other, "{}").await.code(),
        "duplicate"
    );
    let bad = headers(Some(&token), &[("idempotency-key", "a b")]);
    assert_eq!(
        server.send("POST", &path, &bad, "{}").await.code(),
        "invalid"
    );
}

#[tokio::test]
async fn a_speech_is_requested_granted_and_revoked_over_http() {
    let server = TestServer::start().await;
    let (mut chair_line, _) = server.join("moderator-1", "climate").await;
    let (mut _tokyo, _) = server.join("tokyo-1", "climate").await;
    let (tokyo, chair) = (
        server.token("tokyo-1").await,
        server.token("moderator-1").await,
    );

    let asked = server
        .call(
            "POST",
            REQUESTS,
            Some(&tokyo),
            Some(json!({"info": "on floods"})),
        )
        .await
        .ok();
    let id = asked["id"].as_str().unwrap();
    let verb = |verb: &str| format!("{REQUESTS}/{id}/{verb}");
    let granted = server.post(&verb("grant"), &chair).await;
    assert_eq!(granted["state"], "granted");
    let floor = server.get(FLOOR, &tokyo).await;
    assert_eq!(floor["speech"]["speaker"], "tokyo-1");
    server
        .call(
            "POST",
            &verb("revoke"),
            Some(&chair),
            Some(json!({"reason": "time"})),
        )
        .await
        .ok();

    // Participants received the events, which can be fetched again by sequence number.
    let revoked = chair_line.wait_for("floor.revoked", |_| true).await;
    let before = revoked["seq"].as_u64().unwrap() - 1;
    let path = format!("/rooms/climate/events?after={before}");
    let events = server.get(&path, &tokyo).await;
    assert_eq!(events[0], revoked);
}

#[tokio::test]
async fn the_page_has_a_content_security_policy_and_an_etag() {
    let server = TestServer::start().await;
    let page = server.send("GET", "/", &[], "").await;
    if page.status.as_u16() == 404 {
        // Without the embedded page the answer is a problem document.
        assert_eq!(page.code(), "not_found");
        return;
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let tag = page.headers["etag"].to_str().unwrap().to_owned();
    // A compressing proxy makes the tag weak, and a client may know several.
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", W/{tag}"),
    ] {
        let again = server
            .send("GET", "/", &[("if-none-match".to_owned(), known)], "")
            .await;
        assert_eq!((again.status.as_u16(), again.body), (304, Value::from("")));
    }
    assert_eq!(
        server.send("GET", "/../Cargo.toml", &[], "").await.code(),
        "not_found"
    );
}

#[tokio::test]
async fn health_checks_and_metrics_need_no_token() {
    let server = TestServer::start().await;
    assert_eq!(server.get_ops("/healthz").await.status.as_u16(), 200);
    assert_eq!(server.get_ops("/readyz").await.status.as_u16(), 200);
    let metrics = server.get_ops("/metrics").await;
    let text = metrics.body.as_str().unwrap();
    assert!(
        text.contains("\nplenary_media_ungranted_packets_forwarded_total 0\n"),
        "{text}"
    );
}

#[tokio::test]
async fn an_operator_reads_the_health_of_every_participant() {
    let server = TestServer::start().await;
    let (mut _tokyo, _) = server.join("tokyo-1", "climate").await;
    let (operator, delegate) = (
        server.token("operator-1").await,
        server.token("tokyo-1").await,
    );
    let health = server.get("/health", &operator).await;
    let seat = &health["rooms"][0]["participants"][0];
    assert_eq!(
        (&seat["person"], &seat["state"]),
        (&json!("tokyo-1"), &json!("seated"))
    );
    assert_eq!(
        server
            .call("GET", "/rooms/climate/health", Some(&delegate), None)
            .await
            .code(),
        "forbidden"
    );
}

#[tokio::test]
async fn the_list_of_rooms_has_the_current_and_the_next_item() {
    let server = TestServer::start().await;
    let chair = server.token("moderator-1").await;
    let rooms = server.get("/rooms", &chair).await;
    assert_eq!(rooms[0]["on"], Value::Null);
    assert_eq!(rooms[0]["next"]["id"], "floods");
    let start = "/rooms/climate/agenda/floods/start";
    let item = server.post(start, &chair).await;
    assert_eq!(
        (&item["state"], &item["limit_ms"]),
        (&json!("on"), &json!(1_200_000))
    );
    let rooms = server.get("/rooms", &chair).await;
    assert_eq!(rooms[0]["on"]["id"], "floods");
    assert_eq!(
        (&rooms[0]["next"], &rooms[1]["on"]),
        (&Value::Null, &Value::Null)
    );
    let unknown = server
        .call(
            "POST",
            "/rooms/climate/agenda/floods/sing",
            Some(&chair),
            None,
        )
        .await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.code()),
        (404, "not_found")
    );
}

#[tokio::test]
async fn a_question_is_put_voted_on_and_closed() {
    let server = TestServer::start().await;
    let (chair, tokyo) = (
        server.token("moderator-1").await,
        server.token("tokyo-1").await,
    );
    let (_seat, _) = server.join("tokyo-1", "climate").await;
    let question = json!({"kind": "roll_call", "question": "Shall it be adopted?"});
    let put = server
        .call(
            "POST",
            "/rooms/climate/decisions",
            Some(&chair),
            Some(question),
        )
        .await;
    assert_eq!((put.status.as_u16(), &put.body["id"]), (201, &json!("d1")));
    let vote = "/rooms/climate/decisions/d1/vote";
    let voted = server
        .call("POST", vote, Some(&tokyo), Some(json!({"choice": "yes"})))
        .await
        .ok();
    assert_eq!(voted["tally"]["yes"], 1);
    let close = "/rooms/climate/decisions/d1/close";
    let closed = server.post(close, &chair).await;
    assert_eq!(closed["result"], "adopted");
    let room = server.get("/rooms/climate", &chair).await;
    assert_eq!(room["decisions"][0], closed);
}

#[tokio::test]
async fn an_order_of_delegations_names_those_of_the_conference() {
    let server = TestServer::start().await;
    let chair = server.token("moderator-1").await;
    let path = "/rooms/climate/floor";
    let body = |names: [&str; 2]| Some(json!({ "protocol": names }));
    let refused = server.call("PATCH", path, Some(&chair), body(["seoul", "tokio"]));
    let refused = refused.await;
    assert_eq!(refused.code(), "invalid");
    let words = refused.body["detail"].as_str().unwrap();
    assert!(words.contains("Did you mean \"tokyo\""), "{words}");
    let done = server.call("PATCH", path, Some(&chair), body(["seoul", "tokyo"]));
    done.await.ok();
}
