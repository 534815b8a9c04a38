//! Rooms: the list of them, one as it is, what happened in it, and what is done to those in it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use plenary_ids::Seq;
use plenary_protocol::{Code, Problem};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    Answer,
    body::Fields,
    caller::{Caller, Place, Terms},
    floor::kind,
};
use crate::state::App;

const PARTICIPANT_VERBS: &[&str] = &["move", "remove", "mute", "admit"];

/// `GET /rooms`: those that the caller may enter, what is on and next in each, and how late it runs.
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> Json<Value> {
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
        listed.push(json!({
            "id": room.id, "title": room.title, "gallery": room.gallery,
            "on": agenda.on(), "next": agenda.next(), "late_ms": agenda.late(app.clock.now()),
        }));
    }
    Json(listed.into())
}

/// `GET /rooms/{room}`
pub async fn show(place: Place) -> Answer<Json<Value>> {
    let snapshot = place.room.snapshot(place.claims.sub.clone()).await?;
    Ok(Json(json!(snapshot)))
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
    place: Place,
    after: Result<Query<After>, QueryRejection>,
) -> Answer<Json<Vec<Box<RawValue>>>> {
    let Query(After { after }) = after.map_err(|_| {
        Problem::new(
            Code::Invalid,
            "Events are asked for by ?after= and a sequence number.",
        )
    })?;
    let events = place
        .room
        .events_after(place.claims.sub.clone(), after)
        .await?;
    let events = events
        .iter()
        .filter_map(|event| serde_json::from_slice(event).ok());
    Ok(Json(events.collect()))
}

/// `POST /rooms/{room}/participants/{person}/{verb}`
pub async fn on_participant(
    place: Place,
    terms: Terms,
    Path((_, person, verb)): Path<(String, String, String)>,
    fields: Fields,
) -> Answer<Json<Value>> {
    let kind = kind("participant", &verb, PARTICIPANT_VERBS)?;
    place
        .say(&kind, terms, fields.with("person", &person)?)
        .await
}
