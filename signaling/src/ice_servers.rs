//! The relays (TURN) that a client may use: for the welcome of a seat, with each token, and for WHIP and WHEP.

use plenary_conference::Claims;
use plenary_protocol::IceServer;

use crate::{rate::Origin, relays::RelayUser, state::App};

impl App {
    /// The ICE servers for the bearer of a token.
    pub(crate) fn ice_servers(&self, bearer: &Claims) -> Vec<IceServer> {
        self.ice_servers_for(RelayUser::Participant(&bearer.sub))
    }

    /// The ICE servers for the bearer of the check link at an address.
    pub(crate) fn ice_servers_for_check(&self, origin: Origin) -> Vec<IceServer> {
        self.ice_servers_for(RelayUser::Guest(origin))
    }

    fn ice_servers_for(&self, user: RelayUser<'_>) -> Vec<IceServer> {
        let tls = self.relay_over_tls.as_deref();
        self.relays.ice_servers(&self.media, tls, user)
    }
}
