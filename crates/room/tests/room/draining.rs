//! A room that drains because the server stops.

use plenary_protocol::{CloseCode, Code};
use plenary_room::Outgoing;
use plenary_room::Scene;
use plenary_testkit::room::{TestRoom, event_type, parse};

#[tokio::test(start_paused = true)]
async fn draining_tells_everybody_stops_all_media_and_closes_all_connections() {
    let (room, _chair, mut tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    room.handle.drain().await;
    assert_eq!(room.media.last(), Scene::default());
    for seat in [&mut tokyo, &mut seoul] {
        let mut last = None;
        let code = loop {
            match seat.outbox.next().await {
                Ok(Outgoing::Events(texts)) => last = texts.last().map(|text| parse(text)),
                Ok(_) => {}
                Err(code) => break code,
            }
        };
        assert_eq!(event_type(&last.unwrap()), "room.draining");
        assert_eq!(code, CloseCode::Draining);
    }
    let late = room.try_join("viewer", None).await;
    assert_eq!(late.unwrap_err().code, Code::Unavailable);
}
