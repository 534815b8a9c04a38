//! The state of one room's floor, and its fold.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};
use serde::{Deserialize, Serialize};

use crate::{
    book::{Book, Entry},
    cities::Cities,
    event::Event,
    ordering,
    request::{FloorRequest, Kind, Priority, Speaker, State},
    saved::Saved,
    settings::{InitialList, Settings},
    speech::{Cause, Speech},
    view::{FloorView, ListState, ListView, Spoken},
};

/// One room's floor. Only [`apply`](crate::apply) changes it; it serializes as a snapshot.
///
/// A copy of it shares nearly everything with it, because every decision is made on one. Requests and speeches that
/// have ended are not kept: an id below the next one that is not here is closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Floor {
    pub(crate) settings: Arc<Settings>,
    pub(crate) list: ListView,
    pub(crate) chair: Option<PersonId>,
    pub(crate) chair_priority: bool,
    pub(crate) connected: Arc<BTreeSet<PersonId>>,
    pub(crate) requests: Book,
    pub(crate) speeches: BTreeMap<RequestId, Speech>,
    /// The listed requests, first to last.
    pub(crate) order: Arc<Vec<RequestId>>,
    /// Whether an item of the agenda is on.
    pub(crate) item_on: bool,
    /// Its planned speakers, in order.
    pub(crate) agreed: Arc<Vec<PersonId>>,
    /// The time of a speech in it, until the chair says otherwise.
    pub(crate) item_limit: Option<Millis>,
    /// Whether a roll call is open.
    pub(crate) roll_call: bool,
    /// The delegations, and what each has had.
    pub(crate) cities: Cities,
    pub(crate) last_request: u64,
    pub(crate) last_listed: u64,
}

impl Floor {
    /// An empty floor.
    pub fn new(settings: Settings) -> Self {
        let state = match settings.list {
            InitialList::Open => ListState::Open,
            InitialList::NotOpen => ListState::NotOpen,
        };
        Self {
            settings: Arc::new(settings),
            list: ListView {
                state,
                closes_at: None,
                adjourned_from: None,
            },
            chair: None,
            chair_priority: false,
            connected: Arc::default(),
            requests: Book::default(),
            speeches: BTreeMap::new(),
            order: Arc::default(),
            item_on: false,
            agreed: Arc::default(),
            item_limit: None,
            roll_call: false,
            cities: Cities::default(),
            last_request: 0,
            last_listed: 0,
        }
    }

    /// How it is run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the list of speakers stands.
    pub fn list(&self) -> ListView {
        self.list
    }

    /// The acting chair.
    pub fn chair(&self) -> Option<&PersonId> {
        self.chair.as_ref()
    }

    /// Whether the chair holds the floor, and everybody else is suspended.
    pub fn is_chair_priority(&self) -> bool {
        self.chair_priority
    }

    /// Who is heard: the granted who are live. The chair, who may always speak, is not among them unless granted.
    pub fn live(&self) -> impl Iterator<Item = &PersonId> {
        self.speeches
            .values()
            .filter(|speech| speech.is_live())
            .map(|speech| &speech.speaker)
    }

    /// Of how many recordings nothing arrives.
    pub fn stalled(&self) -> u64 {
        let speeches = self.speeches.values();
        let stalled = speeches.filter(|speech| speech.suspended_by.contains(&Cause::Stalled));
        stalled.count() as u64
    }

    /// Whether a person's request is granted, live or suspended.
    pub fn is_holder(&self, person: &PersonId) -> bool {
        self.speeches
            .values()
            .any(|speech| speech.speaker == *person)
    }

    /// The request of that name, with its position; none if it has ended or never was.
    pub fn request(&self, id: RequestId) -> Option<FloorRequest> {
        let entry = self.requests.get(id)?;
        Some(entry.request(self.position(entry)))
    }

    /// The speech that was granted for a request, while it lasts.
    pub fn speech(&self, id: RequestId) -> Option<&Speech> {
        self.speeches.get(&id)
    }

    /// The listed requests, first to last.
    pub fn order(&self) -> &[RequestId] {
        &self.order
    }

    /// Whether a person's connection is there.
    pub fn is_connected(&self, person: &PersonId) -> bool {
        self.connected.contains(person)
    }

    /// Who is next: the first listed who is present.
    pub fn on_deck(&self) -> Option<&PersonId> {
        self.first_present()
            .and_then(|id| self.requests.get(id))
            .map(|entry| &entry.beneficiary)
    }

    /// What everybody sees; `version` is the room's number of the last change.
    pub fn view(&self, now: Moment, version: u64) -> FloorView {
        let mut speeches: Vec<Speech> = self.by_grant().cloned().collect();
        for speech in &mut speeches {
            speech.consumed = speech.consumed_at(now);
            speech.as_of = speech.as_of.max(now);
        }
        let granted = speeches
            .iter()
            .filter_map(|speech| self.request(speech.request))
            .collect();
        let places = (1..).zip(self.order.iter()).map(|(place, id)| (*id, place));
        let places: BTreeMap<RequestId, u32> = places.collect();
        let mut requests: Vec<FloorRequest> = self
            .requests
            .iter()
            .map(|entry| entry.request(places.get(&entry.id).copied()))
            .collect();
        requests.sort_by_key(|request| {
            let rank = match request.position {
                _ if request.kind == Kind::PointOfOrder => 0,
                Some(_) => 1,
                None => 2,
            };
            (rank, request.position, request.id)
        });
        FloorView {
            version,
            mode: self.settings.mode,
            policy: self.settings.policy,
            nom: self.settings.nom,
            list: self.list,
            chair: self.chair.clone(),
            chair_priority: self.chair_priority,
            granted,
            requests,
            speech: speeches
                .iter()
                .find(|speech| speech.is_live())
                .or(speeches.first())
                .cloned(),
            speeches,
            on_deck: self.on_deck().cloned(),
            spoken: self.spoken(),
            item_limit: self.item_limit,
            roll_call: self.roll_call,
            settings: Settings::clone(&self.settings),
        }
    }

    /// What each delegation has had: in the present item, or in the room while none is on.
    pub fn spoken(&self) -> BTreeMap<DelegationId, Spoken> {
        self.cities.spoken_by_name(self.item_on)
    }

    /// The time that a speech for that request has: a planned statement has the agenda item's; an item that plans no
    /// speakers sets it in general; else it is the settings'.
    pub(crate) fn limit_for(&self, request: &FloorRequest) -> Millis {
        let settings = &self.settings;
        match self.item_limit {
            Some(limit) if self.agreed.is_empty() => {
                settings.refined(limit, request.kind, request.class)
            }
            Some(limit)
                if request.kind == Kind::Statement
                    && self.agreed.contains(&request.beneficiary) =>
            {
                limit
            }
            _ => settings.limit_for(request.kind, request.class),
        }
    }

    /// The place of a request on the list; the floor keeps the order in one place only.
    pub(crate) fn position(&self, request: &FloorRequest) -> Option<u32> {
        if !request.is_listed() {
            return None;
        }
        let index = self.order.iter().position(|id| *id == request.id)?;
        u32::try_from(index + 1).ok()
    }

    /// The speeches, the longest granted first.
    pub(crate) fn by_grant(&self) -> impl Iterator<Item = &Speech> {
        let mut speeches: Vec<&Speech> = self.speeches.values().collect();
        speeches.sort_by_key(|speech| (speech.granted_at, speech.request));
        speeches.into_iter()
    }

    /// The first listed request whose beneficiary is connected.
    pub(crate) fn first_present(&self) -> Option<RequestId> {
        self.order.iter().copied().find(|id| {
            self.requests
                .get(*id)
                .is_some_and(|request| self.connected.contains(&request.beneficiary))
        })
    }

    /// Whether that speech takes one of the `nom` microphones: the chair's does not, and while a point of order is
    /// heard everybody else is silent.
    pub(crate) fn counts(&self, speech: &Speech) -> bool {
        speech.kind != Kind::PointOfOrder && self.chair.as_ref() != Some(&speech.speaker)
    }

    /// Whether one more could be heard.
    pub(crate) fn has_free_microphone(&self) -> bool {
        let live = self
            .speeches
            .values()
            .filter(|speech| speech.is_live() && self.counts(speech))
            .count();
        live < self.settings.nom as usize
    }

    /// Whether no holder, not even a suspended one, has a claim on some microphone.
    pub(crate) fn has_unclaimed_microphone(&self) -> bool {
        self.speeches
            .values()
            .filter(|speech| self.counts(speech))
            .count()
            < self.settings.nom as usize
    }

    /// The point of order that stands in the way of everything else: one being heard, else the first to be ruled on.
    pub(crate) fn point_of_order(&self) -> Option<&FloorRequest> {
        let open = |state| self.requests.points().find(|point| point.state == state);
        open(State::Granted)
            .or_else(|| open(State::Pending))
            .map(|point| &**point)
    }

    pub(crate) fn put(&mut self, request: &FloorRequest) {
        self.last_request = self.last_request.max(request.id.0);
        self.last_listed = self.last_listed.max(request.listed.unwrap_or(0));
        if request.state.is_terminal() {
            self.requests.remove(request.id);
        } else {
            self.make_room_for(request);
            self.keep(request);
        }
        if !request.is_listed() && self.order.contains(&request.id) {
            Arc::make_mut(&mut self.order).retain(|id| *id != request.id);
        }
    }

    /// Keeps an open request with what the ordering policies ask of it.
    pub(crate) fn keep(&mut self, request: &FloorRequest) {
        let delegation = request.delegation.as_ref();
        let city = delegation.map(|it| self.cities.enrol(it, &self.settings));
        let agreed = place_among(&self.agreed, request);
        self.requests.put(Entry::new(request, city, agreed));
    }

    /// The chair's latest word has its place exactly: what was pinned there before is pinned beside it from now on, so
    /// that no two ever claim the same place.
    fn make_room_for(&mut self, request: &FloorRequest) {
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
        for (id, to) in ordering::displaced(&pins, place) {
            let overrode = self.requests.get(id).is_some_and(|it| it.overrode);
            self.requests.pin(id, Some(to), overrode);
        }
    }

    fn put_speech(&mut self, speech: &Speech) {
        if speech.ended_at.is_none() {
            self.speeches.insert(speech.request, speech.clone());
            return;
        }
        self.speeches.remove(&speech.request);
        let Some(delegation) = &speech.delegation else {
            return;
        };
        if speech.kind == Kind::PointOfOrder {
            return;
        }
        let city = self.cities.enrol(delegation, &self.settings);
        self.cities.add(city, speech);
    }

    fn take_up(&mut self, agreed: &[PersonId], limit: Option<Millis>) {
        self.agreed = Arc::new(agreed.to_vec());
        self.item_limit = limit;
        self.cities.clear_item();
        self.requests.agree(|request| place_among(agreed, request));
    }

    fn put_order(&mut self, order: &[RequestId], overrode: bool) {
        self.order = Arc::new(order.to_vec());
        for (place, id) in (1..).zip(order) {
            let Some(entry) = self.requests.get(*id) else {
                continue;
            };
            if overrode || entry.pinned.is_some() {
                let overrode = overrode || entry.overrode;
                self.requests.pin(*id, Some(place), overrode);
            }
        }
    }
}

fn place_among(agreed: &[PersonId], request: &FloorRequest) -> u32 {
    let mut planned = (0..).zip(agreed);
    planned
        .find(|(_, person)| **person == request.beneficiary)
        .map_or(u32::MAX, |(place, _)| place)
}

/// Folds one event into the floor. Whatever [`decide`](crate::decide) gave is folded by this and nothing else.
pub fn apply(floor: &mut Floor, event: &Event) {
    match event {
        Event::Requested { request, .. }
        | Event::Accepted { request, .. }
        | Event::Denied { request, .. }
        | Event::Cancelled { request, .. }
        | Event::Recalled { request, .. }
        | Event::Moved { request, .. } => floor.put(request),
        Event::Granted {
            request, speech, ..
        } => {
            if floor.settings.carry_over
                && let Some(delegation) = &request.delegation
                && request.kind != Kind::PointOfOrder
            {
                let city = floor.cities.enrol(delegation, &floor.settings);
                floor.cities.carried_over(city);
            }
            floor.put(request);
            floor.put_speech(speech);
        }
        Event::Released {
            request, speech, ..
        }
        | Event::Revoked {
            request, speech, ..
        }
        | Event::Suspended {
            request, speech, ..
        }
        | Event::Resumed {
            request, speech, ..
        }
        | Event::Extended {
            request, speech, ..
        }
        | Event::Waiting {
            request, speech, ..
        }
        | Event::Absent { request, speech } => {
            floor.put(request);
            floor.put_speech(speech);
        }
        Event::Passed {
            request, speech, ..
        }
        | Event::Yielded {
            request, speech, ..
        } => {
            floor.put(request);
            if let Some(speech) = speech {
                floor.put_speech(speech);
            }
        }
        Event::Order {
            order, overrode, ..
        } => floor.put_order(order, *overrode),
        Event::Timer { speech } => floor.put_speech(speech),
        // It follows from the order and from who is connected; it is told so that nobody has to work it out.
        Event::OnDeck { .. } => {}
        Event::Settings { settings, .. } => {
            if settings.limit != floor.settings.limit {
                // The chair's word on the time of a speech is later than the agenda's.
                floor.item_limit = None;
            }
            let ranked = |it: &Settings| (it.protocol.clone(), it.drawn);
            if ranked(settings) != ranked(&floor.settings) {
                floor.cities.rank_by(settings);
            }
            floor.settings = Arc::new(settings.clone());
        }
        Event::Item {
            agreed, limit_ms, ..
        } => {
            floor.item_on = true;
            floor.take_up(agreed, *limit_ms);
        }
        Event::ItemEnded { .. } => {
            floor.item_on = false;
            floor.take_up(&[], None);
        }
        Event::RollCall { open } => floor.roll_call = *open,
        Event::Connected { person } => {
            Arc::make_mut(&mut floor.connected).insert(person.clone());
        }
        Event::Disconnected { person } => {
            Arc::make_mut(&mut floor.connected).remove(person);
        }
        Event::Restarted { .. } => floor.connected = Arc::default(),
        Event::ListOpened { list, .. }
        | Event::ListClosed { list, .. }
        | Event::ListCloseAnnounced { list, .. }
        | Event::ListReopened { list, .. }
        | Event::ListAdjourned { list, .. }
        | Event::ListResumed { list, .. }
        | Event::ListReplies { list }
        | Event::ListConcluded { list, .. } => floor.list = *list,
        Event::ChairChanged { chair, .. } => floor.chair.clone_from(chair),
        Event::ChairPriority { on, .. } => floor.chair_priority = *on,
    }
}

/// A request as it is born.
pub(crate) fn born(id: RequestId, kind: Kind, who: &Speaker, asked_at: Moment) -> FloorRequest {
    FloorRequest {
        id,
        kind,
        state: State::Pending,
        substate: None,
        beneficiary: who.person.clone(),
        delegation: who.delegation.clone(),
        class: who.class,
        requested_by: None,
        priority: Priority::default(),
        position: None,
        pinned: None,
        overrode: false,
        listed: None,
        asked_at,
        info: None,
        admitted: false,
        left: None,
        yields_to: None,
    }
}

/// The causes that follow from the state of the floor alone, and come and go with it.
pub(crate) const DERIVED: [Cause; 4] = [
    Cause::ChairPriority,
    Cause::PointOfOrder,
    Cause::Disconnected,
    Cause::Adjourned,
];
