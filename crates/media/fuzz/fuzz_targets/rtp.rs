//! RTP packets: the header and the payload of every codec.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| plenary_media::fuzzing::rtp(bytes));
