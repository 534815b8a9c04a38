//! The open requests, shared in parts: a copy of the floor shares all of them, and a change copies one part. The facts
//! that the ordering policies sort by are kept beside each request as numbers.

use std::sync::Arc;

use plenary_ids::RequestId;

use crate::{
    delegations::DelegationNumber,
    request::{FloorRequest, Kind, State},
};

/// The number of requests that share a part. Ids are given in order, so requests of a time lie together.
const PART: usize = 32;

/// The open requests by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenRequests {
    /// The parts that are not empty, by the number that their ids have in common, ascending.
    parts: Vec<(u64, Arc<Part>)>,
    /// The ids of the points of order, ascending.
    points: Vec<RequestId>,
    /// The number of other requests that are pending.
    pending: usize,
}

type Part = [Option<Entry>; PART];

/// An open request with its pin and its sorting facts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Without position and pin: the order and the pins change more often than anything else of it.
    request: Arc<FloorRequest>,
    pub(crate) pinned: Option<u32>,
    pub(crate) overrode: bool,
    pub(crate) delegation_number: Option<DelegationNumber>,
    /// The beneficiary's place among the planned speakers; the largest number for others.
    pub(crate) agreed: u32,
}

impl std::ops::Deref for Entry {
    type Target = FloorRequest;
    fn deref(&self) -> &FloorRequest {
        &self.request
    }
}

impl Entry {
    /// The request of an event, as the floor keeps it.
    pub(crate) fn new(
        request: &FloorRequest,
        delegation_number: Option<DelegationNumber>,
        agreed: u32,
    ) -> Self {
        Self {
            pinned: request.pinned,
            overrode: request.overrode,
            delegation_number,
            agreed,
            request: Arc::new(FloorRequest {
                position: None,
                pinned: None,
                overrode: false,
                ..request.clone()
            }),
        }
    }

    /// The request as everybody sees it, at that position.
    pub(crate) fn request(&self, position: Option<u32>) -> FloorRequest {
        FloorRequest {
            position,
            pinned: self.pinned,
            overrode: self.overrode,
            ..FloorRequest::clone(&self.request)
        }
    }
}

impl OpenRequests {
    pub(crate) fn get(&self, id: RequestId) -> Option<&Entry> {
        let (part, place) = split(id);
        let (_, part) = self.parts.get(self.find(part).ok()?)?;
        part.get(place)?.as_ref()
    }

    /// The open requests in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.parts
            .iter()
            .flat_map(|(_, part)| part.iter().flatten())
    }

    /// The points of order, the oldest first.
    pub(crate) fn points(&self) -> impl Iterator<Item = &Entry> {
        self.points.iter().filter_map(|id| self.get(*id))
    }

    /// Whether anything but a point of order waits for the chair.
    pub(crate) fn is_anything_pending(&self) -> bool {
        self.pending > 0
    }

    /// Adds a request, or replaces its earlier state.
    pub(crate) fn put(&mut self, entry: Entry) {
        let id = entry.id;
        let before = self.cell(id).replace(entry);
        self.forget(before.as_ref());
        let Some(entry) = self.get(id) else { return };
        if entry.kind != Kind::PointOfOrder {
            self.pending += usize::from(entry.state == State::Pending);
        } else if let Err(place) = self.points.binary_search(&id) {
            self.points.insert(place, id);
        }
    }

    /// Removes a request that has ended.
    pub(crate) fn remove(&mut self, id: RequestId) {
        if self.get(id).is_none() {
            return;
        }
        let before = self.cell(id).take();
        self.forget(before.as_ref());
        let (part, _) = split(id);
        if let Ok(index) = self.find(part)
            && self
                .parts
                .get(index)
                .is_some_and(|(_, part)| part.iter().all(Option::is_none))
        {
            self.parts.remove(index);
        }
    }

    /// Changes the pin of an open request.
    pub(crate) fn pin(&mut self, id: RequestId, place: Option<u32>, overrode: bool) {
        let stays = |entry: &Entry| (entry.pinned, entry.overrode) == (place, overrode);
        if self.get(id).is_none_or(stays) {
            return;
        }
        if let Some(entry) = self.cell(id) {
            (entry.pinned, entry.overrode) = (place, overrode);
        }
    }

    /// Computes the places among the planned speakers anew.
    pub(crate) fn agree(&mut self, place: impl Fn(&FloorRequest) -> u32) {
        for (_, part) in &mut self.parts {
            for entry in Arc::make_mut(part).iter_mut().flatten() {
                entry.agreed = place(&entry.request);
            }
        }
    }

    /// The cell of that id, in a part that no copy of the floor shares any more.
    fn cell(&mut self, id: RequestId) -> &mut Option<Entry> {
        let (number, place) = split(id);
        let index = self.find(number).unwrap_or_else(|index| {
            self.parts
                .insert(index, (number, Arc::new([const { None }; PART])));
            index
        });
        #[expect(
            clippy::indexing_slicing,
            reason = "found or made above, and the place is below PART"
        )]
        &mut Arc::make_mut(&mut self.parts[index].1)[place]
    }

    fn find(&self, part: u64) -> Result<usize, usize> {
        self.parts
            .binary_search_by_key(&part, |(number, _)| *number)
    }

    fn forget(&mut self, before: Option<&Entry>) {
        let Some(before) = before else { return };
        if before.kind != Kind::PointOfOrder {
            self.pending -= usize::from(before.state == State::Pending);
        } else if let Ok(place) = self.points.binary_search(&before.id) {
            self.points.remove(place);
        }
    }
}

impl PartialEq for OpenRequests {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

fn split(id: RequestId) -> (u64, usize) {
    let place = usize::try_from(id.0 % PART as u64).unwrap_or_default();
    (id.0 / PART as u64, place)
}
