//! Entry points to private code, for the fuzzers in `fuzz/`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use plenary_transport::sdp::Codec;
use rtc_rtcp::{packet::unmarshal, transport_feedbacks::transport_layer_cc::TransportLayerCc};

use crate::{codec::Descriptor, congestion::BandwidthEstimate, rtp::Header};

/// Reads a packet as if it had been opened, in every codec, and moves its counters.
pub fn rtp(packet: &[u8]) {
    let Some(header) = Header::parse(packet) else {
        return;
    };
    let _ = header.extensions(packet).count();
    let payload = header.payload(packet);
    for codec in Codec::ALL {
        let mut moved = payload.to_vec();
        Descriptor::of(codec, payload).shift(&mut moved, 0x7fff, 0xff);
    }
}

/// Reads a compound packet, and brings feedback to an estimate that has packets under way.
pub fn rtcp(compound: &[u8]) {
    let Ok(packets) = unmarshal(&mut Bytes::copy_from_slice(compound)) else {
        return;
    };
    let start = Instant::now();
    let mut estimate = BandwidthEstimate::new(start);
    for _ in 0..200 {
        estimate.sent(1_200, start);
    }
    for (packet, millis) in packets.iter().zip((60..).step_by(60)) {
        if let Some(feedback) = packet.as_any().downcast_ref::<TransportLayerCc>() {
            let now = start + Duration::from_millis(millis);
            estimate.feedback(feedback, now);
            assert!((100_000..=30_000_000).contains(&estimate.bits(now)));
        }
    }
}
