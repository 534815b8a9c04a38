//! The health of every seat, from the server's own RTCP.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{Json, extract::State};
use futures_util::future::try_join_all;
use plenary_conference::Role;
use plenary_floor::{Cause, Speech};
use plenary_ids::{DelegationId, PersonId, RoomId, Seq};
use plenary_media::{SessionFigures, SourceFigures, UndecodableSource};
use plenary_protocol::{Access, Participant, Presence, Problem};
use plenary_room::{RoomHandle, authority::check_access};
use plenary_scene::SlotShows;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use super::{
    ApiResult,
    caller::{Caller, RoomAccess},
};
use crate::{
    alarms::{self, Alarm},
    machine::ServerHealth,
    quality::Quality,
    state::{App, LastKnownRoom},
};

/// How long a room may take for its snapshot. A room that waits for its disk takes longer, and the report says so.
const ROOM_SNAPSHOT_TIMEOUT: Duration = Duration::from_millis(300);

/// The health of the server, and of all rooms that the caller may enter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// The machine, and the disk that every command waits for.
    pub server: ServerHealth,
    /// In the order of the conference file.
    pub rooms: Vec<RoomHealth>,
}

/// The health of a room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoomHealth {
    pub room: RoomId,
    pub title: String,
    /// The last event that the report includes.
    pub seq: Seq,
    /// Whether the room did not answer in time, as while it waits for a slow disk: then the report is the last known one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// What an operator should act on now.
    pub alarms: Vec<Alarm>,
    /// The participants who are seated or away.
    pub participants: Vec<SeatHealth>,
}

/// The health of a seat. Of several devices it reports the one that sends most: others see and hear that one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatHealth {
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    pub role: Role,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    #[serde(flatten)]
    pub quality: Quality,
    /// The client's address of the nominated pair, as `udp 203.0.113.5:50000`.
    pub ice_path: Option<String>,
    /// Round-trip time in milliseconds.
    pub rtt_ms: Option<f64>,
    /// Fraction of packets lost on the uplink, 0 to 1.
    pub loss_up: Option<f64>,
    /// Fraction of packets lost on the downlink, 0 to 1.
    pub loss_down: Option<f64>,
    /// Jitter on the uplink in milliseconds.
    pub jitter_ms: Option<f64>,
    /// Bits per second on the uplink.
    pub bitrate_up: Option<u64>,
    /// Bits per second on the downlink.
    pub bitrate_down: Option<u64>,
    /// Bandwidth estimate of the downlink in bits per second; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_down: Option<u64>,
    /// The sources that the device sends.
    pub sources: Option<Vec<SourceFigures>>,
    /// The content of each of its slots.
    pub slots: Option<Vec<SlotShows>>,
    /// The sources that its client cannot decode, and so is not sent.
    #[serde(rename = "lacks")]
    pub undecodable: Option<Vec<UndecodableSource>>,
}

/// `GET /health`: all rooms that the caller may enter.
pub async fn all(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Json<Health>> {
    check_access(caller.claims.role, Access::ReadHealth)?;
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
pub async fn of_room(
    State(app): State<Arc<App>>,
    access: RoomAccess,
) -> ApiResult<Json<RoomHealth>> {
    check_access(access.claims.role, Access::ReadHealth)?;
    Ok(Json(health(&app, &access.room, access.claims.sub).await?))
}

async fn health(app: &App, room: &RoomHandle, reader: PersonId) -> Result<RoomHealth, Problem> {
    let answer = timeout(ROOM_SNAPSHOT_TIMEOUT, room.snapshot(reader)).await;
    let stale = answer.is_err();
    let known = if let Ok(snapshot) = answer {
        let snapshot = snapshot?;
        let mut stalled = snapshot.floor.speeches;
        stalled.retain(|speech| speech.suspended_by.contains(&Cause::Stalled));
        let known = LastKnownRoom {
            stalled,
            seq: snapshot.seq,
            participants: snapshot.participants,
            channels: snapshot.channels,
        };
        app.last_known_rooms
            .insert(room.id().clone(), known.clone());
        known
    } else {
        let known = app
            .last_known_rooms
            .get(room.id())
            .map(|known| known.clone());
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

fn seat(
    participant: Participant,
    media: Option<SessionFigures>,
    stalled: Option<&Speech>,
) -> SeatHealth {
    let mut quality = Quality::of_seat(participant.state == Presence::Seated, media.as_ref());
    if let Some(speech) = stalled {
        quality = quality.stalled_at(&participant.name, speech.consumed);
    }
    SeatHealth {
        person: participant.person,
        name: participant.name,
        role: participant.role,
        delegation: participant.delegation,
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
        undecodable: media.map(|it| it.undecodable),
    }
}
