//! Reading the rooms: their list, the snapshot of one, and its events.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use plenary_conference::Translations;
use plenary_ids::{Millis, RoomId, Seq};
use plenary_protocol::{AgendaItem, Code, Event, Hidden, Problem};
use plenary_room::{RoomLogEvent, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    ApiResult,
    caller::{Caller, RoomAccess},
};
use crate::{rate::Origin, state::App};

/// A room that one may enter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoomListed {
    /// The name on the wire.
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// Whether cameras are shown small without the floor.
    pub gallery: bool,
    /// Whether the room is recorded now.
    pub recording: bool,
    /// The item of the agenda that is on.
    pub on: Option<AgendaItem>,
    /// The item that comes next.
    pub next: Option<AgendaItem>,
    /// The delay against the agenda; 0 if the room is in time, none if nothing can be late.
    pub late_ms: Option<Millis>,
}

/// An event as its reader may see it.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "events are written as they were recorded; this only describes them"
)]
pub enum Seen {
    /// An event that the reader may see.
    Whole(Box<RoomLogEvent>),
    /// The placeholder of an event that the reader may not see.
    Hidden(Event<Hidden>),
}

/// `GET /rooms`: the rooms that the caller may enter, each with its current and next agenda item and its delay.
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> Json<Vec<RoomListed>> {
    let rooms = app
        .conference
        .rooms
        .iter()
        .filter(|room| caller.claims.rooms.contains(&room.id));
    let mut listed = Vec::new();
    for room in rooms {
        let agenda = match app.room(&room.id) {
            Some(handle) => handle.snapshot(caller.claims.sub.clone()).await.ok(),
            None => None,
        };
        let agenda = agenda.map(|snapshot| snapshot.agenda).unwrap_or_default();
        listed.push(RoomListed {
            id: room.id.clone(),
            title: room.title.clone(),
            titles: room.titles.clone(),
            gallery: room.gallery,
            recording: app.is_recorded(&room.id),
            on: agenda.on().cloned(),
            next: agenda.next().cloned(),
            late_ms: agenda.late(app.now()),
        });
    }
    Json(listed)
}

/// `GET /rooms/{room}`
pub async fn show(access: RoomAccess) -> ApiResult<Json<Snapshot>> {
    Ok(Json(access.room.snapshot(access.claims.sub.clone()).await?))
}

/// The query of a request for events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    #[serde(default)]
    after: Seq,
}

/// `GET /rooms/{room}/events?after=17`
pub async fn events(
    State(app): State<Arc<App>>,
    access: RoomAccess,
    origin: Origin,
    after: Result<Query<After>, QueryRejection>,
) -> ApiResult<Json<Vec<Box<RawValue>>>> {
    let Query(After { after }) = after.map_err(|_| {
        Problem::new(
            Code::Invalid,
            "Events are asked for by ?after= and a sequence number.",
        )
    })?;
    app.take_reading(&access.claims.sub, origin, access.room.id(), after)?;
    let events = access
        .room
        .events_after(access.claims.sub.clone(), after)
        .await?;
    let events = events
        .iter()
        .filter_map(|event| serde_json::from_slice(event).ok());
    Ok(Json(events.collect()))
}
