//! From an invitation to a token, to the next token; and the end of an invitation.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use plenary_conference::Token;
use plenary_ids::Moment;
use plenary_protocol::{Code, Permission, Problem};
use plenary_room::{Action, authority};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    Answer, Refusal,
    body::Fields,
    caller::{Caller, Names, allowed, unauthorized},
};
use crate::{
    people::{self, PersonFacts},
    rate::Origin,
    state::App,
};

/// What is redeemed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// The invitation, as it stands in the link after `#i=`.
    pub invitation: String,
}

/// A token as it is handed out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Secret {
    /// For `Authorization: Bearer`, and for a hello.
    pub token: String,
    /// Until when; renew it before.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub expires: Moment,
}

/// A token, and whose it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Redeemed {
    /// The token.
    #[serde(flatten)]
    pub secret: Secret,
    /// Whose.
    pub person: PersonFacts,
    /// What the bearer may do, as the welcome says it too: a client needs it before it takes a seat.
    pub may: Vec<Permission>,
}

/// `POST /invitations/redeem`. Nobody has to show who he is before, so this is where secrets could be tried: an address
/// has so many wrong ones. Valid ones are not counted there, because a whole delegation may come from one address.
pub async fn redeem(
    State(app): State<Arc<App>>,
    origin: Origin,
    fields: Fields,
) -> Answer<Json<Redeemed>> {
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
        may: authority::permissions(token.claims.role),
        secret: secret(&token),
    }))
}

/// `POST /token/renew`
pub async fn renew(
    State(app): State<Arc<App>>,
    caller: Caller,
    fields: Fields,
) -> Answer<Json<Secret>> {
    fields.none()?;
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
    names: Names,
) -> Answer<StatusCode> {
    allowed(caller.claims.role, Action::RevokeInvitation)?;
    let invitation = names.get("invitation");
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

/// A token as it is handed out.
pub fn secret(token: &Token) -> Secret {
    Secret {
        token: token.secret.clone(),
        expires: token.expires(),
    }
}
