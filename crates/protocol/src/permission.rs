//! What a participant may do, as the welcome lists it.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{Command, CommandType};

/// Something that a participant may do: the `type` of a command, or the word of an [`Access`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permission(Cow<'static, str>);

/// What is read or done over HTTP alone, and so is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// The room, its floor and its events.
    ReadRoom,
    /// The record of a room.
    ReadProceedings,
    /// How every device is doing.
    ReadHealth,
    /// Making an invitation and its tokens worthless.
    RevokeInvitation,
}

impl Access {
    /// Each of them.
    pub const ALL: &'static [Self] = &[
        Self::ReadRoom,
        Self::ReadProceedings,
        Self::ReadHealth,
        Self::RevokeInvitation,
    ];

    /// As it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadRoom => "room.read",
            Self::ReadProceedings => "proceedings.read",
            Self::ReadHealth => "health.read",
            Self::RevokeInvitation => "invitation.revoke",
        }
    }
}

impl From<CommandType> for Permission {
    fn from(command: CommandType) -> Self {
        Self(command.as_str().into())
    }
}

impl From<Access> for Permission {
    fn from(access: Access) -> Self {
        Self(access.as_str().into())
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Every word that there is, so that a client's types can be made from it.
impl JsonSchema for Permission {
    fn schema_name() -> Cow<'static, str> {
        "Permission".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let access = Access::ALL.iter().map(|access| access.as_str());
        let words: Vec<&str> = Command::TYPES.iter().copied().chain(access).collect();
        json_schema!({
            "type": "string",
            "enum": words,
            "description": "The `type` of a command, or what may be read or done over HTTP alone.",
        })
    }
}
