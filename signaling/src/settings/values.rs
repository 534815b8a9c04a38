//! The values of the settings, as every layer writes them: text.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroU64},
    path::PathBuf,
    str::FromStr,
};

use crate::rate::Quota;

/// A value of any type that can be read.
pub(super) fn take<T: FromStr<Err: fmt::Display>>(
    place: &mut T,
    value: &str,
) -> Result<(), String> {
    *place = value.parse().map_err(|error: T::Err| error.to_string())?;
    Ok(())
}

pub(super) fn switch(value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| "it is true or false".to_owned())
}

/// None if it is empty.
pub(super) fn optional<T: FromStr<Err: fmt::Display>>(value: &str) -> Result<Option<T>, String> {
    let parsed = (!value.is_empty()).then(|| value.parse::<T>());
    parsed.transpose().map_err(|error| error.to_string())
}

/// A number from 1 on.
pub(super) fn count<T: TryFrom<u32>>(place: &mut T, value: &str) -> Result<(), String> {
    let number: NonZeroU32 = value
        .parse()
        .map_err(|_| "it is a whole number from 1 on".to_owned())?;
    *place = T::try_from(number.get()).map_err(|_| "it is too large".to_owned())?;
    Ok(())
}

/// A number of bytes from 1 on.
pub(super) fn bytes(value: &str) -> Result<u64, String> {
    let number: NonZeroU64 = value
        .parse()
        .map_err(|_| "it is a number of bytes, from 1 on".to_owned())?;
    Ok(number.get())
}

/// A quota whose bucket holds what those minutes refill.
pub(super) fn quota(value: &str, burst_minutes: u32) -> Result<Quota, String> {
    let mut per_minute = 0;
    count(&mut per_minute, value)?;
    Ok(Quota::with_burst_minutes(per_minute, burst_minutes))
}

/// None if it is empty.
pub(super) fn url(value: &str) -> Result<Option<String>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    if let Some(bad) = value.chars().find(|c| breaks_links(*c)) {
        return Err(format!("a URL has no {bad:?}"));
    }
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['#', '?']) => Ok(Some(value.to_owned())),
        _ => Err("it begins with http:// or https:// and has no query".to_owned()),
    }
}

/// Whether a character is in no URL (RFC 3986), and would break the links that begin with it in a mail or a table.
fn breaks_links(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || plenary_text::hidden(c).is_some()
        || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}

/// Refuses an empty name, which would mean the current folder of the server.
pub(super) fn folder(value: &str) -> Result<PathBuf, String> {
    if value.is_empty() {
        return Err("it names no folder; remove it for the default, \"data\"".to_owned());
    }
    Ok(PathBuf::from(value))
}

pub(super) fn filter(value: &str) -> Result<String, String> {
    let read = tracing_subscriber::EnvFilter::try_new(value);
    let why =
        |error| format!("{error}; write a level such as \"info\", or \"info,plenary_room=debug\"");
    read.map(|_| value.to_owned()).map_err(why)
}

/// A list separated by commas, or an array as in the file.
pub(super) fn list<T: FromStr<Err: fmt::Display>>(value: &str) -> Result<Vec<T>, String> {
    #[derive(serde::Deserialize)]
    struct Line {
        list: Vec<String>,
    }
    let array = value.trim_start().starts_with('[');
    let listed = if array {
        let line: Line = toml::from_str(&format!("list = {value}"))
            .map_err(|error| error.message().to_owned())?;
        line.list.join(",")
    } else {
        value.to_owned()
    };
    let words = listed
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            word.parse()
                .map_err(|error: T::Err| format!("{word}: {error}"))
        })
        .collect()
}

/// A value of the file as the environment would have it, a list separated by commas.
pub(super) fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(values) => values.into_iter().map(plain).collect::<Vec<_>>().join(","),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(switch) => switch.to_string(),
        // No setting has one of these types, so no setting accepts the name of the type.
        other => other.type_str().to_owned(),
    }
}
