//! The limits on an offer, and the reasons why one cannot be answered.

use super::unusable::Unusable;

/// Why an offer cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum SdpError {
    /// The text exceeds a limit.
    #[error("the offer has more {what} than the {limit} allowed")]
    TooLarge {
        /// The part that exceeds its limit.
        what: &'static str,
        limit: usize,
    },
    /// The text is not a session description.
    #[error("the offer is not a session description: {0}")]
    Syntax(String),
    /// Something that every session must have is not there.
    #[error("the offer has no {0}")]
    Missing(&'static str),
    /// Something is there with a value that cannot be.
    #[error("the offer's {what} cannot be {value:?}")]
    Invalid { what: &'static str, value: String },
    /// An answer would reject every line.
    #[error("the offer has nothing that can be served: {0}")]
    NoUsableLine(Unusable),
}

/// The limits within which an offer is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Media lines, those rejected included.
    pub lines: usize,
    /// Attributes of one media line or of the session.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 * 1024,
            lines: 64,
            attributes: 512,
        }
    }
}

pub(super) fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), SdpError> {
    if count <= limit {
        Ok(())
    } else {
        Err(SdpError::TooLarge { what, limit })
    }
}

pub(super) fn invalid(what: &'static str, value: &str) -> SdpError {
    SdpError::Invalid {
        what,
        value: cut(value),
    }
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}
