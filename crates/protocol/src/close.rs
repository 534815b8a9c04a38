//! Why the server ends a connection.

/// The close codes of a WebSocket of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The server shuts down: connect again.
    Draining = 1001,
    /// A message breaks the protocol.
    Invalid = 4400,
    /// The token is missing or not valid.
    Unauthorized = 4401,
    /// The participant may not be in this room.
    Forbidden = 4403,
    /// No hello came in time.
    NoHello = 4408,
    /// Another device, or a newer connection of this one, took over.
    Replaced = 4409,
    /// A message larger than is read.
    TooLarge = 4413,
    /// Too many messages, or events read too slowly.
    RateLimited = 4429,
}

impl CloseCode {
    /// Every close code of the protocol.
    pub const ALL: &'static [Self] = &[
        Self::Draining,
        Self::Invalid,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NoHello,
        Self::Replaced,
        Self::TooLarge,
        Self::RateLimited,
    ];

    /// The number in the close frame.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The sentence in the close frame.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Draining => "The server is going down; connect again.",
            Self::Invalid => "What was sent is not plenary.v1.",
            Self::Unauthorized => "The token is missing, expired or not of this conference.",
            Self::Forbidden => "This person has no place in this room.",
            Self::NoHello => "No hello came within ten seconds.",
            Self::Replaced => "Another connection of yours took this one's place.",
            Self::TooLarge => "The message was too large.",
            Self::RateLimited => "Messages came too fast, or were read too slowly.",
        }
    }
}
