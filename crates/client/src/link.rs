//! The WebSocket: one task sends messages, matches replies to commands, and forwards all other messages as events.

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
/// How long the welcome, or the answer to a new offer, may take. The server allows a hello the same time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the closing handshake may take before the connection is dropped.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TcpStream>;

/// A connection that is open and has sent no hello.
pub(crate) struct Handshake {
    socket: Socket,
}

/// How the WebSocket connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The close code; 1006 if the connection broke without one (RFC 6455, section 7.1.5).
    pub code: u16,
    /// The server's reason, for people.
    pub reason: String,
}

impl From<Closed> for Error {
    fn from(Closed { code, reason }: Closed) -> Self {
        Self::Closed { code, reason }
    }
}

/// A connection that has received its welcome.
pub(crate) struct Link {
    outgoing: mpsc::UnboundedSender<Message>,
    state: Arc<LinkState>,
}

/// The state that the connection's task and its callers share.
struct LinkState {
    replies: Mutex<HashMap<String, oneshot::Sender<Result<Value, Problem>>>>,
    answer: Mutex<Option<oneshot::Sender<String>>>,
    showing: watch::Sender<Showing>,
    closed: watch::Sender<Option<Closed>>,
    stop_publishing: watch::Sender<bool>,
}

impl Handshake {
    pub(crate) async fn connect(server: &Server) -> Result<Self, Error> {
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

    /// This machine's address on the route to the server; media uses the same.
    pub(crate) fn local_ip(&self) -> Result<IpAddr, Error> {
        Ok(self.socket.get_ref().local_addr()?.ip())
    }

    /// Sends the hello and waits for the welcome. All other messages go to `events`.
    pub(crate) async fn complete(
        mut self,
        hello: &Value,
        events: mpsc::UnboundedSender<Value>,
        stop_publishing: watch::Sender<bool>,
    ) -> Result<(Link, Value), Error> {
        self.socket.send(Message::text(hello.to_string())).await?;
        let welcome = tokio::time::timeout(HANDSHAKE_TIMEOUT, self.welcome(&events))
            .await
            .map_err(|_| Error::Timeout("a welcome", HANDSHAKE_TIMEOUT))??;
        let (outgoing, queue) = mpsc::unbounded_channel();
        let state = Arc::new(LinkState {
            replies: Mutex::default(),
            answer: Mutex::default(),
            showing: watch::Sender::default(),
            closed: watch::Sender::default(),
            stop_publishing,
        });
        tokio::spawn(run(self.socket, queue, events, Arc::clone(&state)));
        Ok((Link { outgoing, state }, welcome))
    }

    async fn welcome(&mut self, events: &mpsc::UnboundedSender<Value>) -> Result<Value, Error> {
        loop {
            match incoming(self.socket.next().await) {
                Incoming::Message(message) => match kind_of(&message) {
                    "welcome" => return Ok(message),
                    "problem" => {
                        return Err(Problem::read(&message["problem"], 0).into());
                    }
                    // Messages may arrive before the welcome; the channel keeps them until the caller has its receiver.
                    _ => drop(events.send(message)),
                },
                Incoming::Ignored => {}
                Incoming::Closed(closed) => return Err(closed.into()),
            }
        }
    }
}

impl Link {
    /// Sends a text frame unchecked, also one that breaks the protocol.
    pub(crate) fn send_text(&self, text: String) -> Result<(), Error> {
        self.outgoing
            .send(Message::text(text))
            .map_err(|_| self.ended().into())
    }

    /// Sends a binary frame, which the protocol forbids.
    pub(crate) fn send_binary(&self, bytes: Vec<u8>) -> Result<(), Error> {
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
        lock(&self.state.replies).insert(id, reply);
        let sent = self.send_text(message.to_string());
        let state = Arc::clone(&self.state);
        async move {
            sent?;
            match replied.await {
                Ok(reply) => Ok(reply?),
                Err(_) => Err(state.ended().into()),
            }
        }
    }

    /// Sends a new offer to the room and waits for its answer.
    pub(crate) async fn negotiate(&self, offer: &str) -> Result<String, Error> {
        let (answer, answered) = oneshot::channel();
        lock(&self.state.answer).replace(answer);
        self.send_text(json!({"type": "signal", "to": "room", "offer": offer}).to_string())?;
        tokio::time::timeout(HANDSHAKE_TIMEOUT, answered)
            .await
            .map_err(|_| Error::Timeout("an answer", HANDSHAKE_TIMEOUT))?
            .map_err(|_| self.ended().into())
    }

    pub(crate) fn showing(&self) -> watch::Receiver<Showing> {
        self.state.showing.subscribe()
    }

    pub(crate) async fn closed(&self) -> Closed {
        let mut closed = self.state.closed.subscribe();
        match closed.wait_for(Option::is_some).await {
            Ok(closed) => closed.clone().unwrap_or_else(broken),
            Err(_) => broken(),
        }
    }

    /// Closes with the closing handshake, or drops the connection if that takes too long.
    pub(crate) async fn leave(self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        // An error means that the connection has already ended.
        let _ = self.outgoing.send(Message::Close(Some(frame)));
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.closed()).await;
    }

    fn ended(&self) -> Closed {
        self.state.ended()
    }
}

impl LinkState {
    fn ended(&self) -> Closed {
        self.closed.borrow().clone().unwrap_or_else(broken)
    }

    /// Completes the caller that waits for this message, and passes every message on that is an event too. The receiver of
    /// the events may be dropped.
    fn handle(&self, mut message: Value, events: &mpsc::UnboundedSender<Value>) {
        if kind_of(&message) == "events"
            && let Value::Array(several) = message["events"].take()
        {
            for event in several {
                let _ = events.send(event);
            }
        } else if let Some(event) = self.dispatch(message) {
            let _ = events.send(event);
        }
    }

    fn dispatch(&self, message: Value) -> Option<Value> {
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
                // The caller may have dropped its future.
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
            "device.replaced" => drop(self.stop_publishing.send_replace(true)),
            _ => {}
        }
        Some(message)
    }

    fn close(&self, closed: Closed) {
        self.stop_publishing.send_replace(true);
        self.closed.send_replace(Some(closed));
        // After `closed` is set, so that a caller without its reply learns the reason.
        lock(&self.replies).clear();
        lock(&self.answer).take();
    }
}

/// Runs the connection until either side closes it or the link is dropped.
async fn run(
    mut socket: Socket,
    mut queue: mpsc::UnboundedReceiver<Message>,
    events: mpsc::UnboundedSender<Value>,
    state: Arc<LinkState>,
) {
    let end = loop {
        tokio::select! {
            message = queue.recv() => {
                let message = message.unwrap_or(Message::Close(None));
                if let Err(error) = socket.send(message).await {
                    break Closed { code: 1006, reason: error.to_string() };
                }
            }
            received = socket.next() => match incoming(received) {
                Incoming::Message(message) => state.handle(message, &events),
                Incoming::Ignored => {}
                Incoming::Closed(closed) => break closed,
            },
        }
    };
    // No further command is accepted, because its reply could not arrive.
    queue.close();
    state.close(end);
    // Completes the closing handshake; the server may be gone.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, socket.close(None)).await;
}

enum Incoming {
    Message(Value),
    Ignored,
    Closed(Closed),
}

fn incoming(received: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> Incoming {
    match received {
        Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
            Ok(message) => Incoming::Message(message),
            Err(error) => {
                tracing::warn!(%error, "the server sent a message that is not JSON");
                Incoming::Ignored
            }
        },
        Some(Ok(Message::Close(frame))) => Incoming::Closed(frame.map_or_else(
            || Closed {
                code: 1005,
                reason: String::new(),
            },
            |frame| Closed {
                code: frame.code.into(),
                reason: frame.reason.to_string(),
            },
        )),
        Some(Ok(_)) => Incoming::Ignored,
        Some(Err(error)) => Incoming::Closed(Closed {
            code: 1006,
            reason: error.to_string(),
        }),
        None => Incoming::Closed(broken()),
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
    // Each critical section is one insertion or removal, so a poisoned lock is consistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
