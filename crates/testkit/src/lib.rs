//! What the tests and benchmarks of the other crates share: conference files, floors, journals, rooms and servers that
//! exist for one test, and the participants in them.
//!
//! It is a dev-dependency only. Each module is a feature of the crate, so that a crate compiles no more than its tests
//! need. Two helpers stay beside their tests: that of `plenary-media`, which drives private types, and the server in the
//! process of the test (`signaling/tests/server/test_server.rs`), so that no other crate's tests wait for the server.
//!
//! Everything here fails the test by a panic when it cannot go on. `docs/testing.md` says which suite uses what.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails its test by a panic, and is documented where its name does not say everything"
)]

use std::time::Duration;

use plenary_ids::{DelegationId, Moment, PersonId, RoomId};

#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "conference")]
pub mod conference;
#[cfg(feature = "floor")]
pub mod floor;
#[cfg(feature = "journal")]
pub mod journal;
#[cfg(feature = "library")]
pub mod library;
#[cfg(feature = "meeting")]
pub mod meeting;
#[cfg(feature = "process")]
pub mod process;
#[cfg(feature = "record")]
pub mod record;
#[cfg(feature = "recording")]
pub mod recording;
#[cfg(feature = "room")]
pub mod room;
#[cfg(feature = "script")]
pub mod script;

/// How long a test waits for something that has to happen: enough for a busy machine.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

/// 09:00 in Taipei on 12 October 2021, when the conferences of the tests begin.
pub const START: Moment = Moment(1_634_000_400_000);

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

pub fn delegation(name: &str) -> DelegationId {
    DelegationId::new(name).unwrap()
}

pub fn room_id(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}
