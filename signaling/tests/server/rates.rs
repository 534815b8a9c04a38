//! The rate limits of a person, and of wrong invitations from one address.

use plenary_server::{rate::Quota, state::Limits};
use plenary_testkit::api::{Response, headers};
use serde_json::json;

use crate::test_server::TestServer;

/// A quota that does not refill during a test.
fn only(burst: u32) -> Quota {
    Quota {
        burst,
        per_minute: 1,
    }
}

fn is_told_to_wait(answer: &Response) {
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (429, "rate_limited")
    );
    let wait = answer.headers["retry-after"].to_str().unwrap();
    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{wait}");
}

#[tokio::test]
async fn a_client_over_its_rate_is_told_to_wait_and_others_are_not() {
    let server = TestServer::with_limits(Limits {
        requests: only(6),
        ..Limits::default()
    })
    .await;
    let (tokyo, seoul) = (server.token("tokyo-1").await, server.token("seoul-1").await);
    for _ in 0..5 {
        server.get("/conference", &tokyo).await;
    }
    let request = "/rooms/climate/floor/requests";
    for (method, path) in [
        ("GET", "/conference"),
        ("POST", request),
        ("POST", "/token/renew"),
    ] {
        is_told_to_wait(&server.call(method, path, Some(&tokyo), None).await);
    }
    server.get("/conference", &seoul).await;

    // Another token of the same person has the same quota.
    let again = json!({ "invitation": server.invitation("tokyo-1") });
    is_told_to_wait(
        &server
            .call("POST", "/invitations/redeem", None, Some(again))
            .await,
    );
}

#[tokio::test]
async fn hundreds_of_concurrent_calls_are_within_the_rate() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    for _ in 0..500 {
        server.get("/rooms/climate/floor", &token).await;
    }
}

#[tokio::test]
async fn a_client_that_guesses_invitations_is_told_to_wait_for_any_further_guess() {
    let server = TestServer::with_limits(Limits {
        guesses: only(3),
        ..Limits::default()
    })
    .await;
    let redeem = "/invitations/redeem";
    let valid = || json!({ "invitation": server.invitation("tokyo-1") });
    let wrong = || json!({ "invitation": "eyJ0eXAiOiJKV1QifQ.e30.x" });
    for _ in 0..10 {
        // Valid invitations are not counted.
        server.call("POST", redeem, None, Some(valid())).await.ok();
    }
    for _ in 0..3 {
        let refused = server.call("POST", redeem, None, Some(wrong())).await;
        assert_eq!(refused.code(), "unauthorized");
    }
    is_told_to_wait(&server.call("POST", redeem, None, Some(wrong())).await);
    is_told_to_wait(&server.call("POST", redeem, None, Some(valid())).await);

    // The test's address may be a proxy's, so its clients are counted by the forwarded address.
    let behind = headers(None, &[("x-forwarded-for", "198.51.100.1, 192.0.2.1")]);
    let path = format!("/api/v1{redeem}");
    let answer = server
        .send("POST", &path, &behind, valid().to_string())
        .await;
    assert_eq!(answer.ok()["person"]["id"], "tokyo-1");
}
