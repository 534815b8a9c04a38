//! What the conference file says about a room, as the room's log records it: a record is of its time, whatever the file
//! says later.

use plenary_conference::{ItemKind, Role, Status, Translations};
use plenary_ids::{DelegationId, ItemId, Moment, PersonId, RoomId};
use serde::{Deserialize, Serialize};

/// The conference file as far as a room's record needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FileFacts {
    /// The id of the conference.
    pub conference: String,
    /// The full name of the conference.
    pub name: String,
    /// The name by language, where the file gives it so.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The theme of the conference; may be empty.
    pub theme: String,
    /// The theme by language.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub themes: Translations,
    /// The IANA time zone of the conference.
    pub time_zone: String,
    /// The room.
    pub room: RoomId,
    /// The title of the room.
    pub title: String,
    /// The title by language.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// The delegations that may enter the room, in the file's order.
    pub delegations: Vec<FileDelegation>,
    /// The persons who may enter the room, in the file's order.
    pub people: Vec<FilePerson>,
    /// The planned items of the room, in order.
    pub items: Vec<FileItem>,
}

/// A delegation of the conference file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct FileDelegation {
    pub id: DelegationId,
    pub name: String,
    /// The name by language.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    pub status: Status,
}

/// A person of the conference file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct FilePerson {
    pub id: PersonId,
    pub name: String,
    /// The name by language.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    pub role: Role,
    /// The delegation; absent for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
}

/// An item of the agenda in the conference file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct FileItem {
    pub id: ItemId,
    pub title: String,
    /// The title by language.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    pub kind: ItemKind,
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub starts: Moment,
    pub minutes: u32,
}

impl FileFacts {
    /// A person's name, or the id of a person whom the file does not have.
    pub fn name_of(&self, person: &PersonId) -> String {
        let known = self.people.iter().find(|known| known.id == *person);
        known.map_or_else(|| person.to_string(), |known| known.name.clone())
    }

    /// A person's name by language.
    pub fn names_of(&self, person: &PersonId) -> Translations {
        let known = self.people.iter().find(|known| known.id == *person);
        known.map(|known| known.names.clone()).unwrap_or_default()
    }

    /// The name of a delegation's city, or the id of a delegation that the file does not have.
    pub fn city_of(&self, delegation: &DelegationId) -> String {
        let known = self
            .delegations
            .iter()
            .find(|known| known.id == *delegation);
        known.map_or_else(|| delegation.to_string(), |known| known.name.clone())
    }
}
