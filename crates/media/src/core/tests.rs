//! Behaviour of a core, with clients that are UDP sockets.

mod channels;
mod codecs;
mod congestion;
mod devices;
mod foreign;
mod forwarding;
pub(crate) mod ice;
mod keystreams;
mod layouts;
mod lines;
mod recorded_languages;
mod recordings;
mod speaking;
mod streams;
mod takes;
pub(crate) mod test_core;
