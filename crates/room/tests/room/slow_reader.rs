//! A device that does not read.

use plenary_protocol::CloseCode;
use serde_json::json;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_reader_that_never_reads_is_cut_off_and_nobody_else_notices() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let mut slow = house.enter("tokyo-1").await;
    let mut quick = house.enter("seoul-1").await;
    for line in 0..600 {
        chair
            .say("chat.post", json!({"text": format!("{line}")}))
            .await
            .unwrap();
        assert_eq!(quick.types().await, ["chat.posted"]);
    }
    assert_eq!(slow.outbox.next().await, Err(CloseCode::RateLimited));
    slow.drop_connection().await;
    assert_eq!(
        quick.types().await,
        ["participant.updated", "floor.disconnected"]
    );
}
