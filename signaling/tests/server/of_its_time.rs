//! The record says what was so when it happened, whatever the conference file says today.

use plenary_testkit::{
    conference::ConferenceFile,
    process::{CONFERENCE, text},
};
use serde_json::{Value, json};

use crate::{process::program, running};

/// The same conference a year later: Seoul is called otherwise and observes, Tokyo and the room `covid` are gone.
fn later() -> ConferenceFile {
    ConferenceFile::new(&["en"])
        .city("seoul", "status = \"observer\"", "")
        .staff(&[("operator-1", "operator"), ("clerk-1", "clerk")])
        .person("guide", "Guide", "moderator", "rooms = [\"climate\"]")
        .room("climate", "Climate, revisited", "")
        .room("health", "Health", "")
}

#[tokio::test]
async fn names_cities_classes_and_rooms_are_those_of_the_time_and_a_room_that_is_gone_can_be_read()
{
    let program = program();
    let mut process = program.serve();
    for room in ["climate", "covid"] {
        let api = running::api(&process);
        let mut seats = Vec::new();
        for name in ["moderator-1", "tokyo-1"] {
            let token = running::token(&api, program.invitation(name)).await;
            seats.push(api.connect().await.hello(&token, room, json!({})).await.0);
        }
        let [chair, tokyo] = &mut seats[..] else {
            panic!("two seats")
        };
        let asked = tokyo.command("floor.request", json!({})).await;
        let request = json!({ "request": asked["result"]["id"] });
        chair.command("floor.grant", request.clone()).await;
        tokyo.command("floor.release", request).await;
    }
    process.terminate();
    assert_eq!(process.exit_code(), Some(0));

    let seoul = later().toml().replace("Seoul", "Seoul Special City");
    program.write(CONFERENCE, &seoul);
    process.restart(&program);
    let api = running::api(&process);
    let operator = running::token(&api, program.invitation("operator-1")).await;
    for (room, title) in [("climate", "Climate"), ("covid", "COVID-19")] {
        let record = api
            .get(&format!("/rooms/{room}/proceedings"), &operator)
            .await;
        assert_eq!(record["room"]["title"], title);
        let speech = &record["speeches"][0];
        assert_eq!(
            (&speech["city"], &speech["name"]),
            (&json!("Tokyo"), &json!("Tokyo delegate"))
        );
        let figures = record["delegations"].as_array().unwrap();
        let of = |id: &str| figures.iter().find(|it| it["delegation"] == id).unwrap();
        assert_eq!(of("tokyo")["speeches"], 1);
        assert_eq!(
            (&of("seoul")["name"], &of("seoul")["status"]),
            (&json!("Seoul"), &json!("member"))
        );
        let offline = program.run(&["proceedings", room, "--data", "data", "--format", "json"]);
        let offline: Value = serde_json::from_slice(&offline.stdout).unwrap();
        assert_eq!(offline["speeches"], record["speeches"], "{room}");
    }

    // Nobody knows any more who had a place in it: who may not enter every room does not read it.
    let covid = "/rooms/covid/proceedings";
    let mut invited = program.run(&["invite", CONFERENCE, "guide", "--format", "json"]);
    let guides: Vec<Value> = serde_json::from_slice(&std::mem::take(&mut invited.stdout)).unwrap();
    let guide = running::token(&api, guides[0]["invitation"].as_str().unwrap()).await;
    let refused = api.call("GET", covid, Some(&guide), None).await;
    assert_eq!(refused.code(), "not_found");
    let unknown = api
        .call("GET", "/rooms/atlantis/proceedings", Some(&operator), None)
        .await;
    assert_eq!(unknown.code(), "not_found");
    let unknown = program.run(&["proceedings", "atlantis", "--data", "data"]);
    let said = text(&unknown.stderr);
    assert!(said.contains("climate, health, covid"), "{said}");
}
