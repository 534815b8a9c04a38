//! Chooses what of its source each slot carries, by the layers that arrive and by the bandwidth of the listener's path.

use std::time::Instant;

use plenary_scene::{PictureSize, Want};
use plenary_transport::outgoing::PacketClass;

use crate::{
    congestion::{Demand, Priority, allocate, total_demand},
    core::{Core, Outbox, TICK_INTERVAL},
    key::SessionKey,
    pressure::Degradation,
    quality::Quality,
    slot::{PADDING_BYTES, Slot, room_for},
};

impl Core {
    /// Chooses every slot's layer anew.
    pub(crate) fn choose_layers(&mut self, now: Instant, out: &mut Outbox) {
        let mut changed = Vec::new();
        let keys: Vec<SessionKey> = self.sessions.keys().collect();
        for key in keys {
            if self.choose_layers_of(key, now) {
                changed.push(key);
            }
        }
        for key in changed {
            self.announce(key, out);
        }
    }

    /// Chooses the layers of one listener's slots; returns whether any was paused, or is no longer.
    pub(crate) fn choose_layers_of(&mut self, key: SessionKey, now: Instant) -> bool {
        let Some(listener) = self.sessions.get(key) else {
            return false;
        };
        let (mut places, mut demands, mut voices) = (Vec::new(), Vec::new(), 0);
        let mut most_withheld = 0;
        for (at, slot) in listener.slots.iter().enumerate() {
            let mut offers = self.offers(slot, now);
            match priority(&slot.want) {
                Some(priority) if !offers.is_empty() => {
                    self.degrade(priority, &mut offers);
                    // Without an estimate, loss says what does not fit.
                    if listener.down.link.is_none() && slot.size() == PictureSize::Large {
                        let most = offers.len().saturating_sub(1);
                        most_withheld = most_withheld.max(most);
                        offers.drain(..listener.down.withheld.min(most));
                    }
                    places.push(at);
                    demands.push(Demand {
                        priority,
                        size: slot.size(),
                        offers,
                        now: slot.quality(),
                    });
                }
                Some(_) => {}
                None => voices += offers.first().map_or(0, |(_, rate)| *rate),
            }
        }
        let budget = listener.down.budget(now);
        let given = allocate(budget.map(|budget| budget.saturating_sub(voices)), &demands);
        let Some(listener) = self.sessions.get_mut(key) else {
            return false;
        };
        if most_withheld > 0 {
            listener.down.withheld = listener.down.withheld.min(most_withheld);
        }
        listener.down.wanted = total_demand(&demands).saturating_add(voices);
        let (mut needed, mut paused) = (Vec::new(), false);
        for (at, quality) in places.into_iter().zip(given) {
            let Some(slot) = listener.slots.get_mut(at) else {
                continue;
            };
            paused |= slot.paused != quality.is_none();
            if slot.carry(quality) {
                needed.extend(slot.assigned.zip(quality));
            }
        }
        for (source, quality) in needed {
            self.need_keyframe(source, Some(quality.layer));
        }
        paused
    }

    /// Leaves the layers that this worker can forward under the pressure that it is under.
    fn degrade(&self, priority: Priority, offers: &mut Vec<(Quality, u64)>) {
        match priority {
            Priority::Tile if self.degradation >= Degradation::NoTiles => offers.clear(),
            Priority::Stage | Priority::Screen if self.degradation >= Degradation::SmallStage => {
                let smallest = offers.last().map(|(quality, _)| quality.layer);
                offers.retain(|(quality, _)| Some(quality.layer) == smallest);
            }
            _ => {}
        }
    }

    /// What a slot could carry, best first.
    fn offers(&self, slot: &Slot, now: Instant) -> Vec<(Quality, u64)> {
        let Some((publisher, source)) = slot.assigned else {
            return Vec::new();
        };
        let publisher = self.sessions.get(publisher);
        let track = publisher.and_then(|publisher| publisher.track(source));
        track.map_or_else(Vec::new, |track| {
            track.offers(|codec| slot.decodes(codec), now)
        })
    }

    /// Sends padding to a listener while its path is probed for more bandwidth.
    pub(crate) fn pad(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
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
            .find(|slot| priority(&slot.want).is_some() && slot.twcc_extension.is_some());
        let (Some(slot), Some(sealer), Some(remote)) = (slot, &mut session.sealer, session.remote)
        else {
            return;
        };
        let per_tick = goal / 8 * u64::from(TICK_INTERVAL.subsec_millis()) / 1000;
        let mut due = usize::try_from(per_tick).unwrap_or(0).saturating_sub(sent);
        let room = room_for(usize::from(PADDING_BYTES));
        while due > 0 {
            let twcc = down.next_twcc(slot.twcc_extension);
            let mut length = 0;
            let pushed = out
                .batch
                .push(remote, PacketClass::Picture, room, |buffer| {
                    length = slot.write_padding(twcc?, sealer, buffer)?;
                    Some(length)
                });
            if !pushed {
                return;
            }
            down.sent(length, twcc, now);
            due = due.saturating_sub(length);
        }
        down.since_tick = 0;
    }
}

/// The priority of a slot's content; none for sound, which always flows.
fn priority(want: &Want) -> Option<Priority> {
    match want {
        Want::Stage => Some(Priority::Stage),
        Want::Screen => Some(Priority::Screen),
        Want::Tile | Want::TileOf(_) => Some(Priority::Tile),
        Want::Voice | Want::Language(_) | Want::Nothing => None,
    }
}
