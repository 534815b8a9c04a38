//! Writes elements of EBML (RFC 8794) into memory.

/// The bytes that [`begin`] takes for the size of an element.
pub(crate) const SIZE_BYTES: usize = 8;
/// The size of an element whose end its writer does not know yet (RFC 8794, section 6.2).
pub(crate) const UNKNOWN_SIZE: [u8; SIZE_BYTES] = [0x01, 255, 255, 255, 255, 255, 255, 255];

/// An element whose body is not written yet: the place of its size.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub(crate) struct Open(usize);

/// Begins an element whose size is known when it ends.
pub(crate) fn begin(out: &mut Vec<u8>, id: u32) -> Open {
    put_id(out, id);
    let place = out.len();
    out.extend_from_slice(&UNKNOWN_SIZE);
    Open(place)
}

/// Ends an element, whose body is all that was written since it began.
pub(crate) fn end(out: &mut [u8], open: Open) {
    let body = open.0 + SIZE_BYTES;
    let size = out.len().saturating_sub(body) as u64;
    if let Some(place) = out.get_mut(open.0..body) {
        place.copy_from_slice(&eight_byte_size(size));
    }
}

/// An element with such a body.
pub(crate) fn master(out: &mut Vec<u8>, id: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let open = begin(out, id);
    body(out);
    end(out, open);
}

/// A size in eight bytes, which can be written over another.
pub(crate) fn eight_byte_size(size: u64) -> [u8; SIZE_BYTES] {
    (1 << 56 | size).to_be_bytes()
}

pub(crate) fn put_id(out: &mut Vec<u8>, id: u32) {
    let bytes = id.to_be_bytes();
    let zeros = usize::try_from(id.leading_zeros() / 8).unwrap_or_default();
    out.extend_from_slice(bytes.get(zeros..).unwrap_or_default());
}

fn put_size(out: &mut Vec<u8>, size: usize) {
    match u8::try_from(size) {
        Ok(size) if size < 0x7f => out.push(0x80 | size),
        _ => out.extend_from_slice(&eight_byte_size(size as u64)),
    }
}

pub(crate) fn put_binary(out: &mut Vec<u8>, id: u32, body: &[u8]) {
    put_id(out, id);
    put_size(out, body.len());
    out.extend_from_slice(body);
}

pub(crate) fn put_text(out: &mut Vec<u8>, id: u32, text: &str) {
    put_binary(out, id, text.as_bytes());
}

/// An unsigned integer in eight bytes, so that another can be written over it.
pub(crate) fn put_unsigned(out: &mut Vec<u8>, id: u32, value: u64) {
    put_binary(out, id, &value.to_be_bytes());
}

pub(crate) fn put_signed(out: &mut Vec<u8>, id: u32, value: i64) {
    put_binary(out, id, &value.to_be_bytes());
}

pub(crate) fn put_float(out: &mut Vec<u8>, id: u32, value: f64) {
    put_binary(out, id, &value.to_be_bytes());
}

/// An element of so many bytes, its head included, that says nothing. At least two.
pub(crate) fn put_void(out: &mut Vec<u8>, bytes: usize) {
    const VOID: u8 = 0xec;
    out.push(VOID);
    let end = out.len() + bytes.saturating_sub(1);
    match u8::try_from(bytes.saturating_sub(2)) {
        Ok(size) if size < 0x7f => out.push(0x80 | size),
        _ => out.extend_from_slice(&eight_byte_size(bytes.saturating_sub(1 + SIZE_BYTES) as u64)),
    }
    out.resize(end.max(out.len()), 0);
}

#[cfg(test)]
mod tests {
    use plenary_library::ebml::{Elements, float, text, unsigned};

    use super::*;

    #[test]
    fn what_is_written_is_read_by_the_librarys_reader() {
        let mut out = Vec::new();
        put_unsigned(&mut out, 0x002a_d7b1, 1_000_000);
        master(&mut out, 0x1549_a966, |out| {
            put_text(out, 0x4d80, "plenary");
            put_float(out, 0x4489, 2.5);
        });
        put_void(&mut out, 11);
        put_void(&mut out, 200);
        put_binary(&mut out, 0xa3, &[7; 300]);
        let found: Vec<(u32, &[u8])> = Elements(&out).map(Result::unwrap).collect();
        let sizes: Vec<(u32, usize)> = found.iter().map(|(id, body)| (*id, body.len())).collect();
        assert_eq!(sizes[2..], [(0xec, 9), (0xec, 191), (0xa3, 300)]);
        assert_eq!(unsigned(found[0].1), Some(1_000_000));
        let inner: Vec<(u32, &[u8])> = Elements(found[1].1).map(Result::unwrap).collect();
        assert_eq!(text(inner[0].1), "plenary");
        assert_eq!(float(inner[1].1), Some(2.5));
    }
}
