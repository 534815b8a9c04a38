//! Tokens as clients receive them, over HTTP and over a WebSocket.

use plenary_conference::CheckToken;
use plenary_ids::Moment;
use plenary_protocol::Token;

use crate::{rate::Origin, state::App};

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

/// The same of a token of the check link, for a client at that address.
pub fn check_to_client(app: &App, token: &CheckToken, origin: Origin, now: Moment) -> Token {
    Token {
        token: token.secret.clone(),
        expires: token.expires,
        expires_in_ms: token.expires.since(now),
        now,
        ice_servers: app.ice_servers_for_check(origin),
    }
}
