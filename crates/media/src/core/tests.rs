//! Behaviour of a core, with clients that are UDP sockets.

mod channels;
mod codecs;
mod congestion;
mod devices;
mod forwarding;
mod ice;
mod test_core;
