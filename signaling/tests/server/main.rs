//! The server over sockets and as a process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod auditing;
mod authority;
mod bad_input;
mod book;
mod channels;
mod connections;
mod demo;
mod documents;
mod http;
mod invitations;
mod operations;
mod proceedings;
mod process;
mod rates;
mod scenes;
mod secrets;
mod slow_disk;
mod terms;
mod test_server;
