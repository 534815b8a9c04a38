//! What a core gives up under pressure, and what it never does.

use plenary_scene::Scene;

use super::test_core::*;
use crate::{
    api::{JoinError, MediaEvent},
    core::Join,
    pressure::Degradation,
};

fn degrade(test: &mut TestCore, degradation: Degradation) {
    test.core.degradation = degradation;
    test.core.choose_layers(test.now, &mut test.out);
}

fn join(test: &mut TestCore, name: &str) -> Result<(), JoinError> {
    let join = Join {
        room: room(),
        person: person(name),
        offer: offer(900, &[VP8], &[VP8]),
        wants: Vec::new(),
        publish: true,
    };
    let joined = test.core.join(join, test.now, &mut test.out);
    joined.map(|_| ())
}

#[test]
fn tiles_pause_and_the_stage_and_every_voice_go_on() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    let mut delhi = test.join("delhi-1", 300);
    test.show(Scene {
        gallery: in_gallery(&["seoul-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    });
    let mut sequence = 0;
    let mut send = |test: &mut TestCore| {
        sequence += 1;
        test.send_video(&mut tokyo, sequence, true);
        test.send_video(&mut seoul, sequence, true);
        test.send_packet(&mut tokyo, 111, 100, sequence, b"voice");
        let received = test.received(&mut delhi);
        let voices = received.iter().filter(|it| it.payload == b"voice").count();
        let pictures = received.iter().filter(|it| it.slot_type == 96).count();
        (pictures, voices)
    };
    assert_eq!(send(&mut test), (2, 1));
    degrade(&mut test, Degradation::NoNewcomers);
    assert_eq!(
        send(&mut test),
        (2, 1),
        "nobody who is there loses anything"
    );
    for degradation in [Degradation::NoTiles, Degradation::SmallStage] {
        degrade(&mut test, degradation);
        assert_eq!(send(&mut test), (1, 1));
    }
    let paused = test.out.events.iter().any(|(_, event)| match event {
        MediaEvent::Slots { slots } => slots
            .iter()
            .any(|slot| slot.shows.as_ref().is_some_and(|shows| shows.paused)),
        _ => false,
    });
    assert!(paused, "the listener is told");
    degrade(&mut test, Degradation::None);
    assert_eq!(send(&mut test), (2, 1));
}

#[test]
fn nobody_new_gets_in_but_those_on_stage_and_those_who_are_there_may_return() {
    let mut test = TestCore::new();
    let _seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    test.core.degradation = Degradation::NoNewcomers;
    let refused = join(&mut test, "delhi-1");
    assert!(matches!(refused, Err(JoinError::Overloaded)));
    assert_eq!(test.core.counters.snapshot().joins_refused, 1);
    assert!(join(&mut test, "tokyo-1").is_ok());
    assert!(join(&mut test, "seoul-1").is_ok());
    test.core.degradation = Degradation::None;
    assert!(join(&mut test, "delhi-1").is_ok());
}
