//! Matroska files for tests, with what a test wants to be right or wrong in them. The frames have the first bytes of their
//! codecs, and show nothing.

/// A packet of 20 ms of Opus.
pub const OPUS: &[u8] = &[0xfc, 1, 2, 3];
/// A keyframe of VP8.
pub const VP8_KEY: &[u8] = &[0x10, 2, 0, 0x9d, 0x01, 0x2a, 64, 0, 36, 0, 1, 2, 3];
/// A picture of VP8 that needs the one before it.
pub const VP8: &[u8] = &[0x11, 2, 0, 4, 5, 6];

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;

/// An element with its head.
pub fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let mut out = head(id);
    out.push(0x08);
    out.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    out.extend(body);
    out
}

/// An element whose size its writer did not know.
pub fn endless(id: u32, body: &[u8]) -> Vec<u8> {
    let mut out = head(id);
    out.extend([0x01, 255, 255, 255, 255, 255, 255, 255]);
    out.extend(body);
    out
}

fn head(id: u32) -> Vec<u8> {
    id.to_be_bytes()
        .into_iter()
        .skip_while(|byte| *byte == 0)
        .collect()
}

fn whole(id: u32, value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

/// The entry of a track.
#[derive(Debug, Clone)]
pub struct Track(Vec<u8>);

impl Track {
    pub fn new(number: u64, kind: u64, codec: &str) -> Self {
        let mut body = whole(0xd7, number);
        body.extend(whole(0x83, kind));
        body.extend(element(0x86, codec.as_bytes()));
        Self(body)
    }

    pub fn vp8(number: u64, width: u64, height: u64) -> Self {
        Self::new(number, 1, "V_VP8").size(width, height)
    }

    pub fn opus(number: u64) -> Self {
        Self::new(number, 2, "A_OPUS")
    }

    #[must_use]
    pub fn size(self, width: u64, height: u64) -> Self {
        let sides = [whole(0xb0, width), whole(0xba, height)].concat();
        self.with(0xe0, &sides)
    }

    #[must_use]
    pub fn language(self, language: &str) -> Self {
        self.with(0x0022_b59c, language.as_bytes())
    }

    #[must_use]
    pub fn with(mut self, id: u32, body: &[u8]) -> Self {
        self.0.extend(element(id, body));
        self
    }
}

/// A file in the making.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    tracks: Vec<Track>,
    blocks: Vec<(u64, i64, Vec<u8>)>,
    claimed_ms: Option<f64>,
    is_live: bool,
}

impl Recording {
    /// A file of one size of pictures and one sound, with a keyframe each second.
    pub fn sample(seconds: i64) -> Self {
        Self::default()
            .track(Track::vp8(1, 320, 180))
            .track(Track::opus(2).language("eng"))
            .pictures(1, 0..seconds * 1000, 1000)
            .sound(2, 0..seconds * 1000)
    }

    #[must_use]
    pub fn track(mut self, track: Track) -> Self {
        self.tracks.push(track);
        self
    }

    #[must_use]
    pub fn block(mut self, track: u64, ms: i64, data: &[u8]) -> Self {
        self.blocks.push((track, ms, data.to_vec()));
        self
    }

    /// Ten pictures a second.
    #[must_use]
    pub fn pictures(
        mut self,
        track: u64,
        ms: std::ops::Range<i64>,
        keyframe_every_ms: i64,
    ) -> Self {
        for at in ms.clone().step_by(100) {
            let is_key = (at - ms.start) % keyframe_every_ms == 0;
            self = self.block(track, at, if is_key { VP8_KEY } else { VP8 });
        }
        self
    }

    /// Fifty packets of sound a second.
    #[must_use]
    pub fn sound(mut self, track: u64, ms: std::ops::Range<i64>) -> Self {
        for at in ms.step_by(20) {
            self = self.block(track, at, OPUS);
        }
        self
    }

    #[must_use]
    pub fn claims(mut self, ms: f64) -> Self {
        self.claimed_ms = Some(ms);
        self
    }

    /// Without sizes, as a program writes it that does not know the end.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.is_live = true;
        self
    }

    /// The file, with its blocks in the order of their times.
    pub fn sorted(mut self) -> Vec<u8> {
        self.blocks.sort_by_key(|(_, at, _)| *at);
        self.bytes()
    }

    /// The file, with its blocks in the order in which they were given.
    pub fn bytes(&self) -> Vec<u8> {
        let wrap = if self.is_live { endless } else { element };
        let mut info = whole(0x002a_d7b1, 1_000_000);
        if let Some(ms) = self.claimed_ms {
            info.extend(element(0x4489, &ms.to_be_bytes()));
        }
        let mut segment = element(0x1549_a966, &info);
        let entries = self.tracks.iter().flat_map(|it| element(0xae, &it.0));
        segment.extend(element(0x1654_ae6b, &entries.collect::<Vec<u8>>()));
        let mut cluster: Option<(i64, Vec<u8>)> = None;
        for (track, at, data) in &self.blocks {
            let fits = |began: i64| (0..1000).contains(&(at - began));
            if let Some((began, body)) = cluster.take() {
                if fits(began) {
                    cluster = Some((began, body));
                } else {
                    segment.extend(wrap(CLUSTER, &body));
                }
            }
            let (began, body) =
                cluster.get_or_insert_with(|| (*at, whole(0xe7, u64::try_from(*at).unwrap())));
            let mut block = vec![0x80 | u8::try_from(*track).unwrap()];
            block.extend(i16::try_from(at - *began).unwrap().to_be_bytes());
            block.push(0);
            block.extend(data);
            body.extend(element(0xa3, &block));
        }
        if let Some((_, body)) = cluster {
            segment.extend(wrap(CLUSTER, &body));
        }
        [header(), wrap(SEGMENT, &segment)].concat()
    }
}

/// The head of a Matroska file.
pub fn header() -> Vec<u8> {
    element(EBML, &element(0x4282, b"matroska"))
}
