//! Why a run ends without a report, in sentences for people.

use std::{io, path::PathBuf};

use crate::media::BadAnswer;

/// Why the tool, or one of its participants, could not go on.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0:?} is no address of a server: write http://HOST:PORT or https://HOST")]
    Address(String),
    #[error("the server at {0} cannot be reached: {1}")]
    Unreachable(String, io::Error),
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, io::Error),
    #[error("{0} cannot be written: {1}")]
    Unwritable(PathBuf, io::Error),
    #[error("{0} has no certificate")]
    NoCertificate(PathBuf),
    #[error("there is no invitation: give those that `plenary invite --format json` prints")]
    NoInvitations,
    #[error("the invitations cannot be read: {0}")]
    BadInvitations(serde_json::Error),
    #[error("the server refused invitation {number}: {detail} ({code})")]
    Invitation {
        /// Its place among the invitations, from 1 on.
        number: usize,
        code: String,
        detail: String,
    },
    #[error("{0}")]
    TooFew(String),
    #[error("the server refused: {detail} ({code})")]
    Refused { code: String, detail: String },
    #[error("the server closed the connection: {detail} ({code})")]
    Closed { code: String, detail: String },
    #[error("the server at {0} does not speak Plenary's protocol: {1}")]
    Protocol(String, String),
    #[error("{0:?} is no address of a Janus: write ws://HOST:PORT or wss://HOST")]
    JanusAddress(String),
    #[error("the server at {0} is no Janus with its VideoRoom: {1}")]
    NotJanus(String, String),
    #[error("Janus refused to {what}: {detail} ({code})")]
    JanusRefused {
        what: &'static str,
        code: i64,
        detail: String,
    },
    #[error("Janus ended a participant's connection: {0}")]
    JanusEnded(String),
    #[error("the CPU time of the process {0} cannot be read: {1}")]
    NoProcess(u32, io::Error),
    #[error("media: {0}")]
    Media(String),
    #[error("{0} did not come in time")]
    Late(&'static str),
    #[error("nobody could join: {0}")]
    NobodyJoined(String),
    #[error(
        "no listener received any media: nobody may be holding the floor; give a moderator's invitation, or a room in \
         mode \"queue\" or \"open\""
    )]
    NoMedia,
    #[error("{0}")]
    System(#[from] io::Error),
}

impl LoadError {
    /// A short name under which the report counts it.
    pub fn code(&self) -> String {
        match self {
            Self::Refused { code, .. } | Self::Closed { code, .. } => code.clone(),
            Self::Unreachable(..) => "unreachable".to_owned(),
            Self::Media(_) => "media".to_owned(),
            Self::JanusRefused { code, .. } => code.to_string(),
            Self::JanusEnded(_) => "ended".to_owned(),
            Self::Late(_) => "timeout".to_owned(),
            _ => "protocol".to_owned(),
        }
    }
}

impl From<BadAnswer> for LoadError {
    fn from(error: BadAnswer) -> Self {
        Self::Media(error.to_string())
    }
}
