//! Scenes played through a core.

mod codecs;
mod devices;
mod forwarding;
mod hall;
mod ice;
