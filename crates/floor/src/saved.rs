//! A floor as a snapshot stores it: without the parts that are computed from the others.

use std::{collections::BTreeSet, sync::Arc};

use plenary_ids::{DelegationId, Millis, PersonId, RequestId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    delegations::Delegations,
    floor::Floor,
    open_requests::OpenRequests,
    request::FloorRequest,
    settings::Settings,
    speech::Speech,
    undo::Undoable,
    view::{ListView, Spoken},
};

/// Each field is the floor's of the same name; snapshots keep the name `cities` of the first version.
#[derive(Serialize, Deserialize)]
struct Saved {
    settings: Settings,
    list: ListView,
    chair: Option<PersonId>,
    chair_priority: bool,
    connected: BTreeSet<PersonId>,
    requests: Vec<FloorRequest>,
    speeches: Vec<Speech>,
    order: Vec<RequestId>,
    item_on: bool,
    agreed: Vec<PersonId>,
    item_limit: Option<Millis>,
    roll_call: bool,
    #[serde(rename = "cities")]
    delegations: Vec<(DelegationId, Spoken, Spoken)>,
    last_request: u64,
    last_listed: u64,
    /// Absent in snapshots from before there was an undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoable: Option<Undoable>,
    #[serde(default)]
    last_undoable: u64,
    /// Absent in snapshots from before there were recordings.
    #[serde(default)]
    last_generation: u64,
}

impl From<Floor> for Saved {
    fn from(floor: Floor) -> Self {
        Self {
            requests: floor
                .requests
                .iter()
                .map(|entry| entry.request(None))
                .collect(),
            speeches: floor.speeches.values().cloned().collect(),
            delegations: floor.delegations.saved(),
            settings: Arc::unwrap_or_clone(floor.settings),
            list: floor.list,
            chair: floor.chair,
            chair_priority: floor.chair_priority,
            connected: Arc::unwrap_or_clone(floor.connected),
            order: Arc::unwrap_or_clone(floor.order),
            item_on: floor.item_on,
            agreed: Arc::unwrap_or_clone(floor.agreed),
            item_limit: floor.item_limit,
            roll_call: floor.roll_call,
            last_request: floor.last_request,
            last_listed: floor.last_listed,
            undoable: floor.undoable.map(Arc::unwrap_or_clone),
            last_undoable: floor.last_undoable,
            last_generation: floor.last_generation,
        }
    }
}

impl From<Saved> for Floor {
    fn from(saved: Saved) -> Self {
        let speeches = saved.speeches.into_iter();
        let mut floor = Self {
            delegations: Delegations::restored(&saved.delegations, &saved.settings),
            settings: Arc::new(saved.settings),
            list: saved.list,
            chair: saved.chair,
            chair_priority: saved.chair_priority,
            connected: Arc::new(saved.connected),
            requests: OpenRequests::default(),
            speeches: speeches.map(|speech| (speech.request, speech)).collect(),
            order: Arc::new(saved.order),
            item_on: saved.item_on,
            agreed: Arc::new(saved.agreed),
            item_limit: saved.item_limit,
            roll_call: saved.roll_call,
            last_request: saved.last_request,
            last_listed: saved.last_listed,
            undoable: saved.undoable.map(Arc::new),
            last_undoable: saved.last_undoable,
            last_generation: saved.last_generation,
        };
        for request in &saved.requests {
            floor.keep(request);
        }
        floor
    }
}

impl Serialize for Floor {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        Saved::from(self.clone()).serialize(out)
    }
}

impl<'de> Deserialize<'de> for Floor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Saved::deserialize(from).map(Self::from)
    }
}
