//! Who is here, as every device learns it: a snapshot, then events, which wait for one another while many come and go.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use plenary_ids::Seq;
use plenary_protocol::SessionId;
use plenary_room::{Outgoing, Resumption};
use plenary_testkit::room::{Participant, TestRoom, event_type, parse};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

const PEOPLE: [&str; 5] = ["chair", "tokyo-1", "seoul-1", "brussels-1", "clerk"];

/// What a device was told, each with the time that it took.
fn listen(mut device: Participant) -> mpsc::UnboundedReceiver<(Duration, Vec<String>)> {
    let (told, heard) = mpsc::unbounded_channel();
    let start = Instant::now();
    tokio::spawn(async move {
        while let Ok(outgoing) = device.outbox.next().await {
            let mut types = Vec::new();
            let mut next = Some(outgoing);
            while let Some(outgoing) = next {
                if let Outgoing::Events(events) = outgoing {
                    types.extend(events.iter().map(|it| event_type(&parse(it))));
                }
                next = device.outbox.take();
            }
            let _ = told.send((start.elapsed(), types));
        }
    });
    heard
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_arrives_is_told_of_in_waves_and_everything_else_at_once() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let mut heard = listen(room.join("viewer").await);
    sleep(Duration::from_secs(1)).await;
    let mut next = async || heard.recv().await.expect("a room");

    // The first is told at once, and those after it 100 ms later.
    let tokyo = room.join("tokyo-1").await;
    let (first, types) = next().await;
    assert_eq!(types, ["participant.joined", "floor.connected"]);
    for person in ["seoul-1", "brussels-1"] {
        sleep(Duration::from_millis(10)).await;
        room.join(person).await;
    }
    let (later, types) = next().await;
    assert_eq!(later.saturating_sub(first), Duration::from_millis(100));
    assert_eq!(types.len(), 4, "{types:?}");

    // What else happens waits for nothing, and nothing overtakes what waits.
    sleep(Duration::from_secs(1)).await;
    room.join("clerk").await;
    next().await;
    tokyo.disconnect().await;
    let at = Instant::now();
    chair
        .execute("chat.post", json!({"text": "Welcome."}))
        .await;
    let (_, types) = next().await;
    assert_eq!(at.elapsed(), Duration::ZERO);
    let expected = ["participant.updated", "floor.disconnected", "chat.posted"];
    assert_eq!(types, expected);
}

#[tokio::test(start_paused = true)]
async fn newcomers_of_one_batch_share_one_snapshot_that_has_all_of_them() {
    let room = TestRoom::open();
    room.join("chair").await;
    let joined = join_all(["tokyo-1", "seoul-1", "brussels-1"].map(|it| room.join(it))).await;
    let mut shown = Vec::new();
    for mut newcomer in joined {
        let Resumption::Snapshot(snapshot) = &newcomer.resumption else {
            panic!("they knew nothing")
        };
        assert_eq!(snapshot.participants.len(), 4);
        assert_eq!(snapshot.seq, newcomer.seq);
        let text = parse(&snapshot.text());
        assert_eq!(text["participants"].as_array().unwrap().len(), 4);
        shown.push(Arc::clone(snapshot));
        assert_eq!(newcomer.event_types().await, [""; 0]);
    }
    assert!(shown.iter().all(|it| Arc::ptr_eq(it, &shown[0])));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_shared_by_none_who_may_not_see_the_same() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let hidden = json!({"text": "Not yet.", "to": "moderators"});
    chair.execute("chat.post", hidden).await;
    let joined = join_all(["deputy", "tokyo-1", "seoul-1"].map(|it| room.join(it))).await;
    let lines = joined.iter().map(|it| match &it.resumption {
        Resumption::Snapshot(room) => room.chat.len(),
        Resumption::Events(_) => panic!("they knew nothing"),
    });
    assert_eq!(lines.collect::<Vec<_>>(), [1, 0, 0]);
}

#[derive(Debug, Clone)]
enum Step {
    /// People join at once, each anew or with what the last device of that person knows.
    Enter(Vec<(usize, bool)>),
    /// The connection of that person's device is lost.
    Drop(usize),
    /// So many milliseconds pass.
    Wait(u64),
    /// Something happens that does not wait.
    Say,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..PEOPLE.len();
    let entering = proptest::collection::vec((who.clone(), any::<bool>()), 1..4);
    let step = prop_oneof![
        4 => entering.prop_map(Step::Enter),
        3 => who.prop_map(Step::Drop),
        3 => (0..150_u64).prop_map(Step::Wait),
        1 => Just(Step::Wait(40_000)),
        1 => Just(Step::Say),
    ];
    proptest::collection::vec(step, 1..30)
}

/// What a client knows of who is here.
#[derive(Default)]
struct Known {
    roster: BTreeMap<String, Value>,
    seq: u64,
}

impl Known {
    fn fold(&mut self, event: &Value) {
        self.seq += 1;
        assert_eq!(event["seq"], self.seq, "a number is missing");
        let participant = &event["participant"];
        match event["type"].as_str() {
            Some("participant.joined" | "participant.updated") => {
                let person = participant["person"].as_str().map(str::to_owned);
                let person = person.unwrap_or_default();
                self.roster.insert(person, participant.clone());
            }
            Some("participant.left") => {
                let person = event["person"].as_str().unwrap_or_default();
                self.roster.remove(person);
            }
            _ => {}
        }
    }
}

struct Client {
    device: Participant,
    known: Known,
}

impl Client {
    /// A device with what its first message says; before that it knew what the last device of that person did.
    fn new(device: Participant, before: Option<Known>) -> Self {
        let mut known = before.unwrap_or_default();
        match &device.resumption {
            Resumption::Snapshot(room) => {
                known.seq = room.seq.0;
                let participants = room.participants.iter();
                known.roster = participants
                    .map(|it| (it.person.to_string(), json!(it)))
                    .collect();
            }
            Resumption::Events(missed) => missed.iter().for_each(|it| known.fold(&parse(it))),
        }
        Self { device, known }
    }

    async fn read(&mut self) {
        for event in self.device.events().await {
            self.known.fold(&event);
        }
    }
}

async fn run(steps: Vec<Step>) {
    let room = TestRoom::open();
    let mut here: BTreeMap<usize, Client> = BTreeMap::new();
    let mut gone: BTreeMap<usize, (SessionId, Known)> = BTreeMap::new();
    let lose = async |client: Option<Client>| {
        let mut client = client?;
        client.read().await;
        client.device.disconnect().await;
        Some((client.device.session.clone(), client.known))
    };
    for step in steps {
        match step {
            Step::Enter(mut people) => {
                people.sort_unstable();
                people.dedup_by_key(|(who, _)| *who);
                for (who, _) in &people {
                    if let Some(lost) = lose(here.remove(who)).await {
                        gone.insert(*who, lost);
                    }
                }
                let known = people.iter().map(|(who, resumes)| {
                    let last = gone.remove(who).filter(|_| *resumes);
                    (*who, last)
                });
                let joining = known.collect::<Vec<_>>().into_iter().map(|(who, last)| {
                    let room = &room;
                    async move {
                        let Some((session, known)) = last else {
                            return (who, Client::new(room.join(PEOPLE[who]).await, None));
                        };
                        let back = room.rejoin(PEOPLE[who], &session, Seq(known.seq)).await;
                        (who, Client::new(back, Some(known)))
                    }
                });
                here.extend(join_all(joining).await);
            }
            Step::Drop(who) => {
                if let Some(lost) = lose(here.remove(&who)).await {
                    gone.insert(who, lost);
                }
            }
            Step::Wait(millis) => sleep(Duration::from_millis(millis)).await,
            Step::Say => {
                if let Some(client) = here.values().next() {
                    let text = json!({"text": "Good morning."});
                    client.device.execute("chat.post", text).await;
                }
            }
        }
    }
    let now = room.snapshot().await;
    let participants = now.participants.iter();
    let roster: BTreeMap<String, Value> = participants
        .map(|it| (it.person.to_string(), json!(it)))
        .collect();
    for client in here.values_mut() {
        client.read().await;
        assert_eq!(client.known.seq, now.seq.0);
        assert_eq!(client.known.roster, roster);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whoever_comes_and_goes_everybody_knows_the_same_roster_as_the_room(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps));
    }
}
