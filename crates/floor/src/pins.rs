//! Pins: a request that is pinned at a place moves the earlier pins out of its way. Rules of order, section 7.3.

use plenary_ids::RequestId;

use crate::{floor::Floor, request::FloorRequest};

impl Floor {
    /// The chair's latest move is exact: earlier pins shift, so that no two requests claim the same place.
    pub(crate) fn make_room_for(&mut self, request: &FloorRequest) {
        let Some(place) = request.pinned else { return };
        let was = self.requests.get(request.id).and_then(|it| it.pinned);
        if was == Some(place) {
            return;
        }
        let others = || self.requests.iter().filter(|it| it.id != request.id);
        let listed = others().filter(|it| it.is_listed()).count() + 1;
        let mut pins = vec![None; listed];
        for other in others() {
            let at = other.pinned.and_then(|place| place.checked_sub(1));
            if let Some(pin) = at.and_then(|at| pins.get_mut(at as usize)) {
                *pin = Some(other.id);
            }
        }
        for (id, to) in displaced(&pins, place) {
            let overrode = self.requests.get(id).is_some_and(|it| it.overrode);
            self.requests.pin(id, Some(to), overrode);
        }
    }
}

/// The new places of the pins that stand in the way of a new one at `place`; `pins` has the request pinned at each place
/// of the list. Each goes to the next place, up to the first free one. If none is free, each goes one back.
fn displaced(pins: &[Option<RequestId>], place: u32) -> Vec<(RequestId, u32)> {
    let at = usize::try_from(place).unwrap_or(usize::MAX);
    let Some((before, from)) = at.checked_sub(1).and_then(|at| pins.split_at_checked(at)) else {
        return Vec::new();
    };
    let onward: Vec<RequestId> = from.iter().map_while(|pin| *pin).collect();
    if onward.len() < from.len() {
        return onward.into_iter().zip(place + 1..).collect();
    }
    let back = before.iter().rev().map_while(|pin| *pin);
    let run = onward.first().copied().into_iter().chain(back);
    run.zip((1..place).rev()).collect()
}
