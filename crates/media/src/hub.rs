//! What the connections and the relay share with the workers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use plenary_transport::{framing::Protocol, peer::RelayAccess, turn::RelayServer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::mpsc,
    time::timeout,
};

use crate::{
    connection::Connection,
    counters::Counters,
    links::Links,
    peers::Peers,
    places::{Place, Places},
    spread::Frame,
    tcp::Adopted,
};

/// A stream has to say what it carries within this time.
const PROTOCOL_TIMEOUT: Duration = Duration::from_secs(5);

/// What the connections and the relay share with the workers.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) links: Arc<Links>,
    pub(crate) peers: Arc<Peers>,
    pub(crate) relay: Option<Arc<RelayServer>>,
    pub(crate) places: Arc<Places>,
    pub(crate) counters: Arc<Counters>,
    /// For each worker, where the others send what they tell it.
    pub(crate) frames: Vec<mpsc::Sender<Frame>>,
    /// For each worker, where a connection goes whose session is there.
    pub(crate) adopters: Vec<mpsc::UnboundedSender<Adopted>>,
}

/// Reads as many bytes of a stream as tell its protocol; none if it says nothing of ours in time.
pub(crate) async fn read_protocol(
    stream: &mut (impl AsyncRead + Unpin),
    place: &Place,
) -> Option<(Protocol, Vec<u8>)> {
    let mut beginning = Vec::with_capacity(1024);
    let reading = async {
        loop {
            match Protocol::of(&beginning) {
                Ok(Some(protocol)) => return Some(protocol),
                Ok(None) => {}
                Err(_) => return None,
            }
            match stream.read_buf(&mut beginning).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    };
    let protocol = tokio::select! {
        read = timeout(PROTOCOL_TIMEOUT, reading) => read.ok().flatten()?,
        () = place.ended() => return None,
    };
    Some((protocol, beginning))
}

/// Serves a client of the relay on a stream that stays on the caller's runtime.
pub(crate) async fn serve_relay_stream(
    hub: Arc<Hub>,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
) {
    let Some(place) = hub.places.enter(peer.ip()) else {
        return;
    };
    let Some((Protocol::Turn, beginning)) = read_protocol(&mut stream, &place).await else {
        return;
    };
    let connection = Connection::new(
        hub,
        stream,
        Protocol::Turn,
        beginning,
        place,
        (RelayAccess::Tls, peer),
    );
    if let Some(mut connection) = connection {
        connection.run(None, false).await;
    }
}
