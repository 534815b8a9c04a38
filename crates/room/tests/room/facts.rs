//! What a room's log records of the conference file.

use plenary_ids::Seq;
use plenary_testkit::room::{TestRoom, event_type, parse};
use serde_json::{Value, json};

fn recorded(room: &TestRoom) -> Vec<Value> {
    let records = room.log.records();
    let events = records.iter().map(|record| parse(&record.body));
    events
        .filter(|event| event_type(event) == "conference.recorded")
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_facts_of_the_file_are_recorded_before_the_first_thing_that_happens() {
    let room = TestRoom::open();
    assert_eq!(room.snapshot().await.seq, Seq(0), "nothing has happened");
    room.join("tokyo-1").await;
    let facts = recorded(&room);
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["seq"], 1);
    let facts = &facts[0]["facts"];
    assert_eq!(
        (&facts["title"], &facts["time_zone"]),
        (&json!("Climate"), &json!("Asia/Taipei"))
    );
    let brussels = json!({"id": "brussels", "name": "Brussels", "status": "observer"});
    assert!(
        facts["delegations"].as_array().unwrap().contains(&brussels),
        "{facts}"
    );
    let people = facts["people"].as_array().unwrap();
    assert!(people.iter().any(|it| it["name"] == "Tokyo delegate"));
    assert!(
        !people.iter().any(|it| it["id"] == "elsewhere"),
        "she has no place here"
    );
    assert_eq!(facts["items"][1]["id"], "declaration");
}

#[tokio::test(start_paused = true)]
async fn they_are_recorded_again_when_the_file_has_changed_and_somebody_comes_and_not_before() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    room.join("seoul-1").await;
    let room = room.restart_after(plenary_ids::Millis::from_secs(60));
    room.join("tokyo-1").await;
    assert_eq!(recorded(&room).len(), 1, "the file is the same");
    let room = room.restart_with(|config| {
        let facts = std::sync::Arc::make_mut(&mut config.facts);
        facts.title = "Climate, revisited".to_owned();
    });
    let _ = room.snapshot().await;
    assert_eq!(recorded(&room).len(), 1, "nobody is there");
    room.join("tokyo-1").await;
    let facts = recorded(&room);
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[1]["facts"]["title"], "Climate, revisited");
}

#[tokio::test(start_paused = true)]
async fn a_refused_command_records_nothing_and_an_accepted_one_of_somebody_not_seated_does() {
    let room = TestRoom::open();
    let by = |name: &str| plenary_room::Caller::new(plenary_testkit::person(name));
    let say = |name: &str, kind: &str, fields: Value| {
        let command = plenary_testkit::room::command(kind, fields);
        room.handle
            .command(by(name), command, plenary_room::Preconditions::default())
    };
    assert!(say("tokyo-1", "floor.next", json!({})).await.is_err());
    assert!(recorded(&room).is_empty());
    say("chair", "list.close", json!({})).await.unwrap();
    assert_eq!(recorded(&room).len(), 1);
}
