//! The readers of a chat message. Rules of order, section 17.

use plenary_ids::rfc3339;
use plenary_protocol::{Code, SeatFigures};
use plenary_room::Preconditions;
use plenary_testkit::room::{TestRoom, command, event_type};
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
        if let [line] = &room.chat[..] {
            assert_eq!(rfc3339::text(line.at), for_chair["at"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_for_help_is_open_with_its_figures_until_an_operator_closes_it_with_an_answer() {
    let room = TestRoom::open();
    let mut operator = room.join("operator").await;
    let mut tokyo = room.join("tokyo-1").await;
    let mut seoul = room.join("seoul-1").await;
    for seat in [&mut operator, &mut tokyo] {
        seat.events().await;
    }
    let call = json!({"text": "I hear nothing.", "to": "operators", "help": true});
    let mut caller = tokyo.caller();
    caller.figures = Some(Box::new(SeatFigures {
        rtt_ms: Some(412.5),
        ..SeatFigures::default()
    }));
    let post = command("chat.post", call);
    let posted = room.handle.command(caller, post, Preconditions::default());
    let posted = json!(posted.await.unwrap());

    let seen = operator.events().await.remove(0);
    assert_eq!(
        (&seen["help"], &seen["figures"]["rtt_ms"]),
        (&json!(true), &json!(412.5))
    );
    assert_eq!(tokyo.events().await.remove(0), seen);
    assert_eq!(seoul.event_types().await, ["hidden"]);
    for (reader, open) in [
        ("operator", 1),
        ("tokyo-1", 1),
        ("seoul-1", 0),
        ("chair", 0),
    ] {
        assert_eq!(room.snapshot_for(reader).await.help.len(), open, "{reader}");
    }

    let answer = json!({"message": posted["id"], "text": "Reload the page."});
    operator.execute("help.close", answer.clone()).await;
    let closed = tokyo.events().await.remove(0);
    assert_eq!(event_type(&closed), "help.closed");
    assert_eq!(closed["text"], "Reload the page.");
    assert_eq!(seoul.event_types().await, ["hidden"]);
    assert!(room.snapshot_for("operator").await.help.is_empty());
    let again = operator.try_execute("help.close", answer).await;
    assert_eq!(again.unwrap_err().code, Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn the_sender_withdraws_a_call_for_help_and_nobody_else_but_the_operators_may() {
    let room = TestRoom::open();
    let mut operator = room.join("operator").await;
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let chair = room.join("chair").await;
    let call = json!({"text": "I hear nothing.", "to": "operators", "help": true});
    let posted = json!(tokyo.execute("chat.post", call).await);
    let close = json!({"message": posted["id"]});
    for other in [&seoul, &chair] {
        let refused = other.try_execute("help.close", close.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::NotFound);
    }
    operator.events().await;
    tokyo.execute("help.close", close).await;
    let closed = operator.events().await.remove(0);
    assert_eq!(event_type(&closed), "help.closed");
    assert_eq!(closed["by"], "tokyo-1");
    assert!(room.snapshot_for("operator").await.help.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_to_a_booth_is_for_the_interpreters_into_its_language() {
    let room = TestRoom::open();
    let mut kenji = room.join("kenji").await;
    let mut aiko = room.join("aiko").await;
    let mut chair = room.join("chair").await;
    for seat in [&mut kenji, &mut aiko, &mut chair] {
        seat.events().await;
    }
    let fields = |to: &str| json!({"text": "I take over at ten.", "to": to});
    kenji.execute("chat.post", fields("booth:ja")).await;
    assert_eq!(aiko.events().await[0]["to"], "booth:ja");
    assert_eq!(chair.event_types().await, ["hidden"]);
    for (seat, to, code) in [
        (&chair, "booth:ja", Code::Forbidden),
        (&kenji, "booth:fi", Code::NotFound),
    ] {
        let refused = seat.try_execute("chat.post", fields(to)).await;
        assert_eq!(refused.unwrap_err().code, code, "{to}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_notice_reaches_everybody_and_who_comes_later() {
    let room = TestRoom::open();
    let operator = room.join("operator").await;
    let mut tokyo = room.join("tokyo-1").await;
    tokyo.events().await;
    operator
        .execute("notice.post", json!({"text": "We go on at 14:00."}))
        .await;
    let seen = tokyo.events().await.remove(0);
    assert_eq!(
        (&seen["text"], &seen["by"]),
        (&json!("We go on at 14:00."), &json!("operator"))
    );
    let notice = room.snapshot_for("viewer").await.notice.unwrap();
    assert_eq!(notice.text, "We go on at 14:00.");
    let refused = tokyo
        .try_execute("notice.post", json!({"text": "No."}))
        .await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
}
