//! No bytes can panic the reader of subtitles. What it accepts is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plenary_library::{parse_subtitles, write_subtitles};

fuzz_target!(|file: &[u8]| {
    let Ok(cues) = parse_subtitles(file) else {
        return;
    };
    assert!(!cues.is_empty());
    assert!(cues.is_sorted_by_key(|cue| cue.from));
    assert!(cues.iter().all(|cue| cue.from < cue.to && !cue.text.is_empty()));
    let written = write_subtitles(&cues);
    assert_eq!(parse_subtitles(written.as_bytes()), Ok(cues));
});
