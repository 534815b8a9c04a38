//! The addresses from which one session's client is heard.
//!
//! An address belongs to the session that was heard from it lately, so nobody else's connectivity check can take it.
//! Only what is authenticated counts: checks, RTP and RTCP.

use std::time::{Duration, Instant};

use plenary_transport::peer::PeerAddress;

/// Addresses that are followed of one session: a client checks a pair for each of its networks and relays.
const MAX_PATHS: usize = 16;
/// For so long an address belongs to the session that was heard from it. A browser checks a path that it uses at
/// least every six seconds (RFC 7675, section 5.1).
const HOLD_TIME: Duration = Duration::from_secs(10);
/// A path that was silent for so long may be left for another. Chromium checks the path that it uses every 2.5 s.
const PATH_SILENCE: Duration = Duration::from_secs(3);

/// The addresses of one client, and when it was last heard from each.
#[derive(Debug, Default)]
pub struct Paths(Vec<(PeerAddress, Instant)>);

impl Paths {
    /// Follows an address from which an authenticated check came. If there are too many, the one that was silent for the
    /// longest time is dropped, but not the one `in_use`; returns which.
    pub fn follow(
        &mut self,
        from: PeerAddress,
        in_use: Option<PeerAddress>,
        now: Instant,
    ) -> Option<PeerAddress> {
        if self.heard(from, now) {
            return None;
        }
        let others = self.0.iter().filter(|(path, _)| Some(*path) != in_use);
        let oldest = others.min_by_key(|(_, heard)| *heard).copied();
        let left = oldest.filter(|_| self.0.len() >= MAX_PATHS);
        if let Some((left, _)) = left {
            self.forget(left);
        }
        self.0.push((from, now));
        left.map(|(left, _)| left)
    }

    /// Takes note that the client was heard from an address; returns whether that address is followed.
    pub fn heard(&mut self, from: PeerAddress, now: Instant) -> bool {
        let mut paths = self.0.iter_mut();
        let known = paths.find(|(path, _)| *path == from);
        known.map(|(_, heard)| *heard = now).is_some()
    }

    /// Whether nobody else may have an address, because the client was heard from it lately.
    pub fn holds(&self, address: PeerAddress, now: Instant) -> bool {
        self.heard_within(address, HOLD_TIME, now)
    }

    /// Whether the client was not heard from an address for so long that another path may be used.
    pub fn is_silent(&self, address: PeerAddress, now: Instant) -> bool {
        !self.heard_within(address, PATH_SILENCE, now)
    }

    /// The address from which the client was heard last, if it is not silent.
    pub fn latest(&self, now: Instant) -> Option<PeerAddress> {
        let latest = self.0.iter().max_by_key(|(_, heard)| *heard);
        let path = latest.map(|(path, _)| *path)?;
        (!self.is_silent(path, now)).then_some(path)
    }

    /// Stops following an address.
    pub fn forget(&mut self, address: PeerAddress) {
        self.0.retain(|(path, _)| *path != address);
    }

    /// Stops following the addresses that the client no longer holds; returns them.
    pub fn forget_silent(&mut self, now: Instant) -> Vec<PeerAddress> {
        let silent = |heard: Instant| now.saturating_duration_since(heard) >= HOLD_TIME;
        let forgotten = self.0.extract_if(.., |(_, heard)| silent(*heard));
        forgotten.map(|(path, _)| path).collect()
    }

    fn heard_within(&self, address: PeerAddress, time: Duration, now: Instant) -> bool {
        self.0
            .iter()
            .any(|(path, heard)| *path == address && now.saturating_duration_since(*heard) < time)
    }
}
