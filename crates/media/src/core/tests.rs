//! Scenes played through a core.

mod channels;
mod codecs;
mod congestion;
mod devices;
mod forwarding;
mod hall;
mod ice;
