//! A recorded batch is announced: to the devices, to the callers, and to the media plane.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_protocol::{CloseCode, Participant, Problem};
use plenary_scene::{Gallery, Scene};
use tokio::time::Instant;

use super::{
    Device, EncodedEvent, Room,
    batch::{Arrival, Deferred, InFlight, PendingSeat},
    recording::common,
    removed_problem,
};
use crate::{
    Attached, EventBatch, InForce, Resumption, RoomConfig, SharedSnapshot, StateKey,
    device_queue::Wake,
};

/// How long the media plane may take to put a scene into force before the room goes on, and logs an error.
const SCENE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the devices may wait to learn who has come and gone, while many do.
const ROSTER_INTERVAL: Duration = Duration::from_millis(100);

impl Room {
    /// Lets flow what is allowed from now on, announces the events of a batch, and answers its callers.
    pub(super) async fn publish(&mut self, flown: InFlight) {
        let InFlight {
            batch,
            events,
            scene,
            playback,
            channels,
            ..
        } = flown;
        if let Some(channels) = channels {
            self.publish_channels(channels);
        }
        self.publish_removed();
        self.publish_recording();
        // Media that the next batches revoke has stopped already, and stays stopped.
        let next = self.in_flight.iter().map(|next| &next.scene);
        let scene = next.fold(scene, |scene, next| scene.intersection(next));
        let next = self.in_flight.iter().map(|next| next.playback.as_ref());
        let playback = next.fold(playback, |playback, next| common(playback.as_ref(), next));
        self.tell_player(playback);
        // Before the events, because telling a thousand devices takes longer than the media plane does.
        let growing = self.begin_to_grow(scene);
        let broadcast = Broadcast::new(&events);
        let wake = self.wake_for(&events, &batch.answers);
        self.announce(&broadcast, wake);
        // A participant whose departure is not recorded yet is still in the room.
        let still_here = self.unrecorded().flat_map(|next| &next.leaving);
        for (device, until, _) in batch.leaving.iter().chain(still_here) {
            if let Some(events) = broadcast.for_device(device, *until, &self.config) {
                device.queue.send_events(events, Wake::Now);
            }
        }
        for (device, _, code) in batch.leaving {
            device.queue.close(code);
        }
        for event in events {
            self.retain(event);
        }
        for answer in batch.answers {
            self.answer(answer).await;
        }
        if let Some(growing) = growing {
            self.wait_for(growing).await;
        }
    }

    /// Answers one message. Its caller may be gone by now.
    pub(super) async fn answer(&mut self, answer: Deferred) {
        match answer {
            Deferred::Reply(reply, reply_to) | Deferred::Again(reply, reply_to) => {
                reply_to.send(reply);
            }
            Deferred::Seat(seat, responder) => {
                let session = seat.session.clone();
                let attached = self.seated(seat).await;
                // A connection that ended while it waited leaves no seat behind.
                if let Err(Ok(_)) = responder.send(attached) {
                    self.departed.push(session);
                }
            }
            Deferred::NoSeat(problem, responder) => drop(responder.send(Err(problem))),
            Deferred::Snapshot(reader, room, responder) => {
                let room = room.unwrap_or_else(|| self.snapshot_for(&reader));
                drop(responder.send(room));
            }
            Deferred::Events(reader, after, responder) => match self.member(&reader) {
                Ok(member) => self.history(member, after, responder),
                Err(problem) => drop(responder.send(Err(problem))),
            },
            Deferred::Reported(responder) => drop(responder.send(Ok(()))),
            Deferred::SetPublishing(queue, publishing) => queue.set_publishing(publishing),
            Deferred::Close(queue, code) => queue.close(code),
            Deferred::Talks(queue, text) => queue.push_state(StateKey::Talks, text),
        }
    }

    /// What a seated device receives first: the room as it was on arrival, or the events that it missed.
    async fn seated(&mut self, seat: PendingSeat) -> Result<Attached, Problem> {
        let PendingSeat {
            session,
            member,
            seq,
            arrival,
            outbox,
        } = seat;
        let resumption = match arrival {
            Arrival::Room(room) => {
                let now = || self.state.snapshot(&self.config, &member, self.now());
                let room = room.unwrap_or_else(|| Arc::new(SharedSnapshot::new(now())));
                Ok(Resumption::Snapshot(room))
            }
            Arrival::Since(known) => {
                let missed = self.missed(&member, known, seq).await;
                missed.map(Resumption::Events)
            }
        };
        // The participant may have been removed before the seat was recorded.
        let here = self.present.devices.contains_key(&session);
        if !here || resumption.is_err() {
            self.departed.push(session.clone());
        }
        if !here {
            return Err(removed_problem());
        }
        Ok(Attached {
            session,
            seq,
            member,
            resumption: resumption?,
            outbox,
        })
    }

    /// Whether the devices learn of a batch at once. What changes nothing but the roster, and answers no command, may wait for
    /// more of the same: a thousand arrivals are a few writes to each device, and not a thousand.
    fn wake_for(&mut self, events: &[EncodedEvent], answers: &[Deferred]) -> Wake {
        if events.is_empty() {
            return Wake::Later;
        }
        let is_of_the_roster = events.iter().all(|it| it.event.body.is_of_the_roster())
            && !answers.iter().any(|it| matches!(it, Deferred::Reply(..)));
        let now = Instant::now();
        if is_of_the_roster && self.roster.may_wait(now) {
            return Wake::Later;
        }
        self.roster.told(now);
        Wake::Now
    }

    /// Wakes every device for what was queued without a wake.
    pub(super) fn tell_roster(&mut self) {
        self.roster.told(Instant::now());
        for device in self.present.devices.values() {
            device.queue.wake();
        }
    }

    /// Fans events out to every device.
    fn announce(&mut self, broadcast: &Broadcast<'_>, wake: Wake) {
        for device in self.present.devices.values_mut() {
            if let Some(events) = broadcast.for_device(device, Seq(u64::MAX), &self.config)
                && !device.queue.send_events(events, wake)
            {
                // The device fell too far behind. Its connection ends and comes back as a detach, which frees the seat.
                device.delivered_seq = Seq(u64::MAX);
            }
        }
    }

    /// Stops what a scene does not allow.
    pub(super) async fn shrink_to(&mut self, scene: &Scene) {
        let shrunk = self.scene.intersection(scene);
        if shrunk != self.scene {
            self.show(shrunk).await;
        }
    }

    /// Lets flow what a scene allows.
    pub(super) async fn grow_to(&mut self, scene: Scene) {
        if let Some(growing) = self.begin_to_grow(scene) {
            self.wait_for(growing).await;
        }
    }

    /// What the state allows. The gallery is computed again only when a participant, the chair or the person of a recording
    /// has changed.
    pub(super) fn allowed(&mut self) -> Scene {
        let participants = &self.state.participants;
        let chair = self.state.seated_chair();
        let recorded = self.state.recorded_person();
        let seen = self.gallery.as_ref().filter(|it| {
            Arc::ptr_eq(&it.participants, participants)
                && it.chair.as_ref() == chair
                && it.recorded.as_ref() == recorded
        });
        let gallery = if let Some(seen) = seen {
            seen.gallery.clone()
        } else {
            let new = self.state.gallery(&self.config);
            // An unchanged gallery stays the shared one that the media plane has.
            let known = &self.scene.gallery;
            let gallery = if new == *known { known.clone() } else { new };
            self.gallery = Some(SeenGallery {
                participants: Arc::clone(participants),
                chair: chair.cloned(),
                recorded: recorded.cloned(),
                gallery: gallery.clone(),
            });
            gallery
        };
        let private = self.talks.private();
        self.state.scene(&self.config, gallery, &private)
    }

    /// Has what a scene allows flow as soon as the media plane can, if it is new.
    fn begin_to_grow(&mut self, scene: Scene) -> Option<InForce> {
        (scene != self.scene).then(|| self.begin_to_show(scene))
    }

    async fn show(&mut self, scene: Scene) {
        let shown = self.begin_to_show(scene);
        self.wait_for(shown).await;
    }

    fn begin_to_show(&mut self, scene: Scene) -> InForce {
        self.epoch += 1;
        self.scene = scene.clone();
        self.media.show(&self.config.id, self.epoch, scene)
    }

    async fn wait_for(&mut self, shown: InForce) {
        if tokio::time::timeout(SCENE_TIMEOUT, shown).await.is_err() {
            tracing::error!(room = %self.config.id, epoch = self.epoch, "the media plane does not answer");
        }
    }

    /// Closes every connection, and stops all media.
    pub(super) async fn close(&mut self) {
        for (_, device) in std::mem::take(&mut self.present.devices) {
            device.queue.close(CloseCode::Draining);
        }
        self.show(Scene::default()).await;
        self.tell_player(None);
    }
}

/// When the devices were told of the roster, and are to be told again.
#[derive(Debug, Default)]
pub(super) struct RosterPace {
    told: Option<Instant>,
    due: Option<Instant>,
}

impl RosterPace {
    /// When the devices are to be told of what they were not told at once.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether a change may wait, because the devices were told of another just now.
    fn may_wait(&mut self, now: Instant) -> bool {
        let next = self.told.map(|told| told + ROSTER_INTERVAL);
        let waits = next.is_some_and(|next| now < next);
        if waits {
            self.due = next;
        }
        waits
    }

    fn told(&mut self, now: Instant) {
        *self = Self {
            told: Some(now),
            due: None,
        };
    }
}

/// A gallery, and what it was computed from.
pub(super) struct SeenGallery {
    participants: Arc<BTreeMap<PersonId, Arc<Participant>>>,
    chair: Option<PersonId>,
    /// The person of a recording.
    recorded: Option<PersonId>,
    gallery: Gallery,
}

/// The events of a batch, ready to be fanned out.
struct Broadcast<'a> {
    events: &'a [EncodedEvent],
    /// The whole batch, if every reader may see all of it: a grant hands it out a thousand times.
    for_all: Option<Arc<EventBatch>>,
}

impl<'a> Broadcast<'a> {
    fn new(events: &'a [EncodedEvent]) -> Self {
        let texts: Option<Vec<Bytes>> = events.iter().map(|it| it.for_all().cloned()).collect();
        Self {
            events,
            for_all: texts.map(EventBatch::new),
        }
    }

    /// The events that a device has not received, up to `until`; none if there are none.
    fn for_device(
        &self,
        device: &Device,
        until: Seq,
        config: &RoomConfig,
    ) -> Option<Arc<EventBatch>> {
        let first = self.events.first()?.event.seq;
        let last = self.events.last()?.event.seq;
        if device.delivered_seq < first
            && last <= until
            && let Some(batch) = &self.for_all
        {
            return Some(Arc::clone(batch));
        }
        if last <= device.delivered_seq {
            return None;
        }
        let reader = config.reader(&device.person)?;
        let is_new =
            |it: &&EncodedEvent| device.delivered_seq < it.event.seq && it.event.seq <= until;
        let new = self.events.iter().filter(is_new);
        let batch = EventBatch::new(new.map(|it| it.for_reader(reader)));
        (!batch.is_empty()).then_some(batch)
    }
}
