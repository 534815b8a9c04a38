//! The file descriptors of the process: its limit is raised as far as the system allows, and shared out.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many connections the ops address has at once; none of the others can take their descriptors.
pub const OPS_CONNECTIONS: usize = 32;
/// Kept back for files and sockets that are opened while the server runs.
const RESERVED: usize = 32;
/// How many are open at the start where the system does not say.
const ASSUMED_OPEN: usize = 32;
/// More connections than one machine serves.
const MAX_CONNECTIONS: usize = 1 << 20;
/// One of so many descriptors is for the media port.
const MEDIA_SHARE: usize = 8;
const MIN_MEDIA_CONNECTIONS: usize = 16;
/// A browser opens several, and keeps one of them if its UDP is blocked.
const MAX_MEDIA_CONNECTIONS: usize = 8192;
/// With fewer connections than this the server starts, and complains.
const MIN_CONNECTIONS: usize = 64;

/// Raises the limit of this process to the highest that it may set itself.
pub fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    let highest = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, highest) {
        tracing::warn!(%error, "the limit of file descriptors cannot be raised");
    }
}

/// How many file descriptors this process may have; none if the system sets no limit.
pub fn limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// How many it may have once [`raise_limit`] has raised the limit; none if the system sets no limit.
pub fn highest() -> Option<u64> {
    getrlimit(Resource::Nofile).maximum
}

/// How many connections of the http address the descriptors suffice for, besides what is open and what is kept back.
pub fn for_connections() -> usize {
    let limit = limit().and_then(|limit| usize::try_from(limit).ok());
    let left = limit
        .unwrap_or(MAX_CONNECTIONS)
        .min(MAX_CONNECTIONS)
        .saturating_sub(open() + RESERVED + OPS_CONNECTIONS + for_media());
    if left < MIN_CONNECTIONS {
        tracing::warn!(
            left,
            "the limit of file descriptors (ulimit -n) leaves few for connections; raise it"
        );
    }
    left
}

/// How many connections to the media port the descriptors suffice for: an eighth of them.
pub fn for_media() -> usize {
    let limit = limit().and_then(|limit| usize::try_from(limit).ok());
    (limit.unwrap_or(MAX_CONNECTIONS) / MEDIA_SHARE)
        .clamp(MIN_MEDIA_CONNECTIONS, MAX_MEDIA_CONNECTIONS)
}

/// What is open now, by the folder that Linux has for it.
fn open() -> usize {
    fs::read_dir("/proc/self/fd").map_or(ASSUMED_OPEN, Iterator::count)
}
