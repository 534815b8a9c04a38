//! Permissions, from the one table of [`plenary_protocol::Rules`], for every transport.

use plenary_conference::Role;
use plenary_floor::Scope;
use plenary_protocol::{Access, Allowed, Code, Command, Problem};

/// The scope in which a role gives a command, or the refusal that names the roles that may.
pub fn scope(role: Role, command: &Command) -> Result<Scope, Problem> {
    let allowed = command.rules().allowed;
    allowed.scope(role).ok_or_else(|| {
        let detail = format!("Only {allowed} may do this; you are here as {role}.");
        Problem::new(Code::Forbidden, detail)
    })
}

/// Passes a role that has a permission which is no command.
pub fn check_access(role: Role, access: Access) -> Result<(), Problem> {
    let allowed = access.allowed();
    if allowed.includes(role) {
        return Ok(());
    }
    let detail = format!("Only {allowed} may do this.");
    Err(Problem::new(Code::Forbidden, detail))
}

/// Whether participants of that role send sound and pictures into a room at all.
pub fn publishes(role: Role) -> bool {
    Allowed::PUBLISH.includes(role)
}

/// Whether participants of that role can be given the floor, or be shown among the seated. An interpreter sends sound
/// too, but never there: it flows in a language channel alone.
pub fn speaks(role: Role) -> bool {
    publishes(role) && role != Role::Interpreter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_who_may() {
        let command = plenary_floor::Command::Next { expect: None }.into();
        let refused = scope(Role::Viewer, &command).map_err(|problem| problem.detail);
        let sentence = "Only moderators may do this; you are here as viewer.";
        assert_eq!(refused, Err(sentence.to_owned()));
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
