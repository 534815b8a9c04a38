//! What the meeting is at: an item of the agenda, or a roll call.

use plenary_ids::{Millis, PersonId};

use crate::{
    decide::Draft,
    event::Event,
    refusal::{Code, Refusal},
    request::Kind,
};

impl Draft<'_> {
    pub(crate) fn begin_item(
        &mut self,
        agreed: &[PersonId],
        limit: Option<Millis>,
    ) -> Result<(), Refusal> {
        self.needs_chair()?;
        if limit == Some(Millis(0)) {
            return Err(Refusal::new(
                Code::Invalid,
                "A speech has at least some time.",
            ));
        }
        self.emit(Event::Item {
            agreed: agreed.to_vec(),
            limit_ms: limit,
            by: self.by(),
        });
        Ok(())
    }

    pub(crate) fn end_item(&mut self) -> Result<(), Refusal> {
        self.needs_chair()?;
        if self.floor.item_on {
            self.emit(Event::ItemEnded { by: self.by() });
        }
        Ok(())
    }

    pub(crate) fn roll_call(&mut self, open: bool) -> Result<(), Refusal> {
        self.needs_system()?;
        if self.floor.roll_call != open {
            self.emit(Event::RollCall { open });
        }
        Ok(())
    }

    /// Once a roll call has begun nobody interrupts it but by a point of order about the vote.
    pub(crate) fn no_roll_call(&self, kind: Kind) -> Result<(), Refusal> {
        if self.floor.roll_call && kind != Kind::PointOfOrder {
            return Err(Refusal::new(
                Code::Conflict,
                "A vote is being taken; until it ends only points of order about it are heard.",
            ));
        }
        Ok(())
    }
}
