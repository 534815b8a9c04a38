//! The obstacles to a grant: absence, adjournment, chair priority, a roll call, a point of order. Rules of order,
//! section 5.1.

use crate::{
    draft::Draft,
    refusal::{Code, Refusal},
    request::{FloorRequest, Kind, State},
    view::ListState,
};

impl Draft<'_> {
    pub(crate) fn is_present(&self, person: &plenary_ids::PersonId) -> Result<(), Refusal> {
        if self.floor.connected.contains(person) {
            Ok(())
        } else {
            Err(Refusal::new(
                Code::Absent,
                format!("{person} is not connected."),
            ))
        }
    }

    pub(crate) fn nothing_stands_in_the_way(&self, request: &FloorRequest) -> Result<(), Refusal> {
        self.needs_sitting()?;
        self.no_priority()?;
        self.no_roll_call(request.kind)?;
        self.own_recording_is_over(request)?;
        match self.floor.point_of_order() {
            Some(point) if request.kind == Kind::PointOfOrder && point.state == State::Pending => {
                Ok(())
            }
            Some(point) if point.id == request.id => Ok(()),
            _ => self.no_point_of_order(),
        }
    }

    /// Nobody speaks in person beside their own recording, which takes the place of their microphone.
    pub(crate) fn own_recording_is_over(&self, request: &FloorRequest) -> Result<(), Refusal> {
        let own = self
            .floor
            .recorded()
            .filter(|speech| speech.speaker == request.beneficiary && speech.request != request.id);
        own.map_or(Ok(()), |own| {
            let detail = format!(
                "{}'s recorded address is not over; stop it first.",
                own.speaker
            );
            Err(Refusal {
                request: Some(own.request),
                ..Refusal::new(Code::Conflict, detail)
            })
        })
    }

    pub(crate) fn no_point_of_order(&self) -> Result<(), Refusal> {
        self.floor.point_of_order().map_or(Ok(()), |point| {
            let detail = format!(
                "{}'s point of order must be ruled on first.",
                point.beneficiary
            );
            Err(Refusal {
                request: Some(point.id),
                ..Refusal::new(Code::Conflict, detail)
            })
        })
    }

    pub(crate) fn no_priority(&self) -> Result<(), Refusal> {
        if self.floor.chair_priority {
            return Err(Refusal::new(
                Code::Conflict,
                "The chair holds the floor by priority; let it go first.",
            ));
        }
        Ok(())
    }

    /// Whether the meeting sits, without the chair's priority, a roll call or a point of order.
    pub(crate) fn may_advance(&self) -> bool {
        self.floor.list.state != ListState::Adjourned
            && !self.floor.roll_call
            && self.no_priority().is_ok()
            && self.no_point_of_order().is_ok()
    }
}
