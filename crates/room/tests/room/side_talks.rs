//! Side talks: two participants whom the room does not hear.

use bytes::Bytes;
use plenary_protocol::{Code, Source::Microphone};
use plenary_room::{Outgoing, Preconditions, Reach, RelayedSignal};
use plenary_testkit::{
    person,
    room::{Participant, TestRoom, event_type, parse},
};
use serde_json::{Value, json};

/// The latest message about side talks that is queued for a device by now.
async fn talks(device: &mut Participant) -> Value {
    let queued = device.queued().await.into_iter();
    let texts = queued.filter_map(|it| match it {
        Outgoing::Text(text) => Some(parse(&text)),
        _ => None,
    });
    let told = texts.filter(|it| event_type(it) == "talks").last();
    told.unwrap_or(Value::Null)
}

async fn call(caller: &Participant, to: &str) -> Value {
    caller.execute("talk.call", json!({ "to": to })).await
}

fn t1() -> Value {
    json!({ "talk": "t1" })
}

/// Tokyo and Seoul, who talk aside.
async fn talking() -> (TestRoom, Participant, Participant) {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    call(&tokyo, "seoul-1").await;
    seoul.execute("talk.answer", t1()).await;
    (room, tokyo, seoul)
}

/// Sends a signal that belongs to the side talk `t1`.
async fn signal(from: &Participant, to: &str) -> Result<(), Code> {
    let signal = RelayedSignal {
        from: from.person.clone(),
        to: person(to),
        talk: Some(("t1".parse().expect("an id"), from.session.clone())),
        text: Bytes::from_static(b"{}"),
    };
    let relayed = from.room.relay_signal(signal).await;
    relayed.map_err(|problem| problem.code)
}

#[tokio::test(start_paused = true)]
async fn a_call_rings_at_every_device_of_the_other_and_is_held_on_the_one_that_answers() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    let mut laptop = room.join("seoul-1").await;
    let mut phone = room.join("seoul-1").await;
    let ringing = call(&tokyo, "seoul-1").await;
    assert_eq!(
        (&ringing["id"], &ringing["state"], &ringing["here"]),
        (&json!("t1"), &json!("ringing"), &json!(true))
    );
    for device in [&mut laptop, &mut phone] {
        let told = talks(device).await;
        assert_eq!(told["talks"][0]["caller"], "tokyo-1", "{told}");
        assert_eq!(told["talks"][0]["here"], Value::Null, "{told}");
    }
    let answered = phone.execute("talk.answer", t1()).await;
    assert_eq!(answered["state"], "talking");
    assert_eq!(talks(&mut tokyo).await["talks"][0]["state"], "talking");
    assert_eq!(talks(&mut phone).await["talks"][0]["here"], true);
    assert_eq!(talks(&mut laptop).await["talks"][0]["here"], Value::Null);
    let late = laptop.expect_refusal("talk.answer", t1()).await;
    assert_eq!(late.code, Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_side_talk_is_recorded_and_nobody_else_is_told() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let mut brussels = room.join("brussels-1").await;
    brussels.queued().await;
    let before = room.log.records().len();
    let key = async |device: &Participant, name: &str, kind: &str, fields: Value| {
        let done = device.execute_with_key(name, kind, fields).await;
        done.expect("a result")
    };
    key(&tokyo, "a", "talk.call", json!({ "to": "seoul-1" })).await;
    key(&seoul, "b", "talk.answer", t1()).await;
    key(&tokyo, "c", "talk.hang_up", t1()).await;
    assert_eq!(room.log.records().len(), before);
    assert_eq!(brussels.queued().await, []);
    // The key is not kept either: the same command calls anew.
    let again = key(&tokyo, "a", "talk.call", json!({ "to": "seoul-1" })).await;
    assert_eq!(again["id"], "t2");
}

#[tokio::test(start_paused = true)]
async fn a_second_press_changes_nothing() {
    let (_room, tokyo, seoul) = talking().await;
    assert_eq!(call(&tokyo, "seoul-1").await["state"], "talking");
    assert_eq!(seoul.execute("talk.answer", t1()).await["id"], "t1");
    let first = seoul.execute("talk.hang_up", t1()).await;
    assert_eq!(
        (&first["why"], &first["by"]),
        (&json!("hung_up"), &json!("seoul-1"))
    );
    assert_eq!(tokyo.execute("talk.hang_up", t1()).await, first);
}

#[tokio::test(start_paused = true)]
async fn two_who_call_each_other_at_once_are_connected() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let mut seoul = room.join("seoul-1").await;
    assert_eq!(call(&tokyo, "seoul-1").await["state"], "ringing");
    let both = call(&seoul, "tokyo-1").await;
    assert_eq!(
        (&both["id"], &both["state"]),
        (&json!("t1"), &json!("talking"))
    );
    assert_eq!(talks(&mut seoul).await["talks"][0]["here"], true);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_in_a_side_talk_or_rings_is_busy() {
    let (room, tokyo, seoul) = talking().await;
    let brussels = room.join("brussels-1").await;
    let chair = room.join("chair").await;
    let busy = brussels
        .expect_refusal("talk.call", json!({ "to": "seoul-1" }))
        .await;
    assert_eq!(busy.code, Code::Conflict);
    assert!(
        busy.detail.contains("seoul-1 is in another side talk"),
        "{busy}"
    );
    let second = tokyo
        .expect_refusal("talk.call", json!({ "to": "brussels-1" }))
        .await;
    assert!(second.detail.contains("hang up first"), "{second}");
    call(&chair, "brussels-1").await;
    seoul.execute("talk.hang_up", t1()).await;
    let rings = seoul
        .expect_refusal("talk.call", json!({ "to": "brussels-1" }))
        .await;
    assert_eq!(rings.code, Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_ends_and_is_not_repeated_at_once() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    call(&tokyo, "seoul-1").await;
    let by_caller = tokyo.expect_refusal("talk.refuse", t1()).await;
    assert_eq!(by_caller.code, Code::Conflict);
    seoul.execute("talk.refuse", t1()).await;
    let told = talks(&mut tokyo).await;
    assert_eq!(told["ended"]["why"], "refused", "{told}");
    assert_eq!(told["talks"], json!([]));
    let again = tokyo
        .expect_refusal("talk.call", json!({ "to": "seoul-1" }))
        .await;
    assert_eq!(again.code, Code::RateLimited);
    assert_eq!(call(&seoul, "tokyo-1").await["state"], "ringing");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_answers_ends_after_half_a_minute() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    let mut seoul = room.join("seoul-1").await;
    call(&tokyo, "seoul-1").await;
    tokyo.queued().await;
    let began = tokio::time::Instant::now();
    let told = loop {
        if let Ok(Outgoing::Text(text)) = tokyo.outbox.next().await {
            break parse(&text);
        }
    };
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(told["ended"]["why"], "unanswered", "{told}");
    assert_eq!(talks(&mut seoul).await["ended"]["why"], "unanswered");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_gone_ends_its_side_talk_and_its_call() {
    let (room, tokyo, mut seoul) = talking().await;
    tokyo.disconnect().await;
    let told = talks(&mut seoul).await;
    assert_eq!(
        (&told["ended"]["why"], &told["ended"]["by"]),
        (&json!("left"), &json!("tokyo-1"))
    );
    let mut brussels = room.join("brussels-1").await;
    call(&brussels, "seoul-1").await;
    seoul.disconnect().await;
    assert_eq!(talks(&mut brussels).await["ended"]["by"], "seoul-1");
    // The caller leaves while it rings.
    let mut seoul = room.join("seoul-1").await;
    call(&brussels, "seoul-1").await;
    brussels.disconnect().await;
    assert_eq!(talks(&mut seoul).await["ended"]["by"], "brussels-1");
}

#[tokio::test(start_paused = true)]
async fn the_one_who_is_called_to_the_floor_leaves_the_side_talk() {
    let (room, mut tokyo, mut seoul) = talking().await;
    let chair = room.join("chair").await;
    tokyo.request_floor().await;
    chair
        .execute("floor.grant", json!({ "request": "r1" }))
        .await;
    for device in [&mut tokyo, &mut seoul] {
        let told = talks(device).await;
        assert_eq!(
            (&told["ended"]["why"], &told["ended"]["by"]),
            (&json!("floor"), &json!("tokyo-1")),
            "{told}"
        );
    }
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
    for (device, to) in [(&tokyo, "seoul-1"), (&seoul, "tokyo-1")] {
        let refused = device
            .expect_refusal("talk.call", json!({ "to": to }))
            .await;
        assert_eq!(refused.code, Code::Conflict);
        assert!(refused.detail.contains("the floor"), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_chair_is_not_heard_by_the_room_during_a_side_talk() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    assert_eq!(room.reach("chair", Microphone), Some(Reach::Stage));
    call(&tokyo, "chair").await;
    assert_eq!(room.reach("chair", Microphone), Some(Reach::Stage));
    chair.execute("talk.answer", t1()).await;
    assert_eq!(room.reach("chair", Microphone), None);
    chair.execute("talk.hang_up", t1()).await;
    assert_eq!(room.reach("chair", Microphone), Some(Reach::Stage));
    call(&tokyo, "chair").await;
    chair.execute("chair.priority_on", json!({})).await;
    let busy = tokyo
        .expect_refusal("talk.call", json!({ "to": "chair" }))
        .await;
    assert_eq!(busy.code, Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn staff_see_who_talks_aside_and_close_it_and_both_are_told_who_did() {
    let (room, mut tokyo, mut seoul) = talking().await;
    let mut operator = room.join("operator").await;
    let mut deputy = room.join("deputy").await;
    let _chair = room.join("chair").await;
    for staff in [&mut operator, &mut deputy] {
        let told = talks(staff).await;
        assert_eq!(told["talks"][0]["callee"], "seoul-1", "{told}");
    }
    let ended = operator.execute("talk.close", t1()).await;
    assert_eq!(operator.execute("talk.close", t1()).await, ended);
    for device in [&mut tokyo, &mut seoul] {
        let told = talks(device).await;
        assert_eq!(
            (&told["ended"]["why"], &told["ended"]["by"]),
            (&json!("closed"), &json!("operator"))
        );
    }
    assert_eq!(
        talks(&mut deputy).await,
        json!({"type": "talks", "talks": []})
    );
    // A call that rings is nobody else's business.
    call(&tokyo, "seoul-1").await;
    assert_eq!(talks(&mut deputy).await["talks"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn only_those_who_can_be_given_the_floor_talk_aside() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    for other in ["aiko", "viewer", "clerk", "operator"] {
        let device = room.join(other).await;
        let calls = device
            .expect_refusal("talk.call", json!({ "to": "tokyo-1" }))
            .await;
        let called = tokyo
            .expect_refusal("talk.call", json!({ "to": other }))
            .await;
        assert_eq!(
            (calls.code, called.code),
            (Code::Forbidden, Code::Forbidden)
        );
    }
    for (to, code) in [
        ("tokyo-1", Code::Invalid),
        ("seoul-1", Code::NotFound),
        ("nobody", Code::NotFound),
    ] {
        let refused = tokyo.expect_refusal("talk.call", json!({ "to": to })).await;
        assert_eq!(refused.code, code, "{to}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_side_talk_of_others_is_not_found() {
    let (room, _tokyo, _seoul) = talking().await;
    let brussels = room.join("brussels-1").await;
    for kind in ["talk.answer", "talk.refuse", "talk.hang_up"] {
        let refused = brussels.expect_refusal(kind, t1()).await;
        assert_eq!(refused.code, Code::NotFound, "{kind}");
    }
    let closes = brussels.expect_refusal("talk.close", t1()).await;
    assert_eq!(closes.code, Code::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn its_signals_pass_only_between_the_two_devices_once_it_is_answered() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let mut laptop = room.join("seoul-1").await;
    let mut phone = room.join("seoul-1").await;
    call(&tokyo, "seoul-1").await;
    assert_eq!(signal(&tokyo, "seoul-1").await, Err(Code::Forbidden));
    phone.execute("talk.answer", t1()).await;
    for device in [&mut laptop, &mut phone] {
        device.queued().await;
    }
    assert_eq!(signal(&tokyo, "seoul-1").await, Ok(()));
    assert_eq!(phone.queued().await.len(), 1);
    assert_eq!(laptop.queued().await, []);
    assert_eq!(signal(&phone, "tokyo-1").await, Ok(()));
    let brussels = room.join("brussels-1").await;
    for (from, to) in [
        (&laptop, "tokyo-1"),
        (&brussels, "tokyo-1"),
        (&tokyo, "brussels-1"),
    ] {
        assert!(signal(from, to).await.is_err(), "{} to {to}", from.person);
    }
    tokyo.execute("talk.hang_up", t1()).await;
    assert_eq!(signal(&phone, "tokyo-1").await, Err(Code::NotFound));
}

#[tokio::test(start_paused = true)]
async fn a_room_whose_file_switches_them_off_has_none() {
    let room = TestRoom::with_quorum("side_talks = false", "");
    let tokyo = room.join("tokyo-1").await;
    let _seoul = room.join("seoul-1").await;
    assert!(!room.snapshot().await.side_talks);
    let refused = tokyo
        .expect_refusal("talk.call", json!({ "to": "seoul-1" }))
        .await;
    assert_eq!(refused.code, Code::Forbidden);
    let relayed = room
        .handle
        .relay(person("tokyo-1"), person("seoul-1"), Bytes::new());
    assert_eq!(relayed.await.map_err(|it| it.code), Err(Code::Forbidden));
}

#[tokio::test(start_paused = true)]
async fn a_stale_view_of_the_floor_closes_nothing() {
    let (room, _tokyo, _seoul) = talking().await;
    let chair = room.join("chair").await;
    let stale = Preconditions {
        idempotency_key: None,
        if_match: Some(0),
    };
    let refused = chair.execute_with(stale, "talk.close", t1()).await;
    assert_eq!(refused.map_err(|it| it.status), Err(412));
    chair.execute("talk.close", t1()).await;
}
