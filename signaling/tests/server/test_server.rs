//! A server in the process of the test.

use std::{
    any::Any,
    net::SocketAddr,
    ops::Deref,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use plenary_conference::{Conference, INVITATION_LIFE};
use plenary_ids::{Language, MediaId, Moment, TakeId};
use plenary_media::Codec;
use plenary_protocol::{Source, Take};
use plenary_recorder::{Disk, PacketFacts, Recorder, Report, SystemDisk, TakeInfo};
use plenary_room::{RecordReport, RoomHandle};
use plenary_server::{
    data_folder::Missing,
    server::{Parts, Server},
    settings::Settings,
    state::Limits,
};
use plenary_testkit::{
    WAIT_TIMEOUT,
    api::{Api, Connection, conference},
    library::TestLibrary,
    person,
    recording::Recording,
    room_id,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server on free ports, with a data folder of its own.
pub struct TestServer {
    api: Api,
    server: Server,
    data: TempDir,
}

impl Deref for TestServer {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

/// Subtitles of two cues.
pub const SUBTITLES: &str =
    "WEBVTT\n\n00:00.500 --> 00:01.000\n各位早安\n\n00:01.000 --> 00:01.900\n歡迎<b>各位</b>\n";

#[expect(
    clippy::large_types_passed_by_value,
    reason = "a test writes its limits where it starts the server"
)]
impl TestServer {
    pub async fn start() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        Self::with(conference().parse(), limits).await
    }

    /// With the conference that the documentation takes its examples from.
    pub async fn with_example_conference() -> Self {
        let example = include_bytes!("../../../config/conferences/cmc-2021.toml");
        let conference = plenary_conference::parse(example, "cmc-2021.toml").unwrap();
        Self::with(conference, Limits::default()).await
    }

    /// A server that takes recordings of so many bytes.
    pub async fn with_max_recording(max_recording: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = Settings {
            max_recording,
            ..settings(&data)
        };
        Self::start_on(data, conference().parse(), &settings, Limits::default()).await
    }

    /// A server with other settings.
    pub async fn with_settings(limits: Limits, change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut settings = settings(&data);
        change(&mut settings);
        Self::start_on(data, conference().parse(), &settings, limits).await
    }

    async fn with(conference: Conference, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::on(data, conference, limits, Missing::Refuse).await
    }

    /// A server on a folder that was restored.
    pub async fn restored(data: TempDir) -> Self {
        let (conference, limits) = (conference().parse(), Limits::default());
        Self::on(data, conference, limits, Missing::Refuse).await
    }

    /// Another server with the key of this one, as it is after a restart with another conference file.
    pub async fn with_key_of(other: &Self, conference: Conference) -> Self {
        let data = tempfile::tempdir().unwrap();
        let key = "ed25519.pk8";
        std::fs::copy(other.data.path().join(key), data.path().join(key)).unwrap();
        // A key without its journal is a loss, unless it is wanted.
        Self::on(data, conference, Limits::default(), Missing::BeginAnew).await
    }

    async fn on(data: TempDir, conference: Conference, limits: Limits, missing: Missing) -> Self {
        let settings = Settings {
            missing,
            ..settings(&data)
        };
        Self::start_on(data, conference, &settings, limits).await
    }

    async fn start_on(
        data: TempDir,
        conference: Conference,
        settings: &Settings,
        limits: Limits,
    ) -> Self {
        let parts = Parts {
            recordings: Some(Arc::new(TestLibrary)),
            ..Parts::default()
        };
        Self::start_with(data, conference, settings, limits, parts).await
    }

    /// A server that writes its takes to such a disk.
    pub async fn with_take_disk(disk: Arc<dyn Disk>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = settings(&data);
        let parts = Parts {
            takes: disk,
            ..Parts::default()
        };
        let conference = conference().parse();
        Self::start_with(data, conference, &settings, Limits::default(), parts).await
    }

    async fn start_with(
        data: TempDir,
        conference: Conference,
        settings: &Settings,
        limits: Limits,
        parts: Parts,
    ) -> Self {
        let server = Server::start_on(conference, settings, limits, parts).await;
        let server = server.unwrap();
        let api = Api {
            http: server.http(),
            ops: server.ops(),
        };
        Self { api, server, data }
    }

    /// Adds a recording to the media library.
    pub fn add_recording(&self, name: &str) -> MediaId {
        let library = &self.server.app().library;
        let mut upload = library.upload().unwrap();
        upload.write(&Recording::sample(2).sorted()).unwrap();
        library.add(name, upload, &[]).unwrap().id.clone()
    }

    /// Adds a recording with subtitles in the language of the examples.
    pub fn add_subtitles(&self, name: &str, id: &str) {
        let added = self.add_recording(name);
        assert_eq!(added.as_str(), id);
        let cues = plenary_library::parse_subtitles(SUBTITLES.as_bytes()).unwrap();
        let language = Language::new("zh-Hant-TW").unwrap();
        let library = &self.server.app().library;
        library.set_subtitles(&added, &language, &cues).unwrap();
    }

    /// A server that keeps recordings for so many days.
    pub async fn with_retention(days: u32) -> Self {
        let mut conference = conference().parse();
        for room in &mut conference.rooms {
            room.recording.retention_days = Some(days);
        }
        Self::with(conference, Limits::default()).await
    }

    /// The address with TLS.
    pub fn https(&self) -> SocketAddr {
        self.server.https().unwrap()
    }

    /// How many devices are seated.
    pub fn seated(&self) -> usize {
        self.server.app().sessions.len()
    }

    /// Drains the server; returns how many devices are seated then.
    pub async fn drain(self) -> usize {
        let app = Arc::clone(self.server.app());
        self.server.drain().await;
        app.sessions.len()
    }

    pub fn room(&self, name: &str) -> RoomHandle {
        self.server.app().room(&room_id(name)).unwrap()
    }

    pub fn now(&self) -> Moment {
        self.server.app().now()
    }

    pub async fn delete_old_takes(&self, now: Moment) {
        self.server.app().delete_old_takes(now).await;
    }

    /// A take of which the log knows and whose file is there; returns its id.
    pub async fn add_take(&self, take: Take, content: &[u8]) -> TakeId {
        let folder = self.data_folder().join("recordings/climate");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{}.webm", take.id)), content).unwrap();
        let id = take.id.clone();
        let report = RecordReport::Take(take);
        self.room("climate").report_recording(report).await.unwrap();
        id
    }

    /// A take of two seconds of sound as the recorder writes it, of which the log knows.
    pub async fn add_sound(&self, info: TakeInfo) {
        let (told, reports) = std::sync::mpsc::channel();
        let recorder = Recorder::start(
            self.data_folder().join("recordings"),
            Arc::new(SystemDisk),
            plenary_recorder::Limits {
                min_free_bytes: 0,
                ..plenary_recorder::Limits::default()
            },
            Arc::new(move |report| {
                let _ = told.send(report);
            }),
        )
        .unwrap();
        let (mut tap, start) = (recorder.tap(), Instant::now());
        let key = tap.begin(info, start);
        for at in 0..100_u32 {
            let facts = PacketFacts {
                codec: Codec::Opus,
                index: at.into(),
                timestamp: at * 960,
                marker: false,
                keyframe: false,
                layer: 0,
                generation: 1,
                arrival: start + Duration::from_millis(20) * at,
            };
            let _ = tap.packet(key, facts, &[0xfc, 1, 2, 3]);
        }
        tap.end(key, start + Duration::from_secs(2));
        drop(tap);
        assert!(recorder.close(WAIT_TIMEOUT));
        let Report::Written(written) = reports.recv().unwrap() else {
            unreachable!("a take that ends is written")
        };
        let take = Take {
            id: written.info.id,
            speech: written.info.speech,
            participant: written.info.participant,
            source: Source::Microphone,
            language: written.info.language,
            from: written.from,
            to: written.to,
            bytes: written.bytes,
            sha256: written.sha256,
            media_type: written.media_type,
            lost_packets: 0,
            recovered: false,
        };
        let report = RecordReport::Take(take);
        self.room("climate").report_recording(report).await.unwrap();
    }

    /// A place among those who are sent a sitting.
    pub fn place_for_sending(&self, name: &str) -> Option<Box<dyn Any>> {
        let place = self
            .server
            .app()
            .recorder
            .place_for_sending(&person(name))?;
        Some(Box::new(place))
    }

    pub fn data_folder(&self) -> &Path {
        self.data.path()
    }

    /// An invitation with the usual lifetime.
    pub fn invitation(&self, name: &str) -> String {
        let now = self.server.app().now();
        self.invitation_until(name, now.after(INVITATION_LIFE))
    }

    pub fn invitation_until(&self, name: &str, expires: Moment) -> String {
        let app = self.server.app();
        let person = app.conference.person(&person(name)).unwrap();
        let id = app.keys.next_invitation(&person.id).unwrap();
        let invitation = app.keys.invite(&app.conference, person, &id, expires);
        invitation.unwrap()
    }

    /// The display link of a room: its first that is not revoked.
    pub fn display(&self, room: &str) -> String {
        let (app, room) = (self.server.app(), room_id(room));
        let id = app.keys.next_display(&room).unwrap();
        let expires = app.now().after(INVITATION_LIFE);
        let link = app
            .keys
            .invite_display(&app.conference, &room, &id, expires);
        link.unwrap()
    }

    /// The check link, which is everybody's.
    pub fn check_link(&self) -> String {
        let app = self.server.app();
        let id = app.keys.next_check().unwrap();
        let expires = app.now().after(INVITATION_LIFE);
        app.keys
            .invite_check(&app.conference, &id, expires)
            .unwrap()
    }

    /// An access token.
    pub async fn token(&self, person: &str) -> String {
        let body = json!({ "invitation": self.invitation(person) });
        let redeemed = self.call("POST", "/invitations/redeem", None, Some(body));
        redeemed.await.ok()["token"].as_str().unwrap().to_owned()
    }

    /// Joins a room; returns the connection and the welcome.
    pub async fn join(&self, person: &str, room: &str) -> (Connection, Value) {
        let token = self.token(person).await;
        let connection = self.connect().await;
        connection.hello(&token, room, json!({})).await
    }
}

/// A microphone that is recorded between speeches.
pub fn sound(id: &str, of: &str, began: Moment) -> TakeInfo {
    TakeInfo {
        id: TakeId::new(id).unwrap(),
        room: room_id("climate"),
        speech: None,
        participant: person(of),
        source: Source::Microphone,
        language: None,
        began,
    }
}

fn settings(data: &TempDir) -> Settings {
    let free = "127.0.0.1:0".parse().unwrap();
    Settings {
        http: free,
        media: free,
        ops: free,
        data: data.path().to_owned(),
        ..Settings::default()
    }
}
