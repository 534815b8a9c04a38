//! What one may do is asked of the conference as it is, and not of a token.

use plenary_testkit::api::conference;
use serde_json::json;

use crate::test_server::TestServer;

/// The usual conference after an edit of its file.
fn edited(edits: &[(&str, &str)]) -> plenary_conference::Conference {
    let mut file = conference().toml().to_owned();
    for (before, after) in edits {
        assert!(file.contains(before), "{before}");
        file = file.replacen(before, after, 1);
    }
    plenary_conference::parse(file.as_bytes(), "test.toml").unwrap()
}

#[tokio::test]
async fn a_token_from_before_a_restart_gives_what_the_file_gives_its_bearer_now() {
    let server = TestServer::start().await;
    let clerk = server.token("clerk-1").await;
    let tokyo = server.token("tokyo-1").await;
    let viewer = server.token("viewer-1").await;
    let proceedings = "/rooms/climate/proceedings";
    server.get(proceedings, &clerk).await;
    server.get("/rooms/covid", &tokyo).await;

    let conference = edited(&[
        (
            "id = \"clerk-1\"\nname = \"Clerk-1\"\nrole = \"clerk\"",
            "id = \"clerk-1\"\nname = \"Clerk-1\"\nrole = \"viewer\"",
        ),
        (
            "role = \"delegate\"\ndelegation = \"tokyo\"",
            "role = \"delegate\"\nrooms = [\"climate\"]\ndelegation = \"tokyo\"",
        ),
        ("id = \"viewer-1\"", "id = \"viewer-2\""),
    ]);
    let server = TestServer::with_key_of(&server, conference).await;
    let refused = server.call("GET", proceedings, Some(&clerk), None).await;
    assert_eq!(refused.code(), "forbidden");
    let me = server.get("/me", &clerk).await;
    assert_eq!(me["person"]["role"], "viewer");
    let refused = server.call("GET", "/rooms/covid", Some(&tokyo), None).await;
    assert_eq!(refused.code(), "forbidden");
    let mut connection = server.connect().await;
    let hello = json!({ "type": "hello", "token": tokyo, "room": "covid" });
    connection.send(hello).await;
    assert_eq!(connection.close_code().await, 4403);
    for path in ["/me", "/rooms/climate"] {
        let refused = server.call("GET", path, Some(&viewer), None).await;
        assert_eq!(refused.code(), "unauthorized");
    }
    let renewed = server.call("POST", "/token/renew", Some(&viewer), None);
    assert_eq!(renewed.await.code(), "unauthorized");
}

#[tokio::test]
async fn somebody_who_was_sent_out_of_a_room_reads_nothing_of_it_any_more() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut clerk, _) = server.join("clerk-1", "climate").await;
    let token = server.token("clerk-1").await;
    let paths = [
        "/rooms/climate",
        "/rooms/climate/floor",
        "/rooms/climate/events?after=0",
        "/rooms/climate/proceedings",
    ];
    for path in paths {
        server.get(path, &token).await;
    }
    let about = json!({ "person": "clerk-1" });
    chair.command("participant.remove", about.clone()).await;
    assert_eq!(clerk.close_code().await, 4403);
    for path in paths {
        let refused = server.call("GET", path, Some(&token), None).await;
        assert_eq!(refused.code(), "forbidden", "{path}");
    }
    server.get("/rooms/covid/proceedings", &token).await;

    chair.command("participant.admit", about).await;
    server.get("/rooms/climate/proceedings", &token).await;
}

#[tokio::test]
async fn a_link_that_was_handed_on_is_redeemed_and_one_with_an_encoded_hash_leads_to_the_page() {
    let server = TestServer::start().await;
    let invitation = server.invitation("tokyo-1");
    let body = json!({ "invitation": format!("<https://plenary.example/#i={invitation}>.\r\n") });
    let redeemed = server.call("POST", "/invitations/redeem", None, Some(body));
    assert_eq!(redeemed.await.ok()["person"]["id"], "tokyo-1");

    let led = server.send("GET", "/%23i=eyJ.a.b", &[], "").await;
    assert_eq!(led.status.as_u16(), 303);
    assert_eq!(led.headers["location"], "./#i=eyJ.a.b");
}
