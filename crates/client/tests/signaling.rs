//! The participant's side of the WebSocket protocol, against a scripted server.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use plenary_client::{Config, Entry, Error, Events, Participant, Server};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The server's end of one connection.
struct ScriptedServer(WebSocketStream<TcpStream>);

impl ScriptedServer {
    async fn send(&mut self, message: Value) -> Outcome {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    async fn receive(&mut self) -> Outcome<Value> {
        let message = self.0.next().await.ok_or("the participant left")??;
        Ok(serde_json::from_str(message.to_text()?)?)
    }

    async fn welcome(&mut self) -> Outcome<Value> {
        let hello = self.receive().await?;
        self.send(json!({"type": "welcome", "session": "s1", "seq": 1}))
            .await?;
        Ok(hello)
    }

    async fn close(&mut self, code: u16) -> Outcome {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: "as the script has it".into(),
        };
        Ok(self.0.close(Some(frame)).await?)
    }
}

/// Serves one connection by a script, and returns the address to join.
async fn serve<F>(
    script: impl FnOnce(ScriptedServer) -> F + Send + 'static,
) -> Outcome<(Server, JoinHandle<Outcome>)>
where
    F: Future<Output = Outcome> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = Server::new(&format!("http://{}", listener.local_addr()?))?;
    let script_ended = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        #[expect(clippy::result_large_err, reason = "the callback's type is given")]
        let agree = |request: &Request, mut response: Response| {
            assert_eq!(request.uri(), "/api/v1/ws");
            assert_eq!(request.headers()["sec-websocket-protocol"], "plenary.v1");
            response.headers_mut().insert(
                "sec-websocket-protocol",
                HeaderValue::from_static("plenary.v1"),
            );
            Ok(response)
        };
        script(ScriptedServer(
            tokio_tungstenite::accept_hdr_async(stream, agree).await?,
        ))
        .await
    });
    Ok((server, script_ended))
}

async fn join(server: Server) -> Result<(Participant, Events), Error> {
    let config = Config {
        entry: Entry::Token("a token".to_owned()),
        ..Config::new(server, "", "climate")
    };
    Participant::join(config).await
}

#[tokio::test]
async fn a_hello_without_media_contains_only_the_token_and_the_room() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        let hello = peer.welcome().await?;
        assert_eq!(
            hello,
            json!({"type": "hello", "token": "a token", "room": "climate"})
        );
        Ok(())
    })
    .await?;
    let (participant, _) = join(server).await?;
    assert_eq!(participant.session(), "s1");
    assert!(participant.slots().is_empty());
    script_ended.await?
}

#[tokio::test]
async fn every_command_gets_its_own_reply_whatever_the_order_of_the_replies() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        peer.welcome().await?;
        let first = peer.receive().await?;
        let second = peer.receive().await?;
        assert_eq!(first["type"], "floor.request");
        assert_eq!(first["kind"], "statement");
        let refusal =
            json!({"status": 409, "code": "list_closed", "detail": "The list is closed."});
        peer.send(
            json!({"type": "reply", "command_id": second["command_id"], "result": {"id": "r1"}}),
        )
        .await?;
        peer.send(json!({"type": "reply", "command_id": first["command_id"], "problem": refusal}))
            .await
    })
    .await?;
    let (participant, _) = join(server).await?;
    let first = participant.command("floor.request", json!({"kind": "statement"}));
    let second = participant.command("chat.post", json!({"text": "…", "to": "room"}));
    let (first, second) = tokio::join!(first, second);
    let Err(Error::Refused(problem)) = first else {
        panic!("the first is refused");
    };
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (409, "list_closed")
    );
    assert_eq!(second?, json!({"id": "r1"}));
    script_ended.await?
}

#[tokio::test]
async fn unread_events_are_kept_in_order() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        peer.welcome().await?;
        for seq in 2..5 {
            peer.send(json!({"type": "hidden", "seq": seq})).await?;
        }
        peer.close(1001).await
    })
    .await?;
    let (participant, mut events) = join(server).await?;
    assert_eq!(participant.closed().await.code, 1001);
    for seq in 2..5 {
        assert_eq!(events.next().await.ok_or("an event")?["seq"], seq);
    }
    drop(participant);
    assert!(events.next().await.is_none());
    script_ended.await?
}

#[tokio::test]
async fn an_announcement_is_applied_before_its_event_is_read() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        peer.welcome().await?;
        let shows = json!({"participant": "tokyo-1", "source": "camera", "stage": true});
        peer.send(json!({"type": "slots", "slots": [{"mid": "4", "shows": shows}]}))
            .await?;
        // Waits until the participant leaves.
        assert!(peer.receive().await.is_err());
        Ok(())
    })
    .await?;
    let (participant, mut events) = join(server).await?;
    events
        .until("slots", Duration::from_secs(5), |_| true)
        .await?;
    let shows = participant.shows("4").ok_or("an announcement")?;
    assert_eq!(shows.participant, "tokyo-1");
    assert!(shows.stage);
    participant.leave().await;
    script_ended.await?
}

#[tokio::test]
async fn a_refused_hello_is_an_error_with_the_close_code() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        peer.receive().await?;
        peer.close(4401).await
    })
    .await?;
    assert!(matches!(
        join(server).await,
        Err(Error::Closed { code: 4401, .. })
    ));
    script_ended.await?
}

#[tokio::test]
async fn a_command_without_a_reply_fails_when_the_connection_ends() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        peer.welcome().await?;
        peer.receive().await?;
        peer.close(4409).await
    })
    .await?;
    let (participant, _) = join(server).await?;
    let reply = participant.command("floor.request", json!({})).await;
    assert!(matches!(reply, Err(Error::Closed { code: 4409, .. })));
    let later = participant.command("floor.request", json!({})).await;
    assert!(matches!(later, Err(Error::Closed { code: 4409, .. })));
    script_ended.await?
}

#[tokio::test]
async fn leaving_completes_the_closing_handshake() -> Outcome {
    let (server, script_ended) = serve(|mut peer: ScriptedServer| async move {
        peer.welcome().await?;
        let last = peer.0.next().await.ok_or("a close frame")??;
        let Message::Close(Some(frame)) = last else {
            return Err("not a close frame".into());
        };
        assert_eq!(frame.code, CloseCode::Normal);
        // Completes the closing handshake.
        assert!(peer.0.next().await.is_none());
        Ok(())
    })
    .await?;
    let (participant, _) = join(server).await?;
    participant.leave().await;
    script_ended.await?
}
