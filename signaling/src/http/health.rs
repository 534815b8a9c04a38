//! How every seat is doing, from the server's own RTCP.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{Json, extract::State};
use futures_util::future::try_join_all;
use plenary_conference::Role;
use plenary_floor::{Cause, Speech};
use plenary_ids::{DelegationId, PersonId, RoomId, Seq};
use plenary_media::{Lack, SessionFigures, SlotShows, SourceFigures};
use plenary_protocol::{Channel, Participant, Presence, Problem};
use plenary_room::{Action, RoomHandle};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use super::{
    Answer,
    caller::{Caller, Place, allowed},
};
use crate::{
    alarms::{self, Alarm},
    machine::ServerHealth,
    quality::Quality,
    state::App,
};

/// How long a room may take to say who is there. One that waits for its disk takes longer, and whoever asks for the health
/// is to learn just that.
const PATIENCE: Duration = Duration::from_millis(300);

/// The server, and all rooms that one may enter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// The machine, and the disk that everybody waits for.
    pub server: ServerHealth,
    /// In the order of the conference file.
    pub rooms: Vec<RoomHealth>,
}

/// A room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoomHealth {
    /// Which.
    pub room: RoomId,
    /// Its title.
    pub title: String,
    /// As of which event.
    pub seq: Seq,
    /// Whether the room does not answer, as while it waits for a slow disk: then it is told as it was last known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// What needs somebody now.
    pub alarms: Vec<Alarm>,
    /// Who is seated or away.
    pub participants: Vec<SeatHealth>,
}

/// A room as it was last known.
#[derive(Debug, Clone, Default)]
pub struct Known {
    seq: Seq,
    participants: Vec<Participant>,
    channels: Vec<Channel>,
    stalled: Vec<Speech>,
}

/// A seat. Of several devices it tells of the one that sends most: that is the one that the others see and hear.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatHealth {
    /// Who.
    pub person: PersonId,
    /// The name for people.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The city; none for staff.
    pub delegation: Option<DelegationId>,
    /// State, quality and cause.
    #[serde(flatten)]
    pub quality: Quality,
    /// The client's address that ICE settled on, as `udp 203.0.113.5:50000`.
    pub ice_path: Option<String>,
    /// Round trip, milliseconds.
    pub rtt_ms: Option<f64>,
    /// Fraction of packets lost on the way from the client, 0 to 1.
    pub loss_up: Option<f64>,
    /// Fraction of packets lost on the way to the client, 0 to 1.
    pub loss_down: Option<f64>,
    /// Jitter of what arrives from the client, milliseconds.
    pub jitter_ms: Option<f64>,
    /// Bits per second from the client.
    pub bitrate_up: Option<u64>,
    /// Bits per second to the client.
    pub bitrate_down: Option<u64>,
    /// What the path to the client is thought to carry, bits per second; absent while nothing is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_down: Option<u64>,
    /// Each source that it sends.
    pub sources: Option<Vec<SourceFigures>>,
    /// What each of its slots carries.
    #[schemars(with = "Option<Vec<plenary_protocol::SlotShows>>")]
    pub slots: Option<Vec<SlotShows>>,
    /// What it would be shown, were its client able to decode it.
    pub lacks: Option<Vec<Lack>>,
}

/// `GET /health`: all rooms that the caller may enter.
pub async fn all(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Health>> {
    allowed(caller.claims.role, Action::ReadHealth)?;
    let here = app.conference.rooms.iter();
    let handles: Vec<RoomHandle> = here
        .filter(|room| caller.claims.rooms.contains(&room.id))
        .filter_map(|room| app.room(&room.id))
        .collect();
    let rooms = handles
        .iter()
        .map(|room| health(&app, room, caller.claims.sub.clone()));
    Ok(Json(Health {
        rooms: try_join_all(rooms).await?,
        server: app.server_health(),
    }))
}

/// `GET /rooms/{room}/health`
pub async fn of_room(State(app): State<Arc<App>>, place: Place) -> Answer<Json<RoomHealth>> {
    allowed(place.claims.role, Action::ReadHealth)?;
    Ok(Json(health(&app, &place.room, place.claims.sub).await?))
}

async fn health(app: &App, room: &RoomHandle, reader: PersonId) -> Result<RoomHealth, Problem> {
    let answer = timeout(PATIENCE, room.snapshot(reader)).await;
    let stale = answer.is_err();
    let known = if let Ok(snapshot) = answer {
        let snapshot = snapshot?;
        let mut stalled = snapshot.floor.speeches;
        stalled.retain(|speech| speech.suspended_by.contains(&Cause::Stalled));
        let known = Known {
            stalled,
            seq: snapshot.seq,
            participants: snapshot.participants,
            channels: snapshot.channels,
        };
        app.known.insert(room.id().clone(), known.clone());
        known
    } else {
        let known = app.known.get(room.id()).map(|known| known.clone());
        known.unwrap_or_default()
    };
    let mut figures: HashMap<PersonId, SessionFigures> = HashMap::new();
    for session in app.media.figures(Some(room.id().clone())).await {
        let known = figures.get(&session.person);
        if known.is_none_or(|known| known.bitrate_up <= session.bitrate_up) {
            figures.insert(session.person.clone(), session);
        }
    }
    let name = |person: &PersonId| {
        let known = app.conference.person(person);
        known.map_or_else(|| person.to_string(), |known| known.name.clone())
    };
    let title = app.conference.room(room.id()).map(|it| it.title.clone());
    let title = title.unwrap_or_default();
    let alarms = alarms::of_room(
        room.id(),
        &title,
        &known.channels,
        &known.participants,
        name,
    );
    let participants = known.participants.into_iter().map(|it| {
        let media = figures.remove(&it.person);
        let mut stalled = known.stalled.iter();
        let stalled = stalled.find(|speech| speech.speaker == it.person);
        seat(it, media, stalled)
    });
    Ok(RoomHealth {
        room: room.id().clone(),
        title,
        seq: known.seq,
        stale,
        alarms,
        participants: participants.collect(),
    })
}

fn seat(who: Participant, media: Option<SessionFigures>, stalled: Option<&Speech>) -> SeatHealth {
    let mut quality = Quality::of(who.state == Presence::Seated, media.as_ref());
    if let Some(speech) = stalled {
        quality = quality.stalled_at(&who.name, speech.consumed);
    }
    SeatHealth {
        person: who.person,
        name: who.name,
        role: who.role,
        delegation: who.delegation,
        quality,
        rtt_ms: media.as_ref().and_then(|it| it.rtt_ms),
        loss_up: media.as_ref().map(|it| it.loss_up),
        loss_down: media.as_ref().map(|it| it.loss_down),
        jitter_ms: media.as_ref().map(|it| it.jitter_ms),
        bitrate_up: media.as_ref().map(|it| it.bitrate_up),
        bitrate_down: media.as_ref().map(|it| it.bitrate_down),
        estimate_down: media.as_ref().and_then(|it| it.estimate),
        ice_path: media.as_ref().and_then(|it| it.path.clone()),
        sources: media.as_ref().map(|it| it.sources.clone()),
        slots: media.as_ref().map(|it| it.slots.clone()),
        lacks: media.map(|it| it.lacks),
    }
}
