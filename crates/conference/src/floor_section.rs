//! `[room.floor]`: the settings of a floor as the conference file spells them.

use std::collections::BTreeMap;

use plenary_floor::{
    Advance, Class, InitialList, Kind, Mode, Overtime, Policy, Settings, WhenFull,
};
use plenary_ids::{DelegationId, Millis};

use crate::{
    diagnostic::Faults,
    section::{Placed, Section},
};

const FLOOR: &[&str] = &[
    "mode",
    "policy",
    "nom",
    "advance",
    "max_requests",
    "when_full",
    "limit",
    "limit_by_kind",
    "limit_by_class",
    "warning",
    "grace",
    "overtime",
    "reconnect_grace",
    "first_voice",
    "yielding",
    "carry_over",
    "protocol",
    "drawn",
    "list",
];

const MODE: &[(&str, Mode)] = &[
    ("moderated", Mode::Moderated),
    ("queue", Mode::Queue),
    ("open", Mode::Open),
    ("direct", Mode::Direct),
];
const POLICY: &[(&str, Policy)] = &[
    ("fifo", Policy::Fifo),
    ("agreed", Policy::Agreed),
    ("members_first", Policy::MembersFirst),
    ("rotation", Policy::Rotation),
    ("members_first_rotation", Policy::MembersFirstRotation),
    ("protocol", Policy::Protocol),
];
const ADVANCE: &[(&str, Advance)] = &[("auto", Advance::Auto), ("chair", Advance::Chair)];
const WHEN_FULL: &[(&str, WhenFull)] =
    &[("wait", WhenFull::Wait), ("override", WhenFull::Override)];
const OVERTIME: &[(&str, Overtime)] = &[
    ("continue", Overtime::Continue),
    ("mute", Overtime::Mute),
    ("revoke", Overtime::Revoke),
];
const LIST: &[(&str, InitialList)] = &[
    ("open", InitialList::Open),
    ("not_open", InitialList::NotOpen),
];

const KIND_KEYS: &[&str] = &["statement", "response", "reply", "point_of_order", "motion"];
const KINDS: &[(&str, Kind)] = &[
    ("statement", Kind::Statement),
    ("response", Kind::Response),
    ("reply", Kind::Reply),
    ("point_of_order", Kind::PointOfOrder),
    ("motion", Kind::Motion),
];
const CLASS_KEYS: &[&str] = &["member", "observer", "guest", "staff"];
const CLASSES: &[(&str, Class)] = &[
    ("member", Class::Member),
    ("observer", Class::Observer),
    ("guest", Class::Guest),
    ("staff", Class::Staff),
];

/// More microphones or requests than this are a slip of the pen.
const MANY: u32 = 1000;

/// The settings of a room, with the delegations of its `protocol` to be checked by the caller.
pub(crate) fn settings(
    room: &Section<'_, '_>,
    faults: &mut Faults<'_>,
) -> (Settings, Vec<Placed<DelegationId>>) {
    let default = Settings::default();
    let Some(floor) = room.table("floor", "[room.floor]", FLOOR, faults) else {
        return (default, Vec::new());
    };
    let protocol: Vec<Placed<DelegationId>> = floor.ids("protocol", faults).unwrap_or_default();
    let limit = floor.limit("limit", faults);
    let warning = floor.duration("warning", faults);
    let by_class = limits(&floor, "limit_by_class", CLASS_KEYS, CLASSES, faults);
    if let Some(at) = warning.as_ref().or(limit.as_ref()).map(|it| it.at.clone()) {
        let limit = limit.as_ref().map_or(default.limit, |it| it.value);
        let warning = warning.as_ref().map_or(default.warning, |it| it.value);
        if warning >= limit {
            faults.warn(
                &at,
                "A speech of this room is amber from its first second: the warning is as long as the limit, or longer.",
                "Write a \"warning\" that is shorter than the \"limit\", such as a quarter of it.",
            );
        }
    }
    if let Some(staff) = by_class.get(&Class::Staff) {
        faults.warn(
            &staff.at,
            "A chair is heard without a grant and without a clock; this limit holds only where a clerk asks for the floor on behalf of staff.",
            "Leave it out, or write \"member\", \"observer\" or \"guest\".",
        );
    }
    let value = |limit: Placed<Millis>| limit.value;
    let settings = Settings {
        mode: floor.word("mode", MODE, faults).unwrap_or(default.mode),
        policy: floor
            .word("policy", POLICY, faults)
            .unwrap_or(default.policy),
        nom: floor.number("nom", 1, MANY, faults).unwrap_or(default.nom),
        advance: floor
            .word("advance", ADVANCE, faults)
            .unwrap_or(default.advance),
        max_requests: floor
            .number("max_requests", 1, MANY, faults)
            .unwrap_or(default.max_requests),
        when_full: floor
            .word("when_full", WHEN_FULL, faults)
            .unwrap_or(default.when_full),
        limit: limit.map_or(default.limit, value),
        limit_by_kind: limits(&floor, "limit_by_kind", KIND_KEYS, KINDS, faults)
            .into_iter()
            .map(|(kind, limit)| (kind, limit.value))
            .collect(),
        limit_by_class: by_class
            .into_iter()
            .map(|(class, limit)| (class, limit.value))
            .collect(),
        warning: warning.map_or(default.warning, value),
        grace: floor.duration("grace", faults).map_or(default.grace, value),
        overtime: floor
            .word("overtime", OVERTIME, faults)
            .unwrap_or(default.overtime),
        reconnect_grace: floor
            .duration("reconnect_grace", faults)
            .map_or(default.reconnect_grace, value),
        first_voice: floor
            .duration("first_voice", faults)
            .map_or(default.first_voice, value),
        yielding: floor
            .boolean("yielding", faults)
            .unwrap_or(default.yielding),
        carry_over: floor
            .boolean("carry_over", faults)
            .unwrap_or(default.carry_over),
        protocol: protocol.iter().map(|id| id.value.clone()).collect(),
        drawn: drawn(&floor, faults),
        list: floor.word("list", LIST, faults).unwrap_or(default.list),
    };
    (settings, protocol)
}

fn limits<K: Copy + Ord>(
    floor: &Section<'_, '_>,
    key: &'static str,
    known: &'static [&'static str],
    words: &'static [(&'static str, K)],
    faults: &mut Faults<'_>,
) -> BTreeMap<K, Placed<Millis>> {
    let Some(table) = floor.table(key, key, known, faults) else {
        return BTreeMap::new();
    };
    words
        .iter()
        .filter_map(|(word, kind)| Some((*kind, table.limit(word, faults)?)))
        .collect()
}

fn drawn(floor: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<char> {
    let text = floor.text("drawn", faults)?;
    let mut letters = text.value.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_alphabetic() => Some(letter),
        _ => {
            let message = format!("\"{}\" is no letter to draw.", text.value.escape_debug());
            faults.add(
                &text.at,
                message,
                "Write one letter, such as \"T\".".to_owned(),
            );
            None
        }
    }
}

/// Reads "8m", "30s", "1m30s", "1h" or "500ms".
pub(crate) fn duration(text: &str) -> Option<Millis> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1000)];
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    let mut total: u64 = 0;
    let mut rest = text;
    let mut larger = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let (tail, scale) = UNITS
            .iter()
            .find_map(|(unit, scale)| tail.strip_prefix(unit).map(|tail| (tail, *scale)))?;
        if scale >= larger {
            return None;
        }
        larger = scale;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(scale)?)?;
        rest = tail;
    }
    // A day bounds every sum that the floor makes of these.
    (total <= 86_400_000).then_some(Millis(total))
}

/// What to write instead of a word that is no duration.
pub(crate) fn duration_hint(text: &str) -> String {
    let guess = text
        .trim()
        .trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    match guess.parse::<u16>() {
        Ok(number) => format!("Write \"{number}m\" for minutes or \"{number}s\" for seconds."),
        Err(_) => {
            "Write a duration of at most a day such as \"8m\", \"30s\" or \"1m30s\".".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_in_falling_order_and_nothing_else() {
        for (text, millis) in [
            ("8m", 480_000),
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("500ms", 500),
        ] {
            assert_eq!(duration(text), Some(Millis(millis)), "{text}");
        }
        for text in [
            "",
            "8",
            "m",
            "8 m",
            "30s1m",
            "1m1m",
            "-1s",
            "1.5m",
            "99999999999999999999h",
            "25h",
            "8分",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
