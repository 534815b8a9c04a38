//! Several takes become one file without transcoding: a speech with its pictures, its sound and its channels, or a whole
//! sitting with chapters.
//!
//! Takes are aligned by the wall-clock times of their summaries. Takes of one kind that follow one another share a track,
//! so that a player shows the sitting from its beginning to its end; takes of one kind at the same time have a track each. The
//! speaker's takes never share a track with those of others who are heard meanwhile, so that the track that players choose
//! by themselves has the speaker.

mod measured;
mod plan;
mod sink;

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io::{self, Seek, SeekFrom, Write},
    path::PathBuf,
};

use plenary_ids::{Language, Moment};
use plenary_scene::Source;
use plenary_transport::sdp::{Codec, Kind};

pub use self::measured::Measured;
use self::{
    plan::{OpenInput, Plan},
    sink::Sink,
};
use crate::matroska::{Chapter, Ending, HeadSpec, head, media_type};

/// The number of a track has seven bits here.
const MAX_TRACKS: usize = 126;

/// A take that becomes part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuxTake {
    /// Its file.
    pub path: PathBuf,
    /// The source that it is of.
    pub source: Source,
    /// The language of the channel, if it is the microphone of an interpreter.
    pub language: Option<Language>,
    /// Whether it is of the person who speaks then, and not of another who is heard meanwhile.
    pub is_main: bool,
    /// The wall-clock time of its first frame.
    pub from: Moment,
    /// The wall-clock time at which it ends.
    pub to: Moment,
}

/// What a file is to say of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MuxOptions {
    /// Its title for people.
    pub title: Option<String>,
    /// Its chapters, in the order of their times, which count from the first frame of all takes.
    pub chapters: Vec<Chapter>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Muxed {
    /// The wall-clock time of position 0.
    pub from: Moment,
    /// How long the file plays.
    pub duration_ms: u64,
    /// The size of the file.
    pub bytes: u64,
    /// The media type with its codecs.
    pub media_type: String,
    /// The largest size of the pictures of the first track, if it has any.
    pub size: Option<(u32, u32)>,
    /// The tracks of sound in their order, each with the language of its channel; those without are heard together.
    pub sounds: Vec<Option<Language>>,
}

/// Why takes cannot be brought together.
#[derive(Debug, thiserror::Error)]
pub enum MuxError {
    /// There is nothing to write.
    #[error("there are no takes")]
    Nothing,
    /// More happened at the same time than one file can hold.
    #[error("the takes need {0} tracks, and a file has at most {MAX_TRACKS}")]
    TooManyTracks(usize),
    /// A take is not as it was written.
    #[error("{} cannot be read: {why}", path.display())]
    #[expect(missing_docs, reason = "the field names say it")]
    Damaged { path: PathBuf, why: String },
    /// The new file cannot be written.
    #[error("the file cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// The media type of the file that [`mux`] would write, and whether it is WebM and no other Matroska.
pub fn mux_type(takes: &[MuxTake]) -> Result<(String, bool), MuxError> {
    let plan = Plan::new(takes)?;
    let tracks = plan.tracks;
    let is_webm = tracks.iter().all(|it| it.codec != Codec::H264);
    Ok((media_type(&tracks), is_webm))
}

/// Writes takes into one file, aligned by their times: WebM, or Matroska if there is H.264. Of several takes of one kind at
/// one time players choose the one that is given first. `progress` is told how many bytes of how many are read.
pub fn mux<W: Write + Seek>(
    takes: &[MuxTake],
    options: &MuxOptions,
    out: &mut W,
    mut progress: impl FnMut(u64, u64),
) -> Result<Muxed, MuxError> {
    let plan = Plan::new(takes)?;
    let total = plan.inputs.iter().map(|it| it.bytes).sum();
    let duration_ms = plan.to.since(plan.from).0;
    let media_type = media_type(&plan.tracks);
    let size = plan.tracks.first().and_then(|it| it.size);
    let sounds = plan.tracks.iter();
    let sounds = sounds
        .filter(|it| it.codec.kind() == Kind::Audio)
        .map(|it| it.language.clone())
        .collect();
    let written = head(&HeadSpec {
        date_ms: plan.from.0,
        duration_ms: Some(duration_ms),
        title: options.title.as_deref(),
        tags: &[],
        tracks: &plan.tracks,
        chapters: &options.chapters,
    });
    let mut sink = Sink::new(out, written.bytes, &plan.tracks);
    let mut done = 0;
    // Takes wait by their beginning, so that only those are open that run at one time.
    let mut waiting = plan.inputs;
    waiting.sort_by_key(|it| Reverse(it.offset_ms));
    let mut open: Vec<Option<OpenInput>> = Vec::new();
    let mut next: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    loop {
        let at = next.peek().map(|Reverse((at, _))| *at);
        let begins = waiting.pop_if(|it| at.is_none_or(|at| it.offset_ms <= at));
        if let Some(input) = begins {
            let mut input = OpenInput::new(input)?;
            if let Some(at) = input.advance()? {
                next.push(Reverse((at, open.len())));
                open.push(Some(input));
            }
            continue;
        }
        let Some(Reverse((at, index))) = next.pop() else {
            break;
        };
        let Some(input) = open.get_mut(index).and_then(Option::as_mut) else {
            continue;
        };
        done += input.write(at, &mut sink)?;
        match input.advance()? {
            Some(at) => next.push(Reverse((at, index))),
            // The file is closed.
            None => {
                if let Some(place) = open.get_mut(index) {
                    *place = None;
                }
            }
        }
        progress(done, total);
    }
    let (cues_at, bytes) = sink.finish(&written.places)?;
    let ending = Ending {
        bytes,
        cues: Some(cues_at),
        duration_ms,
        date_ms: None,
        size: None,
        lost_packets: None,
    };
    for (at, part) in written.places.filled(&ending) {
        out.seek(SeekFrom::Start(at))?;
        out.write_all(&part)?;
    }
    out.seek(SeekFrom::Start(bytes))?;
    out.flush()?;
    progress(total, total);
    Ok(Muxed {
        from: plan.from,
        duration_ms,
        bytes,
        media_type,
        size,
        sounds,
    })
}
