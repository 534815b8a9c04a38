//! Points of order: the chair's ruling on one that is being heard ends the hearing, and the speech that waits goes on
//! with the time it had. One that is not heard is accepted or denied like any other request.

use plenary_ids::RequestId;

use crate::{
    draft::Draft,
    event::{Change, RequestStep, SpeechStep},
    reason::{RevokeReason, Ruling},
    request::{FloorRequest, State},
    speech::Ending,
};

impl Draft<'_> {
    /// The raiser has had the floor, and is in the right: the request ends as one that served its purpose.
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

    /// The chair's refusal of a granted request is always `revoked`.
    pub(crate) fn overrule(&mut self, id: RequestId, words: Option<&str>) {
        let reason = words.map(|words| RevokeReason::Words(words.to_owned()));
        self.revoke_for(id, reason, Some(Ruling::Overruled));
    }

    /// An upheld point of order stays in sight until the next grant, and then has had its time.
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
