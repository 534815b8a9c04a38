//! A conference being served: everything that is started together and ended together.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use dashmap::DashMap;
use futures_util::future::join_all;
use plenary_conference::{Conference, Keys, KeysError};
use plenary_journal::{Journal, OpenError};
use plenary_media::{Media, MediaConfig};
use plenary_protocol::CloseCode;
use plenary_room::{Clock, RecoveryError, RoomConfig, RoomHandle, Stage};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::{
    http, listener, machine, ops,
    rate::Buckets,
    sessions::Sessions,
    settings::Settings,
    stage::{MediaStage, report},
    state::{App, Limits},
};

/// How long rooms may take to record the end. A disk that is slower than that has the rest of the farewell.
const LAST_WORDS: Duration = Duration::from_millis(2500);
/// How long those who are connected may take to go.
const FAREWELL: Duration = Duration::from_millis(1500);
/// How long the last requests may take.
const LAST_REQUESTS: Duration = Duration::from_millis(250);

/// A running server.
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
pub enum StartError {
    /// An address cannot be listened on.
    #[error("{what} cannot listen on {address}: {error}")]
    Listen {
        /// Which setting.
        what: &'static str,
        /// Its value.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// The data folder cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// A room cannot be brought back.
    #[error(transparent)]
    Room(#[from] RecoveryError),
}

impl Server {
    /// Starts to serve, on the Tokio runtime that it is called on; when it returns, everything answers.
    pub async fn start(
        conference: Conference,
        settings: &Settings,
        limits: Limits,
    ) -> Result<Self, StartError> {
        let keys = Keys::open(&settings.data)?;
        let journal = Journal::open(&settings.data)?;
        let bind = |what, address| {
            listener::bind(address).map_err(|error| StartError::Listen {
                what,
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
        let (media, events) = Media::start(&media).map_err(|error| StartError::Listen {
            what: "listen.media",
            address: settings.media,
            error,
        })?;

        let clock = Clock::not_before(journal.last_alive());
        let stage: Arc<dyn Stage> = Arc::new(MediaStage(media.clone()));
        let rooms = DashMap::new();
        for room in &conference.rooms {
            let config = RoomConfig::of(&conference, room);
            let log = Arc::new(journal.clone());
            let opened = RoomHandle::open(config, Arc::clone(&stage), clock, log).await?;
            rooms.insert(room.id.clone(), opened);
        }
        let app = Arc::new(App {
            conference,
            keys,
            clock,
            journal,
            rooms,
            sessions: Sessions::default(),
            media,
            limits,
            space: watch::Sender::new(machine::space(&settings.data)),
            known: DashMap::new(),
            calls: Buckets::new(limits.calls),
            guesses: Buckets::new(limits.guesses),
            proxies: settings.proxies.clone(),
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
        tokio::spawn(report(Arc::clone(&app), events));
        tokio::spawn(machine::watch(Arc::downgrade(&app)));
        Ok(Self {
            app,
            http: http_address,
            ops: ops_address,
            stop,
            tasks,
        })
    }

    /// Where browsers connect.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where health and metrics are asked.
    pub fn ops(&self) -> SocketAddr {
        self.ops
    }

    /// What handlers share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The line that says that everything answers, and where.
    pub fn ready_line(&self) -> Value {
        let media = self.app.media.local_addr();
        json!({ "ready": {
            "http": self.http.to_string(), "media": media.to_string(), "ops": self.ops.to_string(),
        }})
    }

    /// Drains: takes nobody and no command any more, tells every room, closes every connection with 1001, lets requests
    /// end, and has the journal on disk. It takes less than five seconds even if the disk does not answer.
    pub async fn drain(self) {
        self.app
            .draining
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let rooms: Vec<RoomHandle> = self.app.rooms.iter().map(|room| room.clone()).collect();
        let told = join_all(rooms.iter().map(RoomHandle::drain));
        if timeout(LAST_WORDS, told).await.is_err() {
            tracing::error!("not every room could record that it was closed");
        }
        if timeout(FAREWELL, self.app.sessions.until_empty())
            .await
            .is_err()
        {
            self.app.sessions.end_all(CloseCode::Draining);
        }
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = timeout(LAST_REQUESTS, task).await;
        }
    }
}

fn stopped(stop: &watch::Sender<bool>) -> impl Future<Output = ()> + use<> {
    let mut stop = stop.subscribe();
    async move {
        let _ = stop.wait_for(|stop| *stop).await;
    }
}
