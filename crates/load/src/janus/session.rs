//! A participant's session with Janus and its handle of the video room, on a WebSocket of its own.

use std::{net::IpAddr, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};

use crate::{failure::LoadError, server::Server, socket::Socket};

const SUBPROTOCOL: &str = "janus-protocol";
/// How long the reply to a request may take.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
/// Janus ends a session that was silent for 60 s.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(25);

pub struct Session {
    socket: Socket,
    server: String,
    id: Value,
    handle: Value,
    transactions: u64,
}

/// What the video room replied, with its session description if there is one.
#[derive(Debug, PartialEq)]
pub struct Reply {
    pub data: Value,
    pub description: Option<String>,
}

/// What a message means to who waits for the reply to a request.
#[derive(Debug, PartialEq)]
enum Said {
    Reply(Reply),
    Refused { code: i64, detail: String },
    Ended(String),
    Nothing,
}

impl Session {
    /// Opens the WebSocket, a session on it, and a handle of the video room.
    pub async fn open(server: &Server, url: &str) -> Result<Self, LoadError> {
        let socket = Socket::open(server, url, SUBPROTOCOL).await;
        let socket = socket.map_err(|error| match error {
            LoadError::Protocol(server, detail) => LoadError::NotJanus(server, detail),
            other => other,
        })?;
        let mut session = Self {
            socket,
            server: server.name().to_owned(),
            id: Value::Null,
            handle: Value::Null,
            transactions: 0,
        };
        let created = session.call("open a session", json!({"janus": "create"}));
        session.id = created.await?.data["id"].clone();
        let attach = json!({
            "janus": "attach",
            "session_id": session.id,
            "plugin": "janus.plugin.videoroom",
        });
        let attached = session.call("open its VideoRoom", attach).await?;
        session.handle = attached.data["id"].clone();
        Ok(session)
    }

    /// The server's address on this connection.
    pub fn reached(&self) -> IpAddr {
        self.socket.reached
    }

    /// Makes a request of the video room, with a session description; `what` is for the sentence if it is refused.
    pub async fn request(
        &mut self,
        what: &'static str,
        body: Value,
        description: Option<Value>,
    ) -> Result<Reply, LoadError> {
        let mut message = self.of_handle("message");
        message["body"] = body;
        if let Some(description) = description {
            message["jsep"] = description;
        }
        self.call(what, message).await
    }

    /// Says that no candidates of this side will follow: Janus learns its address from the first check.
    pub async fn end_candidates(&mut self) -> Result<(), LoadError> {
        let mut message = self.of_handle("trickle");
        message["candidate"] = json!({"completed": true});
        self.send(message).await.map(drop)
    }

    /// Keeps the session until it ends.
    pub async fn stay(&mut self) -> LoadError {
        let mut due = Instant::now() + KEEPALIVE_INTERVAL;
        loop {
            let message = tokio::select! {
                message = self.next() => message,
                () = sleep_until(due) => {
                    due += KEEPALIVE_INTERVAL;
                    let keepalive = json!({"janus": "keepalive", "session_id": self.id});
                    self.send(keepalive).await.map(|_| Value::Null)
                }
            };
            match message.map(|message| read(&message, "")) {
                Ok(Said::Ended(why)) => return LoadError::JanusEnded(why),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    pub async fn close(self) {
        self.socket.close().await;
    }

    fn of_handle(&self, kind: &str) -> Value {
        json!({"janus": kind, "session_id": self.id, "handle_id": self.handle})
    }

    /// Sends a message and waits for its reply.
    async fn call(&mut self, what: &'static str, message: Value) -> Result<Reply, LoadError> {
        let transaction = self.send(message).await?;
        let reply = async {
            loop {
                match read(&self.next().await?, &transaction) {
                    Said::Reply(reply) => return Ok(reply),
                    Said::Refused { code, detail } => {
                        return Err(LoadError::JanusRefused { what, code, detail });
                    }
                    Said::Ended(why) => return Err(LoadError::JanusEnded(why)),
                    Said::Nothing => {}
                }
            }
        };
        let reply = timeout(REPLY_TIMEOUT, reply).await;
        reply.unwrap_or(Err(LoadError::Late("a reply of Janus")))
    }

    async fn send(&mut self, mut message: Value) -> Result<String, LoadError> {
        self.transactions += 1;
        let transaction = self.transactions.to_string();
        message["transaction"] = json!(transaction);
        self.socket.send(&message).await?;
        Ok(transaction)
    }

    /// Waits for the next message. Dropping the future loses none.
    async fn next(&mut self) -> Result<Value, LoadError> {
        let text = self.socket.text().await?;
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        if message["janus"].is_string() {
            return Ok(message);
        }
        let detail = "it does not answer as one".to_owned();
        Err(LoadError::NotJanus(self.server.clone(), detail))
    }
}

/// Reads a message while the reply to that transaction is waited for. An `ack` says that the reply is yet to come.
fn read(message: &Value, transaction: &str) -> Said {
    let is_reply = message["transaction"] == transaction;
    let ended = |what: &str| {
        let reason = message["reason"].as_str();
        Said::Ended(reason.map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}")))
    };
    match message["janus"].as_str().unwrap_or_default() {
        "success" | "event" if is_reply => {
            let plugin = &message["plugindata"]["data"];
            let data = if plugin.is_null() {
                &message["data"]
            } else {
                plugin
            };
            if let Some(code) = data["error_code"].as_i64() {
                return refused(code, &data["error"]);
            }
            Said::Reply(Reply {
                data: data.clone(),
                description: message["jsep"]["sdp"].as_str().map(str::to_owned),
            })
        }
        "error" if is_reply => {
            let error = &message["error"];
            refused(error["code"].as_i64().unwrap_or(0), &error["reason"])
        }
        "hangup" => ended("it hung up"),
        "timeout" => ended("the session timed out"),
        "detached" => ended("the handle was taken away"),
        _ => Said::Nothing,
    }
}

fn refused(code: i64, detail: &Value) -> Said {
    Said::Refused {
        code,
        detail: detail.as_str().unwrap_or("without a reason").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_is_what_comes_behind_the_acknowledgement_and_not_an_event_of_others() {
        let acknowledged = json!({"janus": "ack", "transaction": "7"});
        assert_eq!(read(&acknowledged, "7"), Said::Nothing);
        let of_others = json!({"janus": "event", "plugindata": {"data": {"videoroom": "event"}}});
        assert_eq!(read(&of_others, "7"), Said::Nothing);
        let attached = json!({
            "janus": "event",
            "transaction": "7",
            "plugindata": {"plugin": "janus.plugin.videoroom", "data": {"videoroom": "attached"}},
            "jsep": {"type": "offer", "sdp": "v=0"},
        });
        let reply = Reply {
            data: json!({"videoroom": "attached"}),
            description: Some("v=0".to_owned()),
        };
        assert_eq!(read(&attached, "7"), Said::Reply(reply));
        assert_eq!(read(&attached, "8"), Said::Nothing);
        let created = json!({"janus": "success", "transaction": "1", "data": {"id": 5}});
        let Said::Reply(reply) = read(&created, "1") else {
            panic!("no reply")
        };
        assert_eq!(reply.data["id"], 5);
    }

    #[test]
    fn a_refusal_is_told_with_its_code_whether_the_server_or_the_room_refuses() {
        let of_room = json!({
            "janus": "event",
            "transaction": "7",
            "plugindata": {"data": {"error_code": 426, "error": "No such room (9)"}},
        });
        let no_room = Said::Refused {
            code: 426,
            detail: "No such room (9)".to_owned(),
        };
        assert_eq!(read(&of_room, "7"), no_room);
        let of_server =
            json!({"janus": "error", "transaction": "7", "error": {"code": 460, "reason": "x"}});
        assert!(matches!(
            read(&of_server, "7"),
            Said::Refused { code: 460, .. }
        ));
    }

    #[test]
    fn the_end_of_a_session_is_told_to_whoever_waits() {
        let hangup = json!({"janus": "hangup", "sender": 1, "reason": "DTLS alert"});
        let ended = Said::Ended("it hung up: DTLS alert".to_owned());
        assert_eq!(read(&hangup, ""), ended);
        assert!(matches!(
            read(&json!({"janus": "timeout"}), "7"),
            Said::Ended(_)
        ));
    }
}
