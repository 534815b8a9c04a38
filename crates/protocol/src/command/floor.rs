//! The floor, the list of speakers and the chair. The commands themselves are defined where they are decided.

use plenary_conference::Role;
use plenary_floor::{
    Command as FloorCommand, CommandType as FloorCommandType, FloorRequest, FloorView,
    MAX_TEXT_BYTES, Scope,
};

use super::{Method, Rules, at_most};
use crate::{Problem, permission::Allowed};

/// A moderator asks in mode `direct` only: the chair opens microphones there.
const ASK: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Clerk, Scope::OnBehalf),
    (Role::Moderator, Scope::Chair),
]);
/// A clerk may ask for a moderator, who then withdraws the own request.
const CANCEL: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Clerk, Scope::OnBehalf),
    (Role::Moderator, Scope::Own),
]);
/// The floor refuses everybody but the holder, with a sentence that says so.
const RELEASE: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Moderator, Scope::Own),
    (Role::Clerk, Scope::Own),
    (Role::Operator, Scope::Own),
]);
const YIELD: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Moderator, Scope::Chair),
]);
const REVOKE: Allowed = Allowed(&[
    (Role::Moderator, Scope::Chair),
    (Role::Operator, Scope::Operator),
]);

#[rustfmt::skip] // a table: a line is a row
pub(super) fn rules(command: FloorCommandType) -> Rules {
    use FloorCommandType as T;
    let request = Rules::new::<FloorRequest>;
    let floor = Rules::new::<FloorView>;
    match command {
        T::Request => request(ASK).create("/floor/requests"),
        T::Accept => request(Allowed::CHAIR).post("/floor/requests/{request}/accept"),
        T::Grant => request(Allowed::CHAIR).post("/floor/requests/{request}/grant"),
        T::Deny => request(Allowed::CHAIR).post("/floor/requests/{request}/deny"),
        T::Cancel => request(CANCEL).post("/floor/requests/{request}/cancel"),
        T::Move => request(Allowed::CHAIR).post("/floor/requests/{request}/move"),
        T::Pass => request(Allowed::CHAIR).post("/floor/requests/{request}/pass"),
        T::Wait => request(Allowed::CHAIR).post("/floor/requests/{request}/wait"),
        T::Recall => request(Allowed::CHAIR).post("/floor/requests/{request}/recall"),
        T::Suspend => request(Allowed::CHAIR).post("/floor/requests/{request}/suspend"),
        T::Resume => request(Allowed::CHAIR).post("/floor/requests/{request}/resume"),
        T::Release => request(RELEASE).post("/floor/requests/{request}/release"),
        T::Yield => request(YIELD).post("/floor/requests/{request}/yield"),
        T::Revoke => request(REVOKE).post("/floor/requests/{request}/revoke"),
        T::Extend => request(Allowed::CHAIR).post("/floor/requests/{request}/extend"),
        T::Order => floor(Allowed::CHAIR).at(Method::Put, "/floor/order"),
        T::Next => request(Allowed::CHAIR).post("/floor/next"),
        T::Undo => floor(Allowed::CHAIR).post("/floor/undo"),
        T::Set => floor(Allowed::CHAIR).at(Method::Patch, "/floor"),
        T::ListOpen => floor(Allowed::CHAIR).post("/floor/list/open"),
        T::ListClose => floor(Allowed::CHAIR).post("/floor/list/close"),
        T::ListAnnounceClose => floor(Allowed::CHAIR).post("/floor/list/announce_close"),
        T::ListReopen => floor(Allowed::CHAIR).post("/floor/list/reopen"),
        T::ListAdmit => request(Allowed::CHAIR).post("/floor/list/admit"),
        T::ListAdjourn => floor(Allowed::CHAIR).post("/floor/list/adjourn"),
        T::ListResume => floor(Allowed::CHAIR).post("/floor/list/resume"),
        T::ListConclude => floor(Allowed::CHAIR).post("/floor/list/conclude"),
        T::ChairTake => floor(Allowed::CHAIR).post("/chair/take"),
        T::ChairHandOver => floor(Allowed::CHAIR).post("/chair/hand_over"),
        T::ChairPriorityOn => floor(Allowed::CHAIR).post("/chair/priority_on"),
        T::ChairPriorityOff => floor(Allowed::CHAIR).post("/chair/priority_off"),
    }
}

pub(super) fn check(command: &FloorCommand) -> Result<(), Problem> {
    match command {
        FloorCommand::Request { info: text, .. }
        | FloorCommand::Deny { reason: text, .. }
        | FloorCommand::Revoke { reason: text, .. } => at_most(MAX_TEXT_BYTES, text.as_ref()),
        FloorCommand::Accept { .. }
        | FloorCommand::Grant { .. }
        | FloorCommand::Cancel { .. }
        | FloorCommand::Move { .. }
        | FloorCommand::Pass { .. }
        | FloorCommand::Wait { .. }
        | FloorCommand::Recall { .. }
        | FloorCommand::Suspend { .. }
        | FloorCommand::Resume { .. }
        | FloorCommand::Release { .. }
        | FloorCommand::Yield { .. }
        | FloorCommand::Extend { .. }
        | FloorCommand::Order { .. }
        | FloorCommand::Next { .. }
        | FloorCommand::Undo { .. }
        | FloorCommand::Set(_)
        | FloorCommand::ListOpen {}
        | FloorCommand::ListClose {}
        | FloorCommand::ListAnnounceClose { .. }
        | FloorCommand::ListReopen {}
        | FloorCommand::ListAdmit { .. }
        | FloorCommand::ListAdjourn {}
        | FloorCommand::ListResume {}
        | FloorCommand::ListConclude {}
        | FloorCommand::ChairTake {}
        | FloorCommand::ChairHandOver { .. }
        | FloorCommand::ChairPriorityOn {}
        | FloorCommand::ChairPriorityOff {} => Ok(()),
    }
}
