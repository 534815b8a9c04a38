//! The process is stopped and goes on (SIGSTOP, SIGCONT), as when its machine is suspended.

use std::{process::Command, time::Duration};

use plenary_testkit::process::Process;
use serde_json::{Value, json};

use crate::{process::program, running};

/// The stop has to be longer than what a busy machine may delay.
const STOP: Duration = Duration::from_secs(5);

fn signal(process: &Process, name: &str) {
    let mut kill = Command::new("kill");
    let sent = kill.args([name, &process.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[tokio::test]
async fn a_stop_of_the_process_is_downtime_and_not_speech() {
    let program = program();
    let process = program.serve();
    let api = running::api(&process);
    let join = async |name: &str| {
        let token = running::token(&api, program.invitation(name)).await;
        api.connect()
            .await
            .hello(&token, "climate", json!({}))
            .await
            .0
    };
    let mut chair = join("moderator-1").await;
    let mut tokyo = join("tokyo-1").await;
    chair
        .command("floor.set", json!({ "limit_ms": 3_600_000 }))
        .await;
    let asked = tokyo.command("floor.request", json!({})).await;
    let granted = json!({ "request": asked["result"]["id"] });
    chair.command("floor.grant", granted).await;
    // The clock starts by itself ten seconds after the grant.
    let running = |it: &Value| it["speech"]["running"] == true;
    chair.wait_for("floor.timer", running).await;

    signal(&process, "-STOP");
    tokio::time::sleep(STOP).await;
    signal(&process, "-CONT");
    let moved = chair.wait_for("room.clock_moved", |_| true).await;
    assert_eq!(moved["cause"], "stood_still");
    let moment = |field: &str| {
        let text = moved[field].as_str().unwrap();
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    };
    let stood = moment("at") - moment("was");
    let stopped = i64::try_from(STOP.as_millis()).unwrap();
    assert!(stood >= stopped - 500, "{moved}");

    // The clock stands where it stood at the stop: all of the stop is missing from it.
    let timer = chair.wait_for("floor.timer", running).await;
    let speech = &timer["speech"];
    assert_eq!(speech["as_of"], moved["at"]);
    let began: jiff::Timestamp = speech["began"].as_str().unwrap().parse().unwrap();
    let since = moment("at") - began.as_millisecond();
    let consumed = speech["consumed_ms"].as_i64().unwrap();
    assert_eq!(since - consumed, stood, "{timer}");

    let operator = running::token(&api, program.invitation("operator-1")).await;
    let health = api.get("/health", &operator).await;
    let standstill = health["server"]["clock"]["standstill_ms"].as_i64();
    assert!(standstill.unwrap() >= stopped - 500, "{health}");
}
