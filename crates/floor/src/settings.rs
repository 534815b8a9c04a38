//! How a room's floor is run: `[room.floor]` of the conference file, and `PATCH …/floor`.

use std::collections::BTreeMap;

use plenary_ids::{DelegationId, Millis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{Class, Kind};

/// Who gives the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The chair accepts, orders and grants.
    #[default]
    Moderated,
    /// Requests are listed at once; the head is granted as a slot frees.
    Queue,
    /// Whoever asks while a microphone is free has it.
    Open,
    /// Only the chair opens microphones.
    Direct,
}

/// The order of the list of speakers; domain.md has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// In the order of listing.
    #[default]
    Fifo,
    /// As the agenda names its speakers; others after them.
    Agreed,
    /// Members before observers.
    MembersFirst,
    /// Those who have spoken less before those who have spoken more.
    Rotation,
    /// Members first, and rotation within each class.
    MembersFirstRotation,
    /// In the drawn or alphabetical order of delegations.
    Protocol,
}

/// In mode `queue`: who presses *next*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advance {
    /// The system, as soon as a slot frees.
    #[default]
    Auto,
    /// The chair.
    Chair,
}

/// What the chair's grant does when every microphone is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// It is refused as `floor_full`.
    #[default]
    Wait,
    /// It replaces the longest open one.
    Override,
}

/// What happens when the grace after the limit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overtime {
    /// Nothing but the red clock.
    #[default]
    Continue,
    /// The holder is silenced and keeps the grant, until the chair extends or ends it.
    Mute,
    /// The floor is taken.
    Revoke,
}

/// Where the list of speakers begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InitialList {
    /// Open from the start, so that a delegate can ask at once.
    #[default]
    Open,
    /// The chair opens it.
    NotOpen,
}

/// Every setting of a floor; `Default` is the contract's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who gives the floor.
    pub mode: Mode,
    /// The order of the list.
    pub policy: Policy,
    /// Open microphones at a time, the chair's apart; at least 1.
    pub nom: u32,
    /// Who advances a queue.
    pub advance: Advance,
    /// Open requests of one delegation; points of order are not counted.
    pub max_requests: u32,
    /// What a grant does to a full floor.
    pub when_full: WhenFull,
    /// Time per speech.
    #[serde(rename = "limit_ms")]
    pub limit: Millis,
    /// Time per speech by its kind; where several limits apply the shortest holds.
    #[serde(
        rename = "limit_by_kind_ms",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub limit_by_kind: BTreeMap<Kind, Millis>,
    /// Time per speech by the speaker's class; where several limits apply the shortest holds.
    #[serde(
        rename = "limit_by_class_ms",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub limit_by_class: BTreeMap<Class, Millis>,
    /// How long before the limit the clock turns amber.
    #[serde(rename = "warning_ms")]
    pub warning: Millis,
    /// How long after the limit the overtime action falls.
    #[serde(rename = "grace_ms")]
    pub grace: Millis,
    /// What falls then.
    pub overtime: Overtime,
    /// How long a dropped holder is waited for before the chair is asked.
    #[serde(rename = "reconnect_grace_ms")]
    pub reconnect_grace: Millis,
    /// How long after a grant the clock starts by itself if no voice was heard.
    #[serde(rename = "first_voice_ms")]
    pub first_voice: Millis,
    /// Whether a holder may yield the rest of the time, with the chair's consent.
    pub yielding: bool,
    /// Whether time that a delegation left unused is added to its next speech in the same item.
    pub carry_over: bool,
    /// For policy `protocol`: the delegations in rank order; those not named follow alphabetically.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub protocol: Vec<DelegationId>,
    /// For policy `protocol`: the letter drawn, where the alphabetical order begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawn: Option<char>,
    /// Where the list begins.
    pub list: InitialList,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            policy: Policy::default(),
            nom: 1,
            advance: Advance::default(),
            max_requests: 2,
            when_full: WhenFull::default(),
            limit: Millis::from_secs(8 * 60),
            limit_by_kind: BTreeMap::new(),
            limit_by_class: BTreeMap::new(),
            warning: Millis::from_secs(60),
            grace: Millis::from_secs(30),
            overtime: Overtime::default(),
            reconnect_grace: Millis::from_secs(30),
            first_voice: Millis::from_secs(10),
            yielding: false,
            carry_over: false,
            protocol: Vec::new(),
            drawn: None,
            list: InitialList::default(),
        }
    }
}

impl Settings {
    /// The time a speech of that kind by a speaker of that class has.
    pub fn limit_for(&self, kind: Kind, class: Class) -> Millis {
        self.refined(self.limit, kind, class)
    }

    /// The same where something else than `limit` holds in general.
    pub(crate) fn refined(&self, general: Millis, kind: Kind, class: Class) -> Millis {
        let refined = [
            self.limit_by_kind.get(&kind),
            self.limit_by_class.get(&class),
        ];
        refined
            .into_iter()
            .flatten()
            .min()
            .copied()
            .unwrap_or(general)
    }

    /// Why these settings cannot be, if they cannot.
    pub fn problem(&self) -> Option<&'static str> {
        if self.nom == 0 {
            Some("A floor has at least one open microphone.")
        } else if self.max_requests == 0 {
            Some("A delegation may have at least one open request.")
        } else if self.limit == Millis(0) {
            Some("A speech has at least some time.")
        } else {
            None
        }
    }
}

macro_rules! patch {
    ($($(#[$attribute:meta])* $field:ident: $type:ty,)*) => {
        /// A change to some settings; what is absent stays as it is.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct SettingsPatch {
            $(
                #[doc = concat!("The new `", stringify!($field), "`.")]
                $(#[$attribute])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        impl SettingsPatch {
            /// The settings after the change.
            #[must_use]
            pub fn applied_to(&self, settings: &Settings) -> Settings {
                let mut changed = settings.clone();
                $(if let Some(value) = &self.$field {
                    changed.$field.clone_from(value);
                })*
                changed
            }
        }
    };
}

patch! {
    mode: Mode,
    policy: Policy,
    nom: u32,
    advance: Advance,
    max_requests: u32,
    when_full: WhenFull,
    #[serde(rename = "limit_ms")]
    limit: Millis,
    #[serde(rename = "limit_by_kind_ms")]
    limit_by_kind: BTreeMap<Kind, Millis>,
    #[serde(rename = "limit_by_class_ms")]
    limit_by_class: BTreeMap<Class, Millis>,
    #[serde(rename = "warning_ms")]
    warning: Millis,
    #[serde(rename = "grace_ms")]
    grace: Millis,
    overtime: Overtime,
    #[serde(rename = "reconnect_grace_ms")]
    reconnect_grace: Millis,
    #[serde(rename = "first_voice_ms")]
    first_voice: Millis,
    yielding: bool,
    carry_over: bool,
    protocol: Vec<DelegationId>,
    drawn: Option<char>,
}
