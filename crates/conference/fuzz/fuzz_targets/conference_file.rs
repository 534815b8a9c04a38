//! No bytes can panic the reader of a conference file. A refused file has at least one fault, each with its place.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    match plenary_conference::parse(file, "fuzz.toml") {
        Ok(conference) => {
            assert!(!conference.rooms.is_empty());
            assert!(!conference.languages.is_empty());
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(fault.line > 0 && fault.column > 0, "{fault}");
            }
        }
    }
});
