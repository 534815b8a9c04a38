//! Durations as the conference file writes them: "8m", "30s", "1m30s", "1h", "500ms".

use jiff::fmt::friendly::SpanParser;
use plenary_ids::{BoundedMillis, Millis};

/// Reads a duration of at most a day. jiff also reads "8 minutes", "-1s" and "1.5m"; the file has one spelling.
pub(crate) fn duration(text: &str) -> Option<BoundedMillis> {
    let spelt = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'h' | b'm' | b's');
    if !text.bytes().all(spelt) {
        return None;
    }
    let duration = SpanParser::new().parse_unsigned_duration(text).ok()?;
    let millis = Millis(u64::try_from(duration.as_millis()).ok()?);
    BoundedMillis::new(millis).ok()
}

/// What to write in place of a text that is not a duration.
pub(crate) fn duration_hint(text: &str) -> String {
    let guess = text
        .trim()
        .trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    match guess.parse::<u16>() {
        Ok(number) => format!("Write \"{number}m\" for minutes or \"{number}s\" for seconds."),
        Err(_) => {
            "Write a duration of at most a day such as \"8m\", \"30s\" or \"1m30s\".".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_in_falling_order_and_nothing_else() {
        for (text, millis) in [
            ("8m", 480_000),
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("500ms", 500),
            ("0s", 0),
            ("24h", 86_400_000),
        ] {
            let read = duration(text).map(BoundedMillis::get);
            assert_eq!(read, Some(Millis(millis)), "{text}");
        }
        for text in [
            "",
            "8",
            "m",
            "8 m",
            "8 minutes",
            "30s1m",
            "1m1m",
            "-1s",
            "1.5m",
            "PT8M",
            "99999999999999999999h",
            "25h",
            "8分",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
