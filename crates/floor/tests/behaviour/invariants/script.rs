//! Scripts for a room: commands of all people, drops, returns, clocks and restarts.

use std::fmt;

use plenary_floor::{
    Actor, Advance, ChairVerb, Class, Command, Kind, ListVerb, Mode, Overtime, Policy, Priority,
    Scope, Settings, SettingsPatch, Speaker, WhenFull, Wish,
};
use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId};
use proptest::prelude::*;

/// A step of a script.
#[derive(Clone)]
pub enum Step {
    /// A person gives a command.
    Do(Box<Command>, Actor),
    /// Milliseconds pass, and the room checks the clocks.
    Wait(u64),
    /// The machine's clock steps back.
    Back(u64),
    /// The server is down, and restores its snapshot.
    Down(u64),
}

/// A script for a room with these settings. A failing script is printed step by step.
#[derive(Clone)]
pub struct Script {
    pub settings: Settings,
    pub steps: Vec<Step>,
}

impl fmt::Debug for Script {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        writeln!(
            out,
            "\n  a floor in mode {:?} by {:?} with nom {}, {:?}, {:?}, {:?}, yielding {}, carry-over {}",
            settings.mode,
            settings.policy,
            settings.nom,
            settings.advance,
            settings.when_full,
            settings.overtime,
            settings.yielding,
            settings.carry_over
        )?;
        self.steps
            .iter()
            .try_for_each(|step| writeln!(out, "  {step:?}"))
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, what) = match self {
            Self::Do(command, actor) => {
                let person = actor.person.as_ref().map(PersonId::as_str);
                let who = format!("{} ({:?})", person.unwrap_or("the server"), actor.scope);
                (who, format!("{command:?}"))
            }
            Self::Wait(millis) => ("time".to_owned(), format!("passes: {millis} ms")),
            Self::Back(millis) => ("the clock".to_owned(), format!("steps back {millis} ms")),
            Self::Down(millis) => ("the server".to_owned(), format!("is down for {millis} ms")),
        };
        write!(out, "{who:<24} {}", plainly(&what))
    }
}

/// `RequestId(3)` as `r3`, and names without the names of their types.
fn plainly(what: &str) -> String {
    let mut plain = what.replace("RequestId(", "r(");
    for wrapper in ["r(", "PersonId(", "DelegationId(", "Some("] {
        while let Some(begin) = plain.find(wrapper) {
            let inside = begin + wrapper.len();
            let Some(end) = matching(&plain[inside..]) else {
                break;
            };
            let letter = if wrapper == "r(" { "r" } else { "" };
            plain = format!(
                "{}{letter}{}{}",
                &plain[..begin],
                &plain[inside..inside + end],
                &plain[inside + end + 1..]
            );
        }
    }
    plain
}

/// The position of the bracket that closes the one before the text.
fn matching(text: &str) -> Option<usize> {
    let mut open = 1;
    text.char_indices().find_map(|(at, letter)| {
        open += i32::from(letter == '(') - i32::from(letter == ')');
        (open == 0).then_some(at)
    })
}

/// Scripts of up to so many steps.
pub fn script(steps: usize) -> impl Strategy<Value = Script> {
    (settings(), prop::collection::vec(step(), 1..steps))
        .prop_map(|(settings, steps)| Script { settings, steps })
}

pub const PEOPLE: [(&str, &str, Class); 6] = [
    ("chair", "taipei", Class::Member),
    ("tokyo-1", "tokyo", Class::Member),
    ("seoul-1", "seoul", Class::Member),
    ("seoul-2", "seoul", Class::Member),
    ("brussels-1", "brussels", Class::Observer),
    ("guest-1", "guest", Class::Guest),
];

pub fn who(index: usize) -> Speaker {
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
        any::<(bool, bool, bool)>(),
    )
        .prop_map(
            |(mode, policy, nom, advance, when_full, overtime, (yielding, carry_over, drawn))| {
                Settings {
                    mode,
                    policy,
                    nom,
                    advance,
                    when_full,
                    overtime,
                    yielding,
                    carry_over,
                    protocol: drawn
                        .then(|| DelegationId::new("seoul").unwrap())
                        .into_iter()
                        .collect(),
                    drawn: drawn.then_some('s'),
                    limit: Millis::from_secs(60),
                    warning: Millis::from_secs(20),
                    ..Settings::default()
                }
            },
        )
}

fn request_command() -> impl Strategy<Value = Command> {
    let (place, id) = (1u32..5, (1u64..14).prop_map(RequestId));
    (
        id,
        place,
        0..14usize,
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
                12 => Command::Wait { request },
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
    let world = (0..PEOPLE.len(), 0..9u8).prop_map(|(index, verb)| {
        let person = who(index).person;
        match verb {
            0..3 => Command::Connected { person },
            3 | 4 => Command::Disconnected { person },
            5 => Command::Left { person },
            6 => Command::Stalled { person },
            7 => Command::Flowing { person },
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
                | Command::Stalled { .. }
                | Command::Flowing { .. }
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
