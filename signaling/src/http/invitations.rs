//! From an invitation to a token, to the next token; and the end of an invitation.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use plenary_conference::Token;
use plenary_protocol::{Code, Problem, rfc3339};
use plenary_room::Action;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer,
    body::Fields,
    caller::{Caller, allowed, unauthorized},
};
use crate::{people, state::App};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeem {
    invitation: String,
}

/// `POST /invitations/redeem`
pub async fn redeem(State(app): State<Arc<App>>, fields: Fields) -> Answer<Json<Value>> {
    let Redeem { invitation } = fields.read()?;
    let token = app
        .keys
        .redeem(&app.conference, &invitation, app.clock.now())
        .map_err(unauthorized)?;
    let person = people::person(&app.conference, &token.claims);
    let mut answer = secret(&token);
    answer["person"] = person;
    Ok(Json(answer))
}

/// `POST /token/renew`
pub async fn renew(State(app): State<Arc<App>>, caller: Caller, _: Fields) -> Answer<Json<Value>> {
    let token = app
        .keys
        .renew(&app.conference, &caller.token, app.clock.now())
        .map_err(unauthorized)?;
    Ok(Json(secret(&token)))
}

/// `DELETE /invitations/{invitation}`
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(invitation): Path<String>,
) -> Answer<StatusCode> {
    allowed(caller.claims.role, Action::RevokeInvitation)?;
    app.keys.revoke(&invitation).map_err(|error| {
        tracing::error!(%error, "an invitation could not be revoked");
        Problem {
            status: 500,
            ..Problem::new(
                Code::Conflict,
                "The list of revoked invitations cannot be written.",
            )
        }
    })?;
    app.sessions.expel(&invitation);
    Ok(StatusCode::NO_CONTENT)
}

/// A token as it is handed out.
pub fn secret(token: &Token) -> Value {
    json!({ "token": token.secret, "expires": rfc3339::text(token.expires()) })
}
