//! What may be heard and seen in a room, and the one function that decides it.
//!
//! A room derives a [`Scene`] from the state of its floor; the media plane forwards what the scene allows. Whether a
//! participant may be heard or seen is asked nowhere else than in [`Scene::allows`], and a change of scene takes away
//! before it adds, by way of [`Scene::intersection`]. The crate also holds the types by which slots are asked for and
//! announced on the wire, [`SlotWant`] and [`SlotShows`], and what a room has played as a recorded address: [`Playback`].
//!
//! It does not know who has the floor, nor what a packet is. Start reading at [`Scene::allows`].

#![warn(clippy::indexing_slicing)]

mod gallery;
mod playback;
mod scene;
mod slots;
mod source;
mod take;

pub use gallery::Gallery;
pub use playback::{Playback, PlaybackReport};
pub use scene::{Reach, Scene};
pub use slots::{PauseCause, PictureSize, Shows, SlotShows, SlotWant, UnknownWant, Want};
pub use source::Source;
pub use take::TakeKey;
