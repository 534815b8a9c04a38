//! A notice of the operators to all rooms at once.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use futures_util::future::try_join_all;
use plenary_protocol::{Command, CommandOutput};
use plenary_room::{Caller as InRoom, Preconditions, authority};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    ApiResult,
    body::Fields,
    caller::{Caller, PreconditionHeaders},
};
use crate::state::App;

/// The body of a notice.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeToAll {
    /// The text of the notice, at most 1,000 bytes.
    pub text: String,
}

/// `POST /notices`: the same notice in every room that the caller may enter. Each room keeps the `Idempotency-Key`, so a
/// call that is repeated after a failure posts only where the notice is missing.
pub async fn post(
    State(app): State<Arc<App>>,
    caller: Caller,
    PreconditionHeaders(preconditions): PreconditionHeaders,
    fields: Fields,
) -> ApiResult<(StatusCode, Json<Vec<CommandOutput>>)> {
    let NoticeToAll { text } = fields.read()?;
    let fields = Map::from_iter([("text".to_owned(), Value::from(text))]);
    let command = Command::read("notice.post", fields)?;
    authority::scope(caller.claims.role, &command)?;
    let rooms = app.rooms_of(&caller.claims);
    let posted = rooms.iter().map(|room| {
        let by = InRoom::new(caller.claims.sub.clone());
        // Each room has a floor of its own, so no ETag means all of them.
        let preconditions = Preconditions {
            if_match: None,
            ..preconditions.clone()
        };
        room.command(by, command.clone(), preconditions)
    });
    Ok((StatusCode::CREATED, Json(try_join_all(posted).await?)))
}
