//! What a room's scene means for its tracks and slots.
//!
//! Everything here runs between packets, so a packet finds
//! either the old arrangement or the new one, never a mixture.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering::Relaxed,
    time::Instant,
};

use plenary_ids::{Language, PersonId, RoomId};
use plenary_scene::{Shows, SlotShows, Source, Want};
use plenary_transport::sdp::Codec;
use slotmap::SlotMap;

use crate::{
    api::{MediaEvent, UndecodableSource},
    core::{Core, Outbox},
    key::{Listener, SessionKey, SourceKey},
    room::Room,
    session::Session,
    slot::{Slot, fill},
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
                track.set_gate(if session.publishes {
                    Gate::of(room.scene(), &session.person, track.source)
                } else {
                    Gate::default()
                });
                track.listeners.clear();
            }
        }
        let shown = Candidates::of(room, &self.sessions, now);
        let mut begun = Vec::new();
        for key in &room.sessions {
            let Some(session) = self.sessions.get_mut(*key) else {
                continue;
            };
            let mut undecodable: Vec<UndecodableSource> = Vec::new();
            for want in session.wants() {
                let others: Vec<&Candidate> = shown
                    .of_want(&want)
                    .filter(|candidate| candidate.person != session.person)
                    .collect();
                let sources: Vec<SourceKey> = others.iter().map(|it| it.source).collect();
                let mut slots: Vec<_> = session
                    .slots
                    .iter_mut()
                    .filter(|slot| slot.want == want)
                    .collect();
                let now_in: Vec<_> = slots.iter().map(|slot| slot.assigned).collect();
                let fits = |at: usize, source: SourceKey| {
                    let candidate = others.iter().find(|it| it.source == source);
                    slots
                        .get(at)
                        .zip(candidate)
                        .is_some_and(|(slot, candidate)| candidate.fits(slot))
                };
                let nowhere = |it: &&&Candidate| !slots.iter().any(|slot| it.fits(slot));
                undecodable.extend(others.iter().filter(nowhere).map(|it| it.undecodable()));
                let filled = fill(&now_in, &sources, fits);
                for (slot, source) in slots.iter_mut().zip(filled) {
                    if slot.assigned != source {
                        slot.assign(source);
                        begun.extend(source);
                    }
                }
            }
            undecodable.dedup();
            let new = undecodable
                .iter()
                .filter(|undecodable| !session.undecodable.contains(undecodable));
            self.counters
                .sources_not_decodable
                .fetch_add(new.count() as u64, Relaxed);
            session.undecodable = undecodable;
        }
        self.connect_slots(room_id);
        for key in self
            .rooms
            .get(room_id)
            .map(|room| room.sessions.clone())
            .unwrap_or_default()
        {
            self.choose_layers_of(key, now);
        }
        for source in begun {
            self.need_keyframe(source, None);
        }
        self.announce(room_id, out);
        self.request_room_keyframes(room_id, now, out);
    }

    /// Tells every track which slots carry it. Nothing gets into the list of a track's listeners but what the scene
    /// allows: this is where [`Scene::allows`](plenary_scene::Scene::allows) meets the way of a packet.
    fn connect_slots(&mut self, room_id: &RoomId) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        let mut carried: Vec<(SourceKey, Listener)> = Vec::new();
        for key in &room.sessions {
            let listener = self.sessions.get(*key);
            let Some(listener) = listener.filter(|it| it.sealer.is_some()) else {
                continue;
            };
            for (at, slot) in listener.slots.iter().enumerate() {
                let Some((publisher, source)) = slot.assigned else {
                    continue;
                };
                let allowed = self.sessions.get(publisher).is_some_and(|it| {
                    it.publishes && room.scene().allows(&it.person, source, &slot.want)
                });
                if allowed {
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

    /// Reports the slots that have changed.
    pub(crate) fn announce(&mut self, room_id: &RoomId, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        for key in &room.sessions {
            let Some(session) = self.sessions.get(*key) else {
                continue;
            };
            let person = |key: SessionKey| Some(self.sessions.get(key)?.person.clone());
            let slots: Vec<SlotShows> = session
                .slots
                .iter()
                .map(|slot| SlotShows {
                    mid: slot.mid.clone(),
                    shows: slot.assigned.and_then(|(key, source)| {
                        Some(Shows {
                            participant: person(key)?,
                            source,
                            stage: match &slot.want {
                                Want::Tile | Want::Nothing => false,
                                Want::Language(language) => {
                                    !room.scene().channels.contains_key(language)
                                }
                                Want::Voice | Want::Stage | Want::Screen => true,
                            },
                            paused: slot.paused,
                        })
                    }),
                })
                .collect();
            if slots != session.announced && session.sealer.is_some() {
                let told = slots.clone();
                out.events
                    .push((session.id, MediaEvent::Slots { slots: told }));
                if let Some(session) = self.sessions.get_mut(*key) {
                    session.announced = slots;
                }
            }
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

    /// A keyframe is needed of one layer of a source, or of those that its listeners are to get.
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
            let change = session.flow_change(now);
            out.events.extend(change.map(|event| (session.id, event)));
            let mut any = false;
            for track in &mut session.tracks {
                let live = track.arrives(now);
                any |= std::mem::replace(&mut track.was_live, live) != live;
            }
            if any {
                let sources = session
                    .tracks
                    .iter()
                    .filter(|track| track.was_live)
                    .map(|track| track.source)
                    .collect();
                out.events
                    .push((session.id, MediaEvent::Publishing { sources }));
                changed.push(session.room.clone());
            }
        }
        changed.dedup();
        for room in changed {
            self.arrange(&room, now, out);
        }
        self.choose_layers(now, out);
    }
}

/// Of each person's sessions, the one that publishes.
fn publishers(room: &Room, sessions: &SlotMap<SessionKey, Session>) -> HashSet<SessionKey> {
    let mut last: HashMap<&PersonId, (u64, SessionKey)> = HashMap::new();
    for key in &room.sessions {
        let Some(session) = sessions.get(*key) else {
            continue;
        };
        if let Some(told) = session.publish_generation {
            let of_person = last.entry(&session.person).or_insert((told, *key));
            *of_person = (*of_person).max((told, *key));
        }
    }
    last.into_values().map(|(_, key)| key).collect()
}

/// The sources that a room's scene allows and that arrive, by the slots that they may fill.
struct Candidates {
    stage: Vec<Candidate>,
    screens: Vec<Candidate>,
    voices: Vec<Candidate>,
    tiles: Vec<Candidate>,
    /// The voices for a listener with one line: participants on stage before a chair that may only be listening.
    floor: Vec<Candidate>,
    interpreted: HashMap<Language, Option<Candidate>>,
}

/// A source that flows and may be shown.
struct Candidate {
    person: PersonId,
    source: SourceKey,
    codecs: Vec<Codec>,
}

impl Candidate {
    /// Whether a slot's client decodes any of its layers.
    fn fits(&self, slot: &Slot) -> bool {
        self.codecs.is_empty() || self.codecs.iter().any(|codec| slot.decodes(*codec))
    }

    fn undecodable(&self) -> UndecodableSource {
        UndecodableSource {
            participant: self.person.clone(),
            source: self.source.1,
            codec: self.codecs.first().map_or("", |codec| codec.name()),
        }
    }
}

impl Candidates {
    fn of(room: &Room, sessions: &SlotMap<SessionKey, Session>, now: Instant) -> Self {
        let publishing = room.sessions.iter().filter_map(|key| {
            let session = sessions.get(*key)?;
            session
                .publishes
                .then_some((&session.person, (*key, session)))
        });
        let publishing: HashMap<&PersonId, (SessionKey, &Session)> = publishing.collect();
        let find = |people: &[PersonId], source: Source, into: &Want| -> Vec<Candidate> {
            let candidate = |person: &PersonId| {
                let (key, session) = publishing.get(person)?;
                let track = session.track(source)?;
                let shown = track.is_live(now) && room.scene().allows(person, source, into);
                shown.then_some(())?;
                Some(Candidate {
                    person: person.clone(),
                    source: (*key, source),
                    codecs: track.codecs(now).collect(),
                })
            };
            people.iter().filter_map(candidate).collect()
        };
        let scene = room.scene();
        let mut floor: Vec<PersonId> = scene.stage.clone();
        let off_stage = scene.voices.iter().filter(|it| !scene.stage.contains(it));
        floor.extend(off_stage.cloned());
        let interpreted = scene.channels.iter().map(|(language, interpreter)| {
            let into = Want::Language(language.clone());
            let interpreter = interpreter.as_slice();
            let voice = find(interpreter, Source::Microphone, &into).pop();
            (language.clone(), voice)
        });
        Self {
            stage: find(&scene.stage, Source::Camera, &Want::Stage),
            screens: find(&scene.stage, Source::Screen, &Want::Screen),
            voices: find(&scene.voices, Source::Microphone, &Want::Voice),
            tiles: find(scene.gallery.people(), Source::Camera, &Want::Tile),
            floor: find(&floor, Source::Microphone, &Want::Voice),
            interpreted: interpreted.collect(),
        }
    }

    fn of_want(&self, want: &Want) -> impl Iterator<Item = &Candidate> {
        let (many, one): (&[Candidate], Option<&Candidate>) = match want {
            Want::Stage => (&self.stage, None),
            Want::Screen => (&self.screens, None),
            Want::Voice => (&self.voices, None),
            Want::Tile => (&self.tiles, None),
            Want::Language(language) => match self.interpreted.get(language) {
                Some(interpreter) => (&[], interpreter.as_ref()),
                None => (&self.floor, None),
            },
            Want::Nothing => (&[], None),
        };
        many.iter().chain(one)
    }
}
