//! How every seat is doing, from the server's own RTCP.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract::State};
use plenary_conference::Role;
use plenary_floor::Speech;
use plenary_ids::{DelegationId, PersonId, RoomId, Seq};
use plenary_media::{Lack, SessionFigures, SlotShows, SourceFigures};
use plenary_protocol::{Participant, Presence, Problem};
use plenary_room::{Action, RoomHandle};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Answer,
    caller::{Caller, Place, allowed},
};
use crate::{quality::Quality, state::App};

/// All rooms that one may enter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
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
    /// Who is seated or away.
    pub participants: Vec<SeatHealth>,
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
    let mut rooms = Vec::new();
    let here = app.conference.rooms.iter();
    for room in here.filter(|room| caller.claims.rooms.contains(&room.id)) {
        if let Some(handle) = app.room(&room.id) {
            rooms.push(health(&app, &handle, caller.claims.sub.clone()).await?);
        }
    }
    Ok(Json(Health { rooms }))
}

/// `GET /rooms/{room}/health`
pub async fn of_room(State(app): State<Arc<App>>, place: Place) -> Answer<Json<RoomHealth>> {
    allowed(place.claims.role, Action::ReadHealth)?;
    Ok(Json(health(&app, &place.room, place.claims.sub).await?))
}

async fn health(app: &App, room: &RoomHandle, reader: PersonId) -> Result<RoomHealth, Problem> {
    let snapshot = room.snapshot(reader).await?;
    let mut figures: HashMap<PersonId, SessionFigures> = HashMap::new();
    for session in app.media.figures(Some(room.id().clone())).await {
        let known = figures.get(&session.person);
        if known.is_none_or(|known| known.bitrate_up <= session.bitrate_up) {
            figures.insert(session.person.clone(), session);
        }
    }
    let stalled = room.stalled().await;
    let participants = snapshot.participants.into_iter().map(|it| {
        let media = figures.remove(&it.person);
        let stalled = stalled.iter().find(|speech| speech.speaker == it.person);
        seat(it, media, stalled)
    });
    Ok(RoomHealth {
        room: room.id().clone(),
        participants: participants.collect(),
        title: snapshot.title,
        seq: snapshot.seq,
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
