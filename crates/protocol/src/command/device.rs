//! The devices of a participant.

use plenary_conference::Role;
use plenary_floor::Scope;

use super::Rules;
use crate::{Problem, PublishingDevice, permission::Allowed};

plenary_floor::commands! {
    /// A command about the device that gives it.
    #[derive(Eq)]
    pub enum DeviceCommand, DeviceCommandType;
    /// Makes the device that gives the command the one that publishes.
    "device.use" Use {}
}

/// The roles that send sound and pictures into a room.
pub(crate) const PUBLISH: Allowed = Allowed(&[
    (Role::Delegate, Scope::Own),
    (Role::Moderator, Scope::Own),
    (Role::Interpreter, Scope::Own),
]);

pub(super) fn rules(command: DeviceCommandType) -> Rules {
    match command {
        DeviceCommandType::Use => Rules::new::<PublishingDevice>(PUBLISH),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every group has the same check")]
pub(super) fn check(command: &DeviceCommand) -> Result<(), Problem> {
    match command {
        DeviceCommand::Use {} => Ok(()),
    }
}
