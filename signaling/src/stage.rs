//! The media plane as rooms see it, and what it reports back to them.

use std::{future::Future, pin::Pin, sync::Arc};

use plenary_ids::RoomId;
use plenary_media::{Gate, Lost, Media, MediaEvent, Program, Reach, Source};
use plenary_protocol as wire;
use plenary_room::{Scene, Stage};
use tokio::sync::mpsc;

use crate::{frame::frame, state::App};

type Message = wire::ServerMessage<(), ()>;

/// Brings a room's scenes into force.
#[derive(Debug)]
pub struct MediaStage(pub Media);

impl Stage for MediaStage {
    /// The gate before the program: what is no longer allowed has stopped before anything else is chosen.
    fn show(
        &self,
        room: &RoomId,
        epoch: u64,
        scene: Scene,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (media, room) = (self.0.clone(), room.clone());
        let allow = scene
            .allow
            .into_iter()
            .map(|((person, from), reach)| ((person, source(from)), far(reach)));
        let gate = Gate {
            epoch,
            allow: allow.collect(),
        };
        let program = Program {
            stage: scene.stage,
            voices: scene.voices,
            tiles: scene.tiles,
        };
        Box::pin(async move {
            media.set_gate(room.clone(), gate).await;
            media.set_program(room, program).await;
        })
    }
}

/// Passes on what the engine reports, until it ends.
pub async fn report(app: Arc<App>, mut events: mpsc::UnboundedReceiver<MediaEvent>) {
    while let Some(event) = events.recv().await {
        match event {
            MediaEvent::Slots { session, slots } => {
                if let Some(device) = app.sessions.of_media(session) {
                    let slots = slots.into_iter().map(slot).collect();
                    device.tell(frame(&Message::Slots { slots }));
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
                    device.hint(frame(&Message::Level { dbov }));
                }
            }
            MediaEvent::Disconnected { session, why } => {
                tracing::info!(%session, ?why, "a media session ended");
                if let Some(device) = app.sessions.of_media(session) {
                    app.sessions.set_media(session, None);
                    device.tell(frame(&Message::MediaEnded { why: end(why) }));
                }
            }
            MediaEvent::Connected { session } => tracing::debug!(%session, "media flows"),
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

fn end(why: Lost) -> wire::MediaEnd {
    match why {
        Lost::Silence => wire::MediaEnd::Silence,
        Lost::Handshake => wire::MediaEnd::Handshake,
        Lost::Closed => wire::MediaEnd::Closed,
    }
}

fn slot(slot: plenary_media::SlotShows) -> wire::SlotShows {
    let shows = slot.shows.map(|it| wire::Shows {
        participant: it.participant,
        source: match it.source {
            Source::Microphone => wire::Source::Microphone,
            Source::Camera => wire::Source::Camera,
            Source::Screen => wire::Source::Screen,
        },
        stage: it.stage,
        paused: it.paused,
    });
    wire::SlotShows {
        mid: slot.mid,
        shows,
    }
}

fn source(source: wire::Source) -> Source {
    match source {
        wire::Source::Microphone => Source::Microphone,
        wire::Source::Camera => Source::Camera,
        wire::Source::Screen => Source::Screen,
    }
}

fn far(reach: plenary_room::Reach) -> Reach {
    match reach {
        plenary_room::Reach::Tile => Reach::Tile,
        plenary_room::Reach::Stage => Reach::Stage,
    }
}
