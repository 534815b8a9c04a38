//! Reading the floor; the commands that change it are in `commands.rs`.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{ApiResult, caller::RoomAccess};

/// `GET /rooms/{room}/floor`
pub async fn show(access: RoomAccess) -> ApiResult<Response> {
    let snapshot = access.room.snapshot(access.claims.sub.clone()).await?;
    let etag = etag(Some(snapshot.floor.version));
    Ok((etag, Json(snapshot.floor)).into_response())
}

/// The `ETag` of a floor of that version (RFC 9110, section 8.8.3); none of a result that is no floor.
pub fn etag(version: Option<u64>) -> HeaderMap {
    let value = version.and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok());
    value
        .map(|value| (header::ETAG, value))
        .into_iter()
        .collect()
}
