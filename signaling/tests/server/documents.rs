//! The documents of the API: every example is sent to a server, every answer is checked against its schema, and the
//! copies in docs/ are the served documents.

use std::collections::{BTreeMap, BTreeSet};

use plenary_ids::{Moment, RequestId, TakeId};
use plenary_protocol::{ClientMessage, Command, Source, Take};
use plenary_room::RoomLogEvent;
use plenary_testkit::{
    api::{Connection, Response, headers},
    person,
    recording::Recording,
};
use serde_json::{Map, Value, json};

use crate::{
    scenes::scene,
    test_server::{SUBTITLES, TestServer},
    whip,
};

/// Fetches a document from the server.
async fn served(server: &TestServer, path: &str) -> Value {
    server.call("GET", path, None, None).await.ok()
}

/// Fails with the faults of a value that does not match its schema.
fn holds(document: &Value, schema: &Value, value: &Value, what: &str) {
    let faults = faults(document, schema, value);
    assert!(faults.is_empty(), "{what}: {faults:#?}\n{value:#}");
}

/// The faults of a value against its schema, a sentence each.
fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut root = json!({ "allOf": [schema], "components": document["components"] });
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    let validator = jsonschema::validator_for(&root).unwrap();
    validator
        .iter_errors(value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

/// Every operation: its path, method and description.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter()
            .map(|(method, it)| (path.clone(), method.to_uppercase(), it.clone()))
    });
    operations.collect()
}

/// The path with the examples in place of its parameters.
fn filled(path: &str, operation: &Value) -> String {
    let mut path = path.to_owned();
    for parameter in operation["parameters"].as_array().unwrap() {
        if parameter["in"] == "path" {
            let example = parameter["example"].as_str().unwrap();
            path = path.replace(
                &format!("{{{}}}", parameter["name"].as_str().unwrap()),
                example,
            );
        }
    }
    path
}

/// The headers of a tus upload that is begun.
const UPLOAD: [(&str, &str); 3] = [
    ("tus-resumable", "1.0.0"),
    ("upload-length", "100000"),
    ("upload-metadata", "name TWF5b3IncyBhZGRyZXNz"),
];

/// Prepares the room for an operation, and sends its example.
async fn ask(
    path: &str,
    method: &str,
    operation: &Value,
) -> (TestServer, Vec<Connection>, Response) {
    let name = operation["operationId"].as_str().unwrap();
    let scene = scene(name);
    let server = TestServer::with_example_conference().await;
    let lines = scene.play(&server, name).await;
    let mut body = operation["requestBody"]["content"]["application/json"]["example"].clone();
    if name == "redeem" {
        body["invitation"] = server.invitation("tokyo-1").into();
    }
    let token = match operation.get("security") {
        Some(_) => None,
        None => Some(server.token(scene.caller).await),
    };
    let more: &[(&str, &str)] = match name {
        "ws" => &[
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "plenary.v1"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
        "create_upload" => &UPLOAD,
        "append_upload" => &[
            ("tus-resumable", "1.0.0"),
            ("content-type", "application/offset+octet-stream"),
            ("upload-offset", "0"),
        ],
        "remove_upload" => &[("tus-resumable", "1.0.0")],
        "publish" | "watch" => &[("content-type", "application/sdp")],
        "patch_publishing" | "patch_watching" => &[
            ("content-type", "application/trickle-ice-sdpfrag"),
            ("if-match", "*"),
        ],
        _ => &[],
    };
    let mut body = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let mut path = format!("/api/v1{}", filled(path, operation));
    match name {
        "add_media" => {
            path.push_str("?name=Mayor%27s%20address");
            body = Recording::sample(2).sorted();
        }
        "recordings" | "recorded_speeches" | "recorded_sittings" | "recording"
        | "remove_recording" => {
            server.add_take(take(), b"a file of sound").await;
        }
        "list_media" | "remove_media" | "link_media" | "media_content" => {
            server.add_recording("Mayor's address");
        }
        "list_uploads" | "upload" | "append_upload" | "remove_upload" => {
            let begun = headers(token.as_deref(), &UPLOAD);
            let begun = server
                .send("POST", "/api/v1/media/uploads", &begun, "")
                .await
                .ok();
            let example = filled("{upload}", operation);
            path = path.replace(&example, begun["id"].as_str().unwrap());
            if name == "append_upload" {
                body = b"This is no recording.".to_vec();
            }
        }
        "publish" => body = whip::offer("sendonly").into_bytes(),
        "watch" => body = whip::offer("recvonly").into_bytes(),
        "patch_publishing" | "end_publishing" | "patch_watching" | "end_watching" => {
            let (folder, direction) = if name.ends_with("publishing") {
                ("whip", "sendonly")
            } else {
                ("whep", "recvonly")
            };
            let endpoint = format!("/{folder}/climate");
            let offer = whip::offer(direction);
            let secret = token.as_deref().unwrap();
            path = whip::begin(&server, &endpoint, secret, offer).await.0;
        }
        "set_subtitles" => {
            server.add_recording("Mayor's address");
            body = SUBTITLES.as_bytes().to_vec();
        }
        "remove_subtitles" => server.add_subtitles("Mayor's address", "mayor-s-address"),
        "subtitles" => server.add_subtitles("Mayor address", "mayor-address"),
        _ => {}
    }
    let answer = server
        .send(method, &path, &headers(token.as_deref(), more), body)
        .await;
    (server, lines.into_values().collect(), answer)
}

/// The take that the examples name.
fn take() -> Take {
    Take {
        id: TakeId::new("t19a2f4c1d3e").unwrap(),
        speech: Some(RequestId(1)),
        participant: person("tokyo-1"),
        source: Source::Microphone,
        language: None,
        from: Moment(1_634_000_400_000),
        to: Moment(1_634_000_880_000),
        bytes: 5_760_000,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        media_type: "audio/webm;codecs=opus".into(),
        lost_packets: 0,
        recovered: false,
    }
}

/// The schema and the status of a success.
fn success(operation: &Value) -> (u16, Option<Value>) {
    let responses = operation["responses"].as_object().unwrap();
    let (status, response) = responses
        .iter()
        .find(|(status, _)| !status.ends_with("XX"))
        .unwrap();
    let schema = &response["content"]["application/json"]["schema"];
    (
        status.parse().unwrap(),
        Some(schema.clone()).filter(|it| !it.is_null()),
    )
}

#[tokio::test]
async fn every_example_request_succeeds_and_its_answer_matches_the_schema() {
    let document = served(
        &TestServer::with_example_conference().await,
        "/openapi.json",
    )
    .await;
    let mut answers = Map::new();
    let mut schemas = Map::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        if matches!(name, "recorded_speech" | "recorded_sitting") {
            // They are made of what a meeting with media leaves: `tests/e2e/takes.test.mjs`.
            continue;
        }
        let (_server, _connections, answer) = ask(&path, &method, &operation).await;
        let (status, schema) = success(&operation);
        assert_eq!(answer.status.as_u16(), status, "{name}: {answer:?}");
        if let Some(schema) = schema {
            holds(&document, &schema, &answer.body, name);
            answers.insert(name.to_owned(), answer.body);
            schemas.insert(name.to_owned(), schema);
        }
    }
    for document in ["openapi", "asyncapi"] {
        answers.remove(document);
    }
    examples::keep("answers", answers, |name, kept| {
        faults(&document, &schemas[name], kept).is_empty()
    });
}

#[tokio::test]
async fn every_example_in_the_documents_matches_its_schema() {
    let server = TestServer::with_example_conference().await;
    let document = served(&server, "/openapi.json").await;
    for (_, _, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        let bodies = operation["responses"].as_object().unwrap().values();
        let bodies = bodies.chain([&operation["requestBody"]]);
        for body in bodies.map(|it| &it["content"]["application/json"]) {
            let (schema, example) = (&body["schema"], &body["example"]);
            if !schema.is_null() && !["openapi", "asyncapi"].contains(&name) {
                assert!(!example.is_null(), "{name} has no example");
                holds(&document, schema, example, name);
            }
        }
    }
    let refusal = &document["components"]["responses"]["Problem"]["content"];
    let refusal = &refusal["application/problem+json"];
    holds(
        &document,
        &refusal["schema"],
        &refusal["example"],
        "Problem",
    );
    let document = served(&server, "/asyncapi.json").await;
    for (name, message) in document["channels"]["room"]["messages"]
        .as_object()
        .unwrap()
    {
        let example = &message["examples"][0]["payload"];
        assert!(!example.is_null(), "{name} has no example");
        holds(&document, &message["payload"], example, name);
    }
}

#[tokio::test]
async fn hidden_events_are_documented_among_the_events() {
    let server = TestServer::with_example_conference().await;
    let document = served(&server, "/openapi.json").await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let word = json!({ "text": "a word", "to": "moderators" });
    chair.command("chat.post", word).await;
    let token = server.token("tokyo-1").await;
    let path = "/rooms/climate/events?after=0";
    let events = server.get(path, &token).await;
    let mut hidden = events.as_array().unwrap().iter();
    assert!(hidden.any(|event| event["type"] == "hidden"), "{events}");
    let operation = &document["paths"]["/rooms/{room}/events"]["get"];
    holds(&document, &success(operation).1.unwrap(), &events, "events");
}

#[tokio::test]
async fn without_a_token_every_operation_that_needs_one_is_refused_as_documented() {
    let server = TestServer::with_example_conference().await;
    let document = served(&server, "/openapi.json").await;
    let problem = &document["components"]["responses"]["Problem"]["content"];
    let problem = &problem["application/problem+json"]["schema"];
    for (path, method, operation) in operations(&document) {
        if operation.get("security").is_some() {
            continue;
        }
        let answer = server
            .call(&method, &filled(&path, &operation), None, None)
            .await;
        assert_eq!(answer.code(), "unauthorized", "{method} {path}");
        holds(&document, problem, &answer.body, &path);
    }
}

#[tokio::test]
async fn every_command_is_documented_for_the_websocket_and_those_of_no_device_over_http() {
    let server = TestServer::with_example_conference().await;
    let document = served(&server, "/asyncapi.json").await;
    let messages = document["channels"]["room"]["messages"]
        .as_object()
        .unwrap();
    for kind in Command::TYPES {
        let example = &messages[*kind]["examples"][0]["payload"];
        let read = ClientMessage::read(&example.to_string());
        assert!(read.is_ok(), "{kind}: {read:?}");
    }
    let document = served(&server, "/openapi.json").await;
    let operations = operations(&document);
    let documented = operations
        .iter()
        .filter_map(|(_, _, it)| it["operationId"].as_str());
    let documented: BTreeSet<&str> = documented.collect();
    let missing = Command::TYPES
        .iter()
        .filter(|kind| !documented.contains(*kind));
    let of_devices = [
        "chat.post",
        "device.use",
        "talk.call",
        "talk.answer",
        "talk.refuse",
        "talk.hang_up",
    ];
    assert_eq!(missing.copied().collect::<Vec<_>>(), of_devices);
}

/// The table makes both the document and most of the router, so an undocumented route is possible only where
/// a route bypasses the table.
#[test]
fn every_route_is_in_the_table() {
    let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http")).unwrap();
    let mut files: Vec<_> = sources.map(|file| file.unwrap().path()).collect();
    files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http.rs").into());
    let with_routes = files.into_iter().filter_map(|file| {
        let count = std::fs::read_to_string(&file)
            .unwrap()
            .matches(".route(")
            .count();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (count > 0).then_some((name, count))
    });
    let with_routes: BTreeMap<String, usize> = with_routes.collect();
    // Standard clients reach WHIP and WHEP outside the API too, by the same handlers.
    let expected = [("routes.rs", 2), ("whip.rs", 4)].map(|(file, count)| (file.to_owned(), count));
    assert_eq!(with_routes, BTreeMap::from(expected));
}

#[tokio::test]
async fn every_message_of_a_meeting_is_documented_and_matches_its_schema() {
    let server = TestServer::with_example_conference().await;
    let document = served(&server, "/asyncapi.json").await;
    let messages = document["channels"]["room"]["messages"]
        .as_object()
        .unwrap();
    let openapi = served(&server, "/openapi.json").await;
    let mut heard = Map::new();
    for (path, method, operation) in operations(&openapi) {
        let (server, lines, _) = ask(&path, &method, &operation).await;
        for mut line in lines {
            for message in line.drain().await {
                let kind = message["type"].as_str().unwrap().to_owned();
                let documented = &messages[&format!("{kind}.heard")];
                holds(&document, &documented["payload"], &message, &kind);
                heard.entry(kind).or_insert(message);
            }
        }
        drop(server);
    }
    let unheard = messages
        .keys()
        .filter_map(|name| name.strip_suffix(".heard"));
    let unheard: Vec<&str> = unheard.filter(|kind| !heard.contains_key(*kind)).collect();
    println!("not said in these scenes: {unheard:?}");
    examples::keep("server_messages", heard, |kind, kept| {
        let documented = &messages[&format!("{kind}.heard")];
        faults(&document, &documented["payload"], kept).is_empty()
    });
}

#[tokio::test]
async fn every_example_event_is_a_valid_event_of_the_log() {
    let document = served(
        &TestServer::with_example_conference().await,
        "/asyncapi.json",
    )
    .await;
    for (name, message) in document["channels"]["room"]["messages"]
        .as_object()
        .unwrap()
    {
        let example = &message["examples"][0]["payload"];
        if example.get("seq").is_some()
            && message["name"] != "hidden"
            && message["name"] != "welcome"
        {
            let read: RoomLogEvent = serde_json::from_value(example.clone()).unwrap();
            assert_eq!(json!(read), *example, "{name}");
        }
    }
}

/// With `UPDATE_DOCS=1` the copies are written instead.
#[tokio::test]
async fn the_documents_in_docs_are_the_served_ones() {
    let server = TestServer::with_example_conference().await;
    for name in ["openapi.json", "asyncapi.json"] {
        let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        let answer = server
            .send("GET", &format!("/api/v1/{name}"), &[], "")
            .await;
        let document = format!("{:#}\n", answer.body);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &document).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == document,
            "docs/{name} is not what is served; `make api` writes it anew"
        );
    }
}

/// The examples of answers and events come from a server. `UPDATE_DOCS=1` adds those that are missing, and replaces those
/// that no longer fit their schema.
mod examples {
    use serde_json::{Map, Value};

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/examples.json");

    pub fn keep(part: &str, said: Map<String, Value>, fits: impl Fn(&str, &Value) -> bool) {
        if std::env::var_os("UPDATE_DOCS").is_none() {
            return;
        }
        let text = std::fs::read_to_string(FILE).unwrap();
        let mut examples: Value = serde_json::from_str(&text).unwrap();
        let kept = examples[part].as_object_mut().unwrap();
        for (name, mut value) in said {
            if kept.get(&name).is_none_or(|kept| !fits(&name, kept)) {
                hide_secrets(&mut value);
                kept.insert(name, value);
            }
        }
        std::fs::write(FILE, format!("{examples:#}\n")).unwrap();
    }

    /// Replaces a real token.
    fn hide_secrets(value: &mut Value) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    match name.as_str() {
                        "path" if value.as_str().is_some_and(|it| it.contains("?key=")) => {
                            let path = value.as_str().unwrap().split('?').next().unwrap();
                            *value =
                                format!("{path}?key=eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9…").into();
                        }
                        "token" => *value = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9…".into(),
                        _ => hide_secrets(value),
                    }
                }
            }
            Value::Array(all) => all.iter_mut().for_each(hide_secrets),
            _ => {}
        }
    }
}
