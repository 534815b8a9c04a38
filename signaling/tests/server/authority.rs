//! The table of permissions, cell by cell, over both transports. Rules of order, section 1.

use plenary_conference::Role;
use plenary_protocol::{Access, Allowed, Command};
use serde_json::{Value, json};

use crate::{operations::Operation, test_server::TestServer};

/// A person of every role.
const PEOPLE: [(&str, Role); 6] = [
    ("tokyo-1", Role::Delegate),
    ("moderator-1", Role::Moderator),
    ("clerk-1", Role::Clerk),
    ("interpreter-1", Role::Interpreter),
    ("operator-1", Role::Operator),
    ("viewer-1", Role::Viewer),
];

/// Whether a refusal is the table's, which names the permitted roles; the floor has other refusals.
fn is_the_tables(problem: &Value) -> bool {
    problem["code"] == "forbidden" && problem["detail"].as_str().unwrap().contains(" may do this")
}

/// The roles that may give the command of that type.
fn allowed(kind: &str) -> Allowed {
    let mut rows = Command::rows();
    rows.find(|row| row.kind == kind).unwrap().rules.allowed
}

/// Every command with its example from the AsyncAPI document.
async fn commands(server: &TestServer) -> Vec<(String, Value)> {
    let document = server.call("GET", "/asyncapi.json", None, None).await.ok();
    let messages = document["channels"]["room"]["messages"]
        .as_object()
        .unwrap();
    let examples = messages
        .iter()
        .map(|(kind, message)| (kind.clone(), message["examples"][0]["payload"].clone()));
    examples
        .filter(|(kind, _)| Command::TYPES.contains(&kind.as_str()))
        .collect()
}

#[tokio::test]
async fn every_role_may_do_over_websocket_what_the_table_says() {
    for (person, role) in PEOPLE {
        let server = TestServer::with_example_conference().await;
        let (mut connection, _) = server.join(person, "climate").await;
        for (kind, message) in commands(&server).await {
            let allowed = allowed(&kind).includes(role);
            let reply = connection.command(&kind, message).await;
            assert_eq!(
                is_the_tables(&reply["problem"]),
                !allowed,
                "{person} {kind}: {reply}"
            );
        }
    }
}

#[tokio::test]
async fn every_role_may_do_over_http_what_the_table_says() {
    for (person, role) in PEOPLE {
        let server = TestServer::with_example_conference().await;
        let token = server.token(person).await;
        for operation in Operation::all(&server).await {
            let allowed = match operation.name.as_str() {
                kind if Command::TYPES.contains(&kind) => Some(allowed(kind)),
                "post_notice" => Some(allowed("notice.post")),
                "proceedings" | "recordings" | "recorded_speeches" | "recorded_speech"
                | "recorded_sittings" | "recorded_sitting" | "recording" => {
                    Some(Access::ReadProceedings.allowed())
                }
                "health" | "room_health" => Some(Access::ReadHealth.allowed()),
                "revoke_invitation" => Some(Access::RevokeInvitation.allowed()),
                "publish" => Some(allowed("device.use")),
                "remove_recording" => Some(Access::DeleteRecording.allowed()),
                "list_media" | "add_media" | "remove_media" | "link_media" | "media_content"
                | "set_subtitles" | "remove_subtitles" | "list_uploads" | "create_upload"
                | "upload" | "append_upload" | "remove_upload" => {
                    Some(Access::ManageMedia.allowed())
                }
                _ => None,
            };
            // Revoking the caller's own invitation ends the caller's token, too.
            if operation.name == "revoke_invitation" && role == Role::Operator {
                continue;
            }
            let allowed = allowed.is_none_or(|allowed| allowed.includes(role));
            let answer = operation.ask(&server, Some(&token)).await;
            assert_eq!(
                answer.status == 403 && is_the_tables(&answer.body),
                !allowed,
                "{person} {}: {answer:?}",
                operation.name
            );
        }
    }
}

#[tokio::test]
async fn nobody_reads_or_does_anything_in_a_room_that_does_not_admit_them() {
    let server = TestServer::start().await;
    let delhi = server.token("delhi-1").await;
    for operation in Operation::all(&server).await {
        if operation.path.starts_with("/rooms/") {
            let answer = operation.ask(&server, Some(&delhi)).await;
            assert_eq!(answer.code(), "forbidden", "{}", operation.name);
        }
    }
}

#[tokio::test]
async fn while_a_moderator_has_the_chair_another_decides_nothing_over_either_transport() {
    let server = TestServer::with_example_conference().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut deputy, _) = server.join("moderator-2", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    tokyo.command("floor.request", json!({})).await;
    let token = server.token("moderator-2").await;
    let path = "/rooms/climate/floor/requests/r1/accept";
    let over_http = server.call("POST", path, Some(&token), None).await;
    let refused = deputy
        .command("floor.accept", json!({ "request": "r1" }))
        .await;
    assert_eq!(over_http.code(), "forbidden");
    assert_eq!(refused["problem"], over_http.body);
    assert!(
        over_http.body["detail"].as_str().unwrap().contains("chair"),
        "{over_http:?}"
    );

    chair
        .command("chair.hand_over", json!({ "to": "moderator-2" }))
        .await;
    server.post(path, &token).await;
    let old = chair
        .command("floor.deny", json!({ "request": "r1" }))
        .await;
    assert_eq!(old["problem"]["code"], "forbidden");
}

#[tokio::test]
async fn a_clerk_acts_for_others_and_a_delegate_only_for_their_own_city() {
    let server = TestServer::with_example_conference().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let (mut clerk, _) = server.join("clerk-1", "climate").await;
    let on_behalf = json!({ "beneficiary": "tokyo-1" });
    let asked = clerk.command("floor.request", on_behalf.clone()).await;
    assert_eq!(asked["result"]["requested_by"], "clerk-1");
    let again = json!({ "request": asked["result"]["id"] });
    let refused = seoul.command("floor.cancel", again.clone()).await;
    assert_eq!(refused["problem"]["code"], "forbidden");
    let done = clerk.command("floor.cancel", again).await;
    assert_eq!(done["result"]["state"], "cancelled");

    let question = json!({ "kind": "roll_call", "question": "Shall it be adopted?" });
    chair.command("decision.open", question).await;
    let for_seoul = json!({ "decision": "d1", "choice": "no", "delegation": "seoul" });
    let refused = tokyo.command("decision.vote", for_seoul.clone()).await;
    assert_eq!(refused["problem"]["code"], "forbidden");
    let done = clerk.command("decision.vote", for_seoul).await;
    assert_eq!(done["result"]["tally"]["no"], 1, "{done}");
    let own = json!({ "decision": "d1", "choice": "yes" });
    assert_eq!(
        tokyo.command("decision.vote", own).await["result"]["tally"]["yes"],
        1
    );
}

#[tokio::test]
async fn only_the_holder_releases_a_speech_and_an_operator_may_revoke_it() {
    let server = TestServer::with_example_conference().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let (mut operator, _) = server.join("operator-1", "climate").await;
    tokyo.command("floor.request", json!({})).await;
    let r1 = json!({ "request": "r1" });
    let granted = chair.command("floor.grant", r1.clone()).await;
    assert_eq!(granted["result"]["state"], "granted");
    let refused = seoul.command("floor.release", r1.clone()).await;
    assert_eq!(refused["problem"]["code"], "not_holder");
    let (mut clerk, _) = server.join("clerk-1", "climate").await;
    for connection in [&mut chair, &mut clerk, &mut operator] {
        let refused = connection.command("floor.release", r1.clone()).await;
        assert_eq!(refused["problem"]["code"], "not_holder");
        let words = refused["problem"]["detail"].as_str().unwrap();
        assert!(words.contains("revoke"), "{words}");
    }
    let (mut viewer, _) = server.join("viewer-1", "climate").await;
    let refused = viewer.command("floor.release", r1.clone()).await;
    assert_eq!(refused["problem"]["code"], "forbidden");
    let taken = operator.command("floor.revoke", r1).await;
    assert_eq!(taken["result"]["state"], "revoked");
}

#[tokio::test]
async fn a_delegate_changes_only_their_own_requests() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
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

#[tokio::test]
async fn a_moderator_cancels_and_releases_only_their_own_request() {
    let server = TestServer::with_example_conference().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut deputy, _) = server.join("moderator-2", "climate").await;
    let (mut clerk, _) = server.join("clerk-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let for_the_deputy = json!({ "beneficiary": "moderator-2" });
    clerk.command("floor.request", for_the_deputy.clone()).await;
    let r1 = json!({ "request": "r1" });
    let withdrawn = deputy.command("floor.cancel", r1).await;
    assert_eq!(withdrawn["result"]["state"], "cancelled", "{withdrawn}");

    clerk.command("floor.request", for_the_deputy).await;
    let r2 = json!({ "request": "r2" });
    chair.command("floor.grant", r2.clone()).await;
    let released = deputy.command("floor.release", r2).await;
    assert_eq!(released["result"]["state"], "released", "{released}");

    tokyo.command("floor.request", json!({})).await;
    let r3 = json!({ "request": "r3" });
    let refused = chair.command("floor.cancel", r3.clone()).await;
    assert_eq!(refused["problem"]["code"], "forbidden");
    chair.command("floor.grant", r3.clone()).await;
    let refused = chair.command("floor.release", r3).await;
    assert_eq!(refused["problem"]["code"], "not_holder");
}

#[tokio::test]
async fn admission_readmits_a_removed_person_or_opens_a_closed_list_to_them() {
    let server = TestServer::with_example_conference().await;
    let chair = server.token("moderator-1").await;
    let (_tokyo, _) = server.join("tokyo-1", "climate").await;
    let post = async |path: &str| {
        let path = format!("/rooms/climate/{path}");
        server.call("POST", &path, Some(&chair), None).await
    };
    let admit = "participants/tokyo-1/admit";
    assert_eq!(post(admit).await.ok()["state"], "admitted");
    post("floor/list/close").await.ok();
    post("participants/tokyo-1/remove").await.ok();
    let back = post(admit).await.ok();
    assert_eq!(
        (&back["state"], &back["request"]),
        (&json!("admitted"), &Value::Null)
    );

    let listed = post(admit).await.ok();
    assert_eq!(listed["state"], "listed");
    assert_eq!(listed["request"]["position"], 1);
    assert_eq!(listed["request"]["admitted"], true);
    assert_eq!(post(admit).await.code(), "duplicate");
    assert_eq!(
        post("participants/viewer-1/admit").await.ok()["state"],
        "admitted"
    );
}

#[tokio::test]
async fn a_moderator_requests_the_floor_in_direct_mode_only() {
    let server = TestServer::with_example_conference().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    for fields in [json!({}), json!({ "beneficiary": "tokyo-1" })] {
        let refused = chair.command("floor.request", fields).await;
        assert_eq!(refused["problem"]["code"], "forbidden", "{refused}");
    }
    chair
        .command("floor.set", json!({ "mode": "direct" }))
        .await;
    let opened = chair.command("floor.request", json!({})).await;
    assert_eq!(opened["result"]["beneficiary"], "moderator-1", "{opened}");
}
