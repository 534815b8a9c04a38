//! RTCP of clients: parsed, and feedback brought to the estimate of their path.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| plenary_media::fuzzing::rtcp(bytes));
