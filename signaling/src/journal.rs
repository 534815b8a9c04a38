//! `plenary journal`: verifies and exports the records, for operators and auditors.

use std::io::{self, Write};

use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{Head, ReadError, Reader, Record};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    cli::{ExportFormat, Journal, VerdictFormat},
    failure::Failure,
};

/// Runs a subcommand of `plenary journal`.
pub fn run(journal: Journal) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match journal {
        Journal::Verify { room, data, format } => {
            let reader = Reader::open(&data)?;
            let rooms = match room {
                Some(room) => vec![existing_room(&reader, room)?],
                None => reader.rooms()?,
            };
            verify(&mut out, &reader, &rooms, format)
        }
        Journal::Export { room, data, format } => {
            let ExportFormat::Jsonl = format;
            let reader = Reader::open(&data)?;
            for record in reader.records(&existing_room(&reader, room)?, Seq(0))? {
                write_line(&mut out, &record?)?;
            }
            Ok(out.flush()?)
        }
    }
}

/// The room, if the journal has it.
fn existing_room(reader: &Reader, room: RoomId) -> Result<RoomId, Failure> {
    let rooms = reader.rooms()?;
    if rooms.contains(&room) {
        return Ok(room);
    }
    let names: Vec<&str> = rooms.iter().map(RoomId::as_str).collect();
    Err(Failure::NoRoom(room, names.join(", ")))
}

/// The result of verifying a room.
#[derive(Serialize)]
#[serde(untagged)]
enum Verdict {
    Whole {
        room: RoomId,
        whole: bool,
        records: Seq,
        sha256: String,
    },
    Bad {
        room: RoomId,
        whole: bool,
        /// The first bad record; none if the file itself is bad.
        seq: Option<Seq>,
        trouble: String,
    },
}

/// Prints the verdict of every room, and fails with the first bad record of the first room that has one.
fn verify(
    out: &mut impl Write,
    reader: &Reader,
    rooms: &[RoomId],
    format: VerdictFormat,
) -> Result<(), Failure> {
    let mut verdicts = Vec::new();
    let mut first = None;
    for room in rooms {
        let verified = reader.verify(room);
        let verdict = Verdict::new(room, &verified);
        if let (
            VerdictFormat::Text,
            Verdict::Whole {
                records, sha256, ..
            },
        ) = (format, &verdict)
        {
            writeln!(
                out,
                "{room}: {} records in order, sha-256 {sha256}",
                records.0
            )?;
            out.flush()?;
        }
        verdicts.push(verdict);
        first = first.or(verified.err());
    }
    if format == VerdictFormat::Json {
        serde_json::to_writer_pretty(&mut *out, &verdicts).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    out.flush()?;
    match first {
        Some(error) => Err(error.into()),
        None => Ok(reader.check()?),
    }
}

impl Verdict {
    fn new(room: &RoomId, verified: &Result<Head, ReadError>) -> Self {
        let room = room.clone();
        match verified {
            Ok(head) => Self::Whole {
                room,
                whole: true,
                records: head.seq,
                sha256: head.hash.to_string(),
            },
            Err(error) => Self::Bad {
                room,
                whole: false,
                seq: match error {
                    ReadError::Corrupt(record) => Some(record.seq),
                    _ => None,
                },
                trouble: error.to_string(),
            },
        }
    }
}

/// The event is embedded byte for byte, so that a reader of the lines can check the hashes.
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
