//! The recordings of a room over HTTP: who gets them, in which parts, and for how long.

use plenary_ids::{Language, Millis, Moment, RequestId, TakeId};
use plenary_protocol::{DeletionReason, Source, Take};
use plenary_recorder::TakeInfo;
use plenary_room::RecordReport;
use plenary_testkit::{
    api::{Response, headers},
    person,
};
use serde_json::{Value, json};

use crate::test_server::{TestServer, sound};

const CONTENT: &str = "what Tokyo's delegate said";

async fn raw(server: &TestServer, url: &str, more: &[(&str, &str)]) -> Response {
    server.send("GET", url, &headers(None, more), "").await
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers.get(name).unwrap();
    value.to_str().unwrap().to_owned()
}

/// A take of the room `climate` whose file is there.
async fn recorded(server: &TestServer, id: &str, to: Moment) -> Take {
    let take = Take {
        id: TakeId::new(id).unwrap(),
        speech: Some(RequestId(1)),
        participant: person("tokyo-1"),
        source: Source::Microphone,
        language: None,
        from: to.before(Millis::from_secs(60)),
        to,
        bytes: CONTENT.len() as u64,
        sha256: "9f".repeat(32),
        media_type: "audio/webm;codecs=opus".into(),
        lost_packets: 0,
        recovered: false,
    };
    server.add_take(take.clone(), CONTENT.as_bytes()).await;
    take
}

async fn listed(server: &TestServer, person: &str) -> Value {
    let token = server.token(person).await;
    server.get("/rooms/climate/recordings", &token).await
}

async fn url_of(server: &TestServer) -> String {
    let listed = listed(server, "clerk-1").await;
    format!("/api/v1{}", listed[0]["url"].as_str().unwrap())
}

#[tokio::test]
async fn readers_of_the_record_get_its_takes_and_nobody_else_does() {
    let server = TestServer::start().await;
    let now = server.now();
    recorded(&server, "t1", now).await;
    for reader in ["moderator-1", "clerk-1", "operator-1"] {
        let takes = listed(&server, reader).await;
        assert_eq!(takes[0]["id"], "t1", "{reader}");
        assert_eq!(takes[0]["participant"], "tokyo-1");
    }
    for other in ["tokyo-1", "viewer-1"] {
        let token = server.token(other).await;
        let answer = server.call("GET", "/rooms/climate/recordings", Some(&token), None);
        assert_eq!(answer.await.code(), "forbidden", "{other}");
        let answer = server.call("GET", "/recordings/t1", Some(&token), None);
        assert_eq!(answer.await.code(), "forbidden", "{other}");
    }
    let answer = server.call("GET", "/recordings/t1", None, None).await;
    assert_eq!(answer.code(), "unauthorized");
}

#[tokio::test]
async fn a_link_gives_its_file_whole_and_in_ranges_without_a_token() {
    let server = TestServer::start().await;
    let take = recorded(&server, "t1", server.now()).await;
    let url = url_of(&server).await;
    let whole = raw(&server, &url, &[]).await;
    assert_eq!((whole.status.as_u16(), &whole.body), (200, &json!(CONTENT)));
    assert_eq!(header(&whole, "etag"), format!("\"{}\"", take.sha256));
    assert_eq!(header(&whole, "content-type"), take.media_type);
    let part = raw(&server, &url, &[("range", "bytes=5-9")]).await;
    assert_eq!(
        (part.status.as_u16(), &part.body),
        (206, &json!(&CONTENT[5..10]))
    );
    let all = CONTENT.len();
    assert_eq!(header(&part, "content-range"), format!("bytes 5-9/{all}"));
    let beyond = raw(&server, &url, &[("range", "bytes=900-")]).await;
    assert_eq!(beyond.status, 416);
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{all}"));
    let tag = header(&whole, "etag");
    let same = raw(&server, &url, &[("if-none-match", &tag)]).await;
    assert_eq!(same.status, 304);
}

#[tokio::test]
async fn a_forged_link_and_one_for_another_file_open_nothing() {
    let server = TestServer::start().await;
    recorded(&server, "t1", server.now()).await;
    recorded(&server, "t2", server.now()).await;
    let url = url_of(&server).await;
    let (path, key) = url.split_once("?key=").unwrap();
    let other = path.replace("t1", "t2");
    let changed = key.replace(['0', '1'], "2");
    for (path, key) in [
        (other.as_str(), key),
        (path, &changed),
        (path, "x"),
        (path, ""),
    ] {
        let answer = raw(&server, &format!("{path}?key={key}"), &[]).await;
        assert_eq!(answer.status, 401, "{path}?key={key}");
    }
}

#[tokio::test]
async fn takes_that_are_too_old_are_deleted_and_the_record_says_so() {
    let server = TestServer::with_retention(90).await;
    let day = Millis::from_secs(24 * 3600);
    let now = server.now();
    recorded(&server, "told", now.before(Millis(day.0 * 91))).await;
    recorded(&server, "tnew", now.before(day)).await;
    server.delete_old_takes(now).await;
    let takes = listed(&server, "clerk-1").await;
    assert_eq!(takes.as_array().unwrap().len(), 1);
    assert_eq!(takes[0]["id"], "tnew");
    let folder = server.data_folder().join("recordings/climate");
    assert!(!folder.join("told.webm").exists() && folder.join("tnew.webm").exists());
    let token = server.token("clerk-1").await;
    let record = server.get("/rooms/climate/proceedings", &token).await;
    let old = record["takes"].as_array().unwrap();
    let old = old.iter().find(|take| take["id"] == "told").unwrap();
    assert_eq!(old["deletion"], json!(DeletionReason::Retention));
    assert!(old["sha256"].is_string() && old["deleted"]["utc"].is_string());
    let answer = server.call("GET", "/recordings/told", Some(&token), None);
    assert_eq!(answer.await.code(), "not_found");
}

#[tokio::test]
async fn an_operator_deletes_a_take_and_the_record_says_who_and_keeps_its_hash() {
    let server = TestServer::start().await;
    recorded(&server, "t1", server.now()).await;
    let (chair, operator) = (
        server.token("moderator-1").await,
        server.token("operator-1").await,
    );
    let refused = server.call("DELETE", "/recordings/t1", Some(&chair), None);
    assert_eq!(refused.await.code(), "forbidden");
    let deleted = server.call("DELETE", "/recordings/t1", Some(&operator), None);
    assert_eq!(deleted.await.status, 204);
    assert_eq!(listed(&server, "clerk-1").await, json!([]));
    let file = server.data_folder().join("recordings/climate/t1.webm");
    assert!(!file.exists());
    let record = server.get("/rooms/climate/proceedings", &operator).await;
    let take = &record["takes"][0];
    assert_eq!(take["deletion"], json!(DeletionReason::Asked));
    assert_eq!(take["sha256"], "9f".repeat(32));
    let events = server.get("/rooms/climate/events?after=0", &operator).await;
    let event = events.as_array().unwrap().last().unwrap();
    assert_eq!(event["type"], "record.take_deleted");
    assert_eq!(event["by"], "operator-1");
    let again = server.call("DELETE", "/recordings/t1", Some(&operator), None);
    assert_eq!(again.await.code(), "not_found");
}

#[tokio::test]
async fn a_file_that_somebody_removed_is_not_found_and_the_list_still_names_it() {
    let server = TestServer::start().await;
    recorded(&server, "t1", server.now()).await;
    let file = server.data_folder().join("recordings/climate/t1.webm");
    std::fs::remove_file(file).unwrap();
    let url = url_of(&server).await;
    assert_eq!(raw(&server, &url, &[]).await.status, 404);
}

#[tokio::test]
async fn operators_read_how_the_recording_stands_and_that_it_stopped_by_itself() {
    let server = TestServer::start().await;
    let (mut operator, _) = server.join("operator-1", "climate").await;
    let token = server.token("operator-1").await;
    let health = |path: &'static str| server.get(path, &token);
    assert!(health("/rooms/climate/health").await["recording"].is_null());
    operator.command("record.start", json!({})).await;
    recorded(&server, "t1", server.now()).await;
    let recording = health("/rooms/climate/health").await["recording"].clone();
    assert_eq!(
        (&recording["takes"], &recording["bytes"]),
        (&json!(1), &json!(CONTENT.len()))
    );
    assert!(recording["bytes_per_hour"].as_u64().unwrap() > 0);
    let reason = plenary_protocol::RecordFault::DiskFull;
    let report = RecordReport::Stopped { reason };
    server
        .room("climate")
        .report_recording(report)
        .await
        .unwrap();
    let alarms = health("/health").await["server"]["alarms"].clone();
    assert_eq!(alarms[0]["kind"], "recording_stopped", "{alarms}");
    operator.command("record.start", json!({})).await;
    let alarms = health("/health").await["server"]["alarms"].clone();
    assert_eq!(alarms, json!([]));
}

/// Two sittings: one in which an interpreter speaks beside the floor, and one after lunch.
async fn two_sittings() -> TestServer {
    let server = TestServer::start().await;
    let nine = Moment(1_634_000_400_000);
    let minutes = |count: u64| nine.after(Millis::from_secs(60 * count));
    let interpreted = TakeInfo {
        language: Language::new("ja").ok(),
        ..sound("t2", "interpreter-1", nine)
    };
    for info in [
        sound("t1", "tokyo-1", nine),
        interpreted,
        sound("t3", "seoul-1", minutes(20)),
        sound("t4", "seoul-1", minutes(90)),
    ] {
        server.add_sound(info).await;
    }
    server
}

async fn sittings(server: &TestServer) -> Value {
    let token = server.token("clerk-1").await;
    server
        .get("/rooms/climate/recordings/sittings", &token)
        .await
}

#[tokio::test]
async fn a_sitting_is_sent_whole_and_in_ranges_with_its_length_and_leaves_no_file() {
    let server = two_sittings().await;
    let listed = sittings(&server).await;
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    assert_eq!(listed[0]["languages"], json!(["ja"]));
    assert_eq!(listed[0]["name"], "climate-20211012T0100Z.webm");
    assert_eq!(listed[1]["from"], "2021-10-12T02:30:00.000Z");
    let url = format!("/api/v1{}", listed[0]["url"].as_str().unwrap());
    let whole = raw(&server, &url, &[("range", "bytes=0-")]).await;
    assert_eq!(whole.status, 206);
    let range = header(&whole, "content-range");
    let length: u64 = range.split('/').next_back().unwrap().parse().unwrap();
    assert_eq!(header(&whole, "content-length"), length.to_string());
    let part = raw(&server, &url, &[("range", "bytes=1000-1999")]).await;
    assert_eq!(
        header(&part, "content-range"),
        format!("bytes 1000-1999/{length}")
    );
    assert_eq!(header(&part, "content-length"), "1000");
    let beyond = raw(&server, &url, &[("range", "bytes=90000000-")]).await;
    assert_eq!(beyond.status, 416);
    let tag = header(&whole, "etag");
    let same = raw(&server, &url, &[("if-none-match", &tag)]).await;
    assert_eq!(same.status, 304);
    assert!(!server.data_folder().join("recordings-muxed").exists());

    let in_japanese = raw(&server, &format!("{url}&language=ja"), &[]).await;
    assert_eq!(in_japanese.status, 200);
    assert_ne!(header(&in_japanese, "etag"), tag);
    for gone in ["&language=fr", "&language=ja-Latn"] {
        let answer = raw(&server, &format!("{url}{gone}"), &[]).await;
        assert_eq!(answer.status, 404, "{gone}");
    }
    let mistaken = raw(&server, &format!("{url}&speed=2"), &[]).await;
    assert_eq!(mistaken.code(), "invalid");
}

#[tokio::test]
async fn a_link_to_one_sitting_opens_no_other_and_delegates_get_none() {
    let server = two_sittings().await;
    let listed = sittings(&server).await;
    let [one, other] = [0, 1].map(|at| listed[at]["url"].as_str().unwrap());
    let (_, key) = one.split_once("?key=").unwrap();
    let (path, _) = other.split_once("?key=").unwrap();
    let answer = raw(&server, &format!("/api/v1{path}?key={key}"), &[]).await;
    assert_eq!(answer.status, 401);
    let tokyo = server.token("tokyo-1").await;
    let clerk = server.token("clerk-1").await;
    for path in ["/rooms/climate/recordings/sittings", path] {
        let answer = server.call("GET", path, Some(&tokyo), None).await;
        assert_eq!(answer.code(), "forbidden", "{path}");
    }
    for name in [
        "1634000400001.webm",
        "1634000400000",
        "x.webm",
        "..%2fx.webm",
    ] {
        let path = format!("/rooms/climate/recordings/sittings/{name}");
        let answer = server.call("GET", &path, Some(&clerk), None).await;
        assert_eq!(answer.code(), "not_found", "{name}");
    }
}

#[tokio::test]
async fn a_sitting_is_sent_to_few_at_a_time_and_a_place_is_free_when_its_reader_has_it() {
    let server = two_sittings().await;
    let listed = sittings(&server).await;
    let url = format!("/api/v1{}", listed[0]["url"].as_str().unwrap());
    let own = [(); 2].map(|()| server.place_for_sending("clerk-1").unwrap());
    assert_eq!(raw(&server, &url, &[]).await.code(), "rate_limited");
    drop(own);
    for _ in 0..5 {
        assert_eq!(raw(&server, &url, &[]).await.status, 200);
    }
    let all = [(); 4].map(|()| ["moderator-1", "operator-1"]);
    let places = all
        .iter()
        .flatten()
        .map(|name| server.place_for_sending(name));
    assert_eq!(places.flatten().collect::<Vec<_>>().len(), 4);
}
