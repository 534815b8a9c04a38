//! What a room's scene means for its tracks and slots.
//!
//! Everything here runs between packets, so a packet finds either the old arrangement or the new one, never a mixture.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering::Relaxed,
    time::Instant,
};

use plenary_ids::{Language, PersonId, RoomId};
use plenary_scene::{Shows, SlotShows, Source, Want};
use plenary_transport::sdp::Codec;

use crate::{
    api::{Lack, MediaEvent},
    core::{Core, Outbox},
    room::Room,
    session::Session,
    slot::{Slot, SourceKey, fill},
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
            let Some(session) = self.sessions.get_mut(*key).and_then(Option::as_mut) else {
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
        let shown = Shown::of(room, &self.sessions, now);
        let mut begun = Vec::new();
        for key in &room.sessions {
            let Some(session) = self.sessions.get_mut(*key).and_then(Option::as_mut) else {
                continue;
            };
            let mut lacks: Vec<Lack> = Vec::new();
            for want in session.wants() {
                let others: Vec<&Showable> = shown
                    .of_want(&want)
                    .filter(|showable| showable.person != session.person)
                    .collect();
                let sources: Vec<SourceKey> = others.iter().map(|it| it.source).collect();
                let mut slots: Vec<_> = session
                    .slots
                    .iter_mut()
                    .filter(|slot| slot.want == want)
                    .collect();
                let now_in: Vec<_> = slots.iter().map(|slot| slot.assigned).collect();
                let fits = |at: usize, source: SourceKey| {
                    let showable = others.iter().find(|it| it.source == source);
                    slots
                        .get(at)
                        .zip(showable)
                        .is_some_and(|(slot, showable)| showable.fits(slot))
                };
                let nowhere = |it: &&&Showable| !slots.iter().any(|slot| it.fits(slot));
                lacks.extend(others.iter().filter(nowhere).map(|it| it.lack()));
                let filled = fill(&now_in, &sources, fits);
                for (slot, source) in slots.iter_mut().zip(filled) {
                    if slot.assigned != source {
                        slot.assign(source);
                        begun.extend(source);
                    }
                }
            }
            lacks.dedup();
            let new = lacks.iter().filter(|lack| !session.lacks.contains(lack));
            self.counters
                .sources_not_decodable
                .fetch_add(new.count() as u64, Relaxed);
            session.lacks = lacks;
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
        self.ask_keyframes(room_id, now, out);
    }

    /// Tells every track which slots carry it. Nothing gets into the list of a track's listeners but what the scene
    /// allows: this is where [`Scene::allows`](plenary_scene::Scene::allows) meets the way of a packet.
    fn connect_slots(&mut self, room_id: &RoomId) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        for key in &room.sessions {
            let Some(listener) = self.sessions.get_mut(*key).and_then(Option::take) else {
                continue;
            };
            if listener.sealer.is_some() {
                for (at, slot) in listener.slots.iter().enumerate() {
                    let Some((publisher, source)) = slot.assigned else {
                        continue;
                    };
                    let publisher = self.sessions.get_mut(publisher).and_then(Option::as_mut);
                    let allowed = publisher.filter(|publisher| {
                        let participant = &publisher.person;
                        publisher.publishes && room.scene().allows(participant, source, &slot.want)
                    });
                    let track = allowed.and_then(|publisher| {
                        publisher
                            .tracks
                            .iter_mut()
                            .find(|track| track.source == source)
                    });
                    if let Some(track) = track {
                        track.listeners.push((*key, at));
                    }
                }
            }
            if let Some(place) = self.sessions.get_mut(*key) {
                *place = Some(listener);
            }
        }
    }

    /// Reports the slots that have changed.
    pub(crate) fn announce(&mut self, room_id: &RoomId, out: &mut Outbox) {
        let Some(room) = self.rooms.get(room_id) else {
            return;
        };
        for key in &room.sessions {
            let Some(session) = self.sessions.get(*key).and_then(Option::as_ref) else {
                continue;
            };
            let person = |key: usize| Some(self.sessions.get(key)?.as_ref()?.person.clone());
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
                out.events.push(MediaEvent::Slots {
                    session: session.id,
                    slots: slots.clone(),
                });
                if let Some(session) = self.sessions.get_mut(*key).and_then(Option::as_mut) {
                    session.announced = slots;
                }
            }
        }
    }

    /// A listener has just connected: everything that its slots carry must begin anew.
    pub(crate) fn want_keyframes(&mut self, key: usize) {
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
        let Some(session) = self.sessions.get(key).and_then(Option::as_ref) else {
            return;
        };
        let Some(track) = session.tracks.iter().find(|track| track.source == source) else {
            return;
        };
        if source == Source::Microphone {
            return;
        }
        let layers: Vec<usize> = if let Some(layer) = layer {
            vec![layer]
        } else {
            let wanted = |(key, slot): &(usize, usize)| {
                Some(self.sessions.get(*key)?.as_ref()?.slots.get(*slot)?.layer)
            };
            track.listeners.iter().filter_map(wanted).collect()
        };
        let Some(session) = self.session(key) else {
            return;
        };
        let Some(track) = session
            .tracks
            .iter_mut()
            .find(|track| track.source == source)
        else {
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
        for session in self.sessions.iter_mut().flatten() {
            out.events.extend(session.turns(now));
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
                out.events.push(MediaEvent::Publishing {
                    session: session.id,
                    sources,
                });
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
fn publishers(room: &Room, sessions: &[Option<Session>]) -> HashSet<usize> {
    let mut last: HashMap<&PersonId, (u64, usize)> = HashMap::new();
    for key in &room.sessions {
        let Some(session) = sessions.get(*key).and_then(Option::as_ref) else {
            continue;
        };
        if let Some(told) = session.told_to_publish {
            let of_person = last.entry(&session.person).or_insert((told, *key));
            *of_person = (*of_person).max((told, *key));
        }
    }
    last.into_values().map(|(_, key)| key).collect()
}

/// What a room's scene comes to, given who sends.
struct Shown {
    stage: Vec<Showable>,
    screens: Vec<Showable>,
    voices: Vec<Showable>,
    tiles: Vec<Showable>,
    /// The voices for those with one line: who is on stage before a chair that may only be listening.
    floor: Vec<Showable>,
    interpreted: HashMap<Language, Option<Showable>>,
}

/// A source that flows and may be shown.
struct Showable {
    person: PersonId,
    source: SourceKey,
    codecs: Vec<Codec>,
}

impl Showable {
    /// Whether a slot's client decodes any of its layers.
    fn fits(&self, slot: &Slot) -> bool {
        self.codecs.is_empty() || self.codecs.iter().any(|codec| slot.decodes(*codec))
    }

    fn lack(&self) -> Lack {
        Lack {
            participant: self.person.clone(),
            source: self.source.1,
            codec: self.codecs.first().map_or("", |codec| codec.name()),
        }
    }
}

impl Shown {
    fn of(room: &Room, sessions: &[Option<Session>], now: Instant) -> Self {
        let publishing = room.sessions.iter().filter_map(|key| {
            let session = sessions.get(*key)?.as_ref()?;
            session
                .publishes
                .then_some((&session.person, (*key, session)))
        });
        let publishing: HashMap<&PersonId, (usize, &Session)> = publishing.collect();
        let find = |people: &[PersonId], source: Source, into: &Want| -> Vec<Showable> {
            let showable = |person: &PersonId| {
                let (key, session) = publishing.get(person)?;
                let track = session.tracks.iter().find(|track| {
                    track.source == source
                        && track.is_live(now)
                        && room.scene().allows(person, source, into)
                })?;
                Some(Showable {
                    person: person.clone(),
                    source: (*key, source),
                    codecs: track.codecs(now).collect(),
                })
            };
            people.iter().filter_map(showable).collect()
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

    fn of_want(&self, want: &Want) -> impl Iterator<Item = &Showable> {
        let (many, one): (&[Showable], Option<&Showable>) = match want {
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
