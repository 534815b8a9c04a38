//! Redeeming an invitation for a token, renewing a token, and revoking an invitation.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use plenary_conference::Keys;
use plenary_protocol::{Access, Code, Permission, Problem, Token};
use plenary_room::authority::check_access;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApiResult,
    body::Fields,
    caller::{Caller, PathParameters},
};
use crate::{
    allowances::Limit,
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

/// A token, and the person to whom it belongs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Redeemed {
    /// The token that was issued.
    #[serde(flatten)]
    pub secret: Token,
    /// The person whose token it is.
    pub person: PersonFacts,
    /// The bearer's permissions, which the welcome has too: a client needs them before it takes a seat.
    pub may: Vec<Permission>,
}

/// `POST /invitations/redeem`. The caller needs no token, so an attacker could try secrets here: the wrong ones from
/// one address are limited. A valid one is accepted at all times, because the attacker may be at the same address.
pub async fn redeem(
    State(app): State<Arc<App>>,
    origin: Origin,
    fields: Fields,
) -> ApiResult<Json<Redeemed>> {
    let Redeem { invitation } = fields.read()?;
    let at = app.now();
    let redeemed = app.keys.redeem(&app.conference, &invitation, at);
    let token = match redeemed {
        Ok(token) => token,
        Err(error) => {
            app.allowances.guess(origin)?;
            return Err(unauthorized(error).into());
        }
    };
    app.allowances
        .take(Limit::Requests, &token.claims.sub, origin, 1)?;
    Ok(Json(Redeemed {
        person: people::person(&app.conference, &token.claims),
        may: Permission::of(token.claims.role),
        secret: to_client(&app, &token, at),
    }))
}

/// `POST /token/renew`
pub async fn renew(
    State(app): State<Arc<App>>,
    caller: Caller,
    fields: Fields,
) -> ApiResult<Json<Token>> {
    fields.none()?;
    let now = app.now();
    let token = app
        .keys
        .renew(&app.conference, &caller.token, now)
        .map_err(unauthorized)?;
    Ok(Json(to_client(&app, &token, now)))
}

/// `DELETE /invitations/{invitation}`
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    check_access(caller.claims.role, Access::RevokeInvitation)?;
    let invitation = parameters.get("invitation");
    // Whoever mistypes one would take it for revoked.
    let invited = Keys::invited(invitation).filter(|it| it.is_known(&app.conference));
    if invited.is_none() {
        let detail = "There is no such invitation: it is named by its person and a number, such as tokyo-1.1.";
        return Err(Problem::new(Code::NotFound, detail).into());
    }
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
