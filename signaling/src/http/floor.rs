//! The floor as it is; what is done to it is in `commands.rs`.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Answer, caller::Place};

/// `GET /rooms/{room}/floor`
pub async fn show(place: Place) -> Answer<Response> {
    let snapshot = place.room.snapshot(place.claims.sub.clone()).await?;
    let tag = tag(&json!(snapshot.floor.version));
    Ok((tag, Json(snapshot.floor)).into_response())
}

/// The `ETag` of a floor of that version; none of what is no floor.
pub fn tag(version: &Value) -> HeaderMap {
    let tag = version
        .as_u64()
        .and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok());
    tag.map(|tag| (header::ETAG, tag)).into_iter().collect()
}
