//! The participant's side of the WebSocket protocol, against a scripted server.

use std::time::Duration;

use plenary_client::{Error, Participant};
use plenary_testkit::script::{Outcome, ServerEnd, serve};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::{Message, frame::coding::CloseCode};

/// Takes the hello, and answers it with a welcome.
async fn welcome(end: &mut ServerEnd) -> Outcome<Value> {
    let hello = end.receive().await?;
    end.send(json!({"type": "welcome", "session": "s1", "seq": 1}))
        .await?;
    Ok(hello)
}

#[tokio::test]
async fn a_hello_without_media_has_the_token_and_the_room_and_asks_for_batches() -> Outcome {
    let (config, script_ended) = serve(|mut end| async move {
        let hello = welcome(&mut end).await?;
        assert_eq!(
            hello,
            json!({"type": "hello", "token": "a token", "room": "climate", "batches": true})
        );
        Ok(())
    })
    .await?;
    let (participant, _) = Participant::join(config).await?;
    assert_eq!(participant.session(), "s1");
    assert!(participant.slots().is_empty());
    script_ended.await?
}

#[tokio::test]
async fn every_command_gets_its_own_reply_whatever_the_order_of_the_replies() -> Outcome {
    let (config, script_ended) = serve(|mut end| async move {
        welcome(&mut end).await?;
        let first = end.receive().await?;
        let second = end.receive().await?;
        assert_eq!(first["type"], "floor.request");
        assert_eq!(first["kind"], "statement");
        let refusal =
            json!({"status": 409, "code": "list_closed", "detail": "The list is closed."});
        end.send(
            json!({"type": "reply", "command_id": second["command_id"], "result": {"id": "r1"}}),
        )
        .await?;
        end.send(json!({"type": "reply", "command_id": first["command_id"], "problem": refusal}))
            .await
    })
    .await?;
    let (participant, _) = Participant::join(config).await?;
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
async fn unread_events_are_kept_in_order_also_those_that_came_together() -> Outcome {
    let (config, script_ended) = serve(|mut end| async move {
        welcome(&mut end).await?;
        let hidden = |seq: u64| json!({"type": "hidden", "seq": seq});
        end.send(hidden(2)).await?;
        let several = json!({"type": "events", "events": [hidden(3), hidden(4)]});
        end.send(several).await?;
        end.close(1001).await
    })
    .await?;
    let (participant, mut events) = Participant::join(config).await?;
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
    let (config, script_ended) = serve(|mut end| async move {
        welcome(&mut end).await?;
        let shows = json!({"participant": "tokyo-1", "source": "camera", "stage": true});
        end.send(json!({"type": "slots", "slots": [{"mid": "4", "shows": shows}]}))
            .await?;
        // Stays until the participant leaves.
        assert!(end.receive().await.is_err());
        Ok(())
    })
    .await?;
    let (participant, mut events) = Participant::join(config).await?;
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
    let (config, script_ended) = serve(|mut end| async move {
        end.receive().await?;
        end.close(4401).await
    })
    .await?;
    assert!(matches!(
        Participant::join(config).await,
        Err(Error::Closed { code: 4401, .. })
    ));
    script_ended.await?
}

#[tokio::test]
async fn a_command_without_a_reply_fails_when_the_connection_ends() -> Outcome {
    let (config, script_ended) = serve(|mut end| async move {
        welcome(&mut end).await?;
        end.receive().await?;
        end.close(4409).await
    })
    .await?;
    let (participant, _) = Participant::join(config).await?;
    let reply = participant.command("floor.request", json!({})).await;
    assert!(matches!(reply, Err(Error::Closed { code: 4409, .. })));
    let later = participant.command("floor.request", json!({})).await;
    assert!(matches!(later, Err(Error::Closed { code: 4409, .. })));
    script_ended.await?
}

#[tokio::test]
async fn leaving_completes_the_closing_handshake() -> Outcome {
    let (config, script_ended) = serve(|mut end| async move {
        welcome(&mut end).await?;
        let last = end.next().await?;
        let Message::Close(Some(frame)) = last else {
            return Err("not a close frame".into());
        };
        assert_eq!(frame.code, CloseCode::Normal);
        // Answers the close.
        assert!(end.next().await.is_err());
        Ok(())
    })
    .await?;
    let (participant, _) = Participant::join(config).await?;
    participant.leave().await;
    script_ended.await?
}
