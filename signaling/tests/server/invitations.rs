//! From a link to a token, and the end of both.

use plenary_ids::Moment;
use serde_json::json;

use crate::hall::Hall;

#[tokio::test]
async fn an_invitation_opens_the_door_and_says_whose_it_is() {
    let hall = Hall::open().await;
    let body = json!({ "invitation": hall.invitation("tokyo-1") });
    let seat = hall
        .call("POST", "/invitations/redeem", None, Some(body))
        .await
        .ok();
    assert_eq!(seat["person"]["id"], "tokyo-1");
    assert_eq!(seat["person"]["delegation"], "tokyo");
    assert!(seat["expires"].as_str().unwrap().ends_with('Z'));
    let me = hall
        .call("GET", "/me", seat["token"].as_str(), None)
        .await
        .ok();
    assert_eq!(me["person"]["name"], "Tokyo delegate");
}

#[tokio::test]
async fn what_is_tampered_with_expired_foreign_or_no_invitation_is_unauthorized() {
    let hall = Hall::open().await;
    let elsewhere = Hall::open().await;
    let good = hall.invitation("tokyo-1");
    let other = hall.invitation("seoul-1");
    let spliced = {
        let (head, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = good.rsplit_once('.').unwrap();
        format!("{head}.{signature}")
    };
    let token = hall.token("tokyo-1").await;
    let bad = [
        spliced,
        hall.invitation_until("tokyo-1", Moment(1000)),
        elsewhere.invitation("tokyo-1"),
        token,
        String::new(),
        "x".repeat(60_000),
    ];
    for invitation in bad {
        let body = json!({ "invitation": invitation });
        let answer = hall
            .call("POST", "/invitations/redeem", None, Some(body))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (401, "unauthorized")
        );
    }
    // An invitation is no token.
    let answer = hall.call("GET", "/me", Some(&good), None).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (401, "unauthorized")
    );
}

#[tokio::test]
async fn a_revoked_invitation_ends_its_token_and_its_seat() {
    let hall = Hall::open().await;
    let (operator, delegate) = (hall.token("operator-1").await, hall.token("tokyo-1").await);
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;

    let refused = hall
        .call("DELETE", "/invitations/tokyo-1.1", Some(&delegate), None)
        .await;
    assert_eq!(refused.code(), "forbidden");
    let done = hall
        .call("DELETE", "/invitations/tokyo-1.1", Some(&operator), None)
        .await;
    assert_eq!(done.status.as_u16(), 204);

    assert_eq!(tokyo.closed().await, 4401);
    assert_eq!(
        hall.call("GET", "/me", Some(&delegate), None).await.code(),
        "unauthorized"
    );
    // The next one counts again.
    hall.token("tokyo-1").await;
}

#[tokio::test]
async fn a_token_is_renewed_over_http_and_by_who_is_seated() {
    let hall = Hall::open().await;
    let token = hall.token("tokyo-1").await;
    let renewed = hall
        .call("POST", "/token/renew", Some(&token), None)
        .await
        .ok();
    hall.call("GET", "/me", renewed["token"].as_str(), None)
        .await
        .ok();

    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let reply = tokyo.command("token.renew", json!({})).await;
    hall.call("GET", "/me", reply["result"]["token"].as_str(), None)
        .await
        .ok();
}
