//! The sort key of the listed requests, and the list that follows from it.
//!
//! A key is compared part by part: replies come after everything else, then the priority, then the policy's own
//! parts, then the order of listing. Pinned requests stand at their index, the rest fill in around them by key; a pin
//! that overrides nothing gives way when it would come to break the policy.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

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
    let sorted = sorted(floor);
    let mut given_way = BTreeSet::new();
    loop {
        let order = filled(&sorted, &given_way);
        let soft = sorted.iter().map(|entry| entry.2).filter(|request| {
            request.pinned.is_some() && !request.overrode && !given_way.contains(&request.id)
        });
        let broken: Vec<RequestId> = soft
            .map(|request| request.id)
            .filter(|id| !fits(floor, &sorted, &order, *id))
            .collect();
        if broken.is_empty() {
            return order;
        }
        given_way.extend(broken);
    }
}

/// The pinned at their places, those that have given way apart; the rest in the order of their keys.
fn filled(sorted: &[Entry<'_>], given_way: &BTreeSet<RequestId>) -> Vec<RequestId> {
    let place =
        |request: &FloorRequest| request.pinned.filter(|_| !given_way.contains(&request.id));
    let mut pinned: Vec<(u32, u64, RequestId)> = sorted
        .iter()
        .filter_map(|(_, seq, request)| place(request).map(|place| (place, *seq, request.id)))
        .collect();
    pinned.sort_unstable();
    let mut pinned = pinned.into_iter().peekable();
    let mut rest = sorted
        .iter()
        .map(|entry| entry.2)
        .filter(|request| place(request).is_none())
        .map(|request| request.id);
    let mut order = Vec::with_capacity(sorted.len());
    loop {
        let place = u32::try_from(order.len() + 1).unwrap_or(u32::MAX);
        let due = pinned.next_if(|(at, ..)| *at <= place).map(|(_, _, id)| id);
        let next = due
            .or_else(|| rest.next())
            .or_else(|| pinned.next().map(|(_, _, id)| id));
        match next {
            Some(id) => order.push(id),
            None => return order,
        }
    }
}

/// Whether the policy itself could have put a request where it stands once it is pinned there.
pub(crate) fn is_allowed(floor: &Floor, moved: RequestId) -> bool {
    let sorted = sorted(floor);
    fits(floor, &sorted, &filled(&sorted, &BTreeSet::new()), moved)
}

/// Whether nobody before a request has a larger key, nobody after it a smaller one. Those that override the policy are
/// left out, they were decided before. Within a tier the chair is free, except where the policy's promise is about
/// the order of listing itself.
fn fits(floor: &Floor, sorted: &[Entry<'_>], order: &[RequestId], moved: RequestId) -> bool {
    let strict = matches!(
        floor.settings.policy,
        Policy::Fifo | Policy::Rotation | Policy::MembersFirstRotation
    );
    let keys: BTreeMap<RequestId, &Entry<'_>> = sorted
        .iter()
        .filter(|(_, _, request)| request.id == moved || !request.overrode)
        .map(|entry| (entry.2.id, entry))
        .collect();
    let precedes = |a: &Entry<'_>, b: &Entry<'_>| {
        if strict {
            (&a.0, a.1) <= (&b.0, b.1)
        } else {
            a.0 <= b.0
        }
    };
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
                precedes(key, own)
            } else {
                precedes(own, key)
            }
        })
}

/// A listed request with its key.
type Entry<'a> = (Tier<'a>, u64, &'a FloorRequest);

fn sorted(floor: &Floor) -> Vec<Entry<'_>> {
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
                .spoken()
                .get(delegation)
                .map_or(0, |spoken| u64::from(spoken.times))
        });
        rounds.insert(request.id, *round);
        *round += 1;
    }
    rounds
}
