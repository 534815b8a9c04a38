//! The chair's ruling on a point of order whose raiser is being heard: it ends the hearing, and the speech that waits
//! goes on with the time it had. One that is not heard is accepted or denied like any other request.

use plenary_ids::RequestId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{decide::Draft, event::Event, request::State, requests::end, speech::Ending};

/// How the chair ruled on a point of order that was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It is well taken.
    Upheld,
    /// It is not.
    Overruled,
}

impl Draft<'_> {
    /// Its raiser has had the floor, and is in the right: the request ends as one that served its purpose.
    pub(crate) fn uphold(&mut self, id: RequestId) {
        let (Ok(mut request), Some(speech)) =
            (self.open(id), self.ended_speech(id, Ending::Released))
        else {
            return;
        };
        end(&mut request, State::Released);
        self.emit(Event::Released {
            request,
            speech,
            ruling: Some(Ruling::Upheld),
            by: self.by(),
        });
    }

    /// The chair's refusal of a granted request is always `revoked`.
    pub(crate) fn overrule(&mut self, id: RequestId, reason: Option<&str>) {
        self.revoke_for(id, reason, Some(Ruling::Overruled));
    }
}
