//! The state of one room's floor, and what can be read from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};

use crate::{
    delegations::Delegations,
    open_requests::OpenRequests,
    request::{FloorRequest, Kind, State},
    settings::{InitialList, Settings},
    speech::{Cause, Speech},
    undo::Undoable,
    view::{FloorView, ListState, ListView, Spoken},
};

/// One room's floor. Only [`apply`](crate::apply) changes it; it serializes as a snapshot.
///
/// Every decision is made on a copy, which shares nearly everything with the original. Requests and speeches that have
/// ended are not kept: an id that was given and is not kept here belongs to a request that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    pub(crate) settings: Arc<Settings>,
    pub(crate) list: ListView,
    pub(crate) chair: Option<PersonId>,
    pub(crate) chair_priority: bool,
    pub(crate) connected: Arc<BTreeSet<PersonId>>,
    pub(crate) requests: OpenRequests,
    pub(crate) speeches: BTreeMap<RequestId, Speech>,
    /// The listed requests, first to last.
    pub(crate) order: Arc<Vec<RequestId>>,
    /// Whether an item of the agenda is on.
    pub(crate) item_on: bool,
    /// The planned speakers of that item, in order.
    pub(crate) agreed: Arc<Vec<PersonId>>,
    /// The time of a speech in that item, until the chair sets another limit.
    pub(crate) item_limit: Option<Millis>,
    /// Whether a roll call is open: only points of order may be raised.
    pub(crate) roll_call: bool,
    /// The delegations, each with its rank and its speeches so far.
    pub(crate) delegations: Delegations,
    pub(crate) last_request: u64,
    pub(crate) last_listed: u64,
    /// The last command that may be undone; shared, because few events change it.
    pub(crate) undoable: Option<Arc<Undoable>>,
    pub(crate) last_undoable: u64,
    /// The last generation of a recording.
    pub(crate) last_generation: u64,
}

impl Floor {
    /// A floor without requests, speeches or a chair.
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
            requests: OpenRequests::default(),
            speeches: BTreeMap::new(),
            order: Arc::default(),
            item_on: false,
            agreed: Arc::default(),
            item_limit: None,
            roll_call: false,
            delegations: Delegations::default(),
            last_request: 0,
            last_listed: 0,
            undoable: None,
            last_undoable: 0,
            last_generation: 0,
        }
    }

    /// The settings as the chair has left them.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The state of the list of speakers.
    pub fn list(&self) -> ListView {
        self.list
    }

    /// The acting chair; none while the chair is empty.
    pub fn chair(&self) -> Option<&PersonId> {
        self.chair.as_ref()
    }

    /// Whether the chair holds the floor, and everybody else is suspended.
    pub fn is_chair_priority(&self) -> bool {
        self.chair_priority
    }

    /// The holders who are heard. The chair may always speak, and is among them only with a grant.
    pub fn live(&self) -> impl Iterator<Item = &PersonId> {
        self.live_speeches().map(|speech| &speech.speaker)
    }

    /// The speeches whose holders are heard: neither suspended nor ended.
    pub fn live_speeches(&self) -> impl Iterator<Item = &Speech> {
        self.speeches.values().filter(|speech| speech.is_live())
    }

    /// The number of speeches suspended because no media of a recorded address arrives.
    pub fn stalled(&self) -> u64 {
        let speeches = self.speeches.values();
        let stalled = speeches.filter(|speech| speech.suspended_by.contains(&Cause::Stalled));
        stalled.count() as u64
    }

    /// Whether a person holds the floor in person, live or suspended. A recording of that person needs nobody.
    pub fn is_holder(&self, person: &PersonId) -> bool {
        self.speeches
            .values()
            .any(|speech| speech.speaker == *person && speech.recorded.is_none())
    }

    /// The open request of that id, with its position; none if it has ended or never existed.
    pub fn request(&self, id: RequestId) -> Option<FloorRequest> {
        let entry = self.requests.get(id)?;
        Some(entry.request(self.position(entry)))
    }

    /// Everybody for whom a request is open, some maybe several times.
    pub fn beneficiaries(&self) -> impl Iterator<Item = &PersonId> {
        self.requests.iter().map(|entry| &entry.beneficiary)
    }

    /// The speech that was granted for a request, until it ends.
    pub fn speech(&self, id: RequestId) -> Option<&Speech> {
        self.speeches.get(&id)
    }

    /// The listed requests, first to last.
    pub fn order(&self) -> &[RequestId] {
        &self.order
    }

    /// Whether the person is connected.
    pub fn is_connected(&self, person: &PersonId) -> bool {
        self.connected.contains(person)
    }

    /// The next speaker: the first listed beneficiary who is connected.
    pub fn on_deck(&self) -> Option<&PersonId> {
        self.first_present()
            .and_then(|id| self.requests.get(id))
            .map(|entry| &entry.beneficiary)
    }

    /// The floor as everybody sees it; `version` is the sequence number of the room's last change.
    pub fn view(&self, now: Moment, version: u64) -> FloorView {
        let mut speeches: Vec<Speech> = self.by_grant().cloned().collect();
        for speech in &mut speeches {
            speech.count_until(now);
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
            undoable: self.undoable.as_ref().and_then(|it| it.view(now)),
            settings: Settings::clone(&self.settings),
        }
    }

    /// The speeches so far by delegation: in the present item, or in the room while none is on.
    pub fn spoken(&self) -> BTreeMap<DelegationId, Spoken> {
        self.delegations.spoken_by_name(self.item_on)
    }

    /// The limit of a speech for that request. The agenda item's limit holds for its planned statements, or for every
    /// speech if it plans no speakers; otherwise the settings' limit holds.
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
    /// The id of the next request.
    pub(crate) fn next_request(&self) -> RequestId {
        RequestId(self.last_request.saturating_add(1))
    }

    /// The number of the next arrival on the list.
    pub(crate) fn next_listed(&self) -> u64 {
        self.last_listed.saturating_add(1)
    }

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

    /// Whether that speech takes one of the `nom` microphones.
    pub(crate) fn counts(&self, speech: &Speech) -> bool {
        self.takes_microphone(speech.kind, &speech.speaker)
    }

    /// Whether such a speech of that person takes one of the `nom` microphones: the chair's own does not, and while a
    /// point of order is heard everybody else is silent. A recording takes one, whoever speaks in it.
    pub(crate) fn takes_microphone(&self, kind: Kind, speaker: &PersonId) -> bool {
        match kind {
            Kind::PointOfOrder => false,
            Kind::Address => true,
            _ => self.chair.as_ref() != Some(speaker),
        }
    }

    /// Whether one more holder could be heard.
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
}
