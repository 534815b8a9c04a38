//! People whom the room does not admit.

use plenary_ids::Seq;
use plenary_protocol::Code;
use plenary_room::{Caller, Preconditions};
use plenary_testkit::{
    person,
    room::{TestRoom, command},
};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn everything_is_forbidden_to_people_of_another_room_or_of_none() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    for name in ["elsewhere", "nobody"] {
        let caller = Caller::new(person(name));
        let post = command("chat.post", json!({"text": "Hello?"}));
        let handle = &room.handle;
        let refusals = [
            room.try_join(name, None).await.err(),
            handle
                .command(caller, post, Preconditions::default())
                .await
                .err(),
            handle.snapshot(person(name)).await.err(),
            handle.events_after(person(name), Seq(0)).await.err(),
            handle
                .relay(person(name), person("tokyo-1"), "{}".into())
                .await
                .err(),
        ];
        for refusal in refusals {
            assert_eq!(refusal.map(|it| it.code), Some(Code::Forbidden), "{name}");
        }
    }
}
