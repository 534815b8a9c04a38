//! No text can panic the decoder; what it reads as a command reads back from what it is written as; and what it refuses
//! is refused with a sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plenary_protocol::{ClientMessage, Command};

fuzz_target!(|text: &str| {
    match ClientMessage::read(text) {
        Ok(ClientMessage::Command { command, .. }) => {
            let written = serde_json::to_value(&command).expect("a command can be written");
            let again: Command = serde_json::from_value(written).expect("and read");
            assert_eq!(again, command);
        }
        Ok(_) => {}
        Err(unread) => assert!(!unread.problem.detail.is_empty()),
    }
});
