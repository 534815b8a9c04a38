//! A sitting as one file, which is sent while it is made: a sitting of hours has gigabytes, and the disk is the log's.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use plenary_ids::{PersonId, RoomId};
use plenary_protocol::Take;
use plenary_recorder::{Measured, MuxOptions};
use tokio::sync::mpsc;

use super::{RoomRecorder, Speakers, Unmuxed, speeches::tag};

/// Files that are sent at the same time, to all readers and to each of them: each reads the disk all the time.
const MAX_SENDINGS: usize = 4;
const MAX_SENDINGS_OF_PERSON: usize = 2;
/// Sittings that need not be measured again for the next part.
const MAX_MEASURED: usize = 4;
/// What is sent at once.
const PART_BYTES: usize = 64 * 1024;
/// Parts that wait for a slow reader.
const WAITING_PARTS: usize = 8;

/// The sittings that are being sent, and those that were measured last.
#[derive(Debug, Default)]
pub(super) struct Sendings {
    readers: Arc<Mutex<Vec<PersonId>>>,
    measured: Mutex<VecDeque<(String, Arc<Measured>)>>,
}

/// A place among those who are sent a sitting, until it is dropped.
#[derive(Debug)]
pub struct Place {
    readers: Arc<Mutex<Vec<PersonId>>>,
    person: PersonId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = readers.iter().position(|it| *it == self.person) {
            readers.swap_remove(at);
        }
    }
}

/// A sitting that can be sent.
#[derive(Debug)]
pub struct Sending {
    measured: Arc<Measured>,
    place: Place,
    /// Names the content: the same takes give the same file.
    pub tag: String,
}

impl RoomRecorder {
    /// A place for a reader to whom a sitting is sent, if one is free.
    pub fn place_for_sending(&self, person: &PersonId) -> Option<Place> {
        let readers = Arc::clone(&self.sendings.readers);
        {
            let mut readers = readers.lock().unwrap_or_else(PoisonError::into_inner);
            let own = readers.iter().filter(|it| *it == person).count();
            if readers.len() >= MAX_SENDINGS || own >= MAX_SENDINGS_OF_PERSON {
                return None;
            }
            readers.push(person.clone());
        }
        let person = person.clone();
        Some(Place { readers, person })
    }

    /// A sitting that was measured before, so that nothing has to be read for the next part of it.
    pub fn measured(&self, takes: &[Take]) -> Option<Arc<Measured>> {
        let tag = tag(takes);
        let all = self.all_measured();
        let found = all.iter().find(|(of, _)| *of == tag);
        found.map(|(_, measured)| Arc::clone(measured))
    }

    /// Measures a sitting. It reads all of it, and blocks for as long.
    pub fn measure(
        &self,
        room: &RoomId,
        takes: &[Take],
        speakers: &Speakers,
        options: MuxOptions,
    ) -> Result<Arc<Measured>, Unmuxed> {
        let inputs = self.inputs(room, takes, speakers)?;
        let measured = Arc::new(Measured::new(inputs, options)?);
        let mut all = self.all_measured();
        all.push_back((tag(takes), Arc::clone(&measured)));
        if all.len() > MAX_MEASURED {
            all.pop_front();
        }
        Ok(measured)
    }

    fn all_measured(&self) -> MutexGuard<'_, VecDeque<(String, Arc<Measured>)>> {
        let measured = &self.sendings.measured;
        measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sending {
    /// Sends what was measured of these takes.
    pub fn new(measured: Arc<Measured>, takes: &[Take], place: Place) -> Self {
        Self {
            measured,
            place,
            tag: tag(takes),
        }
    }

    /// Whether the file is Matroska and not WebM.
    pub fn is_matroska(&self) -> bool {
        self.media_type().contains("x-matroska")
    }

    /// The size of the file.
    pub fn bytes(&self) -> u64 {
        self.measured.muxed.bytes
    }

    /// The media type with its codecs.
    pub fn media_type(&self) -> &str {
        &self.measured.muxed.media_type
    }

    /// The bytes of a range, in order. They are made as they are read, and no more once nobody reads them.
    pub fn parts(self, from: u64, to: u64) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
        let (sender, parts) = mpsc::channel(WAITING_PARTS);
        let Self {
            measured, place, ..
        } = self;
        tokio::task::spawn_blocking(move || {
            let mut out = Parts {
                sender: sender.clone(),
                left: to.saturating_sub(from),
            };
            if let Err(error) = measured.write_from(from, &mut out)
                && out.left > 0
                && !sender.is_closed()
            {
                tracing::error!(%error, "a sitting cannot be sent to its end");
                let _ = sender.blocking_send(Err(io::Error::other(error)));
            }
        });
        // The place is free again when the response ends, whether it was read to its end or not.
        futures_util::stream::unfold((parts, place), |(mut parts, place)| async move {
            let part = parts.recv().await?;
            Some((part, (parts, place)))
        })
    }
}

/// Hands what is written to the response, until it has as many bytes as it wants.
struct Parts {
    sender: mpsc::Sender<io::Result<Bytes>>,
    left: u64,
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(PART_BYTES).min(bytes.len());
        let part = bytes.get(..most).unwrap_or_default();
        if part.is_empty() && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let sent = self.sender.blocking_send(Ok(Bytes::copy_from_slice(part)));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        self.left -= part.len() as u64;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
