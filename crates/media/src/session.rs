//! One client's media connection, put together from parts: what it offered, how it is reached, what it sends and gets.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use plenary_ids::{Language, PersonId, RoomId};
use plenary_scene::{Scene, SlotShows, SlotWant, Source, Want};
use plenary_transport::{
    dtls::{Certificate, Dtls},
    ice::Credentials,
    peer::PeerAddress,
    sdp::{AnswerParams, Codec, Extensions, Offer, SlotAnswer, answer},
};

use crate::{
    api::{JoinError, MediaEvent, Received, SessionId, UndecodableSource},
    cname::cname,
    congestion::{BandwidthEstimate, Probe},
    feedback::TwccArrivals,
    mirror::Mirror,
    offered::parse,
    paths::Paths,
    recording::{RecordedTrack, Recording},
    rtp::{Header, TwccSequence},
    slot::Slot,
    source::{RECEIVED_TIMEOUT, Track},
    spread::Publisher,
    srtp::{Opener, Sealer},
    streams::{Stream, Streams},
};

/// The media connection of one client.
pub struct Session {
    pub id: SessionId,
    pub room: RoomId,
    pub person: PersonId,
    /// The generation in which it was told to publish, which rises each time that any session is told; none if it was
    /// not told, or was told to stop.
    pub publish_generation: Option<u64>,
    /// Whether it publishes: of a person's sessions, the one of the latest generation does.
    pub publishes: bool,
    /// Whether anything of its sources arrived recently, as last reported.
    pub flows: bool,
    pub ice: Credentials,
    pub offer: Offer,
    version: u64,
    pub dtls: Dtls,
    /// The client's end of the nominated pair, where it is reached.
    pub remote: Option<PeerAddress>,
    /// The addresses from which it is heard.
    pub paths: Paths,
    /// Opens what it sends, once the keys are there.
    pub opener: Option<Opener>,
    /// Seals what it is sent.
    pub sealer: Option<Sealer>,
    /// When the last datagram from it arrived.
    pub last_received: Instant,
    pub tracks: Vec<Track>,
    pub slots: Vec<Slot>,
    /// The sources that were last reported as arriving.
    pub arriving: Vec<Source>,
    pub(crate) streams: Streams,
    /// The number of streams begun so far, of all its sources.
    generation: u64,
    /// The number of receiving lines taken so far, ended ones included.
    pub(crate) slots_taken: usize,
    pub(crate) extensions: Extensions,
    /// The arrivals that the next TWCC report to it covers.
    pub arrivals: TwccArrivals,
    /// The SSRC of its last packet, which feedback names.
    pub media_ssrc: u32,
    /// Our own SSRC in feedback.
    pub own_ssrc: u32,
    /// The path to its client.
    pub down: Downlink,
    /// Bytes received since the last second, and bits in that second.
    pub up: Rate,
    /// Its first sender report: its NTP time in seconds, and when it came.
    pub clock: Option<(f64, Instant)>,
    /// The last announcement of its slots.
    pub announced: Vec<SlotShows>,
    /// Whether the next announcement is due even if it repeats the last one.
    pub announcement_due: bool,
    /// What of its sources was last reported as received, while it publishes.
    pub received: Option<Received>,
    /// Since when it publishes and is connected.
    pub publishes_since: Option<Instant>,
    /// The participants who were last reported to it as speaking.
    pub told_speaking: Arc<[PersonId]>,
    /// The sources that it would be shown if its client could decode them.
    pub undecodable: Vec<UndecodableSource>,
    /// Of a session without a client, in which the server plays a recording.
    pub recording: Option<Recording>,
    /// Of a session that stands for a publisher of another worker.
    pub mirror: Option<Mirror>,
}

/// The path to a client, as the client reports it.
#[derive(Debug, Default)]
pub struct Downlink {
    pub rtt_ms: Option<f64>,
    /// The fraction lost, the worst slot's last report.
    pub loss: f64,
    /// The estimate of the bandwidth, of a client that gives transport-wide feedback.
    pub link: Option<BandwidthEstimate>,
    /// The probe for more bandwidth than the estimate.
    pub probe: Probe,
    /// The bitrate that the client would be sent over an unlimited path, bits per second.
    pub wanted: u64,
    /// The client's own estimate of what it can take (REMB), bits per second.
    pub remb: Option<u64>,
    /// How many of the best qualities are withheld from its stage.
    pub withheld: usize,
    /// The time since which it loses hardly anything.
    pub good_since: Option<Instant>,
    pub sent: Rate,
    /// Bytes sent since the last tick.
    pub since_tick: usize,
}

impl Downlink {
    /// The bandwidth of the path by the client's reports, bits per second.
    pub fn estimate(&self, now: Instant) -> Option<u64> {
        let heard = self.link.as_ref().filter(|link| link.has_feedback());
        heard.map(|link| link.bits(now)).or(self.remb)
    }

    /// The bitrate that may be sent, bits per second; none for no limit.
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

/// The parameters of a session besides its offer.
pub struct SessionParams {
    pub id: SessionId,
    pub room: RoomId,
    pub person: PersonId,
    /// The generation in which it was told to publish, if it was.
    pub publish_generation: Option<u64>,
    pub ice: Credentials,
}

impl Session {
    /// A session from a client's first offer. `everybody` lists the codecs that all others in the room decode.
    pub fn new(
        params: SessionParams,
        offer: &str,
        wants: &[SlotWant],
        everybody: &[Codec],
        certificate: &Certificate,
        now: Instant,
    ) -> Result<Self, JoinError> {
        let mut session = Self::unoffered(params, parse(offer)?, certificate, now);
        session.take_lines(wants, everybody, now);
        Ok(session)
    }

    /// A session in which the server plays a recording. It has no client: nothing is received from it or sent to it.
    pub fn of_recording(
        params: SessionParams,
        tracks: &[RecordedTrack],
        certificate: &Certificate,
        now: Instant,
    ) -> Self {
        let offer = Offer::empty(certificate.fingerprint());
        let mut session = Self::unoffered(params, offer, certificate, now);
        let recording = Recording::new(tracks, now);
        for (source, codec, layers) in recording.sources() {
            session.add_recorded_track(source, codec, layers);
        }
        session.recording = Some(recording);
        session
    }

    /// A session that stands for a publisher of another worker.
    pub(crate) fn of_mirror(
        params: SessionParams,
        publisher: &Publisher,
        certificate: &Certificate,
        now: Instant,
    ) -> Self {
        let offer = Offer::empty(certificate.fingerprint());
        let mut session = Self::unoffered(params, offer, certificate, now);
        let recording = publisher.recording.as_ref();
        session.recording = recording.map(|_| Recording::mirrored(&publisher.tracks, now));
        let tracks = publisher.tracks.iter();
        session.tracks = tracks
            .map(|track| Track::mirrored(track, recording.is_some()))
            .collect();
        session
    }

    /// Whether it is the connection of a client of this worker.
    pub fn has_client(&self) -> bool {
        self.recording.is_none() && self.mirror.is_none()
    }

    /// The language whose listeners alone hear it, of a session that plays a further language of a recording.
    pub fn recorded_language(&self) -> Option<&Language> {
        let beside = self.recording.as_ref()?.beside.as_ref();
        beside.map(|(language, _)| language)
    }

    /// Whether what it sends may flow into slots of that purpose, by a scene: if it publishes, and not otherwise.
    pub fn may_flow(&self, scene: &Scene, source: Source, want: &Want) -> bool {
        self.publishes
            && match self.recorded_language() {
                Some(language) => scene.allows_recorded(&self.person, language, want),
                None => scene.allows(&self.person, source, want),
            }
    }

    /// A session whose lines have not been taken yet.
    fn unoffered(
        params: SessionParams,
        offer: Offer,
        certificate: &Certificate,
        now: Instant,
    ) -> Self {
        Self {
            id: params.id,
            room: params.room,
            person: params.person,
            publish_generation: params.publish_generation,
            publishes: false,
            ice: params.ice,
            version: 0,
            dtls: Dtls::new(certificate, offer.fingerprint),
            remote: None,
            paths: Paths::default(),
            opener: None,
            sealer: None,
            last_received: now,
            tracks: Vec::new(),
            slots: Vec::new(),
            arriving: Vec::new(),
            streams: Streams::default(),
            generation: 0,
            slots_taken: 0,
            extensions: Extensions::default(),
            arrivals: TwccArrivals::default(),
            media_ssrc: 0,
            flows: false,
            own_ssrc: rand::random(),
            down: Downlink::default(),
            up: Rate::default(),
            clock: None,
            announced: Vec::new(),
            announcement_due: false,
            received: None,
            publishes_since: None,
            told_speaking: Arc::default(),
            undecodable: Vec::new(),
            recording: None,
            mirror: None,
            offer,
        }
    }

    /// Takes a further offer: lines may have been added or ended, and ICE may be restarted with the `fresh` credentials.
    /// Returns whether it was restarted.
    pub fn offered_again(
        &mut self,
        offer: &str,
        wants: &[SlotWant],
        everybody: &[Codec],
        fresh: Credentials,
        now: Instant,
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
        self.take_lines(wants, everybody, now);
        Ok(restarted)
    }

    /// Takes note of an authenticated datagram from an address. If the path in use is silent, the path moves here: after a
    /// NAT has given the client another address, its checks need not nominate it (RFC 7675, section 5.1).
    pub fn heard(&mut self, from: PeerAddress, now: Instant) {
        self.last_received = now;
        if self.paths.heard(from, now)
            && self
                .remote
                .is_none_or(|remote| self.paths.is_silent(remote, now))
        {
            self.remote = Some(from);
        }
    }

    /// The report whether anything arrives, if that has changed. From a session that does not publish nothing is
    /// expected.
    pub fn flow_change(&mut self, now: Instant) -> Option<MediaEvent> {
        let flows = self.publishes && self.tracks.iter().any(|track| track.flows(now));
        let before = std::mem::replace(&mut self.flows, flows);
        (before != flows).then_some(MediaEvent::Flow { flows })
    }

    /// The report of what arrives of its sources, if that has changed. The first one waits until everything has had the
    /// time to arrive.
    pub fn received_change(&mut self, now: Instant) -> Option<MediaEvent> {
        if !self.publishes || self.sealer.is_none() {
            (self.received, self.publishes_since) = (None, None);
            return None;
        }
        let since = *self.publishes_since.get_or_insert(now);
        let arrives = |source| {
            self.track(source)
                .is_some_and(|track| track.is_received(now))
        };
        let received = Received {
            microphone: arrives(Source::Microphone),
            camera: arrives(Source::Camera),
        };
        let is_early = now.saturating_duration_since(since) < RECEIVED_TIMEOUT;
        let waits =
            self.received.is_none() && is_early && !(received.microphone && received.camera);
        if waits || self.received == Some(received) {
            return None;
        }
        self.received = Some(received);
        Some(MediaEvent::Received(received))
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

    /// The purposes of its slots, each once, but for those that want a participant by name.
    pub fn wants(&self) -> Vec<Want> {
        let mut wants: Vec<Want> = Vec::new();
        for slot in &self.slots {
            if !matches!(slot.want, Want::TileOf(_)) && !wants.contains(&slot.want) {
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

    /// The stream to which a packet belongs, by its SSRC, by the extensions that its first packets carry, or by its payload
    /// type (RFC 9143, section 9.2).
    pub fn stream(&mut self, header: &Header, packet: &[u8], now: Instant) -> Option<Stream> {
        if let Some(stream) = self.streams.get(header.ssrc) {
            return Some(stream);
        }
        if self.streams.is_late(header.ssrc, now) {
            return None;
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
        let track = match mid {
            Some(mid) => self.tracks.iter().find(|track| track.mid == mid),
            None => self.track_of_payload_type(header.payload_type),
        }?;
        // A payload type that was not accepted, such as forward error correction, replaces no stream.
        let rtx = track.accepted.iter().find_map(|accepted| {
            let rtx = accepted.rtx == Some(header.payload_type);
            (rtx || accepted.media == header.payload_type).then_some(rtx)
        })?;
        let layer = match repaired.or(rid) {
            Some(rid) => track
                .layers
                .iter()
                .position(|layer| layer.rid.as_deref() == Some(rid))?,
            None if track.layers.len() == 1 => 0,
            None => return None,
        };
        let stream = Stream {
            source: track.source,
            layer,
            rtx,
        };
        if rtx {
            self.streams.insert(header.ssrc, stream);
        } else {
            self.begin_stream(stream.source, layer, header.ssrc, now);
        }
        Some(stream)
    }

    /// Begins a new stream of a layer, under this SSRC.
    pub(crate) fn begin_stream(&mut self, source: Source, layer: usize, ssrc: u32, now: Instant) {
        self.generation += 1;
        let generation = self.generation;
        self.streams.replace_layer(source, layer, now);
        let track = self.track_mut(source);
        if let Some(begins) = track.and_then(|track| track.layers.get_mut(layer)) {
            begins.begin_stream(ssrc, generation);
            let rtx = false;
            self.streams.insert(ssrc, Stream { source, layer, rtx });
        }
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
