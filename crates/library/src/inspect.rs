//! Reads a whole file before it is accepted.

use std::{
    io::{Read, Seek, SeekFrom},
    time::Duration,
};

use plenary_ids::Language;

use crate::{
    Index, Kind, Refused, SeekPoint, TrackInfo,
    demux::{Demuxer, Packet, refused},
    ebml::Fault,
    item::MIN_POINT_DISTANCE,
    track::Track,
    webvtt::{Collected, Cue},
};

/// A file that claims to be longer is damaged: no speech is.
const MAX_DURATION: Duration = Duration::from_hours(12);
/// Who comes in during a speech sees nothing before the next keyframe.
const MAX_KEYFRAME_DISTANCE: Duration = Duration::from_secs(10);
const GOOD_KEYFRAME_DISTANCE: Duration = Duration::from_millis(2500);
/// How far apart what belongs together may be stored; the reader holds so much in memory.
const MAX_SKEW: Duration = Duration::from_secs(2);
/// How late pictures may begin, and how much earlier than the rest a track may end without a warning.
const MAX_LATE: Duration = Duration::from_secs(2);
/// How long a last frame counts at most. Playing ends with the last frame, and what is missing then must not seem lost.
const MAX_LAST: Duration = Duration::from_secs(1);
const MAX_BITS_PER_SECOND: u64 = 20_000_000;
const GOOD_BITS_PER_SECOND: u64 = 4_000_000;
/// Four hundred packets of Opus are the most in a second; what has far more is no recording, and would be sent in a burst.
const MAX_FRAMES_PER_SECOND: u32 = 1000;
/// The largest frame of Opus (RFC 6716, section 3.2.1). A packet of sound is sent in one piece, and fits into a datagram.
const MAX_SOUND_BYTES: usize = 1275;
/// Pictures of so many lines are too many for slow lines, unless there are smaller sizes.
const NEEDS_LAYERS_HEIGHT: u32 = 480;

/// The largest file that is accepted, and the space that it must leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes (`media.max_recording`).
    pub max_bytes: u64,
    /// What stays free on the disk of the data folder, whose journal must go on.
    pub reserved_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            reserved_bytes: 512_000_000,
        }
    }
}

/// What was found in a file that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The size of the file.
    pub bytes: u64,
    /// How long it is, as measured.
    pub duration: Duration,
    /// Its tracks: pictures, the largest first, then sound, then subtitles.
    pub tracks: Vec<TrackInfo>,
    /// The places at which playing can begin.
    pub index: Index,
    /// What an operator should know, in sentences.
    pub warnings: Vec<String>,
    /// The subtitles in it, in each language that it names.
    pub subtitles: Vec<(Language, Vec<Cue>)>,
}

/// Reads a file to its end, and refuses it if it cannot be played.
pub fn inspect<R: Read + Seek>(mut file: R, limits: Limits) -> Result<Inspection, Refused> {
    let bytes = file.seek(SeekFrom::End(0))?;
    if bytes > limits.max_bytes {
        let max = limits.max_bytes;
        return Err(Refused::TooLarge { bytes, max });
    }
    file.seek(SeekFrom::Start(0))?;
    let mut demuxer = Demuxer::open(file)?;
    let tracks = demuxer.tracks().to_vec();
    let mut scan = Scan::new(&tracks);
    let ends_early = loop {
        match demuxer.next() {
            Ok(Some(packet)) => scan.packet(packet)?,
            Ok(None) => break false,
            Err(Fault::Truncated) => break true,
            Err(fault) => return Err(refused(fault)),
        }
    };
    scan.finish(bytes, ends_early, demuxer.claimed())
}

/// What is measured of a track.
#[derive(Debug, Clone, Default)]
struct Measured {
    first: Option<i64>,
    last: i64,
    /// Where its last frame ends.
    end: i64,
    keyframe: i64,
    longest: Gap,
    bytes: u64,
    /// When the present second began, and how many frames it has.
    second: (i64, u32),
}

/// The longest time without a keyframe.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    nanos: i64,
    from: i64,
}

#[derive(Debug)]
struct Scan<'a> {
    tracks: &'a [Track],
    measured: Vec<Measured>,
    points: Vec<Point>,
    clusters: Vec<(i64, u64)>,
    /// The subtitles of each track.
    texts: Vec<Collected>,
    /// The latest time so far.
    newest: i64,
    skew: i64,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    track: usize,
    at: i64,
    offset: u64,
}

impl<'a> Scan<'a> {
    fn new(tracks: &'a [Track]) -> Self {
        Self {
            tracks,
            measured: vec![Measured::default(); tracks.len()],
            points: Vec::new(),
            clusters: Vec::new(),
            texts: tracks.iter().map(|_| Collected::default()).collect(),
            newest: i64::MIN,
            skew: 0,
        }
    }

    fn packet(&mut self, packet: Packet) -> Result<(), Refused> {
        let Packet {
            track: index,
            at,
            duration,
            cluster,
            data,
        } = packet;
        let (Some(track), Some(measured)) = (self.tracks.get(index), self.measured.get_mut(index))
        else {
            return Ok(());
        };
        let number = track.number;
        let data_bytes = data.len();
        let (frame, keyframe) = track.frame(data).ok_or_else(|| Refused::Track {
            track: number,
            why: format!(
                "has something at {} that is not {}",
                clock(at),
                track.info.codec.name()
            ),
        })?;
        if track.info.kind == Kind::Audio && data_bytes > MAX_SOUND_BYTES {
            return Err(Refused::Track {
                track: number,
                why: format!(
                    "has a packet of sound with {data_bytes} bytes at {}, and {MAX_SOUND_BYTES} is the most that can be sent",
                    clock(at)
                ),
            });
        }
        if measured.count(at) > MAX_FRAMES_PER_SECOND {
            return Err(Refused::Track {
                track: number,
                why: format!(
                    "has more than {MAX_FRAMES_PER_SECOND} frames in the second at {}",
                    clock(at)
                ),
            });
        }
        let is_picture = track.info.kind == Kind::Video;
        if track.info.kind == Kind::Text
            && let Some(texts) = self.texts.get_mut(index)
        {
            texts.take(at, duration, &frame);
        }
        if measured.first.is_none() {
            if is_picture && !keyframe {
                return Err(Refused::NoKeyframeFirst(number));
            }
            measured.first = Some(at);
            measured.keyframe = at;
        } else if at < measured.last {
            let (track, at) = (number, clock(at));
            return Err(if is_picture {
                Refused::BFrames { track, at }
            } else {
                Refused::BackInTime { track, at }
            });
        }
        if at.saturating_sub(measured.first.unwrap_or(at)) > nanos(MAX_DURATION) {
            return Err(Refused::TooLong);
        }
        if keyframe && is_picture {
            measured.note_distance(at);
            measured.keyframe = at;
        }
        let length = duration.map_or_else(|| at.saturating_sub(measured.last), nanos);
        let is_first = measured.bytes == 0;
        measured.end = at.saturating_add(if is_first && duration.is_none() {
            0
        } else {
            length.min(nanos(MAX_LAST))
        });
        measured.last = at;
        measured.bytes += data_bytes as u64;
        if track.info.kind != Kind::Text {
            if self.newest != i64::MIN {
                self.skew = self.skew.max(self.newest.saturating_sub(at));
            }
            self.newest = self.newest.max(at);
        }
        if self.skew > nanos(MAX_SKEW) {
            let seconds = Duration::from_nanos(self.skew.unsigned_abs()).as_secs_f64();
            return Err(Refused::NotInterleaved { seconds });
        }
        self.index(index, at, keyframe && is_picture, cluster);
        Ok(())
    }

    /// Remembers where one may begin, not more often than is useful.
    fn index(&mut self, track: usize, at: i64, keyframe: bool, offset: u64) {
        let apart = |before: i64| at.saturating_sub(before) >= nanos(MIN_POINT_DISTANCE);
        if keyframe {
            let before = self.points.iter().rev().find(|it| it.track == track);
            if before.is_none_or(|before| apart(before.at)) {
                self.points.push(Point { track, at, offset });
            }
        }
        let new = self
            .clusters
            .last()
            .is_none_or(|(before, known)| *known != offset && apart(*before));
        if new {
            self.clusters.push((at, offset));
        }
    }

    fn finish(
        self,
        bytes: u64,
        ends_early: bool,
        claimed: Option<Duration>,
    ) -> Result<Inspection, Refused> {
        let began = self.measured.iter().filter_map(|it| it.first).min();
        let base = began.ok_or(Refused::NothingInIt)?;
        let spoken_or_shown = self.tracks.iter().zip(&self.measured);
        let ends = spoken_or_shown
            .filter(|(track, it)| track.info.kind != Kind::Text && it.first.is_some())
            .map(|(_, it)| it.end.max(it.last));
        let end = ends.max().unwrap_or(base);
        let duration = between(base, end);
        if duration > MAX_DURATION {
            return Err(Refused::TooLong);
        }
        if duration.as_millis() == 0 {
            return Err(Refused::NoLength);
        }
        let mut warnings = Vec::new();
        if ends_early {
            warnings.push(format!(
                "The file ends in the middle: it was probably not copied to its end. What is there, {}, can be played.",
                spoken(duration)
            ));
        } else if let Some(claimed) = claimed
            && claimed.saturating_sub(duration) > MAX_LATE
        {
            warnings.push(format!(
                "The file claims to be {} long, and has {}.",
                spoken(claimed),
                spoken(duration)
            ));
        }
        let mut tracks = Vec::new();
        for (track, mut measured) in self.tracks.iter().zip(self.measured) {
            measured.note_distance(measured.end.max(measured.last));
            tracks.push(judge(track, &measured, base, duration, &mut warnings)?);
        }
        warn_of_layers(&tracks, &mut warnings);
        let subtitles = subtitles(self.tracks, self.texts, base, &mut warnings);
        let position = |at: i64| between(base, at);
        let index = Index {
            base,
            skew: Duration::from_nanos(self.skew.unsigned_abs()),
            keyframes: self
                .points
                .iter()
                .map(|it| SeekPoint {
                    track: it.track,
                    at: position(it.at),
                    offset: it.offset,
                })
                .collect(),
            clusters: self
                .clusters
                .iter()
                .map(|(at, offset)| (position(*at), *offset))
                .collect(),
        };
        Ok(Inspection {
            bytes,
            duration,
            tracks,
            index,
            warnings,
            subtitles,
        })
    }
}

impl Measured {
    /// Counts a frame; how many there are in its second.
    fn count(&mut self, at: i64) -> u32 {
        let (began, frames) = &mut self.second;
        if self.first.is_none() || at.saturating_sub(*began) >= nanos(Duration::from_secs(1)) {
            (*began, *frames) = (at, 0);
        }
        *frames += 1;
        *frames
    }

    /// The pictures up to a time, since their last keyframe.
    fn note_distance(&mut self, until: i64) {
        let distance = until.saturating_sub(self.keyframe);
        if distance > self.longest.nanos {
            self.longest = Gap {
                nanos: distance,
                from: self.keyframe,
            };
        }
    }
}

/// Judges a track as a whole.
fn judge(
    track: &Track,
    measured: &Measured,
    base: i64,
    duration: Duration,
    warnings: &mut Vec<String>,
) -> Result<TrackInfo, Refused> {
    let number = track.number;
    let info = &track.info;
    let what = match info.kind {
        Kind::Video => "pictures",
        Kind::Audio => "sound",
        // Subtitles come when somebody speaks.
        Kind::Text => return Ok(info.clone()),
    };
    let Some(first) = measured.first else {
        return Err(Refused::Track {
            track: number,
            why: format!("has no {what} in it"),
        });
    };
    let seconds = duration.as_secs_f64().max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a bitrate is no exact number"
    )]
    let bits_per_second = (measured.bytes as f64 * 8.0 / seconds) as u64;
    let end = between(base, measured.end.max(measured.last));
    if duration.saturating_sub(end) > MAX_LATE {
        warnings.push(format!(
            "The {what} of track {number} end at {}, and the recording at {}.",
            spoken(end),
            spoken(duration)
        ));
    }
    if info.kind == Kind::Video {
        let late = between(base, first);
        if late > MAX_LATE {
            return Err(Refused::BeginsLate {
                track: number,
                seconds: late.as_secs_f64(),
            });
        }
        let distance = Duration::from_nanos(measured.longest.nanos.unsigned_abs());
        let from = between(base, measured.longest.from);
        if distance > MAX_KEYFRAME_DISTANCE {
            return Err(Refused::KeyframesTooRare {
                track: number,
                seconds: distance.as_secs_f64(),
                at: spoken(from),
            });
        }
        if distance > GOOD_KEYFRAME_DISTANCE {
            warnings.push(format!(
                "The pictures of track {number} have up to {:.1} s between two keyframes: a participant who comes in sees \
                 nothing for so long. 2 s is good.",
                distance.as_secs_f64()
            ));
        }
        #[expect(clippy::cast_precision_loss, reason = "it is shown with one digit")]
        let megabits = bits_per_second as f64 / 1e6;
        if bits_per_second > MAX_BITS_PER_SECOND {
            return Err(Refused::Bitrate {
                track: number,
                megabits,
            });
        }
        if bits_per_second > GOOD_BITS_PER_SECOND {
            warnings.push(format!(
                "The pictures of track {number} take {megabits:.1} Mbit/s, which many lines do not have."
            ));
        }
    }
    Ok(TrackInfo {
        bits_per_second,
        ..info.clone()
    })
}

fn warn_of_layers(tracks: &[TrackInfo], warnings: &mut Vec<String>) {
    let mut pictures = tracks.iter().filter(|it| it.kind == Kind::Video);
    let (first, second) = (pictures.next(), pictures.next());
    if let (Some(only), None) = (first, second)
        && only
            .height
            .is_some_and(|height| height > NEEDS_LAYERS_HEIGHT)
    {
        warnings.push(
            "The pictures have one size only, so participants on slow lines may see none; `plenary media add --convert` \
             adds smaller sizes."
                .to_owned(),
        );
    }
}

/// The subtitles of the tracks that name their language.
fn subtitles(
    tracks: &[Track],
    texts: Vec<Collected>,
    base: i64,
    warnings: &mut Vec<String>,
) -> Vec<(Language, Vec<Cue>)> {
    let mut all: Vec<(Language, Vec<Cue>)> = Vec::new();
    for (track, texts) in tracks.iter().zip(texts) {
        if track.info.kind != Kind::Text {
            continue;
        }
        let number = track.number;
        let Some(language) = &track.info.language else {
            warnings.push(format!(
                "The subtitles of track {number} do not name their language, and are not shown; add them from a file with \
                 `plenary media add --subtitles LANGUAGE=FILE`."
            ));
            continue;
        };
        if all.iter().any(|(known, _)| known == language) {
            warnings.push(format!(
                "There are subtitles in {language} twice; those of track {number} are not shown."
            ));
            continue;
        }
        if texts.is_cut {
            warnings.push(format!(
                "There are too many subtitles in track {number}; the last of them are not shown."
            ));
        }
        let cues = texts.finish(base);
        if cues.is_empty() {
            warnings.push(format!(
                "There is no text in the subtitles of track {number}."
            ));
        } else {
            all.push((language.clone(), cues));
        }
    }
    all
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

fn between(from: i64, to: i64) -> Duration {
    Duration::from_nanos(u64::try_from(to.saturating_sub(from)).unwrap_or_default())
}

/// A position in a file, as a person reads it.
fn clock(at: i64) -> String {
    spoken(between(0, at))
}

/// A duration as `3:10`, or `1:02:03`.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}
