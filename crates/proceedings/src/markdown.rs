//! Words in Markdown (CommonMark): what people typed stays words, and cannot become structure.

use std::fmt::Write;

use jiff::Zoned;
use plenary_ids::Millis;

/// Words of somebody's, as one line that means itself (CommonMark 0.31, section 2.4).
pub(crate) fn plain(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for (index, word) in words.split_whitespace().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        let mut letters = word.chars().peekable();
        while let Some(letter) = letters.next() {
            let entity = letters
                .peek()
                .is_some_and(|next| next.is_ascii_alphanumeric() || *next == '#');
            if "\\`*_[]<>#|~".contains(letter) || letter == '&' && entity {
                text.push('\\');
            }
            text.push(letter);
        }
    }
    text
}

/// `7 min 32 s`.
pub(crate) fn duration(millis: Millis) -> String {
    let seconds = (millis.0 + 500) / 1000;
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

/// `Tuesday 12 October 2021`.
pub(crate) fn date(at: &Zoned) -> String {
    at.strftime("%A %-d %B %Y").to_string()
}

/// `a, b and c`.
pub(crate) fn and(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A document that grows by blocks, with an empty line between any two.
#[derive(Debug, Default)]
pub(crate) struct Document(String);

impl Document {
    /// A block: a paragraph, a heading, a list.
    pub(crate) fn block(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        // Nothing fails that writes to memory.
        let _ = writeln!(self.0, "{}", text.trim_end());
    }

    /// A table (GitHub's), of cells that are Markdown already.
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
    fn words_stay_words_whatever_they_look_like() {
        assert_eq!(
            plain("floods & fires &amp; &#35;"),
            r"floods & fires \&amp; \&\#35;"
        );
        assert_eq!(
            plain("# *Vote* | <b>now</b>\n- [x](y)"),
            r"\# \*Vote\* \| \<b\>now\</b\> - \[x\](y)"
        );
    }

    #[test]
    fn a_duration_is_told_as_people_say_it() {
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
