//! The conference file as the outside sees it.

use plenary_conference::{Claims, Conference, Item};
use plenary_ids::Moment;
use plenary_protocol::rfc3339;
use serde_json::{Value, json};

/// A token's bearer, with name and city from the file.
pub fn person(conference: &Conference, claims: &Claims) -> Value {
    let known = conference.person(&claims.sub);
    json!({
        "id": claims.sub,
        "person": claims.sub,
        "name": known.map_or(claims.sub.as_str(), |person| person.name.as_str()),
        "role": claims.role,
        "delegation": known.and_then(|person| person.delegation.as_ref()),
        "rooms": claims.rooms,
    })
}

/// What everybody may know of a conference.
pub fn conference(conference: &Conference) -> Value {
    let delegations: Vec<Value> = conference
        .delegations
        .iter()
        .map(|it| {
            json!({
                "id": it.id, "name": it.name, "country": it.country, "status": it.status,
                "time_zone": it.time_zone.iana_name().unwrap_or("UTC"),
            })
        })
        .collect();
    let rooms: Vec<Value> = conference
        .rooms
        .iter()
        .map(|it| json!({"id": it.id, "title": it.title}))
        .collect();
    json!({
        "id": conference.id,
        "name": conference.name,
        "theme": conference.theme,
        "host": conference.host,
        "time_zone": conference.time_zone.iana_name().unwrap_or("UTC"),
        "starts": conference.starts.to_string(),
        "ends": conference.ends.to_string(),
        "languages": conference.languages,
        "delegations": delegations,
        "rooms": rooms,
        "agenda": agenda(conference.items.iter()),
    })
}

/// Items of the agenda, with instants in UTC: whoever reads them has a zone of their own.
pub fn agenda<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Value> {
    items
        .map(|it| {
            let starts = Moment(u64::try_from(it.starts.timestamp().as_millisecond()).unwrap_or_default());
            json!({
                "id": it.id, "room": it.room, "title": it.title, "kind": it.kind, "starts": rfc3339::text(starts),
                "minutes": it.minutes, "speakers": it.speakers, "limit_ms": it.speech_limit(),
            })
        })
        .collect()
}
