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
mod overload;
mod recorded_languages;
mod recordings;
mod speaking;
mod spread;
mod streams;
mod takes;

pub(crate) use super::test_core;
