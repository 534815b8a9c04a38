//! Secrets are never logged, whatever the filter.

use hyper::Method;
use plenary_testkit::{api::Connection, process::LOG};
use serde_json::json;
use tokio::net::TcpStream;

use crate::process::program;

/// The ICE password of a browser's offer.
const PASSWORD: &str = "iRDsGLYiv3wMbqYmZJoQ4k2T";
/// A message to the moderators only.
const MESSAGE: &str = "Tokyo is about to walk out";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_most_verbose_log_contains_no_token_no_password_and_no_message() {
    let program = program().with_setting("PLENARY_LOG__FILTER", "trace");
    let mut process = program.serve();
    let invitation = program.invitation("tokyo-1");
    let server = process.server();
    let token = server.redeem(invitation).await.unwrap().token;
    let path = "/rooms/climate/floor";
    server
        .call(Method::GET, path, Some(&token), None)
        .await
        .unwrap();
    let connect = async || {
        let stream = TcpStream::connect(process.http()).await;
        Connection::over(stream.unwrap()).await
    };

    let offer = format!("v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:{PASSWORD}\r\n");
    let hello = json!({ "type": "hello", "token": token, "room": "climate", "offer": offer });
    let mut refused = connect().await;
    refused.send(hello).await;
    assert_eq!(refused.close_code().await, 4400);

    let (mut tokyo, _) = connect().await.hello(&token, "climate", json!({})).await;
    let message = json!({ "text": MESSAGE, "to": "moderators" });
    let posted = tokyo.command("chat.post", message).await;
    assert!(posted["result"].is_object(), "{posted}");
    let renewed = tokyo.command("token.renew", json!({})).await;
    let renewed = renewed["result"]["token"].as_str().unwrap().to_owned();
    drop(tokyo);

    process.terminate();
    assert_eq!(process.exit_code(), Some(0));
    let log = std::fs::read_to_string(program.folder().join(LOG)).unwrap();
    assert!(log.contains("ready"), "{log}");
    for (what, secret) in [
        ("the invitation", invitation),
        ("the token", &token),
        ("the renewed token", &renewed),
        ("the password of ICE", PASSWORD),
        ("the message to the moderators", MESSAGE),
    ] {
        assert!(!log.contains(secret), "the log contains {what}");
    }
}
