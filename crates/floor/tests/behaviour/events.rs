//! The JSON of every event, as clients read it and as logs have kept it since version 1.

use plenary_floor::Event;

/// An event a line: each type without its optional fields, and with all of them.
const EVENTS: &str = include_str!("events.jsonl");

#[test]
fn the_json_of_every_event_reads_back_byte_for_byte() {
    for line in EVENTS.lines() {
        let event: Event =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
    }
}
