//! The recordings of a room: the list of its takes, their files, and its speeches as one file each.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use plenary_ids::{Language, Millis, Moment, PersonId, RequestId, RoomId, Seq, TakeId, rfc3339};
use plenary_protocol::{Access, Code, DeletionReason, Problem, Take};
use plenary_recorder::MuxOptions;
use plenary_room::authority::check_access;
use plenary_scene::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApiResult, Refusal,
    caller::{Caller, PathParameters},
    file::{Content, ServedFile},
    proceedings::unreadable,
};
use crate::{
    links::LinkedCaller,
    rate::Origin,
    record::{
        RoomRecorder, Sending, Speakers, Unmuxed, chapters, heard_in, sittings_of, span,
        speakers_of, takes_of,
    },
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
    /// The name under which it is saved: `.mkv` if it has H.264, which few browsers play in Matroska.
    pub name: String,
    /// The address of its file under the API's root, with a key that ends after twelve hours; `language` gives the sound of
    /// a channel instead of the floor's.
    pub url: String,
}

/// What was recorded between two pauses of half an hour or more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SittingRecorded {
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
    /// How large its file is, but for a few thousandths.
    pub bytes: u64,
    /// The languages of the channels that were recorded with it.
    pub languages: Vec<Language>,
    /// The name under which it is saved: `.mkv` if it has H.264.
    pub name: String,
    /// The address of its file under the API's root, with a key that ends after twelve hours. It has the floor and every
    /// channel; with `language` the sound is that of a channel, and the floor's where nobody interpreted.
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
    origin: Origin,
    parameters: PathParameters,
) -> ApiResult<Json<Vec<SpeechRecorded>>> {
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    app.take_reading(&caller.claims.sub, origin, &room, Seq(0))?;
    let takes = app.takes(&room).await?;
    let speakers = app.speakers(&room, &takes).await?;
    let mut by_speech: BTreeMap<RequestId, Vec<Take>> = BTreeMap::new();
    for take in takes {
        if let Some(speech) = take.speech {
            by_speech.entry(speech).or_default().push(take);
        }
    }
    let listed = by_speech.into_iter().filter_map(|(speech, takes)| {
        let (from, to) = span(&takes)?;
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
            languages: languages_of(&takes),
            has_picture: takes.iter().any(|take| take.source != Source::Microphone),
            name: format!("{room}-{speech}.{}", ending_of(&takes)),
            url: link.path,
        }))
    });
    let mut listed: Vec<SpeechRecorded> = listed.collect::<Result<_, Problem>>()?;
    listed.sort_by_key(|it| it.from);
    Ok(Json(listed))
}

/// `GET /rooms/{room}/recordings/sittings`
pub async fn sittings(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: PathParameters,
) -> ApiResult<Json<Vec<SittingRecorded>>> {
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    let sittings = sittings_of(app.takes(&room).await?);
    let listed = sittings.into_iter().filter_map(|takes| {
        let (from, to) = span(&takes)?;
        let path = format!("/rooms/{room}/recordings/sittings/{}.webm", from.0);
        let link = app.link(&caller.claims, &path, LINK_LIFE);
        Some(link.map(|link| SittingRecorded {
            from,
            to,
            duration_ms: to.since(from),
            bytes: takes.iter().map(|take| take.bytes).sum(),
            languages: languages_of(&takes),
            name: sitting_name(&room, from, ending_of(&takes)),
            url: link.path,
        }))
    });
    Ok(Json(listed.collect::<Result<_, Problem>>()?))
}

/// The languages of the channels among these takes.
fn languages_of(takes: &[Take]) -> Vec<Language> {
    let languages = takes.iter().filter_map(|take| take.language.clone());
    let languages: BTreeSet<Language> = languages.collect();
    languages.into_iter().collect()
}

/// The ending of a file of these takes.
fn ending_of(takes: &[Take]) -> &'static str {
    let is_matroska = |take: &Take| take.media_type.contains("x-matroska");
    if takes.iter().any(is_matroska) {
        "mkv"
    } else {
        "webm"
    }
}

fn sitting_name(room: &RoomId, from: Moment, ending: &str) -> String {
    let time = rfc3339::text(from);
    let digits: String = time.chars().filter(|it| !matches!(it, '-' | ':')).collect();
    // 20211012T0100, without seconds.
    let minute = digits.get(..13).unwrap_or(&digits);
    format!("{room}-{minute}Z.{ending}")
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
        content: Content::Disk(path),
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
    origin: Origin,
    parameters: PathParameters,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let language = language_of(asked)?;
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    let name = parameters.get("file").strip_suffix(".webm");
    let speech: RequestId = name
        .and_then(|name| name.parse().ok())
        .ok_or_else(no_such_file)?;
    let takes = takes_of(&app.takes(&room).await?, speech, language.as_ref());
    let has_sound = takes.iter().any(|take| take.source == Source::Microphone);
    if takes.is_empty() || language.is_some() && !has_sound {
        return Err(no_such_file().into());
    }
    let kept = {
        let (room, takes) = (room.clone(), takes.clone());
        blocking(&app, move |recorder| recorder.kept(&room, &takes)).await?
    };
    let muxed = if let Some(muxed) = kept {
        muxed
    } else {
        app.take_reading(&caller.claims.sub, origin, &room, Seq(0))?;
        let speakers = app.speakers(&room, &takes).await?;
        let place = app.recorder.place_for_muxing().await;
        let room = room.clone();
        blocking(&app, move |recorder| {
            let made = recorder.make(&room, &takes, &speakers);
            drop(place);
            made
        })
        .await?
    };
    let ending = muxed.path.extension().and_then(|it| it.to_str());
    let served = ServedFile {
        name: format!("{room}-{speech}.{}", ending.unwrap_or("webm")),
        media_type: muxed.media_type,
        tag: muxed.tag,
        content: Content::Disk(muxed.path),
    };
    served.respond(&headers).await
}

/// `GET /rooms/{room}/recordings/sittings/{file}`: by a bearer token, or by a link. It is made while it is sent; a range is
/// made from the beginning, and what comes before it is left out.
pub async fn sitting(
    State(app): State<Arc<App>>,
    caller: LinkedCaller,
    origin: Origin,
    parameters: PathParameters,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let language = language_of(asked)?;
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    let from = parameters.get("file").strip_suffix(".webm");
    let from: u64 = from
        .and_then(|from| from.parse().ok())
        .ok_or_else(no_such_file)?;
    let sittings = sittings_of(app.takes(&room).await?);
    let begins = |takes: &Vec<Take>| span(takes).is_some_and(|(begin, _)| begin.0 == from);
    let takes = sittings.into_iter().find(begins);
    let mut takes = takes.ok_or_else(no_such_file)?;
    if let Some(language) = &language {
        if takes
            .iter()
            .all(|take| take.language.as_ref() != Some(language))
        {
            return Err(no_such_file().into());
        }
        takes = heard_in(takes, language);
    }
    let place = app.recorder.place_for_sending(&caller.claims.sub);
    let place = place.ok_or_else(too_many_sittings)?;
    let measured = if let Some(measured) = app.recorder.measured(&takes) {
        measured
    } else {
        app.take_reading(&caller.claims.sub, origin, &room, Seq(0))?;
        let record = app.proceedings(&room).await.map_err(unreadable)?;
        let options = MuxOptions {
            title: Some(record.room.title.clone()),
            chapters: chapters(Some(&record), &takes),
        };
        let muxing = app.recorder.place_for_muxing().await;
        let (room, takes) = (room.clone(), takes.clone());
        blocking(&app, move |recorder| {
            let speakers = speakers_of(&record);
            let measured = recorder.measure(&room, &takes, &speakers, options);
            drop(muxing);
            measured
        })
        .await?
    };
    let sending = Sending::new(measured, &takes, place);
    let ending = if sending.is_matroska() { "mkv" } else { "webm" };
    let served = ServedFile {
        name: sitting_name(&room, Moment(from), ending),
        media_type: sending.media_type().to_owned(),
        tag: sending.tag.clone(),
        content: Content::Made(Box::new(sending)),
    };
    served.respond(&headers).await
}

/// Does what waits for the disk. It goes on, and keeps its place, though the reader has gone.
async fn blocking<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&RoomRecorder) -> Result<T, Unmuxed> + Send + 'static,
) -> Result<T, Refusal> {
    let recorder = Arc::clone(&app.recorder);
    let done = tokio::task::spawn_blocking(move || work(&recorder)).await;
    done.unwrap_or(Err(Unmuxed::Gone))
        .map_err(|error| unmuxed(&error))
}

fn language_of(asked: Result<Query<Asked>, QueryRejection>) -> Result<Option<Language>, Problem> {
    let Query(asked) = asked.map_err(|_| {
        let detail = "A file is asked for by its address alone, with \"key\" and \"language\".";
        Problem::new(Code::Invalid, detail)
    })?;
    Ok(asked.language)
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
    async fn speakers(&self, room: &RoomId, takes: &[Take]) -> Result<Speakers, Refusal> {
        if takes.iter().all(|take| take.speech.is_none()) {
            return Ok(Speakers::new());
        }
        let record = self.proceedings(room).await.map_err(unreadable)?;
        Ok(speakers_of(&record))
    }
}

fn no_such_file() -> Problem {
    Problem::new(Code::NotFound, "There is no such recording.")
}

fn too_many_sittings() -> Problem {
    let detail = "As many sittings are being saved now as this server sends at a time; try again when one is done.";
    Problem::new(Code::RateLimited, detail)
}

fn unmuxed(error: &Unmuxed) -> Refusal {
    let problem = match error {
        Unmuxed::Nothing | Unmuxed::Gone => no_such_file(),
        Unmuxed::NoRoom => {
            let detail = "The disk has no room to make one file of the speech; its takes can be read one by one.";
            Problem::new(Code::Unavailable, detail)
        }
        Unmuxed::Mux(_) | Unmuxed::Io(_) => {
            tracing::error!(%error, "a speech cannot be made into one file");
            let detail = "The speech cannot be made into one file at the moment; its takes can be read one by one.";
            Problem::new(Code::Unavailable, detail)
        }
    };
    Refusal::from(problem)
}
