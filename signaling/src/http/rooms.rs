//! Rooms: the list of them, one as it is, and what happened in it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
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
use crate::state::App;

/// A room that one may enter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoomListed {
    /// The name on the wire.
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// Whether cameras are shown small without the floor.
    pub gallery: bool,
    /// The item of the agenda that is on.
    pub on: Option<AgendaItem>,
    /// The one that comes next.
    pub next: Option<AgendaItem>,
    /// How late it runs; 0 in time, none where nothing can be late.
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

/// `GET /rooms`: those that the caller may enter, what is on and next in each, and how late it runs.
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
            gallery: room.gallery,
            on: agenda.on().cloned(),
            next: agenda.next().cloned(),
            late_ms: agenda.late(app.clock.now()),
        });
    }
    Json(listed)
}

/// `GET /rooms/{room}`
pub async fn show(access: RoomAccess) -> ApiResult<Json<Snapshot>> {
    Ok(Json(access.room.snapshot(access.claims.sub.clone()).await?))
}

/// What is asked of the events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    #[serde(default)]
    after: Seq,
}

/// `GET /rooms/{room}/events?after=17`
pub async fn events(
    access: RoomAccess,
    after: Result<Query<After>, QueryRejection>,
) -> ApiResult<Json<Vec<Box<RawValue>>>> {
    let Query(After { after }) = after.map_err(|_| {
        Problem::new(
            Code::Invalid,
            "Events are asked for by ?after= and a sequence number.",
        )
    })?;
    let events = access
        .room
        .events_after(access.claims.sub.clone(), after)
        .await?;
    let events = events
        .iter()
        .filter_map(|event| serde_json::from_slice(event).ok());
    Ok(Json(events.collect()))
}
