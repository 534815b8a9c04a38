//! The media library: adding, listing and removing recordings.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
};
use futures_util::StreamExt;
use plenary_ids::{Language, MediaId, Millis};
use plenary_library::{Item, Library, LibraryError, Listed, Upload};
use plenary_protocol::{Access, Code, Problem};
use plenary_room::authority::check_access;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    ApiResult, Refusal,
    body::unread,
    caller::{Caller, PathParameters},
};
use crate::state::App;

/// The media types of a recording. Others are taken too: what counts is what is in the file.
pub const FORMS: [&str; 2] = ["video/webm", "video/x-matroska"];

/// How many recordings may be received at once: each is read from its first byte to its last.
pub const MAX_UPLOADS: usize = 2;
/// Parts of an upload that wait for the disk.
const QUEUED_PARTS: usize = 16;
/// How long the disk may take for a part.
const DISK_TIMEOUT: Duration = Duration::from_secs(10);

/// A recording of the media library.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MediaItem {
    /// The id by which it is played.
    pub id: MediaId,
    /// The name for people.
    pub name: String,
    /// How long it is, as measured; 0 if it is damaged.
    pub duration_ms: Millis,
    /// What it consists of: pictures, the largest first, then sound, then subtitles.
    pub tracks: Vec<MediaTrack>,
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

impl From<&Item> for MediaItem {
    fn from(item: &Item) -> Self {
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
            tracks: tracks.collect(),
            warnings: item.warnings.clone(),
            damaged: None,
        }
    }
}

impl From<&Listed> for MediaItem {
    fn from(listed: &Listed) -> Self {
        match listed {
            Listed::Whole(item) => Self::from(item.as_ref()),
            Listed::Damaged { id, why } => Self {
                id: id.clone(),
                name: id.to_string(),
                duration_ms: Millis(0),
                tracks: Vec::new(),
                warnings: Vec::new(),
                damaged: Some(why.clone()),
            },
        }
    }
}

/// `GET /media`
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Json<Vec<MediaItem>>> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let listed = with_library(&app, Library::list).await?;
    Ok(Json(listed.iter().map(MediaItem::from).collect()))
}

/// `DELETE /media/{media}`
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let nothing = || Problem::new(Code::NotFound, "There is no such recording.");
    let id = MediaId::new(parameters.get("media")).map_err(|_| nothing())?;
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
    let place = Arc::clone(&app.uploads).try_acquire_owned().map_err(|_| {
        let detail = "Other recordings are being received; try again when they are there.";
        Problem::new(Code::RateLimited, detail)
    })?;
    let promised = length(request.headers());
    let upload = with_library(&app, move |library| {
        let upload = library.upload()?;
        upload.expect(promised.unwrap_or_default())?;
        Ok(upload)
    })
    .await?;
    let upload = receive(upload, request.into_body()).await?;
    let added = with_library(&app, move |library| {
        // A client that leaves now gives its place free once the file is read, and not before.
        let _place = place;
        library.add(&name, upload, &[])
    })
    .await?;
    tracing::info!(media = %added.id, bytes = added.bytes, by = %caller.claims.sub, "a recording was added");
    Ok((StatusCode::CREATED, Json(MediaItem::from(added.as_ref()))))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Writes a body to the disk, on a thread that may wait for it.
async fn receive(upload: Upload, body: Body) -> Result<Upload, Refusal> {
    let (parts, queue) = mpsc::channel(QUEUED_PARTS);
    let writer = tokio::task::spawn_blocking(move || write(upload, queue));
    let mut body = body.into_data_stream();
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| unread(&error))?;
        match tokio::time::timeout(DISK_TIMEOUT, parts.send(part)).await {
            Ok(Ok(())) => {}
            // The writer has ended, and says why.
            Ok(Err(_)) => break,
            Err(_) => return Err(slow_disk()),
        }
    }
    drop(parts);
    written(writer).await
}

fn write(mut upload: Upload, mut queue: mpsc::Receiver<Bytes>) -> Result<Upload, LibraryError> {
    while let Some(part) = queue.blocking_recv() {
        upload.write(&part)?;
    }
    Ok(upload)
}

async fn written(writer: JoinHandle<Result<Upload, LibraryError>>) -> Result<Upload, Refusal> {
    match tokio::time::timeout(DISK_TIMEOUT, writer).await {
        Ok(Ok(written)) => Ok(written.map_err(|error| refusal(&error))?),
        Ok(Err(_)) | Err(_) => Err(slow_disk()),
    }
}

/// Does something with the library on a thread that may wait for the disk.
async fn with_library<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Library) -> Result<T, LibraryError> + Send + 'static,
) -> Result<T, Problem> {
    let library = app.library.clone();
    match tokio::task::spawn_blocking(move || work(&library)).await {
        Ok(done) => done.map_err(|error| refusal(&error)),
        Err(_) => Err(unavailable()),
    }
}

fn refusal(error: &LibraryError) -> Problem {
    let detail = error.to_string();
    match error {
        LibraryError::Refused(plenary_library::Refused::TooLarge { .. }) => {
            Problem::new(Code::TooLarge, detail)
        }
        LibraryError::Refused(plenary_library::Refused::Io(_)) | LibraryError::Io { .. } => {
            tracing::error!(%detail, "the media library fails");
            unavailable()
        }
        LibraryError::Refused(_) => Problem {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(),
            ..Problem::new(Code::Invalid, detail)
        },
        LibraryError::Name => Problem::new(Code::Invalid, detail),
        LibraryError::NotFound(_) => Problem::new(Code::NotFound, "There is no such recording."),
        LibraryError::Damaged { .. } => Problem::new(Code::Conflict, detail),
        LibraryError::DiskFull { .. } => Problem {
            status: StatusCode::INSUFFICIENT_STORAGE.as_u16(),
            ..Problem::new(Code::Unavailable, detail)
        },
    }
}

fn unavailable() -> Problem {
    let detail = "The media library cannot be used at the moment; the log of the server says why.";
    Problem::new(Code::Unavailable, detail)
}

fn slow_disk() -> Refusal {
    let detail =
        "The disk of the data folder does not keep up; nothing was added. Try again later.";
    Refusal::from(Problem::new(Code::Unavailable, detail))
}
