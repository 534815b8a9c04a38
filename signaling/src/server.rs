//! A server of one conference: its parts start together and end together.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use dashmap::DashMap;
use futures_util::future::join_all;
use plenary_conference::{Conference, Keys, KeysError};
use plenary_journal::{Journal, OpenError};
use plenary_media::{Media, MediaConfig};
use plenary_protocol::CloseCode;
use plenary_room::{Clock, MediaPlane, RecoveryError, RoomConfig, RoomHandle};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::{
    api, http, listener, machine, ops,
    rate::RateLimiter,
    sessions::Sessions,
    settings::Settings,
    stage::MediaStage,
    state::{App, Limits},
};

/// How long rooms may take to record the shutdown. A slower disk has the rest of the drain for it.
const ROOM_DRAIN_TIMEOUT: Duration = Duration::from_millis(2500);
/// How long connections may take to close.
const CONNECTION_DRAIN_TIMEOUT: Duration = Duration::from_millis(1500);
/// How long the last HTTP requests may take.
const REQUEST_DRAIN_TIMEOUT: Duration = Duration::from_millis(250);

/// A running server, which ends by [`Server::drain`].
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    http: SocketAddr,
    ops: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
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
    /// The data folder cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] OpenError),
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
        let keys = Keys::open(&settings.data)?;
        let journal = Journal::open(&settings.data)?;
        let bind = |setting, address| {
            listener::bind(address).map_err(|error| StartError::Listen {
                setting,
                address,
                error,
            })
        };
        let http = bind("listen.http", settings.http)?;
        let ops = bind("listen.ops", settings.ops)?;
        let media = MediaConfig {
            addresses: settings.addresses.clone(),
            ..MediaConfig::new(settings.media)
        };
        let media = Media::start(&media).map_err(|error| StartError::Listen {
            setting: "listen.media",
            address: settings.media,
            error,
        })?;

        let clock = Clock::not_before(journal.last_alive());
        let stage: Arc<dyn MediaPlane> = Arc::new(MediaStage(media.clone()));
        let rooms = DashMap::new();
        for room in &conference.rooms {
            let config = RoomConfig::of(&conference, room);
            let log = Arc::new(journal.clone());
            let opened = RoomHandle::open(config, Arc::clone(&stage), clock, log).await?;
            rooms.insert(room.id.clone(), opened);
        }
        let disk_space = watch::Sender::new(machine::disk_space(&settings.data));
        let app = Arc::new(App {
            conference,
            keys,
            clock,
            journal,
            rooms,
            sessions: Sessions::default(),
            media,
            limits,
            disk_space: disk_space.subscribe(),
            last_known_rooms: DashMap::new(),
            request_limiter: RateLimiter::new(limits.requests),
            guess_limiter: RateLimiter::new(limits.guesses),
            proxies: settings.proxies.clone(),
            documents: api::documents(),
            draining: false.into(),
        });

        let address =
            |listener: &tokio::net::TcpListener, asked| listener.local_addr().unwrap_or(asked);
        let (http_address, ops_address) =
            (address(&http, settings.http), address(&ops, settings.ops));
        let stop = watch::Sender::new(false);
        let tasks = vec![
            tokio::spawn(listener::serve(
                http,
                http::router(Arc::clone(&app)),
                stopped(&stop),
            )),
            tokio::spawn(listener::serve(
                ops,
                ops::router(Arc::clone(&app)),
                stopped(&stop),
            )),
        ];
        let journal = app.journal.clone();
        tokio::spawn(machine::watch_disk(journal, clock, disk_space));
        Ok(Self {
            app,
            http: http_address,
            ops: ops_address,
            stop,
            tasks,
        })
    }

    /// The address for browsers.
    pub fn http(&self) -> SocketAddr {
        self.http
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
        json!({ "ready": {
            "http": self.http.to_string(), "media": media.to_string(), "ops": self.ops.to_string(),
        }})
    }

    /// Drains: refuses new connections and commands, drains every room, closes every connection with 1001, lets requests
    /// finish, and leaves the journal on disk. It takes less than five seconds even if the disk does not answer.
    pub async fn drain(self) {
        self.app
            .draining
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let rooms: Vec<RoomHandle> = self.app.rooms.iter().map(|room| room.clone()).collect();
        let drained = join_all(rooms.iter().map(RoomHandle::drain));
        if timeout(ROOM_DRAIN_TIMEOUT, drained).await.is_err() {
            tracing::error!("not every room could record the shutdown");
        }
        if timeout(CONNECTION_DRAIN_TIMEOUT, self.app.sessions.until_empty())
            .await
            .is_err()
        {
            self.app.sessions.close_all(CloseCode::Draining);
        }
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = timeout(REQUEST_DRAIN_TIMEOUT, task).await;
        }
    }
}

fn stopped(stop: &watch::Sender<bool>) -> impl Future<Output = ()> + use<> {
    let mut stop = stop.subscribe();
    async move {
        let _ = stop.wait_for(|stop| *stop).await;
    }
}
