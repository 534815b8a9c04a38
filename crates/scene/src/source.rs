//! The sources that a participant can send.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A source that a participant can send: the microphone, the camera or a shared screen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Source {
    Microphone,
    Camera,
    Screen,
}

impl Source {
    /// Every source that there is.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];
}
