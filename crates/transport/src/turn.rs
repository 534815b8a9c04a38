//! This server's own relay (TURN, RFC 8656), for clients that reach nothing else: it leads to the media of this server and
//! nowhere else.
//!
//! A relayed address has no socket. What a client sends to one of the server's own addresses is handed to the media core
//! in the process, and what the core sends back goes to the client as if it had come from there. Any other peer is
//! refused, so nobody is helped to reach anything.
//!
//! [`RelayServer`] is what all clients share: secrets and limits. [`RelayClient`] is one client's state, without I/O.
//! [`RelayRoutes`] says how packets are framed on their way back; it may be read by another thread.

mod client;
mod credentials;
mod credit;
mod message;
mod routes;
mod server;

pub use client::{RelayClient, RelayOutput, RelayTransport};
pub use credentials::{TurnCredentials, TurnSecret};
pub use credit::ReplyCredit;
pub use message::is_relay_message;
pub use routes::RelayRoutes;
pub use server::{RelayLimits, RelayServer};
