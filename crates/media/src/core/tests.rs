//! Scenes played through a core.

mod codecs;
mod forwarding;
mod hall;
