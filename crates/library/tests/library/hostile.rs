//! No bytes can panic the check or the reader, make them run for long, or make them allocate what a file only claims.

use std::{io::Cursor, time::Duration};

use plenary_library::{Item, Limits, Reader, inspect};
use plenary_testkit::recording::{Recording, Track};
use proptest::prelude::*;

use super::check;

/// Checks a file, and reads it from some positions if it is accepted.
fn exercise(file: &[u8]) {
    let Ok(found) = inspect(Cursor::new(file), Limits::default()) else {
        return;
    };
    assert!(found.duration <= Duration::from_hours(12));
    assert!(!found.tracks.is_empty());
    for from in [0.0, 0.4, 1.0] {
        let described = serde_json::json!({
            "id": "test", "name": "Test", "bytes": found.bytes, "duration_ms": found.duration.as_millis(),
            "tracks": found.tracks, "index": found.index,
        });
        let item: Item = serde_json::from_value(described).unwrap();
        let from = found.duration.mul_f64(from);
        let mut reader = Reader::open(Cursor::new(file), item.into(), from).unwrap();
        let mut last = Duration::ZERO;
        while let Some(frame) = reader.next_frame().unwrap() {
            assert!(frame.at >= last, "frames are in order");
            last = frame.at;
        }
        assert!(last <= found.duration);
    }
}

fn samples() -> Vec<Vec<u8>> {
    let text = Recording::sample(2)
        .track(Track::new(3, 17, "S_TEXT/WEBVTT"))
        .block(3, 1000, b"Hello");
    vec![
        Recording::sample(2).sorted(),
        Recording::sample(2).live().sorted(),
        text.sorted(),
        include_bytes!("files/h264.mkv").to_vec(),
        include_bytes!("files/live-vp9.webm").to_vec(),
    ]
}

#[test]
fn an_element_that_claims_a_huge_size_is_refused_at_once() {
    let mut file = Recording::sample(2).sorted();
    let tracks = file
        .windows(4)
        .position(|it| it == [0x16, 0x54, 0xae, 0x6b])
        .unwrap();
    file[tracks + 5..tracks + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xfe]);
    assert!(check(&file).is_err());
}

#[test]
fn times_at_the_end_of_all_numbers_are_refused() {
    let file = Recording::sample(2).sorted();
    let scale = file
        .windows(3)
        .position(|it| it == [0x2a, 0xd7, 0xb1])
        .unwrap()
        + 8;
    for bytes in [[0xff; 8], [0x7f; 8], 1_000_000_000_000_u64.to_be_bytes()] {
        let mut file = file.clone();
        file[scale..scale + 8].copy_from_slice(&bytes);
        assert!(check(&file).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn changed_bytes_never_panic(
        sample in 0_usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut file = samples().swap_remove(sample);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        exercise(&file);
    }

    #[test]
    fn parts_that_are_cut_out_or_doubled_never_panic(
        sample in 0_usize..5,
        from in any::<prop::sample::Index>(),
        length in 0_usize..400,
        doubled in any::<bool>(),
    ) {
        let mut file = samples().swap_remove(sample);
        let from = from.index(file.len());
        let to = (from + length).min(file.len());
        if doubled {
            let part = file[from..to].to_vec();
            file.splice(from..from, part);
        } else {
            file.drain(from..to);
        }
        exercise(&file);
    }

    #[test]
    fn a_file_that_ends_anywhere_never_panics(
        sample in 0_usize..5,
        length in any::<prop::sample::Index>(),
    ) {
        let mut file = samples().swap_remove(sample);
        file.truncate(length.index(file.len()));
        exercise(&file);
    }

    #[test]
    fn random_elements_never_panic(body in prop::collection::vec(any::<u8>(), 0..2000)) {
        exercise(&body);
        exercise(&[plenary_testkit::recording::header(), body].concat());
    }
}
