//! On a change of speakers, what flows shrinks before anybody is told, and grows after.

use plenary_protocol::Source;
use serde_json::json;

use crate::fixture::{House, person};

#[tokio::test(start_paused = true)]
async fn a_revoked_speaker_is_silent_before_anybody_hears_of_it_and_the_next_is_heard_after() {
    let (house, chair, tokyo, mut seoul) = House::tokyo_speaks().await;
    seoul.ask().await;
    chair
        .say("floor.accept", json!({"request": "r2"}))
        .await
        .unwrap();
    seoul.events().await;
    let (before, [now, then]) = (
        house.stage.count(),
        [&tokyo, &seoul].map(|it| (it.person.clone(), Source::Microphone)),
    );

    house.stage.hold();
    let next = tokio::spawn(async move { chair.say("floor.next", json!({})).await });
    let shrunk = house.stage.shown(before + 1).await;
    assert!(!shrunk.on_stage.contains(&now), "Tokyo is to be silent");
    assert!(!shrunk.on_stage.contains(&then), "Seoul is not heard yet");
    assert_eq!(seoul.types().await, [""; 0], "nobody knows");

    house.stage.let_one_through();
    let grown = house.stage.shown(before + 2).await;
    assert!(grown.on_stage.contains(&then), "Seoul is heard");
    assert_eq!(grown.stage, [person("seoul-1")]);
    assert_eq!(
        seoul.types().await,
        [
            "floor.revoked",
            "floor.granted",
            "floor.order",
            "floor.on_deck"
        ]
    );

    house.stage.let_one_through();
    next.await.unwrap().unwrap();
    assert_eq!(house.stage.count(), before + 2);
}

#[tokio::test(start_paused = true)]
async fn a_media_plane_that_does_not_answer_holds_nobody_up_for_ever() {
    let (house, chair, _tokyo, mut seoul) = House::tokyo_speaks().await;
    seoul.events().await;
    house.stage.hold();
    chair
        .say("floor.revoke", json!({"request": "r1"}))
        .await
        .unwrap();
    assert_eq!(seoul.types().await, ["floor.revoked"]);
}
