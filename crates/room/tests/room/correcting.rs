//! Corrections: an event stays in the log, and the correction follows it. Rules of order, section 17.

use plenary_protocol::Code;
use plenary_testkit::room::{TestRoom, event_type};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_correction_is_one_more_event_that_names_the_one_it_is_about() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    let mut tokyo = room.join("tokyo-1").await;
    for seat in [&mut chair, &mut tokyo] {
        seat.events().await;
    }
    let fields = json!({"about_seq": 2, "text": "It was Seoul."});
    let reply = chair.execute("proceedings.correct", fields).await;

    let recorded = chair.events().await.remove(0);
    assert_eq!(event_type(&recorded), "proceedings.corrected");
    assert_eq!(
        (&recorded["about_seq"], &recorded["by"], &recorded["seq"]),
        (&json!(2), &json!("chair"), &reply["seq"])
    );
    let for_tokyo = tokyo.events().await.remove(0);
    assert_eq!(
        event_type(&for_tokyo),
        "hidden",
        "the record is the staff's"
    );
}

#[tokio::test(start_paused = true)]
async fn a_correction_needs_an_existing_event_and_delegates_correct_nothing() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    for about in [0, 4000] {
        let fields = json!({"about_seq": about, "text": "No."});
        let refused = chair.expect_refusal("proceedings.correct", fields).await;
        assert_eq!(refused.code, Code::NotFound);
    }
    let fields = json!({"text": "No."});
    let refused = tokyo.expect_refusal("proceedings.correct", fields).await;
    assert_eq!(refused.code, Code::Forbidden);
}
