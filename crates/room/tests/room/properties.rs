//! The invariants between a room, its log and its media plane, after any script. Rules of order, section 19.
//!
//! The log is read as a client reads it, and folded from the beginning. The scenes of the media plane
//! are compared with the floor after every step, also after kills of the server.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use plenary_floor::{Floor, FloorView};
use plenary_ids::{Millis, Moment, PersonId, Seq};
use plenary_protocol::{
    AgendaItem, Channel, ChannelState, Decision, Presence, RoomEvent, RoomSnapshot, Sound, Source,
};
use plenary_room::{Body, RoomLogEvent, Scene};
use plenary_testkit::room::{Participant, TestRoom, config};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::sleep;

pub const PEOPLE: [&str; 8] = [
    "chair",
    "deputy",
    "tokyo-1",
    "seoul-1",
    "brussels-1",
    "clerk",
    "kenji",
    "aiko",
];

/// The number of scripts, unless `PROPTEST_CASES` sets another.
pub const CASES: u32 = 1_000;

/// What happens next.
#[derive(Clone)]
enum Step {
    /// A person joins, or joins again.
    Enter(usize),
    /// A participant's connection is lost.
    Drop(usize),
    /// A participant gives a command twice under the same key.
    Say(usize, &'static str, Value),
    /// The media plane receives a participant's sound, or no longer.
    Flow(usize, bool),
    /// The media plane has a path to a device, or has lost it.
    Path(usize, bool),
    /// So many seconds pass.
    Wait(u64),
    /// The server is killed, and starts again after so many seconds.
    Kill(u64),
    /// The machine's clock is set forward or back by so many minutes, while the server runs.
    SetClock(i64),
    /// The server is killed, and starts again when the clock has been set by so many minutes.
    KillAndSetClock(i64),
}

impl fmt::Debug for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enter(who) => write!(out, "{} enters", PEOPLE[*who]),
            Self::Drop(who) => write!(out, "{} drops", PEOPLE[*who]),
            Self::Say(who, what, fields) => write!(out, "{} says {what} {fields}", PEOPLE[*who]),
            Self::Flow(who, flowing) => write!(out, "{} flows: {flowing}", PEOPLE[*who]),
            Self::Path(who, open) => write!(out, "{} has a path: {open}", PEOPLE[*who]),
            Self::Wait(seconds) => write!(out, "{seconds} s go by"),
            Self::Kill(seconds) => write!(out, "the server is killed, and back after {seconds} s"),
            Self::SetClock(minutes) => write!(out, "the clock is set by {minutes} minutes"),
            Self::KillAndSetClock(minutes) => {
                write!(
                    out,
                    "the server is killed, and back after {minutes} minutes by the clock"
                )
            }
        }
    }
}

pub fn orders() -> impl Strategy<Value = (&'static str, Value)> {
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
        "floor.undo",
        "floor.undo",
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
        1 => item.clone().prop_map(|item| ("agenda.load", json!({"item": item}))),
        1 => item.clone().prop_map(|item| ("agenda.postpone", json!({"item": item, "by_minutes": 15}))),
        1 => item.prop_map(|item| ("agenda.end", json!({"item": item}))),
        2 => deciding,
        4 => interpreting(),
        1 => Just(("chat.post", json!({"text": "Good morning."}))),
    ]
}

/// Commands about channels, mostly by interpreters.
fn interpreting() -> impl Strategy<Value = (&'static str, Value)> {
    let verb = prop::sample::select(vec![
        "channel.take",
        "channel.take",
        "channel.release",
        "channel.hand_over",
        "channel.hand_over in_ms",
        "channel.keep",
        "channel.relay",
        "channel.assign",
        "channel.clear",
    ]);
    let language = || prop::sample::select(vec!["ja", "en", "fr"]);
    let source = prop::sample::select(vec!["floor", "floor", "ja", "en"]);
    let partner = prop::sample::select(vec!["kenji", "aiko"]);
    (verb, language(), source, partner).prop_map(|(verb, language, source, partner)| {
        let mut fields = json!({"language": language});
        let verb = match verb {
            "channel.hand_over in_ms" => {
                fields["in_ms"] = json!(20_000);
                "channel.hand_over"
            }
            verb => verb,
        };
        match verb {
            "channel.take" | "channel.relay" => fields["source"] = json!(source),
            "channel.hand_over" => fields["to"] = json!(partner),
            "channel.assign" => fields["person"] = json!(partner),
            _ => {}
        }
        (verb, fields)
    })
}

fn step() -> impl Strategy<Value = Step> {
    // The chair gives half of the commands, because others could decide little.
    let who = || prop_oneof![3 => Just(0), 3 => 0..PEOPLE.len(), 1 => 6..PEOPLE.len()];
    prop_oneof![
        3 => (0..PEOPLE.len()).prop_map(Step::Enter),
        2 => (0..PEOPLE.len()).prop_map(Step::Drop),
        14 => (who(), orders()).prop_map(|(who, (what, fields))| Step::Say(who, what, fields)),
        1 => (0..PEOPLE.len(), any::<bool>()).prop_map(|(who, flowing)| Step::Flow(who, flowing)),
        2 => (0..PEOPLE.len(), any::<bool>()).prop_map(|(who, open)| Step::Path(who, open)),
        2 => (1u64..60).prop_map(Step::Wait),
        1 => (0u64..60).prop_map(Step::Kill),
        1 => (-9_000i64..9_000).prop_map(Step::SetClock),
        1 => (-9_000i64..9_000).prop_map(Step::KillAndSetClock),
    ]
}

/// The state that the events add up to when each replaces what it carries.
struct Fold {
    floor: Floor,
    participants: BTreeMap<PersonId, plenary_protocol::Participant>,
    decisions: BTreeMap<u64, Decision>,
    items: BTreeMap<String, AgendaItem>,
    channels: BTreeMap<String, Channel>,
    seq: Seq,
}

impl Fold {
    fn of(log: &[RoomLogEvent]) -> Self {
        let mut fold = Self {
            floor: Floor::new(config("climate").floor),
            participants: BTreeMap::new(),
            decisions: BTreeMap::new(),
            items: BTreeMap::new(),
            channels: BTreeMap::new(),
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
            RoomEvent::ClockMoved {
                decision: Some(decision),
                ..
            } => {
                self.decisions.insert(decision.id.0, (**decision).clone());
            }
            RoomEvent::AgendaStarted { item, .. } | RoomEvent::AgendaEnded { item, .. } => {
                self.items.insert(item.id.to_string(), item.clone());
            }
            RoomEvent::ChannelChanged { channel, .. } => {
                let language = channel.language.to_string();
                self.channels.insert(language, channel.clone());
            }
            _ => {}
        }
    }
}

/// Whether everything that flows in the smaller scene flows in the larger one.
fn is_within(smaller: &Scene, larger: &Scene) -> bool {
    let gallery = smaller.gallery.people();
    let within = |less: &[PersonId], more: &[PersonId]| less.iter().all(|it| more.contains(it));
    let allowed = within(&smaller.stage, &larger.stage)
        && within(&smaller.voices, &larger.voices)
        && gallery.iter().all(|it| larger.gallery.contains(it))
        && smaller
            .recorded
            .iter()
            .all(|(language, person)| larger.recorded.get(language) == Some(person));
    // A channel that is missing carries the floor, and one with nobody carries nothing.
    let languages = smaller.channels.keys().chain(larger.channels.keys());
    let carried = |scene: &Scene, language| scene.channels.get(language).cloned();
    allowed
        && languages
            .map(|language| (carried(smaller, language), carried(larger, language)))
            .all(|(less, more)| less == Some(None) || less == more)
}

async fn play(steps: Vec<Step>) {
    let mut room = TestRoom::open();
    let mut seats: BTreeMap<usize, Participant> = BTreeMap::new();
    let (mut scenes, mut shown) = (0, Scene::default());
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Enter(who) => {
                if let Ok(seat) = room.try_join(PEOPLE[who], None).await {
                    seats.insert(who, seat);
                }
            }
            Step::Drop(who) => {
                if let Some(seat) = seats.remove(&who) {
                    seat.disconnect().await;
                }
            }
            Step::Say(who, what, fields) => {
                if let Some(seat) = seats.get(&who) {
                    say_twice(&room, seat, &format!("c{number}"), what, fields).await;
                }
            }
            Step::Flow(who, flowing) => {
                let who = plenary_testkit::person(PEOPLE[who]);
                if flowing {
                    room.handle.voice(who.clone()).await;
                }
                room.handle.flow(who, flowing).await;
            }
            Step::Path(who, open) => {
                if let Some(seat) = seats.get(&who) {
                    room.handle.path(seat.session.clone(), open).await;
                }
            }
            Step::Wait(seconds) => sleep(Duration::from_secs(seconds)).await,
            Step::SetClock(minutes) => {
                let before = used_times(&room).await;
                room.time.set(set_by(room.now(), minutes));
                assert_eq!(
                    used_times(&room).await,
                    before,
                    "nobody gains or loses time"
                );
            }
            Step::KillAndSetClock(minutes) => {
                let before = used_times(&room).await;
                let now = set_by(room.now(), minutes);
                room = room.restart_at(now);
                for (request, after) in used_times(&room).await {
                    let lost = after.saturating_sub(before[&request]);
                    assert!(
                        after >= before[&request] && lost <= Millis(500),
                        "{request}: {lost:?}"
                    );
                }
                seats.clear();
                (scenes, shown) = (0, Scene::default());
            }
            Step::Kill(seconds) => {
                room = room.restart_after(Millis::from_secs(seconds));
                seats.clear();
                (scenes, shown) = (0, Scene::default());
            }
        }
        let snapshot = room.snapshot().await;
        let live = snapshot.floor.granted.iter().filter(|held| held.is_live());
        let live: Vec<&PersonId> = live.map(|held| &held.beneficiary).collect();
        for next in room.media.since(scenes) {
            scenes += 1;
            assert!(
                is_within(&next, &shown) || is_within(&shown, &next),
                "it shrinks before it grows"
            );
            shown = next;
        }
        for person in shown.stage.iter().chain(&shown.voices) {
            let may = live.contains(&person) || snapshot.floor.chair.as_ref() == Some(person);
            assert!(may, "{person} is heard without the floor");
        }
        interpreters_alone(&shown, &snapshot);
        let apart = |person: &&&PersonId| snapshot.floor.chair.as_ref() != Some(**person);
        assert!(live.iter().filter(apart).count() <= snapshot.floor.nom as usize);
    }
    is_the_fold_of_its_log(&room).await;
}

fn set_by(now: Moment, minutes: i64) -> Moment {
    let by = Millis::from_secs(60 * minutes.unsigned_abs());
    if minutes < 0 {
        now.before(by)
    } else {
        now.after(by)
    }
}

/// The time that each holder has used.
async fn used_times(room: &TestRoom) -> BTreeMap<String, Millis> {
    let speeches = room.snapshot().await.floor.speeches.into_iter();
    speeches
        .map(|it| (it.request.to_string(), it.consumed))
        .collect()
}

/// A channel carries its interpreter only, who is in the room and flows nowhere else. A relay leads from the
/// floor to a listener in at most two steps.
fn interpreters_alone(shown: &Scene, room: &RoomSnapshot<FloorView>) {
    let carried = |channel: &Channel| shown.channels.get(&channel.language).cloned();
    let mut voices = BTreeSet::new();
    for channel in &room.channels {
        let voice = channel.interpreter.clone().filter(|interpreter| {
            let mut people = room.participants.iter();
            let seated = people
                .any(|it| it.person == *interpreter && it.state == Presence::Seated && !it.muted);
            let heard = channel.state == ChannelState::Interpreted;
            assert!(!heard || seated, "{interpreter} is not here");
            heard
        });
        assert_eq!(carried(channel), voice.clone().map(Some));
        if let Some(voice) = voice {
            let on_the_floor = shown.reach(&voice, Source::Microphone);
            assert_eq!(on_the_floor, None, "{voice} is on the floor");
            assert!(voices.insert(voice), "one voice, two languages");
        }
        if let Sound::Language(source) = &channel.source {
            let mut all = room.channels.iter();
            let source = all.find(|it| it.language == *source);
            let source = source.expect("a source is a channel");
            assert_eq!(source.source, Sound::Floor, "a relay of a relay");
        }
    }
    assert_eq!(shown.channels.len(), voices.len());
}

/// The same command under the same key gets the same reply, and happens once.
async fn say_twice(room: &TestRoom, seat: &Participant, name: &str, what: &str, fields: Value) {
    let once = seat.execute_with_key(name, what, fields.clone()).await;
    let seq = room.snapshot().await.seq;
    let twice = seat.execute_with_key(name, what, fields).await;
    assert_eq!(once, twice, "the same reply");
    assert_eq!(room.snapshot().await.seq, seq, "nothing more happened");
}

pub async fn is_the_fold_of_its_log(room: &TestRoom) {
    let snapshot = room.snapshot().await;
    let reader = plenary_testkit::person("viewer");
    let log = room
        .handle
        .events_after(reader, Seq(0))
        .await
        .expect("the log");
    let log: Vec<RoomLogEvent> = log
        .iter()
        .map(|event| serde_json::from_slice(event).expect("an event"))
        .collect();
    let fold = Fold::of(&log);
    assert_eq!(fold.seq, snapshot.seq);
    // Paused time stands still here, so both views are of the same moment.
    let floor = fold.floor.view(room.now(), snapshot.floor.version);
    assert_eq!(floor, snapshot.floor);
    let participants: Vec<_> = fold.participants.into_values().collect();
    assert_eq!(participants, snapshot.participants);
    let decisions: Vec<_> = fold.decisions.into_values().collect();
    assert_eq!(decisions, snapshot.decisions);
    for channel in snapshot.channels {
        let told = fold.channels.get(channel.language.as_str()).cloned();
        let told = told.unwrap_or_else(|| Channel::untouched(channel.language.clone()));
        assert_eq!(told, channel);
    }
    for item in snapshot.agenda.items {
        if let Some(told) = fold.items.get(item.id.as_str()) {
            assert_eq!(*told, item);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_room_equals_the_fold_of_its_log_and_forwards_only_holders_of_the_floor(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let seated = [0, 2, 3, 4, 6, 7].map(Step::Enter);
        let steps = seated.into_iter().chain(steps).collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps));
    }
}
