//! Values of the file read by serde: the type says which keys there are, and what each of them must be.

use std::fmt;

use plenary_floor::MAX_COUNT;
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    diagnostic::{Faults, Place, nearest},
    duration::{duration, duration_hint},
};

/// A field of this suffix on the wire is a duration; the file leaves the suffix out.
const MILLIS: &str = "_ms";

pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads one value of a table, or notes why it cannot be read.
pub(crate) fn value<T: DeserializeOwned>(
    title: &str,
    key: &str,
    value: &Value<'_>,
    faults: &mut Faults<'_>,
) -> Option<T> {
    T::deserialize(Typed::new(title, key, "", value))
        .map_err(|misread| misread.note(faults))
        .ok()
}

/// Reads a table whose keys are known. Each entry is tried alone first, within lists and inner tables too: each has
/// its own fault, and all that is well written is read.
pub(crate) fn table<T: DeserializeOwned + Default>(
    title: &str,
    table: &DeTable<'_>,
    faults: &mut Faults<'_>,
) -> T {
    let fields = fields::<T>();
    let mut good = Vec::new();
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        let Some(field) = fields.iter().find(|field| file_key(field) == key) else {
            continue;
        };
        let whole = Typed::new(title, key, field, value);
        let mut kept = whole.with(whole.content.emptied());
        for part in whole.content.parts() {
            let alone = [(*field, whole.with(part.clone()))];
            match T::deserialize(MapDeserializer::new(alone.into_iter())) {
                Ok(_) => kept.content.add(part),
                Err(misread) => misread.note(faults),
            }
        }
        if kept.content.is_any() {
            good.push((*field, kept));
        }
    }
    T::deserialize(MapDeserializer::new(good.into_iter())).unwrap_or_default()
}

/// The keys of a type in the file.
pub(crate) fn keys<T: DeserializeOwned>() -> Vec<&'static str> {
    fields::<T>().iter().copied().map(file_key).collect()
}

fn file_key(field: &'static str) -> &'static str {
    field.strip_suffix(MILLIS).unwrap_or(field)
}

/// What a value is, what it must be, and how to write it.
pub(crate) fn wrong_type(
    title: &str,
    key: &str,
    found: &'static str,
    wanted: &str,
) -> (String, String) {
    (
        format!("\"{key}\" of {title} is {found}, but must be {wanted}."),
        format!("Write {wanted}."),
    )
}

/// The name of a value's type in messages.
pub(crate) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// That a text is no checked name, and the nearest one that is.
pub(crate) fn not_an_id(text: &str, error: impl fmt::Display) -> (String, String) {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mended: String = text
        .replace(' ', "-")
        .chars()
        .filter(allowed)
        .take(64)
        .collect();
    let hint = if mended.is_empty() {
        "Write a short name, such as \"tokyo-1\".".to_owned()
    } else {
        format!("Write \"{}\".", mended.to_lowercase())
    };
    (
        format!("\"{}\" is not an id: {error}.", text.escape_debug()),
        hint,
    )
}

/// A value that is being read.
struct Typed<'t> {
    /// The name of its table in messages.
    title: &'t str,
    key: &'t str,
    /// Whether its milliseconds are written as a duration.
    is_duration: bool,
    at: Place,
    type_name: &'static str,
    content: Content<'t>,
}

/// What a value holds: lists and tables as the parts that are to be read.
#[derive(Clone)]
enum Content<'t> {
    Single(Option<&'t DeValue<'t>>),
    List(Vec<&'t Value<'t>>),
    Table(Vec<(&'t Spanned<std::borrow::Cow<'t, str>>, &'t Value<'t>)>),
}

impl<'t> Content<'t> {
    fn of(value: &'t DeValue<'t>) -> Self {
        match value {
            DeValue::Array(array) => Self::List(array.iter().collect()),
            DeValue::Table(table) => Self::Table(table.iter().collect()),
            single => Self::Single(Some(single)),
        }
    }

    fn emptied(&self) -> Self {
        match self {
            Self::Single(_) => Self::Single(None),
            Self::List(_) => Self::List(Vec::new()),
            Self::Table(_) => Self::Table(Vec::new()),
        }
    }

    /// Each part alone. An empty list is its own only part, and an empty table too.
    fn parts(&self) -> Vec<Self> {
        match self {
            Self::List(all) if !all.is_empty() => {
                all.iter().map(|one| Self::List(vec![*one])).collect()
            }
            Self::Table(all) if !all.is_empty() => {
                all.iter().map(|one| Self::Table(vec![*one])).collect()
            }
            whole => vec![whole.clone()],
        }
    }

    fn add(&mut self, part: Self) {
        match (self, part) {
            (Self::List(all), Self::List(part)) => all.extend(part),
            (Self::Table(all), Self::Table(part)) => all.extend(part),
            (whole, part) => *whole = part,
        }
    }

    fn is_any(&self) -> bool {
        match self {
            Self::Single(value) => value.is_some(),
            Self::List(all) => !all.is_empty(),
            Self::Table(all) => !all.is_empty(),
        }
    }
}

impl<'t> Typed<'t> {
    fn new(title: &'t str, key: &'t str, field: &str, value: &'t Value<'t>) -> Self {
        Self {
            title,
            key,
            is_duration: field.ends_with(MILLIS),
            at: value.span(),
            type_name: type_name(value.get_ref()),
            content: Content::of(value.get_ref()),
        }
    }

    fn with(&self, content: Content<'t>) -> Self {
        Self {
            at: self.at.clone(),
            content,
            ..*self
        }
    }

    fn misread(&self, message: impl Into<String>, hint: impl Into<String>) -> Misread {
        Misread {
            at: self.at.clone(),
            message: message.into(),
            hint: hint.into(),
        }
    }

    fn expected(&self, wanted: &str) -> Misread {
        let (message, hint) = wrong_type(self.title, self.key, self.type_name, wanted);
        self.misread(message, hint)
    }

    fn text(&self) -> Result<&'t str, Misread> {
        match &self.content {
            Content::Single(Some(DeValue::String(text))) => Ok(text.as_ref()),
            _ => Err(self.expected("a string")),
        }
    }

    fn number(&self) -> Result<u32, Misread> {
        let Content::Single(Some(DeValue::Integer(digits))) = &self.content else {
            return Err(self.expected("a whole number"));
        };
        u32::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|number| (1..=MAX_COUNT).contains(number))
            .ok_or_else(|| {
                self.misread(
                    format!("\"{}\" of {} is out of range.", self.key, self.title),
                    format!("Write a whole number from 1 to {MAX_COUNT}."),
                )
            })
    }

    fn millis(&self) -> Result<u64, Misread> {
        let text = self.text()?;
        let millis = duration(text).ok_or_else(|| {
            let message = format!("\"{}\" is not a duration.", text.escape_debug());
            self.misread(message, duration_hint(text))
        })?;
        Ok(millis.get().0)
    }

    fn letter(&self) -> Result<char, Misread> {
        let text = self.text()?;
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_alphabetic() => Ok(letter),
            _ => {
                let message = format!("\"{}\" is not a letter to draw.", text.escape_debug());
                Err(self.misread(message, "Write one letter, such as \"T\"."))
            }
        }
    }
}

impl<'de> Deserializer<'de> for Typed<'_> {
    type Error = Misread;

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match &self.content {
            Content::Single(Some(DeValue::Boolean(boolean))) => visitor.visit_bool(*boolean),
            _ => Err(self.expected("true or false")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_u32(self.number()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        if self.is_duration {
            visitor.visit_u64(self.millis()?)
        } else {
            visitor.visit_u32(self.number()?)
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_char(self.letter()?)
    }

    /// The only texts whose types check them are names.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        let text = self.text()?;
        visitor.visit_str(text).map_err(|error: Misread| {
            let (message, hint) = not_an_id(text, error.message);
            self.misread(message, hint)
        })
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        let text = self.text()?;
        if !words.contains(&text) {
            let message = format!("\"{text}\" is no {}.", self.key);
            return Err(self.misread(message, nearest(text, words.iter().copied())));
        }
        visitor.visit_enum(text.into_deserializer())
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        let Content::List(elements) = &self.content else {
            return Err(self.expected("an array of strings"));
        };
        let elements = elements
            .iter()
            .map(|value| Typed::new(self.title, self.key, "", value));
        visitor.visit_seq(SeqDeserializer::new(elements))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        let Content::Table(entries) = &self.content else {
            return Err(self.expected("a table"));
        };
        let field = if self.is_duration { MILLIS } else { "" };
        let entries = entries.iter().map(|(key, value)| {
            let name = key.get_ref().as_ref();
            let at = key.span();
            let value = Typed::new(self.key, name, field, value);
            (
                Key {
                    title: self.key,
                    name,
                    at,
                },
                value,
            )
        });
        visitor.visit_map(MapDeserializer::new(entries))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misread> {
        Err(self.expected("something else"))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 f32 f64 bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct struct
        identifier ignored_any
    }
}

/// The key of an entry of an inner table, which is one of a few words.
struct Key<'t> {
    title: &'t str,
    name: &'t str,
    at: Place,
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Misread;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if !words.contains(&self.name) {
            return Err(Misread {
                at: self.at,
                message: format!("Unknown key \"{}\" in {}.", self.name, self.title),
                hint: nearest(self.name, words.iter().copied()),
            });
        }
        visitor.visit_enum(self.name.into_deserializer())
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_str(self.name)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Misread> for Typed<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl IntoDeserializer<'_, Misread> for Key<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

/// Why a value cannot be read, and where it stands.
#[derive(Debug)]
struct Misread {
    at: Place,
    message: String,
    hint: String,
}

impl Misread {
    fn note(self, faults: &mut Faults<'_>) {
        faults.add(&self.at, self.message, self.hint);
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Misread {}

impl de::Error for Misread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            at: 0..0,
            message: message.to_string(),
            hint: String::new(),
        }
    }
}

/// The fields of a struct, as serde has them.
fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Fields<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Fields<'_> {
        type Error = de::value::Error;

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            Err(de::Error::custom("only the fields are asked for"))
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(de::Error::custom("this is no struct"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut fields: &'static [&'static str] = &[];
    // It always fails: a struct is not read, its fields are noted on the way.
    let _ = T::deserialize(Fields(&mut fields));
    fields
}
