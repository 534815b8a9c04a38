//! What the server lets through follows the floor.

use plenary_protocol::Source::{Camera, Microphone, Screen};
use plenary_room::{Reach, Scene};
use serde_json::json;

use crate::fixture::{House, person};

#[tokio::test(start_paused = true)]
async fn a_delegate_is_heard_and_on_stage_between_the_grant_and_its_end_and_never_else() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let reaches = || [Microphone, Camera, Screen].map(|source| house.reach("tokyo-1", source));
    let seated = [None, Some(Reach::Tile), None];
    assert_eq!(reaches(), seated, "without the floor small and silent");

    let request = tokyo.ask().await;
    assert_eq!(reaches(), seated, "asking is not having");

    let about = json!({"request": request});
    chair.say("floor.grant", about.clone()).await.unwrap();
    assert_eq!(reaches(), [Some(Reach::Stage); 3]);
    assert_eq!(house.stage.last().stage, [person("tokyo-1")]);

    chair.say("floor.suspend", about.clone()).await.unwrap();
    assert_eq!(reaches(), seated, "a suspended holder is not heard");
    chair.say("floor.resume", about.clone()).await.unwrap();
    assert_eq!(reaches(), [Some(Reach::Stage); 3]);

    chair.say("floor.revoke", about).await.unwrap();
    assert_eq!(reaches(), seated);
    assert!(house.stage.last().stage.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_chair_is_always_heard_and_on_stage_only_with_priority() {
    let (house, chair, _tokyo, _seoul) = House::tokyo_speaks().await;
    assert_eq!(house.reach("chair", Microphone), Some(Reach::Stage));
    assert_eq!(house.reach("chair", Camera), Some(Reach::Tile));

    chair.say("chair.priority_on", json!({})).await.unwrap();
    assert_eq!(house.stage.last().stage, [person("chair")]);
    assert_eq!(house.stage.last().voices, [person("chair")]);
    assert_eq!(house.reach("tokyo-1", Microphone), None);

    chair.say("chair.priority_off", json!({})).await.unwrap();
    assert_eq!(house.stage.last().stage, [person("tokyo-1")]);
}

#[tokio::test(start_paused = true)]
async fn a_viewer_sends_nothing() {
    let house = House::open();
    let viewer = house.enter("viewer").await;
    assert!(!viewer.publishing);
    assert_eq!(house.stage.last(), Scene::default());
}

#[tokio::test(start_paused = true)]
async fn without_a_gallery_only_the_chair_is_shown_small() {
    let house = House::open_without_gallery();
    let _chair = house.enter("chair").await;
    let _tokyo = house.enter("tokyo-1").await;
    let gallery = house.stage.last().gallery;
    assert_eq!(gallery.people()[..], [person("chair")]);
    assert_eq!(house.reach("tokyo-1", Camera), None);
}
