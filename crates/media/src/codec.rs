//! The little that forwarding needs to know of what is inside a payload.

pub mod vp8;
