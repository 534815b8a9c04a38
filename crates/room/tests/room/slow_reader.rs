//! A device that does not read.

use plenary_protocol::CloseCode;
use plenary_testkit::room::TestRoom;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_reader_that_never_reads_is_cut_off_and_nobody_else_notices() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let mut slow = room.join("tokyo-1").await;
    let mut quick = room.join("seoul-1").await;
    for line in 0..600 {
        chair
            .execute("chat.post", json!({"text": format!("{line}")}))
            .await;
        assert_eq!(quick.event_types().await, ["chat.posted"]);
    }
    assert_eq!(slow.outbox.next().await, Err(CloseCode::RateLimited));
    slow.disconnect().await;
    assert_eq!(
        quick.event_types().await,
        ["participant.updated", "floor.disconnected"]
    );
}
