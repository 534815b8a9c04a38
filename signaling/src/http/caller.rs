//! The parts of a request that are read before its body: the bearer token, the room of the path, and the preconditions
//! of a command.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use plenary_conference::Claims;
use plenary_ids::RoomId;
use plenary_protocol::{Code, CommandId, Problem};
use plenary_room::{Preconditions, RoomHandle};

use super::Refusal;
use crate::{allowances::Limit, etag, rate::Origin, refusal::rejected, state::App};

/// A caller with a valid token.
#[derive(Debug)]
pub struct Caller {
    /// The claims of the token.
    pub claims: Claims,
    /// The token itself, to be renewed.
    pub token: String,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let Ok(origin) = Origin::from_request_parts(parts, app).await;
        let token = bearer(&parts.headers).ok_or_else(|| {
            Problem::new(
                Code::Unauthorized,
                "Send the token that redeeming your invitation gave, as a bearer token.",
            )
        })?;
        let claims = app
            .keys
            .verify(&app.conference, token, app.now())
            .map_err(rejected)?;
        // By person and not by token: a renewal would bring a full bucket.
        app.allowances
            .take(Limit::Requests, &claims.sub, origin, 1)?;
        Ok(Self {
            claims,
            token: token.to_owned(),
        })
    }
}

/// The scheme's name has no case (RFC 9110, section 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A caller with a valid token, and the room of the path, which the caller may enter.
#[derive(Debug)]
pub struct RoomAccess {
    /// The claims of the token.
    pub claims: Claims,
    /// The room of the path.
    pub room: RoomHandle,
}

impl FromRequestParts<Arc<App>> for RoomAccess {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let Caller { claims, .. } = Caller::from_request_parts(parts, app).await?;
        let parameters = PathParameters::from_request_parts(parts, app).await?;
        let room = app.enter(&claims, parameters.get("room"))?;
        Ok(Self { claims, room })
    }
}

/// The parameters of the path, by the names in braces in its route.
#[derive(Debug)]
pub struct PathParameters(Vec<(String, String)>);

impl PathParameters {
    /// The parameter of that name; empty if the route has none.
    pub fn get(&self, word: &str) -> &str {
        let mut named = self.0.iter();
        named
            .find(|(name, _)| name == word)
            .map_or("", |(_, value)| value)
    }

    /// All parameters but the room.
    pub fn beyond_the_room(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().filter(|(name, _)| name != "room");
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathParameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        // A path that is refused here is not UTF-8, and so names nothing.
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::new(Code::NotFound, "There is nothing at this address."))?;
        let named = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self(named.collect()))
    }
}

impl App {
    /// The rooms that the bearer may enter and was not sent out of, in the order of the conference file.
    pub fn rooms_of(&self, claims: &Claims) -> Vec<RoomHandle> {
        let all = self.conference.rooms.iter();
        all.filter(|room| claims.rooms.contains(&room.id))
            .filter_map(|room| self.room(&room.id))
            .filter(|room| room.check_removed(&claims.sub).is_ok())
            .collect()
    }

    /// The room of that name, if there is one, the conference lets the bearer enter it, and no moderator has sent the
    /// bearer out.
    pub fn enter(&self, claims: &Claims, name: &str) -> Result<RoomHandle, Problem> {
        let nowhere = || Problem::new(Code::NotFound, "This conference has no such room.");
        let id = RoomId::new(name).map_err(|_| nowhere())?;
        let room = self.room(&id).ok_or_else(nowhere)?;
        if claims.rooms.contains(&id) {
            room.check_removed(&claims.sub)?;
            return Ok(room);
        }
        let title = self
            .conference
            .room(&id)
            .map_or(name, |room| room.title.as_str());
        Err(Problem::new(
            Code::Forbidden,
            format!("You have no place in the room \"{title}\"."),
        ))
    }
}

/// The preconditions of a command: `Idempotency-Key` and `If-Match`.
#[derive(Debug, Default)]
pub struct PreconditionHeaders(pub Preconditions);

impl<S: Sync> FromRequestParts<S> for PreconditionHeaders {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let invalid = || {
            let detail = "An Idempotency-Key has 1 to 128 visible ASCII characters, best a UUID.";
            Problem::new(Code::Invalid, detail)
        };
        let key = parts.headers.get("idempotency-key");
        let key = key.map(|key| {
            let key = key.to_str().map_err(|_| invalid())?;
            CommandId::new(key).map_err(|_| invalid())
        });
        Ok(Self(Preconditions {
            idempotency_key: key.transpose()?,
            if_match: if_match(&parts.headers)?,
        }))
    }
}

/// RFC 9110, section 13.1.1: `*`, or a list of tags of which one has to match. A tag that the server never gave cannot
/// match. A weak one can: a tag names the version of the floor, which is the same however its bytes were coded on the
/// way. Of several versions the latest decides: it includes the ones before.
fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    if !headers.contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    let tags: Vec<&str> = etag::listed(headers, &header::IF_MATCH).collect();
    if tags.contains(&"*") {
        return Ok(None);
    }
    let version = |tag: &&str| etag::opaque(tag)?.parse().ok();
    let latest: Option<u64> = tags.iter().filter_map(version).max();
    latest
        .map(Some)
        .ok_or_else(|| Problem::stale("If-Match takes the ETag of the floor; this is none."))
}
