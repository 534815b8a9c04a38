//! Which take goes into which track of the file, and the takes that are read.

use std::{
    fs::File,
    io::{self, Seek, Write},
    path::PathBuf,
};

use plenary_ids::{Language, Millis, Moment};
use plenary_library::ebml::Fault;
use plenary_scene::Source;
use plenary_transport::sdp::Codec;

use super::{MAX_TRACKS, MuxError, MuxTake, sink::Sink};
use crate::{
    avc::units_of_configuration,
    matroska::Track,
    read::{TakeBlock, TakeHead, TakeReader},
};

/// Takes that follow one another may overlap by as much as a frame lasts.
const OVERLAP: Millis = Millis(60);

/// The tracks of a file, and the takes that are in them.
pub(super) struct Plan {
    /// The wall-clock time of position 0.
    pub(super) from: Moment,
    pub(super) to: Moment,
    pub(super) tracks: Vec<Track>,
    pub(super) inputs: Vec<Input>,
}

/// A take with its place in the file.
pub(super) struct Input {
    path: PathBuf,
    /// Its track, by its number in the file.
    track: u8,
    /// The parameter sets that its keyframes need, because the head of the track has others.
    sets: Vec<u8>,
    /// When it begins in the file.
    pub(super) offset_ms: u64,
    pub(super) bytes: u64,
}

/// The takes that share a track: of one source and channel, and of the speaker or of others who are heard meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Class {
    source: Source,
    language: Option<Language>,
    is_main: bool,
}

/// A track as it is planned.
struct Planned {
    class: Class,
    track: Track,
    /// When its last take ends.
    to: Moment,
    /// The place of the first of its takes among those that were given.
    given: usize,
}

impl Plan {
    pub(super) fn new(takes: &[MuxTake]) -> Result<Self, MuxError> {
        let from = takes.iter().map(|it| it.from).min();
        let to = takes.iter().map(|it| it.to).max();
        let (Some(from), Some(to)) = (from, to) else {
            return Err(MuxError::Nothing);
        };
        let mut by_time: Vec<(usize, &MuxTake)> = takes.iter().enumerate().collect();
        by_time.sort_by_key(|(given, it)| (it.from, *given));
        let mut planned: Vec<Planned> = Vec::new();
        // Each take with its head, and its track by its place in `planned`.
        let mut placed = Vec::new();
        for (given, take) in by_time {
            let (head, bytes) = take_head(take)?;
            let class = Class {
                source: take.source,
                language: take.language.clone(),
                is_main: take.is_main || take.language.is_some(),
            };
            let found = planned.iter().position(|it| {
                it.class == class
                    && it.track.codec == head.track.codec
                    && it.to <= take.from.after(OVERLAP)
            });
            let place = found.unwrap_or_else(|| {
                let mut track = head.track.clone();
                track.language.clone_from(&take.language);
                planned.push(Planned {
                    class,
                    track,
                    to: take.to,
                    given,
                });
                planned.len() - 1
            });
            if let Some(it) = planned.get_mut(place) {
                it.to = it.to.max(take.to);
                it.given = it.given.min(given);
                let larger = |(wide, high): (u32, u32), (width, height): (u32, u32)| {
                    (wide.max(width), high.max(height))
                };
                it.track.size = match (it.track.size, head.track.size) {
                    (Some(one), Some(other)) => Some(larger(one, other)),
                    (one, other) => one.or(other),
                };
            }
            placed.push((take, head, bytes, place));
        }
        if planned.len() > MAX_TRACKS {
            return Err(MuxError::TooManyTracks(planned.len()));
        }
        let numbers = numbers(&planned);
        let inputs = placed.into_iter().map(|(take, head, bytes, place)| {
            let private = planned.get(place).map(|it| &it.track.private);
            let is_other = head.track.codec == Codec::H264 && private != Some(&head.track.private);
            let sets = is_other
                .then(|| units_of_configuration(&head.track.private))
                .flatten();
            Input {
                path: take.path.clone(),
                track: numbers.get(place).copied().unwrap_or(1),
                sets: sets.unwrap_or_default(),
                offset_ms: take.from.since(from).0,
                bytes,
            }
        });
        let inputs = inputs.collect();
        let mut tracks: Vec<(u8, Track)> = Vec::new();
        let mut chosen: Vec<Source> = Vec::new();
        let mut ordered: Vec<(u8, Planned)> = numbers.into_iter().zip(planned).collect();
        ordered.sort_by_key(|(number, _)| *number);
        for (
            number,
            Planned {
                class, mut track, ..
            },
        ) in ordered
        {
            // Players choose the first picture and the floor by themselves; a channel is chosen by a listener.
            track.is_default = class.language.is_none() && !chosen.contains(&class.source);
            track.name = Some(name(&class));
            if track.is_default {
                chosen.push(class.source);
            }
            tracks.push((number, track));
        }
        Ok(Self {
            from,
            to,
            tracks: tracks.into_iter().map(|(_, track)| track).collect(),
            inputs,
        })
    }
}

/// The numbers of the tracks: cameras first, then screens, the floor and the languages, each with the speaker's before those
/// of others, and otherwise as they were given.
fn numbers(planned: &[Planned]) -> Vec<u8> {
    let rank = |it: &Class| match (it.source, &it.language) {
        (Source::Camera, _) => 0,
        (Source::Screen, _) => 1,
        (Source::Microphone, None) => 2,
        (Source::Microphone, Some(_)) => 3,
    };
    let mut order: Vec<usize> = (0..planned.len()).collect();
    order.sort_by_key(|at| {
        planned.get(*at).map(|it| {
            let class = &it.class;
            (
                rank(class),
                !class.is_main,
                class.language.clone(),
                it.given,
            )
        })
    });
    let mut numbers = vec![1; planned.len()];
    for (number, at) in (1..).zip(order) {
        if let Some(place) = numbers.get_mut(at) {
            *place = number;
        }
    }
    numbers
}

fn name(class: &Class) -> String {
    let name = match (class.source, &class.language) {
        (_, Some(language)) => return language.to_string(),
        (Source::Microphone, None) => "floor",
        (Source::Camera, None) => "camera",
        (Source::Screen, None) => "screen",
    };
    if class.is_main {
        name.to_owned()
    } else {
        format!("{name}, others")
    }
}

fn damaged(path: &std::path::Path, why: &impl ToString) -> MuxError {
    MuxError::Damaged {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// What the head of a take says, and how large it is.
fn take_head(take: &MuxTake) -> Result<(TakeHead, u64), MuxError> {
    let opened = File::open(&take.path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, file) = opened.map_err(|error| damaged(&take.path, &error))?;
    let (head, _) = TakeReader::open(file).map_err(|fault| damaged(&take.path, &fault))?;
    Ok((head, bytes))
}

/// A take that is being read, with its next frame.
pub(super) struct OpenInput {
    input: Input,
    reader: TakeReader<File>,
    block: Option<TakeBlock>,
}

impl OpenInput {
    pub(super) fn new(input: Input) -> Result<Self, MuxError> {
        let file = File::open(&input.path).map_err(|error| damaged(&input.path, &error))?;
        let (_, reader) =
            TakeReader::open(file).map_err(|fault: Fault| damaged(&input.path, &fault))?;
        let block = None;
        Ok(Self {
            input,
            reader,
            block,
        })
    }

    /// Reads the next frame, and says when it is in the file; none at the end.
    pub(super) fn advance(&mut self) -> Result<Option<u64>, MuxError> {
        self.block = self
            .reader
            .next()
            .map_err(|fault| damaged(&self.input.path, &fault))?;
        let at = self.block.as_ref().map(|it| it.at_ms);
        Ok(at.map(|at| at + self.input.offset_ms))
    }

    /// Writes the frame that was read; returns how long it is.
    pub(super) fn write<W: Write + Seek>(
        &mut self,
        at_ms: u64,
        sink: &mut Sink<'_, W>,
    ) -> io::Result<u64> {
        let Some(block) = self.block.take() else {
            return Ok(0);
        };
        let frame = block.frame();
        let sets = if block.keyframe {
            self.input.sets.as_slice()
        } else {
            &[]
        };
        sink.write(self.input.track, at_ms, block.keyframe, &[sets, frame])?;
        Ok(frame.len() as u64)
    }
}
