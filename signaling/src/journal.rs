//! `plenary journal`: what was recorded, for operators and auditors.

use std::io::{self, Write};

use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{Reader, Record};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    cli::{ExportFormat, Journal},
    failure::Failure,
};

/// Does it.
pub fn run(journal: Journal) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match journal {
        Journal::Verify { room, data } => verify(&mut out, &Reader::open(&data)?, room),
        Journal::Export { room, data, format } => {
            let ExportFormat::Jsonl = format;
            let mut out = io::BufWriter::new(out);
            for record in Reader::open(&data)?.records(&room, Seq(0))? {
                write_line(&mut out, &record?)?;
            }
            Ok(out.flush()?)
        }
    }
}

/// A line for each room that is whole; the first bad record ends it.
fn verify(out: &mut impl Write, reader: &Reader, room: Option<RoomId>) -> Result<(), Failure> {
    let rooms = match room {
        Some(room) => vec![room],
        None => reader.rooms()?,
    };
    for room in rooms {
        let head = reader.verify(&room)?;
        writeln!(
            out,
            "{room}: {} records in order, sha-256 {}",
            head.seq.0, head.hash
        )?;
    }
    reader.check()?;
    Ok(())
}

/// The event is put in as it stands, so that whoever has the lines can check the hashes.
#[derive(Serialize)]
struct Line<'a> {
    seq: Seq,
    at_ms: Moment,
    hash: String,
    event: Option<&'a RawValue>,
}

fn write_line(out: &mut impl Write, record: &Record) -> Result<(), Failure> {
    let line = Line {
        seq: record.seq,
        at_ms: record.at,
        hash: record.hash.to_string(),
        event: serde_json::from_slice(&record.body).ok(),
    };
    serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}
