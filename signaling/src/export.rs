//! `plenary recording export`: what was recorded of a speech or of a whole sitting, as one file, from a data folder. The
//! log says which takes there are and what the SHA-256 of each is; a take that is not as it was recorded is refused.

use std::{
    collections::BTreeSet,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use plenary_ids::{RoomId, Seq, TakeId, rfc3339};
use plenary_journal::{OpenError, ReadError, Reader};
use plenary_proceedings::Proceedings;
use plenary_protocol::Take;
use plenary_recorder::{MuxError, MuxOptions, MuxTake, Muxed, file_hash, mux, mux_type, take_file};
use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::{
    cli::RecordingExport,
    convert::{ConvertError, to_mp4},
    proceedings,
    progress::ProgressBar,
    record::{Speakers, chapters, heard_in, is_main, pauses, speaker_name, speakers_of},
};

/// The folder of the takes within the data folder.
const TAKES_FOLDER: &str = "recordings";
const WRITE_BUFFER_BYTES: usize = 4 << 20;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder has no journal.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The journal cannot be read, or was altered.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The journal has no such room.
    #[error("the journal has no room {0}; it has {1}")]
    NoRoom(RoomId, String),
    /// Nothing was recorded of it.
    #[error("nothing was recorded of {0}")]
    Nothing(String),
    /// All that was recorded of it was deleted.
    #[error("what was recorded of {0} was deleted, as the record says")]
    Deleted(String),
    /// The file of a take is not in the folder.
    #[error(
        "the file of take {0} is missing from the folder \"{TAKES_FOLDER}\"; restore it from a backup"
    )]
    Missing(TakeId),
    /// The file of a take is not what the record says.
    #[error(
        "the file of take {id} is not the one that was recorded: its SHA-256 is {found}, and the record has {recorded}; restore it from a backup"
    )]
    Altered {
        id: TakeId,
        found: String,
        recorded: String,
    },
    /// The takes cannot be brought together.
    #[error(transparent)]
    Mux(#[from] MuxError),
    /// ffmpeg cannot make MP4 of it.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// The file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    Write { path: PathBuf, error: io::Error },
    /// Another operation of the system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What the log says of takes.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum LogEntry {
    #[serde(rename = "record.take")]
    Take(Box<Take>),
    #[serde(rename = "record.take_deleted")]
    Deleted { id: TakeId },
    #[serde(other)]
    Other,
}

/// Runs `plenary recording export`.
pub fn run(args: &RecordingExport) -> Result<(), ExportError> {
    let (takes, deleted) = logged(&args.data, &args.room)?;
    let of_speech = |take: &Take| args.speech.is_none_or(|it| take.speech == Some(it));
    let what = match args.speech {
        Some(speech) => format!("speech {speech} in room {}", args.room),
        None => format!("room {}", args.room),
    };
    let (gone, there): (Vec<Take>, Vec<Take>) = takes
        .into_iter()
        .filter(of_speech)
        .partition(|take| deleted.contains(&take.id));
    if there.is_empty() {
        return Err(if gone.is_empty() {
            ExportError::Nothing(what)
        } else {
            ExportError::Deleted(what)
        });
    }
    if !gone.is_empty() {
        eprintln!(
            "plenary: {} takes were deleted, as the record says, and are not in the file.",
            gone.len()
        );
    }
    let mut chosen = match &args.language {
        Some(language) => heard_in(there, language),
        None => there,
    };
    chosen.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
    let record = record(args);
    let speakers = record.as_ref().map(speakers_of).unwrap_or_default();
    let inputs = checked(
        &args.data.join(TAKES_FOLDER),
        &args.room,
        &chosen,
        &speakers,
    )?;
    let options = options(args, record.as_ref(), &chosen);
    for (from, to) in pauses(&chosen) {
        let [from, to] = [from, to].map(rfc3339::text);
        eprintln!("plenary: nothing was recorded from {from} to {to}; the file has that pause.");
    }
    let folder = match args.out.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let at_out = |error| ExportError::Write {
        path: args.out.clone(),
        error,
    };
    let mut file = NamedTempFile::new_in(folder).map_err(at_out)?;
    let muxed = write(&inputs, &options, &mut file)?;
    if args.mp4 {
        let converted = NamedTempFile::new_in(folder).map_err(at_out)?;
        #[expect(clippy::cast_precision_loss, reason = "a duration of some hours")]
        let seconds = muxed.duration_ms as f64 / 1000.0;
        to_mp4(file.path(), converted.path(), seconds, &muxed)?;
        file = converted;
    } else {
        let (_, is_webm) = mux_type(&inputs)?;
        let ending = if is_webm { "webm" } else { "mkv" };
        if args.out.extension().is_none_or(|it| it != ending) {
            eprintln!(
                "plenary: the file is {}; \".{ending}\" is its usual ending.",
                muxed.media_type
            );
        }
    }
    file.persist(&args.out)
        .map_err(|error| at_out(error.error))?;
    Ok(())
}

/// The takes of a room in the order of the log, and the ids of those that were deleted.
fn logged(data: &Path, room: &RoomId) -> Result<(Vec<Take>, BTreeSet<TakeId>), ExportError> {
    let journal = Reader::open(data)?;
    let rooms = journal.rooms()?;
    if !rooms.contains(room) {
        let names: Vec<&str> = rooms.iter().map(RoomId::as_str).collect();
        return Err(ExportError::NoRoom(room.clone(), names.join(", ")));
    }
    let (mut takes, mut deleted) = (Vec::new(), BTreeSet::new());
    for record in journal.records(room, Seq(0))? {
        // Events of other types may have any shape.
        match serde_json::from_slice(&record?.body).unwrap_or(LogEntry::Other) {
            LogEntry::Take(take) => takes.push(*take),
            LogEntry::Deleted { id } => {
                deleted.insert(id);
            }
            LogEntry::Other => {}
        }
    }
    Ok((takes, deleted))
}

/// The files of the takes, each with the hash that the log has.
fn checked(
    folder: &Path,
    room: &RoomId,
    takes: &[Take],
    speakers: &Speakers,
) -> Result<Vec<MuxTake>, ExportError> {
    let mut bar = ProgressBar::new("Checking");
    let mut inputs = Vec::new();
    for (done, take) in takes.iter().enumerate() {
        let path = take_file(folder, room, &take.id);
        let path = path.ok_or_else(|| ExportError::Missing(take.id.clone()))?;
        let (_, found) = file_hash(&path)?;
        if found != take.sha256 {
            return Err(ExportError::Altered {
                id: take.id.clone(),
                found,
                recorded: take.sha256.clone(),
            });
        }
        inputs.push(MuxTake {
            path,
            source: take.source,
            language: take.language.clone(),
            is_main: is_main(take, speakers),
            from: take.from,
            to: take.to,
        });
        #[expect(clippy::cast_precision_loss, reason = "a number of files")]
        bar.show((done + 1) as f64 / takes.len() as f64)?;
    }
    bar.finish()?;
    Ok(inputs)
}

fn write(
    inputs: &[MuxTake],
    options: &MuxOptions,
    file: &mut NamedTempFile,
) -> Result<Muxed, ExportError> {
    let mut bar = ProgressBar::new("Writing");
    let mut out = BufWriter::with_capacity(WRITE_BUFFER_BYTES, file.as_file_mut());
    let muxed = mux(inputs, options, &mut out, |done, total| {
        #[expect(clippy::cast_precision_loss, reason = "a share of a hundred")]
        let share = done as f64 / total.max(1) as f64;
        // A terminal that is gone stops no export.
        let _ = bar.show(share);
    })?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    bar.finish()?;
    Ok(muxed)
}

/// The record of the room, unless the conference file is missing or does not fit the log.
fn record(args: &RecordingExport) -> Option<Proceedings> {
    let file = proceedings::kept_conference(&args.data).ok()?;
    let conference = plenary_conference::load(&file).ok()?.conference;
    proceedings::from_folder(&conference, &args.room, &args.data).ok()
}

/// The title and the chapters. Without the record the speeches are named by their ids.
fn options(args: &RecordingExport, record: Option<&Proceedings>, takes: &[Take]) -> MuxOptions {
    let title = record.map_or_else(|| args.room.to_string(), |it| it.room.title.clone());
    match args.speech {
        Some(speech) => MuxOptions {
            title: Some(format!("{title}: {}", speaker_name(record, speech))),
            chapters: Vec::new(),
        },
        None => MuxOptions {
            title: Some(title),
            chapters: chapters(record, takes),
        },
    }
}

#[cfg(test)]
mod tests;
