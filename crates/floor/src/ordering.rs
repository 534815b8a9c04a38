//! The sort key of the listed requests, and the list that follows from it.
//!
//! A key is compared part by part: replies come after everything else, then the priority, then the policy's own
//! parts, then the order of listing. Pinned requests stand at their index, the rest fill in around them by key.

use std::{cmp::Reverse, collections::BTreeMap};

use plenary_ids::RequestId;

use crate::{
    floor::Floor,
    request::{Class, FloorRequest, Kind, Priority, State},
    settings::Policy,
};

/// Where a policy puts a request, before the order of listing decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Tier<'a> {
    reply: bool,
    priority: Reverse<Priority>,
    class: Option<Class>,
    rank: u64,
    /// For delegations that no drawn order names: alphabetical.
    name: Option<(bool, &'a str)>,
}

/// The list as the policy and the pins have it now.
pub(crate) fn order(floor: &Floor) -> Vec<RequestId> {
    let mut listed = sorted(floor);
    let mut pinned: Vec<(u32, u64, RequestId)> = Vec::new();
    listed.retain(|(_, seq, request)| {
        if let Some(place) = request.pinned {
            pinned.push((place, *seq, request.id));
        }
        request.pinned.is_none()
    });
    pinned.sort_unstable();
    let (mut pinned, mut rest) = (
        pinned.into_iter().peekable(),
        listed.into_iter().map(|(_, _, request)| request.id),
    );
    let mut order = Vec::with_capacity(floor.order.len() + 1);
    loop {
        let place = u32::try_from(order.len() + 1).unwrap_or(u32::MAX);
        let due = pinned.next_if(|(at, ..)| *at <= place).map(|(_, _, id)| id);
        let Some(id) = due
            .or_else(|| rest.next())
            .or_else(|| pinned.next().map(|(_, _, id)| id))
        else {
            break;
        };
        order.push(id);
    }
    order
}

/// Whether the policy itself could have put a request where it now stands: nobody before it has a larger key, nobody
/// after it a smaller one. Others that are pinned are left out, they were decided before. Within a tier the chair is
/// free, except where the policy's promise is about the order of listing itself.
pub(crate) fn is_allowed(floor: &Floor, order: &[RequestId], moved: RequestId) -> bool {
    let keys: BTreeMap<RequestId, (Tier<'_>, u64)> = sorted(floor)
        .into_iter()
        .filter(|(_, _, request)| request.id == moved || request.pinned.is_none())
        .map(|(tier, seq, request)| (request.id, (tier, seq)))
        .collect();
    let strict = matches!(
        floor.settings.policy,
        Policy::Fifo | Policy::Rotation | Policy::MembersFirstRotation
    );
    let fits = |a: &(Tier<'_>, u64), b: &(Tier<'_>, u64)| if strict { a <= b } else { a.0 <= b.0 };
    let (Some(own), Some(place)) = (keys.get(&moved), order.iter().position(|id| *id == moved))
    else {
        return true;
    };
    order
        .iter()
        .enumerate()
        .filter_map(|(index, id)| keys.get(id).map(|key| (index, key)))
        .all(|(index, key)| {
            if index < place {
                fits(key, own)
            } else {
                fits(own, key)
            }
        })
}

fn sorted(floor: &Floor) -> Vec<(Tier<'_>, u64, &FloorRequest)> {
    let rounds = rounds(floor);
    let mut listed: Vec<_> = floor
        .requests
        .values()
        .filter(|request| request.is_listed())
        .map(|request| {
            (
                tier(floor, request, &rounds),
                request.listed.unwrap_or(request.id.0),
                request.as_ref(),
            )
        })
        .collect();
    listed.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    listed
}

fn tier<'a>(
    floor: &'a Floor,
    request: &'a FloorRequest,
    rounds: &BTreeMap<RequestId, u64>,
) -> Tier<'a> {
    let policy = floor.settings.policy;
    let by_class = matches!(policy, Policy::MembersFirst | Policy::MembersFirstRotation);
    let index = |found: Option<usize>| {
        found
            .and_then(|index| u64::try_from(index).ok())
            .unwrap_or(u64::MAX)
    };
    let (rank, name) = match policy {
        Policy::Fifo | Policy::MembersFirst => (0, None),
        Policy::Agreed => (
            index(
                floor
                    .agreed
                    .iter()
                    .position(|person| *person == request.beneficiary),
            ),
            None,
        ),
        Policy::Rotation | Policy::MembersFirstRotation => {
            (rounds.get(&request.id).copied().unwrap_or(0), None)
        }
        Policy::Protocol => {
            let found = request.delegation.as_ref().and_then(|delegation| {
                floor
                    .settings
                    .protocol
                    .iter()
                    .position(|ranked| ranked == delegation)
            });
            let name = request
                .delegation
                .as_ref()
                .map_or("", |delegation| delegation.as_str());
            (
                index(found),
                found
                    .is_none()
                    .then(|| (comes_before_the_draw(floor, name), name)),
            )
        }
    };
    Tier {
        reply: request.kind == Kind::Reply,
        priority: Reverse(request.priority),
        class: by_class.then_some(request.class),
        rank,
        name,
    }
}

/// Whether the alphabetical order, begun at the drawn letter, reaches this name only in its second part. Staff, who
/// have no delegation, come last.
fn comes_before_the_draw(floor: &Floor, name: &str) -> bool {
    let Some(first) = name.chars().next() else {
        return true;
    };
    floor
        .settings
        .drawn
        .is_some_and(|drawn| first.to_ascii_lowercase() < drawn.to_ascii_lowercase())
}

/// For each request: how often its delegation has spoken, and how many of its own it has before this one.
fn rounds(floor: &Floor) -> BTreeMap<RequestId, u64> {
    if !matches!(
        floor.settings.policy,
        Policy::Rotation | Policy::MembersFirstRotation
    ) {
        return BTreeMap::new();
    }
    let mut open: Vec<&FloorRequest> = floor
        .requests
        .values()
        .map(AsRef::as_ref)
        .filter(|request| request.kind != Kind::PointOfOrder)
        .filter(|request| request.is_listed() || request.state == State::Granted)
        .collect();
    open.sort_by_key(|request| (request.state != State::Granted, request.listed, request.id));
    let mut next = BTreeMap::new();
    let mut rounds = BTreeMap::new();
    for request in open {
        let Some(delegation) = &request.delegation else {
            continue;
        };
        let round = next.entry(delegation).or_insert_with(|| {
            floor
                .spoken
                .get(delegation)
                .map_or(0, |spoken| u64::from(spoken.times))
        });
        rounds.insert(request.id, *round);
        *round += 1;
    }
    rounds
}
