//! The facts of the conference, and of the caller.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use plenary_protocol::{Code, Problem};

use super::{ApiResult, caller::Caller};
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
                titles: room.titles.clone(),
                recording: app.is_recorded(&room.id),
                agenda: people::agenda(conference.agenda(&room.id)),
            })
            .collect(),
    })
}

/// `GET /me/agenda.ics`
pub async fn calendar(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Response> {
    let person = app.conference.person(&caller.claims.sub).ok_or_else(|| {
        let detail = "The conference no longer knows you.";
        Problem::new(Code::NotFound, detail)
    })?;
    let file = app.conference.calendar(person, app.now());
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"agenda.ics\"",
        ),
    ];
    Ok((headers, file).into_response())
}
