//! The subtitles of recordings: adding and removing them, and reading those of the recording that a room plays.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use plenary_ids::{Language, MediaId, Millis};
use plenary_library::{Cue, MAX_SUBTITLES_BYTES, parse_subtitles};
use plenary_protocol::{Access, Code, Problem};
use plenary_room::authority::check_access;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    ApiResult,
    body::unread_beyond,
    caller::{Caller, PathParameters, RoomAccess},
    media::{MediaItem, no_recording, with_library},
};
use crate::state::App;

/// The media type of subtitles. Others are taken too: what counts is what is in the file.
pub const FORMS: [&str; 1] = ["text/vtt"];

/// The subtitles of a recording in one language.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Subtitles {
    /// The recording that the room plays.
    pub media: MediaId,
    /// The language that they are in: the one that was asked for, or a more general one, such as `zh` for `zh-Hant-TW`.
    pub language: Language,
    /// The subtitles in the order in which they begin.
    pub cues: Vec<Subtitle>,
}

/// A subtitle, and the positions in the recording between which it is shown.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Subtitle {
    /// The position from which it is shown.
    pub from_ms: Millis,
    /// The position at which it is no longer shown.
    pub to_ms: Millis,
    /// Plain text of one line or several.
    pub text: String,
}

impl From<&Cue> for Subtitle {
    fn from(cue: &Cue) -> Self {
        let millis =
            |at: std::time::Duration| Millis(u64::try_from(at.as_millis()).unwrap_or(u64::MAX));
        Self {
            from_ms: millis(cue.from),
            to_ms: millis(cue.to),
            text: cue.text.clone(),
        }
    }
}

/// `PUT /media/{media}/subtitles/{language}`
pub async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
    request: Request,
) -> ApiResult<Json<MediaItem>> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let (id, language) = named(&parameters)?;
    let body = axum::body::to_bytes(request.into_body(), MAX_SUBTITLES_BYTES).await;
    let file = body.map_err(|error| unread_beyond(&error, MAX_SUBTITLES_BYTES))?;
    let item = with_library(&app, move |library| {
        let cues = parse_subtitles(&file)?;
        library.set_subtitles(&id, &language, &cues)?;
        MediaItem::of(library, &id)
    })
    .await?;
    Ok(Json(item))
}

/// `DELETE /media/{media}/subtitles/{language}`
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    check_access(caller.claims.role, Access::ManageMedia)?;
    let (id, language) = named(&parameters)?;
    with_library(&app, move |library| {
        library.remove_subtitles(&id, &language)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /rooms/{room}/recording/subtitles/{language}`
pub async fn show(
    State(app): State<Arc<App>>,
    access: RoomAccess,
    parameters: PathParameters,
) -> ApiResult<Json<Subtitles>> {
    let language = language(&parameters)?;
    let snapshot = access.room.snapshot(access.claims.sub.clone()).await?;
    // What is not played yet is nobody's to read.
    let mut speeches = snapshot.floor.speeches.into_iter();
    let recorded = speeches.find_map(|speech| speech.recorded);
    let Some(recorded) = recorded else {
        let detail = "No recording is played in this room.";
        return Err(Problem::new(Code::NotFound, detail).into());
    };
    let media = recorded.media;
    let of = media.clone();
    let found = with_library(&app, move |library| library.cues(&of, &language)).await?;
    Ok(Json(Subtitles {
        media,
        language: found.language.clone(),
        cues: found.cues.iter().map(Subtitle::from).collect(),
    }))
}

fn named(parameters: &PathParameters) -> Result<(MediaId, Language), Problem> {
    let id = MediaId::new(parameters.get("media")).map_err(|_| no_recording())?;
    Ok((id, language(parameters)?))
}

fn language(parameters: &PathParameters) -> Result<Language, Problem> {
    Language::new(parameters.get("language")).map_err(|_| {
        let detail = "The address ends with a language tag such as ja or zh-Hant-TW.";
        Problem::new(Code::Invalid, detail)
    })
}
