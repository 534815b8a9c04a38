//! A slow disk: the callers of commands wait for it, and everything else goes on.
//!
//! Another connection to the database holds the lock that a commit needs, which the journal waits for as it does for the
//! disk. A disk that is slow below the database is in `tests/e2e/disk.test.mjs`.

use std::time::{Duration, Instant};

use crate::test_server::TestServer;

use plenary_server::state::{Heartbeat, Limits};
use plenary_testkit::api::Connection;
use rusqlite::TransactionBehavior;
use serde_json::{Value, json};

/// A lock on the database, which holds up every commit until it is released.
struct DatabaseLock(rusqlite::Connection);

impl DatabaseLock {
    fn take(server: &TestServer) -> Self {
        let mut db = rusqlite::Connection::open(server.data_folder().join("journal.db")).unwrap();
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        let step = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        std::mem::forget(step);
        Self(db)
    }

    fn release(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

/// Sends a chat message without waiting for the reply.
async fn post(connection: &mut Connection, name: &str) {
    let message = json!({ "type": "chat.post", "command_id": name, "text": name, "to": "room" });
    connection.send(message).await;
}

#[tokio::test]
async fn a_connection_goes_on_while_its_commands_wait_and_has_each_reply_once_in_order() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    tokyo.drain().await;
    let lock = DatabaseLock::take(&server);
    let names = ["a", "b", "c", "d"];
    for name in names {
        post(&mut tokyo, name).await;
    }
    assert!(tokyo.is_responsive().await, "the connection is not held up");
    let told = seoul.drain().await;
    assert!(
        !told.iter().any(|it| it["type"] == "chat.posted"),
        "{told:?}"
    );

    lock.release();
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
    // The event comes before the reply to its command.
    for name in names {
        let place = |kind, field: &str| {
            let found = |it: &Value| it["type"] == kind && it[field] == name;
            said.iter().position(found)
        };
        assert!(place("chat.posted", "text") < place("reply", "command_id"));
    }
    tokyo
        .drain()
        .await
        .iter()
        .for_each(|it| assert_ne!(it["type"], "reply"));
}

#[tokio::test]
async fn a_client_that_waits_long_for_the_disk_is_not_disconnected() {
    let silence = Duration::from_millis(400);
    let limits = Limits {
        reader: Heartbeat {
            ping_interval: Duration::from_millis(50),
            silence_timeout: silence,
        },
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let lock = DatabaseLock::take(&server);
    post(&mut tokyo, "a").await;
    let began = Instant::now();
    while began.elapsed() < silence * 2 {
        tokyo.wait_for_ping().await;
    }
    lock.release();
    let reply = tokyo.wait_for("reply", |_| true).await;
    assert!(reply["result"].is_object(), "{reply}");
}

#[tokio::test]
async fn an_operator_is_told_while_the_rooms_wait() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let operator = server.token("operator-1").await;
    let health = async || {
        let asked = server.call("GET", "/health", Some(&operator), None);
        asked.await.ok()
    };
    let well = health().await;
    assert_eq!(well["server"]["disk"]["state"], "ok");
    assert_eq!(well["server"]["disk"]["trouble"], Value::Null);
    assert!(well["server"]["disk"]["free_bytes"].as_u64() > Some(0));
    assert!(well["server"]["processors"].as_u64() > Some(0));

    let lock = DatabaseLock::take(&server);
    post(&mut tokyo, "a").await;
    assert!(tokyo.is_responsive().await);
    let waits = health().await;
    assert_eq!(waits["server"]["disk"]["waiting"], 1, "{waits}");
    assert!(waits["server"]["disk"]["committing_ms"].as_u64() > Some(0));
    let [climate, covid] = [0, 1].map(|room| &waits["rooms"][room]);
    assert_eq!(climate["stale"], true);
    assert_eq!(climate["participants"], well["rooms"][0]["participants"]);
    assert_eq!(covid["stale"], Value::Null, "its room waits for nothing");

    lock.release();
    tokyo.wait_for("reply", |_| true).await;
    assert_eq!(health().await["rooms"][0]["stale"], Value::Null);
}

#[tokio::test]
async fn a_signal_to_somebody_waits_with_its_room_and_arrives() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let lock = DatabaseLock::take(&server);
    post(&mut tokyo, "a").await;
    for (to, candidate) in [
        ("seoul-1", "first"),
        ("nobody", "second"),
        ("seoul-1", "third"),
    ] {
        let signal = json!({ "type": "signal", "to": to, "candidate": candidate });
        tokyo.send(signal).await;
    }
    assert!(tokyo.is_responsive().await);
    lock.release();
    for candidate in ["first", "third"] {
        let signal = seoul.wait_for("signal", |_| true).await;
        assert_eq!(signal["candidate"], candidate);
    }
    let problem = tokyo.wait_for("problem", |_| true).await;
    assert_eq!(problem["problem"]["code"], "not_found");
}
