//! `[room.floor]`: the settings of a floor, and what they must agree with.

use plenary_floor::{Class, Settings};
use plenary_ids::{DelegationId, Millis};

use crate::{
    diagnostic::{Faults, Place},
    section::{NO_TIME_HINT, Placed, Section, no_time},
    typed,
};

/// The settings of a room, with the delegations of its `protocol` to be checked by the caller.
pub(crate) fn settings(
    room: &Section<'_, '_>,
    faults: &mut Faults<'_>,
) -> (Settings, Vec<Placed<DelegationId>>) {
    let keys = typed::keys::<Settings>();
    let Some(floor) = room.table("floor", "[room.floor]", &keys, faults) else {
        return (Settings::default(), Vec::new());
    };
    let settings: Settings = floor.typed(faults);
    refuse_no_time(&floor, &settings, faults);
    warn_of_amber(&floor, &settings, faults);
    warn_of_staff(&floor, &settings, faults);
    let protocol = floor.strings("protocol").into_iter();
    let protocol = protocol.filter_map(|id| {
        let value = id.value.parse().ok()?;
        Some(Placed { at: id.at, value })
    });
    (settings, protocol.collect())
}

/// A speech has at least some time.
fn refuse_no_time(floor: &Section<'_, '_>, settings: &Settings, faults: &mut Faults<'_>) {
    let mut refuse = |limit: &Millis, key: &str, at: Option<Place>| {
        if let Some(at) = at.filter(|_| *limit == Millis(0)) {
            faults.add(&at, no_time(key), NO_TIME_HINT);
        }
    };
    refuse(&settings.limit, "limit", floor.place_of(&["limit"]));
    for (kind, limit) in &settings.limit_by_kind {
        let at = floor.place_of(&["limit_by_kind", kind.as_str()]);
        refuse(limit, kind.as_str(), at);
    }
    for (class, limit) in &settings.limit_by_class {
        let at = floor.place_of(&["limit_by_class", class.as_str()]);
        refuse(limit, class.as_str(), at);
    }
}

fn warn_of_amber(floor: &Section<'_, '_>, settings: &Settings, faults: &mut Faults<'_>) {
    let at = floor.place_of(&["warning"]);
    if let Some(at) = at.or_else(|| floor.place_of(&["limit"]))
        && settings.limit != Millis(0)
        && settings.warning >= settings.limit
    {
        faults.warn(
            &at,
            "A speech of this room is amber from its first second: the warning is as long as the limit, or longer.",
            "Write a \"warning\" that is shorter than the \"limit\", such as a quarter of it.",
        );
    }
}

fn warn_of_staff(floor: &Section<'_, '_>, settings: &Settings, faults: &mut Faults<'_>) {
    let at = floor.place_of(&["limit_by_class", Class::Staff.as_str()]);
    if let Some(at) = at.filter(|_| settings.limit_by_class.contains_key(&Class::Staff)) {
        faults.warn(
            &at,
            "A chair is heard without a grant and without a clock; this limit holds only where a clerk asks for the floor on behalf of staff.",
            "Leave it out, or write \"member\", \"observer\" or \"guest\".",
        );
    }
}
