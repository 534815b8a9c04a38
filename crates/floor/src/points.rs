//! Points of order. The chair's ruling on a point that is being heard ends the hearing, and the suspended speech goes
//! on with the time it had. A point that is not being heard is accepted or denied like any other request. Rules of
//! order, section 8.

use plenary_ids::RequestId;

use crate::{
    draft::Draft,
    event::{Change, RequestStep, SpeechStep},
    reason::{RevokeReason, Ruling},
    request::{FloorRequest, State},
    speech::Ending,
};

impl Draft<'_> {
    /// The chair upholds a point that is being heard: the request ends as released.
    pub(crate) fn uphold(&mut self, id: RequestId) {
        let (Ok(mut request), Some(speech)) =
            (self.open(id), self.ended_speech(id, Ending::Released))
        else {
            return;
        };
        request.end(State::Released);
        self.emit(Change::Speech {
            request,
            speech,
            step: SpeechStep::Released {
                ruling: Some(Ruling::Upheld),
            },
        });
    }

    /// The chair overrules a point that is being heard: like every refusal of a granted request it is `revoked`.
    pub(crate) fn overrule(&mut self, id: RequestId, reason: Option<&str>) {
        let reason = reason.map(|text| RevokeReason::Text(text.to_owned()));
        self.revoke_for(id, reason, Some(Ruling::Overruled));
    }

    /// Ends the upheld points of order, which stay visible until the next grant.
    pub(crate) fn clear_upheld_points(&mut self, but: RequestId) {
        let upheld: Vec<FloorRequest> = self
            .floor
            .requests
            .points()
            .filter(|request| request.state == State::Accepted && request.id != but)
            .map(|request| request.request(None))
            .collect();
        for mut request in upheld {
            request.end(State::Cancelled);
            self.emit_automatic(Change::Request {
                request,
                step: RequestStep::Cancelled,
            });
        }
    }
}
