//! The way of a packet back to a client of the relay: whether it may go, and in which frame.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
};

use super::message::data_indication;
use crate::{framing::CHANNEL_HEADER_BYTES, outgoing::HEADROOM_BYTES};

const _: () = assert!(HEADROOM_BYTES == CHANNEL_HEADER_BYTES);

/// There is no permission: nothing goes to the client from this address.
const CLOSED: u16 = 0;
/// There is a permission, and no channel; no channel has this number.
const BY_INDICATION: u16 = 1;

/// How packets from each of the server's own addresses go to one client of the relay.
#[derive(Debug)]
pub struct RelayRoutes {
    peers: Arc<[SocketAddr]>,
    /// For each address `CLOSED`, `BY_INDICATION`, or the number of the channel that is bound to it.
    routes: Vec<AtomicU16>,
    /// Whether the client is reached by a stream, where frames are padded.
    padded: bool,
}

impl RelayRoutes {
    pub(super) fn new(peers: Arc<[SocketAddr]>, padded: bool) -> Self {
        let routes = peers.iter().map(|_| AtomicU16::new(CLOSED)).collect();
        Self {
            peers,
            routes,
            padded,
        }
    }

    pub(super) fn set(&self, candidate: usize, permitted: bool, channel: Option<u16>) {
        let route = match (permitted, channel) {
            (false, _) => CLOSED,
            (true, None) => BY_INDICATION,
            (true, Some(channel)) => channel,
        };
        if let Some(place) = self.routes.get(candidate) {
            place.store(route, Relaxed);
        }
    }

    /// Frames a packet that goes to the client from one of the server's own addresses; it has [`HEADROOM_BYTES`] before
    /// it. None if the client has no permission for that address.
    pub fn frame(&self, candidate: u8, mut packet: Vec<u8>) -> Option<Vec<u8>> {
        let candidate = usize::from(candidate);
        let route = self.routes.get(candidate)?.load(Relaxed);
        match route {
            CLOSED => None,
            BY_INDICATION => {
                let data = packet.get(HEADROOM_BYTES..)?;
                Some(data_indication(*self.peers.get(candidate)?, data))
            }
            channel => {
                let length = u16::try_from(packet.len().checked_sub(HEADROOM_BYTES)?).ok()?;
                let [number_high, number_low] = channel.to_be_bytes();
                let [length_high, length_low] = length.to_be_bytes();
                *packet.first_chunk_mut()? = [number_high, number_low, length_high, length_low];
                if self.padded {
                    packet.resize(packet.len().next_multiple_of(4), 0);
                }
                Some(packet)
            }
        }
    }
}
