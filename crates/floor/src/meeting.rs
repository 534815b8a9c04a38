//! Agenda items and roll calls, as far as they concern the floor. Rules of order, sections 14 and 15.

use plenary_ids::{Millis, PersonId};

use crate::{
    draft::Draft,
    event::{Change, MeetingStep},
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
        let agreed = agreed.to_vec();
        self.emit(Change::Meeting(MeetingStep::ItemBegan { agreed, limit }));
        Ok(())
    }

    pub(crate) fn end_item(&mut self) -> Result<(), Refusal> {
        self.needs_chair()?;
        if self.floor.item_on {
            self.emit(Change::Meeting(MeetingStep::ItemEnded));
        }
        Ok(())
    }

    pub(crate) fn roll_call(&mut self, open: bool) -> Result<(), Refusal> {
        self.needs_system()?;
        if self.floor.roll_call != open {
            self.emit_automatic(Change::Meeting(MeetingStep::RollCall { open }));
        }
        Ok(())
    }

    /// While a roll call is open, only a point of order about the vote interrupts it.
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
