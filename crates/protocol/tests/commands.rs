//! Every command is parsed from its required fields, and its schema requires the same.

use std::collections::BTreeSet;

use plenary_protocol::{ClientMessage, Command};
use serde_json::{Map, Value, json};

/// The required fields of a command.
fn least(kind: &str) -> Value {
    match kind {
        "floor.move" => json!({"request": "r1", "position": 1}),
        "floor.extend" => json!({"request": "r1", "by_ms": 60_000}),
        "floor.order" => json!({"ids": ["r2", "r1"]}),
        "floor.accept" | "floor.grant" | "floor.deny" | "floor.cancel" | "floor.pass"
        | "floor.recall" | "floor.suspend" | "floor.resume" | "floor.release" | "floor.yield"
        | "floor.revoke" | "floor.wait" => json!({"request": "r1"}),
        "list.announce_close" => json!({"at": "2021-10-12T11:00:00+08:00"}),
        "chair.hand_over" => json!({"to": "deputy"}),
        "participant.move" => json!({"person": "tokyo-1", "to": "covid"}),
        "list.admit" | "participant.remove" | "participant.mute" | "participant.admit" => {
            json!({"person": "tokyo-1"})
        }
        "channel.take" | "channel.release" | "channel.keep" | "channel.clear" => {
            json!({"language": "ja"})
        }
        "channel.hand_over" => json!({"language": "ja", "to": "aiko"}),
        "channel.relay" => json!({"language": "ja", "source": "en"}),
        "channel.assign" => json!({"language": "ja", "person": "aiko"}),
        "agenda.start" | "agenda.end" | "agenda.postpone" | "agenda.load" => {
            json!({"item": "climate-1"})
        }
        "decision.open" => json!({"kind": "roll_call", "question": "Shall it be adopted?"}),
        "decision.vote" => json!({"decision": "d1", "choice": "yes"}),
        "decision.object" | "decision.close" | "decision.withdraw" => json!({"decision": "d1"}),
        "help.close" => json!({"message": 7}),
        "chat.post" | "notice.post" | "proceedings.correct" => json!({"text": "Good morning."}),
        "talk.call" => json!({"to": "seoul-1"}),
        "talk.answer" | "talk.refuse" | "talk.hang_up" | "talk.close" => json!({"talk": "t1"}),
        "recording.seek" => json!({"position_ms": 60_000}),
        _ => json!({}),
    }
}

fn fields(kind: &str) -> Map<String, Value> {
    let Value::Object(fields) = least(kind) else {
        unreachable!("fields are an object")
    };
    fields
}

#[test]
fn every_command_is_parsed_from_its_required_fields_and_not_from_fewer() {
    for kind in Command::TYPES {
        let whole = fields(kind);
        let read = Command::read(kind, whole.clone()).map(|command| command.kind());
        assert_eq!(read, Ok(*kind));
        for needed in whole.keys() {
            let mut less = whole.clone();
            less.remove(needed);
            assert!(
                Command::read(kind, less).is_err(),
                "{kind} without {needed}"
            );
        }
    }
}

#[test]
fn every_command_is_parsed_from_a_message_the_same_way() {
    for kind in Command::TYPES {
        let mut message = fields(kind);
        message.insert("type".into(), json!(kind));
        message.insert("command_id".into(), json!("c1"));
        let read = ClientMessage::read(&Value::Object(message).to_string());
        let Ok(ClientMessage::Command { command, .. }) = read else {
            panic!("{kind}: {read:?}")
        };
        assert_eq!(Command::read(kind, fields(kind)), Ok(command));
    }
}

#[test]
fn every_command_round_trips() {
    for kind in Command::TYPES {
        let command = Command::read(kind, fields(kind)).unwrap();
        assert_eq!(serde_json::from_value(json!(command)).ok(), Some(command));
    }
}

#[test]
fn the_schema_names_every_command_with_the_same_required_fields() {
    let schema = json!(schemars::schema_for!(Command));
    let variants = schema["oneOf"].as_array().unwrap();
    let mut named = BTreeSet::new();
    for variant in variants {
        let kind = variant["properties"]["type"]["const"].as_str().unwrap();
        let required = variant["required"].as_array().unwrap().iter();
        let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
        let mut expected = fields(kind);
        expected.insert("type".into(), json!(kind));
        assert_eq!(
            required,
            expected.keys().map(String::as_str).collect(),
            "{kind}"
        );
        named.insert(kind);
    }
    assert_eq!(named, Command::TYPES.iter().copied().collect());
}
