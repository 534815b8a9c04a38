//! What is read from a request before its body: the bearer token, the room of the path, and the preconditions of a
//! command.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use plenary_conference::Claims;
use plenary_ids::RoomId;
use plenary_protocol::{Code, CommandId, Problem};
use plenary_room::{Preconditions, RoomHandle};

use tokio::time::Instant;

use super::Refusal;
use crate::{refusal::unauthorized, state::App};

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
        let token = bearer(&parts.headers).ok_or_else(|| {
            Problem::new(
                Code::Unauthorized,
                "Send the token that redeeming your invitation gave, as a bearer token.",
            )
        })?;
        let claims = app
            .keys
            .verify(&app.conference, token, app.clock.now())
            .map_err(unauthorized)?;
        // By person and not by token: a renewal would bring a full bucket.
        let asked = app.request_limiter.take(claims.sub.clone(), Instant::now());
        asked.map_err(Refusal::too_fast)?;
        Ok(Self {
            claims,
            token: token.to_owned(),
        })
    }
}

/// The scheme's name has no case (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
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

/// What the path names, by the words in braces of its route.
#[derive(Debug)]
pub struct PathParameters(Vec<(String, String)>);

impl PathParameters {
    /// What the path has in place of that word; empty if its route has no such word.
    pub fn get(&self, word: &str) -> &str {
        let mut named = self.0.iter();
        named
            .find(|(name, _)| name == word)
            .map_or("", |(_, value)| value)
    }

    /// All of them but the room.
    pub fn beyond_the_room(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().filter(|(name, _)| name != "room");
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathParameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        // What is refused here is not UTF-8, and so names nothing.
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
    /// The room of that name, if there is one and the token says that its bearer may enter.
    pub fn enter(&self, claims: &Claims, name: &str) -> Result<RoomHandle, Problem> {
        let nowhere = || Problem::new(Code::NotFound, "This conference has no such room.");
        let id = RoomId::new(name).map_err(|_| nowhere())?;
        let room = self.room(&id).ok_or_else(nowhere)?;
        if claims.rooms.contains(&id) {
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

/// RFC 9110, section 13.1.1: `*`, or a list of tags of which one has to match. A tag that we never gave cannot match, and
/// neither can a weak one. Of several versions the latest decides: it includes the ones before.
fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut lines = headers.get_all(header::IF_MATCH).iter().peekable();
    if lines.peek().is_none() {
        return Ok(None);
    }
    let words = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim);
    let words: Vec<&str> = words.collect();
    if words.contains(&"*") {
        return Ok(None);
    }
    let version = |tag: &&str| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    let latest: Option<u64> = words.iter().filter_map(version).max();
    latest
        .map(Some)
        .ok_or_else(|| Problem::stale("If-Match takes the ETag of the floor; this is none."))
}
