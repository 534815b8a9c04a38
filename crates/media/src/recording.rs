//! A publisher without a network: the server itself plays a recording for a person, frame by frame.
//!
//! Its frames become packets here and then go the way of every packet: gate, cache, slots, audit. Two things differ from a
//! client. Nobody can be asked for a keyframe, so a listener who needs one gets the packets since the last one again. And
//! the recording stands still and goes on, so its RTP clock follows the time at which a frame is due, not the time within
//! the file.

use std::{
    fmt,
    ops::Range,
    time::{Duration, Instant},
};

use bytes::Bytes;
use plenary_ids::Language;
use plenary_scene::Source;
use plenary_transport::sdp::{Codec, Kind};
use rtc_rtp::{
    codec::{h264::H264Payloader, opus::OpusPayloader, vp8::Vp8Payloader, vp9::Vp9Payloader},
    packetizer::Payloader,
};

use crate::{
    codec::Descriptor,
    core::{Core, Outbox},
    key::{Listener, SessionKey, SourceKey},
    packet::{Forwarded, HeldPackets, Packet},
    reports::ntp_fixed,
    source::{SenderClock, Track},
    spread::TrackState,
};

/// The longest payload of a packet: with every header it fits into the smallest usual path.
const MAX_PAYLOAD_BYTES: usize = 1160;
/// A frame that comes this much before or after its time moves the clock: the recording has stood still.
const MAX_DEVIATION: Duration = Duration::from_millis(150);
/// The distance between frames that are sent at once, so that their order is clear and they are over in a moment.
const CATCH_UP_STEP: Duration = Duration::from_millis(1);

/// One track of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedTrack {
    /// The source whose place it takes. Several tracks of pictures are the layers of one source, the best first.
    pub source: Source,
    /// The codec of its frames.
    pub codec: Codec,
    /// The language whose listeners alone hear it; none for what the floor hears and sees.
    pub language: Option<Language>,
}

/// Frames of a recording that are due now, in the order in which they are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFrames {
    /// The position from which it plays, if it begins here: at the start and after a seek. After a pause it goes on where it
    /// was.
    pub begins: Option<Duration>,
    /// The frames, in the order of their times.
    pub frames: Vec<RecordedFrame>,
}

/// One frame of a recording: a picture, or a packet of sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFrame {
    /// Its track, by its place among the tracks.
    pub track: usize,
    /// Its time within the recording. A picture from before the position where it begins only prepares the decoder.
    pub at: Duration,
    /// H.264 as a byte stream (Annex B), the others as their container has them.
    pub data: Bytes,
}

/// What a session that plays a recording has besides its tracks.
///
/// What the floor hears and sees is in one session, and the sound of each further language in another one beside it, with
/// the same clock.
pub struct Recording {
    tracks: Vec<Packetizer>,
    /// For each track of the recording, the session in which it is played, and its place there; none is this one.
    places: Vec<(Option<SessionKey>, usize)>,
    /// The language whose listeners alone hear it, and the session that it is beside.
    pub beside: Option<(Language, SessionKey)>,
    /// The present stretch: its position in the recording, and when that position was due.
    stretch: Option<(Duration, Instant)>,
    begun: Instant,
}

struct Packetizer {
    source: Source,
    codec: Codec,
    layer: usize,
    payloader: Box<dyn Payloader>,
    /// The index of the next packet, and of the packet with which the last keyframe begins.
    next: u64,
    keyframe: Option<u64>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codecs: Vec<Codec> = self.tracks.iter().map(|track| track.codec).collect();
        out.debug_struct("Recording")
            .field("codecs", &codecs)
            .field("stretch", &self.stretch)
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// A recording with these tracks that has not begun.
    pub fn new(tracks: &[RecordedTrack], now: Instant) -> Self {
        let mut packetizers: Vec<Packetizer> = Vec::new();
        for track in tracks {
            let layer = packetizers.iter().filter(|it| it.source == track.source);
            packetizers.push(Packetizer {
                source: track.source,
                codec: track.codec,
                layer: layer.count(),
                payloader: payloader(track.codec),
                next: 1,
                keyframe: None,
            });
        }
        Self {
            places: (0..packetizers.len()).map(|at| (None, at)).collect(),
            beside: None,
            tracks: packetizers,
            stretch: None,
            begun: now,
        }
    }

    /// A recording that another worker plays, of which only the packets come here.
    pub(crate) fn mirrored(tracks: &[TrackState], now: Instant) -> Self {
        let layers = tracks.iter().flat_map(|track| {
            let usual = match track.source {
                Source::Microphone => Codec::Opus,
                Source::Camera | Source::Screen => Codec::Vp8,
            };
            let of_layer = move |_| RecordedTrack {
                source: track.source,
                codec: track.codec.unwrap_or(usual),
                language: None,
            };
            track.layers.iter().map(of_layer)
        });
        Self::new(&layers.collect::<Vec<_>>(), now)
    }

    /// Takes note of packets of a recording that another worker plays.
    pub(crate) fn follow(&mut self, source: Source, layer: usize, packets: &HeldPackets) {
        let mut tracks = self.tracks.iter_mut();
        let track = tracks.find(|track| track.source == source && track.layer == layer);
        let Some(track) = track else { return };
        for packet in packets.iter() {
            track.next = track.next.max(packet.index + 1);
            if packet.descriptor.keyframe {
                track.keyframe = track.keyframe.max(Some(packet.index));
            }
        }
    }

    /// Says in which session each track is played.
    pub fn set_places(&mut self, places: Vec<(Option<SessionKey>, usize)>) {
        self.places = places;
    }

    /// The sessions of its further languages.
    pub fn others(&self) -> Vec<SessionKey> {
        self.places.iter().filter_map(|(other, _)| *other).collect()
    }

    /// The sources of its tracks, and how many layers each has.
    pub fn sources(&self) -> Vec<(Source, Codec, usize)> {
        let mut sources: Vec<(Source, Codec, usize)> = Vec::new();
        for track in &self.tracks {
            match sources.iter_mut().find(|(it, ..)| *it == track.source) {
                Some((.., layers)) => *layers += 1,
                None => sources.push((track.source, track.codec, 1)),
            }
        }
        sources
    }

    /// The indices of the packets since the last keyframe of a layer.
    pub fn group(&self, source: Source, layer: usize) -> Option<Range<u64>> {
        let mut tracks = self.tracks.iter();
        let track = tracks.find(|it| it.source == source && it.layer == layer)?;
        Some(track.keyframe?..track.next)
    }

    /// Moves the clock if the recording has stood still: the frame at this position is due now.
    fn go_on(&mut self, at: Duration, now: Instant) {
        let due = self.due(at, 0, now);
        let deviation = due.max(now).saturating_duration_since(due.min(now));
        if deviation > MAX_DEVIATION {
            self.stretch = Some((at, now));
        }
    }

    /// When a frame is due. `early` frames from before the stretch follow it.
    fn due(&self, at: Duration, early: u32, now: Instant) -> Instant {
        let Some((from, begun)) = self.stretch else {
            return now;
        };
        match at.checked_sub(from) {
            Some(ahead) => begun + ahead,
            None => begun.checked_sub(CATCH_UP_STEP * early).unwrap_or(begun),
        }
    }

    /// The time on the RTP clock of a codec at which something is due.
    fn timestamp(&self, codec: Codec, due: Instant) -> u32 {
        let since = due.saturating_duration_since(self.begun).as_nanos();
        let ticks = since * u128::from(codec.clock_rate()) / 1_000_000_000;
        u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0)
    }
}

fn payloader(codec: Codec) -> Box<dyn Payloader> {
    match codec {
        Codec::Opus => Box::<OpusPayloader>::default(),
        Codec::Vp8 => {
            let mut vp8 = Vp8Payloader::default();
            vp8.enable_picture_id = true;
            Box::new(vp8)
        }
        Codec::Vp9 => Box::<Vp9Payloader>::default(),
        Codec::H264 => Box::<H264Payloader>::default(),
    }
}

/// One packet of a frame.
struct Piece {
    payload: Bytes,
    marker: bool,
    index: u64,
}

impl Core {
    /// Takes frames of a recording that are due now.
    pub(crate) fn play_frames(
        &mut self,
        key: SessionKey,
        frames: &RecordedFrames,
        now: Instant,
        out: &mut Outbox,
    ) {
        let recording = self.session(key).and_then(|it| it.recording.as_ref());
        let Some(recording) = recording else {
            return;
        };
        let (places, others) = (recording.places.clone(), recording.others());
        let early = |frame: &&RecordedFrame| frames.begins.is_some_and(|from| frame.at < from);
        let mut before = u32::try_from(frames.frames.iter().filter(early).count()).unwrap_or(0);
        for part in std::iter::once(key).chain(others) {
            self.set_clock(part, frames, before, now);
        }
        for frame in &frames.frames {
            if let Some((other, track)) = places.get(frame.track) {
                self.play_frame(other.unwrap_or(key), *track, frame, before, now, out);
            }
            before = before.saturating_sub(1);
        }
    }

    /// Sets the clock of a session by frames of its recording, of which that many come before the position.
    fn set_clock(&mut self, key: SessionKey, frames: &RecordedFrames, before: u32, now: Instant) {
        let Some(session) = self.session(key) else {
            return;
        };
        let Some(recording) = &mut session.recording else {
            return;
        };
        if let Some(from) = frames.begins {
            recording.stretch = Some((from, now + CATCH_UP_STEP * before));
            let tracks = recording.tracks.iter();
            let layers: Vec<_> = tracks.map(|track| (track.source, track.layer)).collect();
            for (source, layer) in layers {
                session.begin_stream(source, layer, rand::random(), now);
            }
        } else if let Some(first) = frames.frames.first() {
            recording.go_on(first.at, now);
        }
    }

    /// Sends one frame. The first of a layer has the room's slots arranged anew.
    fn play_frame(
        &mut self,
        key: SessionKey,
        at: usize,
        frame: &RecordedFrame,
        early: u32,
        now: Instant,
        out: &mut Outbox,
    ) {
        let epoch = self.epoch.0;
        let recording = self.sessions.get(key).and_then(|it| it.recording.as_ref());
        let Some(recording) = recording else {
            return;
        };
        let ntp = ntp_fixed(self.ntp(recording.due(frame.at, early, now)));
        let Some(session) = self.session(key) else {
            return;
        };
        let Some(recording) = &mut session.recording else {
            return;
        };
        let due = recording.due(frame.at, early, now);
        let Some(codec) = recording.tracks.get(at).map(|track| track.codec) else {
            return;
        };
        let timestamp = recording.timestamp(codec, due);
        let Some(track) = recording.tracks.get_mut(at) else {
            return;
        };
        let (source, layer) = (track.source, track.layer);
        let pieces = track.split(&frame.data);
        let Some(of_session) = session.track_mut(source) else {
            return;
        };
        let clock_hz = of_session.clock_hz;
        let Some(layer_state) = of_session.layers.get_mut(layer) else {
            return;
        };
        let first = layer_state.comes_in(codec, now).unwrap_or(false) | !layer_state.is_live(now);
        layer_state.seen = Some(now);
        layer_state.sender = Some(SenderClock {
            ntp,
            timestamp,
            at: due,
            arrived: now,
        });
        let generation = layer_state.generation;
        for piece in &pieces {
            layer_state.bitrate.count(0, piece.payload.len() as u64);
            layer_state
                .receive
                .packet(piece.index, timestamp, clock_hz, now, epoch);
        }
        if first {
            // Before its first packet, so that a slot gets the keyframe with which it begins.
            let room = session.room.clone();
            self.arrange(&room, now, out);
        }
        for piece in pieces {
            let packet = Packet {
                codec,
                generation,
                marker: piece.marker,
                index: piece.index,
                timestamp,
                descriptor: Descriptor::of(codec, &piece.payload),
                payload: &piece.payload,
            };
            if packet.descriptor.keyframe {
                self.note_keyframe(key, at, piece.index);
            }
            self.forward((key, source), layer, &packet, now, out);
        }
    }

    fn note_keyframe(&mut self, key: SessionKey, track: usize, index: u64) {
        let recording = self.session(key).and_then(|it| it.recording.as_mut());
        if let Some(track) = recording.and_then(|it| it.tracks.get_mut(track)) {
            track.keyframe = Some(index);
        }
    }

    /// Gives the listeners of a recording who need a keyframe the packets since the last one. Returns how many layers were
    /// repeated for somebody.
    pub(crate) fn repeat_from_keyframe(
        &mut self,
        key: SessionKey,
        now: Instant,
        out: &mut Outbox,
    ) -> u64 {
        let Some(session) = self.session(key) else {
            return 0;
        };
        let Some(recording) = &session.recording else {
            return 0;
        };
        let groups: Vec<(Source, usize, u64, u64)> = recording
            .tracks
            .iter()
            .filter_map(|track| Some((track.source, track.layer, track.keyframe?, track.next)))
            .collect();
        let mut repeated = 0;
        for (source, layer, from, to) in groups {
            let track = self.session(key).and_then(|it| it.track_mut(source));
            let Some(state) = track.and_then(|track| track.layers.get_mut(layer)) else {
                continue;
            };
            if state.take_needed() {
                repeated += u64::from(self.repeat((key, source), layer, from..to, now, out));
            }
        }
        repeated
    }

    fn repeat(
        &mut self,
        from: SourceKey,
        layer: usize,
        group: Range<u64>,
        now: Instant,
        out: &mut Outbox,
    ) -> bool {
        let (key, source) = from;
        let Some(track) = self.session(key).and_then(|it| it.track(source)) else {
            return false;
        };
        let waiting: Vec<Listener> = track.listeners.clone();
        let waiting: Vec<Listener> = waiting
            .into_iter()
            .filter(|(listener, at)| {
                let slot = self
                    .sessions
                    .get(*listener)
                    .and_then(|it| it.slots.get(*at));
                // A slot that shows another layer goes on with it until a keyframe of this one comes by itself.
                slot.is_some_and(|slot| slot.layer == layer && !slot.paused && !slot.shows(from))
            })
            .collect();
        let track = self.session(key).and_then(|it| it.track_mut(source));
        let Some(state) = track.and_then(|track: &mut Track| track.layers.get_mut(layer)) else {
            return false;
        };
        if waiting.is_empty() {
            return false;
        }
        let generation = state.generation;
        // Taken out and put back, so that listeners can be changed meanwhile and nothing is copied.
        let cache = std::mem::take(&mut state.cache);
        let packets = Packet::leading_up(&cache, group, generation);
        let any = !packets.is_empty();
        let mut forwarded = Forwarded::default();
        for listener in &waiting {
            let packets = packets.iter().copied();
            self.send_to(*listener, (from, layer), packets, &mut forwarded, now, out);
        }
        let track = self.session(key).and_then(|it| it.track_mut(source));
        if let Some(state) = track.and_then(|track| track.layers.get_mut(layer)) {
            state.cache = cache;
        }
        self.account(key, source, &forwarded);
        any
    }
}

impl Packetizer {
    /// The packets of a frame. A frame that its codec's rules cannot split is left out.
    fn split(&mut self, data: &Bytes) -> Vec<Piece> {
        let payloads = match self.codec.kind() {
            Kind::Audio => vec![data.clone()],
            Kind::Video => self
                .payloader
                .payload(MAX_PAYLOAD_BYTES, data)
                .unwrap_or_default(),
        };
        let count = payloads.len();
        let mut pieces = Vec::with_capacity(count);
        for (at, payload) in payloads.into_iter().enumerate() {
            let is_last = at + 1 == count;
            pieces.push(Piece {
                payload,
                // Of sound, a marker would say that a talk spurt begins (RFC 7587, section 4.1).
                marker: is_last && self.codec.kind() == Kind::Video,
                index: self.next,
            });
            self.next += 1;
        }
        pieces
    }
}
