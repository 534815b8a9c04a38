//! Opening: what one client sends.

use std::collections::HashMap;

use bytes::BytesMut;
use plenary_transport::dtls::{KeyAndSalt, SrtpProfile};
use rtc_srtp::context::Context;

use super::cipher::{BadKeys, Gcm, context};
use crate::{packet_index::IndexWindow, rtp::Header};

/// SSRCs that one client may use: browsers use two for each layer of a line, and new ones for each line they add.
const MAX_STREAMS: usize = 512;
/// SSRCs in whose name one client may report.
const MAX_REPORTERS: usize = 256;

/// Opens what one client sends.
///
/// The library keeps a state for every SSRC that it is asked about, forged ones included. So each SSRC has a context of
/// its own, which is kept once a packet of that SSRC was authentic.
pub struct Opener {
    profile: SrtpProfile,
    keys: KeyAndSalt,
    gcm: Option<Gcm>,
    pub(super) streams: HashMap<u32, Stream>,
    pub(super) reporters: HashMap<u32, Context>,
}

/// What is known of one SSRC.
pub(super) struct Stream {
    seen: IndexWindow<2>,
    /// None with AES-GCM, which needs no state.
    context: Option<Box<Context>>,
}

/// A packet that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Of the plain packet.
    pub length: usize,
    /// The packet's index within its SSRC.
    pub index: u64,
}

impl Opener {
    /// An opener with the client's half of the keys.
    pub fn new(profile: SrtpProfile, keys: &KeyAndSalt) -> Result<Self, BadKeys> {
        Ok(Self {
            profile,
            keys: keys.clone(),
            gcm: Gcm::for_profile(profile, keys)?,
            streams: HashMap::new(),
            reporters: HashMap::new(),
        })
    }

    /// Opens a packet in place; returns none if it is forged, replayed or no RTP.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Option<Opened> {
        let header = Header::parse(packet)?;
        if let Some(stream) = self.streams.get_mut(&header.ssrc) {
            return stream.open(self.gcm.as_ref(), &header, packet);
        }
        if self.streams.len() >= MAX_STREAMS {
            return None;
        }
        let mut stream = Stream {
            seen: IndexWindow::default(),
            context: None,
        };
        if self.gcm.is_none() {
            stream.context = Some(Box::new(self.context()?));
        }
        let opened = stream.open(self.gcm.as_ref(), &header, packet)?;
        self.streams.insert(header.ssrc, stream);
        Some(opened)
    }

    /// Opens a compound RTCP packet; returns none if it is forged or replayed.
    pub fn open_rtcp(&mut self, packet: &[u8]) -> Option<BytesMut> {
        let ssrc = u32::from_be_bytes(*packet.get(4..)?.first_chunk()?);
        if let Some(context) = self.reporters.get_mut(&ssrc) {
            return context.decrypt_rtcp(packet).ok();
        }
        if self.reporters.len() >= MAX_REPORTERS {
            return None;
        }
        let mut context = self.context()?;
        let plain = context.decrypt_rtcp(packet).ok()?;
        self.reporters.insert(ssrc, context);
        Some(plain)
    }

    fn context(&self) -> Option<Context> {
        context(self.profile, &self.keys, true).ok()
    }
}

impl Stream {
    fn open(&mut self, gcm: Option<&Gcm>, header: &Header, packet: &mut [u8]) -> Option<Opened> {
        let index = self.seen.index_of(header.sequence);
        if !self.seen.is_new(index) {
            return None;
        }
        let length = if let Some(gcm) = gcm {
            gcm.open(header.ssrc, index, header.payload_start, packet)?
        } else {
            let plain = self.context.as_mut()?.decrypt_rtp(packet).ok()?;
            packet.get_mut(..plain.len())?.copy_from_slice(&plain);
            plain.len()
        };
        self.seen.insert(index);
        Some(Opened { length, index })
    }
}
