//! Links that end: an address of the API that a player or a download opens without a token.
//!
//! A `<video>` cannot send a bearer token. So the caller, who has one, asks for a link ([`App::link`]), and the route that
//! serves the bytes takes a [`LinkedCaller`] in place of a `Caller`: the bearer of a token, or of a link to exactly this
//! path that has not ended. The handler then asks for the permission as any other does, so that a link never opens more
//! than its bearer may read at that moment:
//!
//! ```ignore
//! /// `POST /media/{media}/link`
//! async fn link(State(app): State<Arc<App>>, caller: Caller, at: PathParameters) -> ApiResult<Json<Link>> {
//!     check_access(caller.claims.role, Access::ManageMedia)?;
//!     Ok(Json(app.link(&caller.claims, &format!("/media/{id}/content"), LINK_LIFE)?))
//! }
//!
//! /// `GET /media/{media}/content`
//! async fn content(State(app): State<Arc<App>>, caller: LinkedCaller, headers: HeaderMap) -> ApiResult<Response> {
//!     check_access(caller.claims.role, Access::ManageMedia)?;
//!     ServedFile { content, media_type, tag, name }.respond(&headers).await
//! }
//! ```
//!
//! A file is served with ranges by `http::file::ServedFile`.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use plenary_conference::Claims;
use plenary_ids::{Millis, Moment};
use plenary_protocol::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    allowances::Limit,
    http::Caller,
    rate::Origin,
    refusal::{Refusal, rejected},
    state::App,
};

/// A link that reads one address without a token, until it ends.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Link {
    /// The path under `/api/v1`, with the key. The key is a secret as a token is.
    pub path: String,
    /// When the link ends.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub expires: Moment,
    /// How long that is from now.
    pub expires_in_ms: Millis,
}

impl App {
    /// A link to a path under `/api/v1`, for the bearer of a token who may read it. A player asks for another when its life
    /// is over; the bytes that flow by then go on.
    pub fn link(&self, claims: &Claims, path: &str, life: Millis) -> Result<Link, Problem> {
        let now = self.now();
        let key = self
            .keys
            .sign_link(&self.conference, claims, path, now, life)
            .map_err(rejected)?;
        Ok(Link {
            path: format!("{path}?key={key}"),
            expires: now.after(life),
            expires_in_ms: life,
        })
    }
}

/// The bearer of a token, or of a link to the path of the request.
#[derive(Debug)]
pub struct LinkedCaller {
    /// The claims of the token, or of the link.
    pub claims: Claims,
}

#[derive(Debug, Deserialize)]
struct Keyed {
    key: String,
}

impl FromRequestParts<Arc<App>> for LinkedCaller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let keyed = axum::extract::Query::<Keyed>::try_from_uri(&parts.uri);
        let Ok(Keyed { key }) = keyed.map(|query| query.0) else {
            let Caller { claims, .. } = Caller::from_request_parts(parts, app).await?;
            return Ok(Self { claims });
        };
        let Ok(origin) = Origin::from_request_parts(parts, app).await;
        // Within the router of the API this is the path below `/api/v1`.
        let path = parts.uri.path();
        let claims = app
            .keys
            .verify_link(&app.conference, path, &key, app.now())
            .map_err(rejected)?;
        app.allowances
            .take(Limit::Requests, &claims.sub, origin, 1)?;
        Ok(Self { claims })
    }
}
