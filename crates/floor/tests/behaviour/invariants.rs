//! The invariants of the rules of order after any script, against a model that knows only their tables. Rules of order,
//! section 19.
//!
//! `PROPTEST_CASES=1000000 cargo nextest run --release -p plenary-floor invariants` is the long run (`make soak`). A failing
//! script is shrunk, and printed step by step.

mod model;
mod script;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use plenary_floor::{
    Actor, Cause, Change, Command, Event, Floor, FloorRequest, FloorView, Kind, ListStep, Policy,
    RequestStep, SystemCommand, apply, decide_system,
};
use plenary_ids::{Millis, Moment};
use proptest::prelude::*;

use model::Model;
use script::{Input, PEOPLE, Script, Step, script, who};

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
            !live || floor.is_connected(&request.beneficiary) || request.kind == Kind::Address,
            "nobody absent is live, but for a recording"
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
    if floor.list().adjourned_from.is_none()
        && let Some(order) = model.order()
    {
        assert_eq!(floor.order(), order, "the order is the policy's");
    }
    for (holder, due) in &model.absent {
        let speech = floor.speech(*holder).unwrap();
        assert!(!floor.is_connected(&speech.speaker), "absent");
        assert_eq!(
            speech.asked,
            due.is_none(),
            "the chair was asked or will be"
        );
        let deadline = floor.deadline();
        assert!(due.is_none_or(|at| at > now && deadline.is_some_and(|it| it <= at)));
    }
    the_recording_is_a_speech(before, floor);
    the_chairs_word_is_exact(before, floor, events);
    members_come_first(floor, model);
    fifo_never_gets_worse(before, floor, events);
}

/// A floor plays at most one recording, of somebody who does not speak in person meanwhile. What is left of the recording is
/// the time that is left; and its player begins anew only where the generation says so.
fn the_recording_is_a_speech(before: &Floor, floor: &Floor) {
    let view = floor.view(Moment(0), 1);
    let addresses = view.speeches.iter();
    let addresses = addresses.filter(|speech| speech.kind == Kind::Address);
    assert_eq!(addresses.count(), usize::from(floor.recorded().is_some()));
    let Some(speech) = floor.recorded() else {
        return;
    };
    let recorded = speech.recorded.as_deref().unwrap();
    let own = view.speeches.iter();
    let own = own.filter(|other| other.speaker == speech.speaker);
    assert_eq!(own.count(), 1, "nobody speaks beside their own recording");
    assert_eq!(speech.kind, Kind::Address);
    assert_eq!(recorded.running, speech.running);
    assert!(recorded.position <= recorded.duration);
    assert_eq!(
        speech.limit.saturating_sub(speech.consumed),
        recorded.duration.saturating_sub(recorded.position),
    );
    let stalls = speech.suspended_by.contains(&Cause::Stalled);
    assert_eq!(recorded.stall.is_some(), stalls);
    if let Some(was) = before.recorded() {
        let was = was.recorded.as_deref().unwrap();
        assert!(was.generation <= recorded.generation);
        if was.generation == recorded.generation {
            assert_eq!(was.from, recorded.from);
        }
    }
}

/// An entry with a given position has it, unless the same step took another entry off the list.
fn the_chairs_word_is_exact(before: &Floor, floor: &Floor, events: &[Event]) {
    if before.order().iter().any(|id| !floor.order().contains(id)) {
        return;
    }
    for event in events {
        let Change::Request {
            request: placed,
            step: RequestStep::Moved { .. } | RequestStep::Accepted | RequestStep::Recalled,
        } = &event.change
        else {
            continue;
        };
        let stands = floor.request(placed.id).filter(FloorRequest::is_listed);
        if let (Some(place), Some(stands)) = (placed.pinned, stands) {
            assert_eq!(stands.position, Some(place), "exactly where the chair said");
        }
    }
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

/// Undone at once, a command has changed nothing but what the record keeps.
fn an_undo_restores(before: &Floor, floor: &Floor, events: &[Event], actor: &Actor, now: Moment) {
    let undoable = |event: &Event| matches!(event.change, Change::Undoable { .. });
    if !events.iter().any(undoable) {
        return;
    }
    let undo = Input::Command(Command::Undo { of: None });
    let mut restored = floor.clone();
    for event in undo.decide(floor, actor, now).unwrap() {
        apply(&mut restored, &event);
    }
    assert_eq!(state_of(&restored, now), state_of(before, now));
}

/// The state with every clock as of now, without the numbers that only grow and the command that may be undone.
fn state_of(floor: &Floor, now: Moment) -> (FloorView, serde_json::Value) {
    let mut view = floor.view(now, 1);
    view.undoable = None;
    // A clock may be as of a later time than now, where the machine's was set back; and it may have started meanwhile.
    for speech in view.speeches.iter_mut().chain(&mut view.speech) {
        (speech.as_of, speech.began) = (now, None);
        // Its player begins anew.
        if let Some(recorded) = &mut speech.recorded {
            (recorded.generation, recorded.from) = (0, Millis(0));
        }
    }
    let mut saved = serde_json::to_value(floor).unwrap();
    let all = saved.as_object_mut().unwrap();
    for clock_or_number in [
        "speeches",
        "undoable",
        "last_undoable",
        "last_listed",
        "last_request",
        "last_generation",
    ] {
        all.remove(clock_or_number);
    }
    // The floor keeps the name of a delegation whose only request was undone.
    if let Some(delegations) = saved["cities"].as_array_mut() {
        let nothing = serde_json::json!({"times": 0, "consumed_ms": 0, "unused_ms": 0});
        delegations.retain(|it| it[1] != nothing || it[2] != nothing);
    }
    (view, saved)
}

/// First come, first served, while the rules stay the same: only more urgent ones and overrides come in between.
fn fifo_never_gets_worse(before: &Floor, floor: &Floor, events: &[Event]) {
    let overridden = events.iter().any(|event| {
        matches!(
            event.change,
            Change::Request {
                step: RequestStep::Moved { .. },
                ..
            } | Change::Order { overrode: true, .. }
                | Change::Settings { .. }
                | Change::Undone { .. }
                | Change::List {
                    step: ListStep::Resumed,
                    ..
                }
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
        // An urgent arrival may push an entry past pinned ones.
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
    // Unless `PROPTEST_CASES` sets another number.
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_after_any_script(script in script(60)) {
        play(script)?;
    }
}

fn play(Script { settings, steps }: Script) -> Result<(), TestCaseError> {
    let mut model = Model::of(&settings);
    let start = Floor::new(settings);
    let (mut floor, mut log) = (start.clone(), Vec::new());
    let mut now = Moment(1_000_000);
    let seated = PEOPLE.iter().enumerate().map(|(index, _)| {
        let person = who(index).person;
        Step::Do(
            Box::new(SystemCommand::Connected(person).into()),
            Actor::system(),
        )
    });
    for step in seated.chain(steps) {
        let (input, actor): (Input, _) = match step {
            Step::Do(input, actor) => (*input, actor),
            Step::Wait(millis) => {
                now = now.after(Millis(millis));
                (SystemCommand::Tick.into(), Actor::system())
            }
            Step::Back(millis) => {
                now = Moment(now.0.saturating_sub(millis));
                (SystemCommand::Tick.into(), Actor::system())
            }
            Step::Down(millis) => {
                let down_since = now;
                now = now.after(Millis(millis));
                let snapshot = serde_json::to_string(&floor).unwrap();
                let back: Floor = serde_json::from_str(&snapshot).unwrap();
                prop_assert_eq!(&back, &floor, "a snapshot is the floor");
                floor = back;
                (
                    SystemCommand::Restarted { down_since }.into(),
                    Actor::system(),
                )
            }
        };
        let before = floor.clone();
        let Ok(events) = input.decide(&floor, &actor, now) else {
            prop_assert_eq!(&before, &floor, "a refusal changes nothing");
            continue;
        };
        for event in &events {
            apply(&mut floor, event);
        }
        model.see_all(&events, now);
        an_undo_restores(&before, &floor, &events, &actor, now);
        check(&before, &floor, &events, &model, now);
        let settled = decide_system(&floor, &SystemCommand::Tick, &Actor::system(), now).unwrap();
        prop_assert_eq!(settled, [], "nothing is left to settle");
        log.extend(events);
    }
    let mut folded = start;
    for event in &log {
        let wire = serde_json::to_string(event).unwrap();
        apply(&mut folded, &serde_json::from_str(&wire).unwrap());
    }
    prop_assert_eq!(folded, floor, "the fold of the log is the floor");
    Ok(())
}
