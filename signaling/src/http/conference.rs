//! The facts of the conference, and one's own.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::caller::Caller;
use crate::{people, state::App};

/// `GET /conference`
pub async fn show(State(app): State<Arc<App>>, _: Caller) -> Json<Value> {
    Json(people::conference(&app.conference))
}

/// `GET /me`: what the seat page shows.
pub async fn me(State(app): State<Arc<App>>, caller: Caller) -> Json<Value> {
    let conference = &app.conference;
    let rooms: Vec<Value> = conference
        .rooms
        .iter()
        .filter(|room| caller.claims.rooms.contains(&room.id))
        .map(|room| json!({"id": room.id, "title": room.title, "agenda": people::agenda(conference.agenda(&room.id))}))
        .collect();
    Json(json!({
        "person": people::person(conference, &caller.claims),
        "conference": people::conference(conference),
        "rooms": rooms,
    }))
}
