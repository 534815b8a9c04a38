//! The SSRCs of a client, and the layer and source of each.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use plenary_scene::Source;

/// For so long packets of an SSRC that was replaced count as late, and not as its return.
const LATE: Duration = Duration::from_secs(2);
/// SSRCs that are remembered as replaced.
const MAX_REPLACED: usize = 32;

/// The source and layer to which the packets of an SSRC belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    pub source: Source,
    pub layer: usize,
    /// Whether it repairs the layer.
    pub rtx: bool,
}

/// The SSRCs of one client.
#[derive(Debug, Default)]
pub struct Streams {
    known: HashMap<u32, Stream>,
    /// The SSRCs that were replaced lately, and when.
    replaced: Vec<(u32, Instant)>,
}

impl Streams {
    /// The stream of an SSRC, if it is known.
    pub fn get(&self, ssrc: u32) -> Option<Stream> {
        self.known.get(&ssrc).copied()
    }

    /// Assigns an SSRC to a stream.
    pub fn insert(&mut self, ssrc: u32, stream: Stream) {
        self.replaced.retain(|(replaced, _)| *replaced != ssrc);
        self.known.insert(ssrc, stream);
    }

    /// Whether an SSRC that is not known was replaced a moment ago.
    pub fn is_late(&self, ssrc: u32, now: Instant) -> bool {
        self.replaced
            .iter()
            .any(|(replaced, at)| *replaced == ssrc && now.saturating_duration_since(*at) < LATE)
    }

    /// Ends the streams of a layer, because it begins anew. Packets of theirs that are still under way are ignored.
    pub fn replace_layer(&mut self, source: Source, layer: usize, now: Instant) {
        let ends = |stream: &Stream| stream.source == source && stream.layer == layer;
        self.end(ends, now);
    }

    /// Ends the streams of all layers of a source.
    pub fn end_source(&mut self, source: Source, now: Instant) {
        self.end(|stream| stream.source == source, now);
    }

    fn end(&mut self, ends: impl Fn(&Stream) -> bool, now: Instant) {
        let ended = self.known.extract_if(|_, stream| ends(stream));
        self.replaced.extend(ended.map(|(ssrc, _)| (ssrc, now)));
        let too_many = self.replaced.len().saturating_sub(MAX_REPLACED);
        self.replaced.drain(..too_many);
    }
}
