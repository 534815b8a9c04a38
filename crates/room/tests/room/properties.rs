//! The properties of domain.md that hold between a room, its log and its media plane, over anything that may happen.
//!
//! The log is read back as a client or the record would read it and folded from nothing; what the media plane was shown
//! is compared with the floor step by step, over kills of the server.

use std::{collections::BTreeMap, fmt, time::Duration};

use plenary_floor::Floor;
use plenary_ids::{Millis, PersonId, Seq};
use plenary_protocol::{AgendaItem, Decision, Participant, RoomEvent, Source};
use plenary_room::{Body, Reach, RoomLogEvent, Scene};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::fixture::{House, Seat, config};

const PEOPLE: [&str; 6] = [
    "chair",
    "deputy",
    "tokyo-1",
    "seoul-1",
    "brussels-1",
    "clerk",
];

/// What happens next.
#[derive(Clone)]
enum Step {
    /// Somebody comes in, or comes in again.
    Enter(usize),
    /// Somebody's connection is lost.
    Drop(usize),
    /// Somebody wants something done, and says it twice in the same words.
    Say(usize, &'static str, Value),
    /// The media plane hears somebody, or nothing more of him.
    Flow(usize, bool),
    /// Seconds go by.
    Wait(u64),
    /// The server is killed, and is back after seconds.
    Kill(u64),
}

impl fmt::Debug for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enter(who) => write!(out, "{} enters", PEOPLE[*who]),
            Self::Drop(who) => write!(out, "{} drops", PEOPLE[*who]),
            Self::Say(who, what, fields) => write!(out, "{} says {what} {fields}", PEOPLE[*who]),
            Self::Flow(who, flowing) => write!(out, "{} flows: {flowing}", PEOPLE[*who]),
            Self::Wait(seconds) => write!(out, "{seconds} s go by"),
            Self::Kill(seconds) => write!(out, "the server is killed, and back after {seconds} s"),
        }
    }
}

fn command() -> impl Strategy<Value = (&'static str, Value)> {
    let about = || (1u32..9).prop_map(|id| json!({"request": format!("r{id}")}));
    let of_request = prop::sample::select(vec![
        "floor.accept",
        "floor.grant",
        "floor.deny",
        "floor.cancel",
        "floor.pass",
        "floor.wait",
        "floor.recall",
        "floor.suspend",
        "floor.resume",
        "floor.release",
        "floor.revoke",
    ]);
    let plain = prop::sample::select(vec![
        "floor.next",
        "floor.next",
        "list.close",
        "list.reopen",
        "list.adjourn",
        "list.resume",
        "chair.take",
        "chair.priority_on",
        "chair.priority_off",
        "device.use",
    ]);
    let asking = prop::sample::select(vec![
        json!({}),
        json!({}),
        json!({"kind": "point_of_order"}),
        json!({"kind": "reply"}),
        json!({"beneficiary": "tokyo-1"}),
    ]);
    let mode = prop::sample::select(vec!["moderated", "queue", "open", "direct"]);
    let person = || prop::sample::select(PEOPLE.to_vec());
    let item = prop::sample::select(vec!["climate-1", "declaration", "climate-3"]);
    let deciding = prop::sample::select(vec![
        (
            "decision.open",
            json!({"kind": "roll_call", "question": "?", "closes_in_ms": 20_000}),
        ),
        (
            "decision.open",
            json!({"kind": "no_objection", "question": "?", "closes_in_ms": 20_000}),
        ),
        ("decision.vote", json!({"decision": "d1", "choice": "yes"})),
        ("decision.object", json!({"decision": "d1"})),
        ("decision.close", json!({"decision": "d1"})),
        ("decision.withdraw", json!({"decision": "d2"})),
    ]);
    prop_oneof![
        6 => asking.prop_map(|fields| ("floor.request", fields)),
        8 => (of_request, about()),
        4 => plain.prop_map(|verb| (verb, json!({}))),
        1 => (mode, 1u32..3).prop_map(|(mode, nom)| ("floor.set", json!({"mode": mode, "nom": nom}))),
        1 => person().prop_map(|to| ("chair.hand_over", json!({"to": to}))),
        1 => (person(), any::<bool>()).prop_map(|(who, on)| ("participant.mute", json!({"person": who, "on": on}))),
        1 => person().prop_map(|who| ("participant.remove", json!({"person": who}))),
        1 => person().prop_map(|who| ("participant.admit", json!({"person": who}))),
        1 => person().prop_map(|who| ("participant.move", json!({"person": who, "to": "covid"}))),
        1 => item.clone().prop_map(|item| ("agenda.start", json!({"item": item}))),
        1 => item.prop_map(|item| ("agenda.end", json!({"item": item}))),
        2 => deciding,
        1 => Just(("chat.post", json!({"text": "Good morning."}))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    // Half of what is said is said by the chair, or little would be decided.
    let who = || prop_oneof![Just(0), 0..PEOPLE.len()];
    prop_oneof![
        3 => (0..PEOPLE.len()).prop_map(Step::Enter),
        2 => (0..PEOPLE.len()).prop_map(Step::Drop),
        14 => (who(), command()).prop_map(|(who, (what, fields))| Step::Say(who, what, fields)),
        1 => (0..PEOPLE.len(), any::<bool>()).prop_map(|(who, flowing)| Step::Flow(who, flowing)),
        2 => (1u64..60).prop_map(Step::Wait),
        1 => (0u64..60).prop_map(Step::Kill),
    ]
}

/// What the events of a room add up to, by nothing but replacing what they carry.
struct Fold {
    floor: Floor,
    participants: BTreeMap<PersonId, Participant>,
    decisions: BTreeMap<u64, Decision>,
    items: BTreeMap<String, AgendaItem>,
    seq: Seq,
}

impl Fold {
    fn of(log: &[RoomLogEvent]) -> Self {
        let mut fold = Self {
            floor: Floor::new(config("climate").floor),
            participants: BTreeMap::new(),
            decisions: BTreeMap::new(),
            items: BTreeMap::new(),
            seq: Seq(0),
        };
        for event in log {
            assert_eq!(event.seq, fold.seq.next(), "no gap");
            fold.seq = event.seq;
            match &event.body {
                Body::Floor(body) => {
                    plenary_floor::apply(&mut fold.floor, body);
                }
                Body::Room(body) => fold.room(body),
            }
        }
        fold
    }

    fn room(&mut self, event: &RoomEvent) {
        match event {
            RoomEvent::Joined { participant } | RoomEvent::Updated { participant } => {
                self.participants
                    .insert(participant.person.clone(), participant.clone());
            }
            RoomEvent::Left { person, .. } => {
                self.participants.remove(person);
            }
            RoomEvent::DecisionOpened { decision }
            | RoomEvent::DecisionObjected { decision }
            | RoomEvent::DecisionVoted { decision }
            | RoomEvent::DecisionClosed { decision, .. }
            | RoomEvent::DecisionWithdrawn { decision, .. } => {
                self.decisions.insert(decision.id.0, decision.clone());
            }
            RoomEvent::AgendaStarted { item, .. } | RoomEvent::AgendaEnded { item, .. } => {
                self.items.insert(item.id.to_string(), item.clone());
            }
            _ => {}
        }
    }
}

/// Whether nothing flows in the second scene that does not in the first.
fn is_within(smaller: &Scene, larger: &Scene) -> bool {
    smaller
        .allow
        .iter()
        .all(|(source, reach)| larger.allow.get(source).is_some_and(|known| known >= reach))
}

async fn play(steps: Vec<Step>) {
    let mut house = House::open();
    let mut seats: BTreeMap<usize, Seat> = BTreeMap::new();
    let (mut scenes, mut shown) = (0, Scene::default());
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Enter(who) => {
                if let Ok(seat) = house.try_enter(PEOPLE[who], None).await {
                    seats.insert(who, seat);
                }
            }
            Step::Drop(who) => {
                if let Some(seat) = seats.remove(&who) {
                    seat.drop_connection().await;
                }
            }
            Step::Say(who, what, fields) => {
                if let Some(seat) = seats.get(&who) {
                    say_twice(&house, seat, &format!("c{number}"), what, fields).await;
                }
            }
            Step::Flow(who, flowing) => {
                let who = crate::fixture::person(PEOPLE[who]);
                if flowing {
                    house.room.voice(who.clone()).await;
                }
                house.room.flow(who, flowing).await;
            }
            Step::Wait(seconds) => sleep(Duration::from_secs(seconds)).await,
            Step::Kill(seconds) => {
                house = house.killed_and_back(Millis::from_secs(seconds));
                seats.clear();
                (scenes, shown) = (0, Scene::default());
            }
        }
        let room = house.snapshot().await;
        let live = room.floor.granted.iter().filter(|held| held.is_live());
        let live: Vec<&PersonId> = live.map(|held| &held.beneficiary).collect();
        for next in house.stage.since(scenes) {
            scenes += 1;
            assert!(
                is_within(&next, &shown) || is_within(&shown, &next),
                "it shrinks before it grows"
            );
            shown = next;
        }
        for ((person, source), reach) in &shown.allow {
            let heard = *reach == Reach::Stage || *source == Source::Microphone;
            let may = live.contains(&person) || room.floor.chair.as_ref() == Some(person);
            assert!(!heard || may, "{person} is heard without the floor");
        }
        let apart = |person: &&&PersonId| room.floor.chair.as_ref() != Some(**person);
        assert!(live.iter().filter(apart).count() <= room.floor.nom as usize);
    }
    is_the_fold_of_its_log(&house).await;
}

/// The same command by the same name gives the same reply, and happens once.
async fn say_twice(house: &House, seat: &Seat, name: &str, what: &str, fields: Value) {
    let once = seat.say_named(name, what, fields.clone()).await;
    let seq = house.snapshot().await.seq;
    let twice = seat.say_named(name, what, fields).await;
    assert_eq!(once, twice, "the same reply");
    assert_eq!(house.snapshot().await.seq, seq, "nothing more happened");
}

async fn is_the_fold_of_its_log(house: &House) {
    let room = house.snapshot().await;
    let reader = crate::fixture::person("viewer");
    let log = house
        .room
        .events_after(reader, Seq(0))
        .await
        .expect("the log");
    let log: Vec<RoomLogEvent> = log
        .iter()
        .map(|event| serde_json::from_slice(event).expect("an event"))
        .collect();
    let fold = Fold::of(&log);
    assert_eq!(fold.seq, room.seq);
    // Time stands still while nobody waits for it, so both are views of the same moment.
    let floor = fold.floor.view(house.now(), room.floor.version);
    assert_eq!(floor, room.floor);
    let participants: Vec<_> = fold.participants.into_values().collect();
    assert_eq!(participants, room.participants);
    let decisions: Vec<_> = fold.decisions.into_values().collect();
    assert_eq!(decisions, room.decisions);
    for item in room.agenda.items {
        if let Some(told) = fold.items.get(item.id.as_str()) {
            assert_eq!(*told, item);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_room_is_the_fold_of_its_log_and_lets_nothing_flow_that_has_no_floor(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let seated = [0, 2, 3, 4].map(Step::Enter);
        let steps = seated.into_iter().chain(steps).collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps));
    }
}

/// A thousand, or a tenth of `PROPTEST_CASES`: a room costs more than the floor alone.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let asked = asked.and_then(|cases| cases.parse().ok());
    asked.map_or(1_000, |cases: u32| cases.div_ceil(10))
}
