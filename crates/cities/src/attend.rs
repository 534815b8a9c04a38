//! One delegate in one room.

use std::time::Duration;

use plenary_client::{Config, Events, Media, Participant, Slots, Source};
use serde_json::{Value, json};

/// How long a delegate waits before rejoining after a lost connection, and before requesting the floor again.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// Stays in a room for as long as the task runs, and requests the floor whenever the delegate is off the list.
pub async fn attend(config: Config, person: String, source: Source) {
    loop {
        let media = Media {
            source: source.clone(),
            // Nobody watches what a headless delegate receives.
            slots: Slots::NONE,
            ..Media::default()
        };
        match Participant::join(config.clone().with_media(media)).await {
            Ok((participant, events)) => take_part(&participant, events, &person).await,
            Err(error) => tracing::debug!(person, %error, "a city could not join"),
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

/// Takes part until the connection ends.
async fn take_part(participant: &Participant, mut events: Events, person: &str) {
    request_floor(participant, person).await;
    while let Some(event) = events.next().await {
        if may_request_again(&event, person) {
            tokio::time::sleep(RETRY_INTERVAL).await;
            request_floor(participant, person).await;
        }
    }
}

/// Whether the event ended this person's request, or opened the list.
fn may_request_again(event: &Value, person: &str) -> bool {
    match event["type"].as_str() {
        Some("list.opened" | "list.reopened") => true,
        Some("floor.released" | "floor.revoked" | "floor.denied") => {
            event["request"]["beneficiary"] == person
        }
        _ => false,
    }
}

/// A refusal is no fault: the list may be closed, or the person on it already.
async fn request_floor(participant: &Participant, person: &str) {
    if let Err(error) = participant.command("floor.request", json!({})).await {
        tracing::debug!(person, %error, "a city did not get onto the list");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegate_requests_the_floor_again_after_the_own_speech_and_not_after_anothers() {
        let released =
            |person| json!({"type": "floor.released", "request": {"beneficiary": person}});
        assert!(may_request_again(&released("seoul-1"), "seoul-1"));
        assert!(!may_request_again(&released("tokyo-1"), "seoul-1"));
        assert!(may_request_again(
            &json!({"type": "list.opened"}),
            "seoul-1"
        ));
        assert!(!may_request_again(
            &json!({"type": "floor.granted"}),
            "seoul-1"
        ));
    }
}
