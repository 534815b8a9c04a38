//! Packets that become a take, of every codec: put in order, depacketized, written and read back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|packets: &[u8]| plenary_recorder::fuzzing::packets(packets));
