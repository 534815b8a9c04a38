//! The server: command line, settings, HTTP and WebSocket, metrics, and the wiring of rooms and media.
//!
//! This crate holds the I/O, and it is thin: a handler reads, sends a message to a room (`plenary_room`) and writes. It
//! decides nothing about the floor, about permissions, or about media. Start reading at [`server::Server`], then `http.rs`
//! for requests and `ws.rs` for connections.

mod alarms;
mod allowances;
mod api;
pub mod backup;
mod checks;
mod cities;
pub mod cli;
mod clock;
mod connections;
mod convert;
pub mod data_folder;
mod demo;
mod descriptors;
mod documents;
mod etag;
mod export;
pub mod failure;
mod folder_owner;
mod frame;
mod http;
mod ice_servers;
mod invite;
mod journal;
mod limits;
mod links;
mod listener;
mod logging;
mod machine;
mod media;
mod network_check;
mod ops;
mod people;
mod proceedings;
mod progress;
pub mod proxies;
mod quality;
pub mod rate;
mod receiving;
mod record;
mod recordings;
mod refusal;
mod relays;
mod run;
pub mod server;
mod service_manager;
mod sessions;
pub mod settings;
mod stage;
pub mod state;
mod terminate;
pub mod tls;
mod token;
mod watchers;
mod web;
mod whip;
mod ws;

pub use run::run;
