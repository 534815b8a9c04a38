//! A room without a server: its log is in memory, its media plane only records, and participants call it directly.
//!
//! Use it in paused time (`#[tokio::test(start_paused = true)]`): time then passes as soon as nobody has anything to do.

mod log;
mod media_plane;
mod participant;

use std::sync::Arc;

use futures_util::FutureExt;
use plenary_floor::FloorView;
use plenary_ids::{Millis, Moment, Seq};
use plenary_protocol::{Channel, Command, Problem, Resume, RoomSnapshot, SessionId, Source};
use plenary_room::{Attach, Clock, Fold, Reach, RoomConfig, RoomHandle};
use serde_json::{Value, json};

use crate::{START, conference::ConferenceFile, person, room_id};

pub use self::{
    log::MemoryLog,
    media_plane::{IdleMediaPlane, RecordingMediaPlane},
    participant::{Participant, to_json},
};

/// Tokyo, Seoul and Brussels (an observer), two moderators, staff, and two rooms: `climate` has a gallery and an agenda,
/// `covid` has neither.
pub fn conference() -> ConferenceFile {
    let here = "rooms = [\"climate\"]";
    ConferenceFile::new(&["en", "ja", "fr"])
        .cities(&["tokyo", "seoul"])
        .city("brussels", "status = \"observer\"", here)
        .staff(&[
            ("clerk", "clerk"),
            ("chair", "moderator"),
            ("deputy", "moderator"),
            ("viewer", "viewer"),
            ("aiko", "interpreter"),
            ("operator", "operator"),
        ])
        .person("elsewhere", "Mary", "interpreter", "rooms = [\"covid\"]")
        .person(
            "kenji",
            "Kenji",
            "interpreter",
            "languages = [\"ja\", \"en\"]\nrooms = [\"climate\"]",
        )
        .room("climate", "Climate", "gallery = true")
        .room("covid", "Covid", "gallery = false")
        .item(
            "climate",
            "Cities",
            "09:00",
            20,
            "speakers = [\"seoul-1\", \"tokyo-1\"]",
        )
        .item(
            "climate",
            "Declaration",
            "09:20",
            10,
            "id = \"declaration\"\nkind = \"decision\"\nlimit = \"2m\"",
        )
        .item(
            "climate",
            "Address",
            "09:30",
            10,
            "kind = \"address\"\nspeakers = [\"tokyo-1\"]",
        )
}

/// What a room of that conference knows of it.
pub fn config(room: &str) -> RoomConfig {
    let conference = conference().parse();
    let room = conference.room(&room_id(room)).expect("a room");
    RoomConfig::of(&conference, room)
}

/// Parses a command as a client would send it.
pub fn command(kind: &str, fields: Value) -> Command {
    let Value::Object(fields) = fields else {
        panic!("fields are an object")
    };
    Command::read(kind, fields).expect("a command")
}

pub fn parse(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("JSON")
}

pub fn event_type(event: &Value) -> String {
    event["type"].as_str().unwrap_or_default().to_owned()
}

/// A room at [`START`].
pub struct TestRoom {
    pub handle: RoomHandle,
    pub media: Arc<RecordingMediaPlane>,
    pub log: Arc<MemoryLog>,
    config: RoomConfig,
    clock: Clock,
}

impl TestRoom {
    /// With a gallery.
    pub fn open() -> Self {
        Self::named("climate")
    }

    pub fn open_without_gallery() -> Self {
        Self::named("covid")
    }

    fn named(room: &str) -> Self {
        let config = config(room);
        let log = Arc::new(MemoryLog::of(&config.id));
        Self::start(config, log, Clock::starting_at(START))
    }

    fn start(config: RoomConfig, log: Arc<MemoryLog>, clock: Clock) -> Self {
        let media = Arc::new(RecordingMediaPlane::default());
        let opening = RoomHandle::open(config.clone(), media.clone(), clock, log.clone());
        let handle = opening.now_or_never().expect("the log is in memory");
        Self {
            handle: handle.expect("a room"),
            media,
            log,
            config,
            clock,
        }
    }

    /// The chair, Tokyo and Seoul have joined, and Tokyo has the floor by the request `r1`.
    pub async fn with_tokyo_speaking() -> (Self, Participant, Participant, Participant) {
        let room = Self::open();
        let chair = room.join("chair").await;
        let tokyo = room.join("tokyo-1").await;
        let seoul = room.join("seoul-1").await;
        tokyo.request_floor().await;
        let grant = json!({"request": "r1"});
        chair.execute("floor.grant", grant).await;
        (room, chair, tokyo, seoul)
    }

    /// The server is killed, and another one starts on the same log after a downtime.
    ///
    /// The task of the old room may run on. It does no harm: the log has moved on from where that task expects it.
    #[must_use]
    pub fn restart_after(self, downtime: Millis) -> Self {
        let clock = Clock::starting_at(self.clock.now().after(downtime));
        Self::start(self.config, self.log, clock)
    }

    /// The room's time.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The state that the whole log adds up to.
    pub fn fold(&self) -> Fold {
        let mut fold = Fold::new(&self.config);
        for record in self.log.records() {
            fold.take(&record).expect("a record");
        }
        fold
    }

    /// The snapshots of that state at the wanted places of the log.
    pub fn snapshots_of_fold(&self, wanted: impl Fn(Seq) -> bool) -> Vec<Vec<u8>> {
        let mut fold = Fold::new(&self.config);
        let mut snapshots: Vec<_> = wanted(Seq(0))
            .then(|| fold.snapshot())
            .into_iter()
            .collect();
        for record in self.log.records() {
            fold.take(&record).expect("a record");
            if wanted(record.seq) {
                snapshots.push(fold.snapshot());
            }
        }
        snapshots
    }

    pub async fn join(&self, name: &str) -> Participant {
        self.try_join(name, None).await.expect("admitted")
    }

    /// Joins with a device that has a path for media.
    pub async fn join_with_audio(&self, name: &str) -> Participant {
        let participant = self.join(name).await;
        self.handle.path(participant.session.clone(), true).await;
        participant
    }

    /// The device comes back over a new connection.
    pub async fn rejoin(&self, name: &str, session: &SessionId, seq: Seq) -> Participant {
        let session = session.clone();
        let resume = Some(Resume { session, seq });
        self.try_join(name, resume).await.expect("admitted")
    }

    pub async fn try_join(
        &self,
        name: &str,
        resume: Option<Resume>,
    ) -> Result<Participant, Problem> {
        let person = person(name);
        let attach = Attach {
            person: person.clone(),
            resume,
        };
        let attached = self.handle.attach(attach).await?;
        Ok(Participant::new(self.handle.clone(), person, attached))
    }

    pub async fn snapshot(&self) -> RoomSnapshot<FloorView> {
        let viewer = person("viewer");
        self.handle.snapshot(viewer).await.expect("a snapshot")
    }

    /// The state of a participant, or null where the person is not in the room.
    pub async fn presence(&self, name: &str) -> Value {
        let participants = self.snapshot().await.participants;
        let found = participants.iter().find(|it| it.person == person(name));
        found.map_or(Value::Null, |it| json!(it.state))
    }

    pub async fn channel(&self, language: &str) -> Channel {
        let mut channels = self.snapshot().await.channels.into_iter();
        let found = channels.find(|channel| channel.language.as_str() == language);
        found.expect("a channel")
    }

    /// The voice in a language channel: an interpreter, `nobody` for the moment, or `the floor`.
    pub fn voice_in(&self, language: &str) -> String {
        match self.media.last().channels.get(language) {
            Some(Some(interpreter)) => interpreter.to_string(),
            Some(None) => "nobody".to_owned(),
            None => "the floor".to_owned(),
        }
    }

    /// How far the media plane forwards a source of a person.
    pub fn reach(&self, name: &str, source: Source) -> Option<Reach> {
        self.media.last().reach(&person(name), source)
    }
}
