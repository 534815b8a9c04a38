//! Makes invitation links and writes them.

use std::io::{self, Write};

use plenary_conference::{Conference, INVITATION_LIFE, Keys, KeysError, Person, Role};
use plenary_ids::{DelegationId, Moment, PersonId, RoomId};
use serde::Serialize;

use crate::cli::Format;

/// An invitation as `plenary invite --format json` writes it.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct Invitation {
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    pub role: Role,
    /// The delegation; staff have none.
    pub delegation: Option<DelegationId>,
    /// The rooms that the person may enter.
    pub rooms: Vec<RoomId>,
    /// The id that `plenary revoke` takes.
    pub id: String,
    /// The secret that the person redeems.
    pub invitation: String,
    /// The secret as a link. It is in the fragment, so no server and no log ever sees it.
    pub url: String,
}

/// Why invitations cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The conference file does not name the person.
    #[error("the conference has no person \"{0}\"")]
    UnknownPerson(PersonId),
    /// The invitation cannot be signed.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// An invitation for each of `persons`, or for everybody if there are none.
pub fn invitations(
    conference: &Conference,
    persons: &[PersonId],
    keys: &Keys,
    url: &str,
    now: Moment,
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
        .map(|person| Ok(invitation(conference, person, keys, url, now)?))
        .collect()
}

fn invitation(
    conference: &Conference,
    person: &Person,
    keys: &Keys,
    url: &str,
    now: Moment,
) -> Result<Invitation, KeysError> {
    let id = keys.next_invitation(&person.id)?;
    let invitation = keys.invite(conference, person, &id, now.after(INVITATION_LIFE))?;
    Ok(Invitation {
        person: person.id.clone(),
        name: person.name.clone(),
        role: person.role,
        delegation: person.delegation.clone(),
        rooms: person.rooms.clone(),
        id,
        url: format!("{url}/#i={invitation}"),
        invitation,
    })
}

/// Writes invitations in a format.
pub fn write(out: &mut impl Write, invitations: &[Invitation], format: Format) -> io::Result<()> {
    match format {
        Format::Text => {
            for it in invitations {
                writeln!(
                    out,
                    "{} ({}, {}, id {})\n  {}",
                    it.name, it.person, it.role, it.id, it.url
                )?;
            }
        }
        Format::Csv => {
            writeln!(out, "person,name,role,delegation,rooms,id,url")?;
            for it in invitations {
                let rooms = it
                    .rooms
                    .iter()
                    .map(RoomId::as_str)
                    .collect::<Vec<_>>()
                    .join(" ");
                let delegation = it.delegation.as_ref().map_or("", DelegationId::as_str);
                let fields = [
                    it.person.as_str(),
                    &it.name,
                    it.role.as_str(),
                    delegation,
                    &rooms,
                    &it.id,
                    &it.url,
                ];
                writeln!(out, "{}", fields.map(quoted).join(","))?;
            }
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, invitations)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// A field of CSV (RFC 4180). An apostrophe keeps a spreadsheet from reading a field as a formula.
fn quoted(field: &str) -> String {
    let guard = if field.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !field.contains(['"', ',', '\n', '\r']) {
        return field.to_owned();
    }
    format!("\"{guard}{}\"", field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_a_quote_or_a_formula_stays_one_field() {
        assert_eq!(quoted("Tokyo delegate"), "Tokyo delegate");
        assert_eq!(quoted("Tokyo, \"first\""), "\"Tokyo, \"\"first\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    }
}
