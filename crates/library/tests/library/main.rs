//! The library as a whole: what is accepted and what is refused, the folder, and reading from any position.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod accepted;
mod folder;
mod hostile;
mod reading;
mod refused;
mod samples;

use std::{io::Cursor, time::Duration};

use plenary_library::{Inspection, Limits, Refused, inspect};

const MS: Duration = Duration::from_millis(1);

fn check(file: &[u8]) -> Result<Inspection, Refused> {
    inspect(Cursor::new(file), Limits::default())
}

/// The sentence by which a file is refused.
fn refusal(file: &[u8]) -> String {
    check(file).unwrap_err().to_string()
}
