//! Brings the tracks and slots of a room in line with its scene.
//!
//! Everything here runs between packets, so a packet finds
//! either the old arrangement or the new one, never a mixture.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Instant,
};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{PauseCause, Shows, SlotShows, Source, Want};
use slotmap::SlotMap;

use crate::{
    api::MediaEvent,
    candidates::Candidates,
    core::{Core, Outbox},
    key::{Listener, SessionKey, SourceKey},
    loudest::{Speaker, VOICES_HEARD, differs, order},
    room::Room,
    session::Session,
    slot::Slot,
    source::Gate,
};

impl Core {
    /// Brings a room's tracks and slots in line with its scene: first what is taken away, then the rest.
    pub(crate) fn arrange(&mut self, room_id: &RoomId, now: Instant, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        let publishers = publishers(room, &self.sessions);
        for key in &room.sessions {
            let Some(session) = self.sessions.get_mut(*key) else {
                continue;
            };
            session.publishes = publishers.contains(key);
            for track in &mut session.tracks {
                let beside = session.recording.as_ref().and_then(|it| it.beside.as_ref());
                track.set_gate(match beside {
                    _ if !session.publishes => Gate::default(),
                    Some((language, _)) => {
                        Gate::of_language(room.scene(), &session.person, language)
                    }
                    None => Gate::of(room.scene(), &session.person, track.source),
                });
                track.spread = !room.others.is_empty() && session.mirror.is_none();
                track.listeners.clear();
            }
        }
        let shown = Candidates::of(room, &self.sessions, now);
        let listeners = room.sessions.clone();
        self.arrange_takes(room_id, now);
        self.fill_slots(room_id, &listeners, &shown, now, out);
        self.describe(room_id, now, out);
    }

    /// Brings the slots of one listener in line with what it wants.
    pub(crate) fn arrange_listener(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let Some(room_id) = self.sessions.get(key).map(|it| it.room.clone()) else {
            return;
        };
        let Some(room) = self.rooms.get(&room_id) else {
            return;
        };
        for other in &room.sessions {
            let tracks = self.sessions.get_mut(*other).map(|it| &mut it.tracks);
            for track in tracks.into_iter().flatten() {
                track.listeners.retain(|(listener, _)| *listener != key);
            }
        }
        let shown = Candidates::of(room, &self.sessions, now);
        self.fill_slots(&room_id, &[key], &shown, now, out);
    }

    /// Fills the slots of these listeners, of whom no track has a slot in its list.
    fn fill_slots(
        &mut self,
        room_id: &RoomId,
        listeners: &[SessionKey],
        shown: &Candidates,
        now: Instant,
        out: &mut Outbox,
    ) {
        let mut begun = Vec::new();
        for key in listeners {
            let Some(session) = self.sessions.get_mut(*key) else {
                continue;
            };
            let undecodable = shown.fill(session, &mut begun);
            let new = undecodable
                .iter()
                .filter(|undecodable| !session.undecodable.contains(undecodable));
            self.counters
                .sources_not_decodable
                .fetch_add(new.count() as u64, Relaxed);
            session.undecodable = undecodable;
        }
        self.connect_slots(room_id, listeners);
        for key in listeners {
            self.choose_layers_of(*key, now);
        }
        for source in begun {
            self.need_keyframe(source, None);
        }
        for key in listeners {
            self.announce(*key, out);
        }
        self.request_room_keyframes(room_id, now, out);
    }

    /// Lists for every track the slots of these listeners that carry it. Only slots that the scene allows, by
    /// [`Session::may_flow`], get into that list, so no packet needs to ask the scene again.
    fn connect_slots(&mut self, room_id: &RoomId, listeners: &[SessionKey]) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        let mut carried: Vec<(SourceKey, Listener)> = Vec::new();
        for key in listeners {
            let listener = self.sessions.get(*key);
            let Some(listener) = listener.filter(|it| it.sealer.is_some()) else {
                continue;
            };
            for (at, slot) in listener.slots.iter().enumerate() {
                let Some((publisher, source)) = slot.assigned else {
                    continue;
                };
                let publisher_session = self.sessions.get(publisher);
                if publisher_session.is_some_and(|it| it.may_flow(room.scene(), source, &slot.want))
                {
                    carried.push(((publisher, source), (*key, at)));
                }
            }
        }
        for ((publisher, source), listener) in carried {
            let publisher = self.sessions.get_mut(publisher);
            if let Some(track) = publisher.and_then(|it| it.track_mut(source)) {
                track.listeners.push(listener);
            }
        }
    }

    /// Reports the slots of a listener, if they have changed or it has asked for something.
    pub(crate) fn announce(&mut self, key: SessionKey, out: &mut Outbox) {
        let Some(session) = self.sessions.get(key).filter(|it| it.sealer.is_some()) else {
            return;
        };
        let Some(room) = self.rooms.get(&session.room) else {
            return;
        };
        let shows = |slot: &Slot| {
            let (publisher, source) = slot.assigned?;
            let publisher = self.sessions.get(publisher)?;
            Some(Shows {
                participant: publisher.person.clone(),
                source,
                language: publisher.recorded_language().cloned(),
                stage: match &slot.want {
                    Want::Tile | Want::TileOf(_) | Want::Nothing => false,
                    Want::Language(language) => {
                        let is_floor = publisher.recorded_language().is_none();
                        is_floor && !room.scene().channels.contains_key(language)
                    }
                    Want::Voice | Want::Stage | Want::Screen => true,
                },
                paused: slot.paused,
                cause: slot.paused.then_some(PauseCause::Bandwidth),
            })
        };
        let is_known = |(slot, known): (&Slot, &SlotShows)| {
            known.mid == slot.mid && known.shows == shows(slot)
        };
        let mut pairs = session.slots.iter().zip(&session.announced);
        let is_current = session.slots.len() == session.announced.len() && pairs.all(is_known);
        if is_current && !session.announcement_due {
            return;
        }
        let announced = session.slots.iter().map(|slot| SlotShows {
            mid: slot.mid.clone(),
            shows: shows(slot),
        });
        let slots: Vec<SlotShows> = announced.collect();
        if let Some(session) = self.sessions.get_mut(key) {
            session.announced.clone_from(&slots);
            session.announcement_due = false;
            out.events.push((session.id, MediaEvent::Slots { slots }));
        }
    }

    /// A listener has just connected: everything that its slots carry must begin anew.
    pub(crate) fn want_keyframes(&mut self, key: SessionKey) {
        let Some(session) = self.session(key) else {
            return;
        };
        let sources: Vec<_> = session
            .slots
            .iter()
            .filter_map(|slot| Some((slot.assigned?, slot.layer)))
            .collect();
        for (source, layer) in sources {
            self.need_keyframe(source, Some(layer));
        }
    }

    /// Notes that a keyframe is needed of one layer of a source, or of every layer that a listener is to get.
    pub(crate) fn need_keyframe(&mut self, (key, source): SourceKey, layer: Option<usize>) {
        if source == Source::Microphone {
            return;
        }
        let Some(track) = self.sessions.get(key).and_then(|it| it.track(source)) else {
            return;
        };
        let layers: Vec<usize> = if let Some(layer) = layer {
            vec![layer]
        } else {
            let wanted = |(key, slot): &Listener| {
                let listener = self.sessions.get(*key)?;
                Some(listener.slots.get(*slot)?.layer)
            };
            track.listeners.iter().filter_map(wanted).collect()
        };
        let Some(track) = self.session(key).and_then(|it| it.track_mut(source)) else {
            return;
        };
        for layer in layers {
            if let Some(layer) = track.layers.get_mut(layer) {
                layer.need_keyframe();
            }
        }
    }

    /// Notices sources that began or stopped, and layers that came or went.
    pub(crate) fn look_at_sources(&mut self, now: Instant, out: &mut Outbox) {
        let mut changed = Vec::new();
        for session in self.sessions.values_mut() {
            let is_ours = session.mirror.is_none();
            if is_ours {
                let change = session.flow_change(now);
                out.events.extend(change.map(|event| (session.id, event)));
                let change = session.received_change(now);
                out.events.extend(change.map(|event| (session.id, event)));
            }
            let arriving = session.tracks.iter().filter(|track| track.arrives(now));
            let sources: Vec<Source> = arriving.map(|track| track.source).collect();
            if sources != session.arriving {
                session.arriving.clone_from(&sources);
                if is_ours {
                    out.events
                        .push((session.id, MediaEvent::Publishing { sources }));
                }
                changed.push(session.room.clone());
            }
        }
        changed.dedup();
        for room in changed {
            self.arrange(&room, now, out);
        }
        self.choose_layers(now, out);
    }

    /// Where more people may speak than are heard, has the loudest of those who speak be heard.
    pub(crate) fn look_for_the_loudest(&mut self, now: Instant, out: &mut Outbox) {
        let mut changed = Vec::new();
        for (room_id, room) in &mut self.rooms {
            if room.scene().voices.len() <= VOICES_HEARD {
                room.heard.clear();
                continue;
            }
            let speaker = |key: &SessionKey| {
                let session = self.sessions.get(*key).filter(|it| it.publishes)?;
                let track = session.track(Source::Microphone)?;
                track.gate.reach.is_some().then(|| Speaker {
                    person: session.person.clone(),
                    // A recording has no levels, and is what everybody is to hear.
                    speaks: session.recording.is_some() || track.voice.may_speak(now),
                    loudness: if session.recording.is_some() {
                        u8::MAX
                    } else {
                        track.voice.loudness()
                    },
                })
            };
            let speakers: Vec<Speaker> = room.sessions.iter().filter_map(speaker).collect();
            let before = room.voices();
            let order = order(&speakers, &before);
            if differs(&order, &before) {
                room.heard = order;
                changed.push(room_id.clone());
            }
        }
        for room in changed {
            self.arrange(&room, now, out);
        }
    }

    /// Tells everybody in a room who of those that are heard speaks, if that has changed.
    pub(crate) fn look_at_voices(&mut self, now: Instant, out: &mut Outbox) {
        for room in self.rooms.values_mut() {
            let speak = room.sessions.iter().filter_map(|key| {
                let session = self.sessions.get(*key).filter(|it| it.publishes)?;
                let track = session.track(Source::Microphone)?;
                let heard = track.gate.reach.is_some() && track.voice.speaks(now);
                heard.then_some(&session.person)
            });
            let speak: HashSet<&PersonId> = speak.collect();
            let voices = room.scene().voices.iter();
            let speaking: Vec<PersonId> = voices.filter(|it| speak.contains(it)).cloned().collect();
            if *room.speaking != *speaking {
                room.speaking = speaking.into();
            }
            for key in &room.sessions {
                let listener = self.sessions.get_mut(*key);
                let Some(listener) = listener.filter(|it| it.sealer.is_some()) else {
                    continue;
                };
                if *listener.told_speaking != *room.speaking {
                    let participants = Arc::clone(&room.speaking);
                    listener.told_speaking = Arc::clone(&participants);
                    let event = MediaEvent::Speaking { participants };
                    out.events.push((listener.id, event));
                }
            }
        }
    }
}

/// The session of each person that publishes, and those of the further languages of a recording that does.
fn publishers(room: &Room, sessions: &SlotMap<SessionKey, Session>) -> HashSet<SessionKey> {
    // A recording that is played for a person goes before the person's devices.
    let mut last: HashMap<&PersonId, (bool, u64, SessionKey)> = HashMap::new();
    for key in &room.sessions {
        let of_floor = |it: &&Session| it.recorded_language().is_none();
        let Some(session) = sessions.get(*key).filter(of_floor) else {
            continue;
        };
        if let Some(told) = session.publish_generation {
            let of_session = (session.recording.is_some(), told, *key);
            let of_person = last.entry(&session.person).or_insert(of_session);
            *of_person = (*of_person).max(of_session);
        }
    }
    let mut publishers: HashSet<SessionKey> = last.into_values().map(|(_, _, key)| key).collect();
    let beside = room.sessions.iter().filter(|key| {
        let recording = sessions.get(**key).and_then(|it| it.recording.as_ref());
        let beside = recording.and_then(|it| it.beside.as_ref());
        beside.is_some_and(|(_, main)| publishers.contains(main))
    });
    let beside: Vec<SessionKey> = beside.copied().collect();
    publishers.extend(beside);
    publishers
}
