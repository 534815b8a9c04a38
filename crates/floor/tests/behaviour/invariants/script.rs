//! Scripts for a room: commands of all people, drops, returns, clocks and restarts.

use std::fmt;

use plenary_floor::{
    Actor, Advance, Class, Code, Command, Directory, Event, Floor, Kind, Mode, Overtime, Play,
    Policy, Priority, RecordingAction, RecordingReport, Refusal, Scope, Settings, SettingsPatch,
    Speaker, SystemCommand, WhenFull,
};
use plenary_ids::{BoundedMillis, DelegationId, MediaId, Millis, Moment, PersonId, RequestId};
use proptest::prelude::*;

/// A step of a script.
#[derive(Clone)]
pub enum Step {
    /// A person gives a command, or the room does.
    Do(Box<Input>, Actor),
    /// Milliseconds pass, and the room checks the clocks.
    Wait(u64),
    /// The machine's clock steps back.
    Back(u64),
    /// The server is down, and restores its snapshot.
    Down(u64),
}

/// A command of a person, or of the room.
#[derive(Debug, Clone)]
pub enum Input {
    Command(Command),
    System(SystemCommand),
}

impl Input {
    pub fn decide(&self, floor: &Floor, actor: &Actor, now: Moment) -> Result<Vec<Event>, Refusal> {
        match self {
            Self::Command(command) => plenary_floor::decide(floor, command, actor, &Everybody, now),
            Self::System(command) => plenary_floor::decide_system(floor, command, actor, now),
        }
    }
}

impl From<SystemCommand> for Input {
    fn from(command: SystemCommand) -> Self {
        Self::System(command)
    }
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
                let what = match &**command {
                    Input::Command(command) => format!("{command:?}"),
                    Input::System(command) => format!("{command:?}"),
                };
                (who, what)
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

/// The people of the script, who may all speak and preside.
struct Everybody;

impl Directory for Everybody {
    fn speaker(&self, person: &PersonId) -> Result<Speaker, Refusal> {
        let all = (0..PEOPLE.len()).map(who);
        let known = all.into_iter().find(|speaker| speaker.person == *person);
        known.ok_or_else(|| Refusal::new(Code::NotFound, "nobody of the script"))
    }

    fn can_preside(&self, _: &PersonId) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_delegation(&self, _: &DelegationId) -> Result<(), Refusal> {
        Ok(())
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    (
        prop::sample::select(&Mode::ALL[..]),
        prop::sample::select(&Policy::ALL[..]),
        1u32..3,
        prop::sample::select(&Advance::ALL[..]),
        prop::sample::select(&WhenFull::ALL[..]),
        prop::sample::select(&Overtime::ALL[..]),
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
                    by: BoundedMillis::new(Millis(other * 5_000)).unwrap(),
                },
                11 => Command::Yield {
                    request,
                    to: Some(who(to).person),
                },
                12 => Command::Wait { request },
                _ => Command::Revoke {
                    request,
                    reason: None,
                },
            }
        })
}

/// The chair and the player act on a recording of 100 seconds.
fn recording() -> impl Strategy<Value = RecordingAction> {
    let at = (0u64..110).prop_map(Millis::from_secs);
    (0..12u8, 0..PEOPLE.len(), at, 1u64..6).prop_map(|(verb, index, at, generation)| {
        let report = |report| RecordingAction::Report { generation, report };
        match verb {
            0..3 => RecordingAction::Play(Box::new(Play {
                media: MediaId::new("address").unwrap(),
                name: "The mayor's address".to_owned(),
                duration: Millis::from_secs(100),
                position: if verb == 0 { at } else { Millis(0) },
                beneficiary: who(index),
                languages: Vec::new(),
                subtitles: Vec::new(),
            })),
            3 => RecordingAction::Pause,
            4 | 5 => RecordingAction::Resume,
            6 => RecordingAction::Seek(at),
            7 => RecordingAction::Stop,
            8 => report(RecordingReport::Stalled { at }),
            9 => report(RecordingReport::Ended { at }),
            10 if index == 0 => report(RecordingReport::Failed {
                at,
                reason: "the disk is gone".to_owned(),
            }),
            _ => report(RecordingReport::Flowing),
        }
    })
}

fn input() -> impl Strategy<Value = Input> {
    let kinds = vec![
        Kind::Statement,
        Kind::Statement,
        Kind::Response,
        Kind::Reply,
        Kind::PointOfOrder,
        Kind::Motion,
        Kind::Address,
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
            let person = who(index).person;
            if odd % 16 == 0 {
                Command::ListAdmit {
                    person,
                    kind: Some(kind),
                }
            } else {
                Command::Request {
                    kind: Some(kind),
                    beneficiary: Some(person),
                    priority: Some(priority),
                    info: None,
                }
            }
        });
    let world = (0..PEOPLE.len(), 0..9u8).prop_map(|(index, verb)| {
        let person = who(index).person;
        match verb {
            0..3 => SystemCommand::Connected(person),
            3 | 4 => SystemCommand::Disconnected(person),
            5 => SystemCommand::Left(person),
            6 => SystemCommand::Stalled(person),
            7 => SystemCommand::Flowing(person),
            _ => SystemCommand::Voice(person),
        }
    });
    let list = prop::sample::select(vec![
        Command::ListOpen {},
        Command::ListClose {},
        Command::ListAnnounceClose {
            at: Moment(1_060_000),
        },
        Command::ListReopen {},
        Command::ListAdjourn {},
        Command::ListResume {},
        Command::ListConclude {},
    ]);
    let chair = (0..4u8, 0..2usize).prop_map(|(verb, to)| match verb {
        0 => Command::ChairTake {},
        1 => Command::ChairHandOver { to: who(to).person },
        2 => Command::ChairPriorityOn {},
        _ => Command::ChairPriorityOff {},
    });
    let patch =
        (1u32..4, any::<bool>(), settings()).prop_map(|(nom, all, settings)| SettingsPatch {
            nom: Some(nom),
            mode: all.then_some(settings.mode),
            policy: all.then_some(settings.policy),
            ..SettingsPatch::default()
        });
    let agreed = prop::sample::subsequence((0..PEOPLE.len()).collect::<Vec<_>>(), 0..4);
    let by_people = prop_oneof![
        6 => asking,
        8 => request_command(),
        2 => Just(Command::Next { expect: None }),
        2 => Just(Command::Undo { of: None }),
        1 => list,
        1 => chair,
        1 => patch.prop_map(Command::Set),
    ];
    let by_the_room = prop_oneof![
        3 => world,
        1 => agreed.prop_map(|people| SystemCommand::BeginItem {
            agreed: people.into_iter().map(|index| who(index).person).collect(),
            limit: Some(Millis::from_secs(90)),
        }),
        1 => Just(SystemCommand::EndItem),
        3 => recording().prop_map(SystemCommand::Recording),
        1 => any::<bool>().prop_map(|open| SystemCommand::RollCall { open }),
    ];
    prop_oneof![
        19 => by_people.prop_map(Input::Command),
        8 => by_the_room.prop_map(Input::System),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let acting = (input(), 0..PEOPLE.len(), 0..10u8).prop_map(|(input, index, scope)| {
        let world = match &input {
            Input::System(SystemCommand::Recording(RecordingAction::Report { .. })) => true,
            Input::System(
                SystemCommand::BeginItem { .. }
                | SystemCommand::EndItem
                | SystemCommand::Recording(_),
            )
            | Input::Command(_) => false,
            Input::System(_) => true,
        };
        let own = match &input {
            Input::Command(Command::Request { beneficiary, .. }) => beneficiary.clone(),
            _ => None,
        };
        let actor = match scope {
            _ if world => Actor::system(),
            0..5 => Actor::new(who(0).person, Scope::Chair),
            5..8 => Actor::new(own.unwrap_or_else(|| who(index).person), Scope::Own),
            8 => Actor::new(who(index).person, Scope::OnBehalf),
            _ => Actor::system(),
        };
        Step::Do(Box::new(input), actor)
    });
    prop_oneof![
        20 => acting,
        3 => (0u64..40_000).prop_map(Step::Wait),
        1 => (0u64..40_000).prop_map(Step::Back),
        1 => (0u64..90_000).prop_map(Step::Down),
    ]
}
