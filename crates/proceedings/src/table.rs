//! The speeches as CSV (RFC 4180), for spreadsheets.

use plenary_floor::{Ending, Kind};
use plenary_ids::Millis;
use serde::{Serialize, Serializer};

use crate::{Proceedings, RecordedSpeech, Time};

/// A row of the table; the fields are the columns.
#[derive(Debug, Serialize)]
struct Row<'a> {
    room: Cell<'a>,
    item: Cell<'a>,
    request: String,
    person: Cell<'a>,
    name: Cell<'a>,
    delegation: Cell<'a>,
    city: Cell<'a>,
    kind: Kind,
    asked: String,
    began: String,
    ended: Option<String>,
    began_utc: String,
    ended_utc: Option<String>,
    limit_ms: Millis,
    used_ms: Millis,
    extended_ms: Millis,
    parts: usize,
    how: Option<Ending>,
    reason: Cell<'a>,
}

/// The characters that begin a formula in a spreadsheet, also in the full-width forms of East Asian keyboards.
const FORMULA_START: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text cell. A spreadsheet would execute a text that begins like a formula, so such a text gets
/// an apostrophe in front (CSV injection).
#[derive(Debug)]
struct Cell<'a>(&'a str);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.0.starts_with(FORMULA_START) {
            out.collect_str(&format_args!("'{}", self.0))
        } else {
            out.serialize_str(self.0)
        }
    }
}

impl Proceedings {
    /// A header row and one row for each speech. Times are in the conference's zone unless the column says `utc`, durations
    /// in milliseconds; `parts` counts the intervals between interruptions.
    pub fn speeches_csv(&self) -> Result<String, csv::Error> {
        // RFC 4180, section 2: lines end with CRLF.
        let mut table = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        if self.speeches.is_empty() {
            table.write_record(COLUMNS)?;
        }
        for speech in &self.speeches {
            table.serialize(self.row(speech))?;
        }
        let bytes = table
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn row<'a>(&'a self, speech: &'a RecordedSpeech) -> Row<'a> {
        Row {
            room: Cell(self.room.id.as_str()),
            item: Cell(speech.item.as_ref().map_or("", |it| it.as_str())),
            request: speech.request.to_string(),
            person: Cell(speech.person.as_str()),
            name: Cell(&speech.name),
            delegation: Cell(speech.delegation.as_ref().map_or("", |it| it.as_str())),
            city: Cell(speech.city.as_deref().unwrap_or_default()),
            kind: speech.kind,
            asked: speech.asked.local(),
            began: speech.began.local(),
            ended: speech.ended.as_ref().map(Time::local),
            began_utc: speech.began.utc(),
            ended_utc: speech.ended.as_ref().map(Time::utc),
            limit_ms: speech.limit_ms,
            used_ms: speech.used_ms,
            extended_ms: speech.extended_ms,
            parts: speech.parts.len(),
            how: speech.how,
            reason: Cell(speech.reason.as_deref().unwrap_or_default()),
        }
    }
}

/// The header of a table without rows; otherwise the header is derived from the first row.
const COLUMNS: [&str; 19] = [
    "room",
    "item",
    "request",
    "person",
    "name",
    "delegation",
    "city",
    "kind",
    "asked",
    "began",
    "ended",
    "began_utc",
    "ended_utc",
    "limit_ms",
    "used_ms",
    "extended_ms",
    "parts",
    "how",
    "reason",
];
