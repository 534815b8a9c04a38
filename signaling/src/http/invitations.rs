//! Redeeming an invitation for a token, renewing a token, and revoking an invitation.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use plenary_conference::{Keys, Rejection, Translations};
use plenary_ids::Moment;
use plenary_protocol::{Access, Code, Permission, Problem, Token, rfc3339};
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
    refusal::rejected,
    state::App,
    token::{check_to_client, to_client},
};

/// The body of a redemption.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// The invitation, as it stands in the link after `#i=`.
    pub invitation: String,
}

/// A token, and the person to whom it belongs, or what a check link is for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Redeemed {
    /// The token that was issued.
    #[serde(flatten)]
    pub secret: Token,
    /// The person whose token it is; absent for a check link, which is nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonFacts>,
    /// The bearer's permissions, which the welcome has too: a client needs them before it takes a seat.
    pub may: Vec<Permission>,
    /// What a check link is for; absent for a person. Its token opens checks of the media path and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckFacts>,
}

/// What the bearer of a check link learns of the conference.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckFacts {
    /// The full name of the conference.
    pub conference: String,
    /// The name by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// Until when the link can be used.
    #[serde(with = "rfc3339")]
    #[schemars(with = "String")]
    pub valid_until: Moment,
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
        Err(Rejection::OnlyChecks) => return redeem_check(&app, origin, &invitation, at),
        Err(rejection @ Rejection::Unauthorized) => {
            app.allowances.guess(origin)?;
            return Err(rejected(rejection).into());
        }
    };
    app.allowances
        .take(Limit::Requests, &token.claims.sub, origin, 1)?;
    Ok(Json(Redeemed {
        person: Some(people::person(&app.conference, &token.claims)),
        may: Permission::of(token.claims.role),
        secret: to_client(&app, &token, at),
        check: None,
    }))
}

fn redeem_check(
    app: &App,
    origin: Origin,
    invitation: &str,
    at: Moment,
) -> ApiResult<Json<Redeemed>> {
    app.allowances.take_link_check(origin)?;
    let token = app.keys.redeem_check(&app.conference, invitation, at);
    let token = token.map_err(rejected)?;
    Ok(Json(Redeemed {
        secret: check_to_client(app, &token, origin, at),
        person: None,
        may: Vec::new(),
        check: Some(CheckFacts {
            conference: app.conference.name.clone(),
            names: app.conference.names.clone(),
            valid_until: token.link_expires,
        }),
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
        .map_err(rejected)?;
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
