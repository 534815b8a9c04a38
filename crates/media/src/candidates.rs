//! The sources that may be shown in a room, and how they fill the slots of a listener.

use std::{collections::HashMap, time::Instant};

use plenary_ids::{Language, PersonId};
use plenary_scene::{Source, Want};
use plenary_transport::sdp::Codec;
use slotmap::SlotMap;

use crate::{
    api::UndecodableSource,
    key::{SessionKey, SourceKey},
    room::Room,
    session::Session,
    slot::{Slot, fill},
};

/// The sources that a room's scene allows and that arrive, by the slots that they may fill.
pub struct Candidates {
    stage: Vec<Candidate>,
    screens: Vec<Candidate>,
    voices: Vec<Candidate>,
    tiles: Vec<Candidate>,
    /// The voices for a listener with one line: participants on stage before a chair that may only be listening.
    floor: Vec<Candidate>,
    interpreted: HashMap<Language, Option<Candidate>>,
    /// The further languages of a recording, each while nobody interprets into it.
    recorded: HashMap<Language, Candidate>,
}

/// A source that flows and may be shown.
struct Candidate {
    person: PersonId,
    source: SourceKey,
    codecs: Vec<Codec>,
    /// Whether the server plays it, and no device of the person sends it.
    recorded: bool,
}

impl Candidate {
    /// Whether a slot's client decodes any of its layers.
    fn fits(&self, slot: &Slot) -> bool {
        self.codecs.is_empty() || self.codecs.iter().any(|codec| slot.decodes(*codec))
    }

    /// Whether a listener is to get it. Nobody gets the own devices back, and everybody a recording.
    fn is_for(&self, listener: &PersonId) -> bool {
        self.recorded || self.person != *listener
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
    /// The sources of a room now.
    pub fn of(room: &Room, sessions: &SlotMap<SessionKey, Session>, now: Instant) -> Self {
        let publishing = room.sessions.iter().filter_map(|key| {
            let session = sessions.get(*key)?;
            let of_floor = session.publishes && session.recorded_language().is_none();
            of_floor.then_some((&session.person, (*key, session)))
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
                    recorded: session.recording.is_some(),
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
        let recorded = room.sessions.iter().filter_map(|key| {
            let session = sessions.get(*key)?;
            let language = session.recorded_language()?;
            let track = session.track(Source::Microphone)?;
            let into = Want::Language(language.clone());
            let shown = session.may_flow(scene, Source::Microphone, &into);
            shown.then_some(())?;
            let candidate = Candidate {
                person: session.person.clone(),
                source: (*key, Source::Microphone),
                codecs: track.codecs(now).collect(),
                recorded: true,
            };
            Some((language.clone(), candidate))
        });
        Self {
            recorded: recorded.collect(),
            stage: find(&scene.stage, Source::Camera, &Want::Stage),
            screens: find(&scene.stage, Source::Screen, &Want::Screen),
            voices: find(&room.voices(), Source::Microphone, &Want::Voice),
            tiles: find(scene.gallery.people(), Source::Camera, &Want::Tile),
            floor: find(&floor, Source::Microphone, &Want::Voice),
            interpreted: interpreted.collect(),
        }
    }

    /// Assigns sources to the slots of a listener. The sources that are new in a slot are added to `begun`; the sources
    /// that the listener cannot decode are returned.
    pub fn fill(
        &self,
        session: &mut Session,
        begun: &mut Vec<SourceKey>,
    ) -> Vec<UndecodableSource> {
        let mut undecodable = Vec::new();
        let mut by_name: Vec<SourceKey> = Vec::new();
        for slot in &mut session.slots {
            let Want::TileOf(person) = &slot.want else {
                continue;
            };
            let candidate = self.tile_of(person).filter(|candidate| {
                candidate.is_for(&session.person) && !by_name.contains(&candidate.source)
            });
            let (fits, misfit): (Option<&Candidate>, Option<&Candidate>) = match candidate {
                Some(candidate) if candidate.fits(slot) => (Some(candidate), None),
                other => (None, other),
            };
            undecodable.extend(misfit.map(Candidate::undecodable));
            let source = fits.map(|candidate| candidate.source);
            by_name.extend(source);
            begun.extend(slot.change_to(source));
        }
        for want in session.wants() {
            let others: Vec<&Candidate> = self
                .of_want(&want)
                .filter(|candidate| candidate.is_for(&session.person))
                // What a slot carries by name is not repeated.
                .filter(|candidate| want != Want::Tile || !by_name.contains(&candidate.source))
                .collect();
            let sources: Vec<SourceKey> = others.iter().map(|it| it.source).collect();
            let slots = session.slots.iter_mut();
            let mut slots: Vec<&mut Slot> = slots.filter(|slot| slot.want == want).collect();
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
                begun.extend(slot.change_to(source));
            }
        }
        undecodable.dedup();
        undecodable
    }

    /// The camera of a participant that may be shown small.
    fn tile_of(&self, person: &PersonId) -> Option<&Candidate> {
        // The gallery is sorted by names.
        let place = self.tiles.binary_search_by(|it| it.person.cmp(person));
        let in_gallery = place.ok().and_then(|place| self.tiles.get(place));
        in_gallery.or_else(|| self.stage.iter().find(|it| it.person == *person))
    }

    fn of_want(&self, want: &Want) -> impl Iterator<Item = &Candidate> {
        let (many, one): (&[Candidate], Option<&Candidate>) = match want {
            Want::Stage => (&self.stage, None),
            Want::Screen => (&self.screens, None),
            Want::Voice => (&self.voices, None),
            Want::Tile => (&self.tiles, None),
            Want::Language(language) => match self.interpreted.get(language) {
                Some(interpreter) => (&[], interpreter.as_ref()),
                None => match self.recorded.get(language) {
                    Some(recorded) => (&[], Some(recorded)),
                    None => (&self.floor, None),
                },
            },
            // `tile_of` finds the picture of a named participant.
            Want::TileOf(_) | Want::Nothing => (&[], None),
        };
        many.iter().chain(one)
    }
}
