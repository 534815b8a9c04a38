//! One JSON object as it comes from outside. RFC 8259, section 4, leaves open what two members of one name mean; here
//! they are refused, because two readers of the same message could take different ones.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// Reads one JSON object in which no name stands twice, at any depth.
pub fn read_object(json: &[u8]) -> serde_json::Result<Map<String, Value>> {
    let Object(fields) = serde_json::from_slice(json)?;
    Ok(fields)
}

struct Object(Map<String, Value>);

struct Unambiguous(Value);

struct ObjectVisitor;

struct ValueVisitor;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(ObjectVisitor).map(Self)
    }
}

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(ValueVisitor).map(Self)
    }
}

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("{name:.40?} stands twice")));
            }
            let Unambiguous(value) = members.next_value()?;
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unambiguous(value)) = items.next_element()? {
            all.push(value);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error> {
        ObjectVisitor.visit_map(members).map(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        for twice in [
            r#"{"request":"r1","request":"r2"}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":[{"b":1},{"c":1,"c":null}]}"#,
            "{\"a\":1,\"\\u0061\":2}",
        ] {
            let error = read_object(twice.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("stands twice"), "{error}");
        }
    }

    #[test]
    fn any_other_object_is_read_as_serde_reads_it() {
        let text =
            r#"{"a":[1,-2,1.5,1e300,"x\u6c34",true,null,{"a":{}}],"b":18446744073709551615}"#;
        let expected: Map<String, Value> = serde_json::from_str(text).unwrap();
        assert_eq!(read_object(text.as_bytes()).unwrap(), expected);
        assert_eq!(json!(expected)["a"][4], "x水");
        for wrong in ["[]", "1", "", "{} {}", "{\"a\":}"] {
            assert!(read_object(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
