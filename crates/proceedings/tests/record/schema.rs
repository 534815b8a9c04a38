//! The JSON Schema of the proceedings.

use plenary_proceedings::Proceedings;
use schemars::schema_for;
use serde_json::json;

#[test]
fn a_time_is_an_object_of_two_texts_and_every_field_says_what_it_is() {
    let schema = json!(schema_for!(Proceedings));
    assert_eq!(schema["$defs"]["Time"]["required"], json!(["utc", "local"]));
    for (name, field) in schema["properties"].as_object().unwrap() {
        assert!(field["description"].is_string(), "{name}");
    }
}
