//! The scenes of a meeting that must go right, with real media (Rules of order, section 20). `plenary_testkit::meeting`
//! says how each step is checked: nothing that has to flow may be missing, and nothing else may leak.
//!
//! Limits are seconds instead of minutes, by settings. Nothing sleeps: every step waits for its own effect.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use plenary_testkit::meeting::{Meeting, MeetingOptions};

mod absence;
mod address;
mod chair;
mod devices;
mod drops;
mod interpreter;
mod overtime;
mod restart;

const PROGRAM: &str = env!("CARGO_BIN_EXE_plenary");

/// A meeting with a gallery, and TOML for `[room.floor]`.
async fn open(floor: &str) -> Meeting {
    let options = MeetingOptions {
        floor,
        ..MeetingOptions::default()
    };
    Meeting::open(PROGRAM, options).await
}
