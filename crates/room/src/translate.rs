//! From the words of the wire to the words of the floor.

use plenary_conference::Role;
use plenary_floor::{ChairVerb, Command as Floor, ListVerb, Priority, SettingsPatch, Wish};
use plenary_ids::{DelegationId, PersonId};
use plenary_protocol::{Code, Command, Problem};

use crate::{Member, RoomConfig, authority};

/// The floor's command, or none where a command is not the floor's business.
#[expect(clippy::too_many_lines, reason = "a table: one row per command")]
pub(crate) fn to_floor(
    command: &Command,
    by: &Member,
    config: &RoomConfig,
) -> Result<Option<Floor>, Problem> {
    let member = |person: &PersonId| {
        config.members.get(person).ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!("Nobody called {person} may enter this room."),
            )
        })
    };
    // A viewer, an interpreter, an operator has no voice that anybody could ask to be heard.
    let speaker = |person: &PersonId| {
        let member = member(person)?;
        if authority::speaks(member.role) {
            return Ok(member.speaker());
        }
        Err(Problem::new(
            Code::Forbidden,
            format!("{person} is here as {}, and does not speak.", member.role),
        ))
    };
    let floor = match command.clone() {
        Command::Request {
            kind,
            beneficiary,
            priority,
            info,
        } => Floor::Request(Wish {
            kind: kind.unwrap_or_default(),
            beneficiary: match &beneficiary {
                Some(person) => speaker(person)?,
                // What the floor makes of a moderator's own wish depends on the mode.
                None if matches!(by.role, Role::Delegate | Role::Moderator) => by.speaker(),
                None => {
                    return Err(Problem::new(
                        Code::Invalid,
                        "Say by \"beneficiary\" for whom.",
                    ));
                }
            },
            priority: priority.and_then(Priority::new).unwrap_or_default(),
            info,
        }),
        Command::ListAdmit { person, kind } => Floor::Admit(Wish {
            kind: kind.unwrap_or_default(),
            beneficiary: speaker(&person)?,
            priority: Priority::default(),
            info: None,
        }),
        Command::Accept { request, position } => Floor::Accept { request, position },
        Command::Grant { request, replace } => Floor::Grant { request, replace },
        Command::Deny { request, reason } => Floor::Deny { request, reason },
        Command::Cancel { request } => Floor::Cancel { request },
        Command::Move {
            request,
            position,
            overriding,
        } => Floor::Move {
            request,
            position,
            overriding,
        },
        Command::Pass { request } => Floor::Pass { request },
        Command::Wait { request } => Floor::Wait { request },
        Command::Recall { request, position } => Floor::Recall { request, position },
        Command::Suspend { request } => Floor::Suspend { request },
        Command::Resume { request } => Floor::Resume { request },
        Command::Release { request } => Floor::Release { request },
        Command::Yield { request, to } => Floor::Yield {
            request,
            to: to.as_ref().map(speaker).transpose()?,
        },
        Command::Revoke { request, reason } => Floor::Revoke { request, reason },
        Command::Extend { request, by_ms } => Floor::Extend { request, by: by_ms },
        Command::Order { ids } => Floor::Order { ids },
        Command::Next {} => Floor::Next,
        Command::Set {
            mode,
            policy,
            nom,
            advance,
            max_requests,
            when_full,
            limit_ms,
            limit_by_kind_ms,
            limit_by_class_ms,
            warning_ms,
            grace_ms,
            overtime,
            reconnect_grace_ms,
            yielding,
            carry_over,
            protocol,
            drawn,
        } => Floor::Settings(SettingsPatch {
            protocol: protocol.map(|it| all_known(it, config)).transpose()?,
            mode,
            policy,
            nom,
            advance,
            max_requests,
            when_full,
            limit: limit_ms,
            limit_by_kind: limit_by_kind_ms,
            limit_by_class: limit_by_class_ms,
            warning: warning_ms,
            grace: grace_ms,
            overtime,
            reconnect_grace: reconnect_grace_ms,
            yielding,
            carry_over,
            drawn: drawn.map(Some),
            ..SettingsPatch::default()
        }),
        Command::ListOpen {} => Floor::List(ListVerb::Open),
        Command::ListClose {} => Floor::List(ListVerb::Close),
        Command::ListAnnounceClose { at } => Floor::List(ListVerb::AnnounceClose { at }),
        Command::ListReopen {} => Floor::List(ListVerb::Reopen),
        Command::ListAdjourn {} => Floor::List(ListVerb::Adjourn),
        Command::ListResume {} => Floor::List(ListVerb::Resume),
        Command::ListConclude {} => Floor::List(ListVerb::Conclude),
        Command::ChairTake {} => Floor::Chair(ChairVerb::Take),
        Command::ChairHandOver { to } => {
            if member(&to)?.role != Role::Moderator {
                return Err(Problem::new(
                    Code::Invalid,
                    format!("{to} is no moderator, and cannot take the chair."),
                ));
            }
            Floor::Chair(ChairVerb::HandOver { to })
        }
        Command::ChairPriorityOn {} => Floor::Chair(ChairVerb::PriorityOn),
        Command::ChairPriorityOff {} => Floor::Chair(ChairVerb::PriorityOff),
        Command::ParticipantMove { .. }
        | Command::ParticipantRemove { .. }
        | Command::ParticipantMute { .. }
        | Command::ParticipantAdmit { .. }
        | Command::AgendaStart { .. }
        | Command::AgendaEnd { .. }
        | Command::DecisionOpen { .. }
        | Command::DecisionObject { .. }
        | Command::DecisionVote { .. }
        | Command::DecisionClose { .. }
        | Command::DecisionWithdraw { .. }
        | Command::ChannelTake { .. }
        | Command::ChannelRelease { .. }
        | Command::ChannelHandOver { .. }
        | Command::ChannelRelay { .. }
        | Command::ChannelAssign { .. }
        | Command::ChannelClear { .. }
        | Command::ChatPost { .. }
        | Command::ProceedingsCorrect { .. }
        | Command::DeviceUse {} => return Ok(None),
    };
    Ok(Some(floor))
}

/// An order of delegations names those of the conference.
fn all_known(
    protocol: Vec<DelegationId>,
    config: &RoomConfig,
) -> Result<Vec<DelegationId>, Problem> {
    match protocol.iter().find(|it| !config.delegations.contains(it)) {
        None => Ok(protocol),
        Some(stranger) => {
            let known = config.delegations.iter().map(DelegationId::as_str);
            let hint = plenary_conference::nearest(stranger.as_str(), known);
            let detail = format!("The conference has no delegation \"{stranger}\". {hint}");
            Err(Problem::new(Code::Invalid, detail))
        }
    }
}
