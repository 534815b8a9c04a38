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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    began: Option<Moment>,
    ended: Option<Moment>,
}

impl Progress {
    /// Folds an event of the agenda, and ignores any other.
    pub(crate) fn apply(&mut self, event: &RoomEvent) {
        let (item, current) = match event {
            RoomEvent::AgendaStarted { item, .. } => (item, Some(item.id.clone())),
            RoomEvent::AgendaEnded { item, .. } => (item, None),
            _ => return,
        };
        let span = Span {
            began: item.began,
            ended: item.ended,
        };
        self.taken_up.insert(item.id.clone(), span);
        self.current = current;
    }

    /// The planned items with their progress.
    pub(crate) fn agenda(&self, planned: &[AgendaItem]) -> Agenda {
        Agenda {
            items: planned.iter().map(|item| self.item(item)).collect(),
            current: self.current.clone(),
        }
    }

    pub(crate) fn current(&self) -> Option<&ItemId> {
        self.current.as_ref()
    }

    /// A planned item with its progress.
    pub(crate) fn item(&self, planned: &AgendaItem) -> AgendaItem {
        let span = self.taken_up.get(&planned.id);
        AgendaItem {
            state: match span {
                None => ItemState::Planned,
                Some(_) if self.current.as_ref() == Some(&planned.id) => ItemState::On,
                Some(_) => ItemState::Done,
            },
            began: span.and_then(|span| span.began),
            ended: span.and_then(|span| span.ended),
            ..planned.clone()
        }
    }
}
