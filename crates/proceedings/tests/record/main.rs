//! The proceedings that are drawn up from a log.

#![expect(
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

mod invariants;
mod meeting;
mod schema;
mod seal;
