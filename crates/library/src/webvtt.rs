//! Subtitles as WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format"), read strictly and kept as plain text.
//!
//! What comes from outside is bounded and refused with the line that is wrong. Markup, styles and positions are left out, so
//! that nothing but text gets onto a screen.

use std::{fmt::Write, time::Duration};

/// The largest file of subtitles, in bytes: an hour of speech has less than a tenth of it.
pub const MAX_SUBTITLES_BYTES: usize = 1 << 20;
/// The most cues of a file.
const MAX_CUES: usize = 10_000;
/// The longest text of a cue, in characters.
const MAX_CUE_CHARS: usize = 1000;
/// A cue ends before that; no recording is longer.
const MAX_HOURS: u64 = 12;

/// A subtitle: plain text, and when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// The position in the recording from which it is shown.
    pub from: Duration,
    /// The position at which it is no longer shown.
    pub to: Duration,
    /// One line or several, without markup.
    pub text: String,
}

/// Why a file of subtitles is refused, in a sentence with its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Line {line}: {why}.")]
pub struct BadSubtitles {
    /// The line that is wrong, from 1.
    pub line: usize,
    /// What is wrong there, as a clause.
    pub why: String,
}

type Parsed<T> = Result<T, BadSubtitles>;

fn bad<T>(line: usize, why: impl Into<String>) -> Parsed<T> {
    let why = why.into();
    Err(BadSubtitles { line, why })
}

/// That a file is too large, as it came or as it is kept.
pub(crate) fn too_large() -> BadSubtitles {
    let most = MAX_SUBTITLES_BYTES >> 20;
    BadSubtitles {
        line: 1,
        why: format!("the file is larger than {most} MiB, which no subtitles are"),
    }
}

/// Reads a file of subtitles. The cues are in the order in which they begin, and there is at least one.
pub fn parse(file: &[u8]) -> Parsed<Vec<Cue>> {
    if file.len() > MAX_SUBTITLES_BYTES {
        return Err(too_large());
    }
    let text = match std::str::from_utf8(file) {
        Ok(text) => text,
        Err(error) => {
            let well = file.get(..error.valid_up_to()).unwrap_or_default();
            let line = well.split(|byte| *byte == b'\n').count();
            return bad(line, "this is not UTF-8; save the file as UTF-8");
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = text
        .split('\n')
        .zip(1..)
        .map(|(text, number)| (number, text));
    let signature = lines.next().map(|(_, line)| line).unwrap_or_default();
    let rest = signature.strip_prefix("WEBVTT");
    if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return bad(
            1,
            "the file does not begin with WEBVTT; `ffmpeg -i FILE.srt FILE.vtt` converts subtitles of other formats",
        );
    }
    let mut cues = Vec::new();
    let mut block: Vec<(usize, &str)> = Vec::new();
    let mut is_head = true;
    // The blank line behind the last block.
    for (number, line) in lines.chain([(0, "")]) {
        if !line.is_empty() {
            block.push((number, line));
            continue;
        }
        let ended = std::mem::take(&mut block);
        if std::mem::take(&mut is_head) {
            if let Some((line, _)) = ended.iter().find(|(_, text)| text.contains("-->")) {
                return bad(
                    *line,
                    "a blank line is missing between WEBVTT and the first cue",
                );
            }
        } else if let Some(cue) = cue(&ended)? {
            let before = cues.last().map_or(Duration::ZERO, |it: &Cue| it.from);
            if cue.from < before {
                let line = ended.first().map_or(1, |(line, _)| *line);
                return bad(line, "this cue begins before the one above it");
            }
            cues.push(cue);
            if cues.len() > MAX_CUES {
                let line = ended.first().map_or(1, |(line, _)| *line);
                return bad(line, format!("the file has more than {MAX_CUES} cues"));
            }
        }
    }
    if cues.is_empty() {
        return bad(1, "there is no text in the file");
    }
    Ok(cues)
}

/// The cue of a block; none of a block that is something else, or a cue without text.
fn cue(block: &[(usize, &str)]) -> Parsed<Option<Cue>> {
    let Some(((number, first), rest)) = block.split_first() else {
        return Ok(None);
    };
    let is = |word: &str| {
        let after = first.strip_prefix(word);
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']))
    };
    let is_other = is("NOTE") || is("STYLE") || is("REGION");
    if is_other && !first.contains("-->") {
        return match rest.iter().find(|(_, line)| line.contains("-->")) {
            Some((line, _)) => bad(*line, "a blank line is missing before this cue"),
            None => Ok(None),
        };
    }
    let (timing, text) = if first.contains("-->") {
        ((*number, *first), rest)
    } else {
        // The line before is the cue's name.
        match rest.split_first() {
            Some((timing, text)) if timing.1.contains("-->") => (*timing, text),
            _ => {
                return bad(
                    *number,
                    "this is not a cue; one begins with a line such as 00:00:01.000 --> 00:00:04.000",
                );
            }
        }
    };
    if let Some((line, _)) = text.iter().find(|(_, line)| line.contains("-->")) {
        return bad(*line, "a blank line is missing before this cue");
    }
    let (from, to) = times(timing.0, timing.1)?;
    let lines: Vec<&str> = text.iter().map(|(_, line)| *line).collect();
    let plain = plain(&lines.join("\n"));
    if plain.chars().count() > MAX_CUE_CHARS {
        return bad(
            timing.0,
            format!("this cue has more than {MAX_CUE_CHARS} characters"),
        );
    }
    Ok((!plain.is_empty()).then_some(Cue {
        from,
        to,
        text: plain,
    }))
}

fn times(number: usize, line: &str) -> Parsed<(Duration, Duration)> {
    let (from, rest) = line.split_once("-->").unwrap_or_default();
    let mut words = rest.split_whitespace();
    let (from, to) = (from.trim(), words.next().unwrap_or_default());
    let read = |word: &str| {
        if let Some(time) = timestamp(word) {
            return Ok(time);
        }
        let word: String = word.chars().take(20).collect();
        let word = word.escape_debug();
        bad(
            number,
            format!("\"{word}\" is not a time such as 00:01.000 or 01:00:00.000"),
        )
    };
    let (from, to) = (read(from)?, read(to)?);
    if to <= from {
        return bad(number, "this cue ends before it begins");
    }
    // Settings say where a cue is shown, and we show all in one place.
    if let Some(word) = words.find(|word| !word.contains(':')) {
        let word: String = word.chars().take(20).collect();
        let word = word.escape_debug();
        return bad(
            number,
            format!("\"{word}\" is not a setting of a cue such as align:start"),
        );
    }
    Ok((from, to))
}

/// A time as `mm:ss.ttt` or `hh:mm:ss.ttt`; none if it is neither.
fn timestamp(word: &str) -> Option<Duration> {
    let number = |digits: &str, length: std::ops::RangeInclusive<usize>| -> Option<u64> {
        let fits = length.contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        fits.then(|| digits.parse().ok())?
    };
    let (clock, millis) = word.split_once('.')?;
    let (clock, seconds) = clock.rsplit_once(':')?;
    let (hours, minutes) = clock.rsplit_once(':').unwrap_or(("00", clock));
    let hours = number(hours, 2..=4).filter(|it| *it < MAX_HOURS + 1)?;
    let minutes = number(minutes, 2..=2).filter(|it| *it < 60)?;
    let seconds = number(seconds, 2..=2).filter(|it| *it < 60)?;
    let millis = number(millis, 3..=3)?;
    let seconds = (hours * 60 + minutes) * 60 + seconds;
    Some(Duration::from_millis(seconds * 1000 + millis))
}

/// The text of a cue's payload as it is in a Matroska file; none if it is not text, or there is none in it.
pub(crate) fn payload(data: &[u8]) -> Option<String> {
    let text = plain(std::str::from_utf8(data).ok()?);
    let is_cue = !text.is_empty() && text.chars().count() <= MAX_CUE_CHARS;
    is_cue.then_some(text)
}

/// The text without markup and without what is not shown.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if from.starts_with('<') {
            // A tag that does not end goes to the end of the cue.
            rest = from.split_once('>').map_or("", |(_, after)| after);
        } else {
            let (said, length) = reference(from).unwrap_or(('&', 1));
            plain.push(said);
            rest = from.get(length..).unwrap_or_default();
        }
    }
    plain.push_str(rest);
    let lines = plain.split(['\n', '\r']).map(|line| {
        let seen = line.chars().map(|it| if it == '\t' { ' ' } else { it });
        let seen: String = seen
            .filter(|it| !it.is_control() && *it != '\u{feff}')
            .collect();
        seen.trim().to_owned()
    });
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// The character that a reference such as `&lt;` stands for, and how many bytes the reference has.
fn reference(text: &str) -> Option<(char, usize)> {
    let known = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&nbsp;", '\u{a0}'),
        ("&lrm;", '\u{200e}'),
        ("&rlm;", '\u{200f}'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&#39;", '\''),
    ];
    let (name, said) = known.into_iter().find(|(name, _)| text.starts_with(name))?;
    Some((said, name.len()))
}

/// The cues as a file, which [`parse`] reads as the same cues.
pub fn write(cues: &[Cue]) -> String {
    let mut file = "WEBVTT\n".to_owned();
    for cue in cues {
        let text = cue.text.replace('&', "&amp;");
        let text = text.replace('<', "&lt;").replace('>', "&gt;");
        let (from, to) = (clock(cue.from), clock(cue.to));
        // Writing into a string does not fail.
        let _ = write!(file, "\n{from} --> {to}\n{text}\n");
    }
    file
}

fn clock(at: Duration) -> String {
    let seconds = at.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!(
        "{hours:02}:{minutes:02}:{seconds:02}.{:03}",
        at.subsec_millis()
    )
}

/// The cues of one track of a file, as they are read.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// Each with its time in the file, in nanoseconds.
    cues: Vec<(i64, Duration, String)>,
    bytes: usize,
    /// Whether there were more than are kept.
    pub(crate) is_cut: bool,
}

/// The most text of the subtitles in a recording's own file: written with times and references it is within the limit.
const MAX_TEXT_BYTES: usize = MAX_SUBTITLES_BYTES / 8;
/// How long a cue is shown whose file does not say it.
const USUAL_LENGTH: Duration = Duration::from_secs(5);

impl Collected {
    /// Takes the next payload. One that is not text, or too long, is left out.
    pub(crate) fn take(&mut self, at: i64, length: Option<Duration>, payload: &[u8]) {
        let Some(text) = self::payload(payload) else {
            return;
        };
        if self.cues.len() >= MAX_CUES || self.bytes + text.len() > MAX_TEXT_BYTES {
            self.is_cut = true;
            return;
        }
        self.bytes += text.len();
        let length = length.filter(|it| !it.is_zero()).unwrap_or(USUAL_LENGTH);
        self.cues.push((at, length, text));
    }

    /// The cues of a recording that begins at `base`, in the order in which they begin.
    pub(crate) fn finish(self, base: i64) -> Vec<Cue> {
        let end = Duration::from_secs(3600 * MAX_HOURS);
        let millis =
            |it: Duration| Duration::from_millis(u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
        let cues = self.cues.into_iter().map(|(at, length, text)| {
            let from = u64::try_from(at.saturating_sub(base)).unwrap_or_default();
            let from = millis(Duration::from_nanos(from));
            let to = millis(from.saturating_add(length)).min(end);
            Cue { from, to, text }
        });
        let mut cues: Vec<Cue> = cues.filter(|cue| cue.from < cue.to).collect();
        cues.sort_by_key(|cue| cue.from);
        cues
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(file: &str) -> Vec<String> {
        let cues = parse(file.as_bytes()).unwrap();
        cues.into_iter().map(|cue| cue.text).collect()
    }

    fn refusal(file: &[u8]) -> String {
        parse(file).unwrap_err().to_string()
    }

    #[test]
    fn cues_are_read_with_their_times_and_everything_else_is_left_out() {
        let file = "\u{feff}WEBVTT - 致詞\r\nKind: captions\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n\
            NOTE for the editor\r\n\r\n1\r\n00:01.500 --> 00:04.000 align:start position:10%\r\n\
            Good <b>morning</b>,\r\n<v Mayor>ladies &amp; gentlemen\r\n\r\n\r\n01:00:00.000 --> 01:00:01.000\r\n各位早安\r\n";
        let cues = parse(file.as_bytes()).unwrap();
        let cue = |from, to, text: &str| Cue {
            from: Duration::from_millis(from),
            to: Duration::from_millis(to),
            text: text.to_owned(),
        };
        let expected = [
            cue(1500, 4000, "Good morning,\nladies & gentlemen"),
            cue(3_600_000, 3_601_000, "各位早安"),
        ];
        assert_eq!(cues, expected);
    }

    #[test]
    fn markup_becomes_no_element_and_no_text() {
        let file =
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<img src=x onerror=alert(1)>&lt;script&gt; a < b\n";
        assert_eq!(texts(file), ["<script> a"]);
        let file = "WEBVTT\n\n00:01.000 --> 00:02.000\n\u{7}a\u{0}\tb &copy; &\n";
        assert_eq!(texts(file), ["a b &copy; &"]);
    }

    #[test]
    fn a_cue_without_text_is_left_out() {
        let file = "WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\n<i></i>\n\n00:03.000 --> 00:04.000\nx";
        assert_eq!(texts(file), ["x"]);
    }

    #[test]
    fn every_refusal_names_the_line_and_what_is_wrong() {
        let cue = "00:01.000 --> 00:02.000\nText\n";
        for (file, line, words) in [
            ("", 1, "does not begin with WEBVTT"),
            ("1\n00:00:01,000 --> 00:00:02,000\nx\n", 1, "ffmpeg"),
            ("WEBVTTX\n", 1, "does not begin with WEBVTT"),
            ("WEBVTT\n", 1, "no text"),
            (&format!("WEBVTT\n{cue}"), 2, "blank line is missing"),
            (&format!("WEBVTT\n\n{cue}{cue}"), 5, "blank line is missing"),
            (
                &format!("WEBVTT\n\nNOTE x\n{cue}"),
                4,
                "blank line is missing",
            ),
            ("WEBVTT\n\nHello\n", 3, "not a cue"),
            (
                "WEBVTT\n\n00:01,000 --> 00:02.000\nx",
                3,
                "\"00:01,000\" is not a time",
            ),
            ("WEBVTT\n\n00:01.000 -->\nx", 3, "\"\" is not a time"),
            ("WEBVTT\n\n00:61.000 --> 00:62.000\nx", 3, "is not a time"),
            (
                "WEBVTT\n\n99:00:00.000 --> 99:00:01.000\nx",
                3,
                "is not a time",
            ),
            (
                "WEBVTT\n\n00:02.000 --> 00:02.000\nx",
                3,
                "ends before it begins",
            ),
            (
                "WEBVTT\n\n00:02.000 --> 00:03.000 left\nx",
                3,
                "\"left\" is not a setting",
            ),
            (
                &format!("WEBVTT\n\n00:09.000 --> 00:10.000\nx\n\n{cue}"),
                6,
                "begins before the one above",
            ),
            (
                &format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n", "x".repeat(1001)),
                3,
                "1000 characters",
            ),
        ] {
            let said = refusal(file.as_bytes());
            assert!(
                said.starts_with(&format!("Line {line}: ")),
                "{said}: {file}"
            );
            assert!(
                said.contains(words) && said.ends_with('.'),
                "{said}: {file}"
            );
        }
        let latin = refusal(b"WEBVTT\n\n00:01.000 --> 00:02.000\nS\xe3o Paulo\n");
        assert_eq!(latin, "Line 4: this is not UTF-8; save the file as UTF-8.");
        let large = vec![b'x'; MAX_SUBTITLES_BYTES + 1];
        assert!(refusal(&large).contains("1 MiB"));
        let many = "00:01.000 --> 00:02.000\nx\n\n".repeat(MAX_CUES + 1);
        assert!(refusal(format!("WEBVTT\n\n{many}").as_bytes()).contains("10000 cues"));
    }

    #[test]
    fn the_cues_of_a_file_are_put_in_order_and_bounded() {
        let mut collected = Collected::default();
        let at = |seconds: i64| seconds * 1_000_000_000;
        let length = Some(Duration::from_secs(2));
        collected.take(at(10), None, b"second");
        collected.take(at(4), length, b"<i>first</i>");
        collected.take(at(5), length, &[0xff]);
        collected.take(at(60 * 60 * 13), None, b"after the end");
        let cues = collected.finish(at(1));
        let shown = cues
            .iter()
            .map(|it| (it.from.as_secs(), it.to.as_secs(), &*it.text));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [(3, 5, "first"), (9, 14, "second")]
        );
        let mut collected = Collected::default();
        for _ in 0..=MAX_CUES {
            collected.take(at(1), length, b"x");
        }
        assert!(collected.is_cut);
        let written = write(&collected.finish(0));
        assert_eq!(parse(written.as_bytes()).unwrap().len(), MAX_CUES);
    }

    fn any_cues() -> impl Strategy<Value = Vec<Cue>> {
        let text = prop_oneof!["[ -~]{1,40}", "\\PC{1,40}", "[<>&;a\n-]{1,20}"];
        let cue = (0u64..40_000_000, 1u64..9000, text);
        proptest::collection::vec(cue, 0..20).prop_map(|cues| {
            let cues = cues.into_iter().map(|(from, length, text)| Cue {
                from: Duration::from_millis(from),
                to: Duration::from_millis(from + length),
                text: plain(&text.replace('&', "&amp;").replace('<', "&lt;")),
            });
            let mut cues: Vec<Cue> = cues.filter(|cue| !cue.text.is_empty()).collect();
            cues.sort_by_key(|cue| cue.from);
            cues
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_cues(cues in any_cues()) {
            prop_assume!(!cues.is_empty());
            prop_assert_eq!(parse(write(&cues).as_bytes()).unwrap(), cues);
        }

        #[test]
        fn no_bytes_can_panic_and_what_is_read_can_be_written(
            cues in any_cues(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let mut file = write(&cues).into_bytes();
            for (at, byte) in changes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            match parse(&file) {
                Ok(read) => {
                    prop_assert!(read.iter().all(|cue| cue.from < cue.to && !cue.text.is_empty()));
                    prop_assert_eq!(parse(write(&read).as_bytes()).unwrap(), read);
                }
                Err(refused) => {
                    let lines = file.iter().filter(|it| matches!(it, b'\n' | b'\r')).count();
                    prop_assert!((1..=lines + 1).contains(&refused.line), "{refused}");
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(file in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&[b"WEBVTT\n\n".as_slice(), &file].concat());
        }
    }
}
