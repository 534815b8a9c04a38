//! The diagnostics of a conference file, as `plenary check` prints them.

use std::{fmt, ops::Range};

use plenary_ids::MediaId;
use serde::Serialize;

/// Whether the conference can be served in spite of the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The conference cannot be served.
    Error,
    /// The conference can be served, but the file is hardly what its author meant.
    Warning,
}

/// One fault of a conference file: its place, what is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// The file, as the caller names it.
    pub file: String,
    /// The line, from 1; or 1 where the whole file is at fault.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What to write instead, as one sentence; every fault has one.
    pub suggestion: Option<String>,
    /// Whether the fault has to be mended.
    pub severity: Severity,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        write!(
            out,
            "{}:{}:{}: {kind}{}",
            self.file, self.line, self.column, self.message
        )?;
        match &self.suggestion {
            Some(suggestion) => write!(out, "\n  help: {suggestion}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// A place in the file, in bytes.
pub(crate) type Place = Range<usize>;

/// Collects every fault of one file, so that all are shown and not only the first.
#[derive(Debug)]
pub(crate) struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<Diagnostic>,
    recordings: Vec<(MediaId, Diagnostic)>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
            recordings: Vec::new(),
        }
    }

    /// Notes what to say if the media library has no such recording.
    pub(crate) fn note_recording(&mut self, at: &Place, media: MediaId) {
        let message = format!("The media library has no recording \"{media}\".");
        let suggestion = "Put it into the library before the item begins, or name another.";
        let warning = self.diagnostic(at, Severity::Warning, message, suggestion.to_owned());
        self.recordings.push((media, warning));
    }

    /// The recordings that the file names.
    pub(crate) fn take_recordings(&mut self) -> Vec<(MediaId, Diagnostic)> {
        std::mem::take(&mut self.recordings)
    }

    /// Notes a fault at a place; a place outside the text counts as its end.
    pub(crate) fn add(
        &mut self,
        at: &Place,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) {
        self.note(at, Severity::Error, message.into(), suggestion.into());
    }

    /// Notes a warning: the file can be served, but is hardly what its author meant.
    pub(crate) fn warn(
        &mut self,
        at: &Place,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) {
        self.note(at, Severity::Warning, message.into(), suggestion.into());
    }

    /// Where a character stands within a place, or the place itself where the character is written as an escape.
    pub(crate) fn place_in(&self, at: &Place, c: char) -> Place {
        let source = self.text.get(at.clone()).unwrap_or_default();
        match source.find(c) {
            Some(offset) => at.start + offset..at.end,
            None => at.clone(),
        }
    }

    fn note(&mut self, at: &Place, severity: Severity, message: String, suggestion: String) {
        let found = self.diagnostic(at, severity, message, suggestion);
        self.found.push(found);
    }

    fn diagnostic(
        &self,
        at: &Place,
        severity: Severity,
        message: String,
        suggestion: String,
    ) -> Diagnostic {
        let (line, column) = position(self.text, at.start);
        Diagnostic {
            file: self.file.to_owned(),
            line,
            column,
            message,
            suggestion: Some(suggestion),
            severity,
        }
    }

    /// Whether the conference can be served: there are warnings at most.
    pub(crate) fn is_empty(&self) -> bool {
        let mut found = self.found.iter();
        found.all(|fault| fault.severity == Severity::Warning)
    }

    /// All faults in the order of the file.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// "Did you mean …?", with the nearest known word, or else the list of known words.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let best = known
        .iter()
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(word, candidate),
                *candidate,
            )
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match best {
        Some((likeness, candidate)) if likeness >= 0.5 => format!("Did you mean \"{candidate}\"?"),
        Some(_) if known.len() <= 20 => format!("Known here: {}.", known.join(", ")),
        Some((_, candidate)) => format!("The nearest that exists is \"{candidate}\"."),
        None => "The file defines none of them.".to_owned(),
    }
}
