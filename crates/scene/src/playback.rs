//! What is to be played in a room as a recorded address.

use std::time::Duration;

use plenary_ids::{MediaId, PersonId};

/// The recording that a room wants to be played. The room derives it from its state, and tells the player whenever it
/// changes; the player brings itself in line with the latest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    /// The file of the media library.
    pub media: MediaId,
    /// The person who speaks in it, whose microphone and camera it takes the place of.
    pub participant: PersonId,
    /// Rises whenever playing is to begin at `from` again: at the start, and after a seek. Reports name it, so that a
    /// late one is not taken for a report of what is played now.
    pub generation: u64,
    /// The position at which this generation begins.
    pub from: Duration,
    /// Whether it plays now; otherwise it stands still where it is.
    pub running: bool,
}

/// What the player tells a room of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaybackReport {
    /// The file was played to its end, which may come before the length that it promised.
    Ended {
        /// Where the last picture or sound was.
        at: Duration,
    },
    /// Nothing can be read for the moment.
    Stalled {
        /// The position at which it stands.
        at: Duration,
    },
    /// It plays, at the beginning or again.
    Resumed,
    /// The file cannot be read any further.
    Failed {
        /// The position at which it stands.
        at: Duration,
        /// The reason, as a clause for operators and the chair.
        reason: String,
    },
}
