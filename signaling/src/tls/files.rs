//! A certificate in files, which are read again when they change.
//!
//! The files are looked at every second, by what the system knows of them: inode, size and time. So an atomic rename and a
//! changed symbolic link, as certbot leaves it, are noticed as a file that is written anew. A change counts once it has been the same
//! for two looks, because a certificate and its key are not replaced in one step.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

use plenary_ids::Moment;
use plenary_room::TimeSource;

use super::{Certificate, CertificateError, CertificateStore};
use crate::{
    alarms::{ServerAlarm, ServerAlarmKind},
    clock::MachineClock,
};

/// How often the files are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and its chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What the system says of a file, which changes with its content; none if there is no such file.
type Stamp = Option<(u64, u64, i64, i64)>;

/// What is known of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// Of the content that was read last, whether it could be used or not.
    read: [Stamp; 2],
    last: [Stamp; 2],
}

impl Seen {
    fn new(stamps: [Stamp; 2]) -> Self {
        Self {
            read: stamps,
            last: stamps,
        }
    }

    /// Whether the files have changed since they were read, and are not being changed any more.
    fn look(&mut self, now: [Stamp; 2]) -> bool {
        let is_settled = self.last == now;
        self.last = now;
        let is_new = is_settled && self.read != now;
        if is_new {
            self.read = now;
        }
        is_new
    }
}

/// Files of a certificate that are looked at again and again.
#[derive(Debug)]
pub struct WatchedFiles {
    files: CertificateFiles,
    seen: Seen,
}

impl CertificateFiles {
    /// Reads the certificate for the first time.
    pub fn open(self, now: Moment) -> Result<(WatchedFiles, Certificate), CertificateError> {
        // Looked at first, so that no change is missed.
        let seen = Seen::new(self.stamps());
        let certificate = self.read(now)?;
        Ok((WatchedFiles { files: self, seen }, certificate))
    }

    /// Reads the certificate, and warns of a key that everybody on the machine can read.
    fn read(&self, now: Moment) -> Result<Certificate, CertificateError> {
        let certificate = Certificate::read(&self.certificate, &self.key, now)?;
        if fs::metadata(&self.key).is_ok_and(|it| it.mode() & 0o007 != 0) {
            tracing::warn!(
                "every user of this machine can read the key {}; chmod 640 it",
                self.key.display()
            );
        }
        Ok(certificate)
    }

    fn stamps(&self) -> [Stamp; 2] {
        [&self.certificate, &self.key].map(|path| stamp(path))
    }
}

impl WatchedFiles {
    /// Reads the files whenever they change, until nobody uses the store any more.
    pub async fn watch(mut self, store: Weak<CertificateStore>, clock: Arc<MachineClock>) {
        let mut timer = tokio::time::interval(LOOK_INTERVAL);
        loop {
            timer.tick().await;
            if store.strong_count() == 0 {
                return;
            }
            let now = clock.now();
            // The files may be on a disk that does not answer.
            let looked = tokio::task::spawn_blocking(move || {
                let is_new = self.seen.look(self.files.stamps());
                let read = is_new.then(|| self.files.read(now));
                (self, read)
            });
            let Ok((after, read)) = looked.await else {
                return;
            };
            self = after;
            if let (Some(read), Some(store)) = (read, store.upgrade()) {
                take(&store, read);
            }
        }
    }
}

/// Shows a new certificate, or keeps the present one and says why.
fn take(store: &CertificateStore, read: Result<Certificate, CertificateError>) {
    match read {
        Ok(certificate) => {
            let ends = plenary_ids::rfc3339::text(certificate.ends);
            tracing::info!(ends, "new connections are shown the new certificate");
            store.replace(certificate);
        }
        Err(error) => {
            tracing::error!("the certificate in use is kept: {error}");
            store.set_trouble(Some(ServerAlarm {
                kind: ServerAlarmKind::CertificateRefused,
                detail: format!("The certificate in use is kept, because the new one cannot be used: {error}."),
                first: "Put a certificate and the key that belongs to it in place of the files; the server tries again as soon as they change.",
            }));
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_that_is_being_replaced_is_read_once_when_both_files_are_there() {
        let [old, certificate, both] = [1, 2, 3].map(|ino| [Some((ino, 1, 1, 1)); 2]);
        let half = [certificate[0], old[1]];
        let mut seen = Seen::new(old);
        assert!(!seen.look(old) && !seen.look(half) && !seen.look(both));
        assert!(seen.look(both) && !seen.look(both));
        // A file that is gone and comes back as it was is nothing new once it was read.
        let gone = [None, both[1]];
        assert!(!seen.look(gone) && seen.look(gone));
        assert!(!seen.look(both) && seen.look(both));
    }
}
