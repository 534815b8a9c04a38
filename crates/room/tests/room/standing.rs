//! A restart with another conference file: what somebody may not do any more is gone, also what was given before.

use plenary_conference::Role;
use plenary_protocol::{Code, Source::Microphone};
use plenary_testkit::{
    person,
    room::{TestRoom, conference, event_type, parse},
};
use serde_json::json;

/// The file with another role for a person.
fn with_role(id: &str, before: &str, after: &str) -> String {
    let file = conference().toml().to_owned();
    let (head, rest) = file
        .split_once(&format!("id = \"{id}\"\n"))
        .expect("the person");
    let role = |role: &str| format!("role = \"{role}\"");
    let rest = rest.replacen(&role(before), &role(after), 1);
    format!("{head}id = \"{id}\"\n{rest}")
}

#[tokio::test(start_paused = true)]
async fn a_holder_who_is_a_viewer_now_has_lost_the_floor_and_every_request() {
    let (room, chair, tokyo, seoul) = TestRoom::with_tokyo_speaking().await;
    tokyo
        .execute("floor.request", json!({"kind": "motion"}))
        .await;
    seoul.request_floor().await;
    drop(chair);
    let room = room.restart_with_file(&with_role("tokyo-1", "delegate", "viewer"));
    let floor = room.snapshot().await.floor;
    assert!(floor.granted.is_empty(), "{:?}", floor.granted);
    let open: Vec<_> = floor.requests.iter().map(|it| &it.beneficiary).collect();
    assert_eq!(open, [&person("seoul-1")]);

    let tokyo = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert!(!tokyo.publishing);
    assert_eq!(room.reach("tokyo-1", Microphone), None);
    let refused = tokyo.expect_refusal("floor.request", json!({})).await;
    assert_eq!(refused.code, Code::Forbidden);
    let here = room.snapshot().await.participants;
    let here = here.iter().find(|it| it.person == person("tokyo-1"));
    assert_eq!(here.unwrap().role, Role::Viewer);
    let records = room.log.records();
    let revoked = records.iter().map(|record| parse(&record.body));
    let revoked = revoked.filter(|event| event_type(event) == "floor.revoked");
    let reason = "The conference no longer gives this person the floor.";
    assert!(
        revoked
            .last()
            .is_some_and(|event| event["reason"] == reason)
    );
}

#[tokio::test(start_paused = true)]
async fn a_moderator_who_is_a_viewer_now_has_left_the_chair_to_another() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    chair.execute("chair.priority_on", json!({})).await;
    let room = room.restart_with_file(&with_role("chair", "moderator", "viewer"));
    let floor = room.snapshot().await.floor;
    assert_eq!((floor.chair, floor.chair_priority), (None, false));
    let former = room.join("chair").await;
    assert_eq!(room.reach("chair", Microphone), None);
    let refused = former.expect_refusal("floor.next", json!({})).await;
    assert_eq!(refused.code, Code::Forbidden);
    room.join("deputy").await;
    assert_eq!(room.snapshot().await.floor.chair, Some(person("deputy")));
}

#[tokio::test(start_paused = true)]
async fn an_interpreter_who_is_a_viewer_now_has_lost_the_channel() {
    let room = TestRoom::open();
    let aiko = room.join_with_audio("aiko").await;
    aiko.execute("channel.take", json!({"language": "ja"}))
        .await;
    assert_eq!(room.voice_in("ja"), "aiko");
    let room = room.restart_with_file(&with_role("aiko", "interpreter", "viewer"));
    assert_eq!(room.channel("ja").await.interpreter, None);
    room.join_with_audio("aiko").await;
    assert_eq!(room.voice_in("ja"), "the floor");
}

#[tokio::test(start_paused = true)]
async fn a_person_whom_the_file_no_longer_has_holds_nothing() {
    let (room, _chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let file = conference().toml().replace("\"tokyo-1\"", "\"tokyo-9\"");
    let room = room.restart_with_file(&file);
    let after = room.snapshot().await;
    assert!(after.floor.granted.is_empty());
    assert!(
        after
            .participants
            .iter()
            .all(|it| it.person != person("tokyo-1"))
    );
    let refused = room.try_join("tokyo-1", None).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn a_restart_with_the_same_file_takes_nothing_away() {
    let (room, _chair, _tokyo, seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.request_floor().await;
    let before = room.snapshot().await.floor;
    let room = room.restart_with_file(conference().toml());
    let after = room.snapshot().await.floor;
    assert_eq!(after.chair, before.chair);
    assert_eq!(after.granted[0].id, before.granted[0].id);
    let open = |floor: &plenary_floor::FloorView| -> Vec<_> {
        floor.requests.iter().map(|it| it.id).collect()
    };
    assert_eq!(open(&after), open(&before));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_the_file_no_longer_has_is_on_until_it_is_ended() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    chair
        .execute("agenda.start", json!({"item": "climate-1"}))
        .await;
    let title = room.snapshot().await.agenda.items[0].title.clone();
    let room = room.restart_with(|config| config.agenda.retain(|it| it.title != title));
    let agenda = room.snapshot().await.agenda;
    assert_eq!(agenda.on().map(|on| &on.title), Some(&title));

    let chair = room.rejoin("chair", &chair.session, chair.seq).await;
    chair
        .execute("agenda.end", json!({"item": "climate-1"}))
        .await;
    let agenda = room.snapshot().await.agenda;
    assert_eq!(agenda.current, None);
    assert!(agenda.items.iter().all(|it| it.title != title));
}
