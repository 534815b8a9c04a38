//! The one table of who may do what, for every transport.

use plenary_conference::Role;
use plenary_floor::Scope;
use plenary_protocol::{Access, CommandType, Permission};

/// Something that may be done. Every [`Command`] is one; the others are asked over HTTP only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words of domain.md and contract.md")]
pub enum Action {
    Ask,
    Accept,
    Grant,
    Deny,
    Cancel,
    Order,
    Pass,
    Wait,
    Suspend,
    Release,
    Yield,
    Revoke,
    Extend,
    Next,
    Configure,
    List,
    Agenda,
    Decide,
    Vote,
    Chair,
    Participants,
    Chat,
    UseDevice,
    Interpret,
    Channels,
    ReadRoom,
    ReadProceedings,
    CorrectProceedings,
    ReadHealth,
    RevokeInvitation,
}

/// How somebody stands towards an action; without one it is `forbidden`.
pub type Standing = Option<Scope>;

impl Action {
    /// Every action.
    pub const ALL: &'static [Self] = &[
        Self::Ask,
        Self::Accept,
        Self::Grant,
        Self::Deny,
        Self::Cancel,
        Self::Order,
        Self::Pass,
        Self::Wait,
        Self::Suspend,
        Self::Release,
        Self::Yield,
        Self::Revoke,
        Self::Extend,
        Self::Next,
        Self::Configure,
        Self::List,
        Self::Agenda,
        Self::Decide,
        Self::Vote,
        Self::Chair,
        Self::Participants,
        Self::Chat,
        Self::UseDevice,
        Self::Interpret,
        Self::Channels,
        Self::ReadRoom,
        Self::ReadProceedings,
        Self::CorrectProceedings,
        Self::ReadHealth,
        Self::RevokeInvitation,
    ];

    /// What a command is an instance of.
    pub fn of(command: CommandType) -> Self {
        match command {
            CommandType::Request => Self::Ask,
            CommandType::Accept => Self::Accept,
            CommandType::Grant => Self::Grant,
            CommandType::Deny => Self::Deny,
            CommandType::Cancel => Self::Cancel,
            CommandType::Move | CommandType::Order => Self::Order,
            CommandType::Pass | CommandType::Recall => Self::Pass,
            CommandType::Wait => Self::Wait,
            CommandType::Suspend | CommandType::Resume => Self::Suspend,
            CommandType::Release => Self::Release,
            CommandType::Yield => Self::Yield,
            CommandType::Revoke => Self::Revoke,
            CommandType::Extend => Self::Extend,
            CommandType::Next => Self::Next,
            CommandType::Set => Self::Configure,
            CommandType::ListOpen
            | CommandType::ListClose
            | CommandType::ListAnnounceClose
            | CommandType::ListReopen
            | CommandType::ListAdmit
            | CommandType::ListAdjourn
            | CommandType::ListResume
            | CommandType::ListConclude => Self::List,
            CommandType::AgendaStart | CommandType::AgendaEnd => Self::Agenda,
            CommandType::DecisionOpen
            | CommandType::DecisionClose
            | CommandType::DecisionWithdraw => Self::Decide,
            CommandType::DecisionObject | CommandType::DecisionVote => Self::Vote,
            CommandType::ChairTake
            | CommandType::ChairHandOver
            | CommandType::ChairPriorityOn
            | CommandType::ChairPriorityOff => Self::Chair,
            CommandType::ParticipantMove
            | CommandType::ParticipantRemove
            | CommandType::ParticipantMute
            | CommandType::ParticipantAdmit => Self::Participants,
            CommandType::ChatPost => Self::Chat,
            CommandType::ProceedingsCorrect => Self::CorrectProceedings,
            CommandType::DeviceUse => Self::UseDevice,
            CommandType::ChannelTake
            | CommandType::ChannelRelease
            | CommandType::ChannelHandOver
            | CommandType::ChannelRelay => Self::Interpret,
            CommandType::ChannelAssign | CommandType::ChannelClear => Self::Channels,
        }
    }

    /// The word for it in [`plenary_protocol::You::may`], of an action that no command is.
    pub fn permission(self) -> Option<Permission> {
        let access = match self {
            Self::ReadRoom => Access::ReadRoom,
            Self::ReadProceedings => Access::ReadProceedings,
            Self::ReadHealth => Access::ReadHealth,
            Self::RevokeInvitation => Access::RevokeInvitation,
            _ => return None,
        };
        Some(access.into())
    }
}

/// The table. Within a scope the floor still asks whose request it is, and whether somebody else is in the chair.
#[expect(clippy::match_same_arms, reason = "a table has a row per role")]
pub fn standing(role: Role, action: Action) -> Standing {
    use Action as A;
    use Role as R;
    match (role, action) {
        (_, A::ReadRoom) => Some(Scope::Own),

        (
            R::Delegate,
            A::Ask | A::Cancel | A::Release | A::Yield | A::Vote | A::Chat | A::UseDevice,
        ) => Some(Scope::Own),

        (R::Clerk, A::Ask | A::Cancel | A::Vote) => Some(Scope::OnBehalf),
        // The floor tells whoever is not the holder so.
        (R::Clerk, A::Release | A::Chat | A::ReadProceedings | A::CorrectProceedings) => {
            Some(Scope::Own)
        }

        (
            R::Moderator,
            // In mode `direct` only: the chair opens microphones there.
            A::Ask
            | A::Accept
            | A::Grant
            | A::Deny
            | A::Order
            | A::Pass
            | A::Wait
            | A::Suspend
            | A::Yield
            | A::Revoke
            | A::Extend
            | A::Next
            | A::Configure
            | A::List
            | A::Agenda
            | A::Decide
            | A::Chair
            | A::Channels
            | A::Participants,
        ) => Some(Scope::Chair),
        (
            R::Moderator,
            // A clerk may ask for a moderator, who then ends and withdraws what is his own.
            A::Cancel
            | A::Release
            | A::Chat
            | A::UseDevice
            | A::ReadProceedings
            | A::CorrectProceedings,
        ) => Some(Scope::Own),

        (R::Operator, A::Revoke | A::Channels) => Some(Scope::Operator),
        (
            R::Operator,
            A::Release | A::Chat | A::ReadProceedings | A::ReadHealth | A::RevokeInvitation,
        ) => Some(Scope::Own),

        (R::Interpreter, A::Interpret | A::Chat | A::UseDevice) => Some(Scope::Own),

        _ => None,
    }
}

/// Everything that a participant of that role may do: the commands, then what is read or done over HTTP alone.
pub fn permissions(role: Role) -> Vec<Permission> {
    let may = |action| standing(role, action).is_some();
    let commands = CommandType::ALL.iter().copied();
    let commands = commands.filter(|command| may(Action::of(*command)));
    let others = Action::ALL.iter().copied().filter(|action| may(*action));
    commands
        .map(Permission::from)
        .chain(others.filter_map(Action::permission))
        .collect()
}

/// Whether somebody of that role sends sound and pictures into a room at all.
pub fn publishes(role: Role) -> bool {
    standing(role, Action::UseDevice).is_some()
}

/// Whether somebody of that role can be given the floor, or be shown among the seated. An interpreter sends sound too,
/// but never there: it flows in a language channel alone.
pub fn speaks(role: Role) -> bool {
    publishes(role) && standing(role, Action::Interpret).is_none()
}

/// What one would have to be, for the sentence of a refusal.
pub fn who_may(action: Action) -> String {
    let roles = [
        (Role::Delegate, "delegates"),
        (Role::Moderator, "moderators"),
        (Role::Clerk, "clerks"),
        (Role::Interpreter, "interpreters"),
        (Role::Operator, "operators"),
        (Role::Viewer, "viewers"),
    ];
    let may: Vec<&str> = roles
        .iter()
        .filter(|(role, _)| standing(*role, action).is_some())
        .map(|(_, name)| *name)
        .collect();
    match may.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nobody".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table once more, as a person would draw it: D delegate, M moderator, C clerk, I interpreter, O operator,
    /// V viewer; `.` for no.
    const TABLE: &str = "
        Ask              DMC...
        Accept           .M....
        Grant            .M....
        Deny             .M....
        Cancel           DMC...
        Order            .M....
        Pass             .M....
        Wait             .M....
        Suspend          .M....
        Release          DMC.O.
        Yield            DM....
        Revoke           .M..O.
        Extend           .M....
        Next             .M....
        Configure        .M....
        List             .M....
        Agenda           .M....
        Decide           .M....
        Vote             D.C...
        Chair            .M....
        Participants     .M....
        Chat             DMCIO.
        UseDevice        DM.I..
        Interpret        ...I..
        Channels         .M..O.
        ReadRoom         DMCIOV
        ReadProceedings  .MC.O.
        CorrectProceedings .MC...
        ReadHealth       ....O.
        RevokeInvitation ....O.
    ";

    #[test]
    fn every_cell_of_the_table_is_as_drawn() {
        let rows: Vec<(&str, &str)> = TABLE
            .lines()
            .filter_map(|line| line.trim().split_once(' '))
            .map(|(action, cells)| (action, cells.trim()))
            .collect();
        assert_eq!(rows.len(), Action::ALL.len());
        let roles = [
            Role::Delegate,
            Role::Moderator,
            Role::Clerk,
            Role::Interpreter,
            Role::Operator,
            Role::Viewer,
        ];
        for (action, (name, cells)) in Action::ALL.iter().zip(rows) {
            assert_eq!(format!("{action:?}"), name);
            for (role, cell) in roles.iter().zip(cells.chars()) {
                assert_eq!(
                    standing(*role, *action).is_some(),
                    cell != '.',
                    "{role} {name}"
                );
            }
        }
    }

    #[test]
    fn a_participant_is_told_exactly_what_the_table_allows() {
        let told = |role| {
            let permissions = permissions(role);
            permissions.iter().map(Permission::to_string).collect()
        };
        let viewer: Vec<String> = told(Role::Viewer);
        assert_eq!(viewer, ["room.read"]);
        let delegate: Vec<String> = told(Role::Delegate);
        assert_eq!(
            delegate,
            [
                "floor.request",
                "floor.cancel",
                "floor.release",
                "floor.yield",
                "decision.object",
                "decision.vote",
                "chat.post",
                "device.use",
                "room.read"
            ]
        );
    }

    #[test]
    fn a_refusal_says_who_may() {
        assert_eq!(who_may(Action::Grant), "moderators");
        assert_eq!(who_may(Action::Vote), "delegates and clerks");
    }

    #[test]
    fn an_interpreter_sends_sound_and_cannot_be_given_the_floor() {
        let all = Role::ALL.into_iter();
        let (speak, others): (Vec<_>, Vec<_>) = all.partition(|role| speaks(*role));
        assert_eq!(speak, [Role::Delegate, Role::Moderator]);
        let send = others.into_iter().filter(|role| publishes(*role));
        assert_eq!(send.collect::<Vec<_>>(), [Role::Interpreter]);
    }
}
