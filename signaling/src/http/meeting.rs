//! What the meeting is at, over HTTP: the items of the agenda, and the questions that are put.

use axum::{Json, extract::Path, http::StatusCode};
use serde_json::Value;

use super::{
    Answer,
    body::Fields,
    caller::{Place, Terms},
    floor::kind,
};

const AGENDA_VERBS: &[&str] = &["start", "end"];
const DECISION_VERBS: &[&str] = &["object", "vote", "close", "withdraw"];

/// `POST /rooms/{room}/agenda/{item}/{verb}`
pub async fn on_item(
    place: Place,
    terms: Terms,
    Path((_, item, verb)): Path<(String, String, String)>,
    fields: Fields,
) -> Answer<Json<Value>> {
    let kind = kind("agenda", &verb, AGENDA_VERBS)?;
    place.say(&kind, terms, fields.with("item", &item)?).await
}

/// `POST /rooms/{room}/decisions`
pub async fn decide(
    place: Place,
    terms: Terms,
    fields: Fields,
) -> Answer<(StatusCode, Json<Value>)> {
    let decision = place.say("decision.open", terms, fields).await?;
    Ok((StatusCode::CREATED, decision))
}

/// `POST /rooms/{room}/decisions/{decision}/{verb}`
pub async fn on_decision(
    place: Place,
    terms: Terms,
    Path((_, decision, verb)): Path<(String, String, String)>,
    fields: Fields,
) -> Answer<Json<Value>> {
    let kind = kind("decision", &verb, DECISION_VERBS)?;
    place
        .say(&kind, terms, fields.with("decision", &decision)?)
        .await
}
