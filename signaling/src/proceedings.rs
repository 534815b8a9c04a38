//! The proceedings of a room, from its log: live from the server's, or offline from a data folder.

use std::{fs, io, io::Write, path::Path};

use plenary_conference::{Checked, Conference, Keys, KeysError, Room};
use plenary_ids::{Moment, RoomId, Seq};
use plenary_journal::{Hash, Head, Log, OpenError, ReadError, Reader, Record};
use plenary_proceedings::{Proceedings, ProceedingsBuilder};
use plenary_room::{Clock, RoomLogEvent};

use crate::{
    cli::{self, ProceedingsFormat},
    failure::Failure,
    state::App,
};

/// The copy of the conference file that stands beside the records, for whoever reads them without it.
const CONFERENCE_FILE: &str = "conference.toml";
/// How many records are read at once.
const PAGE: usize = 1024;

/// Why there are no proceedings.
#[derive(Debug, thiserror::Error)]
pub enum ProceedingsError {
    /// There is no such room in the conference file.
    #[error("the conference has no room {0}; it has {1}")]
    NoRoom(RoomId, String),
    /// The folder has no journal.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record is whole, but says something that this version does not understand.
    #[error("record {} is not understood ({error}); a newer Plenary may have written it", .seq.0)]
    Unknown {
        /// Its place.
        seq: Seq,
        /// What is not understood.
        error: serde_json::Error,
    },
    /// The speeches cannot be written as a table.
    #[error(transparent)]
    Table(#[from] csv::Error),
    /// They cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The keys of the folder cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// A builder of proceedings, and the hash of the last record that it has read.
struct Reading<'a> {
    builder: ProceedingsBuilder<'a>,
    hash: Hash,
}

impl<'a> Reading<'a> {
    fn new(conference: &'a Conference, room: &'a Room) -> Self {
        Self {
            builder: ProceedingsBuilder::new(conference, room),
            hash: Head::empty(&room.id).hash,
        }
    }

    fn add(&mut self, record: &Record) -> Result<(), ProceedingsError> {
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
    /// The proceedings of a room as they are now.
    pub async fn proceedings(&self, room: &Room) -> Result<Proceedings, ProceedingsError> {
        let mut reading = Reading::new(&self.conference, room);
        let mut after = Seq(0);
        loop {
            let page = self.journal.read(room.id.clone(), after, PAGE).await?;
            for record in &page {
                reading.add(record)?;
                after = record.seq;
            }
            if page.len() < PAGE {
                let now = self.clock.now();
                return Ok(reading.draw_up(now, now, Some(&self.keys)));
            }
        }
    }
}

/// The proceedings in the form that is wanted.
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

/// `plenary proceedings`: from a data folder, whose server may be running or not. Nothing in the folder is changed.
pub fn run(args: &cli::Proceedings) -> Result<(), Failure> {
    // Without a journal nothing was served from there: its conference file is not what is missing.
    Reader::open(&args.data).map_err(ProceedingsError::from)?;
    let kept = args.data.join(CONFERENCE_FILE);
    let file = args.conference.as_ref().unwrap_or(&kept);
    let Checked { conference, .. } = plenary_conference::load(file).map_err(Failure::Conference)?;
    let proceedings = offline(&conference, &args.room, &args.data)?;
    io::stdout().write_all(write(&proceedings, args.format)?.as_bytes())?;
    Ok(())
}

fn offline(
    conference: &Conference,
    room: &RoomId,
    data: &Path,
) -> Result<Proceedings, ProceedingsError> {
    let room = conference.room(room).ok_or_else(|| {
        let rooms: Vec<&str> = conference.rooms.iter().map(|it| it.id.as_str()).collect();
        ProceedingsError::NoRoom(room.clone(), rooms.join(", "))
    })?;
    let reader = Reader::open(data)?;
    // First: a server may go on meanwhile, and a clock that runs in the log ran no longer than its server.
    let alive = reader.recovery(&room.id)?.last_alive;
    let mut reading = Reading::new(conference, room);
    match reader.records(&room.id, Seq(0)) {
        Ok(records) => {
            for record in records {
                reading.add(&record?)?;
            }
        }
        // Nothing has happened in it yet.
        Err(ReadError::NoRoom(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let keys = Keys::open_existing(data)?;
    Ok(reading.draw_up(alive, Clock::new().now(), keys.as_ref()))
}

/// Keeps a copy of the conference file beside the records, whole or not at all.
pub fn keep_conference(file: &Path, data: &Path) -> io::Result<()> {
    let mut copy = tempfile::NamedTempFile::new_in(data)?;
    copy.write_all(&fs::read(file)?)?;
    copy.persist(data.join(CONFERENCE_FILE))?;
    Ok(())
}
