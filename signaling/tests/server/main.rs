//! The server over sockets and as a process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod auditing;
mod authority;
mod backup;
mod bad_input;
mod batches;
mod book;
mod bounds;
mod channels;
mod check_links;
mod checks;
mod connections;
mod data_folder;
mod demo;
mod descriptors;
mod displays;
mod documents;
mod full_disk;
mod help;
mod http;
mod http2;
mod https;
mod invitations;
mod media;
mod of_its_time;
mod operations;
mod phases;
mod preconditions;
mod proceedings;
mod process;
mod rates;
mod recordings;
mod running;
mod scenes;
mod secrets;
mod service_manager;
mod slow_disk;
mod standing;
mod standstill;
mod test_ca;
mod test_server;
mod uploads;
mod whip;
