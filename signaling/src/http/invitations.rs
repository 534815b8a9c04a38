//! From an invitation to a token, to the next token; and the end of an invitation.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use plenary_protocol::{Access, Code, Permission, Problem, Token};
use plenary_room::authority::check_access;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    ApiResult, Refusal,
    body::Fields,
    caller::{Caller, PathParameters},
};
use crate::{
    people::{self, PersonFacts},
    rate::Origin,
    refusal::unauthorized,
    state::App,
    token::to_client,
};

/// The body of a redemption.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// The invitation, as it stands in the link after `#i=`.
    pub invitation: String,
}

/// A token, and the participant whose it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Redeemed {
    /// The token that was issued.
    #[serde(flatten)]
    pub secret: Token,
    /// The person whose token it is.
    pub person: PersonFacts,
    /// What the bearer may do, as the welcome says it too: a client needs it before it takes a seat.
    pub may: Vec<Permission>,
}

/// `POST /invitations/redeem`. The caller needs no token, so an attacker could try secrets here: an address
/// has so many wrong ones. Valid ones are not counted there, because a whole delegation may come from one address.
pub async fn redeem(
    State(app): State<Arc<App>>,
    origin: Origin,
    fields: Fields,
) -> ApiResult<Json<Redeemed>> {
    let Redeem { invitation } = fields.read()?;
    let now = Instant::now();
    let left = app.guess_limiter.check(&origin, now);
    left.map_err(Refusal::too_many_guesses)?;
    let redeemed = app
        .keys
        .redeem(&app.conference, &invitation, app.clock.now());
    let token = match redeemed {
        Ok(token) => token,
        Err(error) => {
            let counted = app.guess_limiter.take(origin, now);
            counted.map_err(Refusal::too_many_guesses)?;
            return Err(unauthorized(error).into());
        }
    };
    let asked = app.request_limiter.take(token.claims.sub.clone(), now);
    asked.map_err(Refusal::too_fast)?;
    Ok(Json(Redeemed {
        person: people::person(&app.conference, &token.claims),
        may: Permission::of(token.claims.role),
        secret: to_client(&token),
    }))
}

/// `POST /token/renew`
pub async fn renew(
    State(app): State<Arc<App>>,
    caller: Caller,
    fields: Fields,
) -> ApiResult<Json<Token>> {
    fields.none()?;
    let token = app
        .keys
        .renew(&app.conference, &caller.token, app.clock.now())
        .map_err(unauthorized)?;
    Ok(Json(to_client(&token)))
}

/// `DELETE /invitations/{invitation}`
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    check_access(caller.claims.role, Access::RevokeInvitation)?;
    let invitation = parameters.get("invitation");
    app.keys.revoke(invitation).map_err(|error| {
        tracing::error!(%error, "an invitation could not be revoked");
        Problem {
            status: 500,
            ..Problem::new(
                Code::Conflict,
                "The list of revoked invitations cannot be written.",
            )
        }
    })?;
    app.sessions.close_invitation(invitation);
    Ok(StatusCode::NO_CONTENT)
}
