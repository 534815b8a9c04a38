use bytes::Bytes;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn frame(millis: u32) -> Frame {
    Frame {
        track: 0,
        at: MS * millis,
        keyframe: millis.is_multiple_of(1000),
        data: Bytes::from_static(b"frame"),
    }
}

fn pacer(from: u32, frames: impl Iterator<Item = u32>) -> Pacer {
    let mut pacer = Pacer::new(MS * from);
    for at in frames {
        pacer.push(frame(at));
    }
    pacer
}

fn times(step: &Step) -> Vec<u128> {
    step.frames
        .iter()
        .map(|it| it.frame.at.as_millis())
        .collect()
}

#[test]
fn frames_are_sent_when_the_clock_has_reached_them() {
    let start = Instant::now();
    let mut pacer = pacer(0, (0..10).map(|it| it * 20));
    assert_eq!(pacer.poll(start), Step::default(), "it stands still");
    pacer.run(true, start);
    let step = pacer.poll(start);
    assert_eq!(times(&step), [0]);
    assert_eq!(step.wake, Some(start + GRAIN));
    assert_eq!(times(&pacer.poll(start + MS * 20)), [20]);
    assert_eq!(times(&pacer.poll(start + MS * 50)), [40]);
}

#[test]
fn a_late_thread_never_sends_more_than_a_tenth_of_a_second_at_once() {
    let start = Instant::now();
    let mut pacer = pacer(0, (0..100).map(|it| it * 20));
    pacer.run(true, start);
    pacer.poll(start);
    let late = start + MS * 400;
    assert_eq!(times(&pacer.poll(late)), [20, 40, 60, 80, 100]);
    assert_eq!(
        times(&pacer.poll(late + MS * 20)),
        [120, 140, 160, 180, 200]
    );
}

#[test]
fn after_a_long_standstill_of_the_machine_nothing_is_skipped_and_nothing_is_rushed() {
    let start = Instant::now();
    let mut pacer = pacer(0, (0..1000).map(|it| it * 20));
    pacer.run(true, start);
    pacer.poll(start);
    let late = start + Duration::from_mins(1);
    assert_eq!(times(&pacer.poll(late)), [20]);
    assert_eq!(times(&pacer.poll(late + MS * 20)), [40]);
}

#[test]
fn it_stands_still_at_the_very_position_and_goes_on_from_it() {
    let start = Instant::now();
    let mut pacer = pacer(0, (0..1000).map(|it| it * 10));
    pacer.run(true, start);
    pacer.poll(start);
    pacer.poll(start + MS * 20);
    pacer.run(false, start + MS * 25);
    let later = start + Duration::from_mins(10);
    assert_eq!(pacer.position(later), MS * 25);
    assert!(pacer.poll(later).frames.is_empty());
    pacer.run(true, later);
    assert!(pacer.poll(later).frames.is_empty(), "30 is not due yet");
    assert_eq!(times(&pacer.poll(later + MS * 5)), [30]);
}

#[test]
fn what_leads_to_the_position_is_sent_at_once_even_before_it_plays() {
    let start = Instant::now();
    let mut pacer = pacer(1500, (0..100).map(|it| 1000 + it * 100));
    let step = pacer.poll(start);
    assert_eq!(times(&step), [1000, 1100, 1200, 1300, 1400]);
    assert!(step.frames.iter().all(|it| it.catch_up));
    pacer.run(true, start);
    let step = pacer.poll(start);
    assert_eq!(times(&step), [1500]);
    assert!(!step.frames[0].catch_up);
}

#[test]
fn a_stall_is_told_after_half_a_second_and_the_clock_waits_meanwhile() {
    let start = Instant::now();
    let mut pacer = pacer(0, [0, 20].into_iter());
    pacer.run(true, start);
    pacer.poll(start);
    let step = pacer.poll(start + MS * 20);
    assert_eq!((times(&step), step.report), (vec![20], None));
    let step = pacer.poll(start + MS * 500);
    assert_eq!(step.report, None);
    assert_eq!(step.wake, Some(start + MS * 520));
    let step = pacer.poll(start + MS * 520);
    assert_eq!(step.report, Some(PlaybackReport::Stalled { at: MS * 20 }));
    assert_eq!(
        pacer.poll(start + MS * 900),
        Step::default(),
        "it is told once"
    );

    // One frame is not enough; a second of them is.
    let later = start + Duration::from_secs(30);
    pacer.push(frame(40));
    assert_eq!(pacer.poll(later), Step::default());
    for at in (60..=1040).step_by(20) {
        pacer.push(frame(at));
    }
    let step = pacer.poll(later);
    assert_eq!(step.report, Some(PlaybackReport::Resumed));
    assert_eq!(
        times(&pacer.poll(later + MS * 20)),
        [40],
        "nothing is skipped"
    );
}

#[test]
fn after_a_stall_a_pause_in_the_recording_is_enough_to_go_on() {
    let start = Instant::now();
    let mut pacer = pacer(0, [0].into_iter());
    pacer.run(true, start);
    pacer.poll(start);
    let step = pacer.poll(start + MS * 600);
    assert!(matches!(step.report, Some(PlaybackReport::Stalled { .. })));
    pacer.push(frame(60_000));
    let step = pacer.poll(start + MS * 700);
    assert_eq!(step.report, Some(PlaybackReport::Resumed));
    assert!(step.wake.is_some());
}

#[test]
fn a_short_wait_for_the_disk_is_told_to_nobody() {
    let start = Instant::now();
    let mut pacer = pacer(0, [0].into_iter());
    pacer.run(true, start);
    pacer.poll(start);
    pacer.push(frame(20));
    let step = pacer.poll(start + MS * 400);
    assert_eq!(step.report, None);
    assert_eq!(times(&pacer.poll(start + MS * 420)), [20]);
}

#[test]
fn a_pause_during_a_stall_is_no_stall() {
    let start = Instant::now();
    let mut pacer = pacer(0, [0].into_iter());
    pacer.run(true, start);
    pacer.poll(start);
    assert!(pacer.poll(start + MS * 600).report.is_some());
    pacer.run(false, start + MS * 700);
    assert_eq!(pacer.poll(start + MS * 9000), Step::default());
    pacer.run(true, start + MS * 9000);
    assert_eq!(pacer.poll(start + MS * 9000).report, None);
    assert!(pacer.poll(start + MS * 9600).report.is_some());
}

#[test]
fn the_end_is_told_once_where_the_last_frame_was() {
    let start = Instant::now();
    let mut pacer = pacer(0, [0, 20].into_iter());
    pacer.finish();
    pacer.run(true, start);
    assert_eq!(pacer.poll(start).report, None);
    let step = pacer.poll(start + MS * 20);
    assert_eq!(times(&step), [20]);
    assert_eq!(step.report, Some(PlaybackReport::Ended { at: MS * 20 }));
    assert_eq!(pacer.poll(start + MS * 40), Step::default());
}

#[test]
fn a_failure_is_told_after_what_was_read_is_sent() {
    let start = Instant::now();
    let mut pacer = pacer(0, [0, 20].into_iter());
    pacer.fail("its file cannot be read".to_owned());
    pacer.run(true, start);
    assert_eq!(pacer.poll(start).report, None);
    let report = pacer.poll(start + MS * 20).report;
    let reason = "its file cannot be read".to_owned();
    assert_eq!(
        report,
        Some(PlaybackReport::Failed {
            at: MS * 20,
            reason
        })
    );
}

#[test]
fn a_position_beyond_the_end_ends() {
    let start = Instant::now();
    let mut pacer = pacer(9000, [0, 20].into_iter());
    pacer.finish();
    pacer.run(true, start);
    let step = pacer.poll(start);
    assert_eq!(step.frames.len(), 2);
    assert_eq!(step.report, Some(PlaybackReport::Ended { at: MS * 9000 }));
}

proptest::proptest! {
    /// Whatever the thread does: frames leave in order, once each, never early and never in a burst.
    #[test]
    fn frames_leave_in_order_never_early_and_never_in_a_burst(
        steps in proptest::collection::vec((0_u32..700, proptest::bool::weighted(0.1)), 1..200),
    ) {
        let start = Instant::now();
        let mut pacer = pacer(0, (0..2000).map(|it| it * 10));
        let (mut now, mut running, mut played) = (start, true, Duration::ZERO);
        pacer.run(true, now);
        let mut sent = Vec::new();
        for (millis, toggles) in steps {
            now += MS * millis;
            if running {
                played += MS * millis;
            }
            let step = pacer.poll(now);
            let new = times(&step);
            if let (Some(first), Some(last)) = (new.first(), new.last()) {
                proptest::prop_assert!(last - first <= 100);
                proptest::prop_assert!(*last <= played.as_millis());
            }
            sent.extend(new);
            if toggles {
                running = !running;
                pacer.run(running, now);
            }
        }
        let expected: Vec<u128> = (0..sent.len() as u128).map(|it| it * 10).collect();
        proptest::prop_assert_eq!(sent, expected);
    }
}
