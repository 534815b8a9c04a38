//! A server of a test's own, and people who call it and sit in it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use plenary_conference::{Conference, INVITATION_LIFE};
use plenary_ids::{Moment, PersonId};
use plenary_server::{server::Server, settings::Settings, state::Limits};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::ClientRequestBuilder},
};

/// Long enough for a busy machine; nothing waits that long unless it is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two rooms, somebody of every role, and Delhi in only one of the rooms.
pub const CONFERENCE: &str = r#"
[conference]
id = "test"
name = "Conference under test"
time_zone = "Asia/Taipei"
starts = 2021-10-12
ends = 2021-10-14
languages = ["en"]
[[delegation]]
id = "tokyo"
name = "Tokyo"
country = "JP"
[[delegation]]
id = "seoul"
name = "Seoul"
country = "KR"
[[delegation]]
id = "delhi"
name = "Delhi"
country = "IN"
[[person]]
id = "tokyo-1"
name = "Tokyo delegate"
delegation = "tokyo"
role = "delegate"
[[person]]
id = "seoul-1"
name = "Seoul delegate"
delegation = "seoul"
role = "delegate"
[[person]]
id = "delhi-1"
name = "Delhi delegate"
delegation = "delhi"
role = "delegate"
rooms = ["covid"]
[[person]]
id = "moderator-1"
name = "Moderator"
role = "moderator"
[[person]]
id = "clerk-1"
name = "Clerk"
role = "clerk"
[[person]]
id = "interpreter-1"
name = "Interpreter"
role = "interpreter"
[[person]]
id = "operator-1"
name = "Operator"
role = "operator"
[[person]]
id = "viewer-1"
name = "Viewer"
role = "viewer"
[[room]]
id = "climate"
title = "Climate"
[[room]]
id = "covid"
title = "COVID-19"
[[item]]
room = "climate"
id = "floods"
title = "Tokyo: floods"
starts = 2021-10-12T09:00:00
minutes = 20
speakers = ["tokyo-1"]
"#;

/// A server, its data folder, and the way to call it.
pub struct Hall {
    pub server: Server,
    data: TempDir,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The code of a refusal, which has to be a whole problem document.
    pub fn code(&self) -> &str {
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{self:?}"
        );
        assert_eq!(self.body["status"], self.status.as_u16(), "{self:?}");
        for field in ["title", "detail"] {
            assert!(
                self.body[field]
                    .as_str()
                    .is_some_and(|words| !words.is_empty()),
                "{self:?}"
            );
        }
        self.body["code"].as_str().unwrap()
    }

    /// What was answered to a success.
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }
}

pub fn conference() -> Conference {
    plenary_conference::parse(CONFERENCE.as_bytes(), "test.toml").unwrap()
}

pub fn settings(data: &TempDir) -> Settings {
    let free = "127.0.0.1:0".parse().unwrap();
    Settings {
        http: free,
        media: free,
        ops: free,
        data: data.path().to_owned(),
        ..Settings::default()
    }
}

impl Hall {
    pub async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    pub async fn with(limits: Limits) -> Self {
        Self::of(conference(), limits).await
    }

    /// The conference that the book and the examples are about.
    pub async fn of_the_example() -> Self {
        let example = include_bytes!("../../../config/conferences/cmc-2021.toml");
        let conference = plenary_conference::parse(example, "cmc-2021.toml").unwrap();
        Self::of(conference, Limits::default()).await
    }

    async fn of(conference: Conference, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(conference, &settings(&data), limits)
            .await
            .unwrap();
        Self { server, data }
    }

    /// Its data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.data.path()
    }

    /// An invitation that lasts for the usual time.
    pub fn invitation(&self, person: &str) -> String {
        self.invitation_until(person, self.server.app().clock.now().after(INVITATION_LIFE))
    }

    pub fn invitation_until(&self, person: &str, expires: Moment) -> String {
        let app = self.server.app();
        let person = app
            .conference
            .person(&PersonId::new(person).unwrap())
            .unwrap();
        let id = app.keys.next_invitation(&person.id).unwrap();
        app.keys
            .invite(&app.conference, person, &id, expires)
            .unwrap()
    }

    pub async fn token(&self, person: &str) -> String {
        let body = json!({ "invitation": self.invitation(person) });
        let answer = self
            .call("POST", "/invitations/redeem", None, Some(body))
            .await
            .ok();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Calls the API with a JSON body.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(
            method,
            &format!("/api/v1{path}"),
            &headers(token, &[]),
            body,
        )
        .await
    }

    /// Sends whatever it is told to.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let address = self.server.http();
        request(
            TcpStream::connect(address).await.unwrap(),
            method,
            path,
            headers,
            body.into(),
        )
        .await
    }

    /// Asks the ops address.
    pub async fn ops(&self, path: &str) -> Answer {
        let stream = TcpStream::connect(self.server.ops()).await.unwrap();
        request(stream, "GET", path, &[], Bytes::new()).await
    }

    /// A WebSocket before its hello.
    pub async fn knock(&self) -> Line {
        self.knock_on(TcpStream::connect(self.server.http()).await.unwrap())
            .await
    }

    /// The same with a small window, so that little is read ahead by the machine.
    pub async fn knock_with_a_small_window(&self) -> Line {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        self.knock_on(socket.connect(self.server.http()).await.unwrap())
            .await
    }

    async fn knock_on(&self, stream: TcpStream) -> Line {
        knock_on(stream).await
    }

    /// Somebody seated in a room, and the welcome.
    pub async fn seat(&self, person: &str, room: &str) -> (Line, Value) {
        let token = self.token(person).await;
        self.knock().await.hello(&token, room, json!({})).await
    }
}

/// A WebSocket to whatever server is at the other end.
pub async fn knock_on(stream: TcpStream) -> Line {
    let address = stream.peer_addr().unwrap();
    let uri = format!("ws://{address}/api/v1/ws").parse().unwrap();
    let request = ClientRequestBuilder::new(uri).with_sub_protocol("plenary.v1");
    Line {
        socket: client_async(request, stream).await.unwrap().0,
    }
}

async fn request(
    stream: TcpStream,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Answer {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method.parse::<Method>().unwrap())
        .uri(path)
        .header("host", "test");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = sender
        .send_request(request.body(Full::new(body)).unwrap())
        .await
        .unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let words = || Value::from(String::from_utf8_lossy(&bytes).into_owned());
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| words());
    Answer {
        status,
        headers,
        body,
    }
}

/// The headers of a call, and more.
pub fn headers(token: Option<&str>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
    headers.extend(
        more.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    headers
}

/// One end of a WebSocket.
pub struct Line {
    socket: WebSocketStream<TcpStream>,
}

impl Line {
    /// Says hello, with these fields on top, and waits for the welcome.
    pub async fn hello(mut self, token: &str, room: &str, more: Value) -> (Self, Value) {
        let mut hello = json!({ "type": "hello", "token": token, "room": room });
        hello
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.say(hello).await;
        let welcome = self.until("welcome", |_| true).await;
        (self, welcome)
    }

    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Whoever is cut off while speaking finds out by reading.
    pub async fn send(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    /// The next message, or the close code.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("nothing came")
            {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(1006),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads on until such a message comes.
    pub async fn until(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.next().await {
                Ok(message) if message["type"] == kind && wanted(&message) => return message,
                Ok(_) => {}
                Err(code) => panic!("closed with {code} before a {kind}"),
            }
        }
    }

    /// Reads on until the close, and gives its code.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Says a command and waits for its reply.
    pub async fn command(&mut self, kind: &str, fields: Value) -> Value {
        let id = uuid::Uuid::new_v4().to_string();
        let mut message = fields;
        message["type"] = kind.into();
        message["command_id"] = id.clone().into();
        self.say(message).await;
        self.until("reply", |reply| reply["command_id"] == id.as_str())
            .await
    }

    /// Everything that was sent so far.
    pub async fn everything(&mut self) -> Vec<Value> {
        self.say(json!({ "type": "clock", "sent": 4711 })).await;
        let mut all = Vec::new();
        while let Ok(message) = self.next().await {
            let last = message["type"] == "clock" && message["sent"] == 4711;
            all.push(message);
            if last {
                break;
            }
        }
        all
    }

    /// Waits until the server asks for a sign of life, which is given.
    pub async fn pinged(&mut self) {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("nothing came")
            {
                Some(Ok(Message::Ping(_))) => return,
                Some(Ok(Message::Text(_) | Message::Pong(_))) => {}
                other => panic!("{other:?} instead of a ping"),
            }
        }
    }

    /// Whether the server still answers here.
    pub async fn is_alive(&mut self) -> bool {
        self.say(json!({ "type": "clock", "sent": 7 })).await;
        self.until("clock", |clock| clock["sent"] == 7).await["now"].is_string()
    }
}
