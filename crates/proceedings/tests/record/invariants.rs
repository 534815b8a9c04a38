//! The invariants of the proceedings after any script on the floor.

use std::collections::BTreeMap;

use plenary_floor::{
    Actor, Change, Command, Kind, Mode, Overtime, Scope, Settings, Speech, SpeechStep,
};
use plenary_ids::{BoundedMillis, Millis, RequestId};
use plenary_proceedings::{Part, Proceedings, Time};
use plenary_room::Body;
use plenary_testkit::{floor::requesting, person, record::TestRecord};
use proptest::prelude::*;

const PEOPLE: [&str; 4] = ["tokyo-1", "seoul-1", "delhi-1", "brussels-1"];

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    Comes(usize),
    Drops(usize),
    Speaks(usize),
    Does(Box<Command>, Scope, usize),
    Waits(u64),
    Down(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let request = (1u64..9).prop_map(RequestId);
    let chairs = (request.clone(), 0..10u8, 1u16..90).prop_map(|(request, verb, seconds)| {
        let reason = None;
        let command = match verb {
            0..3 => Command::Grant {
                request,
                replace: None,
            },
            3 => Command::Deny { request, reason },
            4 => Command::Pass { request },
            5 => Command::Recall {
                request,
                position: None,
            },
            6 => Command::Suspend { request },
            7 => Command::Resume { request },
            8 => Command::Extend {
                request,
                by: BoundedMillis::from_secs(seconds),
            },
            _ => Command::Revoke { request, reason },
        };
        Step::Does(Box::new(command), Scope::Chair, 4)
    });
    let kinds = prop::sample::select(vec![Kind::Statement, Kind::PointOfOrder]);
    let asks = (0..PEOPLE.len(), kinds).prop_map(|(who, kind)| {
        Step::Does(Box::new(requesting(PEOPLE[who], kind)), Scope::Own, who)
    });
    let releases = (0..PEOPLE.len(), request).prop_map(|(who, request)| {
        Step::Does(Box::new(Command::Release { request }), Scope::Own, who)
    });
    let list = prop::sample::select(vec![
        Command::ListAdjourn {},
        Command::ListResume {},
        Command::ListClose {},
    ])
    .prop_map(|verb| Step::Does(Box::new(verb), Scope::Chair, 4));
    prop_oneof![
        4 => asks,
        8 => chairs,
        2 => releases,
        1 => list,
        1 => Just(Step::Does(Box::new(Command::Next { expect: None }), Scope::Chair, 4)),
        2 => Just(Step::Does(Box::new(Command::Undo { of: None }), Scope::Chair, 4)),
        2 => (0..PEOPLE.len()).prop_map(Step::Comes),
        2 => (0..PEOPLE.len()).prop_map(Step::Drops),
        2 => (0..PEOPLE.len()).prop_map(Step::Speaks),
        6 => (1u64..120_000).prop_map(Step::Waits),
        1 => (1u64..600).prop_map(Step::Down),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    let modes = vec![Mode::Moderated, Mode::Queue, Mode::Open];
    (
        prop::sample::select(modes),
        prop::sample::select(&Overtime::ALL[..]),
        1u32..3,
    )
        .prop_map(|(mode, overtime, nom)| Settings {
            mode,
            overtime,
            nom,
            limit: Millis::from_secs(60),
            ..Settings::default()
        })
}

fn play(settings: Settings, steps: Vec<Step>) -> TestRecord {
    let mut record = TestRecord::new(settings);
    for name in PEOPLE.into_iter().chain(["chair"]) {
        record.join(name);
    }
    for step in steps {
        match step {
            Step::Comes(who) => record.join(PEOPLE[who]),
            Step::Drops(who) => record.disconnect(PEOPLE[who]),
            Step::Speaks(who) => record.voice(PEOPLE[who]),
            Step::Does(command, scope, who) => {
                let name = PEOPLE.get(who).copied().unwrap_or("chair");
                record.try_execute(*command, &Actor::new(person(name), scope));
            }
            Step::Waits(millis) => record.advance_by(Millis(millis)),
            Step::Down(seconds) => {
                record.restart_after(seconds);
                record.join("chair");
            }
        }
    }
    record
}

fn length(part: &Part, now: &Time) -> u64 {
    let at = |time: &Time| time.utc().parse::<jiff::Timestamp>().unwrap();
    let ended = part.ended.as_ref().unwrap_or(now);
    u64::try_from((at(ended).as_millisecond()) - at(&part.began).as_millisecond()).unwrap()
}

/// The time by the floor's own clock for each speech, in the order of the grants.
fn consumed(record: &TestRecord) -> Vec<u64> {
    let mut by_grant: Vec<(RequestId, u64, bool)> = Vec::new();
    let mut clocks: BTreeMap<RequestId, Speech> = BTreeMap::new();
    for entry in &record.log {
        let Body::Floor(event) = &entry.body else {
            continue;
        };
        if let Some(speech) = event.speech() {
            clocks.insert(speech.request, speech.clone());
        }
        if let Change::Undone { restored, .. } = &event.change {
            for request in &restored.requests {
                let mut speeches = by_grant.iter_mut().rev();
                let last = speeches.find(|it| it.0 == request.id);
                let Some(last) = last else { continue };
                let mut restored = restored.speeches.iter();
                if let Some(speech) = restored.find(|it| it.request == request.id) {
                    clocks.insert(speech.request, speech.clone());
                    last.2 = false;
                } else if !last.2 {
                    (last.1, last.2) = (clocks[&request.id].consumed_at(entry.at).0, true);
                }
            }
            continue;
        }
        if let Change::Speech {
            request,
            step: SpeechStep::Granted,
            ..
        } = &event.change
        {
            by_grant.push((request.id, 0, false));
            continue;
        }
        let Some(ended) = event.speech().filter(|speech| speech.ended_at.is_some()) else {
            continue;
        };
        let open = by_grant.iter_mut().rev().find(|it| it.0 == ended.request);
        let open = open.unwrap();
        (open.1, open.2) = (ended.consumed.0, true);
    }
    by_grant
        .into_iter()
        .map(
            |(request, used, ended)| match record.floor.state.speech(request) {
                Some(speech) if !ended => speech.consumed_at(record.floor.now).0,
                _ => used,
            },
        )
        .collect()
}

proptest! {
    #[test]
    fn the_time_used_equals_the_floors_clock_and_the_sum_of_the_parts(
        settings in settings(),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let record = play(settings, steps);
        let proceedings = record.proceedings();
        let used: Vec<u64> = proceedings.speeches.iter().map(|it| it.used_ms.0).collect();
        prop_assert_eq!(&used, &consumed(&record));
        for speech in &proceedings.speeches {
            let parts = speech.parts.iter().map(|part| length(part, &proceedings.generated));
            prop_assert_eq!(parts.sum::<u64>(), speech.used_ms.0);
        }
        sums_add_up(&proceedings);
    }

    #[test]
    fn any_meeting_has_minutes_and_a_table(
        settings in settings(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let proceedings = play(settings, steps).proceedings();
        let minutes = proceedings.minutes();
        prop_assert!(minutes.starts_with("# "));
        prop_assert_eq!(proceedings.speeches_csv().unwrap().lines().count(), proceedings.speeches.len() + 1);
    }
}

fn sums_add_up(proceedings: &Proceedings) {
    for delegation in &proceedings.delegations {
        let own = proceedings.speeches.iter().filter(|it| {
            it.delegation.as_ref() == Some(&delegation.delegation)
                && it.kind != Kind::PointOfOrder
                && !it.undone
        });
        assert_eq!(
            own.map(|it| it.used_ms.0).sum::<u64>(),
            delegation.used_ms.0
        );
    }
}
