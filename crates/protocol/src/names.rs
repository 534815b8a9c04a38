//! Names that only the wire has: of a command and of a session.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// A name that is empty, too long, or not of visible ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadName;

/// The longest name, in bytes.
const MAX_BYTES: usize = 128;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $sentence:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(regex(pattern = r"^[!-~]{1,128}$"))] Arc<str>);

        impl $name {
            /// Checks and keeps a name.
            pub fn new(name: &str) -> Result<Self, BadName> {
                let visible = name.bytes().all(|byte| byte.is_ascii_graphic());
                if visible && (1..=MAX_BYTES).contains(&name.len()) { Ok(Self(name.into())) } else { Err(BadName) }
            }

            /// The name as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name = String::deserialize(from)?;
                Self::new(&name).map_err(|_| serde::de::Error::custom($sentence))
            }
        }
    };
}

name! {
    /// A client's name for a command, so that sending it again does it once: a UUID over WebSocket, any
    /// `Idempotency-Key` over HTTP.
    CommandId, "a command_id has 1 to 128 visible ASCII characters, best a UUID"
}
name! {
    /// One device's seat in a room. The server gives it the name, by which the device resumes after a lost connection.
    SessionId, "a session has 1 to 128 visible ASCII characters"
}

impl SessionId {
    /// A new session that nobody can guess. It begins with the realm in which it is valid, which tells apart logs,
    /// rooms and people, so that no event number is looked up in another log. Of a realm's name the first sixteen
    /// letters and digits count.
    pub fn random_in(realm: &str) -> Self {
        Self(format!("{}.{}", short(realm), uuid::Uuid::new_v4()).into())
    }

    /// A name that stands before all sessions of that realm in their order, and behind all that are before those.
    pub fn before_all_in(realm: &str) -> Self {
        Self(format!("{}.", short(realm)).into())
    }

    /// Whether the session is valid in that realm.
    pub fn is_in(&self, realm: &str) -> bool {
        self.0
            .split_once('.')
            .is_some_and(|(of, _)| of == short(realm))
    }
}

fn short(realm: &str) -> String {
    realm
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect()
}
