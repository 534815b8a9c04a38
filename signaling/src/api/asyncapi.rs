//! The WebSocket, as AsyncAPI 3.

use plenary_floor::FloorView;
use plenary_ids::TalkId;
use plenary_protocol::{
    ClockAsked, CloseCode, Command, CommandId, Event, Hello, Hidden, Payload, RoomEvent,
    ServerMessage, SlotsWanted,
};
use plenary_room::RoomLogEvent;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{
    examples::EXAMPLES,
    schemas::{Schemas, add, forms},
};

/// The AsyncAPI document of the server.
pub fn document(base_path: &str) -> Value {
    let mut schemas = Schemas::new();
    let of_clients = client_messages(&mut schemas);
    let of_server = server_messages(&mut schemas);
    let mut messages = Map::new();
    let mut send = Vec::new();
    let mut receive = Vec::new();
    for (from_client, (word, form)) in of_clients
        .into_iter()
        .map(|it| (true, it))
        .chain(of_server.into_iter().map(|it| (false, it)))
    {
        let name = if from_client {
            word.clone()
        } else {
            format!("{word}.heard")
        };
        let reference = json!({ "$ref": format!("#/channels/room/messages/{name}") });
        if from_client { &mut receive } else { &mut send }.push(reference);
        messages.insert(name, message(&word, &form, from_client));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Plenary",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One WebSocket of the subprotocol plenary.v1 for each device in a room. Text frames, one JSON \
                object each. The first message is a hello, within ten seconds; its answer is a welcome. A command gets \
                exactly one reply, after the events that it caused. Everybody in a room receives the same sequence of \
                events without a gap; what one may not see arrives as `hidden`.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": { "room": {
            "address": format!("{base_path}/api/v1/ws"),
            "messages": messages,
            "bindings": { "ws": { "method": "GET", "bindingVersion": "0.1.0" } },
            "description": closes(),
        } },
        "operations": {
            "hear": { "action": "receive", "channel": { "$ref": "#/channels/room" }, "messages": receive,
                "summary": "The messages that the server reads." },
            "tell": { "action": "send", "channel": { "$ref": "#/channels/room" }, "messages": send,
                "summary": "The messages that the server writes." },
        },
        "components": { "schemas": schemas.definitions() },
    })
}

type Form = (String, Map<String, Value>);

fn message(word: &str, form: &Map<String, Value>, from_client: bool) -> Value {
    let example = example(word, from_client);
    json!({
        "name": word,
        "summary": form.get("description"),
        "payload": form,
        "examples": example.map(|payload| vec![json!({ "payload": payload })]).unwrap_or_default(),
    })
}

fn example(word: &str, from_client: bool) -> Option<Value> {
    if !from_client {
        return EXAMPLES.server_messages.get(word).cloned();
    }
    let command = EXAMPLES.commands.get(word).map(|fields| {
        let mut message = fields.clone();
        message["type"] = word.into();
        message["command_id"] = "7c9e6679-7425-40de-944b-e07fc1f90ae7".into();
        message
    });
    command.or_else(|| EXAMPLES.client_messages.get(word).cloned())
}

/// The messages that clients send.
fn client_messages(schemas: &mut Schemas) -> Vec<Form> {
    let generator = &mut schemas.read;
    let name = generator.subschema_for::<CommandId>();
    let mut commands = forms(&Command::json_schema(generator));
    let command_id = json!({ "command_id": name });
    let renew = json!({
        "description": "Exchanges the connection's token for one that lasts longer.",
        "type": "object", "additionalProperties": false,
        "properties": { "type": { "const": "token.renew" } }, "required": ["type"],
    });
    commands.push(("token.renew".to_owned(), object(renew)));
    for (word, form) in &mut commands {
        let mut more = object(command_id.clone());
        if word != "token.renew" {
            let seen = json!({
                "description": "Only if the floor has not changed since the event of this sequence number.",
                "type": "integer", "minimum": 0,
            });
            more.insert("if_match".to_owned(), seen);
        }
        add(form, more, Some(&vec!["command_id".into()]));
    }
    let mut messages = vec![
        ("hello".to_owned(), named::<Hello>("hello", generator)),
        ("slots".to_owned(), named::<SlotsWanted>("slots", generator)),
        ("clock".to_owned(), named::<ClockAsked>("clock", generator)),
        ("signal".to_owned(), signal("to", generator)),
    ];
    messages.extend(commands);
    messages
}

/// The messages that the server sends.
fn server_messages(schemas: &mut Schemas) -> Vec<Form> {
    let generator = &mut schemas.written;
    let message = ServerMessage::<FloorView, RoomLogEvent>::json_schema(generator);
    let mut messages = forms(&message);
    messages.retain(|(word, _)| word != "signal");
    messages.push(("signal".to_owned(), signal("from", generator)));
    for schema in [
        Event::<plenary_floor::Event>::json_schema(generator),
        Event::<RoomEvent>::json_schema(generator),
    ] {
        messages.extend(forms(&schema));
    }
    let hidden = Event::<Hidden>::json_schema(generator).to_value();
    messages.push(("hidden".to_owned(), object(hidden)));
    messages
}

/// The schema of a struct, with the `type` under which it is sent.
fn named<T: JsonSchema>(
    word: &str,
    generator: &mut schemars::SchemaGenerator,
) -> Map<String, Value> {
    let mut form = object(T::json_schema(generator).to_value());
    let kind = json!({ "type": { "const": word, "type": "string" } });
    add(&mut form, object(kind), Some(&vec!["type".into()]));
    form
}

fn signal(whose: &str, generator: &mut schemars::SchemaGenerator) -> Map<String, Value> {
    let mut form = object(Payload::json_schema(generator).to_value());
    // The payload's schema refuses further properties, among them `type` and the address, which are added below.
    if let Some(Value::Array(payloads)) = form.get_mut("oneOf") {
        for payload in payloads.iter_mut().filter_map(Value::as_object_mut) {
            payload.remove("additionalProperties");
        }
    }
    let more = json!({
        "type": { "const": "signal", "type": "string" },
        whose: { "description": "`room`, which is the media server, or a participant.", "type": "string" },
        "talk": generator.subschema_for::<TalkId>(),
    });
    let required = vec!["type".into(), whose.into()];
    add(&mut form, object(more), Some(&required));
    form.insert("type".to_owned(), "object".into());
    form.insert(
        "description".to_owned(),
        "A signal between a device and the media server, or between two participants.".into(),
    );
    form
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn closes() -> String {
    let codes = CloseCode::ALL.iter();
    let codes: Vec<String> = codes
        .map(|code| format!("{}: {}", code.number(), code.reason()))
        .collect();
    format!("Close codes. {}", codes.join(" "))
}
