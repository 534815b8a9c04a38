//! The sort key of the listed requests, and the order that follows from it. Rules of order, section 7.
//!
//! A key is compared part by part: replies come after everything else, then the priority, then the policy's own parts,
//! then the order of listing. Pinned requests stand at their pinned positions, and the rest fill in around them by key.
//! A pin that overrides nothing gives way as soon as it would break the policy.

use plenary_ids::RequestId;

use crate::{
    delegations::counter,
    floor::Floor,
    open_requests::Entry,
    policy::Rank,
    request::{Class, Kind, State},
};

/// A listed request with everything that decides its place.
#[derive(Debug, Clone, Copy)]
struct Key {
    /// Reply, priority, class and rank, packed in that order; the smaller goes first.
    tier: u64,
    /// The number of its arrival on the list.
    listed: u64,
    id: RequestId,
    pinned: Option<u32>,
    overrode: bool,
}

impl Key {
    fn place(&self) -> (u64, u64, RequestId) {
        (self.tier, self.listed, self.id)
    }
}

/// The order by the policy and the pins. Of the pins that give way, `latest`, which the chair has just set, is the last:
/// earlier pins give way to it.
pub(crate) fn order(floor: &Floor, latest: Option<RequestId>) -> Vec<RequestId> {
    let sorted = sorted(floor);
    let mut given_way: Vec<RequestId> = Vec::new();
    loop {
        let keeps = |key: &&Key| key.pinned.is_some() && !given_way.contains(&key.id);
        if !sorted.iter().any(|key| keeps(&key)) {
            return sorted.iter().map(|key| key.id).collect();
        }
        let order = filled(&sorted, &given_way);
        let soft = sorted.iter().filter(keeps).filter(|key| !key.overrode);
        let mut broken: Vec<RequestId> = soft
            .filter(|key| !fits(floor, &order, key.id))
            .map(|key| key.id)
            .collect();
        if broken.iter().any(|id| Some(*id) != latest) {
            broken.retain(|id| Some(*id) != latest);
        }
        if broken.is_empty() {
            return order.iter().map(|key| key.id).collect();
        }
        given_way.extend(broken);
    }
}

/// Whether the policy itself could have put a request where the chair has just pinned it.
pub(crate) fn is_allowed(floor: &Floor, moved: RequestId) -> bool {
    let pinned = floor.requests.get(moved).and_then(|entry| entry.pinned);
    let mut places = (1..).zip(order(floor, Some(moved)));
    places.any(|(place, id)| id == moved && Some(place) == pinned)
}

/// The pinned requests at their places, without the pins that have given way; the rest in the order of their keys.
fn filled(sorted: &[Key], given_way: &[RequestId]) -> Vec<Key> {
    let place = |key: &Key| key.pinned.filter(|_| !given_way.contains(&key.id));
    let mut pinned: Vec<(u32, u64, Key)> = sorted
        .iter()
        .filter_map(|key| place(key).map(|place| (place, key.listed, *key)))
        .collect();
    pinned.sort_unstable_by_key(|(place, listed, key)| (*place, *listed, key.id));
    let mut pinned = pinned.into_iter().peekable();
    let mut rest = sorted.iter().filter(|key| place(key).is_none()).copied();
    let mut order = Vec::with_capacity(sorted.len());
    loop {
        let place = u32::try_from(order.len() + 1).unwrap_or(u32::MAX);
        let due = pinned.next_if(|(at, ..)| *at <= place).map(|(.., key)| key);
        let next = due
            .or_else(|| rest.next())
            .or_else(|| pinned.next().map(|(.., key)| key));
        match next {
            Some(key) => order.push(key),
            None => return order,
        }
    }
}

/// Whether no request before it has a larger key, and none after it a smaller one. Requests that override the policy do
/// not count, because the chair decided them before. Within a tier the chair is free, unless the order of listing is
/// part of the policy.
fn fits(floor: &Floor, order: &[Key], moved: RequestId) -> bool {
    let strict = floor.settings.policy.rules().keeps_listing_order;
    let precedes = |a: &Key, b: &Key| {
        if strict {
            (a.tier, a.listed) <= (b.tier, b.listed)
        } else {
            a.tier <= b.tier
        }
    };
    let Some((before, [own, after @ ..])) = order
        .iter()
        .position(|key| key.id == moved)
        .and_then(|place| order.split_at_checked(place))
    else {
        return true;
    };
    let counted = |key: &&Key| !key.overrode;
    before.iter().filter(counted).all(|key| precedes(key, own))
        && after.iter().filter(counted).all(|key| precedes(own, key))
}

fn sorted(floor: &Floor) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::with_capacity(floor.order.len() + 1);
    let rules = floor.settings.policy.rules();
    let key = |entry: &Entry, rank| key(entry, rules.by_class, rank);
    let listed = floor.requests.iter().filter(|entry| entry.is_listed());
    match rules.rank {
        Rank::None => keys.extend(listed.map(|entry| key(entry, 0))),
        Rank::Agreed => keys.extend(listed.map(|entry| key(entry, entry.agreed))),
        Rank::Protocol => {
            keys.extend(
                listed.map(|entry| key(entry, floor.delegations.rank(entry.delegation_number))),
            );
        }
        Rank::Rounds => {
            let mut listed: Vec<(u64, &Entry)> =
                listed.map(|entry| (arrival(entry), entry)).collect();
            listed.sort_by_key(|(arrival, entry)| (*arrival, entry.id));
            let mut rounds = rounds(floor);
            keys.extend(listed.into_iter().map(|(_, entry)| {
                let round = counter(&mut rounds, entry.delegation_number).map_or(0, |round| {
                    *round = round.saturating_add(1);
                    *round - 1
                });
                key(entry, round)
            }));
        }
    }
    // Stable, because a stable sort is quick on a list that is nearly in order.
    keys.sort_by_key(Key::place);
    keys
}

fn key(entry: &Entry, by_class: bool, rank: u32) -> Key {
    let urgency = 4_u64.saturating_sub(u64::from(u8::from(entry.priority)));
    let class = match entry.class {
        _ if !by_class => 0,
        Class::Member => 0,
        Class::Observer => 1,
        Class::Guest => 2,
        Class::Staff => 3,
    };
    Key {
        tier: u64::from(entry.kind == Kind::Reply) << 40
            | urgency << 36
            | class << 32
            | u64::from(rank),
        listed: arrival(entry),
        id: entry.id,
        pinned: entry.pinned,
        overrode: entry.overrode,
    }
}

fn arrival(entry: &Entry) -> u64 {
    entry.listed.unwrap_or(entry.id.0)
}

/// For each delegation: the number of its speeches, plus its requests that hold the floor now.
fn rounds(floor: &Floor) -> Vec<u32> {
    let spoken = floor.delegations.spoken(floor.item_on).iter();
    let mut rounds: Vec<u32> = spoken.map(|spoken| spoken.times).collect();
    for speech in floor.speeches.keys() {
        let Some(entry) = floor.requests.get(*speech) else {
            continue;
        };
        if entry.kind != Kind::PointOfOrder
            && entry.state == State::Granted
            && let Some(round) = counter(&mut rounds, entry.delegation_number)
        {
            *round = round.saturating_add(1);
        }
    }
    rounds
}
