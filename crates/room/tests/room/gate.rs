//! What the media plane forwards follows the floor.

use plenary_protocol::Source::{Camera, Microphone, Screen};
use plenary_room::{Reach, Scene};
use plenary_testkit::{person, room::TestRoom};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_delegate_is_heard_and_on_stage_only_between_the_grant_and_its_end() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let reaches = || [Microphone, Camera, Screen].map(|source| room.reach("tokyo-1", source));
    let seated = [None, Some(Reach::Tile), None];
    assert_eq!(reaches(), seated, "without the floor small and silent");

    let request = tokyo.request_floor().await;
    assert_eq!(reaches(), seated, "asking is not having");

    let about = json!({"request": request});
    chair.execute("floor.grant", about.clone()).await;
    assert_eq!(reaches(), [Some(Reach::Stage); 3]);
    assert_eq!(room.media.last().stage, [person("tokyo-1")]);

    chair.execute("floor.suspend", about.clone()).await;
    assert_eq!(reaches(), seated, "a suspended holder is not heard");
    chair.execute("floor.resume", about.clone()).await;
    assert_eq!(reaches(), [Some(Reach::Stage); 3]);

    chair.execute("floor.revoke", about).await;
    assert_eq!(reaches(), seated);
    assert!(room.media.last().stage.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_chair_is_always_heard_but_on_stage_only_with_priority() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    assert_eq!(room.reach("chair", Microphone), Some(Reach::Stage));
    assert_eq!(room.reach("chair", Camera), Some(Reach::Tile));

    chair.execute("chair.priority_on", json!({})).await;
    assert_eq!(room.media.last().stage, [person("chair")]);
    assert_eq!(room.media.last().voices, [person("chair")]);
    assert_eq!(room.reach("tokyo-1", Microphone), None);

    chair.execute("chair.priority_off", json!({})).await;
    assert_eq!(room.media.last().stage, [person("tokyo-1")]);
}

#[tokio::test(start_paused = true)]
async fn a_viewer_sends_nothing() {
    let room = TestRoom::open();
    let viewer = room.join("viewer").await;
    assert!(!viewer.publishing);
    assert_eq!(room.media.last(), Scene::default());
}

#[tokio::test(start_paused = true)]
async fn without_a_gallery_only_the_chair_has_a_tile() {
    let room = TestRoom::open_without_gallery();
    let _chair = room.join("chair").await;
    let _tokyo = room.join("tokyo-1").await;
    let gallery = room.media.last().gallery;
    assert_eq!(gallery.people()[..], [person("chair")]);
    assert_eq!(room.reach("tokyo-1", Camera), None);
}
