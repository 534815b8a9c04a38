//! The recording of rooms: packets become takes on disk, and takes become one file without transcoding.
//!
//! A *take* is one file: one source of one participant during one speech. The media plane hands packets to a [`Tap`],
//! which copies them into blocks and never waits. The recorder's threads make frames of them and write WebM or Matroska
//! that can be read up to its last second after a crash; when a take ends it gets its index, and a [`Report`] has its
//! SHA-256.
//!
//! The crate knows neither the rules of a room nor sockets: somebody else decides which takes run and which packets
//! belong to them. Start reading at [`Tap::packet`] for the way of a packet.

#![warn(clippy::indexing_slicing)]

mod avc;
mod block;
mod depacketize;
mod disk;
mod ebml;
mod finish;
mod folder;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod matroska;
mod mux;
mod read;
mod recorder;
mod recover;
mod running;
mod selector;
mod shared;
mod take;
mod tap;
mod timeline;
mod writer;

pub use disk::{Disk, DiskFile, SystemDisk};
pub use finish::file_hash;
pub use folder::{room_folder, take_file};
pub use matroska::Chapter;
pub use mux::{Measured, MuxError, MuxOptions, MuxTake, Muxed, mux, mux_type};
pub use recorder::{Limits, Recorder, Reports};
pub use recover::recover;
pub use shared::Usage;
pub use take::{PacketFacts, Report, StopReason, TakeInfo, TakeKey, TakeSummary};
pub use tap::{Need, Tap};
