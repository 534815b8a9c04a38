//! What is recorded is told: to the devices, to those who asked, and to the media plane.

use std::time::Duration;

use plenary_ids::Seq;
use plenary_protocol::{CloseCode, SessionId};

use super::{
    Kept, Room,
    batch::{Batch, Deferred, Newcomer},
    sent_out,
};
use crate::{Attached, Outgoing, Scene, outbox};

/// How long the media plane may take to shrink before the room goes on without its word, and says so in the log.
const SHRINK_TIMEOUT: Duration = Duration::from_secs(2);

impl Room {
    /// Announces events, answers what was asked, and lets flow what is allowed from now on.
    pub(super) async fn publish(&mut self, batch: Batch, kept: Vec<Kept>) {
        if kept.iter().any(|kept| kept.event.body.is_of_a_channel()) {
            self.tell_channels();
        }
        for kept in kept {
            self.announce(&kept);
            for (device, until, _) in &batch.leaving {
                if kept.event.seq <= *until
                    && let Some(reader) = self.config.members.get(&device.person)
                {
                    device.outbox.send(Outgoing::Text(kept.for_reader(reader)));
                }
            }
            self.remember(kept);
        }
        for (device, _, code) in batch.leaving {
            device.outbox.close(code);
        }
        for answer in batch.answers {
            self.answer(answer).await;
        }
        self.grow().await;
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
            Deferred::Snapshot(reader, answer) => {
                let room = self
                    .member(&reader)
                    .map(|member| Box::new(self.state.snapshot(&self.config, &member, self.now())));
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

    /// A newcomer knows the room as it is now, and is told what happens from now on.
    async fn seated(&mut self, newcomer: Newcomer) -> Result<Attached, plenary_protocol::Problem> {
        let Newcomer {
            session,
            member,
            resume,
            outbox,
        } = newcomer;
        let resumption = self.resumption(&member, resume.as_ref()).await;
        let seq = self.state.seq;
        // Sent out before he had sat down.
        let device = self
            .present
            .devices
            .get_mut(&session)
            .ok_or_else(sent_out)?;
        device.told = seq;
        Ok(Attached {
            session,
            seq,
            member,
            publishing: device.publishing,
            resumption,
            outbox,
        })
    }

    /// Sends an event to everybody.
    fn announce(&mut self, kept: &Kept) {
        let mut too_slow: Vec<SessionId> = Vec::new();
        for (session, device) in &self.present.devices {
            if kept.event.seq <= device.told {
                continue;
            }
            // Who somebody is matters only for what is not for everybody: this runs a thousand times for a grant.
            let reader = || self.config.members.get(&device.person);
            let text = kept.for_all().cloned();
            let Some(text) = text.or_else(|| Some(kept.for_reader(reader()?))) else {
                continue;
            };
            if !device.outbox.send(Outgoing::Text(text)) {
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

    /// Stops what the state no longer allows.
    pub(super) async fn shrink(&mut self) {
        let shrunk = self.scene.shrunk_to(&self.state.scene(&self.config));
        if shrunk != self.scene {
            self.show(shrunk).await;
        }
    }

    /// Lets flow what the state allows.
    pub(super) async fn grow(&mut self) {
        let scene = self.state.scene(&self.config);
        if scene != self.scene {
            self.show(scene).await;
        }
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
