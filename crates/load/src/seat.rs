//! A participant's place at Plenary. Messages that nobody here needs are not parsed beyond their type.

use std::{net::IpAddr, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{failure::LoadError, server::Server, socket::Socket};

const SUBPROTOCOL: &str = "plenary.v1";
/// How long the welcome may take. A server with a queue of joins is slow, not broken.
const WELCOME_TIMEOUT: Duration = Duration::from_secs(30);
/// The types of the messages that are passed on.
const WANTED: [&str; 4] = ["slots", "reply", "media.ended", "problem"];

pub struct Seat {
    socket: Socket,
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
        let socket = Socket::open(server, &server.socket_url(), SUBPROTOCOL).await?;
        Ok(Self {
            reached: socket.reached,
            socket,
            server: server.name().to_owned(),
            commands: 0,
            reads_floor,
        })
    }

    /// Sends the hello; returns the welcome.
    pub async fn greet(&mut self, hello: &Value) -> Result<Value, LoadError> {
        self.socket.send(hello).await?;
        let welcome = async {
            loop {
                let text = self.socket.text().await?;
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
            let text = self.socket.text().await?;
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
        self.socket.send(&fields).await?;
        Ok(id)
    }

    /// Closes with the closing handshake, or drops the connection if that takes too long.
    pub async fn close(self) {
        self.socket.close().await;
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
