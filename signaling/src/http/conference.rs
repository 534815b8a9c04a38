//! The facts of the conference, and one's own.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::caller::Caller;
use crate::{
    people::{self, ConferenceFacts, Me, MyRoom},
    state::App,
};

/// `GET /conference`
pub async fn show(State(app): State<Arc<App>>, _: Caller) -> Json<ConferenceFacts> {
    Json(people::conference(&app.conference))
}

/// `GET /me`: what the seat page shows.
pub async fn me(State(app): State<Arc<App>>, caller: Caller) -> Json<Me> {
    let conference = &app.conference;
    let rooms = conference.rooms.iter();
    let rooms = rooms.filter(|room| caller.claims.rooms.contains(&room.id));
    Json(Me {
        person: people::person(conference, &caller.claims),
        conference: people::conference(conference),
        rooms: rooms
            .map(|room| MyRoom {
                id: room.id.clone(),
                title: room.title.clone(),
                agenda: people::agenda(conference.agenda(&room.id)),
            })
            .collect(),
    })
}
