//! EBML (RFC 8794): elements of a file, and elements of a part of it that is in memory. The reader of the library's
//! recordings and that of recorded takes share it.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// More elements than a recording of twelve hours has. A file of 2 GiB that consists of empty elements ends here.
const MAX_ELEMENTS: u64 = 20_000_000;
const BUFFER_BYTES: usize = 256 * 1024;
/// What is allocated before the first byte of an element is read, whatever size the element claims.
const FIRST_ALLOCATION_BYTES: u64 = 64 * 1024;

/// Why the next element cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file system cannot read the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file ends within an element.
    #[error("the file ends in the middle")]
    Truncated,
    /// Another file begins after the first.
    #[error("another recording begins")]
    AnotherBegins,
    /// The bytes are not what Matroska has there.
    #[error("at byte {at}: {what}")]
    Malformed {
        /// The position in the file.
        at: u64,
        /// What is wrong, as a clause.
        what: &'static str,
    },
}

/// The head of an element of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The id of the element, with its marker bit.
    pub id: u32,
    /// None if the writer did not know it, as in a live stream.
    pub size: Option<u64>,
    /// The place of its first byte in the file.
    pub start: u64,
    /// The place of the first byte after the head.
    pub body: u64,
}

impl Head {
    /// Where the element ends, if that is known.
    pub fn end(&self) -> Option<u64> {
        self.size.map(|size| self.body.saturating_add(size))
    }
}

/// Reads the elements of a file.
#[derive(Debug)]
pub struct Scanner<R> {
    reader: BufReader<R>,
    at: u64,
    length: u64,
    elements: u64,
}

impl<R: Read + Seek> Scanner<R> {
    /// Begins at the first byte of a file.
    pub fn new(mut reader: R) -> io::Result<Self> {
        let length = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER_BYTES, reader),
            at: 0,
            length,
            elements: 0,
        })
    }

    /// The position of the next byte.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes the file has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The first bytes of the file, without moving on.
    pub fn first_bytes(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    /// The fault that what stands here is not what Matroska has there.
    pub fn malformed(&self, what: &'static str) -> Fault {
        Fault::Malformed { at: self.at, what }
    }

    /// The head of the next element; none at the end of the file.
    pub fn head(&mut self) -> Result<Option<Head>, Fault> {
        if self.at >= self.length {
            return Ok(None);
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(self.malformed("there are more elements than any recording has"));
        }
        let start = self.at;
        let (id, width) = self.vint()?;
        // An id keeps its marker bit, and has at most four bytes (RFC 9559, section 4.5).
        if width > 4 {
            return Err(Fault::Malformed {
                at: start,
                what: "there is no element here",
            });
        }
        let (size, width) = self.vint()?;
        let size = size & !(1 << (7 * width));
        let unknown = size == (1 << (7 * width)) - 1;
        Ok(Some(Head {
            id: u32::try_from(id).unwrap_or_default(),
            size: (!unknown).then_some(size),
            start,
            body: self.at,
        }))
    }

    /// A variable-length integer with its marker bit, and its width in bytes (RFC 8794, section 4).
    fn vint(&mut self) -> Result<(u64, u32), Fault> {
        let first = self.byte()?;
        let width = first.leading_zeros() + 1;
        if width > 8 {
            return Err(Fault::Malformed {
                at: self.at.saturating_sub(1),
                what: "there is no element here",
            });
        }
        let mut value = u64::from(first);
        for _ in 1..width {
            value = value << 8 | u64::from(self.byte()?);
        }
        Ok((value, width))
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.reader.fill_buf()?.first().ok_or(Fault::Truncated)?;
        self.reader.consume(1);
        self.at += 1;
        Ok(byte)
    }

    /// The body of an element, which may have at most so many bytes. The memory grows with what is really there.
    pub fn body(&mut self, head: &Head, max_bytes: u64) -> Result<Vec<u8>, Fault> {
        let size = head
            .size
            .ok_or_else(|| self.malformed("an element has no size"))?;
        if size > self.length.saturating_sub(self.at) {
            return Err(Fault::Truncated);
        }
        if size > max_bytes {
            return Err(self.malformed("an element is larger than any recording has it"));
        }
        let first = size.min(FIRST_ALLOCATION_BYTES);
        let mut body = Vec::with_capacity(usize::try_from(first).unwrap_or_default());
        let read = (&mut self.reader).take(size).read_to_end(&mut body)?;
        self.at += u64::try_from(read).unwrap_or_default();
        if body.len() as u64 != size {
            return Err(Fault::Truncated);
        }
        Ok(body)
    }

    /// Moves to the end of an element that is not needed.
    pub fn skip(&mut self, head: &Head) -> Result<(), Fault> {
        let end = head
            .end()
            .ok_or_else(|| self.malformed("an element has no size"))?;
        if end > self.length {
            return Err(Fault::Truncated);
        }
        self.go_to(end)
    }

    /// Moves to a position; in the buffer, if it is there.
    pub fn go_to(&mut self, at: u64) -> Result<(), Fault> {
        let distance = i64::try_from(at).ok().zip(i64::try_from(self.at).ok());
        match distance {
            Some((to, from)) => self.reader.seek_relative(to - from)?,
            None => return Err(self.malformed("a position is beyond any file")),
        }
        self.at = at;
        Ok(())
    }
}

/// The elements of a body in memory, each with its id.
#[derive(Debug, Clone)]
pub struct Elements<'a>(pub &'a [u8]);

/// A body in memory ends within an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

impl<'a> Iterator for Elements<'a> {
    type Item = Result<(u32, &'a [u8]), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let found = self.take();
        if found.is_none() {
            self.0 = &[];
        }
        Some(found.ok_or(Broken))
    }
}

impl<'a> Elements<'a> {
    fn take(&mut self) -> Option<(u32, &'a [u8])> {
        let (id, _, rest) = vint(self.0)?;
        let (size, width, rest) = vint(rest)?;
        let size = usize::try_from(size & !(1 << (7 * width))).ok()?;
        let (body, rest) = rest.split_at_checked(size)?;
        self.0 = rest;
        Some((u32::try_from(id).ok()?, body))
    }
}

/// A variable-length integer with its marker bit, its width, and what follows it.
pub fn vint(bytes: &[u8]) -> Option<(u64, u32, &[u8])> {
    let width = bytes.first()?.leading_zeros() + 1;
    let (number, rest) = bytes.split_at_checked(usize::try_from(width).ok()?)?;
    if width > 8 {
        return None;
    }
    let value = number
        .iter()
        .fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
    Some((value, width, rest))
}

/// A variable-length integer without its marker bit, and what follows it.
pub fn number(bytes: &[u8]) -> Option<(u64, u32, &[u8])> {
    let (value, width, rest) = vint(bytes)?;
    Some((value & !(1 << (7 * width)), width, rest))
}

/// An unsigned integer of at most eight bytes.
pub fn unsigned(body: &[u8]) -> Option<u64> {
    (body.len() <= 8).then(|| {
        body.iter()
            .fold(0, |value: u64, byte| value << 8 | u64::from(*byte))
    })
}

/// A floating-point number of four or eight bytes.
pub fn float(body: &[u8]) -> Option<f64> {
    match body.len() {
        0 => Some(0.0),
        4 => Some(f64::from(f32::from_be_bytes(body.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(body.try_into().ok()?)),
        _ => None,
    }
}

/// A string, which may be padded with zeros.
pub fn text(body: &[u8]) -> String {
    let end = body.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(body.get(..end.unwrap_or(body.len())).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn heads(bytes: &[u8]) -> Vec<Result<Head, String>> {
        let mut scanner = Scanner::new(Cursor::new(bytes.to_vec())).unwrap();
        let mut found = Vec::new();
        loop {
            match scanner.head() {
                Ok(None) => return found,
                Ok(Some(head)) => {
                    found.push(Ok(head));
                    if let Err(fault) = scanner.skip(&head) {
                        found.push(Err(fault.to_string()));
                        return found;
                    }
                }
                Err(fault) => {
                    found.push(Err(fault.to_string()));
                    return found;
                }
            }
        }
    }

    #[test]
    fn elements_follow_one_another_by_their_sizes() {
        let found = heads(&[0xec, 0x82, 1, 2, 0x42, 0x86, 0x40, 0x01, 9]);
        let ids: Vec<u32> = found.iter().map(|it| it.as_ref().unwrap().id).collect();
        assert_eq!(ids, [0xec, 0x4286]);
    }

    #[test]
    fn a_size_of_any_width_may_be_unknown() {
        for size in [&[0xff_u8][..], &[0x01, 255, 255, 255, 255, 255, 255, 255]] {
            let mut bytes = vec![0x1f, 0x43, 0xb6, 0x75];
            bytes.extend(size);
            let mut scanner = Scanner::new(Cursor::new(bytes)).unwrap();
            assert_eq!(scanner.head().unwrap().unwrap().size, None);
        }
    }

    #[test]
    fn a_claimed_size_allocates_nothing() {
        let mut scanner =
            Scanner::new(Cursor::new(vec![0xec, 0x08, 127, 255, 255, 255, 0])).unwrap();
        let head = scanner.head().unwrap().unwrap();
        assert!(matches!(
            scanner.body(&head, u64::MAX),
            Err(Fault::Truncated)
        ));
        assert!(matches!(scanner.skip(&head), Err(Fault::Truncated)));
    }

    #[test]
    fn what_is_no_element_is_named_by_its_position() {
        assert_eq!(
            heads(&[0xec, 0x80, 0x00, 0x80]).last().unwrap(),
            &Err("at byte 2: there is no element here".to_owned())
        );
    }

    #[test]
    fn a_broken_body_in_memory_ends_with_an_error() {
        let found: Vec<_> = Elements(&[0xec, 0x80, 0xd7, 0x82, 1]).collect();
        assert_eq!(found, [Ok((0xec, &[][..])), Err(Broken)]);
    }
}
