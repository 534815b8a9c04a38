//! `GET /api/v1/ws`: from an HTTP request to a WebSocket of the subprotocol `plenary.v1`.

#![warn(clippy::indexing_slicing)]

mod check;
mod frames;
mod greeting;
mod media_link;
mod seat;
mod socket;

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use plenary_protocol::{Code, Problem};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub(crate) use self::greeting::watch;
use self::{
    greeting::open,
    socket::{Socket, Timeouts},
};
use crate::{connections::Connection, rate::Origin, refusal::Refusal, state::App};

/// The only WebSocket subprotocol that the server speaks.
const SUBPROTOCOL: &str = "plenary.v1";

/// Answers the opening handshake (RFC 6455, section 4.2) and leaves the connection to a task of its own.
pub async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<Arc<Connection>>,
    origin: Origin,
    mut request: Request,
) -> Result<Response, Refusal> {
    let accept = accept(request.headers())?;
    if app.is_draining() {
        let detail = "The server is going down; connect again.";
        return Err(Refusal::from(Problem::new(Code::Unavailable, detail)));
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => {
                let timeouts = Timeouts {
                    write: app.limits.write_timeout,
                    close: app.limits.close_timeout,
                };
                let socket = Socket::new(upgraded, timeouts);
                serve(app, socket, Client { origin, connection }).await;
            }
            Err(error) => tracing::debug!(%error, "a connection was lost in its handshake"),
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(
        header::SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    Ok(response)
}

/// The origin of a connection, and its place among all connections.
#[derive(Debug)]
struct Client {
    origin: Origin,
    connection: Arc<Connection>,
}

/// Runs a connection from its hello to its close. While it has no seat it may have to end for another one.
async fn serve(app: Arc<App>, mut socket: Socket, client: Client) {
    // Boxed, so that a seated connection does not keep the memory that its hello needed.
    let opened = tokio::select! {
        opened = Box::pin(open(&app, &mut socket, &client)) => opened,
        () = client.connection.ended() => return,
    };
    let code = match opened {
        Ok(seat) => seat.run(&mut socket).await,
        Err(code) => code,
    };
    let label = code.map_or_else(|| "none".to_owned(), |code| code.number().to_string());
    metrics::counter!("plenary_signaling_closed_total", "code" => label).increment(1);
    tokio::select! {
        () = socket.close(code) => {}
        () = client.connection.ended() => {}
    }
}

fn accept(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let wrong = |detail| Problem::new(Code::Invalid, detail);
    if !lists(headers, header::UPGRADE, "websocket")
        || !lists(headers, header::CONNECTION, "upgrade")
    {
        let problem = wrong("This address takes WebSocket connections.");
        return Err(Problem {
            status: 426,
            ..problem
        });
    }
    if !lists(headers, header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(wrong("The version of WebSocket here is 13."));
    }
    if !lists(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return Err(wrong(
            "The subprotocol here is plenary.v1; ask for it in Sec-WebSocket-Protocol.",
        ));
    }
    headers
        .get(header::SEC_WEBSOCKET_KEY)
        .and_then(|key| HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok())
        .ok_or_else(|| wrong("A WebSocket handshake has a Sec-WebSocket-Key."))
}

/// Whether a comma-separated header holds that word.
fn lists(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}
