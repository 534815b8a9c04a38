//! The precondition headers `Idempotency-Key` and `If-Match` on every route of the table.

use std::collections::BTreeSet;

use plenary_testkit::api::headers;
use serde_json::{Value, json};

use crate::{operations::Operation, scenes::scene, test_server::TestServer};

const FLOOR: &str = "/rooms/climate/floor";

/// The operations that change something.
async fn changes() -> Vec<Operation> {
    let server = TestServer::with_example_conference().await;
    let all = Operation::all(&server).await.into_iter();
    all.filter(|it| it.method != "GET").collect()
}

/// The commands, which take both headers.
async fn commands() -> Vec<Operation> {
    let all = changes().await.into_iter();
    all.filter(|it| !it.terms.is_empty()).collect()
}

/// The events of the room without those of clocks, which come by themselves.
async fn happened(server: &TestServer) -> Vec<Value> {
    let token = server.token("moderator-1").await;
    let path = "/rooms/climate/events?after=0";
    let events = server.get(path, &token).await;
    let events = events.as_array().unwrap().iter();
    let done = events.filter(|event| event["type"] != "floor.timer");
    done.cloned().collect()
}

async fn tag(server: &TestServer) -> String {
    let token = server.token("moderator-1").await;
    let floor = server.call("GET", FLOOR, Some(&token), None).await;
    floor.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_change_of_a_room_takes_both_headers() {
    let changes = changes().await;
    let (with, without): (Vec<_>, Vec<_>) = changes.iter().partition(|it| !it.terms.is_empty());
    for operation in with {
        assert_eq!(
            operation.terms,
            ["Idempotency-Key", "If-Match"],
            "{}",
            operation.name
        );
    }
    // These need no headers: a recording is not in a room, a token is no event, a device is seated and not a change of the floor, a second revocation changes nothing, and a notice to all rooms has a
    // key alone, because each room has a floor of its own.
    let without: BTreeSet<&str> = without.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        without,
        BTreeSet::from([
            "add_media",
            "append_upload",
            "create_upload",
            "end_publishing",
            "end_watching",
            "link_media",
            "patch_publishing",
            "patch_watching",
            "post_notice",
            "publish",
            "redeem",
            "remove_media",
            "remove_recording",
            "remove_subtitles",
            "remove_upload",
            "renew_token",
            "revoke_invitation",
            "set_subtitles",
            "watch",
        ])
    );
}

#[tokio::test]
async fn every_command_repeated_under_its_key_gets_the_same_reply_and_happens_once() {
    for operation in commands().await {
        let name = &operation.name;
        let scene = scene(name);
        let server = TestServer::with_example_conference().await;
        let _lines = scene.play(&server, name).await;
        let token = server.token(scene.caller).await;
        let key = [("idempotency-key", "once")];
        let first = operation.ask_on(&server, &token, &key).await;
        assert!(first.status.is_success(), "{name}: {first:?}");
        let before = happened(&server).await;
        let again = operation.ask_on(&server, &token, &key).await;
        assert_eq!(
            (again.status, &again.body),
            (first.status, &first.body),
            "{name}"
        );
        assert_eq!(
            again.headers.get("etag"),
            first.headers.get("etag"),
            "{name}"
        );
        assert_eq!(happened(&server).await, before, "{name} happened twice");
    }
}

#[tokio::test]
async fn every_refusal_is_repeated_under_its_key_too() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let key = headers(Some(&token), &[("idempotency-key", "next")]);
    let path = format!("/api/v1{FLOOR}/next");
    let refused = server.send("POST", &path, &key, "").await;
    assert_eq!(refused.code(), "nothing_listed");

    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    tokyo.command("floor.request", json!({})).await;
    chair
        .command("floor.accept", json!({ "request": "r1" }))
        .await;
    let again = server.send("POST", &path, &key, "").await;
    assert_eq!(
        again.body, refused.body,
        "what the key named was decided then"
    );
    let other = headers(Some(&token), &[("idempotency-key", "another")]);
    server.send("POST", &path, &other, "").await.ok();
}

/// A key has one reply: a caller who reuses it for another command gets the first reply,
/// and nothing happens.
#[tokio::test]
async fn a_key_that_is_reused_for_another_command_gets_the_first_reply() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let key = headers(Some(&token), &[("idempotency-key", "once")]);
    let path = format!("/api/v1{FLOOR}");
    let first = server.send("PATCH", &path, &key, "{\"nom\":2}").await.ok();
    let before = happened(&server).await;
    let other = server.send("PATCH", &path, &key, "{\"nom\":3}").await.ok();
    assert_eq!(other, first);
    let close = format!("{path}/list/close");
    let verb = server.send("POST", &close, &key, "").await;
    assert_eq!(verb.ok(), first);
    assert_eq!(happened(&server).await, before);

    // Keys belong to a person and a room: the same key elsewhere is another key.
    let deputy = server.token("moderator-2").await;
    let deputys = headers(Some(&deputy), &[("idempotency-key", "once")]);
    let done = server
        .send("PATCH", &path, &deputys, "{\"nom\":3}")
        .await
        .ok();
    assert_eq!(done["nom"], 3);
    let elsewhere = "/api/v1/rooms/covid/floor";
    let done = server
        .send("PATCH", elsewhere, &key, "{\"nom\":4}")
        .await
        .ok();
    assert_eq!(done["nom"], 4);
}

#[tokio::test]
async fn every_command_on_an_outdated_floor_is_412_and_changes_nothing() {
    for operation in commands().await {
        let name = &operation.name;
        let scene = scene(name);
        let server = TestServer::with_example_conference().await;
        let old = tag(&server).await;
        let chair = server.token("moderator-1").await;
        let rule = Some(json!({ "warning_ms": 30_000 }));
        server.call("PATCH", FLOOR, Some(&chair), rule).await.ok();
        let _lines = scene.play(&server, name).await;
        let token = server.token(scene.caller).await;
        let (now, before) = (tag(&server).await, happened(&server).await);
        assert_ne!(old, now);
        let weak_old = format!("W/{old}");
        let both_old = format!("{old}, \"0\"");
        for stale in [
            old.as_str(),
            &weak_old,
            &both_old,
            "\"999999999\"",
            "garbage",
            "\"\"",
            "",
        ] {
            let answer = operation
                .ask_on(&server, &token, &[("if-match", stale)])
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (412, "conflict"),
                "{name} {stale}"
            );
            assert_eq!(happened(&server).await, before, "{name} {stale}");
        }
        let list = format!("{old}, {}", tag(&server).await);
        let answer = operation
            .ask_on(&server, &token, &[("if-match", &list)])
            .await;
        assert!(answer.status.is_success(), "{name} {list}: {answer:?}");
    }
}

#[tokio::test]
async fn a_tag_that_a_compressing_proxy_made_weak_or_marked_matches_the_floor_that_it_names() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let path = format!("/api/v1{FLOOR}");
    let now = tag(&server).await;
    let marked = format!("{}-gzip\"", now.trim_end_matches('"'));
    for changed in [format!("W/{now}"), marked.clone(), format!("W/{marked}")] {
        let headers = headers(Some(&token), &[("if-match", &changed)]);
        server.send("PATCH", &path, &headers, "{}").await.ok();
    }
}

#[tokio::test]
async fn a_star_matches_any_floor_and_several_header_lines_are_one_list() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let path = format!("/api/v1{FLOOR}");
    let now = tag(&server).await;
    for terms in [
        vec![("if-match", "*")],
        vec![("if-match", "\"0\""), ("if-match", &now)],
    ] {
        let headers = headers(Some(&token), &terms);
        server.send("PATCH", &path, &headers, "{}").await.ok();
    }
}

#[tokio::test]
async fn every_answer_with_the_floor_has_its_etag() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let path = format!("/api/v1{FLOOR}");
    let changed = server
        .send("PATCH", &path, &headers(Some(&token), &[]), "{\"nom\":2}")
        .await;
    let given = changed.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(given, tag(&server).await);
    let next = headers(Some(&token), &[("if-match", &given)]);
    let close = format!("{path}/list/close");
    server.send("POST", &close, &next, "").await.ok();
}
