//! No bytes can panic the check of a recording. One that is accepted has a length and at least one track.
#![no_main]

use std::{io::Cursor, time::Duration};

use libfuzzer_sys::fuzz_target;
use plenary_library::{Limits, inspect};

fuzz_target!(|file: &[u8]| {
    match inspect(Cursor::new(file), Limits::default()) {
        Ok(found) => {
            assert!(found.duration <= Duration::from_secs(12 * 3600));
            assert!(!found.tracks.is_empty());
        }
        Err(refused) => assert!(refused.to_string().ends_with('.')),
    }
});
