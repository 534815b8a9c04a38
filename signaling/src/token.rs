//! Tokens as clients receive them, over HTTP and over a WebSocket.

use plenary_ids::Moment;
use plenary_protocol::Token;

use crate::state::App;

/// A signed token in the form of the wire; `now` is the time at which it was signed.
pub fn to_client(app: &App, token: &plenary_conference::Token, now: Moment) -> Token {
    Token {
        token: token.secret.clone(),
        expires: token.expires(),
        expires_in_ms: token.expires().since(now),
        now,
        ice_servers: app.ice_servers(&token.claims),
    }
}
