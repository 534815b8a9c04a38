//! The situation in a room in which the example of a command succeeds, and its caller.

use std::collections::BTreeMap;

use crate::test_server::TestServer;

use plenary_testkit::api::Connection;
use serde_json::{Value, json};

/// The situation before a command.
pub struct Scene {
    /// The caller of the command.
    pub caller: &'static str,
    /// The participants of the room.
    pub seated: Vec<&'static str>,
    /// The earlier commands: the person, the command and its fields.
    pub before: Vec<(&'static str, &'static str, Value)>,
    /// The holder whose connection is lost after them.
    pub lost: Option<&'static str>,
}

impl Scene {
    /// Prepares the situation; returns the participants' connections.
    pub async fn play(
        &self,
        server: &TestServer,
        name: &str,
    ) -> BTreeMap<&'static str, Connection> {
        let mut lines = BTreeMap::new();
        for person in &self.seated {
            lines.insert(*person, server.join(person, "climate").await.0);
        }
        for (person, kind, fields) in &self.before {
            let connection = lines.get_mut(person).unwrap();
            let reply = connection.command(kind, fields.clone()).await;
            assert!(
                reply["result"].is_object(),
                "before {name}: {kind}: {reply}"
            );
        }
        if let Some(person) = self.lost {
            lines.remove(person);
            let chair = lines.get_mut(CHAIR).unwrap();
            chair.wait_for("floor.suspended", |_| true).await;
        }
        lines
    }
}

const CHAIR: &str = "moderator-1";
const TOKYO: &str = "tokyo-1";
const SEOUL: &str = "seoul-1";
const KENJI: &str = "interpreter-1";

/// The callers of the commands that the chair does not give.
const CALLERS: &[(&str, &str)] = &[
    ("floor.request", TOKYO),
    ("floor.cancel", TOKYO),
    ("floor.release", TOKYO),
    ("floor.yield", TOKYO),
    ("decision.object", TOKYO),
    ("decision.vote", TOKYO),
    ("renew_token", TOKYO),
    ("me", TOKYO),
    ("channel.take", KENJI),
    ("channel.release", KENJI),
    ("channel.hand_over", KENJI),
    ("channel.relay", KENJI),
    ("channel.keep", KENJI),
    ("speech.slower", KENJI),
    ("talk.call", TOKYO),
    ("talk.answer", SEOUL),
    ("talk.refuse", SEOUL),
    ("talk.hang_up", TOKYO),
    ("revoke_invitation", "operator-1"),
    ("remove_recording", "operator-1"),
    ("help.close", "operator-1"),
    ("notice.post", "operator-1"),
    ("post_notice", "operator-1"),
    ("health", "operator-1"),
    ("room_health", "operator-1"),
];

/// The situation for a command or another operation.
pub fn scene(name: &str) -> Scene {
    let caller = CALLERS.iter().find(|(kind, _)| *kind == name);
    let asked = (
        TOKYO,
        "floor.request",
        json!({ "info": "On rivers in cities" }),
    );
    let of_seoul = (SEOUL, "floor.request", json!({}));
    let r1 = || json!({ "request": "r1" });
    let chair = |kind, fields| (CHAIR, kind, fields);
    let accepted = chair("floor.accept", r1());
    let granted = chair("floor.grant", r1());
    let closed = chair("list.close", json!({}));
    let question = |kind: &str| {
        chair(
            "decision.open",
            json!({ "kind": kind, "question": "Shall the declaration be adopted?" }),
        )
    };
    let played = chair(
        "recording.play",
        json!({ "media": "mayor-address", "beneficiary": SEOUL }),
    );
    let calls = (TOKYO, "talk.call", json!({ "to": SEOUL }));
    let before = match name {
        "floor.accept" | "floor.grant" | "floor.deny" | "floor.cancel" => vec![asked],
        "floor.pass" | "floor.next" => vec![asked, accepted],
        "floor.undo" => vec![asked, accepted, chair("floor.next", json!({}))],
        "floor.recall" => vec![asked, accepted, chair("floor.pass", r1())],
        "floor.move" | "floor.order" => {
            let second = chair("floor.accept", json!({ "request": "r2" }));
            vec![asked, of_seoul, accepted, second]
        }
        "floor.suspend" | "floor.wait" | "floor.release" | "floor.revoke" | "floor.extend"
        | "floor" | "room" | "proceedings" => {
            vec![asked, granted]
        }
        "floor.resume" => vec![asked, granted, chair("floor.suspend", r1())],
        "floor.yield" => {
            let rule = chair("floor.set", json!({ "yielding": true }));
            vec![rule, asked, granted]
        }
        "list.reopen" | "list.admit" | "list.conclude" => vec![closed],
        "list.resume" => vec![chair("list.adjourn", json!({}))],
        "chair.priority_off" => vec![chair("chair.priority_on", json!({}))],
        "agenda.end" => vec![chair("agenda.start", json!({ "item": "climate-1" }))],
        "decision.object" => vec![question("no_objection")],
        "decision.vote" | "decision.close" | "decision.withdraw" => vec![question("roll_call")],
        "channel.release" | "channel.hand_over" | "channel.relay" | "channel.clear"
        | "room_health" => {
            let taken = json!({ "language": "zh-Hant-TW" });
            vec![(KENJI, "channel.take", taken)]
        }
        "channel.keep" => {
            let taken = json!({ "language": "zh-Hant-TW" });
            let offer = json!({ "language": "zh-Hant-TW", "to": "interpreter-2", "in_ms": 60_000 });
            vec![
                (KENJI, "channel.take", taken),
                (KENJI, "channel.hand_over", offer),
            ]
        }
        "speech.slower" => vec![asked, granted],
        "record.stop" => vec![chair("record.start", json!({}))],
        "recording.pause" | "recording.seek" | "recording.stop" | "subtitles" => vec![played],
        "help.close" => {
            let call = json!({ "text": "I hear nothing.", "to": "operators", "help": true });
            vec![(TOKYO, "chat.post", call)]
        }
        "talk.answer" | "talk.refuse" | "talk.hang_up" => vec![calls],
        "talk.close" => vec![calls, (SEOUL, "talk.answer", json!({ "talk": "t1" }))],
        "participant.admit" => vec![chair("participant.remove", json!({ "person": TOKYO }))],
        _ => Vec::new(),
    };
    let seated = match name {
        "chair.take" => vec![TOKYO],
        "chair.hand_over" => vec![CHAIR, "moderator-2"],
        "room_health" => vec![CHAIR, KENJI],
        "speech.slower" => vec![CHAIR, TOKYO, KENJI],
        name if name.starts_with("channel.") => vec![CHAIR, KENJI, "interpreter-2"],
        _ => vec![CHAIR, TOKYO, SEOUL],
    };
    Scene {
        caller: caller.map_or(CHAIR, |(_, caller)| caller),
        seated,
        before,
        lost: (name == "floor.wait").then_some(TOKYO),
    }
}
