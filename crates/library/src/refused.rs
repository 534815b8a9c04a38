//! Why a file is not accepted, in sentences that say what was found and what to do.

use std::io;

/// What to do about a file that is well but not playable as it is.
const CONVERT: &str = "`plenary media add FILE` on the server's machine converts it";

/// Why a file is not accepted.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum Refused {
    /// The file cannot be read.
    #[error("The file cannot be read: {0}.")]
    Io(#[from] io::Error),
    /// There is nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// It is larger than `media.max_recording`.
    #[error(
        "The file has {bytes} bytes, and a recording has at most {max} (media.max_recording). Make it shorter, or export it with a lower bitrate."
    )]
    TooLarge { bytes: u64, max: u64 },
    /// It is of another format, whose name is known.
    #[error("This is {0}, and recordings are WebM or Matroska; {convert}.", convert = CONVERT)]
    OtherFormat(&'static str),
    /// It is of a format that is not known.
    #[error(
        "This is not a video file that Plenary knows; recordings are WebM or Matroska. Export it again, for example as MP4, and add it with `plenary media add FILE`."
    )]
    UnknownFormat,
    /// The Matroska cannot be read at some place.
    #[error(
        "The file is damaged at byte {at}: {what}. Export it again, or copy it again from where it came."
    )]
    Damaged { at: u64, what: &'static str },
    /// The file ends before the first frame.
    #[error(
        "The file ends before its first picture or sound; it was probably not copied to its end."
    )]
    NothingInIt,
    /// It has neither sound nor pictures.
    #[error("The file has neither sound nor pictures.")]
    NoTracks,
    /// It has more tracks than a recording can have.
    #[error(
        "The file has {found} tracks, and a recording has at most {max}. Export it with the tracks that are to be played."
    )]
    TooManyTracks { found: usize, max: usize },
    /// It has more sizes of its pictures than can be sent.
    #[error("The file has {0} video tracks, and a recording has at most three, which are sizes of the same pictures. Export it with one; {convert}.", convert = CONVERT)]
    TooManyPictures(usize),
    /// A track has a codec that is not forwarded.
    #[error("Track {track} is coded as {codec}, and a recording has pictures in VP8, VP9 or H.264, sound in Opus and subtitles in WebVTT; {convert}.", convert = CONVERT)]
    Codec { track: u64, codec: String },
    /// A track is of a kind that is not played, such as buttons of a DVD.
    #[error("Track {track} is {kind}, which cannot be played; {convert}.", convert = CONVERT)]
    TrackKind { track: u64, kind: &'static str },
    /// The sizes of the pictures do not have one codec.
    #[error("The video tracks are coded as {0} and {1}, and they have to be sizes of the same pictures in one codec; {convert}.", convert = CONVERT)]
    MixedCodecs(&'static str, &'static str),
    /// A track is compressed or encrypted in the container.
    #[error("Track {0} is compressed or encrypted by the program that made the file; {convert}.", convert = CONVERT)]
    Encoded(u64),
    /// A track cannot be played for another reason.
    #[error("Track {track} {why}; {convert}.", convert = CONVERT)]
    Track { track: u64, why: String },
    /// The first picture cannot be decoded by itself.
    #[error("The pictures of track {0} do not begin with a keyframe, so their beginning cannot be shown. Cut the file at a keyframe; {convert}.", convert = CONVERT)]
    NoKeyframeFirst(u64),
    /// The pictures begin so late that the stage would be black.
    #[error("The pictures of track {track} begin {seconds:.1} s after the beginning, and nothing could be shown before; {convert}.", convert = CONVERT)]
    BeginsLate { track: u64, seconds: f64 },
    /// The distance between two keyframes is too long.
    #[error("The pictures of track {track} have no keyframe for {seconds:.1} s from {at} on, and who comes in meanwhile would see nothing; 10 s is the most, and 2 s is good. Export it with a keyframe every 2 s; {convert}.", convert = CONVERT)]
    KeyframesTooRare {
        track: u64,
        seconds: f64,
        at: String,
    },
    /// Pictures are not stored in the order in which they are shown.
    #[error("The pictures of track {track} are not stored in the order in which they are shown (B-frames, at {at}), and they cannot be sent so; {convert}.", convert = CONVERT)]
    BFrames { track: u64, at: String },
    /// Sound goes back in time.
    #[error("The sound of track {track} goes back in time at {at}. Export it again; {convert}.", convert = CONVERT)]
    BackInTime { track: u64, at: String },
    /// Tracks are not stored beside one another.
    #[error("Sound and pictures that belong together are stored {seconds:.1} s apart, and 2 s is the most; {convert}.", convert = CONVERT)]
    NotInterleaved { seconds: f64 },
    /// It is over as soon as it begins.
    #[error(
        "The recording has no length: there is one picture in it, and no sound. Export it again."
    )]
    NoLength,
    /// It is longer than any speech.
    #[error("The recording is longer than twelve hours. Cut it.")]
    TooLong,
    /// It would take more of each participant's line than most have.
    #[error("The pictures of track {track} take {megabits:.1} Mbit/s, and 20 is the most; {convert}.", convert = CONVERT)]
    Bitrate { track: u64, megabits: f64 },
    /// It has several recordings one after another.
    #[error("The file holds several recordings one after another. Export it as one; {convert}.", convert = CONVERT)]
    SeveralSegments,
}

impl Refused {
    /// Whether a converter could make something of the file that can be played.
    pub fn can_be_converted(&self) -> bool {
        !matches!(
            self,
            Self::Io(_) | Self::Empty | Self::NothingInIt | Self::NoLength | Self::TooLong
        )
    }
}
