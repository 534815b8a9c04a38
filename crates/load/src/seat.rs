//! A participant's WebSocket. Messages that nobody here needs are not parsed beyond their type.

use std::{net::IpAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        client::ClientRequestBuilder,
        protocol::{CloseFrame, Message, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{
    failure::LoadError,
    server::{Server, Stream},
};

const SUBPROTOCOL: &str = "plenary.v1";
/// How long the welcome may take. A server with a queue of joins is slow, not broken.
const WELCOME_TIMEOUT: Duration = Duration::from_secs(30);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// What a connection keeps resident while nothing arrives.
const READ_BUFFER_BYTES: usize = 4096;
const WRITE_BUFFER_BYTES: usize = 1024;
/// The types of the messages that are passed on.
const WANTED: [&str; 4] = ["slots", "reply", "media.ended", "problem"];

pub struct Seat {
    socket: WebSocketStream<Box<dyn Stream>>,
    /// The server's address on this connection; media uses the same if it can.
    pub reached: IpAddr,
    server: String,
    commands: u64,
    /// Whether events of the floor are passed on too.
    reads_floor: bool,
}

/// The beginning of every message.
#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    kind: std::borrow::Cow<'a, str>,
}

impl Seat {
    /// Opens the WebSocket, which waits for a hello.
    pub async fn open(server: &Server, reads_floor: bool) -> Result<Self, LoadError> {
        let (stream, reached) = server.connect().await?;
        let url = server.socket_url();
        let uri = url.parse().map_err(|_| LoadError::Address(url))?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES);
        let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        let opened = timeout(WELCOME_TIMEOUT, opened).await;
        let opened = opened.map_err(|_| LoadError::Late("the WebSocket"))?;
        let protocol =
            |error| LoadError::Protocol(server.name().to_owned(), format!("WebSocket: {error}"));
        let (socket, _) = opened.map_err(|error| protocol(error.to_string()))?;
        Ok(Self {
            socket,
            reached,
            server: server.name().to_owned(),
            commands: 0,
            reads_floor,
        })
    }

    /// Sends the hello; returns the welcome.
    pub async fn greet(&mut self, hello: &Value) -> Result<Value, LoadError> {
        self.send(hello).await?;
        let welcome = async {
            loop {
                let text = self.text().await?;
                match kind_of(&text).as_str() {
                    "welcome" => return self.parse(&text),
                    "problem" => return Err(refused(&self.parse(&text)?["problem"])),
                    _ => {}
                }
            }
        };
        let welcome = timeout(WELCOME_TIMEOUT, welcome).await;
        welcome.unwrap_or(Err(LoadError::Late("the welcome")))
    }

    /// Waits for the next message of interest. Dropping the future loses none.
    pub async fn next(&mut self) -> Result<Value, LoadError> {
        loop {
            let text = self.text().await?;
            let kind = kind_of(&text);
            let of_floor = kind.starts_with("floor.") || kind.starts_with("list.");
            if WANTED.contains(&kind.as_str()) || (self.reads_floor && of_floor) {
                return self.parse(&text);
            }
        }
    }

    /// Sends a command; returns its id, by which the reply is known.
    pub async fn command(&mut self, kind: &str, mut fields: Value) -> Result<String, LoadError> {
        self.commands += 1;
        let id = format!("{:x}-{}", rand::random::<u64>(), self.commands);
        fields["type"] = json!(kind);
        fields["command_id"] = json!(id);
        self.send(&fields).await?;
        Ok(id)
    }

    /// Closes with the closing handshake, or drops the connection if that takes too long.
    pub async fn close(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        let closed = async {
            // An error means that the connection has already ended.
            let _ = self.socket.close(Some(frame)).await;
            while let Some(Ok(_)) = self.socket.next().await {}
        };
        let _ = timeout(CLOSE_TIMEOUT, closed).await;
    }

    async fn send(&mut self, message: &Value) -> Result<(), LoadError> {
        let sent = self.socket.send(Message::text(message.to_string())).await;
        sent.map_err(|error| broken(&error.to_string()))
    }

    async fn text(&mut self) -> Result<String, LoadError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(LoadError::Closed {
                        code: u16::from(frame.code).to_string(),
                        detail: frame.reason.to_string(),
                    });
                }
                Some(Ok(Message::Close(None))) | None => return Err(broken("it broke")),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(broken(&error.to_string())),
            }
        }
    }

    fn parse(&self, text: &str) -> Result<Value, LoadError> {
        let error =
            |error: serde_json::Error| LoadError::Protocol(self.server.clone(), error.to_string());
        serde_json::from_str(text).map_err(error)
    }
}

pub fn refused(problem: &Value) -> LoadError {
    let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    LoadError::Refused {
        code: text("code"),
        detail: text("detail"),
    }
}

fn broken(detail: &str) -> LoadError {
    LoadError::Closed {
        code: "1006".to_owned(),
        detail: detail.to_owned(),
    }
}

fn kind_of(text: &str) -> String {
    let typed = serde_json::from_str::<Typed<'_>>(text);
    typed.map_or_else(|_| String::new(), |typed| typed.kind.into_owned())
}

/// Which slots carry something, by the server's announcement.
pub fn announced(message: &Value) -> Vec<(String, bool)> {
    let slots = message["slots"].as_array().into_iter().flatten();
    let read = slots.filter_map(|slot| {
        let shows = &slot["shows"];
        let flows = !shows.is_null() && shows["paused"] != true;
        Some((slot["mid"].as_str()?.to_owned(), flows))
    });
    read.collect()
}
