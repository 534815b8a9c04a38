//! Invitations and tokens, and their revocation.

use plenary_ids::Moment;
use serde_json::json;

use crate::test_server::TestServer;

#[tokio::test]
async fn an_invitation_is_redeemed_for_a_token_and_the_person() {
    let server = TestServer::start().await;
    let body = json!({ "invitation": server.invitation("tokyo-1") });
    let seat = server
        .call("POST", "/invitations/redeem", None, Some(body))
        .await
        .ok();
    assert_eq!(seat["person"]["id"], "tokyo-1");
    assert_eq!(seat["person"]["delegation"], "tokyo");
    assert!(seat["expires"].as_str().unwrap().ends_with('Z'));
    let me = server
        .call("GET", "/me", seat["token"].as_str(), None)
        .await
        .ok();
    assert_eq!(me["person"]["name"], "Tokyo delegate");
}

#[tokio::test]
async fn a_changed_expired_foreign_or_malformed_invitation_is_unauthorized() {
    let server = TestServer::start().await;
    let elsewhere = TestServer::start().await;
    let good = server.invitation("tokyo-1");
    let other = server.invitation("seoul-1");
    let spliced = {
        let (head, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = good.rsplit_once('.').unwrap();
        format!("{head}.{signature}")
    };
    let token = server.token("tokyo-1").await;
    let bad = [
        spliced,
        server.invitation_until("tokyo-1", Moment(1000)),
        elsewhere.invitation("tokyo-1"),
        token,
        String::new(),
        "x".repeat(60_000),
    ];
    for invitation in bad {
        let body = json!({ "invitation": invitation });
        let answer = server
            .call("POST", "/invitations/redeem", None, Some(body))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (401, "unauthorized")
        );
    }
    // An invitation is not a token.
    let answer = server.call("GET", "/me", Some(&good), None).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (401, "unauthorized")
    );
}

#[tokio::test]
async fn a_revoked_invitation_ends_its_token_and_its_connection() {
    let server = TestServer::start().await;
    let (operator, delegate) = (
        server.token("operator-1").await,
        server.token("tokyo-1").await,
    );
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;

    let refused = server
        .call("DELETE", "/invitations/tokyo-1.1", Some(&delegate), None)
        .await;
    assert_eq!(refused.code(), "forbidden");
    let done = server
        .call("DELETE", "/invitations/tokyo-1.1", Some(&operator), None)
        .await;
    assert_eq!(done.status.as_u16(), 204);

    assert_eq!(tokyo.close_code().await, 4401);
    assert_eq!(
        server
            .call("GET", "/me", Some(&delegate), None)
            .await
            .code(),
        "unauthorized"
    );
    // The next invitation is valid again.
    server.token("tokyo-1").await;
}

#[tokio::test]
async fn what_names_no_invitation_is_not_taken_for_revoked() {
    let server = TestServer::start().await;
    let operator = server.token("operator-1").await;
    let long = "x".repeat(5_000);
    for word in [
        "tokyo1.1",
        "tokyo-1",
        "tokyo-1.x",
        "tokyo-1.01",
        "nobody.1",
        &long,
    ] {
        let path = format!("/invitations/{word}");
        let answer = server.call("DELETE", &path, Some(&operator), None).await;
        assert_eq!(answer.code(), "not_found", "{word}");
    }
    let list = std::fs::read_to_string(server.data_folder().join("revoked.json")).unwrap();
    assert!(!list.contains("tokyo"), "{list}");
}

#[tokio::test]
async fn a_token_is_renewed_over_http_and_over_websocket() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let renewed = server.post("/token/renew", &token).await;
    server
        .call("GET", "/me", renewed["token"].as_str(), None)
        .await
        .ok();

    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let reply = tokyo.command("token.renew", json!({})).await;
    server
        .call("GET", "/me", reply["result"]["token"].as_str(), None)
        .await
        .ok();
}

#[tokio::test]
async fn an_invitation_that_nobody_was_given_is_not_found() {
    let server = TestServer::start().await;
    let operator = server.token("operator-1").await;
    let revoke = async |id: &str| {
        let path = format!("/invitations/{id}");
        server.call("DELETE", &path, Some(&operator), None).await
    };
    for unknown in [
        "nobody.1",
        "tokyo-1",
        "tokyo-1.0",
        "tokyo-1.01",
        "tokyo-1.x",
        "x",
    ] {
        let answer = revoke(unknown).await;
        assert_eq!(answer.code(), "not_found", "{unknown}");
    }
    for known in ["tokyo-1.1", "tokyo-1.1", "tokyo-1.2"] {
        assert_eq!(revoke(known).await.status, 204, "{known}");
    }
}
