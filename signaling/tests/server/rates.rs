//! How much one person may ask, and how many wrong invitations may come from one address.

use plenary_server::{rate::Quota, state::Limits};
use serde_json::json;

use crate::hall::{Answer, Hall, headers};

/// So little a minute that none comes back while a test runs.
fn only(burst: u32) -> Quota {
    Quota {
        burst,
        per_minute: 1,
    }
}

fn is_told_to_wait(answer: &Answer) {
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (429, "rate_limited")
    );
    let wait = answer.headers["retry-after"].to_str().unwrap();
    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{wait}");
}

#[tokio::test]
async fn whoever_asks_too_much_is_told_to_wait_and_nobody_else_is() {
    let hall = Hall::with(Limits {
        requests: only(6),
        ..Limits::default()
    })
    .await;
    let (tokyo, seoul) = (hall.token("tokyo-1").await, hall.token("seoul-1").await);
    for _ in 0..5 {
        hall.call("GET", "/conference", Some(&tokyo), None)
            .await
            .ok();
    }
    let request = "/rooms/climate/floor/requests";
    for (method, path) in [
        ("GET", "/conference"),
        ("POST", request),
        ("POST", "/token/renew"),
    ] {
        is_told_to_wait(&hall.call(method, path, Some(&tokyo), None).await);
    }
    hall.call("GET", "/conference", Some(&seoul), None)
        .await
        .ok();

    // Another token is still the same person.
    let again = json!({ "invitation": hall.invitation("tokyo-1") });
    is_told_to_wait(
        &hall
            .call("POST", "/invitations/redeem", None, Some(again))
            .await,
    );
}

#[tokio::test]
async fn hundreds_of_calls_at_once_are_nothing_out_of_the_ordinary() {
    let hall = Hall::open().await;
    let token = hall.token("moderator-1").await;
    for _ in 0..500 {
        hall.call("GET", "/rooms/climate/floor", Some(&token), None)
            .await
            .ok();
    }
}

#[tokio::test]
async fn whoever_tries_invitations_is_told_to_wait_whatever_he_tries_next() {
    let hall = Hall::with(Limits {
        guesses: only(3),
        ..Limits::default()
    })
    .await;
    let redeem = "/invitations/redeem";
    let valid = || json!({ "invitation": hall.invitation("tokyo-1") });
    let wrong = || json!({ "invitation": "eyJ0eXAiOiJKV1QifQ.e30.x" });
    for _ in 0..10 {
        // Those who come in are not counted, however many they are.
        hall.call("POST", redeem, None, Some(valid())).await.ok();
    }
    for _ in 0..3 {
        let refused = hall.call("POST", redeem, None, Some(wrong())).await;
        assert_eq!(refused.code(), "unauthorized");
    }
    is_told_to_wait(&hall.call("POST", redeem, None, Some(wrong())).await);
    is_told_to_wait(&hall.call("POST", redeem, None, Some(valid())).await);

    // The test's own address is one that a proxy may have; whoever is behind it is somebody else.
    let behind = headers(None, &[("x-forwarded-for", "198.51.100.1, 192.0.2.1")]);
    let path = format!("/api/v1{redeem}");
    let answer = hall.send("POST", &path, &behind, valid().to_string()).await;
    assert_eq!(answer.ok()["person"]["id"], "tokyo-1");
}
