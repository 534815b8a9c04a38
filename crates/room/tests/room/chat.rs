//! Who reads what was written.

use serde_json::json;

use crate::fixture::{House, kind};

#[tokio::test(start_paused = true)]
async fn a_word_to_the_moderators_keeps_its_place_for_others_and_hides_its_content() {
    let house = House::open();
    let mut chair = house.enter("chair").await;
    let mut tokyo = house.enter("tokyo-1").await;
    let mut seoul = house.enter("seoul-1").await;
    for seat in [&mut chair, &mut tokyo] {
        seat.events().await;
    }
    let fields = json!({"text": "We need an interpreter.", "to": "moderators"});
    tokyo.say("chat.post", fields).await.unwrap();

    let [for_chair, for_tokyo, for_seoul] = [
        chair.events().await.remove(0),
        tokyo.events().await.remove(0),
        seoul.events().await.remove(0),
    ];
    assert_eq!(for_chair["text"], "We need an interpreter.");
    assert_eq!(for_tokyo, for_chair, "the author reads it too");
    assert_eq!(kind(&for_seoul), "hidden");
    assert_eq!(for_seoul["seq"], for_chair["seq"]);
    assert_eq!(for_seoul.as_object().unwrap().len(), 3);

    let read_by = async |name| house.enter(name).await;
    for (name, lines) in [("deputy", 1), ("viewer", 0)] {
        let plenary_room::Resumption::Snapshot(room) = read_by(name).await.resumption else {
            panic!("a newcomer gets the room")
        };
        assert_eq!(room.chat.len(), lines, "{name}");
    }
}
