//! The floor over HTTP: every verb becomes the command that WebSocket calls by the same name.

use axum::{
    Json,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use plenary_protocol::{Code, Command, Problem};
use plenary_room::{Caller, Guard};
use serde_json::Value;

use super::{
    Answer,
    body::Fields,
    caller::{Place, Terms},
};

/// What may be done to one request.
const REQUEST_VERBS: &[&str] = &[
    "accept", "grant", "deny", "cancel", "move", "pass", "recall", "suspend", "resume", "release",
    "yield", "revoke", "extend",
];
const LIST_VERBS: &[&str] = &[
    "open",
    "close",
    "announce_close",
    "reopen",
    "admit",
    "adjourn",
    "resume",
    "conclude",
];
const CHAIR_VERBS: &[&str] = &["take", "hand_over", "priority_on", "priority_off"];

/// `GET /rooms/{room}/floor`
pub async fn show(place: Place) -> Answer<Response> {
    let snapshot = place.room.snapshot(place.claims.sub.clone()).await?;
    let tag = HeaderValue::try_from(format!("\"{}\"", snapshot.floor.version));
    let mut response = Json(snapshot.floor).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// `PATCH /rooms/{room}/floor`
pub async fn set(place: Place, terms: Terms, fields: Fields) -> Answer<Json<Value>> {
    place.say("floor.set", terms, fields).await
}

/// `POST /rooms/{room}/floor/requests`
pub async fn request(
    place: Place,
    terms: Terms,
    fields: Fields,
) -> Answer<(StatusCode, Json<Value>)> {
    Ok((
        StatusCode::CREATED,
        place.say("floor.request", terms, fields).await?,
    ))
}

/// `POST /rooms/{room}/floor/requests/{request}/{verb}`
pub async fn on_request(
    place: Place,
    terms: Terms,
    Path((_, request, verb)): Path<(String, String, String)>,
    fields: Fields,
) -> Answer<Json<Value>> {
    let kind = kind("floor", &verb, REQUEST_VERBS)?;
    place
        .say(&kind, terms, fields.with("request", &request)?)
        .await
}

/// `PUT /rooms/{room}/floor/order`
pub async fn order(place: Place, terms: Terms, fields: Fields) -> Answer<Json<Value>> {
    place.say("floor.order", terms, fields).await
}

/// `POST /rooms/{room}/floor/next`
pub async fn next(place: Place, terms: Terms, fields: Fields) -> Answer<Json<Value>> {
    place.say("floor.next", terms, fields).await
}

/// `POST /rooms/{room}/floor/list/{verb}`
pub async fn list(
    place: Place,
    terms: Terms,
    Path((_, verb)): Path<(String, String)>,
    fields: Fields,
) -> Answer<Json<Value>> {
    place
        .say(&kind("list", &verb, LIST_VERBS)?, terms, fields)
        .await
}

/// `POST /rooms/{room}/chair/{verb}`
pub async fn chair(
    place: Place,
    terms: Terms,
    Path((_, verb)): Path<(String, String)>,
    fields: Fields,
) -> Answer<Json<Value>> {
    place
        .say(&kind("chair", &verb, CHAIR_VERBS)?, terms, fields)
        .await
}

/// The command that a path's verb stands for.
pub fn kind(subject: &str, verb: &str, known: &[&str]) -> Result<String, Problem> {
    if known.contains(&verb) {
        return Ok(format!("{subject}.{verb}"));
    }
    let detail = format!("There is nothing to do here but: {}.", known.join(", "));
    Err(Problem::new(Code::NotFound, detail))
}

impl Place {
    /// Reads the command and has the room do it.
    pub async fn say(&self, kind: &str, terms: Terms, fields: Fields) -> Answer<Json<Value>> {
        let command = Command::read(kind, fields.0)?;
        let caller = Caller {
            person: self.claims.sub.clone(),
            session: None,
        };
        let guard = Guard {
            id: terms.command_id,
            version: terms.if_match,
        };
        let result = self.room.command(caller, command, guard).await?;
        Ok(Json(result))
    }
}
