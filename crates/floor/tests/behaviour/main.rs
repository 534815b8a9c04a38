//! The rules of order, one file per topic, and the invariants after any script.

#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

mod bounds;
mod chair;
mod events;
mod invariants;
mod list;
mod modes;
mod pins;
mod points;
mod policies;
mod presence;
mod recording;
mod table;
mod time;
mod undo;
