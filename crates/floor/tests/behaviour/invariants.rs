//! The properties of domain.md over anything that can happen, against a plain model that knows only the table.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use plenary_floor::{
    Actor, Advance, ChairVerb, Class, Command, Event, Floor, FloorRequest, Kind, ListVerb, Mode,
    Overtime, Policy, Priority, Scope, Settings, SettingsPatch, Speaker, State, WhenFull, Wish,
    apply, decide,
};
use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};
use proptest::prelude::*;

/// What happens next in a script.
#[derive(Debug, Clone)]
enum Step {
    Do(Box<Command>, Actor),
    Wait(u64),
    Back(u64),
    Down(u64),
}

const PEOPLE: [(&str, &str, Class); 6] = [
    ("chair", "taipei", Class::Member),
    ("tokyo-1", "tokyo", Class::Member),
    ("seoul-1", "seoul", Class::Member),
    ("seoul-2", "seoul", Class::Member),
    ("brussels-1", "brussels", Class::Observer),
    ("guest-1", "guest", Class::Guest),
];

fn who(index: usize) -> Speaker {
    let (name, delegation, class) = PEOPLE[index];
    Speaker {
        person: PersonId::new(name).unwrap(),
        delegation: Some(DelegationId::new(delegation).unwrap()),
        class,
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let policies = [
        Policy::Fifo,
        Policy::Agreed,
        Policy::MembersFirst,
        Policy::Rotation,
        Policy::MembersFirstRotation,
        Policy::Protocol,
    ];
    (
        prop::sample::select(vec![Mode::Moderated, Mode::Queue, Mode::Open, Mode::Direct]),
        prop::sample::select(policies.to_vec()),
        1u32..3,
        prop::sample::select(vec![Advance::Auto, Advance::Chair]),
        prop::sample::select(vec![WhenFull::Wait, WhenFull::Override]),
        prop::sample::select(vec![Overtime::Continue, Overtime::Mute, Overtime::Revoke]),
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(mode, policy, nom, advance, when_full, overtime, (yielding, carry_over))| Settings {
                mode,
                policy,
                nom,
                advance,
                when_full,
                overtime,
                yielding,
                carry_over,
                limit: Millis::from_secs(60),
                warning: Millis::from_secs(20),
                ..Settings::default()
            },
        )
}

fn request_command() -> impl Strategy<Value = Command> {
    let (place, id) = (1u32..5, (1u64..14).prop_map(RequestId));
    (
        id,
        place,
        0..13usize,
        0..PEOPLE.len(),
        any::<bool>(),
        1u64..14,
    )
        .prop_map(|(request, place, verb, to, flag, other)| {
            let position = flag.then_some(place);
            match verb {
                0 | 1 => Command::Accept { request, position },
                2 | 3 => Command::Grant {
                    request,
                    replace: (flag && other % 2 == 0).then_some(RequestId(other)),
                },
                4 => Command::Deny {
                    request,
                    reason: None,
                },
                5 => Command::Cancel { request },
                6 => Command::Move {
                    request,
                    position: place,
                    overriding: flag,
                },
                7 => Command::Pass { request },
                8 => Command::Recall { request, position },
                9 if flag => Command::Suspend { request },
                9 => Command::Resume { request },
                10 => Command::Release { request },
                11 if flag => Command::Extend {
                    request,
                    by: Millis(other * 5_000),
                },
                11 => Command::Yield {
                    request,
                    to: Some(who(to)),
                },
                _ => Command::Revoke {
                    request,
                    reason: None,
                },
            }
        })
}

fn command() -> impl Strategy<Value = Command> {
    let kinds = vec![
        Kind::Statement,
        Kind::Statement,
        Kind::Response,
        Kind::Reply,
        Kind::PointOfOrder,
        Kind::Motion,
    ];
    let asking = (
        0..PEOPLE.len(),
        prop::sample::select(kinds),
        1u8..4,
        any::<u8>(),
    )
        .prop_map(|(index, kind, priority, odd)| {
            let priority = if odd < 200 {
                Priority::default()
            } else {
                Priority::new(priority).unwrap()
            };
            let wish = Wish {
                kind,
                beneficiary: who(index),
                priority,
                info: None,
            };
            if odd % 16 == 0 {
                Command::Admit(wish)
            } else {
                Command::Request(wish)
            }
        });
    let world = (0..PEOPLE.len(), 0..7u8).prop_map(|(index, verb)| {
        let person = who(index).person;
        match verb {
            0..3 => Command::Connected { person },
            3 | 4 => Command::Disconnected { person },
            5 => Command::Left { person },
            _ => Command::Voice { person },
        }
    });
    let list = prop::sample::select(vec![
        ListVerb::Open,
        ListVerb::Close,
        ListVerb::AnnounceClose {
            at: Moment(1_060_000),
        },
        ListVerb::Reopen,
        ListVerb::Adjourn,
        ListVerb::Resume,
        ListVerb::Conclude,
    ]);
    let chair = (0..4u8, 0..2usize).prop_map(|(verb, to)| match verb {
        0 => ChairVerb::Take,
        1 => ChairVerb::HandOver { to: who(to).person },
        2 => ChairVerb::PriorityOn,
        _ => ChairVerb::PriorityOff,
    });
    let patch =
        (1u32..4, any::<bool>(), settings()).prop_map(|(nom, all, settings)| SettingsPatch {
            nom: Some(nom),
            mode: all.then_some(settings.mode),
            policy: all.then_some(settings.policy),
            ..SettingsPatch::default()
        });
    let agreed = prop::sample::subsequence((0..PEOPLE.len()).collect::<Vec<_>>(), 0..4);
    prop_oneof![
        6 => asking,
        8 => request_command(),
        3 => world,
        2 => Just(Command::Next),
        1 => list.prop_map(Command::List),
        1 => chair.prop_map(Command::Chair),
        1 => patch.prop_map(Command::Settings),
        1 => agreed.prop_map(|people| Command::Item {
            agreed: people.into_iter().map(|index| who(index).person).collect(),
            limit: Some(Millis::from_secs(90)),
        }),
        1 => Just(Command::ItemEnd),
        1 => any::<bool>().prop_map(|open| Command::RollCall { open }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let acting = (command(), 0..PEOPLE.len(), 0..10u8).prop_map(|(command, index, scope)| {
        let world = matches!(
            command,
            Command::Connected { .. }
                | Command::Disconnected { .. }
                | Command::Left { .. }
                | Command::Voice { .. }
                | Command::RollCall { .. }
        );
        let own = match &command {
            Command::Request(wish) => Some(wish.beneficiary.person.clone()),
            _ => None,
        };
        let actor = match scope {
            _ if world => Actor::system(),
            0..5 => Actor::new(who(0).person, Scope::Chair),
            5..8 => Actor::new(own.unwrap_or_else(|| who(index).person), Scope::Own),
            8 => Actor::new(who(index).person, Scope::OnBehalf),
            _ => Actor::system(),
        };
        Step::Do(Box::new(command), actor)
    });
    prop_oneof![
        20 => acting,
        3 => (0u64..40_000).prop_map(Step::Wait),
        1 => (0u64..40_000).prop_map(Step::Back),
        1 => (0u64..90_000).prop_map(Step::Down),
    ]
}

/// The table of domain.md and nothing else: which state follows which, and how much time was used.
#[derive(Default)]
struct Model {
    requests: BTreeMap<RequestId, FloorRequest>,
    consumed: BTreeMap<RequestId, Millis>,
    running: BTreeSet<RequestId>,
    /// Those whose place the record calls an override.
    overridden: BTreeSet<RequestId>,
}

impl Model {
    fn see(&mut self, event: &Event) {
        if let Some(request) = event.request() {
            let before = self.requests.get(&request.id).map(|request| request.state);
            let passes_a_holder = matches!(
                event,
                Event::Passed {
                    speech: Some(_),
                    ..
                }
            );
            let allowed = match before {
                None => &[State::Pending, State::Accepted][..],
                Some(State::Pending) => &[
                    State::Pending,
                    State::Accepted,
                    State::Granted,
                    State::Denied,
                    State::Cancelled,
                ],
                Some(State::Accepted) => &[
                    State::Accepted,
                    State::Granted,
                    State::Denied,
                    State::Cancelled,
                ],
                Some(State::Granted) if passes_a_holder => &[State::Accepted],
                Some(State::Granted) => &[State::Granted, State::Released, State::Revoked],
                Some(_) => &[],
            };
            assert!(
                allowed.contains(&request.state),
                "{before:?} to {:?}",
                request.state
            );
            self.requests.insert(request.id, request.clone());
        }
        match event {
            Event::Moved {
                overrode: true,
                request,
                ..
            } => {
                self.overridden.insert(request.id);
            }
            Event::Order {
                overrode: true,
                order,
                ..
            } => self.overridden.extend(order),
            Event::Granted { speech, .. } => {
                self.consumed.insert(speech.request, Millis(0));
                self.clock(speech);
            }
            Event::Released { speech, .. }
            | Event::Revoked { speech, .. }
            | Event::Suspended { speech, .. }
            | Event::Resumed { speech, .. }
            | Event::Extended { speech, .. }
            | Event::Timer { speech }
            | Event::Passed {
                speech: Some(speech),
                ..
            }
            | Event::Yielded {
                speech: Some(speech),
                ..
            } => self.clock(speech),
            _ => {}
        }
    }

    /// Time never falls, and only a clock that ran may have moved on.
    fn clock(&mut self, speech: &plenary_floor::Speech) {
        let id = speech.request;
        let before = self.consumed[&id];
        assert!(speech.consumed >= before, "time never falls");
        assert!(
            speech.consumed == before || self.running.contains(&id),
            "a paused clock stands still"
        );
        self.consumed.insert(id, speech.consumed);
        if speech.running {
            self.running.insert(id);
        } else {
            self.running.remove(&id);
        }
    }
}

fn check(before: &Floor, floor: &Floor, events: &[Event], model: &Model, now: Moment) {
    let open: BTreeMap<_, _> = model
        .requests
        .iter()
        .filter(|(_, request)| !request.state.is_terminal())
        .collect();
    let view = floor.view(now, 1);
    assert_eq!(
        view.requests.len(),
        open.len(),
        "what is open is what the events left open"
    );
    let counted = view
        .granted
        .iter()
        .filter(|request| request.is_live() && Some(&request.beneficiary) != floor.chair());
    assert!(
        counted.count() <= floor.settings().nom as usize,
        "live grants are at most nom"
    );
    for request in &view.requests {
        assert_eq!(open[&request.id].state, request.state);
        assert_eq!(
            request.position.is_some(),
            request.is_listed(),
            "only listed ones have a position"
        );
        let live = request.is_live();
        assert_eq!(
            live,
            floor
                .speech(request.id)
                .is_some_and(plenary_floor::Speech::is_live)
        );
        assert!(
            !live || floor.is_connected(&request.beneficiary),
            "nobody absent is live"
        );
    }
    let positions: BTreeSet<u32> = view
        .requests
        .iter()
        .filter_map(|request| request.position)
        .collect();
    let listed = view
        .requests
        .iter()
        .filter(|request| request.is_listed())
        .count();
    assert_eq!(
        positions,
        (1..=u32::try_from(listed).unwrap()).collect(),
        "positions are 1 to n"
    );
    members_come_first(floor, model);
    fifo_never_gets_worse(before, floor, events);
}

/// Without an override on the record no observer precedes a member of the same priority; a frozen order is excused.
fn members_come_first(floor: &Floor, model: &Model) {
    let by_class = matches!(
        floor.settings().policy,
        Policy::MembersFirst | Policy::MembersFirstRotation
    );
    if !by_class || floor.list().adjourned_from.is_some() {
        return;
    }
    let listed: Vec<FloorRequest> = floor
        .order()
        .iter()
        .filter_map(|id| floor.request(*id))
        .collect();
    let own_places = listed.iter().filter(|request| !request.overrode);
    assert!(own_places.is_sorted_by_key(|request| (
        request.kind == Kind::Reply,
        Reverse(request.priority),
        request.class
    )));
    assert!(
        listed
            .iter()
            .all(|request| !request.overrode || model.overridden.contains(&request.id)),
        "on the record"
    );
}

/// First come, first served, while the rules stay the same: only more urgent ones and overrides come in between.
fn fifo_never_gets_worse(before: &Floor, floor: &Floor, events: &[Event]) {
    let overridden = events.iter().any(|event| {
        matches!(
            event,
            Event::Moved { .. }
                | Event::Order { overrode: true, .. }
                | Event::Settings { .. }
                | Event::ListResumed { .. }
        )
    });
    if overridden || before.settings().policy != Policy::Fifo {
        return;
    }
    for id in before.order() {
        let (Some(was), Some(is)) = (before.request(*id), floor.request(*id)) else {
            continue;
        };
        let (Some(old), Some(new)) = (was.position, is.position) else {
            continue;
        };
        let others: Vec<FloorRequest> = floor
            .order()
            .iter()
            .filter_map(|id| floor.request(*id))
            .collect();
        let arrived = others
            .iter()
            .filter(|other| !before.order().contains(&other.id));
        let urgency = |request: &FloorRequest| (request.kind != Kind::Reply, request.priority);
        let urgent = arrived
            .filter(|other| urgency(other) > urgency(&is))
            .count();
        // An urgent arrival may push somebody past those whom an override holds in their places.
        let held = if urgent > 0 {
            others.iter().filter(|other| other.overrode).count()
        } else {
            0
        };
        assert!(
            new as usize <= old as usize + urgent + held,
            "{old} became {new}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_whatever_happens(settings in settings(), steps in prop::collection::vec(step(), 1..60)) {
        let start = Floor::new(settings);
        let (mut floor, mut log, mut model) = (start.clone(), Vec::new(), Model::default());
        let mut now = Moment(1_000_000);
        let seated = PEOPLE.iter().enumerate().map(|(index, _)| {
            Step::Do(Box::new(Command::Connected { person: who(index).person }), Actor::system())
        });
        for step in seated.chain(steps) {
            let (command, actor) = match step {
                Step::Do(command, actor) => (*command, actor),
                Step::Wait(millis) => {
                    now = now.after(Millis(millis));
                    (Command::Tick, Actor::system())
                }
                Step::Back(millis) => {
                    now = Moment(now.0.saturating_sub(millis));
                    (Command::Tick, Actor::system())
                }
                Step::Down(millis) => {
                    let down_since = now;
                    now = now.after(Millis(millis));
                    let snapshot = serde_json::to_string(&floor).unwrap();
                    let back: Floor = serde_json::from_str(&snapshot).unwrap();
                    prop_assert_eq!(&back, &floor);
                    floor = back;
                    (Command::Restarted { down_since }, Actor::system())
                }
            };
            let Ok(events) = decide(&floor, &command, &actor, now) else { continue };
            let before = floor.clone();
            for event in &events {
                apply(&mut floor, event);
                model.see(event);
            }
            check(&before, &floor, &events, &model, now);
            prop_assert_eq!(decide(&floor, &Command::Tick, &Actor::system(), now).unwrap(), [], "nothing is left to settle");
            log.extend(events);
        }
        let mut folded = start;
        for event in &log {
            let wire = serde_json::to_string(event).unwrap();
            apply(&mut folded, &serde_json::from_str(&wire).unwrap());
        }
        prop_assert_eq!(folded, floor);
    }
}

/// Two thousand unless `PROPTEST_CASES` says more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2_000)
}
