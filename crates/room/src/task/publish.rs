//! What is recorded is told: to the devices, to those who asked, and to the media plane.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_protocol::{CloseCode, Participant, Problem, SessionId};

use super::{
    Device, Kept, Room,
    batch::{Arrival, Deferred, InFlight, Newcomer},
    sent_out,
};
use crate::{Attached, Gallery, Outgoing, Resumption, RoomConfig, Scene, outbox};

/// How long the media plane may take to shrink before the room goes on without its word, and says so in the log.
const SHRINK_TIMEOUT: Duration = Duration::from_secs(2);

impl Room {
    /// Announces events, answers what was asked, and lets flow what is allowed from now on.
    pub(super) async fn publish(&mut self, flown: InFlight) {
        let InFlight {
            batch,
            kept,
            scene,
            channels,
            ..
        } = flown;
        if let Some(channels) = channels {
            self.tell_channels(channels);
        }
        let tidings = Tidings::of(&kept);
        self.announce(&tidings);
        // Whoever leaves by what is not recorded yet is here until that is.
        let still_here = self.under_way().flat_map(|next| &next.leaving);
        for (device, until, _) in batch.leaving.iter().chain(still_here) {
            if let Some(texts) = tidings.for_device(device, *until, &self.config) {
                device.outbox.send(Outgoing::Events(texts));
            }
        }
        for (device, _, code) in batch.leaving {
            device.outbox.close(code);
        }
        for kept in kept {
            self.remember(kept);
        }
        for answer in batch.answers {
            self.answer(answer).await;
        }
        // What the next batches take away has stopped, and stays so.
        let next = self.in_flight.iter().map(|next| &next.scene);
        let scene = next.fold(scene, |scene, next| scene.shrunk_to(next));
        self.grow_to(scene).await;
    }

    /// Answers one who asked, who may be gone by now.
    pub(super) async fn answer(&mut self, answer: Deferred) {
        match answer {
            Deferred::Reply(reply, answer) | Deferred::Again(reply, answer) => {
                drop(answer.send(reply));
            }
            Deferred::Seat(newcomer, answer) => {
                let session = newcomer.session.clone();
                let attached = self.seated(newcomer).await;
                // A connection that ended while it waited leaves no seat behind.
                if let Err(Ok(_)) = answer.send(attached) {
                    self.departed.push(session);
                }
            }
            Deferred::NoSeat(problem, answer) => drop(answer.send(Err(problem))),
            Deferred::Snapshot(reader, room, answer) => {
                let room = room.unwrap_or_else(|| self.snapshot_for(&reader));
                drop(answer.send(room));
            }
            Deferred::Events(reader, after, answer) => {
                let events = match self.member(&reader) {
                    Ok(member) => self.history(&member, after).await,
                    Err(problem) => Err(problem),
                };
                drop(answer.send(events));
            }
            Deferred::Tell(outbox, outgoing) => drop(outbox.send(outgoing)),
            Deferred::Close(outbox, code) => outbox.close(code),
        }
    }

    /// A newcomer knows the room as it was when he came in, and is told what has happened since.
    async fn seated(&mut self, newcomer: Newcomer) -> Result<Attached, Problem> {
        let Newcomer {
            session,
            member,
            publishing,
            seq,
            arrival,
            outbox,
        } = newcomer;
        let resumption = match arrival {
            Arrival::Room(room) => Ok(Resumption::Snapshot(room)),
            Arrival::Since(known) => {
                let missed = self.missed(&member, known, seq).await;
                missed.map(Resumption::Events)
            }
        };
        // Sent out before he had sat down.
        let here = self.present.devices.contains_key(&session);
        if !here || resumption.is_err() {
            self.departed.push(session.clone());
        }
        if !here {
            return Err(sent_out());
        }
        Ok(Attached {
            session,
            seq,
            member,
            publishing,
            resumption: resumption?,
            outbox,
        })
    }

    /// Sends events to everybody.
    fn announce(&mut self, tidings: &Tidings<'_>) {
        let mut too_slow: Vec<SessionId> = Vec::new();
        for (session, device) in &self.present.devices {
            if let Some(texts) = tidings.for_device(device, Seq(u64::MAX), &self.config)
                && !device.outbox.send(Outgoing::Events(texts))
            {
                too_slow.push(session.clone());
            }
        }
        // Their connections end, and come back as a detach, which frees the seat; here they only stop being sent to.
        for session in too_slow {
            if let Some(device) = self.present.devices.get_mut(&session) {
                let (closed, _) = outbox::outbox();
                std::mem::replace(&mut device.outbox, closed).close(CloseCode::RateLimited);
                device.told = Seq(u64::MAX);
            }
        }
    }

    /// Stops what a scene does not allow.
    pub(super) async fn shrink_to(&mut self, scene: &Scene) {
        let shrunk = self.scene.shrunk_to(scene);
        if shrunk != self.scene {
            self.show(shrunk).await;
        }
    }

    /// Lets flow what a scene allows.
    pub(super) async fn grow_to(&mut self, scene: Scene) {
        if scene != self.scene {
            self.show(scene).await;
        }
    }

    /// What the state allows. The gallery is looked through anew when somebody has come or gone, or the chair changed.
    pub(super) fn allowed(&mut self) -> Scene {
        let participants = &self.state.participants;
        let chair = self.state.seated_chair();
        let seen = self
            .gallery
            .as_ref()
            .filter(|it| Arc::ptr_eq(&it.participants, participants) && it.chair.as_ref() == chair);
        let gallery = if let Some(seen) = seen {
            seen.gallery.clone()
        } else {
            let new = self.state.gallery(&self.config);
            // One that has not changed stays the one that the media plane knows.
            let known = &self.scene.gallery;
            let gallery = if new == *known { known.clone() } else { new };
            self.gallery = Some(SeenGallery {
                participants: Arc::clone(participants),
                chair: chair.cloned(),
                gallery: gallery.clone(),
            });
            gallery
        };
        self.state.scene(&self.config, gallery)
    }

    async fn show(&mut self, scene: Scene) {
        self.epoch += 1;
        let shown = self.stage.show(&self.config.id, self.epoch, scene.clone());
        if tokio::time::timeout(SHRINK_TIMEOUT, shown).await.is_err() {
            tracing::error!(room = %self.config.id, epoch = self.epoch, "the media plane does not answer");
        }
        self.scene = scene;
    }

    /// The end: every connection is closed, and nothing flows.
    pub(super) async fn close(&mut self) {
        for (_, device) in std::mem::take(&mut self.present.devices) {
            device.outbox.close(CloseCode::Draining);
        }
        self.show(Scene::default()).await;
    }
}

/// A gallery, and of whom it is.
pub(super) struct SeenGallery {
    participants: Arc<BTreeMap<PersonId, Participant>>,
    chair: Option<PersonId>,
    gallery: Gallery,
}

/// What a batch has to tell.
struct Tidings<'a> {
    kept: &'a [Kept],
    /// The texts in one piece, where everybody may read all of them: this is handed out a thousand times for a grant.
    for_all: Option<Arc<[Bytes]>>,
}

impl<'a> Tidings<'a> {
    fn of(kept: &'a [Kept]) -> Self {
        let for_all = kept.iter().map(|kept| kept.for_all().cloned()).collect();
        Self { kept, for_all }
    }

    /// What a device does not know yet, up to a place; none if there is nothing.
    fn for_device(&self, device: &Device, until: Seq, config: &RoomConfig) -> Option<Arc<[Bytes]>> {
        let (first, last) = (self.kept.first()?.event.seq, self.kept.last()?.event.seq);
        if device.told < first
            && last <= until
            && let Some(texts) = &self.for_all
        {
            return Some(Arc::clone(texts));
        }
        if last <= device.told {
            return None;
        }
        let reader = config.members.get(&device.person)?;
        let news = |kept: &&Kept| device.told < kept.event.seq && kept.event.seq <= until;
        let texts = self.kept.iter().filter(news);
        let texts: Arc<[Bytes]> = texts.map(|kept| kept.for_reader(reader)).collect();
        (!texts.is_empty()).then_some(texts)
    }
}
