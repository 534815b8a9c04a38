//! While the log writes, the next is decided: on top of what it writes, told after it, and taken back with it.

use std::{collections::BTreeMap, fmt, time::Duration};

use plenary_ids::Seq;
use plenary_protocol::{Code, Problem, Source::Microphone};
use plenary_room::{Caller, Guard, Outgoing, Reach, Resumption};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    fixture::{House, Seat, command, kind, person, read},
    properties::{CASES, PEOPLE, is_the_fold_of_its_log, orders},
};

type Saying = JoinHandle<Result<Value, Problem>>;

/// Says something without waiting for the answer. It has been decided when this returns.
async fn begin(seat: &Seat, name: &str, what: &str, fields: Value) -> Saying {
    let caller = Caller {
        person: seat.person.clone(),
        session: Some(seat.session.clone()),
    };
    let guard = Guard {
        id: plenary_protocol::CommandId::new(name).ok(),
        version: None,
    };
    let (room, what) = (seat.room.clone(), command(what, fields));
    let saying = tokio::spawn(async move { room.command(caller, what, guard).await });
    sleep(Duration::from_millis(1)).await;
    saying
}

#[tokio::test(start_paused = true)]
async fn what_is_decided_meanwhile_is_recorded_together_and_told_in_order() {
    let (house, chair, tokyo, mut seoul) = House::tokyo_speaks().await;
    let commits = house.log.commits();
    seoul.events().await;
    house.log.set_slow(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    let asking = begin(&tokyo, "c2", "floor.request", json!({})).await;
    let granting = begin(&chair, "c3", "floor.grant", json!({"request": "r2"})).await;
    let chatting = begin(&chair, "c4", "chat.post", json!({"text": "Tokyo again."})).await;
    assert_eq!(seoul.types().await, [""; 0], "nobody is told yet");
    assert_eq!(house.reach("tokyo-1", Microphone), None);

    house.log.set_slow(false);
    for said in [revoking, asking, granting, chatting] {
        said.await.unwrap().unwrap();
    }
    let told = [
        "floor.revoked",
        "floor.requested",
        "floor.granted",
        "chat.posted",
    ];
    assert_eq!(seoul.types().await, told);
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));
    assert_eq!(house.log.commits(), commits + 3, "the last two together");
}

#[tokio::test(start_paused = true)]
async fn if_it_fails_what_was_decided_on_top_of_it_has_not_happened_either() {
    let (house, chair, tokyo, mut seoul) = House::tokyo_speaks().await;
    let before = house.snapshot().await;
    seoul.events().await;
    house.log.set_slow(true);
    house.log.set_full(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    house.log.set_full(false);
    let asking = begin(&tokyo, "c2", "floor.request", json!({})).await;
    house.log.set_slow(false);
    for said in [revoking, asking] {
        assert_eq!(said.await.unwrap().unwrap_err().code, Code::Unavailable);
    }
    let after = house.snapshot().await;
    assert_eq!(after.seq, before.seq);
    assert_eq!(after.floor.requests, before.floor.requests);
    assert_eq!(seoul.types().await, [""; 0]);
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));

    let again = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    again.await.unwrap().unwrap();
    assert_eq!(seoul.types().await, ["floor.revoked"]);
}

#[tokio::test(start_paused = true)]
async fn a_room_that_drains_hands_over_its_last_words_at_once() {
    let (house, chair, tokyo, _seoul) = House::tokyo_speaks().await;
    let commits = house.log.commits();
    house.log.set_slow(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    let asking = begin(&tokyo, "c2", "floor.request", json!({})).await;
    let granting = begin(&chair, "c3", "floor.grant", json!({"request": "r2"})).await;
    assert_eq!(house.log.commits(), commits + 2, "the third waits");
    let room = house.room.clone();
    let draining = tokio::spawn(async move { room.drain().await });
    sleep(Duration::from_millis(1)).await;
    assert_eq!(house.log.commits(), commits + 3, "and waits no longer");

    house.log.set_slow(false);
    draining.await.unwrap();
    for said in [revoking, asking, granting] {
        said.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_said_again_before_it_is_recorded_happens_once() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    house.log.set_slow(true);
    let first = begin(&tokyo, "c1", "chat.post", json!({"text": "Good morning."})).await;
    let again = begin(&tokyo, "c1", "chat.post", json!({"text": "Good morning."})).await;
    house.log.set_slow(false);
    let (first, again) = (first.await.unwrap(), again.await.unwrap());
    assert_eq!(first.unwrap(), again.unwrap());
    assert_eq!(house.snapshot().await.chat.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_in_meanwhile_knows_the_room_and_is_told_the_rest_once() {
    let (house, chair, _tokyo, _seoul) = House::tokyo_speaks().await;
    house.log.set_slow(true);
    let revoking = begin(&chair, "c1", "floor.revoke", json!({"request": "r1"})).await;
    let room = house.room.clone();
    let entering = tokio::spawn(async move {
        let attach = plenary_room::Attach {
            person: person("brussels-1"),
            resume: None,
        };
        room.attach(attach).await
    });
    sleep(Duration::from_millis(1)).await;
    let chatting = begin(&chair, "c2", "chat.post", json!({"text": "Welcome."})).await;
    assert!(!entering.is_finished(), "it is not recorded");
    house.log.set_slow(false);
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
    let told: Vec<Value> = texts.iter().map(|text| read(text)).collect();
    assert_eq!(told.iter().map(kind).collect::<Vec<_>>(), ["chat.posted"]);
    assert_eq!(told[0]["seq"], json!(brussels.seq.0 + 1));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_sent_out_meanwhile_has_heard_what_came_before() {
    let (house, chair, _tokyo, mut seoul) = House::tokyo_speaks().await;
    seoul.events().await;
    house.log.set_slow(true);
    let chatting = begin(&chair, "c1", "chat.post", json!({"text": "Order!"})).await;
    let about = json!({"person": "seoul-1"});
    let removing = begin(&chair, "c2", "participant.remove", about).await;
    house.log.set_slow(false);
    chatting.await.unwrap().unwrap();
    removing.await.unwrap().unwrap();
    let told = seoul.types().await;
    assert_eq!(told.first().map(String::as_str), Some("chat.posted"));
    assert_eq!(told.last().map(String::as_str), Some("participant.left"));
}

/// What happens next, whatever is still under way.
#[derive(Clone)]
enum Step {
    Enter(usize),
    Drop(usize),
    Say(usize, &'static str, Value),
    /// The disk takes its time from now on, or no longer.
    Slow(bool),
    /// What is written from now on fails, or no longer.
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
    let house = House::open();
    let mut seats: BTreeMap<usize, Seat> = BTreeMap::new();
    for who in [0, 2, 3, 4] {
        seats.insert(who, house.enter(PEOPLE[who]).await);
    }
    let mut watcher = house.enter("viewer").await;
    let mut said: Vec<(usize, String, &'static str, Value, Saying)> = Vec::new();
    let mut entering = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Enter(who) => {
                let room = house.room.clone();
                let attach = plenary_room::Attach {
                    person: person(PEOPLE[who]),
                    resume: None,
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
            Step::Slow(on) => house.log.set_slow(on),
            Step::Full(on) => house.log.set_full(on),
            Step::Wait(seconds) => sleep(Duration::from_secs(seconds)).await,
        }
    }
    house.log.set_full(false);
    house.log.set_slow(false);
    for entering in entering {
        let _ = entering.await.expect("no panic");
    }
    // What was seen while nothing could be recorded is recorded now.
    sleep(Duration::from_secs(3)).await;
    for (who, name, what, fields, saying) in said {
        let reply = saying.await.expect("no panic");
        if reply.as_ref().is_err_and(|it| it.code == Code::Unavailable) {
            continue;
        }
        let seq = house.snapshot().await.seq;
        let caller = Caller {
            person: person(PEOPLE[who]),
            session: None,
        };
        let guard = Guard {
            id: plenary_protocol::CommandId::new(&name).ok(),
            version: None,
        };
        let again = house.room.command(caller, command(what, fields), guard);
        assert_eq!(again.await, reply, "{name} is answered as it was");
        assert_eq!(house.snapshot().await.seq, seq, "{name} happens once");
    }
    let told = watcher.events().await;
    let seqs: Vec<u64> = told.iter().filter_map(|it| it["seq"].as_u64()).collect();
    let all: Vec<u64> = (watcher.seq.0 + 1..=house.snapshot().await.seq.0).collect();
    assert_eq!(seqs, all, "everything is told, once and in order");
    let log = house.room.events_after(watcher.person.clone(), Seq(0));
    let log = log.await.expect("the log");
    let tail: Vec<Value> = log.iter().map(|text| read(text)).collect();
    assert!(tail.ends_with(&told), "and as it was recorded");
    is_the_fold_of_its_log(&house).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_under_way_all_that_is_answered_is_recorded_once_and_told_in_order(
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
