//! Tokens as clients receive them, over HTTP and over a WebSocket.

use plenary_protocol::Token;

/// A signed token in the form of the wire.
pub fn to_client(token: &plenary_conference::Token) -> Token {
    Token {
        token: token.secret.clone(),
        expires: token.expires(),
    }
}
