//! The ICE servers that a client may use besides the server's own candidates, over whatever transport it asks.

use plenary_conference::Claims;
use serde_json::Value;

use crate::state::App;

impl App {
    /// The `RTCIceServer` objects for a bearer; none where none is needed.
    #[expect(clippy::unused_self, reason = "relays are the server's")]
    pub(crate) fn ice_servers(&self, _bearer: &Claims) -> Vec<Value> {
        Vec::new()
    }
}
