//! One end of a WebSocket, which sends any message and reads every one.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::ClientRequestBuilder},
};

use crate::WAIT_TIMEOUT;

pub struct Connection<S = TcpStream> {
    socket: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub async fn over(stream: S) -> Self {
        let uri = "ws://localhost/api/v1/ws".parse().unwrap();
        let request = ClientRequestBuilder::new(uri).with_sub_protocol("plenary.v1");
        let (socket, _) = client_async(request, stream).await.unwrap();
        Self { socket }
    }

    /// Says hello, with `more` fields, and waits for the welcome.
    pub async fn hello(mut self, token: &str, room: &str, more: Value) -> (Self, Value) {
        let mut hello = json!({ "type": "hello", "token": token, "room": room });
        let fields = hello.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        self.send(hello).await;
        let welcome = self.wait_for("welcome", |_| true).await;
        (self, welcome)
    }

    pub async fn send(&mut self, message: Value) {
        self.send_frame(Message::text(message.to_string())).await;
    }

    /// Sends a frame. A connection that is closed meanwhile is noticed by reading.
    pub async fn send_frame(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    async fn next_frame(&mut self) -> Option<Result<Message, Error>> {
        let next = timeout(WAIT_TIMEOUT, self.socket.next()).await;
        next.expect("no frame came")
    }

    /// The next message, or the close code.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            match self.next_frame().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(1006),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads on until such a message comes.
    pub async fn wait_for(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.next().await {
                Ok(message) if message["type"] == kind && wanted(&message) => return message,
                Ok(_) => {}
                Err(code) => panic!("closed with {code} before a {kind}"),
            }
        }
    }

    /// Reads on until the connection is closed.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Gives a command and waits for its reply.
    pub async fn command(&mut self, kind: &str, fields: Value) -> Value {
        let id = uuid::Uuid::new_v4().to_string();
        let mut message = fields;
        message["type"] = kind.into();
        message["command_id"] = id.as_str().into();
        self.send(message).await;
        let is_reply = |reply: &Value| reply["command_id"] == id.as_str();
        self.wait_for("reply", is_reply).await
    }

    /// Every message that was sent so far.
    pub async fn drain(&mut self) -> Vec<Value> {
        const MARKER: u64 = 4711;
        self.send(json!({ "type": "clock", "sent": MARKER })).await;
        let mut messages = Vec::new();
        while let Ok(message) = self.next().await {
            let is_last = message["type"] == "clock" && message["sent"] == MARKER;
            messages.push(message);
            if is_last {
                break;
            }
        }
        messages
    }

    /// Waits for a ping of the server, which is answered.
    pub async fn wait_for_ping(&mut self) {
        loop {
            match self.next_frame().await {
                Some(Ok(Message::Ping(_))) => return,
                Some(Ok(Message::Text(_) | Message::Pong(_))) => {}
                other => panic!("{other:?} instead of a ping"),
            }
        }
    }

    /// Whether the server still answers on this connection.
    pub async fn is_responsive(&mut self) -> bool {
        self.send(json!({ "type": "clock", "sent": 7 })).await;
        let clock = self.wait_for("clock", |clock| clock["sent"] == 7).await;
        clock["now"].is_string()
    }
}
