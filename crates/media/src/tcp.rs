//! The TCP side of the media port: a thread that accepts connections and finds out what they carry.
//!
//! It is apart from the workers, so that a flood of connections delays nobody's packets. A connection leaves it for the
//! thread of a worker with the first check that names a session there.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use plenary_transport::peer::RelayAccess;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

use crate::{
    connection::{Connection, Ending},
    hub::{Hub, read_protocol},
    places::Place,
};

/// Connections that the kernel accepts before the thread does.
const BACKLOG: i32 = 1024;
/// After an error such as a want of descriptors, accepting pauses.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What the kernel holds of sent data, twice over: at 100 ms of round trip, some 10 Mbit/s.
const SEND_BUFFER_BYTES: usize = 128 << 10;
/// What of it the kernel may hold unsent. More would be delay when the connection stalls.
const UNSENT_BYTES: u32 = 16 << 10;
/// A connection whose peer acknowledges nothing for so long is over.
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(15);

/// Binds the TCP port of an address.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM.nonblocking(),
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    // Connections inherit it, and it has to be known before they are.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Starts the thread that accepts. It ends when `ended` has no sender any more.
pub(crate) fn spawn(
    listener: std::net::TcpListener,
    hub: Arc<Hub>,
    mut ended: watch::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let name = "media-tcp".to_owned();
    std::thread::Builder::new().name(name).spawn(move || {
        runtime.block_on(async move {
            let listener = match TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => {
                    tracing::error!(%error, "the media port takes no TCP connections");
                    return;
                }
            };
            tokio::select! {
                () = accept(&listener, &hub) => {}
                _ = ended.changed() => {}
            }
        });
    })?;
    Ok(())
}

async fn accept(listener: &TcpListener, hub: &Arc<Hub>) {
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
                if let Some(place) = hub.places.enter(remote.ip()) {
                    tokio::spawn(identify(Arc::clone(hub), stream, remote, place));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "accepting a media connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Finds out what a connection carries, and serves it until its session is known.
async fn identify(hub: Arc<Hub>, mut stream: TcpStream, remote: SocketAddr, place: Place) {
    if prepare(&stream).is_err() {
        return;
    }
    let Some((protocol, beginning)) = read_protocol(&mut stream, &place).await else {
        return;
    };
    let from = (RelayAccess::Tcp, remote);
    if let Some(connection) = Connection::new(hub, stream, protocol, beginning, place, from) {
        serve(connection, None).await;
    }
}

/// Serves a connection on the thread of a worker, or before its worker is known.
pub(crate) async fn serve(mut connection: Connection<TcpStream>, own: Option<usize>) {
    // It moves once: a client that names sessions of several workers is served from where it is.
    if let Ending::Moves(worker) = connection.run(own, own.is_none()).await {
        connection.move_to(worker);
    }
}

/// A connection whose session is a worker's own.
pub(crate) type Adopted = Connection<std::net::TcpStream>;

/// Goes on with a connection on the thread of its worker.
pub(crate) fn adopt(adopted: Adopted, worker: usize) {
    match adopted.try_map(TcpStream::from_std) {
        Ok(connection) => {
            tokio::spawn(serve(connection, Some(worker)));
        }
        Err(error) => tracing::debug!(%error, "a media connection could not move"),
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = socket2::SockRef::from(stream);
    socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_TIMEOUT))
}
