//! Secrets are never logged, whatever the filter.

use std::io::{BufRead, BufReader, Read};

use hyper::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{
    hall::knock_on,
    process::{folder, plenary, run, terminate},
};

/// What a browser's offer holds that nobody else may know.
const PASSWORD: &str = "iRDsGLYiv3wMbqYmZJoQ4k2T";
/// What is said to the moderators alone.
const WORD: &str = "Tokyo is about to walk out";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_most_talkative_log_tells_no_token_no_password_and_no_word() {
    let folder = folder();
    let mut child = plenary(folder.path())
        .args(["serve", "test.toml"])
        .env("PLENARY_LOG__FILTER", "trace")
        .spawn()
        .unwrap();
    let mut errors = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut said = String::new();
        errors.read_to_string(&mut said).map(|_| said)
    });
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = ready["ready"]["http"].as_str().unwrap();

    let invited = run(
        folder.path(),
        &["invite", "test.toml", "tokyo-1", "--format", "json"],
    );
    let invited: Value = serde_json::from_slice(&invited.stdout).unwrap();
    let invitation = invited[0]["invitation"].as_str().unwrap();
    let server = plenary_client::Server::new(&format!("http://{address}")).unwrap();
    let token = server.redeem(invitation).await.unwrap().token;
    let path = "/rooms/climate/floor";
    server
        .call(Method::GET, path, Some(&token), None)
        .await
        .unwrap();
    let knock = async || knock_on(TcpStream::connect(address).await.unwrap()).await;

    let offer = format!("v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:{PASSWORD}\r\n");
    let hello = json!({ "type": "hello", "token": token, "room": "climate", "offer": offer });
    let mut refused = knock().await;
    refused.say(hello).await;
    assert_eq!(refused.closed().await, 4400);

    let (mut tokyo, _) = knock().await.hello(&token, "climate", json!({})).await;
    let word = json!({ "text": WORD, "to": "moderators" });
    let posted = tokyo.command("chat.post", word).await;
    assert!(posted["result"].is_object(), "{posted}");
    let renewed = tokyo.command("token.renew", json!({})).await;
    let renewed = renewed["result"]["token"].as_str().unwrap().to_owned();
    drop(tokyo);

    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let log = log.join().unwrap().unwrap();
    assert!(log.contains("ready"), "{log}");
    for (what, secret) in [
        ("the invitation", invitation),
        ("the token", &token),
        ("the renewed token", &renewed),
        ("the password of ICE", PASSWORD),
        ("the word for the moderators", WORD),
    ] {
        assert!(!log.contains(secret), "the log tells {what}");
    }
}
