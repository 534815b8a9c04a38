//! Everything on the wire has a JSON Schema that matches it.

use plenary_floor::{Event as FloorEvent, FloorView};
use plenary_protocol::{
    Code, Command, Event, Hello, Hidden, Payload, Problem, RoomEvent, RoomSnapshot, ServerMessage,
};
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

fn schema<T: JsonSchema>() -> Value {
    json!(schema_for!(T))
}

#[test]
fn everything_on_the_wire_has_a_schema() {
    let schemas = [
        schema::<Hello>(),
        schema::<Payload>(),
        schema::<Command>(),
        schema::<ServerMessage<FloorView, Event<FloorEvent>>>(),
        schema::<Event<RoomEvent>>(),
        schema::<Event<Hidden>>(),
        schema::<RoomSnapshot<FloorView>>(),
        schema::<Problem>(),
    ];
    for schema in schemas {
        assert!(schema["title"].is_string(), "{schema}");
    }
}

#[test]
fn the_schema_of_a_time_is_a_text() {
    let event = schema::<Event<Hidden>>();
    assert_eq!(event["properties"]["at"]["type"], "string");
}

#[test]
fn the_schema_of_a_hidden_event_names_its_type() {
    let event = schema::<Event<Hidden>>();
    assert_eq!(event["properties"]["type"]["const"], "hidden");
}

#[test]
fn the_schema_of_a_problem_lists_every_code() {
    let problem = schema::<Problem>();
    let codes = problem["$defs"]["Code"]["oneOf"].as_array().unwrap();
    assert_eq!(codes.len(), Code::ALL.len());
}
