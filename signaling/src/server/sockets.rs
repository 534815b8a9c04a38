//! The listening sockets of a server, and what serves each.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use axum::middleware;
use plenary_media::Media;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::StartError;
use crate::{
    connections::{ConnectionLimits, Connections},
    descriptors,
    http::{self, front::MovedPages},
    listener::{self, Relay, RelayStream, Service, Tls},
    ops,
    proxies::Proxies,
    settings::Settings,
    state::App,
    tls::TlsConfigs,
};

/// The listening sockets of a server.
pub(super) struct Sockets {
    pub(super) http: Socket,
    pub(super) https: Option<Socket>,
    pub(super) ops: Socket,
}

/// A listening socket, and the address that it has got.
pub(super) struct Socket {
    listener: TcpListener,
    pub(super) address: SocketAddr,
}

impl Socket {
    fn bind(setting: &'static str, asked: SocketAddr) -> Result<Self, StartError> {
        let listener = listener::bind(asked).map_err(|error| StartError::Listen {
            setting,
            address: asked,
            error,
        })?;
        let address = listener.local_addr().unwrap_or(asked);
        Ok(Self { listener, address })
    }
}

impl Sockets {
    pub(super) fn bind(settings: &Settings) -> Result<Self, StartError> {
        let https = settings.https.map(|it| Socket::bind("listen.https", it));
        Ok(Self {
            http: Socket::bind("listen.http", settings.http)?,
            https: https.transpose()?,
            ops: Socket::bind("listen.ops", settings.ops)?,
        })
    }

    /// Serves on all of them until the server stops.
    pub(super) fn serve(
        self,
        app: &Arc<App>,
        settings: &Settings,
        configs: Option<TlsConfigs>,
        stop: &watch::Sender<bool>,
    ) -> Vec<JoinHandle<()>> {
        let service = |router, connections, tls| Service {
            router,
            connections,
            timeouts: app.limits.phases,
            tls,
            proxy_protocol: settings.proxy_protocol,
        };
        let serve = |socket: Socket, service| {
            tokio::spawn(listener::serve(socket.listener, service, stopped(stop)))
        };
        let router = http::router(Arc::clone(app), settings.base_path());
        let moved = MovedPages::new(settings, self.https.as_ref().map(|it| it.address));
        let mut tasks = Vec::new();
        if let (Some(socket), Some(configs)) = (self.https, configs) {
            let relay = || -> Arc<dyn Relay> { Arc::new(MediaRelay(app.media.clone())) };
            let relay = settings.relays.enabled.then(relay);
            let tls = Tls { configs, relay };
            let service = service(router.clone(), app.connections.clone(), Some(tls));
            tasks.push(serve(socket, service));
        }
        let router = match moved {
            Some(moved) => router.layer(middleware::from_fn(move |request, next| {
                moved.clone().redirect(request, next)
            })),
            None => router,
        };
        let service_http = service(router, app.connections.clone(), None);
        tasks.push(serve(self.http, service_http));
        let limits = ConnectionLimits::without_seats(descriptors::OPS_CONNECTIONS);
        let without_proxies = Proxies {
            networks: Vec::new(),
            ..Proxies::default()
        };
        let connections = Connections::new(limits, without_proxies);
        let router = ops::router(Arc::clone(app));
        let service_ops = Service {
            proxy_protocol: false,
            ..service(router, connections, None)
        };
        tasks.push(serve(self.ops, service_ops));
        tasks
    }
}

/// The relay of the media engine, for clients whose network lets nothing but TLS out.
#[derive(Debug)]
struct MediaRelay(Media);

impl Relay for MediaRelay {
    fn serve(
        &self,
        stream: Box<dyn RelayStream>,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let media = self.0.clone();
        Box::pin(async move { media.serve_relay_stream(stream, peer).await })
    }
}

fn stopped(stop: &watch::Sender<bool>) -> impl Future<Output = ()> + use<> {
    let mut stop = stop.subscribe();
    async move {
        let _ = stop.wait_for(|stop| *stop).await;
    }
}
