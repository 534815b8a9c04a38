//! The media plane as rooms see it, and what it reports back to them.

use std::{future::Future, pin::Pin, sync::Arc};

use plenary_ids::RoomId;
use plenary_media::{Lost, Media, MediaEvent};
use plenary_protocol as wire;
use plenary_room::{MediaPlane, StateKey};
use plenary_scene::Scene;
use tokio::sync::mpsc;

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

/// Passes on what the engine reports, until it ends.
pub async fn report(app: Arc<App>, mut events: mpsc::UnboundedReceiver<MediaEvent>) {
    while let Some(event) = events.recv().await {
        match event {
            MediaEvent::Slots { session, slots } => {
                if let Some(device) = app.sessions.of_media(session) {
                    device.push_state(StateKey::Slots, frame(&Message::Slots { slots }));
                }
            }
            MediaEvent::Voice { session } => {
                if let Some(device) = app.sessions.of_media(session)
                    && let Some(room) = app.room(&device.room)
                {
                    room.voice(device.person).await;
                }
            }
            MediaEvent::Level { session, dbov } => {
                if let Some(device) = app.sessions.of_media(session) {
                    device.push_state(StateKey::Level, frame(&Message::Level { dbov }));
                }
            }
            MediaEvent::Disconnected { session, why } => {
                tracing::info!(%session, ?why, "a media session ended");
                path(&app, session, false).await;
                if let Some(device) = app.sessions.of_media(session) {
                    app.sessions.set_media(session, None);
                    device.push_state(
                        StateKey::MediaEnded,
                        frame(&Message::MediaEnded { why: end(why) }),
                    );
                }
            }
            MediaEvent::Connected { session } => {
                tracing::debug!(%session, "media flows");
                path(&app, session, true).await;
            }
            MediaEvent::Publishing { session, sources } => {
                tracing::debug!(%session, ?sources, "sources changed");
            }
            MediaEvent::Flow { session, flows } => {
                if let Some(device) = app.sessions.of_media(session)
                    && let Some(room) = app.room(&device.room)
                {
                    room.flow(device.person, flows).await;
                }
            }
        }
    }
}

/// Whoever interprets is heard over a path, and the floor in his place once it is lost.
async fn path(app: &App, media: plenary_media::SessionId, open: bool) {
    if let Some((session, device)) = app.sessions.named_by_media(media)
        && let Some(room) = app.room(&device.room)
    {
        room.path(session, open).await;
    }
}

fn end(why: Lost) -> wire::MediaEnd {
    match why {
        Lost::Silence => wire::MediaEnd::Silence,
        Lost::Handshake => wire::MediaEnd::Handshake,
        Lost::Closed => wire::MediaEnd::Closed,
    }
}
