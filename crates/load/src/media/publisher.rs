//! What a publisher sends: sound and pictures that no decoder would show, at the rate and in the form of real ones.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use rtc_srtp::context::Context;

use super::{
    rtp,
    sdp::{AUDIO_LEVEL, MID, OPUS, RID, TRANSPORT_CC, VP8},
    stamp::{STAMP_BYTES, Stamp},
};
use crate::statistics::Kind;

/// Sound comes in packets of 20 ms.
pub const SOUND_INTERVAL: Duration = Duration::from_millis(20);
const SOUND_TICKS: u32 = 960;
/// 32 kbit/s, as Opus takes for speech.
const SOUND_BYTES: usize = 80;
/// A voice at -25 dBov: loud enough for the server to hear speech.
const SOUND_LEVEL: u8 = 25;
/// The VP8 payload descriptor (RFC 7741, section 4.2) with a picture id of 15 bits.
const DESCRIPTOR_BYTES: usize = 4;
/// The header of a keyframe, which interframes leave room for too, so that the stamp is always in the same place.
const FRAME_HEADER_BYTES: usize = 10;
const MIN_PICTURE_BYTES: usize = DESCRIPTOR_BYTES + FRAME_HEADER_BYTES + STAMP_BYTES;
/// Packets that are kept for the server's requests for repair.
const KEPT: usize = 256;
/// The shares of the bitrate that the layers of simulcast take, best first, as browsers divide it.
const SHARES: [(&str, u32); 3] = [("h", 70), ("m", 22), ("l", 8)];

/// Where the stamp is in a payload.
pub const fn stamp_offset(kind: Kind) -> usize {
    match kind {
        Kind::Sound => 1,
        Kind::Picture => DESCRIPTOR_BYTES + FRAME_HEADER_BYTES,
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    pub sound: bool,
    pub camera: Option<CameraSettings>,
}

/// The pictures of a publisher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraSettings {
    /// Bits of payload a second, of all layers together.
    pub bitrate: u32,
    pub frames_a_second: u32,
    /// The longest payload of a packet.
    pub packet_bytes: usize,
    pub simulcast: bool,
}

/// The streams of a publisher, with their SSRCs, as its offer names them.
#[derive(Debug)]
pub struct Publisher {
    /// Its number in this run, which its packets carry.
    pub number: u16,
    pub sound: Option<Stream>,
    pub layers: Vec<Layer>,
    frame_interval: Duration,
    packet_bytes: usize,
    twcc: u16,
}

#[derive(Debug)]
pub struct Stream {
    pub ssrc: u32,
    sequence: u16,
    timestamp: u32,
    sent: VecDeque<(u16, Vec<u8>)>,
}

#[derive(Debug)]
pub struct Layer {
    pub stream: Stream,
    /// The name of a layer of simulcast.
    pub rid: Option<&'static str>,
    bytes_per_frame: usize,
    picture: u16,
    wants_keyframe: bool,
}

impl Stream {
    fn new() -> Self {
        Self {
            ssrc: rand::random_range(1..u32::MAX),
            sequence: rand::random_range(0..1 << 15),
            timestamp: rand::random(),
            sent: VecDeque::new(),
        }
    }

    /// Seals a packet and keeps it; returns it as it is to be sent.
    fn seal(&mut self, packet: &[u8], sealer: &mut Context) -> Option<Vec<u8>> {
        let datagram = sealer.encrypt_rtp(packet).ok()?.to_vec();
        if self.sent.len() >= KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back((self.sequence, datagram.clone()));
        self.sequence = self.sequence.wrapping_add(1);
        Some(datagram)
    }
}

impl Publisher {
    /// A publisher that sends that mix.
    pub fn new(number: u16, mix: &Mix) -> Self {
        let layer = |rid, bits: u32, frames: u32| Layer {
            stream: Stream::new(),
            rid,
            bytes_per_frame: usize::try_from(bits / 8 / frames.max(1)).unwrap_or(0),
            picture: rand::random_range(0..1 << 15),
            wants_keyframe: true,
        };
        let layers = match mix.camera {
            None => Vec::new(),
            Some(camera) if camera.simulcast => SHARES
                .map(|(rid, share)| {
                    let bits = u64::from(camera.bitrate) * u64::from(share) / 100;
                    let bits = u32::try_from(bits).unwrap_or(u32::MAX);
                    layer(Some(rid), bits, camera.frames_a_second)
                })
                .into(),
            Some(camera) => vec![layer(None, camera.bitrate, camera.frames_a_second)],
        };
        let frames = mix.camera.map_or(1, |camera| camera.frames_a_second);
        Self {
            number,
            sound: mix.sound.then(Stream::new),
            layers,
            frame_interval: Duration::from_secs(1) / frames.max(1),
            packet_bytes: mix.camera.map_or(0, |camera| camera.packet_bytes),
            twcc: 0,
        }
    }

    /// The time between two pictures.
    pub fn frame_interval(&self) -> Duration {
        self.frame_interval
    }

    /// The next packet of sound, sealed.
    pub fn next_sound(&mut self, sealer: &mut Context, epoch: Instant) -> Option<Vec<u8>> {
        self.twcc = self.twcc.wrapping_add(1);
        let twcc = self.twcc.to_be_bytes();
        let stream = self.sound.as_mut()?;
        stream.timestamp = stream.timestamp.wrapping_add(SOUND_TICKS);
        let numbers = (stream.sequence, stream.timestamp, stream.ssrc);
        let extensions: [(u8, &[u8]); 2] =
            [(AUDIO_LEVEL, &[0x80 | SOUND_LEVEL]), (TRANSPORT_CC, &twcc)];
        let mut packet = rtp::write((OPUS, false), numbers, &extensions, SOUND_BYTES);
        let start = packet.len() - SOUND_BYTES;
        if let Some((configuration, rest)) = packet.get_mut(start..)?.split_first_mut() {
            // The TOC byte of CELT in mono, 20 ms, one frame (RFC 6716, section 3.1).
            *configuration = 0xf8;
            Stamp::now(self.number, epoch).write(rest);
        }
        stream.seal(&packet, sealer)
    }

    /// The packets of the next picture in all layers, sealed.
    pub fn next_picture(
        &mut self,
        sealer: &mut Context,
        epoch: Instant,
        mid: &str,
    ) -> Vec<Vec<u8>> {
        let mut datagrams = Vec::new();
        let ticks = u32::try_from(self.frame_interval.as_micros() * 9 / 100).unwrap_or(0);
        let most = self.packet_bytes.max(MIN_PICTURE_BYTES);
        for layer in &mut self.layers {
            let keyframe = std::mem::take(&mut layer.wants_keyframe);
            layer.picture = layer.picture.wrapping_add(1) & 0x7fff;
            layer.stream.timestamp = layer.stream.timestamp.wrapping_add(ticks);
            let packets = layer.bytes_per_frame.div_ceil(most).max(1);
            // Spread evenly, as browsers do, so that all packets of a picture are as long.
            let length = layer
                .bytes_per_frame
                .div_ceil(packets)
                .max(MIN_PICTURE_BYTES);
            for at in 0..packets {
                self.twcc = self.twcc.wrapping_add(1);
                let twcc = self.twcc.to_be_bytes();
                let mut extensions: Vec<(u8, &[u8])> = vec![(TRANSPORT_CC, &twcc)];
                if let Some(rid) = layer.rid {
                    extensions.push((MID, mid.as_bytes()));
                    extensions.push((RID, rid.as_bytes()));
                }
                let stream = &mut layer.stream;
                let numbers = (stream.sequence, stream.timestamp, stream.ssrc);
                let last = at + 1 == packets;
                let mut packet = rtp::write((VP8, last), numbers, &extensions, length);
                let start = packet.len() - length;
                let payload = packet.get_mut(start..).unwrap_or_default();
                describe(payload, layer.picture, at == 0, keyframe);
                let place = payload.get_mut(stamp_offset(Kind::Picture)..);
                Stamp::now(self.number, epoch).write(place.unwrap_or_default());
                datagrams.extend(stream.seal(&packet, sealer));
            }
        }
        datagrams
    }

    /// The next picture of that stream is to be a keyframe.
    pub fn request_keyframe(&mut self, ssrc: u32) {
        for layer in &mut self.layers {
            layer.wants_keyframe |= layer.stream.ssrc == ssrc;
        }
    }

    /// The packets that the server asks for again, as they were sent.
    pub fn again(&self, ssrc: u32, sequences: &[u16]) -> Vec<Vec<u8>> {
        let streams = self.layers.iter().map(|layer| &layer.stream);
        let Some(stream) = streams.chain(&self.sound).find(|it| it.ssrc == ssrc) else {
            return Vec::new();
        };
        let asked = stream
            .sent
            .iter()
            .filter(|(sequence, _)| sequences.contains(sequence));
        asked.map(|(_, sealed)| sealed.clone()).collect()
    }
}

/// Writes the descriptor and the beginning of a VP8 frame (RFC 7741, section 4.2; RFC 6386, section 9.1).
fn describe(payload: &mut [u8], picture: u16, begins: bool, keyframe: bool) {
    let [high, low] = picture.to_be_bytes();
    let mut bytes = vec![0x80 | if begins { 0x10 } else { 0 }, 0x80, 0x80 | high, low];
    if begins && keyframe {
        // A shown keyframe of 640 by 360.
        bytes.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
    } else if begins {
        bytes.extend([0x11, 0, 0]);
    }
    for (place, byte) in payload.iter_mut().zip(bytes) {
        *place = byte;
    }
}

#[cfg(test)]
mod tests {
    use rtc_srtp::{crypto::default_provider, protection_profile::ProtectionProfile};

    use super::*;

    const CAMERA: CameraSettings = CameraSettings {
        bitrate: 1_200_000,
        frames_a_second: 25,
        packet_bytes: 1_200,
        simulcast: false,
    };

    fn context() -> Context {
        let provider = default_provider().unwrap();
        let profile = ProtectionProfile::AeadAes128Gcm;
        Context::new(&[1; 16], &[2; 12], profile, None, None, provider.crypto()).unwrap()
    }

    fn payloads(publisher: &mut Publisher) -> Vec<Vec<u8>> {
        let epoch = Instant::now();
        let mut receiver = context();
        let sealed = publisher.next_picture(&mut context(), epoch, "1");
        let opened = sealed.iter().map(|packet| {
            let plain = receiver.decrypt_rtp(packet).unwrap();
            let header = rtp::Header::parse(&plain, TRANSPORT_CC).unwrap();
            plain[header.payload_start..].to_vec()
        });
        opened.collect()
    }

    #[test]
    fn a_picture_is_cut_evenly_and_each_packet_carries_the_stamp() {
        let mix = Mix {
            sound: true,
            camera: Some(CAMERA),
        };
        let mut publisher = Publisher::new(3, &mix);
        let packets = payloads(&mut publisher);
        assert_eq!(packets.len(), 5, "6,000 bytes");
        for payload in &packets {
            assert_eq!(payload.len(), 1_200);
            let stamp = Stamp::read(&payload[stamp_offset(Kind::Picture)..]);
            assert_eq!(stamp.unwrap().publisher, 3);
        }
    }

    #[test]
    fn the_first_picture_is_a_keyframe_and_then_those_that_were_asked_for() {
        let mix = Mix {
            sound: false,
            camera: Some(CAMERA),
        };
        let mut publisher = Publisher::new(0, &mix);
        let is_keyframe = |publisher: &mut Publisher| payloads(publisher)[0][4] & 1 == 0;
        assert!(is_keyframe(&mut publisher));
        assert!(!is_keyframe(&mut publisher));
        publisher.request_keyframe(publisher.layers[0].stream.ssrc);
        assert!(is_keyframe(&mut publisher));
        assert!(!is_keyframe(&mut publisher));
    }

    #[test]
    fn the_layers_of_simulcast_share_the_bitrate() {
        let mix = Mix {
            sound: false,
            camera: Some(CameraSettings {
                simulcast: true,
                ..CAMERA
            }),
        };
        let publisher = Publisher::new(0, &mix);
        let layers: Vec<_> = publisher
            .layers
            .iter()
            .map(|layer| (layer.rid, layer.bytes_per_frame))
            .collect();
        assert_eq!(
            layers,
            [(Some("h"), 4_200), (Some("m"), 1_320), (Some("l"), 480)]
        );
    }

    #[test]
    fn a_packet_that_the_server_asks_for_comes_again_as_it_was() {
        let mix = Mix {
            sound: true,
            camera: None,
        };
        let mut publisher = Publisher::new(0, &mix);
        let first = publisher.sound.as_ref().unwrap().sequence;
        let ssrc = publisher.sound.as_ref().unwrap().ssrc;
        let sealed = publisher
            .next_sound(&mut context(), Instant::now())
            .unwrap();
        assert_eq!(publisher.again(ssrc, &[first, first + 1]), [sealed]);
        assert!(publisher.again(ssrc + 1, &[first]).is_empty());
    }
}
