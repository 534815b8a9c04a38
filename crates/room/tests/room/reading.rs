//! What a room lets people read of its past, beside what it does.

use plenary_ids::Seq;
use plenary_testkit::{
    person,
    room::{TestRoom, conference, event_type, parse},
};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_read_of_the_log_that_takes_its_time_holds_up_nobody() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    for number in 0..600 {
        let text = json!({ "text": number.to_string() });
        tokyo.execute("chat.post", text).await;
    }
    // A room that was restarted remembers what came after its last snapshot, and reads what was before.
    let room = room.restart_with_file(conference().toml());
    let tokyo = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    room.log.set_slow_to_read(true);
    let handle = room.handle.clone();
    let reading = tokio::spawn(async move { handle.events_after(person("viewer"), Seq(0)).await });
    tokio::task::yield_now().await;
    tokyo.execute("chat.post", json!({ "text": "heard" })).await;
    assert!(!reading.is_finished());

    room.log.set_slow_to_read(false);
    let events = reading.await.unwrap().unwrap();
    assert!(events.len() > 600);
    let first = parse(&events[0]);
    assert_eq!(first["seq"], 1, "{}", event_type(&first));
}
