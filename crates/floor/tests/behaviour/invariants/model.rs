//! The rules of order as a plain model: the transitions, the used time, and the sort
//! keys of their tables, over names. It learns from the events, and shares no code with the floor.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use plenary_floor::{
    Cause, Change, Class, Ending, Event, FloorRequest, FormerState, Kind, ListStep, MeetingStep,
    Policy, PresenceStep, RequestStep, Settings, Speech, SpeechStep, State,
};
use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};

/// The plain model of a floor.
#[derive(Clone)]
pub struct Model {
    pub requests: BTreeMap<RequestId, FloorRequest>,
    /// People whose position is recorded as an override.
    pub overridden: BTreeSet<RequestId>,
    settings: Settings,
    clocks: BTreeMap<RequestId, (Millis, Moment, bool)>,
    /// The order of arrival on the list.
    arrivals: BTreeMap<RequestId, usize>,
    arrived: usize,
    spoken_in_item: BTreeMap<DelegationId, u32>,
    spoken_in_room: BTreeMap<DelegationId, u32>,
    item_on: bool,
    agreed: Vec<PersonId>,
    voting: bool,
    /// Absent holders, each with the time at which the chair is to be asked; none once that is done.
    pub absent: BTreeMap<RequestId, Option<Moment>>,
    adjourned: bool,
    /// The pinned positions, each with whether it is recorded as an override.
    pins: BTreeMap<RequestId, (u32, bool)>,
    /// The model before the last command that may be undone.
    former: Option<Box<Model>>,
}

impl Model {
    pub fn of(settings: &Settings) -> Self {
        Self {
            requests: BTreeMap::new(),
            overridden: BTreeSet::new(),
            settings: settings.clone(),
            clocks: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            arrived: 0,
            spoken_in_item: BTreeMap::new(),
            spoken_in_room: BTreeMap::new(),
            item_on: false,
            agreed: Vec::new(),
            voting: false,
            absent: BTreeMap::new(),
            adjourned: false,
            pins: BTreeMap::new(),
            former: None,
        }
    }

    /// Applies the events of one command.
    pub fn see_all(&mut self, events: &[Event], now: Moment) {
        let undoable = |event: &Event| matches!(event.change, Change::Undoable { .. });
        if events.iter().any(undoable) {
            let mut former = self.clone();
            former.former = None;
            self.former = Some(Box::new(former));
        }
        for event in events {
            self.see(event, now);
        }
    }

    /// Applies an event, and fails where the table does not allow it.
    fn see(&mut self, event: &Event, now: Moment) {
        if let Some(request) = event.request() {
            self.transition(request, event);
            self.pin(request);
        }
        self.absence(event, now);
        match &event.change {
            Change::Request {
                request,
                step: RequestStep::Moved { overrode: true },
            } => {
                self.overridden.insert(request.id);
            }
            Change::Order {
                overrode: true,
                order,
            } => {
                self.overridden.extend(order);
                let places = (1..).zip(order);
                self.pins = places.map(|(place, id)| (*id, (place, true))).collect();
            }
            Change::Order { order, .. } => {
                if let Some(expected) = self.order().filter(|_| !self.adjourned) {
                    assert_eq!(
                        *order, expected,
                        "the order is the policy's around the pins"
                    );
                }
                for (place, id) in (1..).zip(order) {
                    if let Some(pin) = self.pins.get_mut(id) {
                        pin.0 = place;
                    }
                }
            }
            Change::List { step, .. } => match step {
                ListStep::Adjourned => self.adjourned = true,
                ListStep::Resumed => self.adjourned = false,
                _ => {}
            },
            Change::Speech {
                request,
                speech,
                step: SpeechStep::Granted,
            } => {
                assert!(
                    !self.voting || request.kind == Kind::PointOfOrder,
                    "nobody is called while a vote is taken"
                );
                self.clocks
                    .insert(speech.request, (Millis(0), speech.as_of, false));
            }
            Change::Settings { settings } => self.settings = settings.clone(),
            Change::Meeting(MeetingStep::ItemBegan { agreed, .. }) => {
                self.item_on = true;
                self.agreed.clone_from(agreed);
                self.spoken_in_item.clear();
            }
            Change::Meeting(MeetingStep::ItemEnded) => {
                self.item_on = false;
                self.agreed.clear();
            }
            Change::Meeting(MeetingStep::RollCall { open }) => self.voting = *open,
            Change::Undone { restored, .. } => self.restore(restored),
            _ => {}
        }
        if let Some(speech) = event.speech() {
            self.clock(speech);
        }
    }

    /// What the command changed is as the model knew it before the command, and no clock has run meanwhile.
    fn restore(&mut self, restored: &FormerState) {
        let former = self.former.take().unwrap();
        for made in &restored.made {
            assert!(!former.requests.contains_key(made), "made by the command");
            self.requests.remove(made);
            self.clocks.remove(made);
        }
        let plain = |request: &FloorRequest| FloorRequest {
            position: None,
            pinned: None,
            overrode: false,
            ..request.clone()
        };
        for request in &restored.requests {
            let (id, was) = (request.id, &former.requests[&request.id]);
            assert_eq!(plain(request), plain(was), "as it was");
            self.requests.insert(id, request.clone());
            if request.is_listed() {
                self.arrivals.insert(id, former.arrivals[&id]);
            }
            self.repin(id, &former);
            match former.absent.get(&id) {
                Some(due) => self.absent.insert(id, *due),
                None => self.absent.remove(&id),
            };
            let mut speeches = restored.speeches.iter();
            let speech = speeches.find(|speech| speech.request == id);
            assert_eq!(speech.is_some(), request.state == State::Granted);
            let clock = self.clocks.remove(&id);
            if let (Some(speech), Some((consumed, as_of, _))) = (speech, clock) {
                assert_eq!(speech.consumed, consumed, "with the time it had");
                assert!(speech.as_of >= as_of, "a clock is never set back");
                let clock = (speech.consumed, speech.as_of, speech.running);
                self.clocks.insert(id, clock);
            }
        }
        for pin in &restored.pins {
            self.repin(pin.request, &former);
        }
        for had in &restored.spoken {
            let name = &had.delegation;
            for (spoken, former, had) in [
                (
                    &mut self.spoken_in_item,
                    &former.spoken_in_item,
                    had.in_item,
                ),
                (
                    &mut self.spoken_in_room,
                    &former.spoken_in_room,
                    had.in_room,
                ),
            ] {
                let times = former.get(name).copied().unwrap_or(0);
                assert_eq!(had.times, times, "no speech counted");
                spoken.insert(name.clone(), times);
            }
        }
    }

    fn repin(&mut self, id: RequestId, former: &Self) {
        match former.pins.get(&id) {
            Some(pin) => self.pins.insert(id, *pin),
            None => self.pins.remove(&id),
        };
    }

    fn transition(&mut self, request: &FloorRequest, event: &Event) {
        let before = self.requests.get(&request.id);
        let passes_a_holder = matches!(
            event.change,
            Change::Passed {
                speech: Some(_),
                ..
            }
        );
        let allowed = match before.map(|request| request.state) {
            None => &[State::Pending, State::Accepted][..],
            Some(State::Pending) => &[
                State::Pending,
                State::Accepted,
                State::Granted,
                State::Denied,
                State::Cancelled,
            ],
            Some(State::Accepted) => &[
                State::Accepted,
                State::Granted,
                State::Denied,
                State::Cancelled,
            ],
            Some(State::Granted) if passes_a_holder => &[State::Accepted],
            Some(State::Granted) => &[State::Granted, State::Released, State::Revoked],
            Some(_) => &[],
        };
        assert!(
            allowed.contains(&request.state),
            "{before:?} to {:?}",
            request.state
        );
        let was_listed = before.is_some_and(FloorRequest::is_listed);
        if request.is_listed() && !was_listed {
            self.arrived += 1;
            self.arrivals.insert(request.id, self.arrived);
        }
        self.requests.insert(request.id, request.clone());
    }

    /// The chair is asked once about a holder who is absent longer than the grace, and again after each wait.
    fn absence(&mut self, event: &Event, now: Moment) {
        let due = now.after(self.settings.reconnect_grace);
        match &event.change {
            Change::Presence(PresenceStep::Restarted { .. }) => {
                let holding = self
                    .requests
                    .values()
                    .filter(|it| it.state == State::Granted && it.kind != Kind::Address);
                self.absent = holding.map(|it| (it.id, Some(due))).collect();
            }
            Change::Speech {
                request,
                step: SpeechStep::Absent,
                ..
            } => {
                let asked = self.absent.insert(request.id, None).flatten();
                assert!(asked.is_some_and(|at| at <= now), "asked once, in time");
            }
            Change::Speech {
                request,
                step: SpeechStep::Waiting,
                ..
            } => {
                let before = self.absent.insert(request.id, Some(due));
                assert!(before.is_some(), "only an absent holder is waited for");
            }
            Change::Speech {
                speech,
                step: SpeechStep::Suspended { .. } | SpeechStep::Resumed,
                ..
            }
            | Change::Timer { speech } => {
                if !speech.suspended_by.contains(&Cause::Disconnected) {
                    self.absent.remove(&speech.request);
                } else if !self.absent.contains_key(&speech.request) {
                    let due = speech.as_of.after(self.settings.reconnect_grace);
                    self.absent.insert(speech.request, Some(due));
                }
            }
            _ => {}
        }
        self.absent.retain(|id, _| {
            self.requests
                .get(id)
                .is_some_and(|it| it.state == State::Granted)
        });
    }

    /// The latest pin has exactly its position. An earlier pin at it moves on by one, and so the next, up to the
    /// first free position; without one, all of them move back by one.
    fn pin(&mut self, request: &FloorRequest) {
        let known = self.pins.get(&request.id).map(|(place, _)| *place);
        match request.pinned {
            None => {
                self.pins.remove(&request.id);
            }
            Some(place) if known == Some(place) => {
                self.pins.insert(request.id, (place, request.overrode));
            }
            Some(place) => {
                self.pins.remove(&request.id);
                let taken = |at: u32| self.pins.values().any(|(pinned, _)| *pinned == at);
                let last = u32::try_from(self.listed().len()).unwrap();
                let step = if (place..=last).any(|at| !taken(at)) {
                    1
                } else {
                    -1
                };
                self.pins.insert(request.id, (place, request.overrode));
                self.make_way(request.id, place, step);
            }
        }
    }

    fn make_way(&mut self, newcomer: RequestId, place: u32, step: i32) {
        let stands = self
            .pins
            .iter()
            .find(|(id, (at, _))| **id != newcomer && *at == place);
        let Some((id, (_, hard))) = stands.map(|(id, pin)| (*id, *pin)) else {
            return;
        };
        let aside = place.checked_add_signed(step).unwrap();
        self.pins.insert(id, (aside, hard));
        self.make_way(id, aside, step);
    }

    fn listed(&self) -> Vec<&FloorRequest> {
        let requests = self.requests.values();
        requests.filter(|request| request.is_listed()).collect()
    }

    /// The used time never decreases, and grows by exactly the time in which the clock ran.
    fn clock(&mut self, speech: &Speech) {
        let (consumed, as_of, running) = self.clocks[&speech.request];
        let gone_by = if running {
            speech.as_of.since(as_of)
        } else {
            Millis(0)
        };
        assert_eq!(
            speech.consumed,
            consumed.saturating_add(gone_by),
            "running: {running}"
        );
        assert!(speech.as_of >= as_of, "a clock is never set back");
        self.clocks.insert(
            speech.request,
            (speech.consumed, speech.as_of, speech.running),
        );
        let counts = speech.kind != Kind::PointOfOrder && speech.how != Some(Ending::Passed);
        if let Some(delegation) = &speech.delegation
            && speech.ended_at.is_some()
            && counts
        {
            for spoken in [&mut self.spoken_in_item, &mut self.spoken_in_room] {
                *spoken.entry(delegation.clone()).or_default() += 1;
            }
        }
    }

    /// The list in the order of the sort keys around the pins against the policy; none where a pin
    /// agrees with the policy, because such a pin gives way.
    pub fn order(&self) -> Option<Vec<RequestId>> {
        if self.pins.values().any(|(_, hard)| !hard) {
            return None;
        }
        let mut listed = self.listed();
        listed.sort_by_key(|request| self.arrivals[&request.id]);
        let mut keyed: Vec<_> = listed
            .iter()
            .enumerate()
            .map(|(arrival, request)| {
                let urgency = (request.kind == Kind::Reply, Reverse(request.priority));
                (
                    (urgency, self.key(request, &listed[..arrival]), arrival),
                    request.id,
                )
            })
            .collect();
        keyed.sort();
        let rest = keyed.into_iter().map(|(_, id)| id);
        let mut order: Vec<RequestId> = rest.filter(|id| !self.pins.contains_key(id)).collect();
        let mut pinned: Vec<_> = self.pins.iter().map(|(id, (at, _))| (*at, *id)).collect();
        pinned.sort_unstable();
        for (place, id) in pinned {
            order.insert(order.len().min(place as usize - 1), id);
        }
        Some(order)
    }

    fn key(
        &self,
        request: &FloorRequest,
        earlier: &[&FloorRequest],
    ) -> (u8, usize, (bool, String)) {
        let class = match request.class {
            Class::Member => 0,
            Class::Observer => 1,
            Class::Guest => 2,
            Class::Staff => 3,
        };
        let nothing = || (false, String::new());
        match self.settings.policy {
            Policy::Fifo => (0, 0, nothing()),
            Policy::Agreed => {
                let place = self.agreed.iter().position(|it| *it == request.beneficiary);
                (0, place.unwrap_or(usize::MAX), nothing())
            }
            Policy::MembersFirst => (class, 0, nothing()),
            Policy::Rotation => (0, self.round(request, earlier), nothing()),
            Policy::MembersFirstRotation => (class, self.round(request, earlier), nothing()),
            Policy::Protocol => {
                let name = request.delegation.as_ref().unwrap();
                let drawn = self.settings.protocol.iter().position(|it| it == name);
                let name = name.to_string();
                let wraps = self
                    .settings
                    .drawn
                    .is_some_and(|letter| name.chars().next() < Some(letter));
                match drawn {
                    Some(place) => (0, place, nothing()),
                    None => (0, usize::MAX, (wraps, name)),
                }
            }
        }
    }

    /// How often its delegation has spoken, and the index of this open request of the delegation.
    fn round(&self, request: &FloorRequest, earlier: &[&FloorRequest]) -> usize {
        let own = |other: &&FloorRequest| other.delegation == request.delegation;
        let holding = self.requests.values().filter(|other| {
            other.state == State::Granted && other.kind != Kind::PointOfOrder && own(other)
        });
        let spoken = if self.item_on {
            &self.spoken_in_item
        } else {
            &self.spoken_in_room
        };
        let spoken = request.delegation.as_ref().and_then(|it| spoken.get(it));
        let earlier = earlier.iter().filter(|other| own(other));
        spoken.map_or(0, |times| *times as usize) + holding.count() + earlier.count()
    }
}
