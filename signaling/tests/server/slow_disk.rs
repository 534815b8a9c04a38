//! A disk that takes its time: whoever asked for something waits, and everything else goes on.
//!
//! Another connection to the database holds the lock that a commit needs, which the journal waits for as it does for the
//! disk. A disk that is slow below the database is in `tests/e2e/disk.test.mjs`.

use std::time::{Duration, Instant};

use plenary_server::state::{Heartbeat, Limits};
use rusqlite::{Connection, TransactionBehavior};
use serde_json::{Value, json};

use crate::hall::{Hall, Line};

/// Holds every commit up until it is dropped.
struct Held(Connection);

impl Held {
    fn of(hall: &Hall) -> Self {
        let mut db = Connection::open(hall.folder().join("journal.db")).unwrap();
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        let step = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        std::mem::forget(step);
        Self(db)
    }

    fn let_go(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

/// Says something, and does not wait for the reply.
async fn post(line: &mut Line, name: &str) {
    let message = json!({ "type": "chat.post", "command_id": name, "text": name, "to": "room" });
    line.say(message).await;
}

#[tokio::test]
async fn a_connection_goes_on_while_its_commands_wait_and_has_each_reply_once_in_order() {
    let hall = Hall::open().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (mut seoul, _) = hall.seat("seoul-1", "climate").await;
    tokyo.everything().await;
    let disk = Held::of(&hall);
    let names = ["a", "b", "c", "d"];
    for name in names {
        post(&mut tokyo, name).await;
    }
    assert!(tokyo.is_alive().await, "the line is not held up");
    let told = seoul.everything().await;
    assert!(
        !told.iter().any(|it| it["type"] == "chat.posted"),
        "{told:?}"
    );

    disk.let_go();
    let mut said: Vec<Value> = Vec::new();
    while said.len() < 2 * names.len() {
        let message = tokyo.next().await.unwrap();
        if message["type"] == "reply" || message["type"] == "chat.posted" {
            said.push(message);
        }
    }
    let of = |kind: &'static str, field: &'static str| {
        let of_kind = said.iter().filter(move |it| it["type"] == kind);
        of_kind.map(move |it| it[field].as_str().unwrap())
    };
    assert!(of("chat.posted", "text").eq(names));
    assert!(of("reply", "command_id").eq(names));
    // Whoever has a reply has seen what it answers for.
    for name in names {
        let place = |kind, field: &str| {
            let found = |it: &Value| it["type"] == kind && it[field] == name;
            said.iter().position(found)
        };
        assert!(place("chat.posted", "text") < place("reply", "command_id"));
    }
    tokyo
        .everything()
        .await
        .iter()
        .for_each(|it| assert_ne!(it["type"], "reply"));
}

#[tokio::test]
async fn who_waits_for_the_disk_for_longer_than_a_silence_is_not_taken_for_dead() {
    let silence = Duration::from_millis(400);
    let limits = Limits {
        reader: Heartbeat {
            ping_interval: Duration::from_millis(50),
            silence_timeout: silence,
        },
        ..Limits::default()
    };
    let hall = Hall::with(limits).await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let disk = Held::of(&hall);
    post(&mut tokyo, "a").await;
    let began = Instant::now();
    while began.elapsed() < silence * 2 {
        tokyo.pinged().await;
    }
    disk.let_go();
    let reply = tokyo.until("reply", |_| true).await;
    assert!(reply["result"].is_object(), "{reply}");
}

#[tokio::test]
async fn an_operator_is_told_while_the_rooms_wait() {
    let hall = Hall::open().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let operator = hall.token("operator-1").await;
    let health = async || {
        let asked = hall.call("GET", "/health", Some(&operator), None);
        asked.await.ok()
    };
    let well = health().await;
    assert_eq!(well["server"]["disk"]["state"], "ok");
    assert_eq!(well["server"]["disk"]["trouble"], Value::Null);
    assert!(well["server"]["disk"]["free_bytes"].as_u64() > Some(0));
    assert!(well["server"]["processors"].as_u64() > Some(0));

    let disk = Held::of(&hall);
    post(&mut tokyo, "a").await;
    assert!(tokyo.is_alive().await);
    let waits = health().await;
    assert_eq!(waits["server"]["disk"]["waiting"], 1, "{waits}");
    assert!(waits["server"]["disk"]["committing_ms"].as_u64() > Some(0));
    let [climate, covid] = [0, 1].map(|room| &waits["rooms"][room]);
    assert_eq!(climate["stale"], true);
    assert_eq!(climate["participants"], well["rooms"][0]["participants"]);
    assert_eq!(covid["stale"], Value::Null, "its room waits for nothing");

    disk.let_go();
    tokyo.until("reply", |_| true).await;
    assert_eq!(health().await["rooms"][0]["stale"], Value::Null);
}

#[tokio::test]
async fn a_signal_to_somebody_waits_with_its_room_and_arrives() {
    let hall = Hall::open().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (mut seoul, _) = hall.seat("seoul-1", "climate").await;
    let disk = Held::of(&hall);
    post(&mut tokyo, "a").await;
    for (to, candidate) in [
        ("seoul-1", "first"),
        ("nobody", "second"),
        ("seoul-1", "third"),
    ] {
        let signal = json!({ "type": "signal", "to": to, "candidate": candidate });
        tokyo.say(signal).await;
    }
    assert!(tokyo.is_alive().await);
    disk.let_go();
    for candidate in ["first", "third"] {
        let signal = seoul.until("signal", |_| true).await;
        assert_eq!(signal["candidate"], candidate);
    }
    let problem = tokyo.until("problem", |_| true).await;
    assert_eq!(problem["problem"]["code"], "not_found");
}
