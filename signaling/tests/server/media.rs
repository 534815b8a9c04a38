//! The media library, over HTTP and from the command line.

use std::fs;

use plenary_testkit::{
    api::{Response, headers},
    process::text,
    recording::{OPUS, Recording, Track},
};
use serde_json::{Value, json};

use crate::{
    process::program,
    test_server::{SUBTITLES, TestServer},
};

/// Sends a file as a recording.
async fn add(server: &TestServer, token: &str, query: &str, file: Vec<u8>) -> Response {
    let path = format!("/api/v1/media{query}");
    let headers = headers(Some(token), &[("content-type", "video/webm")]);
    server.send("POST", &path, &headers, file).await
}

fn incoming(server: &TestServer) -> usize {
    fs::read_dir(server.data_folder().join("media"))
        .unwrap()
        .count()
}

#[tokio::test]
async fn a_recording_is_added_listed_and_removed() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let file = Recording::sample(3).sorted();
    let bytes = file.len();
    let added = add(&server, &token, "?name=Mayor%27s%20address", file).await;
    assert_eq!(added.status.as_u16(), 201, "{added:?}");
    let expected = json!({
        "id": "mayor-s-address", "name": "Mayor's address", "duration_ms": 3000, "bytes": bytes,
        "tracks": [
            { "kind": "video", "codec": "vp8", "height": 180 },
            { "kind": "audio", "codec": "opus", "language": "en" },
        ],
    });
    assert_eq!(added.body, expected);
    let operator = server.token("operator-1").await;
    assert_eq!(server.get("/media", &operator).await, json!([expected]));
    let remove = || server.call("DELETE", "/media/mayor-s-address", Some(&operator), None);
    assert_eq!(remove().await.status.as_u16(), 204);
    assert_eq!(remove().await.code(), "not_found");
    assert_eq!(server.get("/media", &operator).await, json!([]));
}

#[tokio::test]
async fn recordings_are_for_moderators_and_operators() {
    let server = TestServer::start().await;
    for person in ["tokyo-1", "clerk-1", "interpreter-1", "viewer-1"] {
        let token = server.token(person).await;
        let added = add(&server, &token, "?name=x", Recording::sample(2).sorted()).await;
        assert_eq!(added.code(), "forbidden", "{person}");
        for (method, path) in [("GET", "/media"), ("DELETE", "/media/x")] {
            let refused = server.call(method, path, Some(&token), None).await;
            assert_eq!(refused.code(), "forbidden", "{person}");
        }
    }
    assert_eq!(incoming(&server), 0);
}

#[tokio::test]
async fn subtitles_are_added_replaced_listed_and_removed() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let id = server.add_recording("Address");
    let path = |language: &str| format!("/api/v1/media/{id}/subtitles/{language}");
    let put = async |language: &str, file: &str| {
        let headers = headers(Some(&token), &[("content-type", "text/vtt")]);
        let file = file.as_bytes().to_vec();
        server.send("PUT", &path(language), &headers, file).await
    };
    let added = put("zh-Hant-TW", SUBTITLES).await;
    assert_eq!(added.ok()["subtitles"], json!(["zh-Hant-TW"]));
    put("ja", SUBTITLES).await.ok();
    put("ja", SUBTITLES).await.ok();
    let listed = server.get("/media", &token).await;
    assert_eq!(listed[0]["subtitles"], json!(["ja", "zh-Hant-TW"]));

    let refused = put("ja", "WEBVTT\n\n00:01,5 --> 00:02.000\nx\n").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid"));
    let said = refused.body["detail"].as_str().unwrap();
    assert!(said.contains("Line 3: \"00:01,5\" is not a time"), "{said}");
    let large = put("ja", &"x".repeat((1 << 20) + 1)).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "too_large"));
    assert_eq!(put("no_tag", SUBTITLES).await.code(), "invalid");
    let unknown = "/api/v1/media/unknown/subtitles/ja";
    let headers = headers(Some(&token), &[]);
    let nowhere = server
        .send("PUT", unknown, &headers, SUBTITLES.as_bytes().to_vec())
        .await;
    assert_eq!(nowhere.code(), "not_found");

    let remove = || server.call("DELETE", "/media/address/subtitles/ja", Some(&token), None);
    assert_eq!(remove().await.status.as_u16(), 204);
    assert_eq!(remove().await.code(), "not_found");
    let seoul = server.token("seoul-1").await;
    let forbidden = server.call(
        "DELETE",
        "/media/address/subtitles/zh-Hant-TW",
        Some(&seoul),
        None,
    );
    assert_eq!(forbidden.await.code(), "forbidden");
}

#[tokio::test]
async fn subtitles_are_read_by_everybody_in_the_room_and_only_while_it_plays_them() {
    let server = TestServer::start().await;
    server.add_subtitles("Mayor address", "mayor-address");
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let viewer = server.token("viewer-1").await;
    let read = |language: &str| {
        let path = format!("/rooms/climate/recording/subtitles/{language}");
        let (server, viewer) = (&server, &viewer);
        async move { server.call("GET", &path, Some(viewer), None).await }
    };
    assert_eq!(read("zh-Hant-TW").await.code(), "not_found");
    let play = json!({ "media": "mayor-address", "beneficiary": "seoul-1" });
    chair.command("recording.play", play).await;
    let expected = json!({
        "media": "mayor-address", "language": "zh-Hant-TW",
        "cues": [
            { "from_ms": 500, "to_ms": 1000, "text": "各位早安" },
            { "from_ms": 1000, "to_ms": 1900, "text": "歡迎各位" },
        ],
    });
    assert_eq!(read("zh-Hant-TW").await.ok(), expected);
    assert_eq!(read("fr").await.code(), "not_found");
    chair.command("recording.stop", json!({})).await;
    assert_eq!(read("zh-Hant-TW").await.code(), "not_found");
}

#[tokio::test]
async fn every_refusal_of_an_upload_has_its_status_and_leaves_nothing() {
    let server = TestServer::with_max_recording(100_000).await;
    let token = server.token("moderator-1").await;
    let file = || Recording::sample(2).sorted();
    let cases: Vec<(&str, Vec<u8>, u16, &str, &str)> = vec![
        ("", file(), 400, "invalid", "send it as ?name="),
        ("?name=", file(), 400, "invalid", "1 to 200 characters"),
        (
            "?name=x&more=y",
            file(),
            400,
            "invalid",
            "send it as ?name=",
        ),
        ("?name=x", Vec::new(), 415, "invalid", "The file is empty"),
        (
            "?name=x",
            b"\0\0\0\x20ftypisom".to_vec(),
            415,
            "invalid",
            "an MP4",
        ),
        (
            "?name=x",
            vec![0; 100_001],
            413,
            "too_large",
            "media.max_recording",
        ),
        (
            "?name=x",
            Recording::default()
                .track(Track::new(1, 2, "A_AAC"))
                .block(1, 0, OPUS)
                .bytes(),
            415,
            "invalid",
            "plenary media add",
        ),
    ];
    for (query, file, status, code, words) in cases {
        let refused = add(&server, &token, query, file).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (status, code),
            "{refused:?}"
        );
        let said = refused.body["detail"].as_str().unwrap();
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(incoming(&server), 0);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    use tokio::io::AsyncWriteExt;
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let mut stream = tokio::net::TcpStream::connect(server.http).await.unwrap();
    let head = format!(
        "POST /api/v1/media?name=x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 9000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
        .write_all(&Recording::sample(2).sorted()[..500])
        .await
        .unwrap();
    while incoming(&server) == 0 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while incoming(&server) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.get("/media", &token).await, json!([]));
}

#[tokio::test]
async fn a_name_is_refused_before_the_file_comes() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let mut stream = tokio::net::TcpStream::connect(server.http).await.unwrap();
    let head = format!(
        "POST /api/v1/media?name=%0A HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 9000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 400");
}

#[tokio::test]
async fn a_damaged_recording_is_listed_with_the_reason() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let id = server.add_recording("Address");
    fs::remove_file(server.data_folder().join(format!("media/{id}.mkv"))).unwrap();
    let listed = server.get("/media", &token).await;
    assert_eq!(listed[0]["tracks"], json!([]));
    let said = listed[0]["damaged"].as_str().unwrap();
    assert!(said.contains("missing"), "{said}");
}

#[test]
fn the_command_line_adds_lists_and_removes_recordings_beside_a_running_server() {
    let program = program();
    let _server = program.serve();
    let file = program.folder().join("Mayor's address.webm");
    fs::write(&file, Recording::sample(3).sorted()).unwrap();
    let run = |words: &[&str]| {
        let words = [&["media"][..], words, &["--data", "data"]].concat();
        let output = program.run(&words);
        assert!(output.status.success(), "{output:?}");
        text(&output.stdout)
    };
    let added = run(&["add", "Mayor's address.webm", "--language", "ja"]);
    assert_eq!(
        added,
        "mayor-s-address: Mayor's address, 0:03; VP8 180p; Opus ja\n"
    );
    fs::write(program.folder().join("address.vtt"), SUBTITLES).unwrap();
    let words = ["add", "Mayor's address.webm", "--name", "Second"];
    let with_subtitles = run(&[&words[..], &["--subtitles", "zh-Hant-TW=address.vtt"]].concat());
    assert_eq!(
        with_subtitles,
        "second: Second, 0:03; VP8 180p; Opus en; subtitles zh-Hant-TW\n"
    );
    let listed: Value = serde_json::from_str(&run(&["list", "--format", "json"])).unwrap();
    assert_eq!(listed[0]["tracks"][1]["language"], "ja");
    assert_eq!(listed[1]["id"], "second");
    assert_eq!(run(&["list"]).lines().count(), 2);
    assert_eq!(run(&["remove", "second"]), "second is removed\n");
    let unknown = program.run(&["media", "remove", "second", "--data", "data"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("plenary media list"));
}

#[test]
fn the_command_line_refuses_languages_without_a_track_and_subtitles_that_are_wrong() {
    let program = program();
    fs::write(
        program.folder().join("a.webm"),
        Recording::sample(2).sorted(),
    )
    .unwrap();
    fs::write(program.folder().join("bad.vtt"), "WEBVTT\n\nHello\n").unwrap();
    for (words, said) in [
        (
            ["--language", "en", "--language", "ja"],
            "2 languages were given",
        ),
        (
            ["--subtitles", "ja=bad.vtt", "--name", "x"],
            "bad.vtt: Line 3: ",
        ),
        (["--subtitles", "ja=none.vtt", "--name", "x"], "none.vtt: "),
        (["--subtitles", "bad.vtt", "--name", "x"], "ja=FILE.vtt"),
        (
            ["--subtitles", "?=bad.vtt", "--name", "x"],
            "not a language tag",
        ),
    ] {
        let words = [&["media", "add", "a.webm", "--data", "data"][..], &words].concat();
        let refused = program.run(&words);
        assert!(!refused.status.success(), "{words:?}");
        let error = text(&refused.stderr);
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(
        text(&program.run(&["media", "list", "--data", "data"]).stdout),
        ""
    );
}

#[test]
fn without_ffmpeg_the_command_line_says_what_was_found_and_what_to_do() {
    let program = program();
    fs::write(program.folder().join("phone.mp4"), b"\0\0\0\x20ftypisom").unwrap();
    let mut command = program.command(&["media", "add", "phone.mp4", "--data", "data"]);
    let refused = command.env("PATH", "/nonexistent").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("an MP4 or QuickTime file"), "{said}");
    assert!(said.contains("apt install ffmpeg"), "{said}");
    let empty = program.run(&["media", "add", "test.toml/none", "--data", "data"]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(text(&empty.stderr).contains("cannot be read"));
    assert_eq!(
        fs::read_dir(program.folder().join("data/media"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn ffmpeg_converts_what_a_phone_makes() {
    let program = program();
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/library/tests/library/files/phone.mp4"
    );
    let words = [
        "media",
        "add",
        sample,
        "--name",
        "Phone",
        "--language",
        "ja",
        "--data",
        "data",
    ];
    let output = program.run(&words);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        text(&output.stdout),
        "phone: Phone, 0:01; VP8 90p; Opus ja\n"
    );
    let broken = program.folder().join("broken.mp4");
    fs::write(&broken, b"\0\0\0\x20ftypisom and nothing more").unwrap();
    let output = program.run(&["media", "add", "broken.mp4", "--data", "data"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("ffmpeg cannot read broken.mp4"), "{said}");
}
