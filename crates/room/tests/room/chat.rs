//! The readers of a chat message.

use plenary_testkit::room::{TestRoom, event_type};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_message_to_the_moderators_has_its_sequence_number_for_others_but_no_content() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    let mut tokyo = room.join("tokyo-1").await;
    let mut seoul = room.join("seoul-1").await;
    for seat in [&mut chair, &mut tokyo] {
        seat.events().await;
    }
    let fields = json!({"text": "We need an interpreter.", "to": "moderators"});
    tokyo.execute("chat.post", fields).await;

    let [for_chair, for_tokyo, for_seoul] = [
        chair.events().await.remove(0),
        tokyo.events().await.remove(0),
        seoul.events().await.remove(0),
    ];
    assert_eq!(for_chair["text"], "We need an interpreter.");
    assert_eq!(for_tokyo, for_chair, "the author reads it too");
    assert_eq!(event_type(&for_seoul), "hidden");
    assert_eq!(for_seoul["seq"], for_chair["seq"]);
    assert_eq!(for_seoul.as_object().unwrap().len(), 3);

    let read_by = async |name| room.join(name).await;
    for (name, lines) in [("deputy", 1), ("viewer", 0)] {
        let plenary_room::Resumption::Snapshot(room) = read_by(name).await.resumption else {
            panic!("a newcomer gets the room")
        };
        assert_eq!(room.chat.len(), lines, "{name}");
    }
}
