//! What was recorded stays; what is right is recorded after it.

use plenary_protocol::Code;
use serde_json::json;

use crate::fixture::{House, kind};

#[tokio::test(start_paused = true)]
async fn a_correction_is_one_more_event_that_names_the_one_it_is_about() {
    let house = House::open();
    let mut chair = house.enter("chair").await;
    let mut tokyo = house.enter("tokyo-1").await;
    for seat in [&mut chair, &mut tokyo] {
        seat.events().await;
    }
    let fields = json!({"about_seq": 2, "text": "It was Seoul."});
    let reply = chair.say("proceedings.correct", fields).await.unwrap();

    let recorded = chair.events().await.remove(0);
    assert_eq!(kind(&recorded), "proceedings.corrected");
    assert_eq!(
        (&recorded["about_seq"], &recorded["by"], &recorded["seq"]),
        (&json!(2), &json!("chair"), &reply["seq"])
    );
    let for_tokyo = tokyo.events().await.remove(0);
    assert_eq!(kind(&for_tokyo), "hidden", "the record is the staff's");
}

#[tokio::test(start_paused = true)]
async fn what_has_not_happened_cannot_be_corrected_and_delegates_correct_nothing() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    for about in [0, 4000] {
        let fields = json!({"about_seq": about, "text": "No."});
        let refused = chair.say("proceedings.correct", fields).await.unwrap_err();
        assert_eq!(refused.code, Code::NotFound);
    }
    let fields = json!({"text": "No."});
    let refused = tokyo.say("proceedings.correct", fields).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
}
