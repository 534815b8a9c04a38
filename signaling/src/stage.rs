//! The media plane as rooms see it, and what it reports back to them.

use std::{future::Future, pin::Pin, sync::Arc};

use plenary_ids::RoomId;
use plenary_media::{DisconnectReason, Media, MediaEvent, SessionEvents, SessionId};
use plenary_protocol as wire;
use plenary_room::{MediaPlane, StateKey};
use plenary_scene::Scene;

use crate::{frame::frame, state::App};

type Message = wire::ServerMessage<(), ()>;

/// Brings a room's scenes into force.
#[derive(Debug)]
pub struct MediaStage(pub Media);

impl MediaPlane for MediaStage {
    fn show(
        &self,
        room: &RoomId,
        epoch: u64,
        scene: Scene,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (media, room) = (self.0.clone(), room.clone());
        Box::pin(async move { media.show(room, epoch, scene).await })
    }
}

/// Passes on what the engine reports of a media session, until that ends. Each session has a task of its own, so a room
/// whose queue is full delays the news of no other room.
pub async fn report(app: Arc<App>, session: SessionId, mut events: SessionEvents) {
    while let Some(event) = events.next().await {
        match event {
            MediaEvent::Slots { slots } => {
                if let Some(device) = app.sessions.of_media(session) {
                    device.push_state(StateKey::Slots, frame(&Message::Slots { slots }));
                }
            }
            MediaEvent::Voice => {
                if let Some(device) = app.sessions.of_media(session)
                    && let Some(room) = app.room(&device.room)
                {
                    room.voice(device.person).await;
                }
            }
            MediaEvent::Level { dbov } => {
                if let Some(device) = app.sessions.of_media(session) {
                    device.push_state(StateKey::Level, frame(&Message::Level { dbov }));
                }
            }
            MediaEvent::Disconnected { reason } => {
                tracing::info!(%session, ?reason, "a media session ended");
                path(&app, session, false).await;
                if let Some(device) = app.sessions.of_media(session) {
                    app.sessions.set_media(session, None);
                    device.push_state(
                        StateKey::MediaEnded,
                        frame(&Message::MediaEnded { why: end(reason) }),
                    );
                }
            }
            MediaEvent::Connected => {
                tracing::debug!(%session, "media flows");
                path(&app, session, true).await;
            }
            MediaEvent::Publishing { sources } => {
                tracing::debug!(%session, ?sources, "sources changed");
            }
            MediaEvent::Flow { flows } => {
                if let Some(device) = app.sessions.of_media(session)
                    && let Some(room) = app.room(&device.room)
                {
                    room.flow(device.person, flows).await;
                }
            }
        }
    }
}

/// Tells the room whether a device has a path. Without one, an interpreter's channel carries the floor.
async fn path(app: &App, media: SessionId, open: bool) {
    if let Some((session, device)) = app.sessions.named_by_media(media)
        && let Some(room) = app.room(&device.room)
    {
        room.path(session, open).await;
    }
}

fn end(reason: DisconnectReason) -> wire::MediaEnd {
    match reason {
        DisconnectReason::Silence => wire::MediaEnd::Silence,
        DisconnectReason::Handshake => wire::MediaEnd::Handshake,
        DisconnectReason::Closed => wire::MediaEnd::Closed,
    }
}
