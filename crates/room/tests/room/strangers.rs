//! People who have no place in the room.

use plenary_ids::Seq;
use plenary_protocol::Code;
use plenary_room::{Caller, Guard};
use serde_json::json;

use crate::fixture::{House, command, person};

#[tokio::test(start_paused = true)]
async fn somebody_of_another_room_or_of_none_is_forbidden_whatever_is_asked() {
    let house = House::open();
    house.enter("tokyo-1").await;
    for name in ["elsewhere", "nobody"] {
        let caller = Caller {
            person: person(name),
            session: None,
        };
        let post = command("chat.post", json!({"text": "Hello?"}));
        let room = &house.room;
        let refusals = [
            house.try_enter(name, None).await.err(),
            room.command(caller, post, Guard::default()).await.err(),
            room.snapshot(person(name)).await.err(),
            room.events_after(person(name), Seq(0)).await.err(),
            room.relay(person(name), person("tokyo-1"), "{}".into())
                .await
                .err(),
        ];
        for refusal in refusals {
            assert_eq!(refusal.map(|it| it.code), Some(Code::Forbidden), "{name}");
        }
    }
}
