//! The schemas of the types that are read and written, with every type described once.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

/// The schemas of a document: JSON Schema 2020-12, which OpenAPI 3.1 and AsyncAPI 3 share.
#[derive(Debug)]
pub struct Schemas {
    /// The schemas of the types that clients send.
    pub read: SchemaGenerator,
    /// The schemas of the types that the server sends.
    pub written: SchemaGenerator,
}

impl Schemas {
    /// Starts without any type described.
    pub fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
        }
    }

    /// Every type that was named. A type that is both read and written is described as it is written, which promises
    /// more.
    pub fn definitions(mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        all.extend(self.written.take_definitions(true));
        all
    }
}

/// The forms of a union that is told apart by `type`, each with that name.
pub fn forms(schema: &Schema) -> Vec<(String, Map<String, Value>)> {
    let forms = schema.get("oneOf").or_else(|| schema.get("anyOf"));
    let forms = forms.and_then(Value::as_array).into_iter().flatten();
    let common = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    forms
        .filter_map(Value::as_object)
        .filter_map(|form| {
            let word = form
                .get("properties")?
                .get("type")?
                .get("const")?
                .as_str()?;
            let mut form = form.clone();
            add(&mut form, common.cloned().unwrap_or_default(), required);
            Some((word.to_owned(), form))
        })
        .collect()
}

/// Adds properties to an object's schema, before its own.
pub fn add(form: &mut Map<String, Value>, more: Map<String, Value>, required: Option<&Vec<Value>>) {
    let mut properties = more;
    if let Some(Value::Object(own)) = form.remove("properties") {
        properties.extend(own);
    }
    form.insert("properties".to_owned(), Value::Object(properties));
    if let Some(required) = required {
        let own = form
            .entry("required")
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(own) = own {
            own.extend(required.iter().cloned());
        }
    }
}

/// Takes properties away from an object's schema.
pub fn remove(form: &mut Map<String, Value>, words: &[&str]) {
    if let Some(Value::Object(properties)) = form.get_mut("properties") {
        properties.retain(|word, _| !words.contains(&word.as_str()));
    }
    if let Some(Value::Array(required)) = form.get_mut("required") {
        required.retain(|word| !word.as_str().is_some_and(|word| words.contains(&word)));
    }
}
