//! Connects rooms and the media engine: scenes to the engine, and its reports back to the rooms.

use std::sync::Arc;

use plenary_ids::RoomId;
use plenary_library::Player;
use plenary_media::{DisconnectReason, Media, MediaEvent, Received, SessionEvents, SessionId};
use plenary_protocol as wire;
use plenary_room::{InForce, MediaPlane, Playback, StateKey};
use plenary_scene::Scene;

use crate::{frame::frame, state::App};

type Message = wire::ServerMessage<(), ()>;

/// Brings a room's scenes into force, and plays its recordings.
#[derive(Debug)]
pub struct MediaStage {
    /// The engine.
    pub media: Media,
    /// None if nothing is played.
    pub player: Option<Arc<Player>>,
}

impl MediaPlane for MediaStage {
    fn show(&self, room: &RoomId, epoch: u64, scene: Scene) -> InForce {
        Box::pin(self.media.show(room, epoch, &scene))
    }

    /// Without a media library nothing is played.
    fn play(&self, room: &RoomId, playback: Option<Playback>) {
        if let Some(player) = &self.player {
            player.set(room, playback);
        }
    }
}

/// Passes on the engine's reports about a media session, until the session ends. Each session has a task of its own, so
/// a room whose queue is full delays the reports of no other room.
pub async fn report(app: Arc<App>, session: SessionId, mut events: SessionEvents) {
    while let Some(event) = events.next().await {
        match event {
            MediaEvent::Slots { slots } => {
                tell(&app, session, StateKey::Slots, &Message::Slots { slots });
            }
            MediaEvent::Voice => {
                if let Some(device) = app.sessions.of_media(session)
                    && let Some(room) = app.room(&device.room)
                {
                    room.voice(device.person).await;
                }
            }
            MediaEvent::Level { dbov } => {
                tell(&app, session, StateKey::Level, &Message::Level { dbov });
            }
            MediaEvent::Received(Received { microphone, camera }) => {
                let message = Message::Received { microphone, camera };
                tell(&app, session, StateKey::Received, &message);
            }
            MediaEvent::Speaking { participants } => {
                let participants = participants.to_vec();
                let message = Message::Speaking { participants };
                tell(&app, session, StateKey::Speaking, &message);
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

/// Tells the device of a media session the latest value of a state.
fn tell(app: &App, session: SessionId, key: StateKey, message: &Message) {
    if let Some(device) = app.sessions.of_media(session) {
        device.push_state(key, frame(message));
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
