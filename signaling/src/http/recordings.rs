//! The recordings of a room: the list of its takes, their files, and its speeches as one file each.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use plenary_ids::{Language, Millis, Moment, PersonId, RequestId, RoomId, TakeId};
use plenary_protocol::{Access, Code, DeletionReason, Problem, Take};
use plenary_room::authority::check_access;
use plenary_scene::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApiResult, Refusal,
    caller::{Caller, PathParameters},
    file::ServedFile,
    proceedings::unreadable,
};
use crate::{
    links::LinkedCaller,
    record::{Unmuxed, takes_of},
    state::App,
};

/// How long a link to a file of the record lasts: as long as one may take to hear a sitting.
const LINK_LIFE: Millis = Millis::from_secs(12 * 3600);

/// A take, and where its file is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TakeListed {
    /// The take as the log has it.
    #[serde(flatten)]
    pub take: Take,
    /// The address of its file under the API's root, with a key that ends after twelve hours.
    pub url: String,
}

/// A speech of which something was recorded.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpeechRecorded {
    /// The request that was granted.
    pub speech: RequestId,
    /// The speaker.
    pub participant: PersonId,
    /// When its first take begins.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub from: Moment,
    /// When its last take ends.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub to: Moment,
    /// How long its file plays.
    pub duration_ms: Millis,
    /// The languages of the channels that were recorded with it.
    pub languages: Vec<Language>,
    /// Whether there are pictures.
    pub has_picture: bool,
    /// The address of its file under the API's root, with a key that ends after twelve hours; `language` gives the sound of
    /// a channel instead of the floor's.
    pub url: String,
}

/// The query of a request for a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The key of a link, which [`LinkedCaller`] has read.
    #[serde(rename = "key")]
    _key: Option<String>,
    /// The channel whose sound is wanted.
    language: Option<Language>,
}

/// `GET /rooms/{room}/recordings`
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<Json<Vec<TakeListed>>> {
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    let takes = app.takes(&room).await?;
    let listed = takes.into_iter().map(|take| {
        let path = format!("/recordings/{}", take.id);
        let url = app.link(&caller.claims, &path, LINK_LIFE)?.path;
        Ok(TakeListed { take, url })
    });
    Ok(Json(listed.collect::<Result<_, Problem>>()?))
}

/// `GET /rooms/{room}/recordings/speeches`
pub async fn speeches(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<Json<Vec<SpeechRecorded>>> {
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    let takes = app.takes(&room).await?;
    let speakers = app.speakers(&room, &takes).await?;
    let mut by_speech: BTreeMap<RequestId, Vec<Take>> = BTreeMap::new();
    for take in takes {
        if let Some(speech) = take.speech {
            by_speech.entry(speech).or_default().push(take);
        }
    }
    let listed = by_speech.into_iter().filter_map(|(speech, takes)| {
        let from = takes.iter().map(|take| take.from).min()?;
        let to = takes.iter().map(|take| take.to).max()?;
        let mut languages: Vec<Language> = takes
            .iter()
            .filter_map(|take| take.language.clone())
            .collect();
        languages.sort_unstable();
        languages.dedup();
        let speaker = speakers.get(&speech);
        let participant = speaker.or(takes.first().map(|take| &take.participant))?;
        let path = format!("/rooms/{room}/recordings/speeches/{speech}.webm");
        let link = app.link(&caller.claims, &path, LINK_LIFE);
        Some(link.map(|link| SpeechRecorded {
            speech,
            participant: participant.clone(),
            from,
            to,
            duration_ms: to.since(from),
            languages,
            has_picture: takes.iter().any(|take| take.source != Source::Microphone),
            url: link.path,
        }))
    });
    let mut listed: Vec<SpeechRecorded> = listed.collect::<Result<_, Problem>>()?;
    listed.sort_by_key(|it| it.from);
    Ok(Json(listed))
}

/// `GET /recordings/{take}`: by a bearer token, or by a link.
pub async fn file(
    State(app): State<Arc<App>>,
    caller: LinkedCaller,
    parameters: PathParameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    check_access(caller.claims.role, Access::ReadProceedings)?;
    let id = TakeId::new(parameters.get("take")).map_err(|_| no_such_file())?;
    let (room, take) = app.find_take(&id).await?;
    app.readable_room(&caller.claims, room.as_str())?;
    let path = app.recorder.file(&room, &id).ok_or_else(no_such_file)?;
    let ending = path
        .extension()
        .and_then(|it| it.to_str())
        .unwrap_or("webm");
    let served = ServedFile {
        name: format!("{room}-{id}.{ending}"),
        path,
        media_type: take.media_type,
        tag: take.sha256,
    };
    served.respond(&headers).await
}

/// `DELETE /recordings/{take}`
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<StatusCode> {
    check_access(caller.claims.role, Access::DeleteRecording)?;
    let id = TakeId::new(parameters.get("take")).map_err(|_| no_such_file())?;
    let (room, _) = app.find_take(&id).await?;
    app.readable_room(&caller.claims, room.as_str())?;
    let handle = app.room(&room).ok_or_else(no_such_file)?;
    let by = Some(caller.claims.sub);
    app.delete_take(&handle, &id, by, DeletionReason::Asked)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /rooms/{room}/recordings/speeches/{file}`: by a bearer token, or by a link.
pub async fn speech(
    State(app): State<Arc<App>>,
    caller: LinkedCaller,
    parameters: PathParameters,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let Query(asked) = asked.map_err(|_| {
        let detail = "A file is asked for by its address alone, with \"key\" and \"language\".";
        Problem::new(Code::Invalid, detail)
    })?;
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    let name = parameters.get("file").strip_suffix(".webm");
    let speech: RequestId = name
        .and_then(|name| name.parse().ok())
        .ok_or_else(no_such_file)?;
    let takes = app.takes(&room).await?;
    let speakers = app.speakers(&room, &takes).await?;
    let language = asked.language.as_ref();
    let takes = takes_of(&takes, speech, speakers.get(&speech), language);
    let has_sound = takes.iter().any(|take| take.source == Source::Microphone);
    if takes.is_empty() || language.is_some() && !has_sound {
        return Err(no_such_file().into());
    }
    let muxed = {
        let (app, room) = (Arc::clone(&app), room.clone());
        let place = app.recorder.place_for_muxing().await;
        let muxing = {
            let app = Arc::clone(&app);
            tokio::task::spawn_blocking(move || app.recorder.muxed(&room, &takes)).await
        };
        drop(place);
        muxing.map_err(|_| unmuxed(&Unmuxed::Gone))?
    };
    let muxed = muxed.map_err(|error| unmuxed(&error))?;
    let ending = muxed.path.extension().and_then(|it| it.to_str());
    let served = ServedFile {
        name: format!("{room}-{speech}.{}", ending.unwrap_or("webm")),
        media_type: muxed.media_type,
        tag: muxed.tag,
        path: muxed.path,
    };
    served.respond(&headers).await
}

impl App {
    /// The takes of a room whose files are kept. Of a room that only an earlier conference file had nobody is told.
    async fn takes(&self, room: &RoomId) -> Result<Vec<Take>, Problem> {
        match self.room(room) {
            Some(handle) => handle.takes().await,
            None => Err(no_such_file()),
        }
    }

    async fn find_take(&self, id: &TakeId) -> Result<(RoomId, Take), Problem> {
        for room in &self.conference.rooms {
            let takes = self.takes(&room.id).await?;
            if let Some(take) = takes.into_iter().find(|take| take.id == *id) {
                return Ok((room.id.clone(), take));
            }
        }
        Err(no_such_file())
    }

    /// The speaker of each speech, from the record, if anything was recorded of any.
    async fn speakers(
        &self,
        room: &RoomId,
        takes: &[Take],
    ) -> Result<BTreeMap<RequestId, PersonId>, Refusal> {
        if takes.iter().all(|take| take.speech.is_none()) {
            return Ok(BTreeMap::new());
        }
        let record = self.proceedings(room).await.map_err(unreadable)?;
        let speeches = record.speeches.into_iter();
        Ok(speeches.map(|it| (it.request, it.person)).collect())
    }
}

fn no_such_file() -> Problem {
    Problem::new(Code::NotFound, "There is no such recording.")
}

fn unmuxed(error: &Unmuxed) -> Refusal {
    let problem = match error {
        Unmuxed::Nothing | Unmuxed::Gone => no_such_file(),
        Unmuxed::Mux(_) | Unmuxed::Io(_) => {
            tracing::error!(%error, "a speech cannot be made into one file");
            let detail = "The speech cannot be made into one file at the moment; its takes can be read one by one.";
            Problem::new(Code::Unavailable, detail)
        }
    };
    Refusal::from(problem)
}
