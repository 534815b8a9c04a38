//! The health of every seat, from the server's own RTCP.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{Json, extract::State};
use futures_util::future::try_join_all;
use plenary_conference::{Role, Translations, Watching};
use plenary_floor::{Cause, Speech};
use plenary_ids::{DelegationId, Millis, Moment, PersonId, RoomId, Seq};
use plenary_media::{SessionFigures, SourceFigures, UndecodableSource};
use plenary_protocol::{Access, ChatLine, Participant, Presence, Problem, SeatFigures, Talk};
use plenary_room::{RecordingStatus, RoomHandle, authority::check_access};
use plenary_scene::SlotShows;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use super::{
    ApiResult,
    caller::{Caller, RoomAccess},
};
use crate::{
    alarms::{self, Alarm, ServerAlarm},
    machine::ServerHealth,
    quality::Quality,
    record::USUAL_BYTES_PER_HOUR,
    state::{App, LastKnownRoom},
};

/// How long a room may take for its snapshot. A room that waits for its disk takes longer, and the report says so.
const ROOM_SNAPSHOT_TIMEOUT: Duration = Duration::from_millis(300);

/// The health of the server, and of all rooms that the caller may enter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// The machine, and the disk that every command waits for.
    pub server: ServerHealth,
    /// In the order of the conference file.
    pub rooms: Vec<RoomHealth>,
}

/// The health of a room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoomHealth {
    pub room: RoomId,
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// The last event that the report includes.
    pub seq: Seq,
    /// Whether the room did not answer in time, as while it waits for a slow disk: then the report is the last known one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// The alarms on which an operator should act now.
    pub alarms: Vec<Alarm>,
    /// The recording of the room, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingHealth>,
    /// The displays that show the room now, the oldest first. They are no participants.
    pub displays: Vec<DisplayHealth>,
    /// The calls for help that nobody has closed, the oldest first. `help.close` closes one.
    pub help: Vec<HelpCall>,
    /// The side talks in which two talk now. `talk.close` closes one.
    pub talks: Vec<Talk>,
    /// The participants who are seated or away.
    pub participants: Vec<SeatHealth>,
}

/// The recording of a room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordingHealth {
    /// Since when the room has been recorded.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub since: Moment,
    /// The bytes of all takes of the room that are kept.
    pub bytes: u64,
    /// How many takes of the room are kept.
    pub takes: u64,
    /// How many bytes an hour takes, as measured since it began; what is usual as long as little was recorded.
    pub bytes_per_hour: u64,
    /// For how many hours the disk has room; absent if the system does not report its space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_hours: Option<f64>,
}

/// A display that is connected.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DisplayHealth {
    /// When it was connected.
    #[serde(with = "plenary_protocol::rfc3339")]
    #[schemars(with = "String")]
    pub since: Moment,
}

/// A participant who calls the operators for help.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HelpCall {
    /// The message, with the figures of the sender's connection when it was sent.
    #[serde(flatten)]
    pub line: ChatLine,
    /// The name of the sender.
    pub name: String,
    /// The name by language.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The delegation of the sender; staff have none.
    pub delegation: Option<DelegationId>,
    /// The call in a sentence that names room and sender.
    pub detail: String,
}

/// The health of a seat. Of several devices it reports the one that sends most: others see and hear that one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatHealth {
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    pub role: Role,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    #[serde(flatten)]
    pub quality: Quality,
    /// The path: its kind (`udp`, `tcp`, `turn-udp`, `turn-tcp`, `turn-tls`) and the client's address, as `udp 203.0.113.5:50000`.
    pub ice_path: Option<String>,
    /// Round-trip time in milliseconds.
    pub rtt_ms: Option<f64>,
    /// Fraction of packets lost on the uplink, 0 to 1.
    pub loss_up: Option<f64>,
    /// Fraction of packets lost on the downlink, 0 to 1.
    pub loss_down: Option<f64>,
    /// Jitter on the uplink in milliseconds.
    pub jitter_ms: Option<f64>,
    /// Bits per second on the uplink.
    pub bitrate_up: Option<u64>,
    /// Bits per second on the downlink.
    pub bitrate_down: Option<u64>,
    /// Bandwidth estimate of the downlink in bits per second; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_down: Option<u64>,
    /// The sources that the device sends.
    pub sources: Option<Vec<SourceFigures>>,
    /// The content of each of its slots.
    pub slots: Option<Vec<SlotShows>>,
    /// The sources that its client cannot decode, and so is not sent.
    #[serde(rename = "lacks")]
    pub undecodable: Option<Vec<UndecodableSource>>,
}

/// `GET /health`: all rooms that the caller may enter.
pub async fn all(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Json<Health>> {
    check_access(caller.claims.role, Access::ReadHealth)?;
    let handles = app.rooms_of(&caller.claims);
    let rooms = handles
        .iter()
        .map(|room| health(&app, room, caller.claims.sub.clone()));
    Ok(Json(Health {
        rooms: try_join_all(rooms).await?,
        server: app.server_health(),
    }))
}

/// `GET /rooms/{room}/health`
pub async fn of_room(
    State(app): State<Arc<App>>,
    access: RoomAccess,
) -> ApiResult<Json<RoomHealth>> {
    check_access(access.claims.role, Access::ReadHealth)?;
    Ok(Json(health(&app, &access.room, access.claims.sub).await?))
}

async fn health(app: &App, room: &RoomHandle, reader: PersonId) -> Result<RoomHealth, Problem> {
    let answer = timeout(ROOM_SNAPSHOT_TIMEOUT, room.snapshot(reader)).await;
    let stale = answer.is_err();
    let known = if let Ok(snapshot) = answer {
        let snapshot = snapshot?;
        let mut stalled = snapshot.floor.speeches;
        let stands_still = |it: &Speech| it.recorded.as_ref().is_some_and(|it| it.stall.is_some());
        stalled.retain(|it| stands_still(it) || it.suspended_by.contains(&Cause::Stalled));
        let known = LastKnownRoom {
            stalled,
            seq: snapshot.seq,
            participants: snapshot.participants,
            channels: snapshot.channels,
            help: snapshot.help,
        };
        app.last_known_rooms
            .insert(room.id().clone(), known.clone());
        known
    } else {
        let known = app
            .last_known_rooms
            .get(room.id())
            .map(|known| known.clone());
        known.unwrap_or_default()
    };
    let talks = if stale {
        Vec::new()
    } else {
        timeout(ROOM_SNAPSHOT_TIMEOUT, room.talks())
            .await
            .unwrap_or_default()
    };
    let mut figures = figures(app, room.id()).await;
    let name = |person: &PersonId| {
        let known = app.conference.person(person);
        known.map_or_else(|| person.to_string(), |known| known.name.clone())
    };
    let planned = app.conference.room(room.id());
    let title = planned.map(|it| it.title.clone()).unwrap_or_default();
    let titles = planned.map(|it| it.titles.clone()).unwrap_or_default();
    let mut alarms = alarms::of_recordings(room.id(), &title, &known.stalled);
    alarms.extend(alarms::of_channels(
        room.id(),
        &title,
        &known.channels,
        &known.participants,
        name,
    ));
    let help = known.help.into_iter().map(|line| {
        let from = &line.message.from;
        let person = app.conference.person(from);
        let name = name(from);
        HelpCall {
            delegation: person.and_then(|person| person.delegation.clone()),
            names: person
                .map(|person| person.names.clone())
                .unwrap_or_default(),
            detail: format!("\"{title}\": {name} calls for help: {}", line.message.text),
            name,
            line,
        }
    });
    let help = help.collect();
    let participants = known.participants.into_iter().map(|it| {
        let media = figures.remove(&it.person);
        let mut stalled = known.stalled.iter();
        let stalled = stalled.find(|speech| speech.speaker == it.person);
        seat(it, media, stalled)
    });
    Ok(RoomHealth {
        room: room.id().clone(),
        title,
        titles,
        seq: known.seq,
        stale,
        alarms,
        help,
        recording: app.recording_health(room),
        displays: displays(app, room.id()),
        talks,
        participants: participants.collect(),
    })
}

impl App {
    /// How the recording of a room stands; none while it is not recorded.
    fn recording_health(&self, room: &RoomHandle) -> Option<RecordingHealth> {
        let status = room.recording_status();
        Some(RecordingHealth {
            since: status.running.as_ref()?.since,
            bytes: status.bytes,
            takes: status.takes,
            bytes_per_hour: bytes_per_hour(&status),
            free_hours: self.free_hours(),
        })
    }

    /// For how many hours the disk has room for all recordings that run.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn free_hours(&self) -> Option<f64> {
        let space = (*self.disk_space.borrow())?;
        let free = space
            .free_bytes
            .saturating_sub(self.recorder.min_free_bytes);
        let all = self.rooms.iter().map(|room| room.recording_status());
        let recorded = all.filter(|it| it.running.is_some());
        let hourly: u64 = recorded.map(|it| bytes_per_hour(&it)).sum();
        Some(free as f64 / hourly.max(1) as f64)
    }

    /// What an operator should know of the recordings now.
    pub(crate) fn recording_alarms(&self) -> Vec<ServerAlarm> {
        let rooms = self.conference.rooms.iter();
        let alarms = rooms.filter_map(|room| {
            let status = self.rooms.get(&room.id)?.recording_status();
            alarms::of_recording(&room.title, &status, self.free_hours())
        });
        alarms.collect()
    }
}

fn bytes_per_hour(status: &RecordingStatus) -> u64 {
    status.bytes_per_hour().unwrap_or(USUAL_BYTES_PER_HOUR)
}

fn displays(app: &App, room: &RoomId) -> Vec<DisplayHealth> {
    let watched = app.sessions.watchers(room, Watching::Display);
    let now = app.now();
    let shown = watched.into_iter().map(|watched| DisplayHealth {
        since: now.before(Millis(
            u64::try_from(watched.as_millis()).unwrap_or(u64::MAX),
        )),
    });
    shown.collect()
}

/// The figures of everybody in a room who has a media session: of several sessions the one that sends most.
async fn figures(app: &App, room: &RoomId) -> HashMap<PersonId, SessionFigures> {
    let mut figures: HashMap<PersonId, SessionFigures> = HashMap::new();
    for session in app.media.figures(Some(room.clone())).await {
        let known = figures.get(&session.person);
        if known.is_none_or(|known| known.bitrate_up <= session.bitrate_up) {
            figures.insert(session.person.clone(), session);
        }
    }
    figures
}

/// The figures of a seated person, for a call for help.
pub async fn figures_of(app: &App, room: &RoomId, person: &PersonId) -> SeatFigures {
    let measured = timeout(ROOM_SNAPSHOT_TIMEOUT, figures(app, room)).await;
    let media = measured.ok().and_then(|mut all| all.remove(person));
    let quality = Quality::of_seat(true, media.as_ref());
    SeatFigures {
        state: quality.state.to_owned(),
        quality: quality.quality.to_owned(),
        cause: quality.cause,
        ice_path: media.as_ref().and_then(|it| it.path.clone()),
        rtt_ms: media.as_ref().and_then(|it| it.rtt_ms),
        loss_up: media.as_ref().map(|it| it.loss_up),
        loss_down: media.as_ref().map(|it| it.loss_down),
        jitter_ms: media.as_ref().map(|it| it.jitter_ms),
        bitrate_up: media.as_ref().map(|it| it.bitrate_up),
        bitrate_down: media.as_ref().map(|it| it.bitrate_down),
    }
}

fn seat(
    participant: Participant,
    media: Option<SessionFigures>,
    stalled: Option<&Speech>,
) -> SeatHealth {
    let mut quality = Quality::of_seat(participant.state == Presence::Seated, media.as_ref());
    if let Some(speech) = stalled {
        quality = quality.stalled_at(&participant.name, speech.consumed);
    }
    SeatHealth {
        person: participant.person,
        name: participant.name,
        names: participant.names,
        role: participant.role,
        delegation: participant.delegation,
        quality,
        rtt_ms: media.as_ref().and_then(|it| it.rtt_ms),
        loss_up: media.as_ref().map(|it| it.loss_up),
        loss_down: media.as_ref().map(|it| it.loss_down),
        jitter_ms: media.as_ref().map(|it| it.jitter_ms),
        bitrate_up: media.as_ref().map(|it| it.bitrate_up),
        bitrate_down: media.as_ref().map(|it| it.bitrate_down),
        estimate_down: media.as_ref().and_then(|it| it.estimate),
        ice_path: media.as_ref().and_then(|it| it.path.clone()),
        sources: media.as_ref().map(|it| it.sources.clone()),
        slots: media.as_ref().map(|it| it.slots.clone()),
        undecodable: media.map(|it| it.undecodable),
    }
}
