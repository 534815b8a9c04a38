//! How a room's floor is run: `[room.floor]` of the conference file, and `PATCH …/floor`.
//!
//! A new setting is one row of the list below: the wire, the patch, the conference file and the schemas follow from it.

use std::collections::BTreeMap;

use plenary_ids::{DelegationId, Millis, wire_enum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    patch::Settable,
    policy::Policy,
    request::{Class, Kind},
};

/// The most microphones of a floor, and the most open requests of a delegation: more is taken for a mistake.
pub const MAX_COUNT: u32 = 1000;

wire_enum! {
    /// How the floor is given in a room.
    #[derive(Default)]
    pub enum Mode {
        /// The chair accepts, orders and grants.
        #[default]
        Moderated = "moderated",
        /// Requests are listed at once; the head is granted as a microphone frees.
        Queue = "queue",
        /// A request is granted at once while a microphone is free.
        Open = "open",
        /// Only the chair opens microphones.
        Direct = "direct",
    }
}

wire_enum! {
    /// In mode `queue`: who calls the next speaker.
    #[derive(Default)]
    pub enum Advance {
        /// The system, as soon as a microphone frees.
        #[default]
        Auto = "auto",
        /// The chair, by the command `floor.next`.
        Chair = "chair",
    }
}

wire_enum! {
    /// What the chair's grant does when every microphone is taken.
    #[derive(Default)]
    pub enum WhenFull {
        /// It is refused as `floor_full`.
        #[default]
        Wait = "wait",
        /// It replaces the longest open one.
        Override = "override",
    }
}

wire_enum! {
    /// What happens when the grace after the limit is used up.
    #[derive(Default)]
    pub enum Overtime {
        /// Nothing but the red clock.
        #[default]
        Continue = "continue",
        /// The holder is silenced and keeps the grant, until the chair extends or ends it.
        Mute = "mute",
        /// The floor is taken from the holder.
        Revoke = "revoke",
    }
}

wire_enum! {
    /// The state in which the list of speakers begins.
    #[derive(Default)]
    pub enum InitialList {
        /// Open from the start, so that a delegate can ask at once.
        #[default]
        Open = "open",
        /// Closed to requests until the chair opens it.
        NotOpen = "not_open",
    }
}

/// A row has the name of the setting in the conference file, its name on the wire where that differs, its type, and
/// its value where the file does not set it. A duration has the suffix `_ms` on the wire; the file writes it as "8m".
macro_rules! settings {
    ($(
        chair_may_change {
            $($(#[doc = $doc:literal])* $(#[serde($($serde:tt)*)])?
              $field:ident $(as $wire:literal)?: $type:ty = $default:expr,)*
        }
        only_in_file {
            $($(#[doc = $file_doc:literal])*
              $file_field:ident $(as $file_wire:literal)?: $file_type:ty = $file_default:expr,)*
        }
    )+) => {
        /// Every setting of a floor.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {
            $(
                $($(#[doc = $doc])* $(#[serde(rename = $wire)])? $(#[serde($($serde)*)])? pub $field: $type,)*
                $($(#[doc = $file_doc])* $(#[serde(rename = $file_wire)])? pub $file_field: $file_type,)*
            )+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($($field: $default,)* $($file_field: $file_default,)*)+ }
            }
        }

        /// A change to some settings; absent fields stay as they are.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct SettingsPatch {
            $($(
                $(#[doc = $doc])* $(#[serde(rename = $wire)])?
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<<$type as Settable>::Value>,
            )*)+
        }

        impl SettingsPatch {
            /// The settings after the change.
            #[must_use]
            pub fn applied_to(&self, settings: &Settings) -> Settings {
                let mut changed = settings.clone();
                $($(if let Some(value) = &self.$field {
                    changed.$field = Settable::set(value);
                })*)+
                changed
            }
        }
    };
}

settings! {
    chair_may_change {
        /// How the floor is given.
        mode: Mode = Mode::default(),
        /// The ordering policy of the list of speakers.
        policy: Policy = Policy::default(),
        /// Open microphones at a time, the chair's apart; 1 to 1000.
        nom: u32 = 1,
        /// In mode `queue`: who calls the next speaker.
        advance: Advance = Advance::default(),
        /// The most open requests of one delegation, 1 to 1000; points of order are not counted.
        max_requests: u32 = 2,
        /// What a grant does when every microphone is taken.
        when_full: WhenFull = WhenFull::default(),
        /// The time of a speech.
        limit as "limit_ms": Millis = Millis::from_secs(8 * 60),
        /// The time of a speech by its kind; where several limits apply the shortest holds.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        limit_by_kind as "limit_by_kind_ms": BTreeMap<Kind, Millis> = BTreeMap::new(),
        /// The time of a speech by the speaker's class; where several limits apply the shortest holds.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        limit_by_class as "limit_by_class_ms": BTreeMap<Class, Millis> = BTreeMap::new(),
        /// How long before the limit the clock turns amber.
        warning as "warning_ms": Millis = Millis::from_secs(60),
        /// How long after the limit the overtime action is taken.
        grace as "grace_ms": Millis = Millis::from_secs(30),
        /// The action that is taken when limit and grace are used up.
        overtime: Overtime = Overtime::default(),
        /// How long a disconnected holder is waited for before the chair is asked.
        reconnect_grace as "reconnect_grace_ms": Millis = Millis::from_secs(30),
    }
    only_in_file {
        /// How long after a grant the clock starts by itself if no voice was heard.
        first_voice as "first_voice_ms": Millis = Millis::from_secs(10),
    }
    chair_may_change {
        /// Whether a holder may yield the rest of the time, with the chair's consent.
        yielding: bool = false,
        /// Whether time that a delegation left unused is added to its next speech in the same item.
        carry_over: bool = false,
        /// For policy `protocol`: the delegations in rank order; those not named follow alphabetically.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        protocol: Vec<DelegationId> = Vec::new(),
        /// For policy `protocol`: the letter drawn, where the alphabetical order begins.
        #[serde(skip_serializing_if = "Option::is_none")]
        drawn: Option<char> = None,
    }
    only_in_file {
        /// The state in which the list of speakers begins.
        list: InitialList = InitialList::default(),
    }
}

impl Settings {
    /// The time a speech of that kind by a speaker of that class has.
    pub fn limit_for(&self, kind: Kind, class: Class) -> Millis {
        self.refined(self.limit, kind, class)
    }

    /// The same where the agenda item gives another general limit.
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
}
