//! The relays (TURN) that a client may use, for the welcome of a seat and for WHIP and WHEP.

use plenary_conference::Claims;
use serde_json::Value;

use crate::state::App;

impl App {
    /// The ICE servers for the bearer of a token, as `RTCIceServer` objects.
    pub(crate) fn ice_servers(&self, bearer: &Claims) -> Vec<Value> {
        let tls = self.relay_over_tls.as_deref();
        self.relays.ice_servers(&self.media, tls, &bearer.sub)
    }
}
