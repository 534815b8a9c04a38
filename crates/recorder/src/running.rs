//! A take while it runs: packets are put in order, become frames, and frames become clusters of a file.

mod part;

use std::{
    collections::BTreeMap,
    io::{self, SeekFrom},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use plenary_ids::{Millis, Moment, TakeId};
use plenary_transport::sdp::{Codec, Kind};

use self::part::Part;
use crate::{
    depacketize::begins_frame,
    disk::{Disk, DiskFile},
    finish::{FinishJob, Unhashed},
    folder::{PART_SUFFIX, room_folder},
    matroska::{self, Cue, HeadSpec, LOST_PACKETS_TAG, Places, TAKE_TAG, Track, head, is_webm},
    take::{PacketFacts, TakeInfo},
    timeline::Nanos,
};

/// A packet that is missing for so long is lost. The media plane asks for it again for half a second.
const REORDER_WINDOW: Duration = Duration::from_millis(600);
/// Packets that wait for one that is missing.
const MAX_HELD_PACKETS: usize = 2048;
/// A larger step in the numbers is a sender that began anew, as RFC 3550, appendix A.1, has it.
const MAX_DROPOUT: u64 = 3000;
/// What a crash may cost: a cluster is written when it is complete.
const CLUSTER_MS: u64 = 1000;
/// A source whose last frame is no older than this was flowing when its take ended.
const FLOWING_MS: u64 = 250;
const NANOS_PER_MS: Nanos = 1_000_000;

/// Where takes are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) folder: &'a Path,
}

/// A running take.
pub(crate) struct RunningTake {
    info: TakeInfo,
    began: Instant,
    needs_keyframe: Arc<AtomicBool>,
    /// How many files it has had before, because its codec changed.
    parts: u32,
    stream: Option<(u8, u64)>,
    /// The index of the packet that is due.
    next: u64,
    held: BTreeMap<u64, Held>,
    part: Part,
}

struct Held {
    facts: PacketFacts,
    payload: Box<[u8]>,
}

struct OpenFile {
    file: Box<dyn DiskFile>,
    path: std::path::PathBuf,
    to: std::path::PathBuf,
    places: Places,
    bytes: u64,
    media_type: String,
    /// The count of lost packets that is in the file.
    lost_packets: u64,
}

impl OpenFile {
    /// Notes in the file how many packets were lost, for whoever reads it after a crash.
    fn note_lost_packets(&mut self, count: u64) -> io::Result<()> {
        if count == self.lost_packets {
            return Ok(());
        }
        if let Some((at, digits)) = self.places.lost_packets(count) {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&digits)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
        }
        self.lost_packets = count;
        Ok(())
    }
}

impl RunningTake {
    pub(crate) fn new(info: TakeInfo, began: Instant, needs_keyframe: Arc<AtomicBool>) -> Self {
        Self {
            info,
            began,
            needs_keyframe,
            parts: 0,
            stream: None,
            next: 0,
            held: BTreeMap::new(),
            part: Part::new(began),
        }
    }

    pub(crate) fn info(&self) -> &TakeInfo {
        &self.info
    }

    /// The wall-clock time of an instant.
    pub(crate) fn wall(&self, at: Instant) -> Moment {
        let millis = |it: Duration| Millis(u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
        match at.checked_duration_since(self.began) {
            Some(since) => self.info.began.after(millis(since)),
            None => self.info.began.before(millis(self.began - at)),
        }
    }

    /// The wall-clock time of a position in the present file.
    fn wall_of(&self, at_ms: u64) -> Moment {
        let lead_ms = self.part.timeline.lead() / NANOS_PER_MS;
        let began = i64::try_from(self.info.began.0).unwrap_or(i64::MAX);
        let zero = u64::try_from(began.saturating_add(lead_ms)).unwrap_or_default();
        Moment(zero).after(Millis(at_ms))
    }

    /// The wall clock of this machine minus the clock of the sender, in nanoseconds, by the quickest packet.
    pub(crate) fn clock_offset(&self) -> Option<Nanos> {
        let zero = self.part.timeline.sender_zero()?;
        let began = i64::try_from(self.info.began.0)
            .ok()?
            .checked_mul(NANOS_PER_MS)?;
        began
            .checked_add(self.part.timeline.lead())?
            .checked_sub(zero)
    }

    pub(crate) fn sender_report(&mut self, stream: (u8, u64), ntp: u64, rtp: u32) {
        self.part.timeline.sender_report(stream, ntp, rtp);
    }

    /// Takes a packet. The file of a codec that is no more goes to `finished`.
    pub(crate) fn packet(
        &mut self,
        facts: &PacketFacts,
        payload: &[u8],
        target: Target<'_>,
        finished: &mut Vec<FinishJob>,
    ) -> io::Result<()> {
        let stream = (facts.layer, facts.generation);
        if self.stream != Some(stream) {
            if self.stream.is_some_and(|(layer, generation)| {
                layer == facts.layer && generation > facts.generation
            }) {
                return Ok(());
            }
            self.release(usize::MAX, target, finished)?;
            self.part.abort_frame();
            self.part.waits_for_keyframe = true;
            self.stream = Some(stream);
            self.next = facts.index;
        }
        let Some(ahead) = facts.index.checked_sub(self.next) else {
            return Ok(());
        };
        if ahead >= MAX_DROPOUT {
            self.release(usize::MAX, target, finished)?;
            self.broken();
            self.next = facts.index;
        } else if ahead > 0 {
            let payload = payload.into();
            let facts = *facts;
            self.held.insert(facts.index, Held { facts, payload });
            return self.expire(facts.arrival, target, finished);
        }
        self.in_order(facts, payload, target, finished)?;
        self.next = facts.index.saturating_add(1);
        if !self.held.is_empty() {
            self.drain(target, finished)?;
        }
        Ok(())
    }

    /// Gives up packets that are missing for too long.
    fn expire(
        &mut self,
        now: Instant,
        target: Target<'_>,
        finished: &mut Vec<FinishJob>,
    ) -> io::Result<()> {
        while let Some(first) = self.held.first_entry() {
            let waited = now.saturating_duration_since(first.get().facts.arrival);
            if waited < REORDER_WINDOW && self.held.len() <= MAX_HELD_PACKETS {
                break;
            }
            self.release(1, target, finished)?;
        }
        Ok(())
    }

    /// Gives up so many gaps before the packets that wait.
    fn release(
        &mut self,
        gaps: usize,
        target: Target<'_>,
        finished: &mut Vec<FinishJob>,
    ) -> io::Result<()> {
        for _ in 0..gaps {
            let Some((index, _)) = self.held.first_key_value() else {
                break;
            };
            self.part.lost_packets += index.saturating_sub(self.next);
            self.next = *index;
            self.broken();
            self.drain(target, finished)?;
        }
        Ok(())
    }

    /// Takes the packets that waited for the one before them.
    fn drain(&mut self, target: Target<'_>, finished: &mut Vec<FinishJob>) -> io::Result<()> {
        while let Some(first) = self.held.first_entry() {
            if *first.key() != self.next {
                break;
            }
            let Held { facts, payload } = first.remove();
            self.in_order(&facts, &payload, target, finished)?;
            self.next = self.next.saturating_add(1);
        }
        Ok(())
    }

    /// After a loss nothing can be decoded before the next keyframe.
    fn broken(&mut self) {
        if self.part.codec.is_some_and(|it| it.kind() == Kind::Video) {
            self.part.abort_frame();
            self.part.waits_for_keyframe = true;
            self.needs_keyframe.store(true, Relaxed);
        }
    }

    fn in_order(
        &mut self,
        facts: &PacketFacts,
        payload: &[u8],
        target: Target<'_>,
        finished: &mut Vec<FinishJob>,
    ) -> io::Result<()> {
        // Padding that probes for bandwidth.
        if payload.is_empty() {
            return Ok(());
        }
        if self.part.codec.is_some_and(|codec| codec != facts.codec) {
            finished.extend(self.finish_part(facts.arrival, target)?);
            self.begin_part(facts.arrival);
        }
        self.part.codec = Some(facts.codec);
        if facts.codec.kind() == Kind::Audio {
            self.begin_frame(facts, target)?;
            self.part.append(facts, payload);
            self.part.complete_frame();
            return Ok(());
        }
        if self
            .part
            .frame
            .is_some_and(|frame| frame.timestamp != facts.timestamp)
        {
            // Its last packet had no marker, and nothing is missing.
            self.complete_picture();
        }
        if self.part.frame.is_none() {
            if self.part.waits_for_keyframe && !facts.keyframe {
                return Ok(());
            }
            if !begins_frame(facts.codec, payload) {
                self.broken();
                return Ok(());
            }
            self.begin_frame(facts, target)?;
        }
        if !self.part.append(facts, payload) {
            self.broken();
        } else if facts.marker {
            self.complete_picture();
        }
        Ok(())
    }

    fn complete_picture(&mut self) {
        if !self.part.complete_frame() {
            self.broken();
        }
    }

    fn begin_frame(&mut self, facts: &PacketFacts, target: Target<'_>) -> io::Result<()> {
        let at = self.part.timeline.position(facts);
        let at_ms = u64::try_from((at + NANOS_PER_MS / 2) / NANOS_PER_MS).unwrap_or_default();
        if self.part.cluster_is_due(at_ms, facts.keyframe) {
            self.write_cluster(target)?;
        }
        self.part.begin_frame(facts, at_ms);
        Ok(())
    }

    /// Does what time demands: gives up what is missing, and writes a cluster that got nothing for a while.
    pub(crate) fn tick(
        &mut self,
        now: Instant,
        target: Target<'_>,
        finished: &mut Vec<FinishJob>,
    ) -> io::Result<()> {
        self.expire(now, target, finished)?;
        let now_ms = u64::try_from(self.part.timeline.at(now) / NANOS_PER_MS).unwrap_or_default();
        if self.part.frame.is_none()
            && !self.part.cluster.is_empty()
            && now_ms.saturating_sub(self.part.cluster.start_ms) >= 2 * CLUSTER_MS
        {
            self.write_cluster(target)?;
        }
        Ok(())
    }

    /// Ends the take; none if nothing of it was recorded.
    pub(crate) fn finish(
        &mut self,
        at: Instant,
        target: Target<'_>,
        finished: &mut Vec<FinishJob>,
    ) -> io::Result<()> {
        self.release(usize::MAX, target, finished)?;
        finished.extend(self.finish_part(at, target)?);
        Ok(())
    }

    /// Gives up the take, because the disk does not take it: what is on disk is kept, and what is not is lost.
    pub(crate) fn abandon(&mut self) -> (Option<FinishJob>, Option<(Moment, Moment)>) {
        self.part.abort_frame();
        let lost = (!self.part.cluster.is_empty()).then(|| {
            let from_ms = self.part.cluster.start_ms;
            (self.wall_of(from_ms), self.wall_of(self.part.end_ms()))
        });
        self.part.cluster.restart(0);
        let (frames, end_ms) = self.part.written;
        self.part.frames = frames;
        (self.job(end_ms), lost)
    }

    fn finish_part(&mut self, at: Instant, target: Target<'_>) -> io::Result<Option<FinishJob>> {
        self.part.abort_frame();
        if !self.part.cluster.is_empty() {
            self.write_cluster(target)?;
        }
        let end_ms = u64::try_from(self.part.timeline.at(at) / NANOS_PER_MS).unwrap_or_default();
        let last_ms = self.part.last_ms;
        let was_flowing = end_ms.saturating_sub(last_ms) <= FLOWING_MS;
        let end_ms = if was_flowing {
            end_ms.max(last_ms)
        } else {
            self.part.end_ms()
        };
        Ok(self.job(end_ms))
    }

    fn job(&mut self, end_ms: u64) -> Option<FinishJob> {
        let clock_offset = self.clock_offset();
        let from = self.wall_of(0);
        let file = self.part.file.take()?;
        Some(FinishJob {
            file: file.file,
            path: file.path,
            to: file.to,
            places: file.places,
            bytes: file.bytes,
            cues: std::mem::take(&mut self.part.cues),
            size: self.part.size,
            clock_offset,
            summary: Unhashed {
                info: self.info.clone(),
                from,
                duration_ms: end_ms,
                media_type: file.media_type,
                frames: self.part.frames,
                lost_packets: self.part.lost_packets,
                recovered: false,
            },
        })
    }

    /// A take of two codecs is two takes, because a track has one codec.
    fn begin_part(&mut self, now: Instant) {
        self.info.began = self.wall(now);
        self.began = now;
        self.part = Part::new(now);
        self.parts += 1;
        let base: String = self.info.id.as_str().chars().take(48).collect();
        let base = base
            .rsplit_once("-part")
            .map_or(base.as_str(), |(base, _)| base);
        if let Ok(id) = TakeId::new(&format!("{base}-part{}", self.parts + 1)) {
            self.info.id = id;
        }
    }

    fn write_cluster(&mut self, target: Target<'_>) -> io::Result<()> {
        self.part.cluster.close();
        if self.part.file.is_none() {
            self.part.file = self.create(target)?;
        }
        let part = &mut self.part;
        if let Some(file) = &mut part.file {
            file.file.write_all(&part.cluster.bytes)?;
            let cue = part.cue_ms.take().map(|at_ms| Cue {
                at_ms,
                track: 1,
                cluster: file.bytes,
            });
            part.cues.extend(cue);
            file.bytes += part.cluster.bytes.len() as u64;
            file.note_lost_packets(part.lost_packets)?;
            part.written = (part.frames, part.last_ms + part.last_length_ms);
        }
        part.cluster.restart(0);
        Ok(())
    }

    /// Makes the file, once its codec and size are known: with the first cluster.
    fn create(&mut self, target: Target<'_>) -> io::Result<Option<OpenFile>> {
        let Some(codec) = self.part.codec else {
            return Ok(None);
        };
        let private = match codec {
            Codec::H264 => self.part.sets.configuration().unwrap_or_default(),
            _ => Vec::new(),
        };
        let tracks = [Track {
            codec,
            size: self.part.size,
            language: self.info.language.clone(),
            name: None,
            private,
            is_default: true,
        }];
        let lead = self.part.timeline.lead() / NANOS_PER_MS;
        let began = i64::try_from(self.info.began.0).unwrap_or(i64::MAX);
        let head = head(&HeadSpec {
            date_ms: u64::try_from(began.saturating_add(lead)).unwrap_or_default(),
            duration_ms: None,
            title: None,
            tags: &tags(&self.info)?,
            tracks: &tracks,
            chapters: &[],
        });
        let suffix = if is_webm(codec) { "webm" } else { "mkv" };
        let to =
            room_folder(target.folder, &self.info.room).join(format!("{}.{suffix}", self.info.id));
        let mut path = to.clone().into_os_string();
        path.push(PART_SUFFIX);
        let path = std::path::PathBuf::from(path);
        let mut file = target.disk.create(&path)?;
        file.write_all(&head.bytes)?;
        Ok(Some(OpenFile {
            file,
            path,
            to,
            places: head.places,
            bytes: head.bytes.len() as u64,
            media_type: matroska::media_type(&tracks),
            lost_packets: 0,
        }))
    }
}

/// What a file says of itself: for people, and all of it for [`crate::recover`].
fn tags(info: &TakeInfo) -> io::Result<Vec<(&'static str, String)>> {
    let source = serde_json::to_value(info.source)?;
    let mut tags = vec![
        ("ROOM", info.room.to_string()),
        ("PARTICIPANT", info.participant.to_string()),
        ("SOURCE", source.as_str().unwrap_or_default().to_owned()),
        (TAKE_TAG, serde_json::to_string(info)?),
        (LOST_PACKETS_TAG, matroska::lost_packets_digits(0)),
    ];
    tags.extend(info.speech.map(|it| ("SPEECH", it.to_string())));
    tags.extend(
        info.language
            .as_ref()
            .map(|it| ("LANGUAGE", it.to_string())),
    );
    Ok(tags)
}
