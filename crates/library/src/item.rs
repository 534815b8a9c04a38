//! A recording of the library, and what is kept beside its file.

use std::time::Duration;

use plenary_ids::{Language, MediaId};
use serde::{Deserialize, Serialize};

use crate::{Inspection, Kind, TrackInfo};

/// How far apart the points of an index are at least, so that a file of nothing but keyframes has no larger index.
pub(crate) const MIN_POINT_DISTANCE: Duration = Duration::from_secs(1);

/// A recording that can be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id, by which it is played.
    pub id: MediaId,
    /// The name by which people know it.
    pub name: String,
    /// The size of its file.
    pub bytes: u64,
    /// How long it is, as measured and not as claimed.
    #[serde(rename = "duration_ms", with = "millis")]
    pub duration: Duration,
    /// Its tracks: pictures, the largest first, then sound, then subtitles.
    pub tracks: Vec<TrackInfo>,
    /// What an operator should know, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The places at which playing can begin.
    pub index: Index,
}

impl Item {
    /// A recording of which that was found.
    pub(crate) fn new(id: MediaId, name: String, found: Inspection) -> Self {
        Self {
            id,
            name,
            bytes: found.bytes,
            duration: found.duration,
            tracks: found.tracks,
            warnings: found.warnings,
            index: found.index,
        }
    }

    /// Names the languages of its sound, in the order of the tracks.
    pub(crate) fn name_languages(&mut self, languages: &[Language]) {
        let sounds = self.tracks.iter_mut().filter(|it| it.kind == Kind::Audio);
        for (track, language) in sounds.zip(languages) {
            track.language = Some(language.clone());
        }
        warn_of_languages(&self.tracks, &mut self.warnings);
    }
}

fn warn_of_languages(tracks: &[TrackInfo], warnings: &mut Vec<String>) {
    let sounds = || tracks.iter().filter(|it| it.kind == Kind::Audio);
    let unnamed = sounds().filter(|it| it.language.is_none()).count();
    match (sounds().count(), unnamed) {
        (_, 0) => {}
        (1, _) => warnings.push(
            "The file does not say in which language its sound is; `plenary media add --language` says it."
                .to_owned(),
        ),
        (_, _) => warnings.push(
            "The file has several tracks of sound, and does not name the languages of all of them. Without a language only \
             the first is heard; name them with `plenary media add --language`, once for each, in their order."
                .to_owned(),
        ),
    }
    let mut known: Vec<_> = sounds().filter_map(|it| it.language.clone()).collect();
    let all = known.len();
    known.sort();
    known.dedup();
    if known.len() < all {
        warnings.push(
            "Two tracks of sound are in the same language; the first of them is heard.".to_owned(),
        );
    }
}

/// A recording of the list: one that can be played, or one whose files are damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// It is as it was accepted, and can be played.
    Whole(std::sync::Arc<Item>),
    /// Its files are not as they were accepted.
    Damaged {
        /// The id that its files are named by.
        id: MediaId,
        /// What is wrong and what to do, in a sentence.
        why: String,
    },
}

impl Listed {
    /// The id of the recording.
    pub fn id(&self) -> &MediaId {
        match self {
            Self::Whole(item) => &item.id,
            Self::Damaged { id, .. } => id,
        }
    }
}

/// The places of a file at which playing can begin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Index {
    /// The time of the file at its beginning, in nanoseconds.
    pub base: i64,
    /// How much earlier than the frame before it a frame of another track may be.
    #[serde(rename = "skew_ms", with = "millis")]
    pub skew: Duration,
    /// Keyframes of the pictures, each with the cluster that it is in.
    #[serde(with = "points")]
    pub keyframes: Vec<SeekPoint>,
    /// The clusters: the time of the first frame, and the offset in the file.
    #[serde(with = "clusters")]
    pub clusters: Vec<(Duration, u64)>,
}

/// A keyframe that one may begin at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeekPoint {
    /// The track, by its place among the tracks.
    pub track: usize,
    /// Its time from the beginning.
    pub at: Duration,
    /// Where its cluster begins in the file.
    pub offset: u64,
}

impl Index {
    /// The cluster at which to begin so that every track of pictures has a keyframe at or before the position, and sound is
    /// there from the position on.
    pub(crate) fn cluster_before(&self, position: Duration, tracks: usize) -> Option<u64> {
        let sound_from = position.saturating_sub(self.skew);
        let by_time = self.clusters.iter().rev().find(|(at, _)| *at <= sound_from);
        let by_time = by_time.or(self.clusters.first()).map(|(_, offset)| *offset);
        let keyframes = (0..tracks).filter_map(|track| self.keyframe_before(position, track));
        keyframes.map(|it| it.offset).chain(by_time).min()
    }

    /// The keyframe of a track at which to begin for a position: the last one before it, or the first of all.
    pub(crate) fn keyframe_before(&self, position: Duration, track: usize) -> Option<&SeekPoint> {
        let mut of_track = self.keyframes.iter().filter(|it| it.track == track);
        let first = of_track.clone().next();
        of_track.rfind(|it| it.at <= position).or(first)
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(of: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(u64::try_from(of.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

/// `[track, milliseconds, offset]` each: an hour has thousands.
mod points {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::SeekPoint;

    pub(super) fn serialize<S: Serializer>(of: &[SeekPoint], out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(of.iter().map(|it| {
            // Rounded up, so that the keyframe is at or before the position that it is found by.
            let millis = it.at.as_nanos().div_ceil(1_000_000);
            (
                it.track,
                u64::try_from(millis).unwrap_or(u64::MAX),
                it.offset,
            )
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<SeekPoint>, D::Error> {
        let points = <Vec<(usize, u64, u64)>>::deserialize(from)?;
        let point = |(track, millis, offset)| SeekPoint {
            track,
            at: Duration::from_millis(millis),
            offset,
        };
        Ok(points.into_iter().map(point).collect())
    }
}

/// `[milliseconds, offset]` each.
mod clusters {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        of: &[(Duration, u64)],
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.collect_seq(of.iter().map(|(at, offset)| {
            let millis = at.as_nanos().div_ceil(1_000_000);
            (u64::try_from(millis).unwrap_or(u64::MAX), *offset)
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(Duration, u64)>, D::Error> {
        let clusters = <Vec<(u64, u64)>>::deserialize(from)?;
        let cluster = |(millis, offset)| (Duration::from_millis(millis), offset);
        Ok(clusters.into_iter().map(cluster).collect())
    }
}
