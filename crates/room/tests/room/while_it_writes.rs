//! Commands that are decided while the log writes: they build on the earlier ones, and fail with them.

use std::{collections::BTreeMap, fmt, time::Duration};

use plenary_ids::Seq;
use plenary_protocol::{Code, Problem, Source::Microphone};
use plenary_room::{Caller, Outgoing, Preconditions, Reach, Resumption};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::sleep};

use plenary_testkit::{
    person,
    room::{Participant, TestRoom, command, event_type, parse, to_json},
};

use crate::properties::{CASES, PEOPLE, is_the_fold_of_its_log, orders};

type Saying = JoinHandle<Result<Value, Problem>>;

/// Gives a command without waiting for its reply. The room has decided it when this returns.
async fn begin(seat: &Participant, name: &str, what: &str, fields: Value) -> Saying {
    let caller = seat.caller();
    let guard = Preconditions {
        idempotency_key: plenary_protocol::CommandId::new(name).ok(),
        if_match: None,
    };
    let (room, what) = (seat.room.clone(), command(what, fields));
    let saying = tokio::spawn(async move { to_json(room.command(caller, what, guard).await) });
    sleep(Duration::from_millis(1)).await;
    saying
}

#[tokio::test(start_paused = true)]
async fn commands_during_a_commit_are_recorded_together_and_sent_in_order() {
    let (room, chair, tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    let commits = room.log.commits();
    seoul.events().await;
    room.log.set_slow(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    let asking = begin(&tokyo, "c2", "floor.request", json!({})).await;
    let granting = begin(&chair, "c3", "floor.grant", json!({"request": "r2"})).await;
    let chatting = begin(&chair, "c4", "chat.post", json!({"text": "Tokyo again."})).await;
    assert_eq!(seoul.event_types().await, [""; 0], "nobody is told yet");
    assert_eq!(room.reach("tokyo-1", Microphone), None);

    room.log.set_slow(false);
    for said in [revoking, asking, granting, chatting] {
        said.await.unwrap().unwrap();
    }
    let told = [
        "floor.revoked",
        "floor.requested",
        "floor.granted",
        "floor.undoable",
        "chat.posted",
    ];
    assert_eq!(seoul.event_types().await, told);
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
    assert_eq!(room.log.commits(), commits + 3, "the last two together");
}

#[tokio::test(start_paused = true)]
async fn a_failed_commit_also_undoes_the_commands_decided_after_it() {
    let (room, chair, tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    let before = room.snapshot().await;
    seoul.events().await;
    room.log.set_slow(true);
    room.log.set_full(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    room.log.set_full(false);
    let asking = begin(&tokyo, "c2", "floor.request", json!({})).await;
    room.log.set_slow(false);
    for said in [revoking, asking] {
        assert_eq!(said.await.unwrap().unwrap_err().code, Code::Unavailable);
    }
    let after = room.snapshot().await;
    assert_eq!(after.seq, before.seq);
    assert_eq!(after.floor.requests, before.floor.requests);
    assert_eq!(seoul.event_types().await, [""; 0]);
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));

    let again = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    again.await.unwrap().unwrap();
    assert_eq!(seoul.event_types().await, ["floor.revoked"]);
}

#[tokio::test(start_paused = true)]
async fn a_draining_room_hands_its_last_events_to_the_log_at_once() {
    let (room, chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let commits = room.log.commits();
    room.log.set_slow(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    let asking = begin(&tokyo, "c2", "floor.request", json!({})).await;
    let granting = begin(&chair, "c3", "floor.grant", json!({"request": "r2"})).await;
    assert_eq!(room.log.commits(), commits + 2, "the third waits");
    let handle = room.handle.clone();
    let draining = tokio::spawn(async move { handle.drain().await });
    sleep(Duration::from_millis(1)).await;
    assert_eq!(room.log.commits(), commits + 3, "and waits no longer");

    room.log.set_slow(false);
    draining.await.unwrap();
    for said in [revoking, asking, granting] {
        said.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_repeated_before_it_is_recorded_happens_once() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    room.log.set_slow(true);
    let first = begin(&tokyo, "c1", "chat.post", json!({"text": "Good morning."})).await;
    let again = begin(&tokyo, "c1", "chat.post", json!({"text": "Good morning."})).await;
    room.log.set_slow(false);
    let (first, again) = (first.await.unwrap(), again.await.unwrap());
    assert_eq!(first.unwrap(), again.unwrap());
    assert_eq!(room.snapshot().await.chat.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_joins_during_a_commit_gets_every_event_once() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    room.log.set_slow(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    let handle = room.handle.clone();
    let entering = tokio::spawn(async move {
        let attach = plenary_room::Attach {
            person: person("brussels-1"),
            resume: None,
            sending: plenary_room::Sending::default(),
        };
        handle.attach(attach).await
    });
    sleep(Duration::from_millis(1)).await;
    let chatting = begin(&chair, "c2", "chat.post", json!({"text": "Welcome."})).await;
    assert!(!entering.is_finished(), "it is not recorded");
    room.log.set_slow(false);
    revoking.await.unwrap().unwrap();
    chatting.await.unwrap().unwrap();

    let mut brussels = entering.await.unwrap().unwrap();
    let Resumption::Snapshot(room) = brussels.resumption else {
        panic!("he knew nothing")
    };
    assert!(room.floor.granted.is_empty() && room.chat.is_empty());
    let Ok(Outgoing::Events(texts)) = brussels.outbox.next().await else {
        panic!("he is told")
    };
    let told: Vec<Value> = texts.iter().map(|text| parse(text)).collect();
    assert_eq!(
        told.iter().map(event_type).collect::<Vec<_>>(),
        ["chat.posted"]
    );
    assert_eq!(told[0]["seq"], json!(brussels.seq.0 + 1));
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_is_removed_during_a_commit_gets_the_earlier_events() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.events().await;
    room.log.set_slow(true);
    let chatting = begin(&chair, "c1", "chat.post", json!({"text": "Order!"})).await;
    let about = json!({"person": "seoul-1"});
    let removing = begin(&chair, "c2", "participant.remove", about).await;
    room.log.set_slow(false);
    chatting.await.unwrap().unwrap();
    removing.await.unwrap().unwrap();
    let told = seoul.event_types().await;
    assert_eq!(told.first().map(String::as_str), Some("chat.posted"));
    assert_eq!(told.last().map(String::as_str), Some("participant.left"));
}

/// A step of a script; earlier commands may still wait for the disk.
#[derive(Clone)]
enum Step {
    Enter(usize),
    Drop(usize),
    Say(usize, &'static str, Value),
    /// The disk is slow from now on, or no longer.
    Slow(bool),
    /// Appends fail from now on, or no longer.
    Full(bool),
    Wait(u64),
}

impl fmt::Debug for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enter(who) => write!(out, "{} enters", PEOPLE[*who]),
            Self::Drop(who) => write!(out, "{} drops", PEOPLE[*who]),
            Self::Say(who, what, fields) => write!(out, "{} says {what} {fields}", PEOPLE[*who]),
            Self::Slow(on) => write!(out, "the disk is slow: {on}"),
            Self::Full(on) => write!(out, "the disk is full: {on}"),
            Self::Wait(seconds) => write!(out, "{seconds} s go by"),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let who = || prop_oneof![Just(0), 0..PEOPLE.len()];
    prop_oneof![
        2 => (0..PEOPLE.len()).prop_map(Step::Enter),
        2 => (0..PEOPLE.len()).prop_map(Step::Drop),
        14 => (who(), orders()).prop_map(|(who, (what, fields))| Step::Say(who, what, fields)),
        4 => any::<bool>().prop_map(Step::Slow),
        2 => any::<bool>().prop_map(Step::Full),
        1 => (1u64..5).prop_map(Step::Wait),
    ]
}

async fn play(steps: Vec<Step>) {
    let room = TestRoom::open();
    let mut seats: BTreeMap<usize, Participant> = BTreeMap::new();
    for who in [0, 2, 3, 4] {
        seats.insert(who, room.join(PEOPLE[who]).await);
    }
    let mut watcher = room.join("viewer").await;
    let mut said: Vec<(usize, String, &'static str, Value, Saying)> = Vec::new();
    let mut entering = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Enter(who) => {
                let room = room.handle.clone();
                let attach = plenary_room::Attach {
                    person: person(PEOPLE[who]),
                    resume: None,
                    sending: plenary_room::Sending::default(),
                };
                entering.push(tokio::spawn(async move { room.attach(attach).await }));
            }
            Step::Drop(who) => {
                if let Some(seat) = seats.remove(&who) {
                    seat.room.detach(seat.session.clone()).await;
                }
            }
            Step::Say(who, what, fields) => {
                if let Some(seat) = seats.get(&who) {
                    let name = format!("c{number}");
                    let saying = begin(seat, &name, what, fields.clone()).await;
                    said.push((who, name, what, fields, saying));
                }
            }
            Step::Slow(on) => room.log.set_slow(on),
            Step::Full(on) => room.log.set_full(on),
            Step::Wait(seconds) => sleep(Duration::from_secs(seconds)).await,
        }
    }
    room.log.set_full(false);
    room.log.set_slow(false);
    for entering in entering {
        let _ = entering.await.expect("no panic");
    }
    // Changes that could not be recorded meanwhile are recorded now.
    sleep(Duration::from_secs(3)).await;
    for (who, name, what, fields, saying) in said {
        let reply = saying.await.expect("no panic");
        if reply.as_ref().is_err_and(|it| it.code == Code::Unavailable) {
            continue;
        }
        let seq = room.snapshot().await.seq;
        let caller = Caller::new(person(PEOPLE[who]));
        let guard = Preconditions {
            idempotency_key: plenary_protocol::CommandId::new(&name).ok(),
            if_match: None,
        };
        let again = room.handle.command(caller, command(what, fields), guard);
        assert_eq!(to_json(again.await), reply, "{name} is answered as it was");
        assert_eq!(room.snapshot().await.seq, seq, "{name} happens once");
    }
    let told = watcher.events().await;
    let seqs: Vec<u64> = told.iter().filter_map(|it| it["seq"].as_u64()).collect();
    let all: Vec<u64> = (watcher.seq.0 + 1..=room.snapshot().await.seq.0).collect();
    assert_eq!(seqs, all, "everything is told, once and in order");
    let log = room.handle.events_after(watcher.person.clone(), Seq(0));
    let log = log.await.expect("the log");
    let tail: Vec<Value> = log.iter().map(|text| parse(text)).collect();
    assert!(tail.ends_with(&told), "and as it was recorded");
    is_the_fold_of_its_log(&room).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answered_command_is_recorded_once_and_sent_in_order(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps));
    }
}
