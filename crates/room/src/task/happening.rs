//! What happens: it is brought into force on the media plane, folded, and told.

use std::time::Duration;

use bytes::Bytes;
use plenary_protocol::{CloseCode, Event, Hidden, RoomEvent};

use super::Room;
use crate::{Body, Member, Outgoing, RoomLogEvent, Scene, outbox};

/// How many events a returning client can be told one by one; before that it gets a snapshot.
const KEPT_EVENTS: usize = 4096;
/// How long the media plane may take to shrink before the room goes on without its word, and says so in the log.
const SHRINK_TIMEOUT: Duration = Duration::from_secs(2);

/// An event as it was sent.
pub(super) struct Kept {
    pub(super) event: RoomLogEvent,
    full: Bytes,
    hidden: Bytes,
}

impl Room {
    /// Makes events happen: what they take away stops flowing, then they are told, then what they allow flows.
    pub(super) async fn happen(&mut self, bodies: Vec<Body>) {
        if bodies.is_empty() {
            return;
        }
        let at = self.now();
        let mut next = self.state.clone();
        let events: Vec<RoomLogEvent> = bodies
            .into_iter()
            .map(|body| {
                let event = Event {
                    seq: next.seq.next(),
                    at,
                    body,
                };
                next.apply(&event);
                event
            })
            .collect();
        let scene = next.scene(&self.config);
        let shrunk = self.scene.shrunk_to(&scene);
        if shrunk != self.scene {
            self.show(shrunk).await;
        }
        self.state = next;
        for event in events {
            self.announce(event);
        }
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

    /// Sends an event to everybody: serialized once, or twice if some may not see it.
    fn announce(&mut self, event: RoomLogEvent) {
        let text = |value: Result<Vec<u8>, serde_json::Error>| match value {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) => {
                tracing::error!(%error, "an event could not be written");
                Bytes::from_static(b"{}")
            }
        };
        let full = text(serde_json::to_vec(&event));
        let hidden = text(serde_json::to_vec(&Event {
            seq: event.seq,
            at: event.at,
            body: Hidden {},
        }));
        let kept = Kept {
            event,
            full,
            hidden,
        };
        let mut too_slow = Vec::new();
        for (session, device) in &self.devices {
            let Some(reader) = self.config.members.get(&device.person) else {
                continue;
            };
            if !device.outbox.send(Outgoing::Text(kept.for_reader(reader))) {
                too_slow.push(session.clone());
            }
        }
        self.events.push_back(kept);
        if self.events.len() > KEPT_EVENTS {
            self.events.pop_front();
        }
        // Their connections end, and come back as a detach, which frees the seat; here they only stop being sent to.
        for session in too_slow {
            if let Some(device) = self.devices.get_mut(&session) {
                let (closed, _) = outbox::outbox();
                std::mem::replace(&mut device.outbox, closed).close(CloseCode::RateLimited);
            }
        }
    }

    pub(super) async fn drain(&mut self) {
        self.happen(vec![Body::Room(RoomEvent::Draining {})]).await;
        for (_, device) in std::mem::take(&mut self.devices) {
            device.outbox.close(CloseCode::Draining);
        }
        self.show(Scene::default()).await;
    }
}

impl Kept {
    pub(super) fn for_reader(&self, reader: &Member) -> Bytes {
        if self.event.body.is_visible_to(reader) {
            self.full.clone()
        } else {
            self.hidden.clone()
        }
    }
}
