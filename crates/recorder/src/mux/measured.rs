//! A file that is sent while it is made: nothing of it is on disk, and a reader may begin anywhere.
//!
//! The head of a file has its size and the place of its index, which are known last. So the file is written twice: first to
//! nowhere, which leaves the finished head and the size, and then to the reader, with that head.

use std::io::{self, Seek, SeekFrom, Write};

use super::{MuxError, MuxOptions, MuxTake, Muxed, mux};

/// More than any head: hundreds of tracks and thousands of chapters.
const MAX_HEAD_BYTES: usize = 4 << 20;

/// A file of takes that was written to nowhere.
#[derive(Debug, Clone)]
pub struct Measured {
    takes: Vec<MuxTake>,
    options: MuxOptions,
    /// The beginning of the file as it is when it is finished.
    head: Vec<u8>,
    /// What the file is.
    pub muxed: Muxed,
}

impl Measured {
    /// Reads all takes; nothing is written.
    pub fn new(takes: Vec<MuxTake>, options: MuxOptions) -> Result<Self, MuxError> {
        let mut nowhere = Nowhere::default();
        let muxed = mux(&takes, &options, &mut nowhere, |_, _| {})?;
        Ok(Self {
            takes,
            options,
            head: nowhere.head,
            muxed,
        })
    }

    /// Writes the file from a byte on, in order. What comes before is made as well, and left out. It ends early with the
    /// error of `out`.
    pub fn write_from(&self, from: u64, out: &mut impl Write) -> Result<(), MuxError> {
        let mut onwards = Onwards {
            out,
            head: &self.head,
            at: 0,
            made: 0,
            from,
            whole: self.muxed.bytes,
        };
        let made = mux(&self.takes, &self.options, &mut onwards, |_, _| {})?;
        if made.bytes != self.muxed.bytes {
            return Err(changed().into());
        }
        Ok(())
    }
}

/// A take that was deleted meanwhile, or that is another file now.
fn changed() -> io::Error {
    io::Error::other("the takes have changed since they were measured")
}

/// Keeps the beginning of what is written, as it is in the end.
#[derive(Default)]
struct Nowhere {
    head: Vec<u8>,
    at: u64,
}

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(at) = usize::try_from(self.at)
            && at < MAX_HEAD_BYTES
        {
            let kept = bytes.get(..MAX_HEAD_BYTES - at).unwrap_or(bytes);
            let end = at + kept.len();
            if self.head.len() < end {
                self.head.resize(end, 0);
            }
            if let Some(place) = self.head.get_mut(at..end) {
                place.copy_from_slice(kept);
            }
        }
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Nowhere {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = absolute(to)?;
        Ok(self.at)
    }
}

/// Passes each byte on once, with the finished head.
struct Onwards<'a, W> {
    out: &'a mut W,
    head: &'a [u8],
    at: u64,
    /// How many bytes were made; what is written before that is the head, which is known.
    made: u64,
    /// The first byte that is wanted.
    from: u64,
    /// The size of the whole file.
    whole: u64,
}

impl<W: Write> Write for Onwards<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.at + bytes.len() as u64;
        if end > self.whole {
            return Err(changed());
        }
        let first = self.at.max(self.made).max(self.from);
        if first < end {
            let head_end = end.min(self.head.len() as u64);
            let known = usize::try_from(first)
                .ok()
                .zip(usize::try_from(head_end).ok());
            let known = known.and_then(|(first, end)| self.head.get(first..end));
            let known = known.unwrap_or_default();
            self.out.write_all(known)?;
            let passed = usize::try_from(first - self.at).unwrap_or(usize::MAX);
            let rest = bytes.get(passed.saturating_add(known.len())..);
            self.out.write_all(rest.unwrap_or_default())?;
        }
        self.at = end;
        self.made = self.made.max(end);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Seek for Onwards<'_, W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = absolute(to)?;
        Ok(self.at)
    }
}

fn absolute(to: SeekFrom) -> io::Result<u64> {
    match to {
        SeekFrom::Start(at) => Ok(at),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
