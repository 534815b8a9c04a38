//! The header by which a proxy for TCP names the client of a connection: the PROXY protocol, version 2 and 1.
//!
//! Version 1 is read too, because nginx sends no other one. The header comes before everything else, TLS too. It is read from
//! the proxies in `listen.proxies` only, and it has to come from them: what may come or not could be written by the client.

use std::{io, net::SocketAddr};

use ppp::{
    HeaderResult, v1,
    v2::{self, Command},
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What begins a header of version 1.
const TEXT_PREFIX: &[u8] = b"PROXY ";
/// The longest header of version 1, with its line end.
const MAX_TEXT_BYTES: usize = 107;
/// The fixed part of a header of version 2; its last two bytes are the length of the rest.
const FIXED_BYTES: usize = 16;
/// More than any proxy writes, with all its further fields.
const MAX_BYTES: usize = 4096;

/// Why a connection is closed that should begin with a header.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// Something else came.
    #[error(
        "no PROXY header came, although listen.proxy_protocol is true; have the proxy send it (send-proxy-v2)"
    )]
    Missing,
    /// It is longer than any proxy makes it.
    #[error("a PROXY header is too long")]
    TooLong,
    /// It breaks the rules of the protocol.
    #[error("a PROXY header is malformed: {0}")]
    Malformed(String),
    /// The connection ended.
    #[error("no PROXY header came: {0}")]
    Lost(#[from] io::Error),
}

/// Reads the header, and nothing behind it. None if the proxy speaks for itself, as in its health checks, or does not know the
/// client's address.
pub async fn read(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Option<SocketAddr>, HeaderError> {
    let mut header = Vec::new();
    while let Some(missing) = missing_bytes(&header)? {
        let known = header.len();
        header.resize(known + missing, 0);
        // The range is within the header, which was just made so long.
        stream.read_exact(header.split_at_mut(known).1).await?;
    }
    client(&header)
}

/// How many bytes of a header have to come in any case; none if it is complete.
fn missing_bytes(header: &[u8]) -> Result<Option<usize>, HeaderError> {
    let magic = v2::PROTOCOL_PREFIX;
    let Some((start, rest)) = header.split_at_checked(magic.len()) else {
        // The shortest header of either version is longer.
        return Ok(Some(magic.len() - header.len()));
    };
    if start == magic {
        let [_, _, high, low, ..] = rest else {
            return Ok(Some(FIXED_BYTES - header.len()));
        };
        let whole = FIXED_BYTES + usize::from(u16::from_be_bytes([*high, *low]));
        if whole > MAX_BYTES {
            return Err(HeaderError::TooLong);
        }
        let missing = whole.saturating_sub(header.len());
        return Ok((missing > 0).then_some(missing));
    }
    if !start.starts_with(TEXT_PREFIX) {
        return Err(HeaderError::Missing);
    }
    if header.ends_with(b"\r\n") {
        return Ok(None);
    }
    if header.len() >= MAX_TEXT_BYTES {
        return Err(HeaderError::TooLong);
    }
    Ok(Some(1))
}

fn client(header: &[u8]) -> Result<Option<SocketAddr>, HeaderError> {
    let malformed = |error: String| HeaderError::Malformed(error);
    match HeaderResult::parse(header) {
        HeaderResult::V2(read) => {
            let read = read.map_err(|error| malformed(error.to_string()))?;
            Ok(match (read.command, read.addresses) {
                (Command::Proxy, v2::Addresses::IPv4(it)) => {
                    Some((it.source_address, it.source_port).into())
                }
                (Command::Proxy, v2::Addresses::IPv6(it)) => {
                    Some((it.source_address, it.source_port).into())
                }
                (Command::Local, _) | (_, v2::Addresses::Unspecified | v2::Addresses::Unix(_)) => {
                    None
                }
            })
        }
        HeaderResult::V1(read) => {
            let read = read.map_err(|error| malformed(error.to_string()))?;
            Ok(match read.addresses {
                v1::Addresses::Tcp4(it) => Some((it.source_address, it.source_port).into()),
                v1::Addresses::Tcp6(it) => Some((it.source_address, it.source_port).into()),
                v1::Addresses::Unknown => None,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    /// Reads from what has come so far; what is left shows that nothing else was taken.
    fn read_from(mut bytes: &[u8]) -> (Result<Option<SocketAddr>, HeaderError>, &[u8]) {
        let read = read(&mut bytes).now_or_never().unwrap();
        (read, bytes)
    }

    fn version_2(command: u8, family: u8, payload: &[u8]) -> Vec<u8> {
        let mut header = v2::PROTOCOL_PREFIX.to_vec();
        header.extend([0x20 | command, family]);
        header.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        header.extend(payload);
        header
    }

    const V4: [u8; 12] = [192, 0, 2, 7, 10, 0, 0, 1, 0x30, 0x39, 1, 187];

    #[test]
    fn a_header_names_the_client_and_leaves_what_follows_it() {
        let v4 = "192.0.2.7:12345".parse().unwrap();
        let mut v6 = vec![0; 36];
        v6[..2].copy_from_slice(&[0x20, 1]);
        v6[32..34].copy_from_slice(&[0, 80]);
        let mut with_field = V4.to_vec();
        with_field.extend([4, 0, 1, 9]);
        for (header, client) in [
            (version_2(1, 0x11, &V4), Some(v4)),
            (version_2(1, 0x11, &with_field), Some(v4)),
            (
                version_2(1, 0x21, &v6),
                Some("[2001::]:80".parse().unwrap()),
            ),
            (version_2(0, 0x11, &V4), None),
            (version_2(0, 0, &[]), None),
            (version_2(1, 0x31, &[0; 216]), None),
            (
                b"PROXY TCP4 192.0.2.7 10.0.0.1 12345 443\r\n".to_vec(),
                Some(v4),
            ),
            (
                b"PROXY TCP6 2001:: ::1 80 443\r\n".to_vec(),
                Some("[2001::]:80".parse().unwrap()),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
        ] {
            let sent = [&header[..], b"\x16\x03\x01"].concat();
            let (read, left) = read_from(&sent);
            assert_eq!(read.unwrap(), client, "{header:?}");
            assert_eq!(left, b"\x16\x03\x01");
        }
    }

    #[test]
    fn what_is_no_header_is_refused_at_its_first_bytes() {
        let text = [&b"PROXY "[..], &[b'x'; 200]].concat();
        for (sent, why) in [
            (
                b"GET / HTTP/1.1\r\n\r\n".to_vec(),
                "no PROXY header came, although",
            ),
            (
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00".to_vec(),
                "send-proxy-v2",
            ),
            (text, "too long"),
            (b"PROXY TCP4 nobody 10.0.0.1 1 2\r\n".to_vec(), "malformed"),
            (version_2(1, 0x11, &V4[..4]), "malformed"),
            (version_2(5, 0x11, &V4), "malformed"),
            (
                [v2::PROTOCOL_PREFIX, &[0x21, 0x11, 0xff, 0xff]].concat(),
                "too long",
            ),
            (
                version_2(1, 0x11, &V4)[..20].to_vec(),
                "no PROXY header came: ",
            ),
        ] {
            let said = read_from(&sent).0.unwrap_err().to_string();
            assert!(said.contains(why), "{sent:?}: {said}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_or_are_read_past_the_longest_header(
            command: u8, family: u8, length: u16, rest in proptest::collection::vec(any::<u8>(), 0..5000),
        ) {
            let mut sent = v2::PROTOCOL_PREFIX.to_vec();
            sent.extend([command, family]);
            sent.extend(length.to_be_bytes());
            sent.extend(rest);
            let (_, left) = read_from(&sent);
            prop_assert!(sent.len() - left.len() <= MAX_BYTES);
        }

        #[test]
        fn no_text_panics(text in "PROXY [ -~\r\n]{0,150}") {
            let (_, left) = read_from(text.as_bytes());
            prop_assert!(text.len() - left.len() <= MAX_TEXT_BYTES);
        }
    }
}
