//! The table of who may do what, cell by cell, over both transports.

use plenary_conference::Role;
use plenary_protocol::Command;
use plenary_room::{Action, authority::standing};
use serde_json::{Map, Value, json};

use crate::hall::Hall;

/// Somebody of every role.
const PEOPLE: [(&str, Role); 6] = [
    ("tokyo-1", Role::Delegate),
    ("moderator-1", Role::Moderator),
    ("clerk-1", Role::Clerk),
    ("interpreter-1", Role::Interpreter),
    ("operator-1", Role::Operator),
    ("viewer-1", Role::Viewer),
];

/// Every command, in a form that can be read: its type, its fields, and its place over HTTP where it has one.
const COMMANDS: &str = r#"
floor.request       {"beneficiary":"seoul-1"}       POST  floor/requests
floor.accept        {"request":"r99"}               POST  floor/requests/r99/accept
floor.grant         {"request":"r99"}               POST  floor/requests/r99/grant
floor.deny          {"request":"r99"}               POST  floor/requests/r99/deny
floor.cancel        {"request":"r99"}               POST  floor/requests/r99/cancel
floor.move          {"request":"r99","position":1}  POST  floor/requests/r99/move
floor.pass          {"request":"r99"}               POST  floor/requests/r99/pass
floor.recall        {"request":"r99"}               POST  floor/requests/r99/recall
floor.suspend       {"request":"r99"}               POST  floor/requests/r99/suspend
floor.resume        {"request":"r99"}               POST  floor/requests/r99/resume
floor.release       {"request":"r99"}               POST  floor/requests/r99/release
floor.yield         {"request":"r99","to":"r98"}    POST  floor/requests/r99/yield
floor.revoke        {"request":"r99"}               POST  floor/requests/r99/revoke
floor.extend        {"request":"r99","by_ms":60000} POST  floor/requests/r99/extend
floor.order         {"ids":[]}                      PUT   floor/order
floor.next          {}                              POST  floor/next
floor.set           {"nom":1}                       PATCH floor
list.admit          {"person":"seoul-1"}            POST  floor/list/admit
list.conclude       {}                              POST  floor/list/conclude
agenda.start        {"item":"climate-9"}            POST  agenda/climate-9/start
agenda.end          {"item":"climate-9"}            POST  agenda/climate-9/end
decision.open       {"kind":"no_objection","question":"?","item":"climate-9"}  POST  decisions
decision.object     {"decision":"d99"}              POST  decisions/d99/object
decision.vote       {"decision":"d99","choice":"yes"} POST decisions/d99/vote
decision.close      {"decision":"d99"}              POST  decisions/d99/close
decision.withdraw   {"decision":"d99"}              POST  decisions/d99/withdraw
participant.move    {"person":"delhi-1","to":"covid"} POST participants/delhi-1/move
list.close          {}                              POST  floor/list/close
list.reopen         {}                              POST  floor/list/reopen
list.open           {}                              POST  floor/list/open
chair.priority_on   {}                              POST  chair/priority_on
chair.priority_off  {}                              POST  chair/priority_off
participant.mute    {"person":"seoul-1"}            POST  participants/seoul-1/mute
participant.admit   {"person":"seoul-1"}            POST  participants/seoul-1/admit
chat.post           {"text":"word"}
device.use          {}
"#;

struct Row {
    kind: &'static str,
    fields: Map<String, Value>,
    place: Option<(&'static str, &'static str)>,
}

impl Row {
    fn all() -> impl Iterator<Item = Self> {
        COMMANDS.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(Self {
                kind: words.next()?,
                fields: serde_json::from_str(words.next()?).unwrap(),
                place: words.next().zip(words.next()),
            })
        })
    }

    /// What is left for the body of a request, when the path has said its part.
    fn body(&self, path: &str) -> Value {
        let mut fields = self.fields.clone();
        fields.retain(|_, value| {
            !value
                .as_str()
                .is_some_and(|word| path.split('/').any(|part| part == word))
        });
        Value::Object(fields)
    }

    fn is_allowed(&self, role: Role) -> bool {
        let command = Command::read(self.kind, self.fields.clone()).unwrap();
        standing(role, Action::of(&command)).is_some()
    }
}

/// Whether a refusal is the table's, which says who may; the floor has refusals of its own.
fn is_the_tables(problem: &Value) -> bool {
    problem["code"] == "forbidden"
        && problem["detail"]
            .as_str()
            .unwrap()
            .contains("may do this; you are here as")
}

#[tokio::test]
async fn over_websocket_every_cell_is_the_tables() {
    let hall = Hall::open().await;
    for (person, role) in PEOPLE {
        let (mut line, _) = hall.seat(person, "climate").await;
        for row in Row::all() {
            let reply = line
                .command(row.kind, Value::Object(row.fields.clone()))
                .await;
            assert_eq!(
                is_the_tables(&reply["problem"]),
                !row.is_allowed(role),
                "{person} {}: {reply}",
                row.kind
            );
        }
    }
}

#[tokio::test]
async fn over_http_every_cell_is_the_tables_too() {
    let hall = Hall::open().await;
    for (person, role) in PEOPLE {
        let token = hall.token(person).await;
        for row in Row::all() {
            let Some((method, path)) = row.place else {
                continue;
            };
            let answer = hall
                .call(
                    method,
                    &format!("/rooms/climate/{path}"),
                    Some(&token),
                    Some(row.body(path)),
                )
                .await;
            assert_eq!(
                is_the_tables(&answer.body),
                !row.is_allowed(role),
                "{person} {}: {answer:?}",
                row.kind
            );
        }
    }
}

#[tokio::test]
async fn a_delegate_decides_only_about_his_own() {
    let hall = Hall::open().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (mut seoul, _) = hall.seat("seoul-1", "climate").await;
    let asked = tokyo.command("floor.request", json!({})).await;
    let request = json!({ "request": asked["result"]["id"] });
    assert_eq!(
        seoul.command("floor.cancel", request.clone()).await["problem"]["code"],
        "forbidden"
    );
    assert_eq!(
        seoul
            .command("floor.request", json!({ "beneficiary": "tokyo-1" }))
            .await["problem"]["code"],
        "forbidden"
    );
    assert_eq!(
        tokyo.command("floor.cancel", request).await["result"]["state"],
        "cancelled"
    );
}
