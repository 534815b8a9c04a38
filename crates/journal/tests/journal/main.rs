//! A journal on a real disk: what it keeps, what it refuses, and what it notices.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

mod appending;
mod damaged;
mod following;
mod opening;
mod replies;
