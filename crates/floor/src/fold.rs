//! The fold: how each event changes the floor.

use std::sync::Arc;

use plenary_ids::{Millis, PersonId, RequestId};

use crate::{
    event::{ChairStep, Change, Event, MeetingStep, PresenceStep, SpeechStep},
    floor::Floor,
    open_requests::Entry,
    request::{FloorRequest, Kind},
    settings::Settings,
    speech::Speech,
};

/// Folds one event into the floor. The events that [`decide`](crate::decide) gave are folded by this and nothing else.
pub fn apply(floor: &mut Floor, event: &Event) {
    floor.overtake(event);
    match &event.change {
        Change::Request { request, .. } => floor.put(request),
        Change::Speech {
            request,
            speech,
            step,
        } => {
            if matches!(step, SpeechStep::Granted) {
                floor.carry_over(request);
            }
            floor.put(request);
            floor.put_speech(speech);
        }
        Change::Passed {
            request, speech, ..
        }
        | Change::Yielded {
            request, speech, ..
        } => {
            floor.put(request);
            if let Some(speech) = speech {
                floor.put_speech(speech);
            }
        }
        Change::Timer { speech } => floor.put_speech(speech),
        Change::Order { order, overrode } => floor.put_order(order, *overrode),
        // Both follow from the other events.
        Change::OnDeck { .. } | Change::Recording { .. } => {}
        Change::List { list, .. } => floor.list = *list,
        Change::Chair(ChairStep::Changed { chair }) => floor.chair.clone_from(chair),
        Change::Chair(ChairStep::Priority { on }) => floor.chair_priority = *on,
        Change::Meeting(MeetingStep::ItemBegan { agreed, limit }) => {
            floor.item_on = true;
            floor.set_agreed_order(agreed, *limit);
        }
        Change::Meeting(MeetingStep::ItemEnded) => {
            floor.item_on = false;
            floor.set_agreed_order(&[], None);
        }
        Change::Meeting(MeetingStep::RollCall { open }) => floor.roll_call = *open,
        Change::Presence(PresenceStep::Connected { person }) => {
            Arc::make_mut(&mut floor.connected).insert(person.clone());
        }
        Change::Presence(PresenceStep::Disconnected { person }) => {
            Arc::make_mut(&mut floor.connected).remove(person);
        }
        Change::Presence(PresenceStep::Restarted { .. }) => floor.connected = Arc::default(),
        Change::Settings { settings } => floor.put_settings(settings),
        change @ Change::Undoable { .. } => floor.keep_undoable(change, event.by.as_ref()),
        Change::Undone { restored, .. } => floor.restore(restored),
    }
}

impl Floor {
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

    /// Keeps an open request with the facts by which the ordering policies sort.
    pub(crate) fn keep(&mut self, request: &FloorRequest) {
        let delegation = request.delegation.as_ref();
        let number = delegation.map(|it| self.delegations.enrol(it, &self.settings));
        let agreed = place_among(&self.agreed, request);
        self.requests.put(Entry::new(request, number, agreed));
    }

    fn put_speech(&mut self, speech: &Speech) {
        self.note_generation(speech);
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
        let number = self.delegations.enrol(delegation, &self.settings);
        self.delegations.add(number, speech);
    }

    /// Keeps the number of the last generation of a recording.
    pub(crate) fn note_generation(&mut self, speech: &Speech) {
        if let Some(recorded) = &speech.recorded {
            self.last_generation = self.last_generation.max(recorded.generation);
        }
    }

    fn set_agreed_order(&mut self, agreed: &[PersonId], limit: Option<Millis>) {
        self.agreed = Arc::new(agreed.to_vec());
        self.item_limit = limit;
        self.delegations.clear_item();
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

    /// Clears the unused time of the delegation, because the new speech has received it.
    fn carry_over(&mut self, request: &FloorRequest) {
        if self.settings.carry_over
            && let Some(delegation) = &request.delegation
            && request.kind.is_of_the_list()
        {
            let number = self.delegations.enrol(delegation, &self.settings);
            self.delegations.carried_over(number);
        }
    }

    fn put_settings(&mut self, settings: &Settings) {
        if settings.limit != self.settings.limit {
            // The limit that the chair sets replaces the agenda item's.
            self.item_limit = None;
        }
        let ranked = |it: &Settings| (it.protocol.clone(), it.drawn);
        if ranked(settings) != ranked(&self.settings) {
            self.delegations.rank_by(settings);
        }
        self.settings = Arc::new(settings.clone());
    }
}

fn place_among(agreed: &[PersonId], request: &FloorRequest) -> u32 {
    let mut planned = (0..).zip(agreed);
    planned
        .find(|(_, person)| **person == request.beneficiary)
        .map_or(u32::MAX, |(place, _)| place)
}
