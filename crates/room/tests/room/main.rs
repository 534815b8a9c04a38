//! A whole room with a media plane that only records, in paused time.

#![expect(
    clippy::expect_used,
    reason = "what helps a test fails it by panicking"
)]

mod agenda;
mod backpressure;
mod chair;
mod chat;
mod clerk;
mod clock;
mod correcting;
mod deciding;
mod devices;
mod draining;
mod dropping;
mod facts;
mod full_disk;
mod gate;
mod interpreting;
mod moving;
mod muting;
mod old_logs;
mod playing;
mod properties;
mod quorum;
mod reading;
mod recording;
mod relaying;
mod removing;
mod repeating;
mod restarting;
mod resuming;
mod roster;
mod shrinking;
mod side_talks;
mod slow_disk;
mod slow_reader;
mod stale;
mod standing;
mod strangers;
mod takes;
mod undoing;
mod watching;
mod while_it_writes;
