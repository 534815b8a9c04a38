//! The participant's half of the WebSocket contract, against a server that follows a script.

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

/// The server's side of one connection.
struct Actor(WebSocketStream<TcpStream>);

impl Actor {
    async fn say(&mut self, message: Value) -> Outcome {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    async fn hear(&mut self) -> Outcome<Value> {
        let message = self.0.next().await.ok_or("the participant left")??;
        Ok(serde_json::from_str(message.to_text()?)?)
    }

    async fn welcome(&mut self) -> Outcome<Value> {
        let hello = self.hear().await?;
        self.say(json!({"type": "welcome", "session": "s1", "seq": 1}))
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

/// Serves one connection by `script` and gives the address to join at.
async fn serve<F>(
    script: impl FnOnce(Actor) -> F + Send + 'static,
) -> Outcome<(Server, JoinHandle<Outcome>)>
where
    F: Future<Output = Outcome> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = Server::new(&format!("http://{}", listener.local_addr()?))?;
    let played = tokio::spawn(async move {
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
        script(Actor(
            tokio_tungstenite::accept_hdr_async(stream, agree).await?,
        ))
        .await
    });
    Ok((server, played))
}

async fn join(server: Server) -> Result<(Participant, Events), Error> {
    let config = Config {
        entry: Entry::Token("a token".to_owned()),
        ..Config::new(server, "", "climate")
    };
    Participant::join(config).await
}

#[tokio::test]
async fn a_hello_without_media_holds_the_token_and_the_room_only() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        let hello = actor.welcome().await?;
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
    played.await?
}

#[tokio::test]
async fn every_command_gets_its_own_reply_in_whatever_order_they_come() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        actor.welcome().await?;
        let first = actor.hear().await?;
        let second = actor.hear().await?;
        assert_eq!(first["type"], "floor.request");
        assert_eq!(first["kind"], "statement");
        let refusal = json!({"status": 409, "code": "list_closed", "detail": "The list is closed."});
        actor
            .say(json!({"type": "reply", "command_id": second["command_id"], "result": {"id": "r1"}}))
            .await?;
        actor
            .say(json!({"type": "reply", "command_id": first["command_id"], "problem": refusal}))
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
    played.await?
}

#[tokio::test]
async fn events_are_kept_in_order_until_they_are_read() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        actor.welcome().await?;
        for seq in 2..5 {
            actor.say(json!({"type": "hidden", "seq": seq})).await?;
        }
        actor.close(1001).await
    })
    .await?;
    let (participant, mut events) = join(server).await?;
    assert_eq!(participant.closed().await.code, 1001);
    for seq in 2..5 {
        assert_eq!(events.next().await.ok_or("an event")?["seq"], seq);
    }
    drop(participant);
    assert!(events.next().await.is_none());
    played.await?
}

#[tokio::test]
async fn an_announcement_is_known_before_it_is_read_as_an_event() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        actor.welcome().await?;
        let shows = json!({"participant": "tokyo-1", "source": "camera", "stage": true});
        actor
            .say(json!({"type": "slots", "slots": [{"mid": "4", "shows": shows}]}))
            .await?;
        // Stays until the participant leaves.
        assert!(actor.hear().await.is_err());
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
    played.await?
}

#[tokio::test]
async fn a_refused_hello_is_an_error_with_the_close_code() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        actor.hear().await?;
        actor.close(4401).await
    })
    .await?;
    assert!(matches!(
        join(server).await,
        Err(Error::Closed { code: 4401, .. })
    ));
    played.await?
}

#[tokio::test]
async fn a_command_that_the_server_never_answers_ends_with_the_connection() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        actor.welcome().await?;
        actor.hear().await?;
        actor.close(4409).await
    })
    .await?;
    let (participant, _) = join(server).await?;
    let reply = participant.command("floor.request", json!({})).await;
    assert!(matches!(reply, Err(Error::Closed { code: 4409, .. })));
    let later = participant.command("floor.request", json!({})).await;
    assert!(matches!(later, Err(Error::Closed { code: 4409, .. })));
    played.await?
}

#[tokio::test]
async fn leaving_closes_in_good_order() -> Outcome {
    let (server, played) = serve(|mut actor: Actor| async move {
        actor.welcome().await?;
        let last = actor.0.next().await.ok_or("a close frame")??;
        let Message::Close(Some(frame)) = last else {
            return Err("not a close frame".into());
        };
        assert_eq!(frame.code, CloseCode::Normal);
        // Answers the close.
        assert!(actor.0.next().await.is_none());
        Ok(())
    })
    .await?;
    let (participant, _) = join(server).await?;
    participant.leave().await;
    played.await?
}
