//! A server of one conference: its parts start together and end together.

mod sockets;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use dashmap::DashMap;
use futures_util::future::join_all;
use plenary_conference::Conference;
use plenary_library::{Library, LibraryError, Uploads};
use plenary_media::{Media, MediaConfig, Tap, TurnSecret};
use plenary_protocol::CloseCode;
use plenary_recorder::{Disk, SystemDisk};
use plenary_room::{
    Clock, MediaPlane, Recordings, RecoveryError, RoomConfig, RoomHandle, TimeSource,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    allowances::Allowances,
    api,
    checks::Checks,
    clock::MachineClock,
    connections::{ConnectionLimits, Connections},
    data_folder::{self, DataFolderError},
    descriptors, http,
    machine::{self, DiskSpace},
    receiving::Receiving,
    record::{self, RoomRecorder},
    recordings::{self, Catalogue},
    relays::{self, RelaysError},
    sessions::Sessions,
    settings::Settings,
    stage::MediaStage,
    state::{App, Limits},
    terminate::FORCED_EXIT_TIMEOUT,
    tls::{Https, TlsError},
    watchers::Watchers,
    whip::HttpSessions,
};

use self::sockets::Sockets;

/// How long rooms may take to record the shutdown. A slower disk has the rest of the drain for it.
const ROOM_DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
/// How long connections may take to end with their rooms.
const CONNECTION_DRAIN_TIMEOUT: Duration = Duration::from_millis(500);
/// How long the others may take to tell their clients why they are closed.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(400);
/// How long the last HTTP requests may take.
const REQUEST_DRAIN_TIMEOUT: Duration = Duration::from_millis(250);
const _: () = assert!(
    ROOM_DRAIN_TIMEOUT.as_millis()
        + CONNECTION_DRAIN_TIMEOUT.as_millis()
        + CLOSE_TIMEOUT.as_millis()
        + REQUEST_DRAIN_TIMEOUT.as_millis()
        < FORCED_EXIT_TIMEOUT.as_millis(),
    "a drain ends before the process is forced to exit"
);

/// A running server, which ends by [`Server::drain`].
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    http: SocketAddr,
    https: Option<SocketAddr>,
    ops: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Parts of a server that a test replaces.
#[derive(Debug)]
pub struct Parts {
    /// Recordings that nobody plays: the test says what becomes of them.
    pub recordings: Option<Arc<dyn Recordings>>,
    /// The disk that takes are written to.
    pub takes: Arc<dyn Disk>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            recordings: None,
            takes: Arc::new(SystemDisk),
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum StartError {
    /// A setting names an address on which the server cannot listen.
    #[error("{setting} cannot listen on {address}: {error}")]
    Listen {
        setting: &'static str,
        address: SocketAddr,
        error: io::Error,
    },
    /// There can be no HTTPS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The relays cannot be used as they are set.
    #[error(transparent)]
    Relays(#[from] RelaysError),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The media library cannot be used.
    #[error("the media library cannot be used: {0}")]
    Library(#[from] LibraryError),
    /// The recorder's threads cannot be started.
    #[error("the recorder cannot be started: {0}")]
    Recorder(io::Error),
    /// A room cannot be recovered.
    #[error(transparent)]
    Room(#[from] RecoveryError),
}

impl Server {
    /// Starts the server on the current Tokio runtime. When it returns, every address answers.
    pub async fn start(
        conference: Conference,
        settings: &Settings,
        limits: Limits,
    ) -> Result<Self, StartError> {
        Box::pin(Self::start_with(
            conference,
            settings,
            limits,
            Parts::default(),
        ))
        .await
    }

    /// The same with other parts in the place of the machine's.
    pub async fn start_on(
        conference: Conference,
        settings: &Settings,
        limits: Limits,
        parts: Parts,
    ) -> Result<Self, StartError> {
        Box::pin(Self::start_with(conference, settings, limits, parts)).await
    }

    #[expect(
        clippy::large_types_passed_by_value,
        reason = "it is kept, as its callers keep none"
    )]
    async fn start_with(
        conference: Conference,
        settings: &Settings,
        limits: Limits,
        parts: Parts,
    ) -> Result<Self, StartError> {
        settings.relays.check()?;
        let clock = MachineClock::start();
        let https = Https::open(
            &settings.tls,
            &settings.acme,
            settings.https.is_some(),
            &settings.data,
            clock.now(),
        )?;
        let (keys, journal) = data_folder::open(&settings.data, settings.missing)?;
        let library = Library::open(&settings.data, settings.library_limits())?;
        let sockets = Sockets::bind(settings)?;
        let recording =
            RoomRecorder::start(&settings.data, parts.takes, settings.recorder_limits());
        let (recorder, takes_reported) = recording.map_err(StartError::Recorder)?;
        let media = start_media(settings, || recorder.tap(&clock))?;
        let (player, reported) = recordings::player(library.clone(), media.clone());
        let stage: Arc<dyn MediaPlane> = Arc::new(MediaStage {
            media: media.clone(),
            player: parts.recordings.is_none().then(|| Arc::clone(&player)),
        });
        let recordings = parts
            .recordings
            .unwrap_or_else(|| Arc::new(Catalogue(library.clone())));
        let rooms = DashMap::new();
        for config in room_configs(&conference, &recordings) {
            let (id, log) = (config.id.clone(), Arc::new(journal.clone()));
            let clock = Clock::of(clock.clone());
            rooms.insert(
                id,
                RoomHandle::open(config, stage.clone(), clock, log).await?,
            );
        }
        let disk_space = watch::Sender::new(machine::disk_space(&settings.data));
        let checks = Checks::new(&conference);
        let watchers = Watchers::new(&limits);
        let limited = ConnectionLimits::new(&limits, descriptors::for_connections());
        let connections = Connections::new(limited, settings.proxies.clone());
        let https_address = sockets.https.as_ref().map(|it| it.address);
        let relay_over_tls =
            https_address.and_then(|it| relays::url_over_tls(&settings.public_url(it)));
        let app = Arc::new(App {
            conference,
            keys,
            clock: Arc::clone(&clock),
            journal,
            rooms,
            sessions: Sessions::default(),
            http_sessions: HttpSessions::default(),
            media,
            relays: settings.relays.clone(),
            relay_over_tls,
            uploads: Uploads::new(library.clone()),
            library,
            player,
            recorder: Arc::new(recorder),
            receiving: Receiving::default(),
            file_checks: Arc::new(Semaphore::new(http::MAX_FILE_CHECKS)),
            checks,
            watchers,
            limits,
            disk_space: disk_space.subscribe(),
            last_known_rooms: DashMap::new(),
            allowances: Allowances::new(&limits),
            connections,
            certificates: https.as_ref().map(|it| Arc::clone(&it.store)),
            base_path: settings.base_path().to_owned(),
            documents: api::documents(settings.base_path()),
            draining: false.into(),
        });

        let (http, ops) = (sockets.http.address, sockets.ops.address);
        let stop = watch::Sender::new(false);
        let configs = https.as_ref().map(|it| it.configs.clone());
        let tasks = sockets.serve(&app, settings, configs, &stop);
        if let Some(https) = https {
            https.keep_current(clock);
        }
        start_background(&app, reported, takes_reported, disk_space);
        Ok(Self {
            app,
            http,
            https: https_address,
            ops,
            stop,
            tasks,
        })
    }

    /// The address for browsers, without TLS.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// The address for browsers with TLS, if the server does that itself.
    pub fn https(&self) -> Option<SocketAddr> {
        self.https
    }

    /// The address that browsers use, unless a proxy is in front.
    pub fn pages(&self) -> SocketAddr {
        self.https.unwrap_or(self.http)
    }

    /// The address for health and metrics.
    pub fn ops(&self) -> SocketAddr {
        self.ops
    }

    /// The state that handlers share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The line for standard output that names every address, once they all answer.
    pub fn ready_line(&self) -> Value {
        let media = self.app.media.local_addr();
        let mut line = json!({ "ready": {
            "http": self.http.to_string(), "media": media.to_string(), "ops": self.ops.to_string(),
        }});
        if let Some(https) = self.https {
            line["ready"]["https"] = https.to_string().into();
        }
        line
    }

    /// Drains: refuses new connections and commands, drains every room, closes every connection with 1001, lets requests
    /// finish, and leaves the journal on disk. It takes less than 3.5 s even if the disk does not answer.
    pub async fn drain(self) {
        self.app
            .draining
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let rooms: Vec<RoomHandle> = self.app.rooms.iter().map(|room| room.clone()).collect();
        let drained = join_all(rooms.iter().map(RoomHandle::drain));
        if timeout(ROOM_DRAIN_TIMEOUT, drained).await.is_err() {
            tracing::error!("not every room could record the shutdown");
        }
        let app = Arc::clone(&self.app);
        let recorded = tokio::task::spawn_blocking(move || app.recorder.close());
        if timeout(CONNECTION_DRAIN_TIMEOUT, self.app.sessions.until_empty())
            .await
            .is_err()
        {
            self.app.sessions.close_all(CloseCode::Draining);
            let _ = timeout(CLOSE_TIMEOUT, self.app.sessions.until_empty()).await;
        }
        // It has closed meanwhile, unless the connections ended sooner.
        let _ = timeout(CLOSE_TIMEOUT, recorded).await;
        self.stop.send_replace(true);
        let _ = timeout(REQUEST_DRAIN_TIMEOUT, join_all(self.tasks)).await;
    }
}

fn room_configs(conference: &Conference, recordings: &Arc<dyn Recordings>) -> Vec<RoomConfig> {
    let rooms = conference.rooms.iter();
    let configs = rooms.map(|room| RoomConfig::of(conference, room));
    configs
        .map(|config| config.with_recordings(Arc::clone(recordings)))
        .collect()
}

/// Starts what goes on beside requests, until the server ends.
fn start_background(
    app: &Arc<App>,
    played: recordings::Reported,
    recorded: record::Reported,
    space: watch::Sender<Option<DiskSpace>>,
) {
    let weak = || Arc::downgrade(app);
    tokio::spawn(recordings::forward(weak(), played));
    tokio::spawn(record::forward(weak(), recorded));
    tokio::spawn(record::recover(Arc::clone(app)));
    tokio::spawn(record::keep_deleting(weak()));
    tokio::spawn(http::uploads::tend(weak()));
    let (journal, clock) = (app.journal.clone(), Arc::clone(&app.clock));
    tokio::spawn(machine::watch(journal, clock, space));
}

fn start_media(
    settings: &Settings,
    tap: impl FnMut() -> Option<Box<dyn Tap>>,
) -> Result<Media, StartError> {
    let config = MediaConfig {
        addresses: settings.addresses.clone(),
        max_streams: descriptors::for_media(),
        relay: settings.relays.enabled.then(TurnSecret::random).flatten(),
        ..MediaConfig::new(settings.media)
    };
    Media::start_with(&config, tap).map_err(|error| StartError::Listen {
        setting: "listen.media",
        address: settings.media,
        error,
    })
}
