//! The server goes down.

use plenary_protocol::{CloseCode, Code};
use plenary_room::Scene;

use crate::fixture::{House, kind, read};
use plenary_room::Outgoing;

#[tokio::test(start_paused = true)]
async fn everybody_is_told_nothing_flows_any_more_and_all_connections_end() {
    let (house, _chair, mut tokyo, mut seoul) = House::tokyo_speaks().await;
    house.room.drain().await;
    assert_eq!(house.stage.last(), Scene::default());
    for seat in [&mut tokyo, &mut seoul] {
        let mut last = None;
        let code = loop {
            match seat.outbox.next().await {
                Ok(Outgoing::Events(texts)) => last = texts.last().map(|text| read(text)),
                Ok(_) => {}
                Err(code) => break code,
            }
        };
        assert_eq!(kind(&last.unwrap()), "room.draining");
        assert_eq!(code, CloseCode::Draining);
    }
    let late = house.try_enter("viewer", None).await;
    assert_eq!(late.unwrap_err().code, Code::Unavailable);
}
