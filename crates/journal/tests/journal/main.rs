//! A journal on a real disk: what it records, refuses and detects.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

mod appending;
mod damaged;
mod following;
mod lost;
mod opening;
mod replies;
