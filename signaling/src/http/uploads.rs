//! Uploads that go on after a cut or a restart: tus 1.0 (<https://tus.io/protocols/resumable-upload>), its core with the
//! extensions *creation*, *termination* and *expiration*. A `GET` gives the state as JSON, and so what came of a file.

use std::{
    sync::{Arc, Weak},
    time::{Duration, SystemTime},
};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use plenary_conference::Claims;
use plenary_ids::{MediaId, Moment};
use plenary_library::{
    Announced, LibraryError, Outcome, UPLOAD_LIFE, UploadId, UploadState, Uploads,
};
use plenary_protocol::{Access, Code, Problem};
use plenary_room::authority::check_access;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::{task::spawn_blocking, time::interval};

use super::{
    ApiResult, Refusal,
    caller::{Caller, PathParameters},
    media::{length, refusal, unavailable},
    receive::receive,
};
use crate::state::App;

/// The media type of a part.
pub const PART: [&str; 1] = ["application/offset+octet-stream"];

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue = HeaderValue::from_static("creation,termination,expiration");
const MAX_METADATA_BYTES: usize = 4096;
/// How often old uploads are looked for.
const TENDING_INTERVAL: Duration = Duration::from_mins(10);

/// The headers of the protocol.
mod tus {
    use axum::http::HeaderName;

    pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
    pub(super) const VERSION: HeaderName = HeaderName::from_static("tus-version");
    pub(super) const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
    pub(super) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
    pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
    pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
    pub(super) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
    pub(super) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
    pub(super) const METHOD: HeaderName = HeaderName::from_static("x-http-method-override");
}

/// A recording that is received in parts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MediaUpload {
    /// The id of the upload; its address is `/media/uploads/{upload}`.
    pub id: String,
    /// The name of the recording.
    pub name: String,
    /// How many bytes the file has.
    pub bytes: u64,
    /// How many of them were received.
    pub received: u64,
    /// Whether it is received or checked, or what came of it.
    pub state: MediaUploadState,
    /// The id of the recording that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaId>,
    /// Why the file cannot be played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The `Upload-Metadata` of its creation, by which its sender knows the file again.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub metadata: String,
    /// When it is removed, unless something is added to it before.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub expires: Moment,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaUploadState {
    /// Some of it has still to come.
    Receiving,
    /// All of it is there, and is read to its end.
    Checking,
    /// It is in the library.
    Added,
    /// It cannot be played.
    Refused,
}

impl From<UploadState> for MediaUpload {
    fn from(upload: UploadState) -> Self {
        let expires = expires(&upload);
        let awaits_check = upload.awaits_check();
        let (state, media, refused) = match upload.outcome {
            Some(Outcome::Added(media)) => (MediaUploadState::Added, Some(media), None),
            Some(Outcome::Refused(why)) => (MediaUploadState::Refused, None, Some(why)),
            None if awaits_check => (MediaUploadState::Checking, None, None),
            None => (MediaUploadState::Receiving, None, None),
        };
        Self {
            id: upload.id.to_string(),
            name: upload.announced.name,
            bytes: upload.announced.bytes,
            received: upload.received,
            state,
            media,
            refused,
            metadata: upload.announced.metadata,
            expires,
        }
    }
}

fn expires(upload: &UploadState) -> Moment {
    let at = upload.touched + UPLOAD_LIFE;
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Moment(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Adds what the protocol asks of every answer.
pub fn speak(routes: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    routes.layer(middleware::from_fn(|request: Request, next: Next| async {
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        headers.insert(tus::RESUMABLE, VERSION);
        if headers.get(tus::VERSION).is_none() {
            headers.insert(tus::VERSION, VERSION);
        }
        response
    }))
}

/// `OPTIONS /media/uploads`: what of the protocol is spoken here.
pub async fn abilities(State(app): State<Arc<App>>) -> Response {
    let headers = [
        (tus::EXTENSION, EXTENSIONS),
        (tus::MAX_SIZE, HeaderValue::from(app.library.max_bytes())),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// `GET /media/uploads`: the caller's own.
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> ApiResult<Json<Vec<MediaUpload>>> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let mut all = with_uploads(&app, Uploads::all).await?;
    all.retain(|it| it.announced.person == caller.claims.sub);
    all.sort_by_key(|it| std::cmp::Reverse(it.touched));
    Ok(Json(all.into_iter().map(MediaUpload::from).collect()))
}

/// `POST /media/uploads`
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
) -> ApiResult<Response> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    check_version(&headers)?;
    let invalid = |detail: &str| Problem::new(Code::Invalid, detail);
    let bytes = number(&headers, &tus::LENGTH).ok_or_else(|| {
        invalid("Upload-Length has the length of the file in bytes; it cannot be named later.")
    })?;
    let metadata = headers
        .get(tus::METADATA)
        .map_or(Ok(""), HeaderValue::to_str);
    let metadata = metadata.map_err(|_| invalid("Upload-Metadata has ASCII characters only."))?;
    if metadata.len() > MAX_METADATA_BYTES {
        let detail = format!("Upload-Metadata has at most {MAX_METADATA_BYTES} bytes.");
        return Err(invalid(&detail).into());
    }
    let name = name_in(metadata).ok_or_else(|| {
        invalid("Upload-Metadata has the name of the recording: \"name\", a space, and the name in Base64.")
    })?;
    let announced = Announced {
        person: caller.claims.sub,
        name,
        bytes,
        metadata: metadata.to_owned(),
    };
    let upload = with_uploads(&app, move |uploads| uploads.begin(announced)).await?;
    // Relative to the address of the request, because a proxy may serve all of this under a path of its own.
    let location = format!("uploads/{}", upload.id);
    let mut response = described(upload, StatusCode::CREATED);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// `HEAD` and `GET /media/uploads/{upload}`. One that is whole and was not checked, as after a crash, is checked now.
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<Response> {
    let upload = own(&app, &caller.claims, &parameters).await?;
    if upload.awaits_check() {
        tokio::spawn(check_if_idle(Arc::clone(&app), upload.clone()));
    }
    Ok(described(upload, StatusCode::OK))
}

/// `PATCH /media/uploads/{upload}`. The answer to the last part comes once the file is checked.
pub async fn append(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
    request: Request,
) -> ApiResult<Response> {
    let upload = own(&app, &caller.claims, &parameters).await?;
    let headers = request.headers();
    check_version(headers)?;
    let kind = headers.get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| PART.iter().any(|part| kind == part)) {
        let detail = format!("A part is sent as {}.", PART.join(", "));
        return Err(Problem {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(),
            ..Problem::new(Code::Invalid, detail)
        }
        .into());
    }
    let offset = number(headers, &tus::OFFSET).ok_or_else(|| {
        let detail = "Upload-Offset has the place of the part's first byte in the file.";
        Problem::new(Code::Invalid, detail)
    })?;
    let left = upload.announced.bytes.saturating_sub(offset);
    if length(headers).is_some_and(|length| length > left) {
        let bytes = upload.announced.bytes;
        return Err(refusal(&LibraryError::TooLong { bytes }).into());
    }
    // What has come is written and checked, even if the client leaves meanwhile.
    let body = request.into_body();
    let received = tokio::spawn(async move { app.append(upload, offset, body).await });
    match received.await {
        Ok(received) => Ok(progress(&received?, StatusCode::NO_CONTENT)),
        Err(_) => Err(unavailable().into()),
    }
}

/// `DELETE /media/uploads/{upload}`
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let upload = own(&app, &caller.claims, &parameters).await?;
    check_version(&headers)?;
    let _place = app
        .receiving
        .take(&caller.claims.sub, Some(&upload.id))
        .await?;
    with_uploads(&app, move |uploads| uploads.remove(&upload.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /media/uploads/{upload}` with `X-HTTP-Method-Override`, of a client that cannot send other methods.
pub async fn overridden(
    state: State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
    request: Request,
) -> ApiResult<Response> {
    let method = request.headers().get(tus::METHOD);
    match method.and_then(|it| it.to_str().ok()) {
        Some("PATCH") => append(state, caller, parameters, request).await,
        Some("DELETE") => {
            let headers = request.headers().clone();
            let removed = remove(state, caller, parameters, headers).await?;
            Ok(removed.into_response())
        }
        _ => {
            let problem = Problem {
                status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
                ..Problem::new(Code::Invalid, "This address does not take that method.")
            };
            let allowed = [(header::ALLOW, "GET, HEAD, PATCH, DELETE")];
            Ok((allowed, Refusal::from(problem)).into_response())
        }
    }
}

/// Removes old uploads, and checks those that were whole when the server ended, until the server is gone.
pub async fn tend(app: Weak<App>) {
    let mut ticks = interval(TENDING_INTERVAL);
    loop {
        ticks.tick().await;
        let Some(app) = app.upgrade() else { return };
        let found = with_uploads(&app, |uploads| {
            match uploads.remove_old(SystemTime::now())? {
                0 => {}
                removed => tracing::info!(removed, "unfinished uploads of recordings were removed"),
            }
            uploads.all()
        });
        let Ok(found) = found.await else { continue };
        for upload in found.into_iter().filter(UploadState::awaits_check) {
            check_if_idle(Arc::clone(&app), upload).await;
        }
    }
}

/// Checks an upload that is whole, unless its sender's request is about to do so.
async fn check_if_idle(app: Arc<App>, upload: UploadState) {
    let person = upload.announced.person.clone();
    let Ok(place) = app.receiving.take(&person, None).await else {
        return;
    };
    // A refusal is kept with the upload, and a fault of the disk is in the log.
    let _ = app.finish(&upload).await;
    drop(place);
}

impl App {
    async fn append(
        self: &Arc<Self>,
        upload: UploadState,
        offset: u64,
        body: axum::body::Body,
    ) -> ApiResult<UploadState> {
        let sender = upload.announced.person.clone();
        let place = self.receiving.take(&sender, Some(&upload.id)).await?;
        let id = upload.id.clone();
        // A last part that is sent again, because its answer was lost, only waits for the check.
        let now = with_uploads(self, move |uploads| uploads.find(&id)).await?;
        if !(now.awaits_check() && offset == now.received) {
            let id = upload.id.clone();
            let writer = with_uploads(self, move |uploads| uploads.resume(&id, offset)).await?;
            receive(writer, body, &place).await?;
        }
        let id = upload.id.clone();
        let now = with_uploads(self, move |uploads| uploads.find(&id)).await?;
        if now.awaits_check() {
            self.finish(&now).await?;
        }
        drop(place);
        Ok(now)
    }

    async fn finish(&self, upload: &UploadState) -> Result<(), Problem> {
        let turn = self.turn_to_check().await;
        let id = upload.id.clone();
        let added = with_uploads(self, move |uploads| {
            let _turn = turn;
            uploads.finish(&id)
        })
        .await?;
        let by = &upload.announced.person;
        tracing::info!(media = %added.id, bytes = added.bytes, %by, "a recording was added");
        Ok(())
    }
}

/// The upload of the path, if it is the caller's own.
async fn own(
    app: &App,
    claims: &Claims,
    parameters: &PathParameters,
) -> Result<UploadState, Problem> {
    check_access(claims.role, Access::ManageMedia)?;
    let nothing = || refusal(&LibraryError::NoUpload);
    let id = UploadId::new(parameters.get("upload")).ok_or_else(nothing)?;
    let upload = with_uploads(app, move |uploads| uploads.find(&id)).await?;
    if upload.announced.person == claims.sub {
        Ok(upload)
    } else {
        Err(nothing())
    }
}

/// An answer with the state of an upload in its headers.
fn progress(upload: &UploadState, status: StatusCode) -> Response {
    let mut response = status.into_response();
    add_progress(response.headers_mut(), upload);
    response
}

fn described(upload: UploadState, status: StatusCode) -> Response {
    let mut headers = HeaderMap::new();
    add_progress(&mut headers, &upload);
    headers.insert(tus::LENGTH, HeaderValue::from(upload.announced.bytes));
    let metadata = HeaderValue::from_str(&upload.announced.metadata);
    if let Ok(metadata) = metadata {
        headers.insert(tus::METADATA, metadata);
    }
    (status, headers, Json(MediaUpload::from(upload))).into_response()
}

fn add_progress(headers: &mut HeaderMap, upload: &UploadState) {
    headers.insert(tus::OFFSET, HeaderValue::from(upload.received));
    let expires = i64::try_from(expires(upload).0).ok();
    let expires = expires.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let text = expires.and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
    if let Some(text) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(tus::EXPIRES, text);
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(tus::RESUMABLE) == Some(&VERSION) {
        return Ok(());
    }
    let detail = "This address speaks tus 1.0.0; send Tus-Resumable: 1.0.0.";
    Err(Problem {
        status: StatusCode::PRECONDITION_FAILED.as_u16(),
        ..Problem::new(Code::Invalid, detail)
    })
}

/// A number of digits and nothing else.
fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    let are_digits = text.bytes().all(|it| it.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

/// The name of the recording: of the key `name`, or else of the file.
fn name_in(metadata: &str) -> Option<String> {
    let value = |wanted: &str| {
        let mut pairs = metadata.split(',').map(str::trim);
        pairs.find_map(|pair| {
            let (key, value) = pair.split_once(' ')?;
            let bytes = STANDARD.decode(value.trim()).ok()?;
            (key == wanted)
                .then(|| String::from_utf8(bytes).ok())
                .flatten()
        })
    };
    value("name").or_else(|| value("filename"))
}

/// Does something with the uploads on a thread that may wait for the disk.
async fn with_uploads<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Uploads) -> Result<T, LibraryError> + Send + 'static,
) -> Result<T, Problem> {
    let uploads = app.uploads.clone();
    match spawn_blocking(move || work(&uploads)).await {
        Ok(done) => done.map_err(|error| refusal(&error)),
        Err(_) => Err(unavailable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_that_is_given_or_else_the_files() {
        assert_eq!(name_in("name TWF5b3I=").as_deref(), Some("Mayor"));
        assert_eq!(
            name_in("filename Zi53ZWJt,name TWF5b3I=").as_deref(),
            Some("Mayor")
        );
        assert_eq!(name_in("filename Zi53ZWJt").as_deref(), Some("f.webm"));
        for none in ["", "name", "name !!!", "name /w==", "other TWF5b3I="] {
            assert_eq!(name_in(none), None, "{none}");
        }
    }
}
