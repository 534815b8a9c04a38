//! The media library: recordings that a room plays as a speech.
//!
//! A file is read from its first byte to its last before it is accepted ([`inspect`]), so that a meeting does not learn
//! during a speech that its recording cannot be played. [`Library`] keeps the accepted files in the data folder, each with
//! what was found in it. [`Uploads`] receives a file in parts, over interruptions. [`Reader`] gives the frames of a file in the order of time, from any position on. [`Player`]
//! brings what is played in each room in line with what the room wants (`plenary_scene::Playback`): it gives the frames
//! at their time to a [`Sink`], and tells the room when a file has ended, stalled or failed.
//!
//! Subtitles are not played: who shows them reads them once ([`Library::cues`]) and goes by the position (decision 39).
//!
//! The crate knows neither RTP nor the rules of order. The Matroska reader is its own; decision 35 says why. Start reading
//! at [`Library::add`] for the files, and at [`Pacer::poll`] for the playing.

#![warn(clippy::indexing_slicing)]

mod avc;
mod codec;
mod demux;
mod disk;
pub mod ebml;
mod frame;
mod inspect;
mod item;
mod language;
mod library;
mod pacer;
mod player;
mod reader;
mod refused;
mod subtitles;
mod track;
mod uploads;
mod webvtt;

pub use avc::nal_units;
pub use codec::{Codec, Kind, opus_duration};
pub use frame::Frame;
pub use inspect::{Inspection, Limits, inspect};
pub use item::{Index, Item, Listed, SeekPoint};
pub use language::iso639_2;
pub use library::{Content, Library, LibraryError, Upload};
pub use pacer::{Paced, Pacer, Step};
pub use player::{Batch, Player, Reports, Sink, Sinks};
pub use reader::{ReadError, Reader};
pub use refused::Refused;
pub use subtitles::Subtitles;
pub use track::TrackInfo;
pub use uploads::{
    Announced, MAX_UNFINISHED, Outcome, PartWriter, UPLOAD_LIFE, UploadId, UploadState, Uploads,
};
pub use webvtt::{
    BadSubtitles, Cue, MAX_SUBTITLES_BYTES, parse as parse_subtitles, write as write_subtitles,
};
