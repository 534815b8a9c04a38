//! Recordings that are received in parts, by tus 1.0.

use std::fs;

use plenary_testkit::{
    api::{Response, headers},
    recording::Recording,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::test_server::TestServer;

const PART: &str = "application/offset+octet-stream";

/// A moderator who sends recordings.
struct Sender<'a> {
    server: &'a TestServer,
    token: String,
}

impl<'a> Sender<'a> {
    async fn new(server: &'a TestServer, person: &str) -> Self {
        let token = server.token(person).await;
        Self { server, token }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: impl Into<hyper::body::Bytes>,
    ) -> Response {
        let more = [&[("tus-resumable", "1.0.0")], more].concat();
        let path = format!("/api/v1/media/uploads{path}");
        let headers = headers(Some(&self.token), &more);
        self.server.send(method, &path, &headers, body).await
    }

    /// Begins an upload with the name "Mayor".
    async fn begin(&self, bytes: usize) -> Response {
        let bytes = bytes.to_string();
        let more = [
            ("upload-length", bytes.as_str()),
            ("upload-metadata", "name TWF5b3I="),
        ];
        self.send("POST", "", &more, "").await
    }

    async fn begun(&self, bytes: usize) -> String {
        let begun = self.begin(bytes).await.ok();
        format!("/{}", begun["id"].as_str().unwrap())
    }

    async fn append(&self, upload: &str, offset: usize, part: &[u8]) -> Response {
        let offset = offset.to_string();
        let more = [("content-type", PART), ("upload-offset", offset.as_str())];
        self.send("PATCH", upload, &more, part.to_vec()).await
    }

    async fn state(&self, upload: &str) -> Value {
        self.send("GET", upload, &[], "").await.ok()
    }

    async fn received(&self, upload: &str) -> String {
        let answer = self.send("HEAD", upload, &[], "").await;
        header(&answer, "upload-offset")
    }

    /// Begins a request with a part, sends so much of it, and leaves it open.
    async fn append_slowly(&self, upload: &str, part: &[u8], claimed: usize) -> TcpStream {
        let mut stream = TcpStream::connect(self.server.http).await.unwrap();
        let head = format!(
            "PATCH /api/v1/media/uploads{upload} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
             content-type: {PART}\r\nupload-offset: 0\r\ncontent-length: {claimed}\r\n\r\n",
            self.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(part).await.unwrap();
        stream
    }
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers.get(name);
    value.map_or_else(String::new, |it| it.to_str().unwrap().to_owned())
}

fn problem(answer: &Response) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn a_recording_that_comes_in_parts_is_added_after_the_last_one() {
    let server = TestServer::start().await;
    let sender = Sender::new(&server, "moderator-1").await;
    let file = Recording::sample(3).sorted();
    let begun = sender.begin(file.len()).await;
    assert_eq!(begun.status.as_u16(), 201, "{begun:?}");
    assert_eq!(header(&begun, "tus-resumable"), "1.0.0");
    let id = begun.body["id"].as_str().unwrap();
    assert_eq!(header(&begun, "location"), format!("uploads/{id}"));
    assert!(
        header(&begun, "upload-expires").ends_with(" GMT"),
        "{begun:?}"
    );
    let upload = format!("/{id}");
    let (first, second) = file.split_at(1000);
    let appended = sender.append(&upload, 0, first).await;
    assert_eq!(appended.status.as_u16(), 204);
    assert_eq!(header(&appended, "upload-offset"), "1000");
    let head = sender.send("HEAD", &upload, &[], "").await;
    assert_eq!(header(&head, "upload-offset"), "1000");
    assert_eq!(header(&head, "upload-length"), file.len().to_string());
    assert_eq!(header(&head, "cache-control"), "no-store");
    let state = sender.state(&upload).await;
    assert_eq!(
        (&state["state"], &state["received"]),
        (&json!("receiving"), &json!(1000))
    );
    let last = sender.append(&upload, 1000, second).await;
    assert_eq!(last.status.as_u16(), 204, "{last:?}");
    let state = sender.state(&upload).await;
    assert_eq!(
        (&state["state"], &state["media"]),
        (&json!("added"), &json!("mayor"))
    );
    let listed = server.get("/media", &sender.token).await;
    assert_eq!(
        (&listed[0]["id"], &listed[0]["duration_ms"]),
        (&json!("mayor"), &json!(3000))
    );
}

#[tokio::test]
async fn an_upload_goes_on_after_a_cut_and_the_last_part_may_be_sent_again() {
    let server = TestServer::start().await;
    let sender = Sender::new(&server, "moderator-1").await;
    let file = Recording::sample(3).sorted();
    let upload = sender.begun(file.len()).await;
    let stream = sender
        .append_slowly(&upload, &file[..700], file.len())
        .await;
    drop(stream);
    while sender.received(&upload).await != "700" {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        sender
            .append(&upload, 700, &file[700..])
            .await
            .status
            .as_u16(),
        204
    );
    let again = sender.append(&upload, file.len(), b"").await;
    assert_eq!(problem(&again), (409, "conflict"), "it is done: {again:?}");
    assert_eq!(sender.state(&upload).await["state"], "added");
}

#[tokio::test]
async fn a_request_that_does_not_notice_the_cut_makes_way_for_the_next_one() {
    let server = TestServer::start().await;
    let sender = Sender::new(&server, "moderator-1").await;
    let file = Recording::sample(3).sorted();
    let upload = sender.begun(file.len()).await;
    let mut stream = sender
        .append_slowly(&upload, &file[..700], file.len())
        .await;
    let first = sender.append(&upload, 0, &file).await;
    // Either the first request's bytes were there already, or all of it is taken now.
    if first.status.as_u16() != 204 {
        assert_eq!(problem(&first), (409, "conflict"));
        let offset: usize = sender.received(&upload).await.parse().unwrap();
        let next = sender.append(&upload, offset, &file[offset..]).await;
        assert_eq!(next.status.as_u16(), 204, "{next:?}");
    }
    assert_eq!(sender.state(&upload).await["state"], "added");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 409");
}

#[tokio::test]
async fn a_slow_upload_holds_no_place_but_its_senders() {
    let server = TestServer::start().await;
    let slow = Sender::new(&server, "moderator-1").await;
    let other = Sender::new(&server, "operator-1").await;
    let file = Recording::sample(2).sorted();
    let held = slow.begun(file.len()).await;
    let _stream = slow.append_slowly(&held, &file[..10], file.len()).await;
    let second = slow.begun(file.len()).await;
    // Without a place taken, an offset that is wrong would be refused as such.
    while slow.append(&second, 5, b"x").await.status.as_u16() != 429 {
        tokio::task::yield_now().await;
    }
    let upload = other.begun(file.len()).await;
    assert_eq!(other.append(&upload, 0, &file).await.status.as_u16(), 204);
    let whole = headers(Some(&other.token), &[]);
    let added = server
        .send("POST", "/api/v1/media?name=x", &whole, file)
        .await;
    assert_eq!(added.status.as_u16(), 201);
}

#[tokio::test]
async fn every_refusal_of_the_protocol_has_its_status() {
    let server = TestServer::with_max_recording(100_000).await;
    let sender = Sender::new(&server, "moderator-1").await;
    let named = ("upload-metadata", "name TWF5b3I=");
    let create = async |more: &[(&str, &str)]| sender.send("POST", "", more, "").await;
    for length in ["", "-1", "+1", "1.5", "x", "99999999999999999999999"] {
        let refused = create(&[("upload-length", length), named]).await;
        assert_eq!(problem(&refused), (400, "invalid"), "{length}");
    }
    assert_eq!(problem(&create(&[named]).await), (400, "invalid"));
    let zero = create(&[("upload-length", "0"), named]).await;
    assert_eq!(problem(&zero), (415, "invalid"));
    let large = create(&[("upload-length", "100001"), named]).await;
    assert_eq!(problem(&large), (413, "too_large"));
    for metadata in ["", "name", "name ~~~", "other TWF5b3I=", "name Cg=="] {
        let refused = create(&[("upload-length", "9"), ("upload-metadata", metadata)]).await;
        assert_eq!(problem(&refused), (400, "invalid"), "{metadata}");
    }
    let bearer = headers(Some(&sender.token), &[("upload-length", "9"), named]);
    let old = server
        .send("POST", "/api/v1/media/uploads", &bearer, "")
        .await;
    assert_eq!(old.status.as_u16(), 412);
    assert_eq!(header(&old, "tus-version"), "1.0.0");

    let upload = sender.begun(9).await;
    assert_eq!(
        problem(&sender.append(&upload, 3, b"text").await),
        (409, "conflict")
    );
    assert_eq!(
        problem(&sender.append(&upload, 0, b"too long a text").await),
        (413, "too_large")
    );
    for offset in ["", "-1", "x"] {
        let more = [("content-type", PART), ("upload-offset", offset)];
        let refused = sender.send("PATCH", &upload, &more, "text").await;
        assert_eq!(problem(&refused), (400, "invalid"), "{offset}");
    }
    let more = [("content-type", "video/webm"), ("upload-offset", "0")];
    let kind = sender.send("PATCH", &upload, &more, "text").await;
    assert_eq!(problem(&kind), (415, "invalid"));
    for nothing in ["/aaaaaaaaaaaaaaaa", "/..%2f..%2fx", "/x"] {
        let refused = sender.append(nothing, 0, b"text").await;
        assert_eq!(problem(&refused), (404, "not_found"), "{nothing}");
    }
    assert_eq!(
        sender.received(&upload).await,
        "0",
        "nothing of it was kept"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_played_is_refused_once_it_is_whole_and_its_sender_can_ask_why() {
    let server = TestServer::start().await;
    let sender = Sender::new(&server, "moderator-1").await;
    let upload = sender.begun(15).await;
    let refused = sender.append(&upload, 0, b"this is no film").await;
    assert_eq!(problem(&refused), (415, "invalid"));
    let state = sender.state(&upload).await;
    assert_eq!(state["state"], "refused");
    assert_eq!(state["refused"], refused.body["detail"]);
    let folder = server.data_folder().join("media/uploads");
    let left = fs::read_dir(folder).unwrap().count();
    assert_eq!(left, 1, "the note alone");
    assert_eq!(server.get("/media", &sender.token).await, json!([]));
}

#[tokio::test]
async fn an_upload_is_its_senders_alone_and_is_cancelled_with_all_its_bytes() {
    let server = TestServer::start().await;
    let sender = Sender::new(&server, "moderator-1").await;
    let other = Sender::new(&server, "operator-1").await;
    let delegate = Sender::new(&server, "tokyo-1").await;
    assert_eq!(delegate.begin(100).await.code(), "forbidden");
    let upload = sender.begun(100).await;
    sender.append(&upload, 0, b"some").await;
    assert_eq!(other.append(&upload, 4, b"x").await.code(), "not_found");
    assert_eq!(
        other.send("DELETE", &upload, &[], "").await.code(),
        "not_found"
    );
    assert_eq!(other.send("GET", "", &[], "").await.ok(), json!([]));
    let own = sender.send("GET", "", &[], "").await.ok();
    assert_eq!(own[0]["received"], 4);
    assert_eq!(
        sender
            .send("DELETE", &upload, &[], "")
            .await
            .status
            .as_u16(),
        204
    );
    assert_eq!(sender.append(&upload, 4, b"x").await.code(), "not_found");
    let folder = server.data_folder().join("media/uploads");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[tokio::test]
async fn unfinished_uploads_are_bounded_in_number_and_in_bytes_for_each_person() {
    let server = TestServer::with_max_recording(100_000).await;
    let sender = Sender::new(&server, "moderator-1").await;
    let other = Sender::new(&server, "operator-1").await;
    sender.begun(60_000).await;
    let refused = sender.begin(60_000).await;
    assert_eq!(problem(&refused), (409, "conflict"));
    for _ in 0..3 {
        sender.begun(10).await;
    }
    assert_eq!(problem(&sender.begin(10).await), (409, "conflict"));
    other.begun(60_000).await;
}

#[tokio::test]
async fn what_the_server_speaks_is_asked_without_a_token_and_methods_can_be_overridden() {
    let server = TestServer::start().await;
    let asked = server
        .send("OPTIONS", "/api/v1/media/uploads", &[], "")
        .await;
    assert_eq!(asked.status.as_u16(), 204);
    assert_eq!(header(&asked, "tus-version"), "1.0.0");
    assert_eq!(
        header(&asked, "tus-extension"),
        "creation,termination,expiration"
    );
    assert_eq!(header(&asked, "tus-max-size"), (2_u64 << 30).to_string());
    let sender = Sender::new(&server, "moderator-1").await;
    let upload = sender.begun(100).await;
    let more = [
        ("content-type", PART),
        ("upload-offset", "0"),
        ("x-http-method-override", "PATCH"),
    ];
    let appended = sender.send("POST", &upload, &more, "some").await;
    assert_eq!(header(&appended, "upload-offset"), "4");
    let more = [("x-http-method-override", "DELETE")];
    assert_eq!(
        sender
            .send("POST", &upload, &more, "")
            .await
            .status
            .as_u16(),
        204
    );
    assert_eq!(
        sender.send("POST", &upload, &[], "").await.status.as_u16(),
        405
    );
}

#[tokio::test]
async fn a_preview_is_read_in_ranges_by_a_link_that_opens_nothing_else() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    let id = server.add_recording("Address");
    let file = fs::read(server.data_folder().join(format!("media/{id}.mkv"))).unwrap();
    let link = server.post(&format!("/media/{id}/link"), &token).await;
    let path = format!("/api/v1{}", link["path"].as_str().unwrap());
    let get = async |path: &str, more: &[(&str, &str)]| {
        server.send("GET", path, &headers(None, more), "").await
    };
    let whole = get(&path, &[]).await;
    assert_eq!(whole.status.as_u16(), 200, "{whole:?}");
    assert_eq!(header(&whole, "content-length"), file.len().to_string());
    assert_eq!(header(&whole, "content-type"), "video/webm");
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    let part = get(&path, &[("range", "bytes=10-19")]).await;
    assert_eq!(part.status.as_u16(), 206);
    assert_eq!(header(&part, "content-length"), "10");
    assert_eq!(
        header(&part, "content-range"),
        format!("bytes 10-19/{}", file.len())
    );
    let behind = get(&path, &[("range", "bytes=99999999-")]).await;
    assert_eq!(behind.status.as_u16(), 416);
    assert_eq!(
        header(&behind, "content-range"),
        format!("bytes */{}", file.len())
    );
    let tag = header(&whole, "etag");
    let same = get(&path, &[("if-none-match", tag.as_str())]).await;
    assert_eq!(same.status.as_u16(), 304);

    let key = path.split_once('?').unwrap().1;
    let other = server.add_recording("Other");
    for refused in [
        format!("/api/v1/media/{id}/content"),
        format!("/api/v1/media/{id}/content?key=x"),
        format!("/api/v1/media/{other}/content?{key}"),
        format!("/api/v1/media?{key}"),
    ] {
        assert_eq!(get(&refused, &[]).await.code(), "unauthorized", "{refused}");
    }
    let delegate = server.token("tokyo-1").await;
    for path in ["link", "content"] {
        let method = if path == "link" { "POST" } else { "GET" };
        let path = format!("/media/{id}/{path}");
        let refused = server.call(method, &path, Some(&delegate), None).await;
        assert_eq!(refused.code(), "forbidden", "{path}");
    }
}
