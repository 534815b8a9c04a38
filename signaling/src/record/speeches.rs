//! One file of a speech: its pictures and sounds together, without transcoding. What was made is kept for the next
//! reader, within a bound.

use std::{
    fmt::Write,
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use plenary_ids::{Language, RequestId, RoomId};
use plenary_protocol::Take;
use plenary_recorder::{MuxError, MuxOptions, MuxTake, mux, mux_type};
use ring::digest::{SHA256, digest};
use tokio::sync::OwnedSemaphorePermit;

use super::{RoomRecorder, Speakers, is_main};

/// How many bytes of files are kept that were made of takes.
const MAX_KEPT_BYTES: u64 = 2_000_000_000;
const BUFFER_BYTES: usize = 1 << 20;

/// A speech as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuxedSpeech {
    /// The file, which may be deleted at any time once it is open.
    pub path: PathBuf,
    /// The media type with its codecs.
    pub media_type: String,
    /// Names the content: the same takes give the same file.
    pub tag: String,
}

/// Why there is no such file.
#[derive(Debug, thiserror::Error)]
pub enum Unmuxed {
    /// Nothing was recorded of the speech, or not in that language.
    #[error("nothing was recorded of it")]
    Nothing,
    /// What is free on the disk is kept for the log.
    #[error("the disk has no room for it")]
    NoRoom,
    /// A file of a take is missing.
    #[error("the file of a take is missing")]
    Gone,
    /// The takes cannot be brought together.
    #[error(transparent)]
    Mux(#[from] MuxError),
    /// The file cannot be kept.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The takes of a speech that belong into one file. The sound is the floor's, or that of a channel.
pub fn takes_of(takes: &[Take], speech: RequestId, language: Option<&Language>) -> Vec<Take> {
    let belongs = |take: &&Take| {
        let is_sound = take.source == plenary_scene::Source::Microphone;
        take.speech == Some(speech) && (!is_sound || take.language.as_ref() == language)
    };
    takes.iter().filter(belongs).cloned().collect()
}

impl RoomRecorder {
    /// The file that was made of these takes before, if it is kept.
    pub fn kept(&self, room: &RoomId, takes: &[Take]) -> Result<Option<MuxedSpeech>, Unmuxed> {
        // Neither the codecs nor the place of the file depend on who is the speaker.
        let made = self.place_of(room, takes, &Speakers::new())?.0;
        if !made.path.is_file() {
            return Ok(None);
        }
        // Read now: it goes last.
        let touched = File::options().append(true).open(&made.path);
        let _ = touched.and_then(|file| file.set_modified(SystemTime::now()));
        Ok(Some(made))
    }

    /// Makes one file of the takes. It reads and writes much, and blocks for as long; one at a time is made.
    pub fn make(
        &self,
        room: &RoomId,
        takes: &[Take],
        speakers: &Speakers,
    ) -> Result<MuxedSpeech, Unmuxed> {
        // Another reader may have waited for the same file.
        if let Some(made) = self.kept(room, takes)? {
            return Ok(made);
        }
        let bytes: u64 = takes.iter().map(|take| take.bytes).sum();
        let free = self.disk.free_bytes(&self.folder)?;
        if free < bytes.saturating_add(self.min_free_bytes) {
            return Err(Unmuxed::NoRoom);
        }
        let (made, inputs) = self.place_of(room, takes, speakers)?;
        let folder = plenary_recorder::room_folder(&self.muxed, room);
        fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, file.as_file_mut());
        mux(&inputs, &MuxOptions::default(), &mut out, |_, _| {})?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.persist(&made.path).map_err(|error| error.error)?;
        bound(&self.muxed, &made.path, MAX_KEPT_BYTES)?;
        Ok(made)
    }

    /// Where the file of these takes is or would be, and what it is made of.
    fn place_of(
        &self,
        room: &RoomId,
        takes: &[Take],
        speakers: &Speakers,
    ) -> Result<(MuxedSpeech, Vec<MuxTake>), Unmuxed> {
        let inputs = self.inputs(room, takes, speakers)?;
        let (media_type, is_webm) = mux_type(&inputs)?;
        let tag = tag(takes);
        let ending = if is_webm { "webm" } else { "mkv" };
        let folder = plenary_recorder::room_folder(&self.muxed, room);
        let path = folder.join(format!("{tag}.{ending}"));
        let made = MuxedSpeech {
            path,
            media_type,
            tag,
        };
        Ok((made, inputs))
    }

    /// The files of takes, which are there.
    pub(super) fn inputs(
        &self,
        room: &RoomId,
        takes: &[Take],
        speakers: &Speakers,
    ) -> Result<Vec<MuxTake>, Unmuxed> {
        if takes.is_empty() {
            return Err(Unmuxed::Nothing);
        }
        let inputs = takes.iter().map(|take| {
            Some(MuxTake {
                path: self.file(room, &take.id)?,
                source: take.source,
                language: take.language.clone(),
                is_main: is_main(take, speakers),
                from: take.from,
                to: take.to,
            })
        });
        let inputs: Option<Vec<MuxTake>> = inputs.collect();
        inputs.ok_or(Unmuxed::Gone)
    }

    /// Waits for the place in which one file is made at a time. It is kept by what makes the file, which goes on though the reader has gone.
    pub async fn place_for_muxing(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.muxing).acquire_owned().await.ok()
    }

    /// Deletes what was made of a room's takes.
    pub(super) fn forget_muxed(&self, room: &RoomId) -> io::Result<()> {
        match fs::remove_dir_all(plenary_recorder::room_folder(&self.muxed, room)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Changes whenever the same takes give another file.
const LAYOUT: &str = "2";

/// What the takes are, in 32 hexadecimal digits.
pub(super) fn tag(takes: &[Take]) -> String {
    let mut text = LAYOUT.to_owned();
    for take in takes {
        let language = take.language.as_ref().map_or("", Language::as_str);
        // Writing into a string does not fail.
        let _ = write!(text, " {} {language}", take.sha256);
    }
    let digest = digest(&SHA256, text.as_bytes());
    let mut digits = String::new();
    for byte in digest.as_ref().iter().take(16) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Deletes the files that were not read for the longest time, until the rest is within the bound. The newest stays.
fn bound(folder: &Path, newest: &Path, most: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for room in fs::read_dir(folder)? {
        let Ok(inside) = fs::read_dir(room?.path()) else {
            continue;
        };
        for file in inside.flatten().filter(|file| file.path() != newest) {
            let facts = file.metadata()?;
            files.push((facts.modified()?, facts.len(), file.path()));
        }
    }
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    bytes += fs::metadata(newest)?.len();
    for (_, length, path) in files {
        if bytes <= most {
            break;
        }
        fs::remove_file(path)?;
        bytes -= length;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_were_not_read_for_long_make_way_and_the_newest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let room = folder.path().join("climate");
        fs::create_dir_all(&room).unwrap();
        let file = |name: &str, age: u64| {
            let path = room.join(name);
            fs::write(&path, [0; 100]).unwrap();
            let at = SystemTime::now() - std::time::Duration::from_secs(age);
            File::options()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(at))
                .unwrap();
            path
        };
        let (old, newer, newest) = (file("a", 300), file("b", 200), file("c", 100));
        bound(folder.path(), &newest, 250).unwrap();
        assert!(!old.exists() && newer.exists() && newest.exists());
        bound(folder.path(), &newest, 10).unwrap();
        assert!(!newer.exists() && newest.exists());
    }
}
