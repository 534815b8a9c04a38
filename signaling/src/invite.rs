//! Makes invitation links and writes them.

use std::io::{self, Write};

use jiff::{Timestamp, Zoned, civil, tz::TimeZone};
use plenary_conference::{Conference, Keys, KeysError, Person, Role, Watching};
use plenary_ids::{DelegationId, Language, Moment, PersonId, RoomId};
use plenary_protocol::Allowed;
use plenary_text::{Table, TableError, isolated};
use serde::Serialize;

use crate::cli::Format;

/// An invitation as `plenary invite --format json` writes it.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct Invitation {
    /// Absent for a check link, which is nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The name that people see.
    pub name: String,
    /// Absent for a check link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    /// The rooms that the person may enter.
    pub rooms: Vec<RoomId>,
    /// The room that a display link shows; absent for a person. A display link is no person's: its `person` is only the
    /// name on the wire of those who watch, and its `name` the title of the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<RoomId>,
    /// Whether it is the check link, which tests the network and opens nothing else; absent for others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub check: bool,
    /// The id that `plenary revoke` takes.
    pub id: String,
    /// The addresses at which a studio publishes for the person by WHIP, with the secret as its bearer token; empty unless
    /// they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub whip: Vec<String>,
    /// The secret that the person redeems.
    pub invitation: String,
    /// The secret as a link. It is in the fragment, so no server and no log ever sees it.
    pub url: String,
    /// When it expires.
    #[serde(with = "plenary_ids::rfc3339")]
    pub valid_until: Moment,
}

/// Why invitations cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The conference file does not name the person.
    #[error("the conference has no person \"{0}\"")]
    UnknownPerson(PersonId),
    /// The conference file does not name the room.
    #[error("the conference has no room \"{0}\"")]
    UnknownRoom(RoomId),
    /// The end of validity is no time.
    #[error(
        "--valid-until cannot be \"{}\": write a day such as 2021-10-14, which counts to its end, or a time such as \
         2021-10-14T18:00, both in the conference's zone, or a time with an offset such as 2021-10-14T10:00Z",
        .0.escape_debug()
    )]
    NoTime(String),
    /// The end of validity has passed.
    #[error("--valid-until is over: an invitation until {0} would be worthless")]
    Over(String),
    /// The invitation cannot be signed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The table cannot be written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The output cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads the end of validity that the command line names: a day in the conference's zone, which counts to its end, a time
/// in that zone, or a time with an offset.
pub fn valid_until(
    text: &str,
    conference: &Conference,
    now: Moment,
) -> Result<Moment, InviteError> {
    let until = time(text, &conference.time_zone)
        .and_then(|until| u64::try_from(until.as_millisecond()).ok())
        .map(Moment)
        .ok_or_else(|| InviteError::NoTime(text.to_owned()))?;
    if until <= now {
        return Err(InviteError::Over(in_zone(until, conference)));
    }
    Ok(until)
}

fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local = |time: civil::DateTime| Some(time.to_zoned(zone.clone()).ok()?.timestamp());
    if text.contains(['T', 't', ' ']) {
        return local(text.parse().ok()?);
    }
    let day: civil::Date = text.parse().ok()?;
    local(day.tomorrow().ok()?.at(0, 0, 0, 0))
}

/// A time for people, in the conference's zone: `2021-10-15 00:00 (Asia/Taipei)`.
fn in_zone(moment: Moment, conference: &Conference) -> String {
    let zone = &conference.time_zone;
    let name = zone.iana_name().unwrap_or("UTC");
    format!(
        "{} ({name})",
        zoned(moment, zone).strftime("%Y-%m-%d %H:%M")
    )
}

fn zoned(moment: Moment, zone: &TimeZone) -> Zoned {
    let millis = i64::try_from(moment.0).unwrap_or(i64::MAX);
    let instant = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    instant.to_zoned(zone.clone())
}

/// An invitation for each of `persons`, or for everybody if there are none.
pub fn invitations(
    conference: &Conference,
    persons: &[PersonId],
    keys: &Keys,
    url: &str,
    until: Moment,
) -> Result<Vec<Invitation>, InviteError> {
    let chosen: Vec<&Person> = if persons.is_empty() {
        conference.persons.iter().collect()
    } else {
        let known = |id: &PersonId| {
            conference
                .person(id)
                .ok_or_else(|| InviteError::UnknownPerson(id.clone()))
        };
        persons.iter().map(known).collect::<Result<_, _>>()?
    };
    chosen
        .into_iter()
        .map(|person| Ok(invitation(conference, person, keys, url, until)?))
        .collect()
}

fn invitation(
    conference: &Conference,
    person: &Person,
    keys: &Keys,
    url: &str,
    until: Moment,
) -> Result<Invitation, KeysError> {
    let id = keys.next_invitation(&person.id)?;
    let invitation = keys.invite(conference, person, &id, until)?;
    Ok(Invitation {
        person: Some(person.id.clone()),
        name: person.name.clone(),
        role: Some(person.role),
        delegation: person.delegation.clone(),
        rooms: person.rooms.clone(),
        display: None,
        check: false,
        whip: Vec::new(),
        id,
        url: format!("{url}/#i={invitation}"),
        invitation,
        valid_until: until,
    })
}

/// Adds the addresses for studios to the invitations of those who may publish, and leaves out the others; `url` is that
/// of the server.
pub fn for_studios(invitations: Vec<Invitation>, url: &str) -> Vec<Invitation> {
    let publish = invitations
        .into_iter()
        .filter(|it| it.role.is_some_and(|role| Allowed::PUBLISH.includes(role)));
    let with_addresses = publish.map(|it| Invitation {
        whip: it
            .rooms
            .iter()
            .map(|room| format!("{url}/whip/{room}"))
            .collect(),
        ..it
    });
    with_addresses.collect()
}

/// The display link of a room. Without a language, the page shows those of the conference in turn.
pub fn display(
    conference: &Conference,
    room: &RoomId,
    language: Option<&Language>,
    keys: &Keys,
    url: &str,
    until: Moment,
) -> Result<Invitation, InviteError> {
    let known = conference.room(room);
    let title = &known
        .ok_or_else(|| InviteError::UnknownRoom(room.clone()))?
        .title;
    let id = keys.next_display(room)?;
    let invitation = keys.invite_display(conference, room, &id, until)?;
    let language = language.map_or_else(String::new, |tag| format!("&lang={tag}"));
    Ok(Invitation {
        person: Some(Watching::Display.id_in(conference, room)),
        name: title.clone(),
        role: Some(Role::Viewer),
        delegation: None,
        rooms: vec![room.clone()],
        display: Some(room.clone()),
        check: false,
        whip: Vec::new(),
        id,
        url: format!("{url}/#i={invitation}{language}"),
        invitation,
        valid_until: until,
    })
}

/// The check link: one for everybody.
pub fn check(
    conference: &Conference,
    keys: &Keys,
    url: &str,
    until: Moment,
) -> Result<Invitation, InviteError> {
    let id = keys.next_check()?;
    let invitation = keys.invite_check(conference, &id, until)?;
    Ok(Invitation {
        person: None,
        name: "Test of the network, for everybody".to_owned(),
        role: None,
        delegation: None,
        rooms: Vec::new(),
        display: None,
        check: true,
        whip: Vec::new(),
        id,
        url: format!("{url}/#i={invitation}"),
        invitation,
        valid_until: until,
    })
}

/// Writes invitations in a format.
pub fn write(
    out: &mut impl Write,
    invitations: &[Invitation],
    conference: &Conference,
    format: Format,
) -> Result<(), InviteError> {
    match format {
        Format::Text => {
            for it in invitations {
                let (name, until) = (isolated(&it.name), in_zone(it.valid_until, conference));
                let holder = it.person.as_ref().map(|it| format!("{it}, "));
                let role = it.role.map(|it| format!("{it}, "));
                writeln!(
                    out,
                    "{name} ({}{}id {}), valid until {until}",
                    holder.unwrap_or_default(),
                    role.unwrap_or_default(),
                    it.id
                )?;
                if it.whip.is_empty() {
                    writeln!(out, "  {}", it.url)?;
                    continue;
                }
                for address in &it.whip {
                    writeln!(out, "  address {address}")?;
                }
                writeln!(out, "  token {}", it.invitation)?;
            }
        }
        Format::Csv => out.write_all(table(invitations, conference)?.as_bytes())?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, invitations).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn table(invitations: &[Invitation], conference: &Conference) -> Result<String, TableError> {
    let mut table = Table::new([
        "person",
        "name",
        "role",
        "delegation",
        "rooms",
        "id",
        "url",
        "valid_until",
    ])?;
    for it in invitations {
        let rooms: Vec<&str> = it.rooms.iter().map(RoomId::as_str).collect();
        let delegation = it.delegation.as_ref().map_or("", DelegationId::as_str);
        let until = zoned(it.valid_until, &conference.time_zone);
        table.row([
            it.person.as_ref().map_or("", PersonId::as_str).into(),
            it.name.as_str().into(),
            it.role.map_or("", Role::as_str).into(),
            delegation.into(),
            rooms.join(" ").into(),
            it.id.as_str().into(),
            it.url.as_str().into(),
            until.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string().into(),
        ])?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &[u8] = include_bytes!("../../config/conferences/cmc-2021.toml");
    const START: Moment = Moment(1_634_000_400_000);

    fn conference() -> Conference {
        plenary_conference::parse(EXAMPLE, "cmc-2021.toml").unwrap()
    }

    #[test]
    fn a_day_counts_to_its_end_in_the_conferences_zone_and_a_time_with_an_offset_as_it_says() {
        for (text, utc) in [
            ("2021-10-14", "2021-10-14T16:00:00.000Z"),
            ("2021-10-14T18:30", "2021-10-14T10:30:00.000Z"),
            ("2021-10-14 18:30:10", "2021-10-14T10:30:10.000Z"),
            ("2021-10-14T18:30:00+02:00", "2021-10-14T16:30:00.000Z"),
            ("2021-10-14T18:30Z", "2021-10-14T18:30:00.000Z"),
        ] {
            let until = valid_until(text, &conference(), START).unwrap();
            assert_eq!(plenary_ids::rfc3339::text(until), utc, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_is_over_is_refused_in_a_sentence() {
        for (text, words) in [
            ("tomorrow", "cannot be \"tomorrow\""),
            ("2021-13-01", "write a day such as"),
            ("", "cannot be"),
            ("1969-12-30", "cannot be"),
            (
                "2021-10-11",
                "is over: an invitation until 2021-10-12 00:00 (Asia/Taipei)",
            ),
        ] {
            let error = valid_until(text, &conference(), START).unwrap_err();
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn every_format_says_until_when_and_a_name_reorders_nothing_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let mut conference = conference();
        conference.persons.truncate(1);
        conference.persons[0].name = "＝1\u{202e}".to_owned();
        let until = valid_until("2021-10-14", &conference, START).unwrap();
        let all = invitations(&conference, &[], &keys, "https://a.example", until).unwrap();
        let written = |format| {
            let mut out = Vec::new();
            write(&mut out, &all, &conference, format).unwrap();
            String::from_utf8(out).unwrap()
        };
        let text = written(Format::Text);
        assert!(text.starts_with("\u{2068}＝1\u{202e}\u{2069} ("), "{text}");
        assert!(
            text.contains("valid until 2021-10-15 00:00 (Asia/Taipei)\n"),
            "{text}"
        );
        let table = written(Format::Csv);
        assert!(table.starts_with("\u{feff}person,name,"), "{table}");
        assert!(table.contains(",'＝1\u{202e},"), "{table}");
        assert!(table.ends_with(",2021-10-15T00:00:00+08:00\r\n"), "{table}");
        let json: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(json[0]["valid_until"], "2021-10-14T16:00:00.000Z");
        assert_eq!(json[0]["name"], "＝1\u{202e}");
    }

    #[test]
    fn a_studio_gets_an_address_for_each_room_and_the_token_and_who_cannot_publish_gets_none() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let conference = conference();
        let all = invitations(&conference, &[], &keys, "https://a.example", START).unwrap();
        let studios = for_studios(all, "https://a.example");
        assert!(studios.iter().all(|it| it.role != Some(Role::Viewer)));
        let is_tokyo = |it: &&Invitation| it.person.as_ref().unwrap().as_str() == "tokyo-1";
        let tokyo = studios.iter().find(is_tokyo).unwrap().clone();
        assert!(
            tokyo
                .whip
                .contains(&"https://a.example/whip/climate".to_owned())
        );
        let mut out = Vec::new();
        write(
            &mut out,
            std::slice::from_ref(&tokyo),
            &conference,
            Format::Text,
        )
        .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\n  address https://a.example/whip/climate\n"));
        assert!(text.ends_with(&format!("\n  token {}\n", tokyo.invitation)));
        assert!(!text.contains("#i="), "the page is another thing: {text}");
    }
    #[test]
    fn the_check_link_is_nobodys_and_says_until_when_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let conference = conference();
        let until = valid_until("2021-10-14", &conference, START).unwrap();
        let link = check(&conference, &keys, "https://a.example", until).unwrap();
        let written = |format| {
            let mut out = Vec::new();
            write(&mut out, std::slice::from_ref(&link), &conference, format).unwrap();
            String::from_utf8(out).unwrap()
        };
        let text = written(Format::Text);
        let says =
            "for everybody (id check:everybody.1), valid until 2021-10-15 00:00 (Asia/Taipei)\n";
        assert!(text.contains(says), "{text}");
        assert!(text.ends_with(&format!("  https://a.example/#i={}\n", link.invitation)));
        let json: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(
            (&json[0]["check"], &json[0]["person"]),
            (&true.into(), &serde_json::Value::Null)
        );
        let table = written(Format::Csv);
        assert!(
            table.contains(",check:everybody.1,https://a.example/"),
            "{table}"
        );
    }
}
