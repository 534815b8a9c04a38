//! From the bytes of a conference file to a [`Conference`], or to every fault in it.

use std::{fs::File, io::Read, path::Path};

use plenary_ids::MediaId;
use toml::de::DeTable;

use crate::{
    Conference, Diagnostic,
    diagnostic::{Faults, Place},
    read,
};

/// The largest conference file, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// A conference that can be served, with the warnings about its file, in the file's order.
#[derive(Debug)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Checked {
    pub conference: Conference,
    pub warnings: Vec<Diagnostic>,
    /// The recordings that the agenda names, each with the warning for a library that does not have it.
    recordings: Vec<(MediaId, Diagnostic)>,
}

impl Checked {
    /// A warning for each recording of the agenda that the media library does not have.
    pub fn missing_recordings(
        &self,
        has: impl Fn(&MediaId) -> bool,
    ) -> impl Iterator<Item = &Diagnostic> {
        let missing = self.recordings.iter().filter(move |(media, _)| !has(media));
        missing.map(|(_, warning)| warning)
    }
}

/// Reads and checks a conference file. At most [`MAX_FILE_BYTES`] and one are read, whatever `path` is.
///
/// # Errors
/// Every fault of the file, in the file's order; never none.
pub fn load(path: &Path) -> Result<Checked, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => check(&bytes, &name),
        Err(error) => {
            let hint = "Name a conference file that exists and that you may read.".to_owned();
            Err(whole_file(
                &name,
                format!("The file cannot be read: {error}."),
                hint,
            ))
        }
    }
}

/// Checks the bytes of a conference file; the diagnostics call the file `name`. No bytes make it panic.
///
/// ```
/// let faults = plenary_conference::parse(b"[conferrence]\nid = 'x'", "my.toml").unwrap_err();
/// let typing_error = faults.iter().find(|fault| fault.column == 2).unwrap();
/// assert_eq!(
///     typing_error.to_string(),
///     "my.toml:1:2: Unknown key \"conferrence\" in the file.\n  help: Did you mean \"conference\"?",
/// );
/// ```
///
/// # Errors
/// Every fault of the file, in the file's order; never none.
pub fn parse(bytes: &[u8], name: &str) -> Result<Conference, Vec<Diagnostic>> {
    check(bytes, name).map(|checked| checked.conference)
}

/// Checks the bytes of a conference file, and keeps the warnings.
///
/// # Errors
/// Every fault of the file, in the file's order, warnings among them; never none.
pub fn check(bytes: &[u8], name: &str) -> Result<Checked, Vec<Diagnostic>> {
    if bytes.len() > MAX_FILE_BYTES {
        let message = format!("The file is larger than {MAX_FILE_BYTES} bytes.");
        return Err(whole_file(
            name,
            message,
            "Split it into several conferences.".to_owned(),
        ));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let good = std::str::from_utf8(good).unwrap_or_default();
            let mut faults = Faults::new(name, good);
            let hint = "Save the file as UTF-8.".to_owned();
            faults.add(
                &(good.len()..good.len()),
                "The file is not UTF-8 from here.",
                hint,
            );
            return Err(faults.into_sorted());
        }
    };
    let mut faults = Faults::new(name, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at: Place = error.span().unwrap_or_default();
        faults.add(&at, sentence(error.message()), syntax_hint(error.message()));
    }
    if !faults.is_empty() {
        // A table that the parser could not read would be reported again as missing.
        return Err(faults.into_sorted());
    }
    match read::conference(table.get_ref(), &mut faults) {
        Some(conference) if faults.is_empty() => Ok(Checked {
            conference,
            recordings: faults.take_recordings(),
            warnings: faults.into_sorted(),
        }),
        _ => Err(faults.into_sorted()),
    }
}

fn whole_file(name: &str, message: String, suggestion: String) -> Vec<Diagnostic> {
    let mut faults = Faults::new(name, "");
    faults.add(&(0..0), message, suggestion);
    faults.into_sorted()
}

fn sentence(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("This is not TOML: {}.", line.trim_end_matches('.'))
}

fn syntax_hint(message: &str) -> String {
    let hint = if message.contains("duplicate key") {
        "Keep one of the two."
    } else if message.contains("date") || message.contains("month") || message.contains("day") {
        "Dates are written 2021-10-12, and must exist."
    } else if message.contains("string") || message.contains("quot") {
        "Text stands between double quotes."
    } else {
        "Mend this line; https://toml.io says how TOML is written."
    };
    hint.to_owned()
}
