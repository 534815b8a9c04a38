//! Writing Markdown (CommonMark). Text from participants is escaped, so that it cannot become structure.

use std::fmt::Write;

use jiff::Zoned;
use plenary_ids::Millis;
use plenary_text::isolated;

/// Escapes a participant's text and joins it into one line (CommonMark 0.31, section 2.4), which reorders nothing of the
/// sentence around it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            escaped.push(' ');
        }
        let mut letters = word.chars().peekable();
        while let Some(letter) = letters.next() {
            let entity = letters
                .peek()
                .is_some_and(|next| next.is_ascii_alphanumeric() || *next == '#');
            if "\\`*_[]<>#|~".contains(letter) || letter == '&' && entity {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
    }
    isolated(&escaped).into_owned()
}

/// Writes a duration as `7 min 32 s`. A record may hold any duration, also from before there was a bound.
pub(crate) fn duration(millis: Millis) -> String {
    let seconds = millis.0.saturating_add(500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut parts = Vec::new();
    for (amount, unit) in [(hours, "h"), (minutes, "min"), (seconds, "s")] {
        if amount > 0 {
            parts.push(format!("{amount} {unit}"));
        }
    }
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.join(" ")
}

/// Writes a date as `Tuesday 12 October 2021`.
pub(crate) fn date(at: &Zoned) -> String {
    at.strftime("%A %-d %B %Y").to_string()
}

/// Joins an enumeration as `a, b and c`.
pub(crate) fn enumerate(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A document of blocks with an empty line between them.
#[derive(Debug, Default)]
pub(crate) struct Document(String);

impl Document {
    /// Appends a paragraph, a heading or a list.
    pub(crate) fn block(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        // Writing to a string never fails.
        let _ = writeln!(self.0, "{}", text.trim_end());
    }

    /// Appends a table (GitHub Flavored Markdown) whose cells are already Markdown.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(head.to_vec());
        text += &line(vec!["---"; head.len()]);
        for row in rows {
            text += &line(row.iter().map(String::as_str).collect());
        }
        self.block(&text);
    }

    pub(crate) fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_never_becomes_markup() {
        assert_eq!(
            escape("floods & fires &amp; &#35;"),
            r"floods & fires \&amp; \&\#35;"
        );
        assert_eq!(
            escape("# *Vote* | <b>now</b>\n- [x](y)"),
            r"\# \*Vote\* \| \<b\>now\</b\> - \[x\](y)"
        );
    }

    #[test]
    fn a_text_of_another_direction_is_isolated_and_joiners_are_kept() {
        assert_eq!(escape("\u{202e}*a*"), "\u{2068}\u{202e}\\*a\\*\u{2069}");
        assert_eq!(escape("می\u{200c}خواهم"), "\u{2068}می\u{200c}خواهم\u{2069}");
        assert_eq!(escape("👩\u{200d}🚒"), "👩\u{200d}🚒");
    }

    #[test]
    fn a_duration_is_written_in_hours_minutes_and_seconds() {
        for (millis, words) in [
            (0, "0 s"),
            (452_300, "7 min 32 s"),
            (480_000, "8 min"),
            (3_601_000, "1 h 1 s"),
        ] {
            assert_eq!(duration(Millis(millis)), words);
        }
    }
}
