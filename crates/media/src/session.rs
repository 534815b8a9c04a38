//! One client's media connection, put together from parts: what it offered, how it is reached, what it sends and gets.

use std::{collections::HashMap, net::SocketAddr, time::Instant};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{SlotShows, SlotWant, Source, Want};
use plenary_transport::{
    dtls::{Certificate, Dtls},
    ice::Credentials,
    sdp::{AnswerParams, Codec, Extensions, Limits, Offer, SlotAnswer, answer},
};

use crate::{
    api::{JoinError, MediaEvent, SessionId, UndecodableSource},
    cname::cname,
    congestion::{BandwidthEstimate, Probe},
    feedback::TwccArrivals,
    rtp::{Header, TwccSequence},
    slot::Slot,
    source::Track,
    srtp::{Opener, Sealer},
};

/// What the packets of an SSRC are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    pub track: usize,
    pub layer: usize,
    /// Whether it repairs the layer.
    pub rtx: bool,
}

/// The media connection of one client.
pub struct Session {
    pub id: SessionId,
    pub room: RoomId,
    pub person: PersonId,
    /// When, among all such words, it was told to publish; none if it was not, or told to stop.
    pub publish_generation: Option<u64>,
    /// Whether what it sends counts: of a person's sessions, of that which was told last.
    pub publishes: bool,
    /// Whether anything of its sources came of late, as it was last told.
    pub flows: bool,
    pub ice: Credentials,
    pub offer: Offer,
    version: u64,
    pub dtls: Dtls,
    /// The client's end of the nominated pair, where it is reached.
    pub remote: Option<SocketAddr>,
    /// Opens what it sends, once the keys are there.
    pub opener: Option<Opener>,
    /// Seals what it is sent.
    pub sealer: Option<Sealer>,
    /// When it was last heard.
    pub last_received: Instant,
    pub tracks: Vec<Track>,
    pub slots: Vec<Slot>,
    pub(crate) streams: HashMap<u32, Stream>,
    pub(crate) extensions: Extensions,
    /// What it is to be told of arrivals.
    pub arrivals: TwccArrivals,
    /// Where its last packet came from, for feedback.
    pub media_ssrc: u32,
    /// Our own SSRC in feedback.
    pub own_ssrc: u32,
    /// How the way to it does.
    pub down: Downlink,
    /// Bytes received since the last second, and bits in that second.
    pub up: Rate,
    /// Its first sender report: its NTP time in seconds, and when it came.
    pub clock: Option<(f64, Instant)>,
    /// What was last announced of its slots.
    pub announced: Vec<SlotShows>,
    /// What the program would show it, and its client cannot decode.
    pub undecodable: Vec<UndecodableSource>,
}

/// The way to a client, as it reports it.
#[derive(Debug, Default)]
pub struct Downlink {
    pub rtt_ms: Option<f64>,
    /// The fraction lost, the worst slot's last report.
    pub loss: f64,
    /// What its path carries, of a client that gives transport-wide feedback.
    pub link: Option<BandwidthEstimate>,
    /// Probing: whether it carries more.
    pub probe: Probe,
    /// What the client would be sent if its path carried everything, bits per second.
    pub wanted: u64,
    /// The client's own estimate of what it can take (REMB), bits per second.
    pub remb: Option<u64>,
    /// How many of the best layers are withheld from its stage.
    pub withheld: usize,
    /// Since when it loses nothing.
    pub good_since: Option<Instant>,
    pub sent: Rate,
    /// Bytes sent since the last tick.
    pub since_tick: usize,
}

impl Downlink {
    /// What the path carries by what the client says of it, bits per second.
    pub fn estimate(&self, now: Instant) -> Option<u64> {
        let heard = self.link.as_ref().filter(|link| link.is_heard());
        heard.map(|link| link.bits(now)).or(self.remb)
    }

    /// What may be sent, bits per second; none: whatever there is.
    pub fn budget(&self, now: Instant) -> Option<u64> {
        let begins = || self.link.as_ref().map(|link| link.bits(now));
        self.estimate(now).or_else(begins)
    }

    /// The transport-wide sequence number of the next packet, for a slot that wants one.
    pub fn next_twcc(&self, extension: Option<u8>) -> Option<TwccSequence> {
        Some(TwccSequence {
            extension: extension?,
            sequence: self.link.as_ref()?.next(),
        })
    }

    /// Counts a packet that was sent.
    pub fn sent(&mut self, bytes: usize, twcc: Option<TwccSequence>, now: Instant) {
        self.sent.bytes += bytes as u64;
        self.since_tick += bytes;
        if let (Some(link), Some(_)) = (&mut self.link, twcc) {
            link.sent(bytes, now);
        }
    }
}

/// Bytes counted, and bits per second of the last whole second.
#[derive(Debug, Default, Clone, Copy)]
pub struct Rate {
    pub bytes: u64,
    pub bits: u64,
}

impl Rate {
    /// Begins to count the next second.
    pub fn roll_over(&mut self) {
        self.bits = std::mem::take(&mut self.bytes) * 8;
    }
}

/// What makes a session, besides its offer.
pub struct SessionParams {
    pub id: SessionId,
    pub room: RoomId,
    pub person: PersonId,
    /// When it was told to publish, if it was.
    pub publish_generation: Option<u64>,
    pub ice: Credentials,
}

impl Session {
    /// From a client's first offer. `everybody` is what all others in the room decode.
    pub fn new(
        params: SessionParams,
        offer: &str,
        wants: &[SlotWant],
        everybody: &[Codec],
        certificate: &Certificate,
        now: Instant,
    ) -> Result<Self, JoinError> {
        let offer = parse(offer)?;
        let mut session = Self {
            id: params.id,
            room: params.room,
            person: params.person,
            publish_generation: params.publish_generation,
            publishes: false,
            ice: params.ice,
            version: 0,
            dtls: Dtls::new(certificate, offer.fingerprint),
            remote: None,
            opener: None,
            sealer: None,
            last_received: now,
            tracks: Vec::new(),
            slots: Vec::new(),
            streams: HashMap::new(),
            extensions: Extensions::default(),
            arrivals: TwccArrivals::default(),
            media_ssrc: 0,
            flows: false,
            own_ssrc: rand::random(),
            down: Downlink::default(),
            up: Rate::default(),
            clock: None,
            announced: Vec::new(),
            undecodable: Vec::new(),
            offer,
        };
        session.take_lines(wants, everybody);
        Ok(session)
    }

    /// A further offer: lines may have come, and ICE may be restarted, for which `fresh` are the credentials. Whether
    /// they were taken is the answer.
    pub fn offered_again(
        &mut self,
        offer: &str,
        wants: &[SlotWant],
        everybody: &[Codec],
        fresh: Credentials,
    ) -> Result<bool, JoinError> {
        let offer = parse(offer)?;
        if offer.fingerprint != self.offer.fingerprint {
            return Err(JoinError::CertificateChanged);
        }
        let restarted = offer.is_restart_of(&self.offer);
        if restarted {
            self.ice = fresh;
        }
        self.version += 1;
        self.offer = offer;
        self.take_lines(wants, everybody);
        Ok(restarted)
    }

    /// What there is to tell about whether anything comes, if that has
    /// changed. Of a session that does not publish nothing is awaited.
    pub fn flow_change(&mut self, now: Instant) -> Option<MediaEvent> {
        let flows = self.publishes && self.tracks.iter().any(|track| track.flows(now));
        let before = std::mem::replace(&mut self.flows, flows);
        (before != flows).then_some(MediaEvent::Flow { flows })
    }

    /// The answer to the last offer.
    pub fn answer(&self, certificate: &Certificate, candidates: Vec<SocketAddr>) -> String {
        let slots = self.slots.iter().map(|slot| {
            let answer = SlotAnswer {
                ssrc: slot.ssrc,
                rtx_ssrc: Some(slot.rtx_ssrc),
                cname: cname(self.id),
                // One stream for both, so that the browser plays voice and picture on stage in step (lip sync).
                stream: if matches!(slot.want, Want::Voice | Want::Stage) {
                    "stage".to_owned()
                } else {
                    format!("slot-{}", slot.mid)
                },
                track: format!("slot-{}", slot.mid),
            };
            (slot.mid.clone(), answer)
        });
        let answer_params = AnswerParams {
            session_id: self.id.0 + 1,
            version: self.version,
            ice: self.ice.clone(),
            fingerprint: certificate.fingerprint(),
            candidates,
            codecs: self
                .offer
                .lines()
                .map(|line| (line.mid.clone(), self.answered(line)))
                .collect(),
            slots: slots.collect(),
        };
        answer(&self.offer, &answer_params)
    }

    /// What its slots are for, each purpose once.
    pub fn wants(&self) -> Vec<Want> {
        let mut wants: Vec<Want> = Vec::new();
        for slot in &self.slots {
            if !wants.contains(&slot.want) {
                wants.push(slot.want.clone());
            }
        }
        wants
    }

    /// Whether it decodes that codec on every line on which it receives pictures.
    pub fn decodes(&self, codec: Codec) -> bool {
        self.slots
            .iter()
            .filter(|slot| {
                slot.offered
                    .iter()
                    .any(|it| it.codec.kind() == codec.kind())
            })
            .all(|slot| slot.decodes(codec))
    }

    /// The track of a source that it sends.
    pub fn track(&self, source: Source) -> Option<&Track> {
        self.tracks.iter().find(|track| track.source == source)
    }

    /// The track of a source that it sends, to be changed.
    pub fn track_mut(&mut self, source: Source) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.source == source)
    }

    /// Whose stream a packet belongs to: by its SSRC, or by the extensions that its first packets carry.
    pub fn stream(&mut self, header: &Header, packet: &[u8]) -> Option<Stream> {
        if let Some(stream) = self.streams.get(&header.ssrc) {
            return Some(*stream);
        }
        let (mut mid, mut rid, mut repaired) = (None, None, None);
        for (id, value) in header.extensions(packet) {
            let text = || std::str::from_utf8(value).ok();
            match Some(id) {
                of if of == self.extensions.mid => mid = text(),
                of if of == self.extensions.rid => rid = text(),
                of if of == self.extensions.repaired_rid => repaired = text(),
                _ => {}
            }
        }
        let mid = mid?;
        let at = self.tracks.iter().position(|track| track.mid == mid)?;
        let track = self.tracks.get_mut(at)?;
        let rtx = track
            .accepted
            .iter()
            .any(|accepted| accepted.rtx == Some(header.payload_type));
        let layer = match repaired.or(rid) {
            Some(rid) => track
                .layers
                .iter()
                .position(|layer| layer.rid.as_deref() == Some(rid))?,
            None if track.layers.len() == 1 => 0,
            None => return None,
        };
        let stream = Stream {
            track: at,
            layer,
            rtx,
        };
        if !rtx {
            let layer = track.layers.get_mut(layer)?;
            if let Some(old) = layer.ssrc.replace(header.ssrc) {
                self.streams.remove(&old);
                layer.receive = crate::receive::Receive::default();
            }
        }
        self.streams.insert(header.ssrc, stream);
        Some(stream)
    }

    /// The transport-wide sequence number and the audio level (in -dBov) that a packet carries.
    pub fn header_extensions(&self, header: &Header, packet: &[u8]) -> (Option<u16>, Option<u8>) {
        let (mut sequence, mut level) = (None, None);
        for (id, value) in header.extensions(packet) {
            match (Some(id), value) {
                (of, [high, low, ..]) if of == self.extensions.transport_cc => {
                    sequence = Some(u16::from_be_bytes([*high, *low]));
                }
                (of, [first, ..]) if of == self.extensions.audio_level => {
                    level = Some(first & 0x7f);
                }
                _ => {}
            }
        }
        (sequence, level)
    }
}

fn parse(offer: &str) -> Result<Offer, JoinError> {
    Offer::parse(offer, &Limits::default()).map_err(|error| JoinError::Offer(error.to_string()))
}
