//! Which layer of its source each slot carries, by what arrives and by what its listener's path has room for.

use std::time::Instant;

use plenary_scene::{Source, Want};

use crate::{
    congestion::{Ask, Rank, allocate, whole},
    core::{Core, Outbox, TICK},
    session::Session,
    slot::{PADDING, Slot, room_for},
};

impl Core {
    /// Chooses every slot's layer anew.
    pub(crate) fn choose_layers(&mut self, now: Instant, out: &mut Outbox) {
        let mut changed = Vec::new();
        for key in 0..self.sessions.len() {
            if self.choose_layers_of(key, now)
                && let Some(session) = self.session(key)
            {
                changed.push(session.room.clone());
            }
        }
        changed.dedup();
        for room in changed {
            self.announce(&room, out);
        }
    }

    /// Chooses the layers of one listener's slots; answers whether any was paused, or is no longer.
    pub(crate) fn choose_layers_of(&mut self, key: usize, now: Instant) -> bool {
        let Some(mut listener) = self.sessions.get_mut(key).and_then(Option::take) else {
            return false;
        };
        let (mut places, mut asks, mut voices) = (Vec::new(), Vec::new(), 0);
        for (at, slot) in listener.slots.iter().enumerate() {
            let layers = self.offers(&listener, slot, now);
            match rank(&slot.want) {
                Some(rank) if !layers.is_empty() => {
                    places.push(at);
                    asks.push(Ask {
                        rank,
                        layers,
                        now: (!slot.paused).then_some(slot.layer),
                    });
                }
                Some(_) => {}
                None => voices += layers.first().map_or(0, |(_, rate)| *rate),
            }
        }
        let budget = listener.down.budget(now);
        let given = allocate(budget.map(|budget| budget.saturating_sub(voices)), &asks);
        listener.down.wanted = whole(&asks).saturating_add(voices);
        let (mut needed, mut paused) = (Vec::new(), false);
        for (at, layer) in places.into_iter().zip(given) {
            let Some(slot) = listener.slots.get_mut(at) else {
                continue;
            };
            paused |= slot.paused != layer.is_none();
            if slot.carry(layer) {
                needed.extend(slot.assigned.zip(layer));
            }
        }
        if let Some(place) = self.sessions.get_mut(key) {
            *place = Some(listener);
        }
        for (source, layer) in needed {
            self.need_keyframe(source, Some(layer));
        }
        paused
    }

    /// The layers that a slot could carry, best first.
    fn offers(&self, listener: &Session, slot: &Slot, now: Instant) -> Vec<(usize, u64)> {
        let Some((publisher, source)) = slot.assigned else {
            return Vec::new();
        };
        let publisher = self.sessions.get(publisher).and_then(Option::as_ref);
        let track = publisher
            .and_then(|publisher| publisher.tracks.iter().find(|track| track.source == source));
        let mut layers = track.map_or_else(Vec::new, |track| {
            track.offers(|codec| slot.decodes(codec), now)
        });
        // Without an estimate, loss says what does not fit.
        if listener.down.link.is_none() && slot.want != Want::Tile && source != Source::Microphone {
            let withheld = listener.down.withheld.min(layers.len().saturating_sub(1));
            layers.drain(..withheld);
        }
        layers
    }

    /// Loads a listener's path with padding while it is tried whether it carries more.
    pub(crate) fn pad(&mut self, key: usize, now: Instant, out: &mut Outbox) {
        let Some(session) = self.session(key) else {
            return;
        };
        let down = &mut session.down;
        let sent = std::mem::take(&mut down.since_tick);
        let Some(goal) = down
            .link
            .as_mut()
            .and_then(|link| down.probe.poll(link, down.wanted, now))
        else {
            return;
        };
        let slot = session
            .slots
            .iter_mut()
            .find(|slot| rank(&slot.want).is_some() && slot.mark.is_some());
        let (Some(slot), Some(sealer), Some(remote)) = (slot, &mut session.sealer, session.remote)
        else {
            return;
        };
        let per_tick = goal / 8 * u64::from(TICK.subsec_millis()) / 1000;
        let mut due = usize::try_from(per_tick).unwrap_or(0).saturating_sub(sent);
        let room = room_for(usize::from(PADDING));
        while due > 0 {
            let mark = down.mark(slot.mark);
            let mut length = 0;
            let pushed = out.batch.push(remote, room, |buffer| {
                length = slot.write_padding(mark?, sealer, buffer)?;
                Some(length)
            });
            if !pushed {
                return;
            }
            down.sent(length, mark, now);
            due = due.saturating_sub(length);
        }
        down.since_tick = 0;
    }
}

/// How important what a slot carries is; none for sound, which always flows.
fn rank(want: &Want) -> Option<Rank> {
    match want {
        Want::Stage => Some(Rank::Stage),
        Want::Screen => Some(Rank::Screen),
        Want::Tile => Some(Rank::Tile),
        Want::Voice | Want::Language(_) | Want::Nothing => None,
    }
}
