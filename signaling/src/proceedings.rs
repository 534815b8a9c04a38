//! The proceedings of a room, from its log: live from the server's, or offline from a data folder.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use plenary_conference::{Conference, Keys, KeysError};
use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{Hash, Head, Log, OpenError, ReadError, Reader, Record};
use plenary_proceedings::{Proceedings, ProceedingsBuilder};
use plenary_room::{Clock, RoomLogEvent};
use plenary_text::TableError;

use crate::{cli::ProceedingsFormat, state::App};

/// The copy of the conference file beside the records, for reading them without the original.
const CONFERENCE_FILE: &str = "conference.toml";
/// How many records one read of the journal returns.
const PAGE_RECORDS: usize = 1024;

/// Why proceedings cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ProceedingsError {
    /// Neither the conference file nor the journal has such a room.
    #[error("the conference has no room {0}; it has {1}")]
    NoRoom(RoomId, String),
    /// The folder has no journal.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record is intact, but this version cannot read its content.
    #[error("record {} cannot be read ({error}); a newer Plenary may have written it", .seq.0)]
    Unknown { seq: Seq, error: serde_json::Error },
    /// The speeches cannot be written as a table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The proceedings cannot be serialized.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The keys of the folder cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// A builder of proceedings, and the hash of the last record that it has read.
struct RecordReader {
    builder: ProceedingsBuilder,
    hash: Hash,
}

impl RecordReader {
    fn new(conference: &Conference, room: &RoomId) -> Self {
        Self {
            builder: ProceedingsBuilder::new(conference, room),
            hash: Head::empty(room).hash,
        }
    }

    fn read(&mut self, record: &Record) -> Result<(), ProceedingsError> {
        let seq = record.seq;
        let event: RoomLogEvent = serde_json::from_slice(&record.body)
            .map_err(|error| ProceedingsError::Unknown { seq, error })?;
        self.builder.add(&event);
        self.hash = record.hash;
        Ok(())
    }

    fn draw_up(self, known: Moment, now: Moment, keys: Option<&Keys>) -> Proceedings {
        let proceedings = self.builder.build(known, now);
        match keys {
            Some(keys) => proceedings.sealed(&self.hash.to_string(), keys),
            None => proceedings,
        }
    }
}

impl App {
    /// The proceedings of a room up to now. The conference file may have lost the room; the journal must have it.
    pub async fn proceedings(&self, room: &RoomId) -> Result<Proceedings, ProceedingsError> {
        let mut reader = RecordReader::new(&self.conference, room);
        let mut after = Seq(0);
        loop {
            let page = self.journal.read(room.clone(), after, PAGE_RECORDS).await?;
            for record in &page {
                reader.read(record)?;
                after = record.seq;
            }
            if page.len() < PAGE_RECORDS {
                let now = self.now();
                return Ok(reader.draw_up(now, now, Some(&self.keys)));
            }
        }
    }
}

/// The proceedings in a format.
pub fn write(
    proceedings: &Proceedings,
    format: ProceedingsFormat,
) -> Result<String, ProceedingsError> {
    Ok(match format {
        ProceedingsFormat::Json => serde_json::to_string_pretty(proceedings)? + "\n",
        ProceedingsFormat::Md => proceedings.minutes(),
        ProceedingsFormat::Csv => proceedings.speeches_csv()?,
    })
}

/// The proceedings of a room from a data folder, also of a room that the conference file has lost. Nothing in the folder is changed, and its server may run or not.
pub fn from_folder(
    conference: &Conference,
    room: &RoomId,
    data: &Path,
) -> Result<Proceedings, ProceedingsError> {
    let journal = Reader::open(data)?;
    let recorded = journal.rooms()?;
    if !recorded.contains(room) && conference.room(room).is_none() {
        let planned = conference.rooms.iter().map(|it| &it.id);
        let mut known: Vec<&RoomId> = planned.collect();
        known.extend(recorded.iter().filter(|it| conference.room(it).is_none()));
        let known: Vec<&str> = known.into_iter().map(RoomId::as_str).collect();
        return Err(ProceedingsError::NoRoom(room.clone(), known.join(", ")));
    }
    // Read first: the server may write on meanwhile, and a speech's clock must not run past the end of its records.
    let alive = journal.recovery(room)?.last_alive;
    let mut reader = RecordReader::new(conference, room);
    match journal.records(room, Seq(0)) {
        Ok(records) => {
            for record in records {
                reader.read(&record?)?;
            }
        }
        // The room has no event yet.
        Err(ReadError::NoRoom(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let keys = Keys::open_existing(data)?;
    Ok(reader.draw_up(alive, Clock::new().now(), keys.as_ref()))
}

/// The path of the conference file's copy in a data folder. An error is that the folder has no journal.
pub fn kept_conference(data: &Path) -> Result<PathBuf, OpenError> {
    Reader::open(data)?;
    Ok(data.join(CONFERENCE_FILE))
}

/// Copies the conference file beside the records, atomically.
pub fn keep_conference(file: &Path, data: &Path) -> io::Result<()> {
    let mut copy = tempfile::NamedTempFile::new_in(data)?;
    copy.write_all(&fs::read(file)?)?;
    copy.persist(data.join(CONFERENCE_FILE))?;
    Ok(())
}
