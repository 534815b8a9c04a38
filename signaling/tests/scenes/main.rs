//! The scenes of a meeting that must go right, with real media: the server as a process, headless participants over
//! ICE, DTLS and SRTP, and after every step what each of them hears and sees, source by source, held against what the
//! floor's state allows. Nothing may be missing and nothing may leak: see `hall.rs` for how both are told.
//!
//! Limits are seconds instead of minutes, by settings; nothing sleeps, every step waits for what it brings about.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod absence;
mod address;
mod allowed;
mod chair;
mod devices;
mod drops;
mod hall;
mod interpreter;
mod marks;
mod overtime;
mod restart;
mod server;
