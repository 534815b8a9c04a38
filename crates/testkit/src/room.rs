//! A room without a server: its log is in memory, its media plane only records, and participants call it directly.
//!
//! Use it in paused time (`#[tokio::test(start_paused = true)]`): time then passes as soon as nobody has anything to do.

mod log;
mod media_plane;
mod participant;
mod time;

use std::sync::Arc;

use futures_util::FutureExt;
use plenary_conference::RecordingStarts;
use plenary_floor::FloorView;
use plenary_ids::{MediaId, Millis, Moment, Seq};
use plenary_protocol::{Channel, Command, Problem, Resume, RoomSnapshot, SessionId, Source};
use plenary_room::{Attach, Clock, Fold, Reach, RoomConfig, RoomHandle, Sending, TimeSource};
use serde_json::{Value, json};

use crate::{START, conference::ConferenceFile, library::TestLibrary, person, room_id};

pub use self::{
    log::MemoryLog,
    media_plane::{IdleMediaPlane, RecordingMediaPlane},
    participant::{Participant, to_json},
    time::TestTime,
};

/// Tokyo, Seoul and Brussels (an observer), two moderators, staff, and two rooms: `climate` has a gallery and an agenda,
/// `covid` has neither.
pub fn conference() -> ConferenceFile {
    conference_with_quorum("", "")
}

/// The same, with more TOML for the room `climate` and for its item `declaration`.
fn conference_with_quorum(of_room: &str, of_item: &str) -> ConferenceFile {
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
        .room("climate", "Climate", &format!("gallery = true\n{of_room}"))
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
            &format!("id = \"declaration\"\nkind = \"decision\"\nlimit = \"2m\"\n{of_item}"),
        )
        .item(
            "climate",
            "Address",
            "09:30",
            10,
            "kind = \"address\"\nspeakers = [\"tokyo-1\"]",
        )
}

/// The configuration of a room of that conference.
pub fn config(room: &str) -> RoomConfig {
    config_of(&conference(), room)
}

fn config_of(file: &ConferenceFile, room: &str) -> RoomConfig {
    let conference = file.parse();
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
    /// The machine's clock.
    pub time: Arc<TestTime>,
    config: RoomConfig,
}

impl TestRoom {
    /// With a gallery.
    pub fn open() -> Self {
        Self::named("climate")
    }

    pub fn open_without_gallery() -> Self {
        Self::named("covid")
    }

    /// With more TOML for the room and for its item `declaration`.
    pub fn with_quorum(of_room: &str, of_item: &str) -> Self {
        let file = conference_with_quorum(of_room, of_item);
        Self::of(config_of(&file, "climate"))
    }

    /// With a media library, and an item `climate-3` with the mayor's address. Tokyo's delegate, who need not be there, is
    /// the one who speaks in it.
    pub fn with_library(starts: RecordingStarts) -> Self {
        let mut config = config("climate").with_recordings(Arc::new(TestLibrary));
        let item = config.agenda.get_mut(2).expect("the address");
        item.recording = MediaId::new("mayor-address").ok();
        item.beneficiary = Some(person("tokyo-1"));
        item.recording_starts = Some(starts);
        Self::of(config)
    }

    fn named(room: &str) -> Self {
        Self::of(config(room))
    }

    fn of(config: RoomConfig) -> Self {
        let log = Arc::new(MemoryLog::of(&config.id));
        Self::start(config, log, Arc::new(TestTime::starting_at(START)))
    }

    fn start(config: RoomConfig, log: Arc<MemoryLog>, time: Arc<TestTime>) -> Self {
        let media = Arc::new(RecordingMediaPlane::default());
        let clock = Clock::of(time.clone());
        let opening = RoomHandle::open(config.clone(), media.clone(), clock, log.clone());
        let handle = opening.now_or_never().expect("the log is in memory");
        Self {
            handle: handle.expect("a room"),
            media,
            log,
            config,
            time,
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
        let now = self.now().after(downtime);
        self.restart_at(now)
    }

    /// The same, with a clock that shows `now` at the start.
    #[must_use]
    pub fn restart_at(self, now: Moment) -> Self {
        Self::start(self.config, self.log, Arc::new(TestTime::starting_at(now)))
    }

    /// The same, at once, with another conference file.
    #[must_use]
    pub fn restart_with(mut self, change: impl FnOnce(&mut RoomConfig)) -> Self {
        change(&mut self.config);
        self.restart_after(Millis(0))
    }

    /// The same with another conference file.
    #[must_use]
    pub fn restart_with_file(self, file: &str) -> Self {
        let conference = plenary_conference::parse(file.as_bytes(), "test.toml").expect("a file");
        let room = conference.room(&self.config.id).expect("a room");
        let config = RoomConfig::of(&conference, room);
        Self { config, ..self }.restart_after(Millis::from_secs(60))
    }

    /// The time by the machine's clock.
    pub fn now(&self) -> Moment {
        self.time.now()
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
        self.try_join_sending(name, resume, Sending::default())
            .await
    }

    /// Seats a device that sends as it says.
    pub async fn join_sending(&self, name: &str, sending: Sending) -> Participant {
        let joined = self.try_join_sending(name, None, sending).await;
        joined.expect("admitted")
    }

    async fn try_join_sending(
        &self,
        name: &str,
        resume: Option<Resume>,
        sending: Sending,
    ) -> Result<Participant, Problem> {
        let person = person(name);
        let attach = Attach {
            person: person.clone(),
            resume,
            sending,
        };
        let attached = self.handle.attach(attach).await?;
        Ok(Participant::new(self.handle.clone(), person, attached))
    }

    pub async fn snapshot(&self) -> RoomSnapshot<FloorView> {
        self.snapshot_for("viewer").await
    }

    /// The room as that person sees it.
    pub async fn snapshot_for(&self, name: &str) -> RoomSnapshot<FloorView> {
        let reader = person(name);
        self.handle.snapshot(reader).await.expect("a snapshot")
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

    /// The reach to which the media plane forwards a source of a person.
    pub fn reach(&self, name: &str, source: Source) -> Option<Reach> {
        self.media.last().reach(&person(name), source)
    }
}
