//! Makes whole what a crash has left: files without an end, and takes of which the log does not know.

use std::{
    io::{self, Read, SeekFrom},
    path::Path,
};

use plenary_ids::{RoomId, TakeId};
use plenary_library::ebml::Fault;
use plenary_transport::sdp::{Codec, Kind};

use crate::{
    disk::{Disk, DiskFile},
    ebml::{SIZE_BYTES, eight_byte_size},
    finish::{FinishJob, Unhashed, finish, hash},
    folder::PART_SUFFIX,
    matroska::{Cue, id, media_type},
    read::{TakeHead, TakeReader, WholeBlocks, element_head, whole_blocks},
    take::TakeSummary,
    timeline::usual_length,
};

/// Larger than a cluster with its largest frame.
const MAX_CLUSTER_BYTES: u64 = 32 << 20;
/// How far apart the entries of the index are in sound.
const SOUND_CUE_MS: u64 = 5000;

/// Looks through the folder of the takes, before any take begins: a file that a crash has left is made whole up to its
/// last block, or removed if nothing is in it; a file that is whole but not known to the log is summarized. A file that
/// cannot be read stays as it is, and is named in the log of the server.
pub fn recover(
    folder: &Path,
    disk: &dyn Disk,
    is_known: impl Fn(&RoomId, &TakeId) -> bool,
) -> io::Result<Vec<TakeSummary>> {
    let mut found = Vec::new();
    for room in disk.list(folder)? {
        // Files beside the rooms' folders are somebody else's.
        let Ok(mut files) = disk.list(&room) else {
            continue;
        };
        files.sort_unstable();
        for path in files {
            match recover_file(&path, disk, &is_known) {
                Ok(summary) => found.extend(summary),
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "a take cannot be recovered");
                }
            }
        }
    }
    Ok(found)
}

fn recover_file(
    path: &Path,
    disk: &dyn Disk,
    is_known: &dyn Fn(&RoomId, &TakeId) -> bool,
) -> io::Result<Option<TakeSummary>> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Ok(None);
    };
    let whole_name = name.strip_suffix(PART_SUFFIX);
    let is_take = |name: &str| {
        let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix);
        matches!(suffix, Some("webm" | "mkv"))
    };
    if !is_take(whole_name.unwrap_or(name)) {
        return Ok(None);
    }
    if whole_name.is_none() {
        let take = name.rsplit_once('.').map(|(take, _)| TakeId::new(take));
        let mut file = disk.open(path)?;
        let (head, _) = match TakeReader::open(&mut file) {
            Ok(opened) => opened,
            Err(fault) => return Err(broken(fault)),
        };
        let known = head.info.as_ref().zip(take.and_then(Result::ok));
        if known.is_none_or(|(info, take)| is_known(&info.room, &take)) {
            return Ok(None);
        }
        return summarize(file, head).map(Some);
    }
    let mut file = disk.open(path)?;
    let head = match TakeReader::open(&mut file) {
        Ok((head, _)) => head,
        // It was cut off before its first cluster.
        Err(Fault::Truncated) => {
            disk.remove(path)?;
            return Ok(None);
        }
        Err(fault) => return Err(broken(fault)),
    };
    let scan = scan(&mut *file, &head)?;
    let Some(info) = head.info.clone().filter(|_| scan.frames > 0) else {
        disk.remove(path)?;
        return Ok(None);
    };
    if let Some((at, size)) = scan.cut {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&eight_byte_size(size))?;
    }
    let job = FinishJob {
        file,
        path: path.to_owned(),
        to: path.with_file_name(whole_name.unwrap_or(name)),
        size: head.track.size,
        clock_offset: None,
        bytes: scan.bytes,
        places: head.places,
        summary: Unhashed {
            info,
            from: plenary_ids::Moment(head.date_ms),
            duration_ms: scan.last_ms + last_length_ms(head.track.codec, &scan),
            media_type: media_type(&[head.track]),
            frames: scan.frames,
            lost_packets: head.lost_packets,
            recovered: true,
        },
        cues: scan.cues,
    };
    finish(job, disk).map(Some)
}

/// How long the last frame lasts: a packet of sound as usual, a picture as long as the others did.
fn last_length_ms(codec: Codec, scan: &Scan) -> u64 {
    let usual = u64::try_from(usual_length(codec) / 1_000_000).unwrap_or_default();
    match (codec.kind(), scan.frames.checked_sub(1)) {
        (Kind::Video, Some(before @ 1..)) => scan.last_ms / before,
        _ => usual,
    }
}

fn broken(fault: Fault) -> io::Error {
    match fault {
        Fault::Io(error) => error,
        fault => io::Error::new(io::ErrorKind::InvalidData, fault.to_string()),
    }
}

/// A take that is whole, which the log does not know because a crash came before its entry.
fn summarize(mut file: Box<dyn DiskFile>, head: TakeHead) -> io::Result<TakeSummary> {
    let scan = scan(&mut *file, &head)?;
    let (bytes, sha256) = hash(&mut *file)?;
    let info = head
        .info
        .ok_or_else(|| io::Error::other("it does not say of what it is"))?;
    let unhashed = Unhashed {
        info,
        from: plenary_ids::Moment(head.date_ms),
        duration_ms: head.duration_ms.unwrap_or(scan.last_ms),
        media_type: media_type(&[head.track]),
        frames: scan.frames,
        lost_packets: head.lost_packets,
        recovered: true,
    };
    Ok(unhashed.hashed(bytes, sha256))
}

/// What of a file is whole.
#[derive(Debug, Default)]
struct Scan {
    /// Where its last whole block ends.
    bytes: u64,
    frames: u64,
    last_ms: u64,
    cues: Vec<Cue>,
    /// Where the size of the last cluster stands, and what it is, if the cluster was cut off.
    cut: Option<(u64, u64)>,
}

/// Reads the clusters of a file, as far as they are whole.
fn scan(file: &mut dyn DiskFile, head: &TakeHead) -> io::Result<Scan> {
    const CLUSTER_HEAD: usize = 4 + SIZE_BYTES;
    let is_picture = head.track.codec.kind() == Kind::Video;
    let length = file.seek(SeekFrom::End(0))?;
    let mut found = Scan {
        bytes: head.first_cluster,
        ..Scan::default()
    };
    while found.bytes < length {
        file.seek(SeekFrom::Start(found.bytes))?;
        let mut start = Vec::new();
        file.take(CLUSTER_HEAD as u64).read_to_end(&mut start)?;
        let Some((id::CLUSTER, size, CLUSTER_HEAD)) = element_head(&start) else {
            break;
        };
        let body_at = found.bytes + CLUSTER_HEAD as u64;
        let there = length - body_at;
        let mut body = Vec::new();
        file.take(size.min(there).min(MAX_CLUSTER_BYTES))
            .read_to_end(&mut body)?;
        let Some(WholeBlocks {
            bytes,
            frames: frames @ 1..,
            last_ms,
            keyframe_ms,
        }) = whole_blocks(&body)
        else {
            break;
        };
        let cue = keyframe_ms.filter(|at_ms| {
            let is_far = |last: &Cue| *at_ms >= last.at_ms + SOUND_CUE_MS;
            is_picture || found.cues.last().is_none_or(is_far)
        });
        found.cues.extend(cue.map(|at_ms| Cue {
            at_ms,
            track: 1,
            cluster: found.bytes,
        }));
        found.frames += frames;
        found.last_ms = last_ms;
        let is_whole = bytes as u64 == size;
        if !is_whole {
            found.cut = Some((found.bytes + 4, bytes as u64));
        }
        found.bytes = body_at + bytes as u64;
        if !is_whole {
            break;
        }
    }
    Ok(found)
}
