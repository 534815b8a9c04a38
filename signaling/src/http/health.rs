//! How every seat is doing, from the server's own RTCP.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract::State};
use plenary_ids::PersonId;
use plenary_media::SessionFigures;
use plenary_protocol::{Presence, Problem};
use plenary_room::{Action, RoomHandle};
use serde_json::{Value, json};

use super::{
    Answer,
    caller::{Caller, Place, allowed},
};
use crate::{quality::Quality, state::App};

/// `GET /health`: all rooms.
pub async fn all(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Value>> {
    allowed(caller.claims.role, Action::ReadHealth)?;
    let mut rooms = Vec::new();
    for room in &app.conference.rooms {
        if let Some(handle) = app.room(&room.id) {
            rooms.push(health(&app, &handle, caller.claims.sub.clone()).await?);
        }
    }
    Ok(Json(json!({ "rooms": rooms })))
}

/// `GET /rooms/{room}/health`
pub async fn of_room(State(app): State<Arc<App>>, place: Place) -> Answer<Json<Value>> {
    allowed(place.claims.role, Action::ReadHealth)?;
    Ok(Json(health(&app, &place.room, place.claims.sub).await?))
}

async fn health(app: &App, room: &RoomHandle, reader: PersonId) -> Result<Value, Problem> {
    let snapshot = room.snapshot(reader).await?;
    let mut figures: HashMap<PersonId, Vec<SessionFigures>> = HashMap::new();
    for session in app.media.figures(Some(room.id().clone())).await {
        figures
            .entry(session.person.clone())
            .or_default()
            .push(session);
    }
    let participants: Vec<Value> = snapshot
        .participants
        .iter()
        .map(|it| {
            // Of several devices, the one that sends most: it is the one that the others see and hear.
            let media = figures.get(&it.person).and_then(|all| all.iter().max_by_key(|one| one.bitrate_up));
            let Quality { state, quality, cause } = Quality::of(it.state == Presence::Seated, media);
            json!({
                "person": it.person, "name": it.name, "role": it.role, "delegation": it.delegation,
                "state": state, "quality": quality, "cause": cause,
                "ice_path": media.and_then(|it| it.path.as_ref()),
                "rtt_ms": media.and_then(|it| it.rtt_ms),
                "loss_up": media.map(|it| it.loss_up), "loss_down": media.map(|it| it.loss_down),
                "jitter_ms": media.map(|it| it.jitter_ms),
                "bitrate_up": media.map(|it| it.bitrate_up), "bitrate_down": media.map(|it| it.bitrate_down),
                "sources": media.map(|it| &it.sources), "slots": media.map(|it| &it.slots),
                "lacks": media.map(|it| &it.lacks),
            })
        })
        .collect();
    Ok(
        json!({ "room": room.id(), "title": snapshot.title, "seq": snapshot.seq, "participants": participants }),
    )
}
