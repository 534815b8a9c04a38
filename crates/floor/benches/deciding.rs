//! Deciding and applying one command while 500 requests are listed, under every policy. The target is 50 µs.
//!
//! `cargo bench -p plenary-floor` prints a line for each command and policy. Refilling the list to 500 between
//! two commands is not measured.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use plenary_floor::{
    Actor, Class, Code, Command, Directory, Event, Floor, Policy, Refusal, Settings, Speaker,
    SystemCommand, apply, decide, decide_system,
};
use plenary_ids::{DelegationId, Moment, PersonId, RequestId};

const LISTED: usize = 500;
const CITIES: usize = 250;

struct ListedFloor {
    state: Floor,
    now: Moment,
    /// A person who neither speaks nor is listed.
    spare: PersonId,
}

fn speaker(index: usize) -> Speaker {
    let city = index % CITIES;
    Speaker {
        person: PersonId::new(&format!("city-{city}-{}", index / CITIES)).unwrap(),
        delegation: DelegationId::new(&format!("city-{city}")).ok(),
        class: match city % 5 {
            0 => Class::Observer,
            1 => Class::Guest,
            _ => Class::Member,
        },
    }
}

/// Everybody of [`speaker`], looked up by name.
struct People;

impl Directory for People {
    fn speaker(&self, person: &PersonId) -> Result<Speaker, Refusal> {
        let mut numbers = person.as_str().rsplit('-').map(str::parse::<usize>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(seat)), Some(Ok(city))) => Ok(speaker(seat * CITIES + city)),
            _ => Err(Refusal::new(Code::NotFound, "nobody of the bench")),
        }
    }

    fn can_preside(&self, _: &PersonId) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_delegation(&self, _: &DelegationId) -> Result<(), Refusal> {
        Ok(())
    }
}

impl ListedFloor {
    /// All people are connected, the first speaks, and 500 are listed.
    fn open(policy: Policy) -> Self {
        let settings = Settings {
            policy,
            max_requests: 1000,
            drawn: Some('c'),
            ..Settings::default()
        };
        let mut floor = Self {
            state: Floor::new(settings),
            now: Moment(1_634_000_400_000),
            spare: speaker(0).person,
        };
        let everybody: Vec<Speaker> = (0..LISTED + 2).map(speaker).collect();
        for speaker in &everybody {
            floor.tell(&SystemCommand::Connected(speaker.person.clone()));
        }
        floor.tell(&SystemCommand::BeginItem {
            agreed: everybody
                .iter()
                .take(40)
                .map(|it| it.person.clone())
                .collect(),
            limit: None,
        });
        for speaker in &everybody {
            floor.spare = speaker.person.clone();
            if speaker.person != everybody[LISTED + 1].person {
                floor.list_one_more();
            }
        }
        floor.act(&Command::Next { expect: None });
        assert_eq!(floor.state.order().len(), LISTED);
        floor
    }

    fn act(&mut self, command: &Command) -> Vec<Event> {
        self.now = Moment(self.now.0 + 1);
        let (actor, people) = (Actor::system(), &People);
        let events = decide(&self.state, command, &actor, people, self.now).unwrap();
        for event in &events {
            apply(&mut self.state, event);
        }
        events
    }

    fn tell(&mut self, command: &SystemCommand) {
        self.now = Moment(self.now.0 + 1);
        let events = decide_system(&self.state, command, &Actor::system(), self.now).unwrap();
        for event in &events {
            apply(&mut self.state, event);
        }
    }

    fn ask(&mut self) -> Command {
        Command::Request {
            kind: None,
            beneficiary: Some(self.spare.clone()),
            priority: None,
            info: None,
        }
    }

    fn list_one_more(&mut self) {
        let ask = self.ask();
        let asked = self.act(&ask);
        let request = asked.iter().find_map(Event::request).unwrap().id;
        self.act(&Command::Accept {
            request,
            position: None,
        });
    }
}

/// The time of one command, decided and applied; `restore` brings the list back.
fn time(
    floor: &mut ListedFloor,
    rounds: u64,
    mut next: impl FnMut(&mut ListedFloor) -> Command,
    mut restore: impl FnMut(&mut ListedFloor, &[Event]),
) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let command = next(floor);
        let began = Instant::now();
        let events = black_box(floor.act(black_box(&command)));
        total += began.elapsed();
        restore(floor, &events);
    }
    total
}

fn about(events: &[Event]) -> RequestId {
    events.iter().find_map(Event::request).unwrap().id
}

fn deciding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("500 listed");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(400));
    for policy in Policy::ALL {
        let mut floor = ListedFloor::open(policy);
        group.bench_function(format!("ask/{policy}"), |bench| {
            bench.iter_custom(|rounds| {
                time(&mut floor, rounds, ListedFloor::ask, |floor, events| {
                    let request = about(events);
                    floor.act(&Command::Cancel { request });
                })
            });
        });
        group.bench_function(format!("accept/{policy}"), |bench| {
            bench.iter_custom(|rounds| {
                let accept = |floor: &mut ListedFloor| {
                    let ask = floor.ask();
                    Command::Accept {
                        request: about(&floor.act(&ask)),
                        position: None,
                    }
                };
                time(&mut floor, rounds, accept, |floor, events| {
                    let request = about(events);
                    floor.act(&Command::Cancel { request });
                })
            });
        });
        group.bench_function(format!("move/{policy}"), |bench| {
            bench.iter_custom(|rounds| {
                let up = |floor: &mut ListedFloor| Command::Move {
                    request: *floor.state.order().last().unwrap(),
                    position: 200,
                    overriding: true,
                };
                time(&mut floor, rounds, up, |floor, events| {
                    let request = about(events);
                    floor.act(&Command::Pass { request });
                    floor.act(&Command::Recall {
                        request,
                        position: None,
                    });
                })
            });
        });
        group.bench_function(format!("next/{policy}"), |bench| {
            bench.iter_custom(|rounds| {
                time(
                    &mut floor,
                    rounds,
                    |_| Command::Next { expect: None },
                    |floor, events| {
                        // The previous speaker requests the floor again.
                        let ended = events.iter().find_map(Event::request).unwrap();
                        let spare = std::mem::replace(&mut floor.spare, ended.beneficiary.clone());
                        floor.list_one_more();
                        floor.spare = spare;
                    },
                )
            });
        });
    }
    group.finish();
}

criterion_group!(benches, deciding);
criterion_main!(benches);
