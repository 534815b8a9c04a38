//! The draft of a decision: a copy of the floor as it would be afterwards, and the events that lead there.

use std::sync::Arc;

use plenary_ids::{Moment, PersonId, RequestId};

use crate::{
    command::{Actor, Scope},
    event::{Change, Event},
    floor::Floor,
    fold::apply,
    ordering,
    refusal::{Code, Refusal},
    request::FloorRequest,
    view::ListState,
};

/// A decision that is being drafted.
pub(crate) struct Draft<'a> {
    pub(crate) floor: Floor,
    pub(crate) actor: &'a Actor,
    /// The person recorded as the author of the changes; none while automatic changes are drafted.
    by: Option<PersonId>,
    pub(crate) now: Moment,
    /// The request to which the command gives a place.
    pub(crate) latest: Option<RequestId>,
    /// The order that the events have announced so far.
    announced: Arc<Vec<RequestId>>,
    events: Vec<Event>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(floor: &Floor, actor: &'a Actor, now: Moment) -> Self {
        Self {
            floor: floor.clone(),
            actor,
            by: actor.person.clone(),
            now,
            latest: None,
            announced: Arc::clone(&floor.order),
            events: Vec::new(),
        }
    }

    /// Drafts a change that the actor makes.
    pub(crate) fn emit(&mut self, change: Change) {
        self.push(change, self.by.clone());
    }

    /// Drafts an automatic change, which has no author.
    pub(crate) fn emit_automatic(&mut self, change: Change) {
        self.push(change, None);
    }

    /// Drafts a change with that author.
    pub(crate) fn emit_as(&mut self, change: Change, by: Option<PersonId>) {
        self.push(change, by);
    }

    fn push(&mut self, change: Change, by: Option<PersonId>) {
        let event = Event { change, by };
        apply(&mut self.floor, &event);
        if matches!(event.change, Change::Order { .. } | Change::Undone { .. }) {
            self.announced = Arc::clone(&self.floor.order);
        }
        self.events.push(event);
    }

    /// The command is drafted; the changes from now on are automatic.
    pub(crate) fn detach_author(&mut self) {
        self.by = None;
    }

    /// The events, each request with the position it ends up at.
    pub(crate) fn finish(self) -> Vec<Event> {
        let Self {
            floor, mut events, ..
        } = self;
        for event in &mut events {
            for request in event.requests_mut() {
                request.position = floor.position(request);
            }
        }
        events
    }

    /// The events so far.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The number of events so far.
    pub(crate) fn event_count(&self) -> usize {
        self.events.len()
    }

    /// The person recorded as the author, for a request that keeps the name.
    pub(crate) fn by(&self) -> Option<PersonId> {
        self.by.clone()
    }

    /// The open request of that id.
    pub(crate) fn open(&self, id: RequestId) -> Result<FloorRequest, Refusal> {
        match self.floor.requests.get(id) {
            Some(entry) => Ok(entry.request(None)),
            None if (1..=self.floor.last_request).contains(&id.0) => Err(Refusal::new(
                Code::RequestClosed,
                format!("The request {id} has ended."),
            )),
            None => Err(Refusal::new(
                Code::NotFound,
                format!("There is no request {id} in this room."),
            )),
        }
    }

    /// Admits the acting chair, any moderator while the chair is empty, and the system.
    pub(crate) fn needs_chair(&self) -> Result<(), Refusal> {
        match (self.actor.scope, &self.floor.chair) {
            (Scope::System, _) | (Scope::Chair, None) => Ok(()),
            (Scope::Chair, chair) if *chair == self.actor.person => Ok(()),
            (Scope::Chair, Some(chair)) => Err(Refusal::new(
                Code::Forbidden,
                format!(
                    "{chair} is in the chair; ask for it to be handed over, or take it if it is empty."
                ),
            )),
            _ => Err(Refusal::new(Code::Forbidden, "Only the chair may do that.")),
        }
    }

    pub(crate) fn needs_system(&self) -> Result<(), Refusal> {
        match self.actor.scope {
            Scope::System => Ok(()),
            _ => Err(Refusal::new(
                Code::Forbidden,
                "Only the server itself says so.",
            )),
        }
    }

    /// Refuses a change of the order or of the holders while the list is adjourned.
    pub(crate) fn needs_sitting(&self) -> Result<(), Refusal> {
        match self.floor.list.state {
            ListState::Adjourned => Err(Refusal::new(
                Code::Conflict,
                "The meeting is adjourned; resume it before changing the order.",
            )),
            _ => Ok(()),
        }
    }

    /// Announces the next speaker (on deck), if that has changed.
    pub(crate) fn announce_on_deck(&mut self, before: Option<&PersonId>) {
        let person = self.floor.on_deck();
        if person != before {
            let person = person.cloned();
            self.emit_automatic(Change::OnDeck { person });
        }
    }

    /// Announces the order, if it is not the one announced last.
    pub(crate) fn announce_order(&mut self) {
        let order = if self.floor.list.state == ListState::Adjourned {
            self.floor.order.to_vec()
        } else {
            ordering::order(&self.floor, self.latest)
        };
        if order != *self.announced || order != *self.floor.order {
            self.emit_automatic(Change::Order {
                order,
                overrode: false,
            });
        }
    }
}
