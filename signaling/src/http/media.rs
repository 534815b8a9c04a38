//! The media library: adding, listing and removing recordings.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use plenary_ids::{Language, MediaId, Millis};
use plenary_library::{Item, Library, LibraryError, Listed};
use plenary_protocol::{Access, Code, Problem};
use plenary_room::authority::check_access;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    ApiResult,
    caller::{Caller, PathParameters},
    file::{Content, ServedFile},
    receive::receive,
};
use crate::{
    links::{Link, LinkedCaller},
    state::App,
};

/// The media types of a recording. Others are taken too: what counts is what is in the file.
pub const FORMS: [&str; 2] = ["video/webm", "video/x-matroska"];

/// How many files are checked at once: each is read from its first byte to its last.
pub const MAX_FILE_CHECKS: usize = 2;

/// How long a link to a preview lasts.
const LINK_LIFE: Millis = Millis::from_secs(10 * 60);

/// A recording of the media library.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MediaItem {
    /// The id by which it is played.
    pub id: MediaId,
    /// The name for people.
    pub name: String,
    /// How long it is, as measured; 0 if it is damaged.
    pub duration_ms: Millis,
    /// The size of its file; 0 if it is damaged.
    pub bytes: u64,
    /// What it consists of: pictures, the largest first, then sound, then subtitles.
    pub tracks: Vec<MediaTrack>,
    /// The languages of its subtitles, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subtitles: Vec<Language>,
    /// What an operator should know, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Why it cannot be played, if it is damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
}

/// A track of a recording.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MediaTrack {
    /// `video`, `audio` or `text`.
    pub kind: &'static str,
    /// `vp8`, `vp9`, `h264`, `opus` or `webvtt`.
    pub codec: &'static str,
    /// The language of sound or subtitles, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The height of the pictures in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl MediaItem {
    /// A recording of the library.
    pub fn of(library: &Library, id: &MediaId) -> Result<Self, LibraryError> {
        let item = library.find(id)?;
        Ok(Self::new(&item, library.subtitles(id)?))
    }

    /// Every recording of the library.
    pub fn all(library: &Library) -> Result<Vec<Self>, LibraryError> {
        let listed = library.list()?;
        let items = listed.iter().map(|listed| match listed {
            Listed::Whole(item) => Ok(Self::new(item, library.subtitles(&item.id)?)),
            Listed::Damaged { id, why } => Ok(Self {
                id: id.clone(),
                name: id.to_string(),
                duration_ms: Millis(0),
                bytes: 0,
                tracks: Vec::new(),
                subtitles: Vec::new(),
                warnings: Vec::new(),
                damaged: Some(why.clone()),
            }),
        });
        items.collect()
    }

    fn new(item: &Item, subtitles: Vec<Language>) -> Self {
        let tracks = item.tracks.iter().map(|track| MediaTrack {
            kind: track.kind.as_str(),
            codec: track.codec.as_str(),
            language: track.language.clone(),
            height: track.height,
        });
        Self {
            id: item.id.clone(),
            name: item.name.clone(),
            duration_ms: Millis(u64::try_from(item.duration.as_millis()).unwrap_or(u64::MAX)),
            bytes: item.bytes,
            tracks: tracks.collect(),
            subtitles,
            warnings: item.warnings.clone(),
            damaged: None,
        }
    }
}

/// `GET /media`
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Json<Vec<MediaItem>>> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    Ok(Json(with_library(&app, MediaItem::all).await?))
}

/// `POST /media/{media}/link`: for a player, which cannot send a token.
pub async fn link(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<Json<Link>> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let id = named(&parameters)?;
    let found = id.clone();
    with_library(&app, move |library| library.find(&found)).await?;
    Ok(Json(app.link(
        &caller.claims,
        &format!("/media/{id}/content"),
        LINK_LIFE,
    )?))
}

/// `GET /media/{media}/content`, to see and hear a recording before it is played. The room learns nothing of it.
pub async fn content(
    State(app): State<Arc<App>>,
    caller: LinkedCaller,
    parameters: PathParameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let id = named(&parameters)?;
    let asked = id.clone();
    let content = with_library(&app, move |library| library.content(&asked)).await?;
    let has = |kind: &str| {
        let mut tracks = content.item.tracks.iter();
        tracks.any(|track| track.kind.as_str() == kind || track.codec.as_str() == kind)
    };
    let content_type = match (has("video"), has("h264")) {
        (_, true) => "video/x-matroska",
        (true, false) => "video/webm",
        (false, false) => "audio/webm",
    };
    let ending = if has("h264") { "mkv" } else { "webm" };
    let served = ServedFile {
        content: Content::Disk(content.path),
        media_type: content_type.to_owned(),
        tag: content.version,
        name: format!("{id}.{ending}"),
    };
    served.respond(&headers).await
}

fn named(parameters: &PathParameters) -> Result<MediaId, Problem> {
    MediaId::new(parameters.get("media")).map_err(|_| no_recording())
}

/// `DELETE /media/{media}`
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let id = named(&parameters)?;
    if app.player.plays(&id) {
        let detail = "This recording is being played. Stop it first, or wait until it has ended.";
        return Err(Problem::new(Code::Conflict, detail).into());
    }
    with_library(&app, move |library| library.remove(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The query of an upload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    name: String,
}

/// `POST /media?name=…`. The answer comes once the file is checked and on disk.
pub async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    named: Result<Query<Named>, QueryRejection>,
    request: Request,
) -> ApiResult<(StatusCode, Json<MediaItem>)> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let Query(Named { name }) = named.map_err(|_| {
        let detail = "A recording has a name: send it as ?name=, and the file as the body.";
        Problem::new(Code::Invalid, detail)
    })?;
    Library::check_name(&name).map_err(|error| refusal(&error))?;
    let place = app.receiving.take(&caller.claims.sub, None).await?;
    let promised = length(request.headers());
    let upload = with_library(&app, move |library| {
        let upload = library.upload()?;
        upload.expect(promised.unwrap_or_default())?;
        Ok(upload)
    })
    .await?;
    let upload = receive(upload, request.into_body(), &place).await?;
    let turn = app.turn_to_check().await;
    let added = with_library(&app, move |library| {
        // A client that leaves now gives its place free once the file is read, and not before.
        let (_place, _turn) = (place, turn);
        let added = library.add(&name, upload, &[])?;
        MediaItem::of(library, &added.id)
    })
    .await?;
    tracing::info!(media = %added.id, by = %caller.claims.sub, "a recording was added");
    Ok((StatusCode::CREATED, Json(added)))
}

/// The length that a request claims to have.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

impl App {
    /// Waits until a file may be read from its first byte to its last: few are read at once. None while the server ends.
    pub(super) async fn turn_to_check(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.file_checks).acquire_owned().await.ok()
    }
}

/// Does something with the library on a thread that may wait for the disk.
pub(super) async fn with_library<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Library) -> Result<T, LibraryError> + Send + 'static,
) -> Result<T, Problem> {
    let library = app.library.clone();
    match tokio::task::spawn_blocking(move || work(&library)).await {
        Ok(done) => done.map_err(|error| refusal(&error)),
        Err(_) => Err(unavailable()),
    }
}

pub(super) fn refusal(error: &LibraryError) -> Problem {
    let detail = error.to_string();
    match error {
        LibraryError::Refused(plenary_library::Refused::TooLarge { .. }) => {
            Problem::new(Code::TooLarge, detail)
        }
        LibraryError::Refused(plenary_library::Refused::Io(_)) | LibraryError::Io { .. } => {
            tracing::error!(%detail, "the media library fails");
            unavailable()
        }
        LibraryError::Refused(_) | LibraryError::WasRefused(_) => Problem {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(),
            ..Problem::new(Code::Invalid, detail)
        },
        LibraryError::Name
        | LibraryError::Languages { .. }
        | LibraryError::Subtitles(_)
        | LibraryError::TooManySubtitles { .. } => Problem::new(Code::Invalid, detail),
        LibraryError::NotFound(_) => no_recording(),
        LibraryError::NoSubtitles { .. } | LibraryError::NoUpload => {
            Problem::new(Code::NotFound, detail)
        }
        LibraryError::Offset { .. } | LibraryError::TooManyUploads { .. } => {
            Problem::new(Code::Conflict, detail)
        }
        LibraryError::TooLong { .. } => Problem::new(Code::TooLarge, detail),
        LibraryError::Damaged { .. } => Problem::new(Code::Conflict, detail),
        LibraryError::DiskFull { .. } => Problem {
            status: StatusCode::INSUFFICIENT_STORAGE.as_u16(),
            ..Problem::new(Code::Unavailable, detail)
        },
    }
}

pub(super) fn no_recording() -> Problem {
    Problem::new(Code::NotFound, "There is no such recording.")
}

pub(super) fn unavailable() -> Problem {
    let detail = "The media library cannot be used at the moment; the log of the server says why.";
    Problem::new(Code::Unavailable, detail)
}
