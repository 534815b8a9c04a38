//! WHIP (RFC 9725) and WHEP over HTTP: the endpoint of each room, and the address of each session.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, patch, post},
};
use plenary_conference::{Claims, Rejection};
use plenary_media::{ICE_FRAGMENT_TYPE, IceFragment};
use plenary_protocol::{Access, Code, Command, DeviceCommand, IceServer, Problem};
use plenary_room::authority::{check_access, scope};

use super::{
    ApiResult, Refusal, accept,
    body::unread_beyond,
    caller::{PathParameters, bearer},
};
use crate::{
    allowances::Limit,
    etag,
    rate::Origin,
    refusal::rejected,
    state::App,
    whip::{Beginning, Begun, IfMatch, Patched, Purpose, begin},
    ws,
};

/// The media type of an offer and of its answer.
pub const OFFER: [&str; 1] = ["application/sdp"];
/// The media type of what a `PATCH` takes.
pub const FRAGMENT: [&str; 1] = [ICE_FRAGMENT_TYPE];

/// The largest offer or fragment, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024;

const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// The bearer of a token or, because a studio's program is set up weeks before and asks for nothing, of an invitation.
#[derive(Debug)]
pub struct Bearer {
    claims: Claims,
    origin: Origin,
}

impl FromRequestParts<Arc<App>> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let Ok(origin) = Origin::from_request_parts(parts, app).await;
        let secret = bearer(&parts.headers).ok_or_else(|| {
            let detail =
                "Send your invitation, or the token that redeeming it gave, as a bearer token.";
            Problem::new(Code::Unauthorized, detail)
        })?;
        let now = app.now();
        let verified = app.keys.verify(&app.conference, secret, now);
        let redeem = || app.keys.redeem(&app.conference, secret, now);
        let claims = match verified {
            Err(Rejection::Unauthorized) => redeem().map(|token| token.claims),
            verified => verified,
        };
        let claims = match claims {
            Ok(claims) => claims,
            Err(rejection) => {
                if rejection == Rejection::Unauthorized {
                    app.allowances.guess(origin)?;
                }
                return Err(rejected(rejection).into());
            }
        };
        app.allowances
            .take(Limit::Requests, &claims.sub, origin, 1)?;
        Ok(Self { claims, origin })
    }
}

/// The routes at the root, for programs that are given the bare address of the server.
pub fn at_root() -> Router<Arc<App>> {
    Router::new()
        .route("/whip/{room}", publishing())
        .route("/whep/{room}", watching())
        .route(
            "/whip/{room}/{session}",
            patch_published().merge(end_published()),
        )
        .route(
            "/whep/{room}/{session}",
            patch_watched().merge(end_watched()),
        )
}

/// `POST /whip/{room}`: a studio offers what it publishes, and takes its person's seat.
pub fn publishing() -> MethodRouter<Arc<App>> {
    endpoint(Purpose::Publish)
}

/// `POST /whep/{room}`: a player offers what it receives, and never publishes.
pub fn watching() -> MethodRouter<Arc<App>> {
    endpoint(Purpose::Watch)
}

/// `PATCH /whip/{room}/{session}`: candidates of a studio, or a restart of its ICE.
pub fn patch_published() -> MethodRouter<Arc<App>> {
    patching(Purpose::Publish)
}

/// `PATCH /whep/{room}/{session}`: candidates of a player, or a restart of its ICE.
pub fn patch_watched() -> MethodRouter<Arc<App>> {
    patching(Purpose::Watch)
}

/// `DELETE /whip/{room}/{session}`: a studio ends, and its person's page publishes again.
pub fn end_published() -> MethodRouter<Arc<App>> {
    ending(Purpose::Publish)
}

/// `DELETE /whep/{room}/{session}`: a player ends its session by itself.
pub fn end_watched() -> MethodRouter<Arc<App>> {
    ending(Purpose::Watch)
}

fn endpoint(purpose: Purpose) -> MethodRouter<Arc<App>> {
    let offered = move |app: State<Arc<App>>, bearer: Bearer, path: PathParameters, it: Request| {
        offered(purpose, app, bearer, path, it)
    };
    cross_origin(post(offered).options(endpoint_abilities))
}

fn patching(purpose: Purpose) -> MethodRouter<Arc<App>> {
    let patched = move |app: State<Arc<App>>, bearer: Bearer, path: PathParameters, it: Request| {
        patched(purpose, app, bearer, path, it)
    };
    cross_origin(patch(patched).options(session_abilities))
}

fn ending(purpose: Purpose) -> MethodRouter<Arc<App>> {
    let ended = move |app: State<Arc<App>>, bearer: Bearer, path: PathParameters| {
        ended(purpose, app, bearer, path)
    };
    cross_origin(delete(ended))
}

/// Lets pages of other origins use the routes (RFC 9725, section 4.2): they are used by a secret that the page has to
/// know, and by no cookie that a browser would add.
fn cross_origin(routes: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    routes.layer(middleware::from_fn(|request: Request, next: Next| async {
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("location, etag, link, retry-after"),
        );
        response
    }))
}

/// `OPTIONS` of an endpoint, also before a cross-origin request.
async fn endpoint_abilities() -> Response {
    let accepts = (ACCEPT_POST, HeaderValue::from_static(OFFER[0]));
    abilities("POST, OPTIONS", accepts)
}

/// `OPTIONS` of a session, which scripts of other origins ask first.
async fn session_abilities() -> Response {
    let accepts = (ACCEPT_PATCH, HeaderValue::from_static(FRAGMENT[0]));
    abilities("PATCH, DELETE, OPTIONS", accepts)
}

fn abilities(methods: &'static str, accepts: (HeaderName, HeaderValue)) -> Response {
    let headers = [
        accepts,
        (header::ALLOW, HeaderValue::from_static(methods)),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(methods),
        ),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, if-match"),
        ),
        (
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("86400"),
        ),
    ];
    (StatusCode::OK, headers).into_response()
}

async fn offered(
    purpose: Purpose,
    State(app): State<Arc<App>>,
    Bearer { claims, origin }: Bearer,
    parameters: PathParameters,
    request: Request,
) -> ApiResult<Response> {
    match purpose {
        Purpose::Publish => {
            scope(claims.role, &Command::Device(DeviceCommand::Use {}))?;
        }
        Purpose::Watch => check_access(claims.role, Access::ReadRoom)?,
    }
    let room = app.enter(&claims, parameters.get("room"))?;
    if accept::best(request.headers(), &OFFER).is_none() {
        let problem = Problem::new(Code::Invalid, "The answer is application/sdp.");
        let status = StatusCode::NOT_ACCEPTABLE.as_u16();
        return Err(Problem { status, ..problem }.into());
    }
    let offer = text(request, OFFER[0]).await?;
    if app.is_draining() {
        let detail = "The server is going down; try again in a moment.";
        return Err(Problem::new(Code::Unavailable, detail).into());
    }
    purpose.check(&offer)?;
    app.allowances.take(Limit::Joins, &claims.sub, origin, 1)?;
    let watch = ws::watch(&app, &claims, origin)?;
    let servers = links(&app.ice_servers(&claims));
    let folder = format!("{}/{}", purpose.folder(), room.id());
    let beginning = Beginning {
        app: Arc::clone(&app),
        claims,
        room,
        purpose,
        offer,
        watch,
    };
    // In a task of its own: a client that goes away meanwhile leaves nothing half done.
    let begun = tokio::spawn(begin(beginning)).await.map_err(|error| {
        tracing::error!(%error, "a device was not seated");
        Problem::new(Code::Unavailable, "The server made a mistake; try again.")
    })?;
    let Begun { id, answer, tag } = begun?;
    // An absolute path, because some programs take nothing else.
    let location = format!("{}/api/v1/{folder}/{id}", app.base_path);
    let mut response = (StatusCode::CREATED, answer).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OFFER[0]));
    insert(headers, header::LOCATION, &location);
    insert(headers, header::ETAG, &format!("\"{tag}\""));
    for link in servers {
        headers.append(header::LINK, link);
    }
    Ok(response)
}

async fn patched(
    purpose: Purpose,
    State(app): State<Arc<App>>,
    Bearer { claims, origin }: Bearer,
    parameters: PathParameters,
    request: Request,
) -> ApiResult<Response> {
    let (room, id) = (parameters.get("room"), parameters.get("session"));
    let session = app.http_sessions.find(purpose, room, id, &claims)?;
    app.allowances
        .take(Limit::Signals, &claims.sub, origin, 1)?;
    let if_match = if_match(request.headers())?;
    let fragment = text(request, FRAGMENT[0]).await?;
    let fragment = IceFragment::parse(&fragment).map_err(|error| {
        let detail = format!("The fragment is not understood: {error}.");
        Problem::new(Code::Invalid, detail)
    })?;
    Ok(match session.patch(if_match, fragment).await? {
        Patched::Trickled => StatusCode::NO_CONTENT.into_response(),
        Patched::Restarted { fragment, tag } => {
            let mut response = fragment.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FRAGMENT[0]));
            insert(headers, header::ETAG, &format!("\"{tag}\""));
            response
        }
    })
}

async fn ended(
    purpose: Purpose,
    State(app): State<Arc<App>>,
    Bearer { claims, .. }: Bearer,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    let (room, id) = (parameters.get("room"), parameters.get("session"));
    let session = app.http_sessions.find(purpose, room, id, &claims)?;
    session.end().await?;
    Ok(StatusCode::OK)
}

/// The precondition of a fragment, which has to have one: two of them may overtake each other (RFC 9725, section 4.3.1).
fn if_match(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    if !headers.contains_key(header::IF_MATCH) {
        let detail = "Send If-Match with the ETag of the ICE session, or with * to restart ICE.";
        return Err(Problem {
            status: StatusCode::PRECONDITION_REQUIRED.as_u16(),
            ..Problem::new(Code::Invalid, detail)
        });
    }
    let tags: Vec<&str> = etag::listed(headers, &header::IF_MATCH).collect();
    // Some clients write the asterisk as if it were a tag.
    if tags.iter().any(|tag| matches!(*tag, "*" | "\"*\"")) {
        return Ok(IfMatch::Any);
    }
    let tags = tags.into_iter().filter_map(etag::opaque);
    Ok(IfMatch::Tags(tags.map(str::to_owned).collect()))
}

/// The body of a request, which has to be of that media type.
async fn text(request: Request, kind: &'static str) -> Result<String, Refusal> {
    let said = request.headers().get(header::CONTENT_TYPE);
    let said = said.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(kind) {
        let problem = Problem::new(Code::Invalid, format!("This address takes {kind}."));
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16();
        return Err(Problem { status, ..problem }.into());
    }
    let body = to_bytes(request.into_body(), MAX_BODY_BYTES).await;
    let body = body.map_err(|error| unread_beyond(&error, MAX_BODY_BYTES))?;
    String::from_utf8(body.into()).map_err(|_| {
        let detail = "The body is not text in UTF-8.";
        Problem::new(Code::Invalid, detail).into()
    })
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // What is inserted is made of ids and tags, which have ASCII characters alone.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The `Link` headers of ICE servers (RFC 9725, section 4.6).
fn links(servers: &[IceServer]) -> Vec<HeaderValue> {
    let mut links = Vec::new();
    for server in servers {
        let username = quoted(&server.username);
        let credential = quoted(&server.credential);
        for url in &server.urls {
            let link = format!(
                "<{url}>; rel=\"ice-server\"; username={username}; credential={credential}; credential-type=\"password\""
            );
            links.extend(HeaderValue::try_from(link).ok());
        }
    }
    links
}

/// A quoted string (RFC 9110, section 5.6.4).
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_an_ice_server_is_a_link_of_its_own() {
        let servers = [IceServer {
            urls: vec![
                "turn:192.0.2.1:8081".to_owned(),
                "turns:plenary.example:443?transport=tcp".to_owned(),
            ],
            username: "1634000000:tokyo-1".to_owned(),
            credential: "a\"b\\c".to_owned(),
        }];
        let secret =
            r#"username="1634000000:tokyo-1"; credential="a\"b\\c"; credential-type="password""#;
        assert_eq!(
            links(&servers),
            [
                format!(r#"<turn:192.0.2.1:8081>; rel="ice-server"; {secret}"#),
                format!(r#"<turns:plenary.example:443?transport=tcp>; rel="ice-server"; {secret}"#),
            ]
        );
        assert!(links(&[]).is_empty());
    }

    #[test]
    fn a_fragment_needs_a_precondition_and_an_asterisk_means_any_ice_session() {
        let read = |value: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.extend(value.map(|it| (header::IF_MATCH, HeaderValue::from_static(it))));
            if_match(&headers)
        };
        assert_eq!(read(None).unwrap_err().status, 428);
        for any in ["*", "\"*\""] {
            assert!(matches!(read(Some(any)), Ok(IfMatch::Any)), "{any}");
        }
        let Ok(IfMatch::Tags(tags)) = read(Some("\"ice-1\", W/\"ice-2-gzip\", junk")) else {
            panic!("tags");
        };
        assert_eq!(tags, ["ice-1", "ice-2"]);
    }
}
