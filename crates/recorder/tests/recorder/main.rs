//! Takes from their packets to their files, and back through the reader of the media library.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panicking, and knows its own numbers"
)]

mod aligned;
mod decoded;
mod disks;
mod files;
mod meeting;
mod muxed;
mod recovered;
mod repaired;
