//! How a browser's media connection is established and its datagrams moved.
//!
//! A media session has no connection object: it is put together from parts that each do one thing. This crate holds
//! those parts: [`sdp`] reads an offer and writes the answer, [`ice`] answers connectivity checks as a lite agent, and
//! [`dtls`] runs the handshake and yields the SRTP keys. None of them does I/O or reads a clock. [`udp`] is the
//! one part that does: the socket, many datagrams at a time.
//!
//! It does not know rooms, floors or RTP: what is sealed and forwarded, and to whom, is decided by `plenary-media`.
//!
//! Start with [`sdp::Offer::parse`] and [`sdp::answer`], then [`ice::classify`], which tells STUN, DTLS, RTP and RTCP
//! apart on the one port.

#![warn(clippy::indexing_slicing)]

pub mod dtls;
pub mod fingerprint;
pub mod framing;
pub mod ice;
pub mod mapped;
pub mod outgoing;
pub mod peer;
pub mod sdp;
pub mod send_queue;
pub mod steering;
pub mod turn;
pub mod udp;
