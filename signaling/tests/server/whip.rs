//! WHIP (RFC 9725) and WHEP: seats of devices that speak HTTP alone. What is heard of them: `tests/foreign`.

use plenary_server::state::Limits;
use plenary_testkit::api::{Response, headers};
use serde_json::{Value, json};

use crate::test_server::TestServer;

const BROWSER: &str = include_str!("../../../crates/transport/tests/offers/chromium.sdp");
const DATA: &str = include_str!("../../../crates/transport/tests/offers/datachannel-only.sdp");

/// A browser's offer with the lines of one direction alone.
pub fn offer(direction: &str) -> String {
    let (session, lines) = BROWSER.split_once("\nm=").unwrap();
    let lines = lines.split("\nm=").map(|line| format!("m={line}"));
    let has_direction = |line: &String| line.lines().any(|it| it == format!("a={direction}"));
    let kept: Vec<String> = lines.filter(has_direction).collect();
    let mids = kept.iter().map(|line| {
        let mid = line.lines().find_map(|it| it.strip_prefix("a=mid:"));
        mid.unwrap()
    });
    let bundle = format!("a=group:BUNDLE {}", mids.collect::<Vec<_>>().join(" "));
    let session = session.lines().map(|line| {
        if line.starts_with("a=group:BUNDLE") {
            bundle.as_str()
        } else {
            line
        }
    });
    let lines = session.chain(kept.iter().flat_map(|line| line.lines()));
    let lines: Vec<String> = lines.map(|line| format!("{line}\r\n")).collect();
    lines.concat()
}

#[tokio::test]
async fn a_drain_ends_every_session() {
    let server = TestServer::start().await;
    let (tokyo, display) = (server.token("tokyo-1").await, server.display("climate"));
    publish(&server, &tokyo).await;
    begin(&server, "/whep/climate", &display, offer("recvonly")).await;
    assert_eq!(server.seated(), 2);
    assert_eq!(server.drain().await, 0);
}

async fn send(server: &TestServer, method: &str, path: &str, more: &[(&str, &str)]) -> Response {
    send_body(server, method, path, more, String::new()).await
}

async fn send_body(
    server: &TestServer,
    method: &str,
    path: &str,
    more: &[(&str, &str)],
    body: String,
) -> Response {
    let headers = more
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    server
        .send(method, path, &headers.collect::<Vec<_>>(), body)
        .await
}

async fn post(server: &TestServer, path: &str, secret: &str, offer: String) -> Response {
    let bearer = format!("Bearer {secret}");
    let more = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/sdp"),
    ];
    send_body(server, "POST", path, &more, offer).await
}

/// A session that has begun: its address and the tag of its ICE session.
pub async fn begin(
    server: &TestServer,
    path: &str,
    secret: &str,
    offer: String,
) -> (String, String) {
    let created = post(server, path, secret, offer).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.headers["content-type"], "application/sdp");
    let named = |name: &str| created.headers[name].to_str().unwrap().to_owned();
    (named("location"), named("etag"))
}

async fn publish(server: &TestServer, secret: &str) -> (String, String) {
    begin(server, "/whip/climate", secret, offer("sendonly")).await
}

async fn delete(server: &TestServer, address: &str, secret: &str) -> Response {
    let bearer = format!("Bearer {secret}");
    send(server, "DELETE", address, &[("authorization", &bearer)]).await
}

async fn patch(
    server: &TestServer,
    address: &str,
    secret: &str,
    if_match: Option<&str>,
    fragment: &str,
) -> Response {
    let bearer = format!("Bearer {secret}");
    let mut more = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/trickle-ice-sdpfrag"),
    ];
    more.extend(if_match.map(|tag| ("if-match", tag)));
    send_body(server, "PATCH", address, &more, fragment.to_owned()).await
}

async fn participants(server: &TestServer) -> Vec<Value> {
    let token = server.token("operator-1").await;
    let room = server.get("/rooms/climate", &token).await;
    room["participants"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_studio_is_a_device_of_its_person_and_its_delete_leaves_the_seat() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let token = server.token("tokyo-1").await;
    let (address, _) = publish(&server, &token).await;
    let joined = chair.wait_for("participant.joined", |_| true).await;
    assert_eq!(joined["participant"]["person"], "tokyo-1");
    assert_eq!(joined["participant"]["publishing"], true);

    // The seat, the queue and the clock are those of the person.
    let asked = server.call(
        "POST",
        "/rooms/climate/floor/requests",
        Some(&token),
        Some(json!({})),
    );
    let request = asked.await.ok()["id"].as_str().unwrap().to_owned();
    let granted = chair
        .command("floor.grant", json!({ "request": request }))
        .await;
    assert_eq!(granted["result"]["state"], "granted", "{granted}");

    let ended = delete(&server, &address, &token).await;
    assert_eq!(ended.status, 200, "{ended:?}");
    let away = |message: &Value| message["participant"]["state"] == "away";
    chair.wait_for("participant.updated", away).await;
    assert_eq!(delete(&server, &address, &token).await.code(), "not_found");
}

#[tokio::test]
async fn a_studio_takes_over_from_the_page_which_publishes_again_when_the_studio_ends() {
    let server = TestServer::start().await;
    let (mut page, welcome) = server.join("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["publishing"], true);
    let token = server.token("tokyo-1").await;
    let (address, _) = publish(&server, &token).await;
    page.wait_for("device.replaced", |_| true).await;
    assert_eq!(participants(&server).await.len(), 1);
    delete(&server, &address, &token).await;
    page.wait_for("device.active", |_| true).await;
}

#[tokio::test]
async fn a_person_who_watches_by_whep_is_seated_and_never_publishes() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    begin(&server, "/whep/climate", &token, offer("recvonly")).await;
    let there = participants(&server).await;
    assert_eq!(there[0]["person"], "tokyo-1");
    assert_eq!(there[0]["publishing"], false);
}

#[tokio::test]
async fn a_display_link_watches_by_whep_and_is_nobody() {
    let server = TestServer::start().await;
    let (address, _) = begin(
        &server,
        "/whep/climate",
        &server.display("climate"),
        offer("recvonly"),
    )
    .await;
    assert!(address.starts_with("/api/v1/whep/climate/"), "{address}");
    assert_eq!(participants(&server).await, [] as [Value; 0]);
    let display = server.display("climate");
    let elsewhere = post(&server, "/whep/covid", &display, offer("recvonly"));
    assert_eq!(elsewhere.await.code(), "forbidden");
    let heard = post(&server, "/whip/climate", &display, offer("sendonly"));
    assert_eq!(heard.await.code(), "forbidden");
}

#[tokio::test]
async fn an_invitation_is_a_bearer_token_and_everything_else_is_refused() {
    let server = TestServer::start().await;
    let invitation = server.invitation("tokyo-1");
    let (address, _) = publish(&server, &invitation).await;
    assert_eq!(delete(&server, &address, &invitation).await.status, 200);
    // A program may ask under the path of the API as well.
    begin(
        &server,
        "/api/v1/whip/climate",
        &invitation,
        offer("sendonly"),
    )
    .await;

    let nobody = post(&server, "/whip/climate", "nonsense", offer("sendonly")).await;
    assert_eq!(nobody.code(), "unauthorized");
    assert_eq!(nobody.headers["www-authenticate"], "Bearer");
    let kind = [("content-type", "application/sdp")];
    let silent = send_body(&server, "POST", "/whip/climate", &kind, offer("sendonly")).await;
    assert_eq!(silent.code(), "unauthorized");
    // Elsewhere an invitation is no token.
    let elsewhere = server.call("GET", "/me", Some(&invitation), None).await;
    assert_eq!(elsewhere.code(), "unauthorized");
}

#[tokio::test]
async fn an_address_serves_nobody_but_its_bearer() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let (address, tag) = publish(&server, &token).await;
    let seoul = server.token("seoul-1").await;
    for refused in [
        delete(&server, &address, &seoul).await,
        patch(&server, &address, &seoul, Some(&tag), "").await,
        delete(&server, &address.replace("whip", "whep"), &token).await,
        delete(&server, &address.replace("climate", "covid"), &token).await,
        delete(&server, "/api/v1/whip/climate/1", &token).await,
    ] {
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (404, "not_found")
        );
    }
    let nobody = send(&server, "DELETE", &address, &[]).await;
    assert_eq!(nobody.code(), "unauthorized");
    assert_eq!(delete(&server, &address, &token).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_with_its_status() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let viewer = server.token("viewer-1").await;
    let both = BROWSER.to_owned();
    for (path, secret, offer, status) in [
        ("/whip/climate", &token, "nonsense".to_owned(), 400),
        ("/whip/climate", &token, DATA.to_owned(), 422),
        ("/whip/climate", &token, both.clone(), 422),
        ("/whip/climate", &token, offer("recvonly"), 422),
        ("/whep/climate", &token, both, 422),
        ("/whep/climate", &token, offer("sendonly"), 422),
        ("/whip/nowhere", &token, offer("sendonly"), 404),
        ("/whip/climate", &viewer, offer("sendonly"), 403),
        ("/whip/climate", &token, "a".repeat(300_000), 413),
    ] {
        let refused = post(&server, path, secret, offer).await;
        assert_eq!(refused.status, status, "{path} {refused:?}");
        refused.code();
        assert_eq!(refused.headers["access-control-allow-origin"], "*");
    }
    let json = headers(Some(&token), &[]);
    let refused = server.send("POST", "/whip/climate", &json, "{}").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (415, "invalid"));
    let only = [("accept", "text/html"), ("content-type", "application/sdp")];
    let only = headers(Some(&token), &only);
    let refused = server
        .send("POST", "/whip/climate", &only, offer("sendonly"))
        .await;
    assert_eq!((refused.status.as_u16(), refused.code()), (406, "invalid"));
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let refused = server.send(method, "/whip/climate", &json, "").await;
        assert_eq!((refused.status.as_u16(), refused.code()), (405, "invalid"));
        assert!(refused.headers.contains_key("allow"), "{method}");
    }
    assert_eq!(
        participants(&server).await,
        [] as [Value; 0],
        "nobody was seated"
    );
}

const RESTART: &str = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";
const CANDIDATE: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
    a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n";

#[tokio::test]
async fn candidates_are_taken_for_the_present_ice_session_and_a_restart_begins_another() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let (address, first) = publish(&server, &token).await;
    let patch = |if_match, fragment| patch(&server, &address, &token, if_match, fragment);

    assert_eq!(patch(None, CANDIDATE).await.status, 428);
    assert_eq!(patch(Some("\"other\""), CANDIDATE).await.status, 412);
    assert_eq!(patch(Some(&first), "v=0\r\n").await.code(), "invalid");
    let trickled = patch(Some(&first), CANDIDATE).await;
    assert_eq!(
        (trickled.status.as_u16(), trickled.body.as_str()),
        (204, Some(""))
    );

    let restarted = patch(Some("*"), RESTART).await;
    assert_eq!(restarted.status, 200, "{restarted:?}");
    assert_eq!(
        restarted.headers["content-type"],
        "application/trickle-ice-sdpfrag"
    );
    let second = restarted.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(second, first);
    let fragment = restarted.body.as_str().unwrap();
    for line in [
        "a=ice-lite",
        "a=ice-ufrag:",
        "a=ice-pwd:",
        "a=candidate:",
        "a=mid:",
    ] {
        assert!(fragment.contains(line), "{line}: {fragment}");
    }
    assert_eq!(patch(Some(&first), CANDIDATE).await.status, 412);
    let again = patch(Some(&second), &format!("{RESTART}{CANDIDATE}")).await;
    assert_eq!(again.status, 204, "the credentials of the present session");
}

#[tokio::test]
async fn pages_of_other_origins_learn_what_they_may_send() {
    let server = TestServer::start().await;
    let before = [
        ("origin", "https://studio.example"),
        ("access-control-request-method", "POST"),
    ];
    let endpoint = send(&server, "OPTIONS", "/whip/climate", &before).await;
    assert_eq!(endpoint.status, 200);
    assert_eq!(endpoint.headers["accept-post"], "application/sdp");
    assert_eq!(endpoint.headers["access-control-allow-origin"], "*");
    let allowed = endpoint.headers["access-control-allow-headers"]
        .to_str()
        .unwrap();
    assert!(allowed.contains("authorization") && allowed.contains("content-type"));
    for root in ["", "/api/v1"] {
        let session = format!("{root}/whep/climate/1");
        let session = send(&server, "OPTIONS", &session, &before).await;
        assert_eq!(session.status, 200, "{session:?}");
        let methods = session.headers["access-control-allow-methods"]
            .to_str()
            .unwrap();
        assert!(
            methods.contains("PATCH") && methods.contains("DELETE"),
            "{methods}"
        );
        assert_eq!(
            session.headers["accept-patch"],
            "application/trickle-ice-sdpfrag"
        );
    }
    let token = server.token("tokyo-1").await;
    let created = post(&server, "/whip/climate", &token, offer("sendonly")).await;
    let exposed = created.headers["access-control-expose-headers"]
        .to_str()
        .unwrap();
    assert!(
        exposed.contains("location") && exposed.contains("etag"),
        "{exposed}"
    );
}

#[tokio::test]
async fn a_person_has_few_sessions_and_the_oldest_makes_way() {
    let limits = Limits {
        devices_per_person: 2,
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let token = server.token("tokyo-1").await;
    let mut addresses = Vec::new();
    for _ in 0..3 {
        addresses.push(
            begin(&server, "/whep/climate", &token, offer("recvonly"))
                .await
                .0,
        );
    }
    // The room has let it go once it answers nobody.
    while patch(&server, &addresses[0], &token, Some("*"), "")
        .await
        .status
        != 404
    {
        chair.is_responsive().await;
    }
    for address in &addresses[1..] {
        assert_eq!(delete(&server, address, &token).await.status, 200);
    }
}

#[tokio::test]
async fn a_removal_or_a_revocation_ends_the_session() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let operator = server.token("operator-1").await;
    let tokyo = server.token("tokyo-1").await;
    let (removed, _) = publish(&server, &tokyo).await;
    chair
        .command("participant.remove", json!({ "person": "tokyo-1" }))
        .await;
    while delete(&server, &removed, &tokyo).await.status != 404 {
        chair.is_responsive().await;
    }
    let back = post(&server, "/whip/climate", &tokyo, offer("sendonly")).await;
    assert_eq!(back.code(), "forbidden");

    let seoul = server.token("seoul-1").await;
    let (revoked, _) = publish(&server, &seoul).await;
    let revoke = server.call("DELETE", "/invitations/seoul-1.1", Some(&operator), None);
    assert_eq!(revoke.await.status, 204);
    let left = |message: &Value| {
        message["participant"]["person"] == "seoul-1" && message["participant"]["state"] == "away"
    };
    chair.wait_for("participant.updated", left).await;
    assert_eq!(
        delete(&server, &revoked, &seoul).await.code(),
        "unauthorized"
    );
}
