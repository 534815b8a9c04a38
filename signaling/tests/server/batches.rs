//! Several events in one message: only for clients whose hello says that they read it.

use serde_json::{Value, json};

use crate::test_server::TestServer;

const BATCHES: &str = "batches";

/// The numbers of the events of some messages, in the order in which they came.
fn numbers(messages: &[Value]) -> Vec<u64> {
    let events = messages
        .iter()
        .flat_map(|message| match &message["events"] {
            Value::Array(several) => several.clone(),
            _ => vec![message.clone()],
        });
    events.filter_map(|event| event["seq"].as_u64()).collect()
}

fn types(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .filter_map(|it| it["type"].as_str())
        .collect()
}

#[tokio::test]
async fn a_client_that_asks_gets_the_events_of_an_arrival_in_one_message_and_others_one_by_one() {
    let server = TestServer::start().await;
    let token = server.token("seoul-1").await;
    let asked = server
        .connect()
        .await
        .hello(&token, "climate", json!({ BATCHES: true }));
    let (mut asked, welcome) = asked.await;
    let (mut plain, _) = server.join("moderator-1", "climate").await;
    asked.drain().await;
    plain.drain().await;

    let (_tokyo, _) = server.join("tokyo-1", "climate").await;
    let (asked, plain) = (asked.drain().await, plain.drain().await);
    assert_eq!(types(&asked), ["events", "clock"]);
    let expected = ["participant.joined", "floor.connected", "clock"];
    assert_eq!(types(&plain), expected);
    assert_eq!(numbers(&asked), numbers(&plain));
    assert!(welcome["seq"].as_u64() < numbers(&asked).first().copied());
}

#[tokio::test]
async fn one_event_comes_by_itself_and_before_the_reply_of_its_command() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let asked = server
        .connect()
        .await
        .hello(&token, "climate", json!({ BATCHES: true }));
    let (mut tokyo, _) = asked.await;
    let post = json!({ "type": "chat.post", "command_id": "c1", "text": "Good morning." });
    tokyo.send(post).await;
    let posted = tokyo.next().await.unwrap();
    assert_eq!(posted["type"], "chat.posted");
    let reply = tokyo.next().await.unwrap();
    assert_eq!(
        (&reply["type"], &reply["command_id"]),
        (&json!("reply"), &json!("c1"))
    );
}

#[tokio::test]
async fn what_a_hello_says_of_batches_is_yes_or_no() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    for wrong in [json!("yes"), json!(1), json!({})] {
        let mut client = server.connect().await;
        let hello = json!({ "type": "hello", "token": token, "room": "climate", BATCHES: wrong });
        client.send(hello).await;
        assert_eq!(client.next().await.unwrap()["problem"]["code"], "invalid");
        assert_eq!(client.close_code().await, 4400);
    }
    for no in [json!(false), json!(null)] {
        let client = server.connect().await;
        client
            .hello(&token, "climate", json!({ BATCHES: no }))
            .await;
    }
}
