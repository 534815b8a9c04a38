//! The floor as it is; what is done to it is in `commands.rs`.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{Answer, caller::Place};

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
