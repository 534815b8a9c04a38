//! The proceedings that are drawn up from a log.

#![expect(
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

mod invariants;
mod meeting;
mod of_its_time;
mod recording;
mod schema;
mod seal;
