//! The devices of a participant: which of them publishes. Rules of order, section 12.

use plenary_protocol::{Code, CommandOutput, CommandResult, Problem, PublishingDevice, RoomEvent};

use super::Room;
use crate::{Body, Caller};

impl Room {
    /// Makes the device that gives the command the one that publishes.
    pub(super) fn use_device(&mut self, caller: &Caller) -> CommandResult {
        let session = caller
            .session
            .as_ref()
            .filter(|session| self.present.devices.contains_key(*session))
            .cloned();
        let Some(session) = session else {
            return Err(Problem::new(
                Code::Invalid,
                "Only a seated device can be made the one that publishes.",
            ));
        };
        let mut participant = self.participant(&caller.person)?;
        self.move_publishing_to(&session, &caller.person);
        if !participant.publishing {
            participant.publishing = true;
            self.emit(vec![Body::Room(RoomEvent::Updated { participant })]);
        }
        Ok(CommandOutput::Device(PublishingDevice {
            session,
            publishing: true,
        }))
    }
}
