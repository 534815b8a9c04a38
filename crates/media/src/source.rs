//! What one client sends on one line: its simulcast layers, and the slots that carry it.

use std::time::{Duration, Instant};

use plenary_ids::{Language, PersonId};
use plenary_scene::{Reach, Scene, Source, Want};
use plenary_transport::sdp::Codec;

use crate::{
    cache::RtxCache,
    codec::PayloadTypes,
    key::Listener,
    packet::HeldPackets,
    quality::{Bitrate, Quality},
    receive::Receive,
    spread::{LayerState, TrackState},
    takes::RunningTake,
    voice::Voice,
};

/// At most one keyframe is asked of a layer in this time.
const KEYFRAME_REQUEST_INTERVAL: Duration = Duration::from_millis(300);
/// Of the layer of a mirror it is asked more often: the worker of its publisher keeps the interval above.
const MIRROR_REQUEST_INTERVAL: Duration = Duration::from_millis(40);
/// A layer's codec changes at most once in this time.
const CODEC_CHANGE_INTERVAL: Duration = Duration::from_secs(1);
/// A layer from which nothing came for this long has stopped.
const LAYER_TIMEOUT: Duration = Duration::from_secs(1);
/// A picture from which nothing came for this long is switched off.
const PICTURE_TIMEOUT: Duration = Duration::from_secs(5);

/// A source from which nothing came for this long is not received.
pub const RECEIVED_TIMEOUT: Duration = Duration::from_secs(2);

/// A microphone that gave nothing but silence for this long is not received. A device that removes noise is silent between
/// words.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(5);

/// One line that the client sends on.
#[derive(Debug)]
pub struct Track {
    /// Its place in the description.
    pub mid: String,
    pub source: Source,
    pub clock_hz: u32,
    /// The codecs that it was answered.
    pub accepted: Vec<PayloadTypes>,
    /// The simulcast layers, the best first.
    pub layers: Vec<Layer>,
    /// The SSRC that its line announces for its one encoding, and the SSRC of the retransmissions.
    pub announced: Option<(u32, Option<u32>)>,
    /// The gate, which is checked for every packet, the first included.
    pub gate: Gate,
    /// The slots that carry it: none that the scene does not allow.
    pub listeners: Vec<Listener>,
    /// The takes that it goes into: none that the scene does not allow.
    pub takes: Vec<RunningTake>,
    /// Whether the server plays it from a file.
    pub recorded: bool,
    /// Whether listeners on other workers get it too.
    pub spread: bool,
    /// Of a microphone: whether somebody speaks.
    pub voice: Voice,
}

/// What the scene in force allows of a track, by [`Scene::allows`]. It is needed for every packet, so it is computed
/// once for each scene.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gate {
    /// How far it may be shown.
    pub reach: Option<Reach>,
    /// Whether a language carries it and nothing else: the microphone of an interpreter, or a further language of a
    /// recording.
    pub in_language: bool,
}

impl Gate {
    /// The gate of a participant's source.
    pub fn of(scene: &Scene, participant: &PersonId, source: Source) -> Self {
        Self {
            reach: scene.reach(participant, source),
            in_language: source == Source::Microphone && scene.interprets(participant),
        }
    }

    /// The gate of a participant's recorded sound in a further language.
    pub fn of_language(scene: &Scene, participant: &PersonId, language: &Language) -> Self {
        let want = Want::Language(language.clone());
        Self {
            reach: None,
            in_language: scene.allows_recorded(participant, language, &want),
        }
    }

    /// Whether no slot may carry the track.
    pub fn is_closed(self) -> bool {
        self.reach.is_none() && !self.in_language
    }
}

/// One simulcast layer of a track, or its only encoding.
#[derive(Debug, Default)]
pub struct Layer {
    /// Its restriction identifier, if it is one of several.
    pub rid: Option<String>,
    pub ssrc: Option<u32>,
    /// The number of the stream under that SSRC in its session. Another SSRC is another stream, whatever its numbers.
    pub generation: u64,
    /// The codec of the packets that arrive, and the time since which they have it.
    codec: Option<(Codec, Instant)>,
    pub receive: Receive,
    pub cache: RtxCache,
    /// What waits for the rest of its frame.
    pub held: HeldPackets,
    /// When its last packet came.
    pub seen: Option<Instant>,
    pub bitrate: Bitrate,
    /// The last sender report: its NTP time, its RTP time, when it is on our clock, and when it came.
    pub sender: Option<SenderClock>,
    /// When a keyframe was last asked for.
    asked: Option<Instant>,
    /// Whether one is needed and has not been asked for.
    owed: bool,
}

/// How a publisher's media clock relates to ours.
#[derive(Debug, Clone, Copy)]
pub struct SenderClock {
    /// Its NTP time; a reception report repeats the middle 32 bits of it.
    pub ntp: u64,
    pub timestamp: u32,
    /// That time on our clock.
    pub at: Instant,
    pub arrived: Instant,
}

impl Layer {
    /// A layer from which nothing has come yet.
    pub fn new(rid: Option<String>) -> Self {
        Self {
            rid,
            ..Self::default()
        }
    }

    /// Brings the layer of a mirror in line with that of its publisher.
    pub(crate) fn follow(&mut self, state: &LayerState) {
        self.rid.clone_from(&state.rid);
        if let Some(ssrc) = state.ssrc
            && (self.generation, self.ssrc) != (state.generation, state.ssrc)
        {
            self.begin_stream(ssrc, state.generation);
        }
        self.bitrate = state.bitrate;
        self.sender = state.sender;
    }

    /// Takes note of packets that came to a mirror. Returns whether they are the first for a while, or the first in their
    /// codec.
    pub(crate) fn take_in(&mut self, packets: &HeldPackets, now: Instant) -> bool {
        let Some(first) = packets.iter().next() else {
            return false;
        };
        if self.generation != first.generation {
            self.begin_stream(self.ssrc.unwrap_or_default(), first.generation);
        }
        let begins = !self.is_live(now);
        let changes = self.comes_in(first.codec, now).unwrap_or(false);
        self.seen = Some(now);
        begins || changes
    }

    /// Begins a new stream of the layer, under this SSRC. Statistics, cache and clock of the stream before are dropped.
    pub fn begin_stream(&mut self, ssrc: u32, generation: u64) {
        self.ssrc = Some(ssrc);
        self.generation = generation;
        self.receive = Receive::default();
        self.cache.clear();
        self.held.clear();
        self.sender = None;
    }

    /// Whether its packets are arriving now.
    pub fn is_live(&self, now: Instant) -> bool {
        self.seen
            .is_some_and(|seen| now.saturating_duration_since(seen) < LAYER_TIMEOUT)
    }

    /// Whether it may only have paused.
    fn is_recent(&self, now: Instant) -> bool {
        self.seen
            .is_some_and(|seen| now.saturating_duration_since(seen) < PICTURE_TIMEOUT)
    }

    /// The codec of the packets that arrive.
    pub fn codec(&self) -> Option<Codec> {
        self.codec.map(|(codec, _)| codec)
    }

    /// Notes the codec of a packet that has arrived. Returns whether it differs from the one before; none if it changes
    /// too often to be followed, because each change arranges every slot that carries the layer anew.
    pub fn comes_in(&mut self, codec: Codec, now: Instant) -> Option<bool> {
        match self.codec {
            Some((before, _)) if before == codec => Some(false),
            Some((_, since)) if now.saturating_duration_since(since) < CODEC_CHANGE_INTERVAL => {
                None
            }
            _ => {
                self.codec = Some((codec, now));
                Some(true)
            }
        }
    }

    /// Notes that a keyframe is needed; [`Self::request_keyframe`] says when to ask.
    pub fn need_keyframe(&mut self) {
        self.owed = true;
    }

    /// Whether a keyframe is needed, of a recording, which need not be asked for it. It is given at once.
    pub fn take_needed(&mut self) -> bool {
        std::mem::take(&mut self.owed)
    }

    /// Whether to ask the publisher for a keyframe now: one is needed, and none was asked for a moment ago.
    pub fn request_keyframe(&mut self, now: Instant) -> bool {
        self.request_after(KEYFRAME_REQUEST_INTERVAL, now)
    }

    /// Whether to ask the worker of a mirror's publisher for a keyframe now.
    pub fn request_of_mirror(&mut self, now: Instant) -> bool {
        self.request_after(MIRROR_REQUEST_INTERVAL, now)
    }

    fn request_after(&mut self, interval: Duration, now: Instant) -> bool {
        let rested = self
            .asked
            .is_none_or(|asked| now.saturating_duration_since(asked) >= interval);
        let ask = self.owed && rested && self.ssrc.is_some();
        if ask {
            self.owed = false;
            self.asked = Some(now);
        }
        ask
    }
}

impl Track {
    /// The track of a mirror.
    pub(crate) fn mirrored(state: &TrackState, recorded: bool) -> Self {
        Self {
            mid: String::new(),
            source: state.source,
            clock_hz: state.clock_hz,
            accepted: state.accepted.clone(),
            layers: state.layers.iter().map(|_| Layer::new(None)).collect(),
            announced: None,
            gate: Gate::default(),
            listeners: Vec::new(),
            takes: Vec::new(),
            recorded,
            spread: false,
            voice: Voice::default(),
        }
    }

    /// Whether there is something to show. A microphone always counts: silence is not sent, and costs nothing.
    pub fn is_live(&self, now: Instant) -> bool {
        self.source == Source::Microphone || self.arrives(now)
    }

    /// Whether packets of it arrive, if only silent ones: a microphone that is merely quiet still sends.
    pub fn arrives(&self, now: Instant) -> bool {
        self.layers.iter().any(|layer| layer.is_recent(now))
    }

    /// Whether a packet of it arrived just now.
    pub fn flows(&self, now: Instant) -> bool {
        self.layers.iter().any(|layer| layer.is_live(now))
    }

    /// Whether it is received: sound that is not silence, or pictures.
    pub fn is_received(&self, now: Instant) -> bool {
        let within = |at: Option<Instant>, time| {
            at.is_some_and(|at| now.saturating_duration_since(at) < time)
        };
        let seen = self.layers.iter().filter_map(|layer| layer.seen).max();
        within(seen, RECEIVED_TIMEOUT)
            && (self.source != Source::Microphone || within(self.voice.sounded(), SILENCE_TIMEOUT))
    }

    /// What the scene allows of it now. A gate that closes leaves nothing behind: no listener, no cache.
    pub fn set_gate(&mut self, gate: Gate) {
        if gate.is_closed() {
            self.listeners.clear();
            for layer in &mut self.layers {
                layer.held.clear();
            }
            let forgets = !self.recorded || !self.gate.is_closed();
            for layer in self.layers.iter_mut().filter(|_| forgets) {
                layer.cache.clear();
            }
        } else if self.gate.is_closed() {
            // A speech that goes on when the gate opens begins only then.
            self.voice.begin_anew();
        }
        self.gate = gate;
    }

    /// The codecs in which it comes, each layer's.
    pub fn codecs(&self, now: Instant) -> impl Iterator<Item = Codec> {
        self.layers
            .iter()
            .filter(move |layer| layer.is_recent(now))
            .filter_map(Layer::codec)
    }

    /// What arrives and what a client can decode, best first, and its bits per second.
    ///
    /// A face keeps its size with half of its frames, then becomes smaller, because with fewer it no longer seems to move; a
    /// screen stays legible as long as it can.
    pub fn offers(&self, decodes: impl Fn(Codec) -> bool, now: Instant) -> Vec<(Quality, u64)> {
        let steps = if self.source == Source::Screen {
            usize::MAX
        } else {
            2
        };
        let layers = self.layers.iter().enumerate();
        let live =
            layers.filter(|(_, layer)| layer.is_live(now) && layer.codec().is_none_or(&decodes));
        let choices = live.flat_map(|(layer, state)| {
            let reduced = state.bitrate.by_temporal().take(steps);
            reduced.map(move |(temporal, rate)| (Quality { layer, temporal }, rate))
        });
        choices.collect()
    }
}
