//! The progress of a room's agenda: which item is on, and which are done.

use std::collections::BTreeMap;

use plenary_ids::{ItemId, Moment};
use plenary_protocol::{Agenda, AgendaItem, ItemState, RoomEvent};
use serde::{Deserialize, Serialize};

/// The progress of the agenda, folded from the events. The planned items are in the conference file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    taken_up: BTreeMap<ItemId, Span>,
    current: Option<ItemId>,
    /// When the items that were postponed are due.
    #[serde(default)]
    postponed: BTreeMap<ItemId, Moment>,
    /// The current item as it was taken up: the file may have lost it since.
    #[serde(default)]
    on: Option<AgendaItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    began: Option<Moment>,
    ended: Option<Moment>,
}

impl Progress {
    /// Folds an event of the agenda, and ignores any other.
    pub(crate) fn apply(&mut self, event: &RoomEvent) {
        let (item, on) = match event {
            RoomEvent::AgendaStarted { item, .. } => (item, Some(item.clone())),
            RoomEvent::AgendaEnded { item, .. } => (item, None),
            RoomEvent::AgendaPostponed { item, .. } => {
                self.postponed
                    .extend(item.due.map(|due| (item.id.clone(), due)));
                return;
            }
            _ => return,
        };
        let span = Span {
            began: item.began,
            ended: item.ended,
        };
        self.taken_up.insert(item.id.clone(), span);
        self.current = on.as_ref().map(|on| on.id.clone());
        self.on = on;
    }

    /// The planned items with their progress, and the current one until it ends even if it is planned no more.
    pub(crate) fn agenda(&self, planned: &[AgendaItem]) -> Agenda {
        let mut all: Vec<AgendaItem> = planned.iter().map(|item| self.item(item)).collect();
        let is_planned = |on: &&AgendaItem| planned.iter().any(|item| item.id == on.id);
        all.extend(self.on.iter().filter(|on| !is_planned(on)).cloned());
        let (mut postponed, mut items): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|item| item.due.is_some());
        postponed.sort_by_key(AgendaItem::expected);
        for item in postponed {
            let later = items
                .iter()
                .position(|other| other.expected() > item.expected());
            items.insert(later.unwrap_or(items.len()), item);
        }
        let current = self.current.clone();
        Agenda {
            // A snapshot of an older server does not hold the item.
            current: current.filter(|id| items.iter().any(|item| item.id == *id)),
            items,
        }
    }

    pub(crate) fn current(&self) -> Option<&ItemId> {
        self.current.as_ref()
    }

    /// A planned item with its progress.
    fn item(&self, planned: &AgendaItem) -> AgendaItem {
        let span = self.taken_up.get(&planned.id);
        AgendaItem {
            state: match span {
                None => ItemState::Planned,
                Some(_) if self.current.as_ref() == Some(&planned.id) => ItemState::On,
                Some(_) => ItemState::Done,
            },
            due: self.postponed.get(&planned.id).copied(),
            began: span.and_then(|span| span.began),
            ended: span.and_then(|span| span.ended),
            ..planned.clone()
        }
    }
}
