//! The WebSocket: one task that writes what is said, matches replies to commands and hands on everything else.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};
use uuid::Uuid;

use crate::http::Server;
use crate::problem::{Error, Problem};
use crate::slots::{Announcement, Showing};

const SUBPROTOCOL: &str = "plenary.v1";
/// The contract gives a hello ten seconds; a welcome that takes longer than that is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a close may take before the connection is simply dropped.
const FAREWELL: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TcpStream>;

/// A connection before its hello.
pub(crate) struct Knock {
    socket: Socket,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The close code, 1006 where the connection broke without one.
    pub code: u16,
    /// The server's words.
    pub reason: String,
}

impl From<Closed> for Error {
    fn from(Closed { code, reason }: Closed) -> Self {
        Self::Closed { code, reason }
    }
}

/// A connection after its welcome.
pub(crate) struct Link {
    outgoing: mpsc::UnboundedSender<Message>,
    desk: Arc<Desk>,
}

/// What the task and its callers share.
struct Desk {
    replies: Mutex<HashMap<String, oneshot::Sender<Result<Value, Problem>>>>,
    answer: Mutex<Option<oneshot::Sender<String>>>,
    showing: watch::Sender<Showing>,
    closed: watch::Sender<Option<Closed>>,
    halt: watch::Sender<bool>,
}

impl Knock {
    pub(crate) async fn at(server: &Server) -> Result<Self, Error> {
        let stream = server.connect().await?;
        let address = server.socket_address();
        let uri = address.parse().map_err(|_| Error::Address(address))?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
        // The default of 128 KiB stays resident per connection: too much for a thousand in a process.
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let (socket, _) =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        Ok(Self { socket })
    }

    /// This machine's own address towards the server, which media can use as well.
    pub(crate) fn local_ip(&self) -> Result<IpAddr, Error> {
        Ok(self.socket.get_ref().local_addr()?.ip())
    }

    /// Says hello and waits for the welcome; messages go to `events` from then on.
    pub(crate) async fn enter(
        mut self,
        hello: &Value,
        events: mpsc::UnboundedSender<Value>,
        halt: watch::Sender<bool>,
    ) -> Result<(Link, Value), Error> {
        self.socket.send(Message::text(hello.to_string())).await?;
        let welcome = tokio::time::timeout(PATIENCE, self.welcome(&events))
            .await
            .map_err(|_| Error::Late("a welcome", PATIENCE))??;
        let (outgoing, said) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            replies: Mutex::default(),
            answer: Mutex::default(),
            showing: watch::Sender::default(),
            closed: watch::Sender::default(),
            halt,
        });
        tokio::spawn(carry(self.socket, said, events, Arc::clone(&desk)));
        Ok((Link { outgoing, desk }, welcome))
    }

    async fn welcome(&mut self, events: &mpsc::UnboundedSender<Value>) -> Result<Value, Error> {
        loop {
            match incoming(self.socket.next().await) {
                Incoming::Said(message) => match kind_of(&message) {
                    "welcome" => return Ok(message),
                    "problem" => {
                        return Err(Problem::read(&message["problem"], 0).into());
                    }
                    // Announcements may overtake the welcome; nobody reads the events yet, so this queues.
                    _ => drop(events.send(message)),
                },
                Incoming::Nothing => {}
                Incoming::Ended(closed) => return Err(closed.into()),
            }
        }
    }
}

impl Link {
    /// Sends a text as it is, for whoever wants to break the rules.
    pub(crate) fn say(&self, text: String) -> Result<(), Error> {
        self.outgoing
            .send(Message::text(text))
            .map_err(|_| self.ended().into())
    }

    /// Sends bytes as they are, likewise.
    pub(crate) fn say_binary(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.outgoing
            .send(Message::binary(bytes))
            .map_err(|_| self.ended().into())
    }

    pub(crate) fn command(
        &self,
        kind: &str,
        arguments: Value,
    ) -> impl Future<Output = Result<Value, Error>> + use<> {
        let id = Uuid::new_v4().to_string();
        let mut message = match arguments {
            Value::Object(fields) => Value::Object(fields),
            _ => json!({}),
        };
        message["type"] = json!(kind);
        message["command_id"] = json!(id);
        let (reply, replied) = oneshot::channel();
        lock(&self.desk.replies).insert(id, reply);
        let sent = self.say(message.to_string());
        let desk = Arc::clone(&self.desk);
        async move {
            sent?;
            match replied.await {
                Ok(reply) => Ok(reply?),
                Err(_) => Err(desk.ended().into()),
            }
        }
    }

    /// Sends a new offer to the room and waits for its answer.
    pub(crate) async fn negotiate(&self, offer: &str) -> Result<String, Error> {
        let (answer, answered) = oneshot::channel();
        lock(&self.desk.answer).replace(answer);
        self.say(json!({"type": "signal", "to": "room", "offer": offer}).to_string())?;
        tokio::time::timeout(PATIENCE, answered)
            .await
            .map_err(|_| Error::Late("an answer", PATIENCE))?
            .map_err(|_| self.ended().into())
    }

    pub(crate) fn showing(&self) -> watch::Receiver<Showing> {
        self.desk.showing.subscribe()
    }

    pub(crate) async fn closed(&self) -> Closed {
        let mut closed = self.desk.closed.subscribe();
        match closed.wait_for(Option::is_some).await {
            Ok(closed) => closed.clone().unwrap_or_else(broken),
            Err(_) => broken(),
        }
    }

    /// Closes in good order, or drops the connection when that takes too long.
    pub(crate) async fn leave(self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        // A connection that is gone already is left as well.
        let _ = self.outgoing.send(Message::Close(Some(frame)));
        let _ = tokio::time::timeout(FAREWELL, self.closed()).await;
    }

    fn ended(&self) -> Closed {
        self.desk.ended()
    }
}

impl Desk {
    fn ended(&self) -> Closed {
        self.closed.borrow().clone().unwrap_or_else(broken)
    }

    /// Takes what belongs to a caller; the rest comes back as an event.
    fn sort(&self, message: Value) -> Option<Value> {
        match kind_of(&message) {
            "reply" => {
                let waiting = message["command_id"]
                    .as_str()
                    .and_then(|id| lock(&self.replies).remove(id));
                let Some(waiting) = waiting else {
                    return Some(message);
                };
                let reply = match message.get("problem") {
                    Some(problem) => Err(Problem::read(problem, 0)),
                    None => Ok(message["result"].clone()),
                };
                // A caller who stopped waiting wants no reply.
                let _ = waiting.send(reply);
                return None;
            }
            "slots" => {
                if let Ok(announcement) = Announcement::deserialize(&message) {
                    self.showing
                        .send_modify(|showing| announcement.apply(showing));
                }
            }
            "signal" if message["from"] == "room" => {
                if let Some(answer) = message["answer"].as_str()
                    && let Some(waiting) = lock(&self.answer).take()
                {
                    let _ = waiting.send(answer.to_owned());
                }
            }
            "device.replaced" => drop(self.halt.send_replace(true)),
            _ => {}
        }
        Some(message)
    }

    fn close(&self, closed: Closed) {
        self.halt.send_replace(true);
        self.closed.send_replace(Some(closed));
        // After `closed` is set, so that whoever loses his reply finds out why.
        lock(&self.replies).clear();
        lock(&self.answer).take();
    }
}

/// The connection's one task: ends when either side closes or when the link is dropped.
async fn carry(
    mut socket: Socket,
    mut said: mpsc::UnboundedReceiver<Message>,
    events: mpsc::UnboundedSender<Value>,
    desk: Arc<Desk>,
) {
    let end = loop {
        tokio::select! {
            message = said.recv() => {
                let message = message.unwrap_or(Message::Close(None));
                if let Err(error) = socket.send(message).await {
                    break Closed { code: 1006, reason: error.to_string() };
                }
            }
            received = socket.next() => match incoming(received) {
                Incoming::Said(message) => {
                    if let Some(event) = desk.sort(message) {
                        // Events that nobody reads are dropped.
                        let _ = events.send(event);
                    }
                }
                Incoming::Nothing => {}
                Incoming::Ended(closed) => break closed,
            },
        }
    };
    // From here on nothing can be said, so no command starts waiting for a reply that cannot come.
    said.close();
    desk.close(end);
    // Our half of the closing handshake; the other side may be gone.
    let _ = tokio::time::timeout(FAREWELL, socket.close(None)).await;
}

enum Incoming {
    Said(Value),
    Nothing,
    Ended(Closed),
}

fn incoming(received: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> Incoming {
    match received {
        Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
            Ok(message) => Incoming::Said(message),
            Err(error) => {
                tracing::warn!(%error, "the server sent what is not JSON");
                Incoming::Nothing
            }
        },
        Some(Ok(Message::Close(frame))) => Incoming::Ended(frame.map_or_else(
            || Closed {
                code: 1005,
                reason: String::new(),
            },
            |frame| Closed {
                code: frame.code.into(),
                reason: frame.reason.to_string(),
            },
        )),
        Some(Ok(_)) => Incoming::Nothing,
        Some(Err(error)) => Incoming::Ended(Closed {
            code: 1006,
            reason: error.to_string(),
        }),
        None => Incoming::Ended(broken()),
    }
}

fn kind_of(message: &Value) -> &str {
    message["type"].as_str().unwrap_or_default()
}

fn broken() -> Closed {
    Closed {
        code: 1006,
        reason: "the connection broke".to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each section is a single insertion or removal: nothing can be half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
